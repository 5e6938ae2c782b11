// A second opinion on the lifecycle of VMs: plain data and functions over it, written from
// docs/behaviour/vm-lifecycle.md sections 0 to 5 alone, without a glance at the machine that the
// simulator uses. Tests ask both the same and compare. A host is a value: it can be copied,
// compared and thrown away.
//
// Where the notes leave a choice, what is chosen here is said at the place. Left out: clones of one
// name, delays of automatic starts, and the guest itself. Every VM has one disk, and its image the
// size that the configuration says. Of hosts between which VMs migrate each has a clock of its own,
// and no two VMs have a name or an identity in common.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/reference_orders.h"

namespace prl::model {

// How long the phases last, in virtual ms. A phase that fails by a fault lasts half as long.
struct Timing {
  uint64_t boot = 800;
  uint64_t resume = 150;
  uint64_t suspend = 250;
  uint64_t flush = 20;
  uint64_t pause = 5;
  uint64_t thaw = 5;
  uint64_t kill = 30;
  uint64_t shutdown = 400;
  uint64_t reset = 600;
  uint64_t snapshot = 300;
  uint64_t restore = 350;
  uint64_t removal = 100;
  uint64_t clone = 500;
  uint64_t compact = 400;
  uint64_t move = 200;  // and a migration
  uint64_t convert = 400;
  uint64_t guest_limit = 120'000;  // for a guest that ignores what it is asked
};

// What sessions are told, and how jobs end, in the order in which it happens.
struct Event {
  enum class Kind : uint8_t {
    kState,
    kConfigChanged,
    kSnapshotTaken,
    kSnapshotRestored,
    kSnapshotDeleted,
    kTreeChanged,
    kMemoryWritten,
    kCompactBegun,
    kCompactFinished,
    kAborted,
    kFrozen,
    kUnfrozen,
    kAsleepWithHost,
    kAwakeWithHost,
    kAdded,
    kDeleted,
    kUnregistered,
    kMigrateStarted,
    kMigrateProgress,
    kMigrateFinished,
    kMigrateCancelled,
    kCutOff,  // all sessions
    kJobDone,
  };
  Kind kind = Kind::kState;
  uint8_t vm = 0;                 // of all but the last two
  State state = State::kUnknown;  // of kState
  uint32_t job = 0;               // of kJobDone: which order, counted from 0
  Code code = 0;                  // of kJobDone
  uint32_t percent = 0;           // of kMigrateProgress
  bool operator==(const Event&) const = default;
};
std::string event_text(const Event& event);

struct Snapshot {
  uint32_t number = 0;            // one more than the job that took it
  uint32_t parent = 0;            // 0: none
  State power = State::kStopped;  // what the VM was; always stable
  uint32_t description = 0;       // of the VM's configuration then
  uint32_t disk_mib = kDiskMib;   // likewise
  bool operator==(const Snapshot&) const = default;
};

// What is done for no client: by the service that ends, or that begins.
inline constexpr uint32_t kJobOfShutdown = UINT32_MAX;
inline constexpr uint32_t kJobOfNobody = UINT32_MAX - 1;
inline constexpr uint8_t kSessionOfNobody = UINT8_MAX;

// Of what ends with something else, and not in time.
inline constexpr uint64_t kNever = UINT64_MAX;

// What a job does to a VM until it ends. At most one at a time, what copies or rewrites its files
// aside. A linked clone that takes a snapshot first is one like that, and then a clone.
struct Operation {
  uint32_t job = 0;
  Order order;
  State before = State::kStopped;  // to which the VM returns when it comes to nothing
  bool fails = false;              // its phase ends with the injected code
  Code code = 0;                   // what is known of its end before it ends
  uint32_t disk_mib = kDiskMib;    // when it began, which a snapshot records
  uint64_t due_ms = 0;
  uint64_t turn = 0;  // which of those due at the same moment comes first
  // Of a migration, as long as half of its time is still to come: its end.
  std::optional<std::pair<uint64_t, uint64_t>> then = {};
};

struct Stamp {
  uint8_t session = 0;
  uint32_t description = 0;  // of the VM when the edit began
};

// What the service does with a VM when it begins (4.5).
enum class AutoStart : uint8_t { kNo, kOnLoad, kOnReload };

enum class Freeze : uint8_t { kNo, kByDisk, kByGuest, kByHost };  // why it is paused by itself

struct Vm {
  uint32_t identity = 0;  // by which it gets its place again where it comes back
  uint64_t came = 0;      // a turn: the host looks at its VMs in the order in which they came
  AutoStart auto_start = AutoStart::kNo;
  bool is_killed_at_shutdown = false;  // rather than suspended
  bool is_registered = true;
  bool is_template = false;
  State state = State::kStopped;
  State told = State::kStopped;  // what clients have been told, which is what queries say
  bool has_image = false;
  Freeze frozen = Freeze::kNo;
  bool is_started_by_ex = false;
  uint32_t description = 0;         // 0: that of the beginning, otherwise one more than its job
  uint32_t disk_mib = kDiskMib;
  std::vector<Snapshot> snapshots;  // the oldest first
  uint32_t current = 0;             // the number of the snapshot that the VM stands on
  std::optional<Operation> operation;
  uint32_t clones_under_way = 0;
  std::optional<uint8_t> locked_by;
  std::vector<Stamp> stamps;      // of the sessions that edit it
  bool ran_before = false;        // when the service went
  bool starts_when_down = false;  // a start waits until it is stopped
};

// Of the service: what is waited for before it ends.
struct Shutdown {
  uint32_t job = 0;
  Order order;
  size_t vms_at_work = 0;
};

// A request that waits for what keeps it from its VM (5.1): by their moments and turns, when it is
// refused at last, and when it tries again.
struct Wait {
  uint32_t job = 0;
  Order order;
  std::pair<uint64_t, uint64_t> limit;
  std::optional<std::pair<uint64_t, uint64_t>> retry = {};
};

struct Host {
  Profile profile = Profile::kDesktop;
  Timing timing;
  uint64_t now_ms = 0;
  uint64_t turns = 0;
  uint32_t jobs = 0;
  std::vector<Vm> vms;  // those that went keep their place; clones come behind
  std::vector<Operation> clones;
  std::vector<Operation> migrations;
  std::vector<Operation> rewritings;  // moves and conversions
  uint64_t lock_wait_ms = 0;          // how long requests wait; 0: not at all
  std::vector<Wait> waits;            // the first to ask first
  uint32_t waits_over = 0;            // those that were let in, or had a reason else to be refused
  uint32_t waits_in_vain = 0;
  uint32_t numbers_from = 0;  // so that what its jobs make is told from what others' do
  Host* neighbour = nullptr;  // to which its VMs migrate; outlives the host; null: nobody
  bool has_sessions = true;   // without any nobody is told anything
  bool is_down = false;       // the service begins with the next login
  std::optional<Shutdown> shutdown;
  std::vector<Event> events;
};

Host make_host(Profile profile, const Timing& timing, size_t vm_count, uint32_t numbers_from = 0);
// The number by which what the job makes is known.
uint32_t number_of(const Host& host, uint32_t job);

// The order arrives at the host, and all that is due at this moment happens.
void submit(Host& host, const Order& order);
// Lets time pass. True where something happened in it.
bool advance(Host& host, uint64_t delta_ms);
// The sessions that were cut off come back, if the service lets them.
void log_in(Host& host);
// The moment at which something happens next.
std::optional<uint64_t> next_due_ms(const Host& host);
// Where the VM's migration is among them, if it migrates, and its move or its conversion.
std::optional<size_t> migration_of(const Host& host, uint8_t vm);
std::optional<size_t> rewriting_of(const Host& host, uint8_t vm);
// The job that a Cancel of the VM is about.
std::optional<uint32_t> job_under_way(const Host& host, uint8_t vm);
// What the order would be refused with now; 0: accepted.
Code refusal(const Host& host, const Order& order);
// The same by the VM alone, whoever has locked it. REQUIRES: a power command, or one about mounts.
Code refusal_by_vm(const Host& host, const Order& order);
// What these two can answer.
std::span<const Code> refusal_codes();

}  // namespace prl::model
