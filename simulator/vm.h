// One VM: its configuration, its lifecycle, its vCPUs and RAM while it lives, and its image
// while it is suspended. Owned by a host; everything here is guarded by the world's mutex, except
// that image I/O runs unlocked: on the Ram in states in which nobody else may touch it, or on one
// that it shares.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "simulator/command_request.h"
#include "simulator/guest_driver.h"
#include "simulator/guests.h"
#include "simulator/image_chain.h"
#include "simulator/latency.h"
#include "simulator/machine_image.h"
#include "simulator/operation.h"
#include "simulator/ram.h"
#include "simulator/snapshot_files.h"
#include "simulator/undo_disks.h"
#include "simulator/vcpu.h"
#include "simulator/vm_config.h"
#include "simulator/vm_machine/vm_machine.h"
#include "simulator/vm_surroundings.h"

namespace prl::sim {

// How much of the host a guest uses. Depends on its workload and its virtual time only.
struct GuestUse {
  bool is_live = false;       // a VM process exists
  uint64_t steps_ms = 0;      // virtual time that the guest has run since it was booted
  uint64_t memory_bytes = 0;  // of the host, for pages that the guest has touched
  uint32_t cpu_percent = 0;   // of each vCPU, while it runs
};

// A read or write of guest memory or registers that cannot be served.
enum class GuestAccess : uint8_t {
  kOk,
  kNotLive,
  kOutOfRange,
  kNoSuchVcpu,
  // Memory that comes from an image which turns out to be unusable. The VM process has died of it.
  kMemoryDamaged,
  kMemoryTruncated,
  kMemoryNotRead,
};

class Vm final : public std::enable_shared_from_this<Vm>, private VmActions {
 public:
  Vm(VmSurroundings& surroundings, VmRecord record);
  ~Vm() override;

  const VmRecord& record() const { return record_; }
  const VmConfig& config() const { return record_.config; }
  const Uuid& uuid() const { return record_.config.uuid; }
  // Of the machine. Clients know the one of view(), which in profile V stays behind.
  State state() const { return state_; }
  // The configuration has the uptime of this moment.
  VmView view() const;
  std::string image_path() const;
  // Brings what view() shows into the cache. `vm` may be null.
  static void prefetch(const Vm* vm) {
    constexpr size_t kLineBytes = 64;
    const auto* shown = reinterpret_cast<const char*>(vm);
    for (size_t i = 0; i < 3; ++i) __builtin_prefetch(shown + i * kLineBytes);
  }
  // Sizes take effect when the guest next starts cold. REQUIRES: no image of the VM exists.
  void configure(VmConfig config);

  // Finds out from its folder in which stable state the VM is, without announcing the way there,
  // and removes what a killed process left half written. A VM that was parked is running or paused
  // again. Fails, with nothing changed, when a parked VM cannot be taken out of its folder.
  // REQUIRES: state() is kUnknown.
  Outcome discover();
  // Orderly end of the host's process: writes a VM that is running or paused into its folder, for
  // discover() in a later process. In any other state nothing is needed or, in the middle of an
  // operation, possible: the VM is then found as after the death of its process.
  Outcome park();
  // Takes what park() has written out of the folder again, where it is still there.
  void discard_parked();
  // Lets the VM that was parked into that folder be found suspended. Nothing where none was.
  static Outcome suspend_parked(Storage& storage, const VmRecord& record);
  // Puts a VM that has just been discovered as stopped into another stable state at once, without
  // announcing the way there: how a scenario says that a VM is already running.
  Outcome begin_in(State state);

  // Gives a VM that has not been discovered yet these snapshots: how a scenario says that some have
  // been taken. Those with memory have that of a guest which has just been booted.
  Outcome begin_with(const SnapshotTree& tree);

  // The VM process dies, with whatever it was doing; false where there is none. Unannounced: nobody
  // is told that it was no orderly stop.
  bool die(bool is_announced);
  // The kernel of the guest panics (vm-lifecycle 2.5, 4.6); false where no guest runs.
  bool panic();
  // Whether the guest has panicked so often that from now on it is to be left paused. Says so once.
  bool has_given_up() { return std::exchange(has_given_up_, false); }
  // The guest powers itself off, boots anew or hibernates, which is the end of its process
  // (vm-lifecycle 2.5); false where no guest runs.
  bool guest_leaves();
  bool guest_reboots();
  bool guest_hibernates();
  // The guest stands still because it sleeps, or because the host sleeps or cannot serve it: a
  // running VM is paused, and runs on when the same is over, unless it has been something else
  // meanwhile. False otherwise.
  enum class Freeze : uint8_t { kNone, kByDisk, kByHostSleep, kByGuestSleep };
  bool freeze(Freeze cause);
  bool thaw(Freeze cause);
  // Lets the phase that has just begun fail, hang or take longer.
  void strike_phase(const Fault& fault);

  // Carries the command out or refuses it; ends the operation now or later.
  void run(const CommandRequest& request, const OperationPtr& operation);

  // Starts the VM, nobody knows for whom; one that is going down when it is down, any other that is
  // not at rest not at all.
  void start_by_itself();

  // kOk when Delete or Unreg may go ahead: refused for the whole life of the VM process, with the
  // lock of the command that started it (vm-lifecycle 2.4).
  Outcome check_removable() const;
  // kOk when the folder may be moved: in V also of a VM that lives, unless it is on its way from
  // state to state (vm-lifecycle 2.4).
  Outcome check_movable() const;
  // kOk when nothing is going on, the VM process included; otherwise refuses with the code of what
  // is.
  Outcome check_idle() const;
  // Refuses what an operation on the VM's disks keeps out, with the code of that operation.
  Outcome check_free(Beside beside = Beside::kNothing) const;

  // What goes on beside the lifecycle, and keeps its commands out.
  VmTasks& tasks() { return tasks_; }
  const VmTasks& tasks() const { return tasks_; }
  // The guest of this stopped VM has been started and has shut down again.
  void count_boot();
  // The folder has been moved, with all that is in it.
  void move_to(std::string folder) { record_.folder = std::move(folder); }
  // Ends a compaction of the stopped VM as cancelled; false when there is none.
  bool cancel_compact();
  // Whether what was written to its disks since it was started is held apart, or could be.
  bool has_changes_apart() const { return changes_apart_; }
  // Ends that for a VM that is stopped, with the world unlocked; empty: there is nothing to do.
  std::function<Outcome()> settling(bool keeps);
  // Empty unless the disks are mounted.
  std::string mount_path() const {
    return state_ == State::kMounted || is_mounted_beside_ ? mount_path_ : "";
  }
  // The host's service, which has mounted them, has gone.
  void end_mount_beside() { is_mounted_beside_ = false; }

  // -- Snapshots (vm_snapshots.cpp). Null where the file that names them makes no sense.
  const SnapshotTree* snapshots() const { return snapshots_ ? &*snapshots_ : nullptr; }
  SnapshotFiles snapshot_files() const { return {surroundings_.storage(), record_.folder}; }
  void describe_snapshot(const SnapshotOrder& order, const OperationPtr& operation);

  // Begins to count the uptime anew, from now on.
  void reset_uptime();
  // Writes the uptime of this moment into the record; true when that has changed it.
  bool note_uptime();

  // For this moment.
  GuestUse use();
  // What there is to do for it, as far as that takes time.
  Load load(Timed what) const;

  // Control access for tests; in RUNNING the guest is first brought up to the present.
  GuestAccess read_memory(uint64_t address, std::span<std::byte> bytes);
  GuestAccess write_memory(uint64_t address, std::span<const std::byte> bytes);
  // Lets the pages with this range lie in one piece until the guest stops to live here, or
  // unpin_memory(). kOutOfRange also where one of them is pinned already.
  GuestAccess pin_memory(uint64_t address, uint64_t bytes, std::shared_ptr<PinnedMemory>& pinned);
  void unpin_memory(const PinnedMemory& pinned);
  GuestAccess get_vcpu(uint32_t index, Vcpu& vcpu);
  GuestAccess set_vcpu(uint32_t index, const Vcpu& vcpu);
  // Lets the driver act in the guest's place, beside its workload, whenever the guest has run for
  // another of its periods since it was booted; null: nobody. Returns the one that was there, of
  // which a call may be under way.
  std::shared_ptr<GuestDriver> drive(std::shared_ptr<GuestDriver> driver);

 private:
  // VmActions: what the rows of the machine's table ask for.
  void begin_boot() override;
  void begin_image_write() override;
  void begin_image_flush() override;
  void begin_image_read() override;
  void begin_freeze() override;
  void begin_thaw() override;
  void begin_power_off() override;
  void begin_shutdown() override;
  void begin_reset() override;
  void begin_snapshot() override;
  void begin_restore() override;
  void begin_snapshot_removal() override;
  void begin_compact() override;
  void compact_now() override;
  void reboot_guest() override;
  void begin_clean_up() override;
  void end_process() override;
  void drop_image() override;
  void abandon_image() override;
  bool image_exists() const override { return image_exists_; }
  void announce(State state) override;

  // A stretch of virtual time in which an operation does one thing.
  struct Phase {
    uint64_t duration_ms = 0;
    std::function<Outcome()> work;     // at the end of that time, with the world unlocked
    std::function<void()> on_done;     // after work that succeeded, before the machine hears of it
    std::function<void(Outcome)> end;  // empty: end_phase
    bool reads_image = false;
    bool is_instant = false;  // ends in the step that begins it, unless a fault strikes it
    Progress::Kind progress = Progress::Kind::kOther;
    bool is_hung = false;
    uint64_t late_ms = 0;  // still to be waited for when its time is over

    bool only_takes_time() const { return !work && !on_done && !end; }
    // REQUIRES: only_takes_time().
    void start_over() {
      duration_ms = 0;
      reads_image = false;
      is_instant = false;
      progress = Progress::Kind::kOther;
      is_hung = false;
      late_ms = 0;
    }
  };
  using PhasePtr = std::shared_ptr<Phase>;
  // Starts a phase of the current operation, unless a fault in its middle decides otherwise.
  void begin_phase(Phase&& phase);
  void begin_wait(uint64_t duration_ms);
  const PhasePtr& next_phase();
  void go_through_phase();
  void strike_operation();
  void schedule_phase(uint64_t delay_ms);
  void schedule_progress(const PhasePtr& phase, uint64_t passed_ms);
  void run_phase();
  void end_phase(const Phase& phase, Outcome outcome);
  void end_phase(Outcome outcome);
  void end_phase();
  void finish_if_settled();
  void allow_cancelling();
  bool may_cut_in(const Operation& operation) const;
  void limit_start();
  void cancel();
  void run_drop(const OperationPtr& operation);
  // -- Mounts (vm_mounts.cpp).
  bool is_about_mount_beside(const CommandRequest& request) const;
  Outcome change_mount_beside(const CommandRequest& request);
  void set_mount_path(const CommandRequest& request);
  bool is_coming_up() const { return state_ == State::kStarting || state_ == State::kResuming; }
  // A drop that a fault holds up: any other operation has a state of its own.
  bool is_dropping() const { return operation_ && !is_transitional(state_); }

  struct Restored;
  Outcome check_command(const CommandRequest& request, const Operation& operation) const;
  Outcome check_compaction(uint32_t mask) const;
  // These two REQUIRE that the command is about snapshots.
  Outcome check_snapshot_order(const CommandRequest& request) const;
  Outcome check_undo(Command command) const;
  Outcome write_snapshot(const Snapshot& snapshot, const SnapshotTree& tree,
                         const VmRecord& record, const MachineImage& machine, const Ram* ram);
  Outcome copy_image(const std::string& from, const Uuid& owner, const std::string& to) const;
  Outcome replace_tree(const SnapshotTree& from, const SnapshotTree& to);
  Outcome prepare_restore(const Snapshot& snapshot, State then, Restored& restored);
  Outcome apply_restore(const SnapshotTree& tree, State then);
  void commit_restore(const Snapshot& snapshot, State before, State then,
                      const std::shared_ptr<Restored>& restored);
  void take_over(const Snapshot& snapshot, Restored& restored, State then);
  void end_snapshot_operation(Outcome outcome, State state);
  void end_taking(Outcome outcome, State state);
  void load_snapshots();
  Outcome finish_interrupted_restore();
  std::string parked_path(State state) const;
  Outcome unpark(State state);
  Outcome drop_stale_image();

  void count_uptime(State state);
  uint64_t seconds_up() const;
  void boot_guest();
  void restore_guest(OpenedImage image);
  GuestAccess result_of(bool was_served);
  void abort_guest();
  void tell_raw_event(State from);
  void freeze_screens(State state);
  void tell_freeze(Freeze cause, bool begins);
  Outcome check_frozen(Command command) const;
  bool ask_to_sleep();
  // What is to be done about a guest that has panicked when its VM has been paused.
  struct CrashPolicy {
    bool reports = false;
    bool restarts = false;
  };
  bool is_one_crash_too_many();
  void follow(const CrashPolicy& policy);
  bool runs_guest(State state) const;
  void catch_guest_up();
  std::vector<Vcpu> vcpus() const;
  void set_vcpus(std::vector<Vcpu> vcpus);
  MachineImage machine_state() const;
  bool guest_is_accessible() const;
  uint64_t steps_now() const;
  void schedule_drive();
  void drive_guest();

  // -- Changes of its disks (vm_disks.cpp).
  UndoMode undo_mode() const;
  std::vector<std::string> disk_images() const;
  std::function<Outcome()> changes_begin();
  std::function<void()> changes_end();
  Outcome settle(const std::vector<std::string>& images, bool keeps);
  void leave_changes();

  // -- Images (vm_images.cpp).
  Outcome write_image_now(const std::string& path, const MachineImage& machine, const Ram& ram,
                          const std::optional<ImageLink>& parent = std::nullopt) const;
  Outcome write_own_image(const std::string& path, const MachineImage& machine, const Ram& ram,
                          const ImagePlan& plan) const;
  Outcome take_image(const std::string& path, std::optional<OpenedImage>& image) const;
  void resume_guest(OpenedImage image);
  void begin_end(uint64_t duration_ms);
  std::function<Outcome()> bases_removal() const;
  std::function<Outcome()> remains_removal();
  void sync_names();
  void tidy_up(std::function<void()> work);

  VmSurroundings& surroundings_;

  // What view() shows, side by side: lists look at nothing else of a VM.
  // The uptime that the record has is that of the time before this moment; none: it stands still.
  std::optional<uint64_t> uptime_since_ms_;
  VmTasks tasks_;
  State told_ = State::kUnknown;   // what clients were told last, and what queries see
  VmRecord record_;

  const std::unique_ptr<Lifecycle> own_machine_;
  Lifecycle& machine_ = *own_machine_;
  State state_ = State::kUnknown;  // follows the announcements of the machine
  bool is_marked_ = false;         // by something that keeps commands out: see is_marked()
  bool image_exists_ = false;
  bool discovering_ = false;
  bool started_by_ex_ = false;

  OperationPtr operation_;     // the command being carried out
  uint64_t phase_ = 0;         // counts phases; a step of an older phase does nothing
  PhasePtr current_;           // the last one that began; null once the VM has settled
  PhasePtr idle_phase_;        // an empty one, for the next one; null: there is none
  std::optional<CrashPolicy> crash_policy_;
  int64_t reported_crash_ = 0;  // as VmView has it
  bool has_given_up_ = false;
  bool has_died_ = false;             // its process, until the VM is down
  std::vector<uint64_t> crashes_ms_;  // of the guest, of which it was restarted
  bool starts_when_down_ = false;
  Freeze frozen_by_ = Freeze::kNone;  // in kPaused only
  std::optional<Outcome> failure_;
  std::string mount_path_;     // of the last mount
  bool is_mounted_beside_ = false;  // for reading, whatever the VM is
  uint32_t disk_mask_ = 0;     // of the last compaction
  std::atomic<bool> changes_apart_ = false;  // work changes it with the world unlocked
  bool spares_guest_ = false;  // the last stop
  std::optional<SleepAnswer> sleep_answer_;  // of the guest; none where the command asks nothing
  SnapshotOrder order_;        // of the current operation, where it is about a snapshot
  bool runs_in_snapshot_ = false;  // the guest, while the snapshot is being taken
  bool restores_live_ = false;  // the snapshot that the VM is being switched to has it run
  std::optional<SnapshotTree> snapshots_ = SnapshotTree();

  std::shared_ptr<Ram> ram_;   // null unless a VM process exists
  std::vector<ImageLayer> layers_;  // bases that ram_ rests on and a delta may; the newest first
  bool has_bases_ = false;          // files of bases may be in the folder
  bool names_pending_ = false;      // an image has got another name, which is not durable yet
  std::vector<Vcpu> vcpus_;
  bool registers_pending_ = false;  // vcpus_ has some that are of an earlier step: see vcpus()
  uint64_t guest_steps_ = 0;   // virtual ms that the vCPUs have executed since boot
  uint64_t run_start_ms_ = 0;  // guest_steps_ is up to date for this moment
  ScreenFreezePtr screen_freeze_;  // null: not known yet
  std::shared_ptr<GuestDriver> driver_;  // null: none
  uint64_t driven_ms_ = 0;     // guest_steps_ when it was called last
  uint64_t drive_ = 0;         // counts what was scheduled; a step for an older one does nothing
};

}  // namespace prl::sim
