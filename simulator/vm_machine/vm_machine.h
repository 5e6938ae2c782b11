// The lifecycle of one VM, desktop profile: which commands a VM accepts in which state, what each
// one leads to, and which refusal the others get. Owned by its Vm; not synchronised, used with the
// world locked. The tables of transitions are power_machine.cpp and disk_machine.cpp; the rules
// come from vm-lifecycle 2.2 to 2.5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace prl::sim {

enum class State : uint8_t {
  kUnknown,  // not discovered yet; the only state that is never announced
  kStopped,
  kStarting,
  kRunning,
  kPausing,
  kPaused,
  kContinuing,
  kSuspending,      // the image is being written
  kSuspendingSync,  // the image is complete; the VM process flushes and leaves
  kSuspended,
  kResuming,
  kStopping,
  kResetting,
  kSnapshoting,    // a snapshot is being taken; the VM then is again what it was
  kRestoring,      // a snapshot takes the place of what the VM was
  kDeletingState,  // a snapshot is being deleted; as kSnapshoting
  kCompacting,     // the disks of a stopped VM are being made smaller
  kMounted,        // the disks of a stopped VM are mounted on the host
};
inline constexpr size_t kStateCount = 18;

std::string_view state_name(State state);  // "SUSPENDING_SYNC", as clients know it
std::string_view state_word(State state);  // "syncing", the text in the message of a refusal
uint32_t vms_value(State state);           // 0x30000011, the number on the wire
// On the way to another. Asked at every turn, as the next one is.
constexpr bool is_transitional(State state) {
  switch (state) {
    case State::kUnknown:
    case State::kStopped:
    case State::kRunning:
    case State::kPaused:
    case State::kSuspended:
    case State::kMounted:
      return false;
    default:
      return true;
  }
}
// A VM process exists because of the state. While a snapshot is taken, restored or deleted there is
// one or none, depending on what the VM was before.
constexpr bool is_live(State state) {
  switch (state) {
    case State::kStarting:
    case State::kRunning:
    case State::kPausing:
    case State::kPaused:
    case State::kContinuing:
    case State::kSuspending:
    case State::kSuspendingSync:
    case State::kResuming:
    case State::kStopping:
    case State::kResetting:
      return true;
    default:
      return false;
  }
}
bool is_about_snapshots(State state);  // kSnapshoting, kRestoring, kDeletingState

// What a client asks of a VM.
enum class Command : uint8_t {
  kStart,
  kStopKill,
  kStopGraceful,
  kPause,
  kSuspend,
  kResume,  // obeys exactly the rules of kStart: the product's Resume calls its Start
  kDropSuspendedState,
  kReset,
  kRestart,  // the guest reboots by itself; the VM stays running throughout
  kCreateSnapshot,
  kSwitchToSnapshot,
  kDeleteSnapshot,
  kCompact,
  kMount,
  kUmount,
};
inline constexpr size_t kCommandCount = 15;

std::string_view command_name(Command command);  // "StopKill"
constexpr bool is_about_snapshots(Command command) {
  return command == Command::kCreateSnapshot || command == Command::kSwitchToSnapshot ||
         command == Command::kDeleteSnapshot;
}

// What the site reports to the lifecycle.
enum class Completion : uint8_t {
  kDone,    // the phase that the last action asked for has ended
  kFailed,  // that phase came to nothing; the machine rolls back
  kFoundStopped,
  kFoundSuspended,
  kFoundRunning,
  kFoundPaused,  // kFound*: what the VM is, from kUnknown and from states about snapshots
  kProcessDied,  // the VM process vanished
  kGuestLeft,    // the guest has powered itself off
  kGuestRebooted,
  kFroze,   // the guest stands still because the host cannot serve it, or sleeps
  kThawed,  // that is over
};
inline constexpr size_t kCompletionCount = 11;

std::string_view completion_name(Completion completion);  // "ProcessDied"

// Why a command is not accepted. The numbers are the codes that clients see, less 0x80000000.
enum class Refusal : uint32_t {
  kNone = 0,
  kUnableToDropSuspendedState = 0x103,
  kSuspendedVmNotEditable = 0x104,
  kVmNotStarted = 0x377,
  kCommandCantBeExecuted = 0x416,
  kWrongStateToCompact = 0x489,
  kVmNotStopped = 0x557,
  kLockedForInternalReason = 0x38106,
  kAlreadyMounted = 0x46600,
  kNotMounted = 0x46601,
};

std::string_view refusal_name(Refusal refusal);  // "NOT_STARTED", as vm-lifecycle 2 abbreviates it

// What a lifecycle asks of the VM around it. A begin_* action only schedules its phase and returns;
// its end comes back as kDone or kFailed. No action may call apply() of the lifecycle that calls
// it. A transition calls its action first and announce() of the state it enters after that.
class VmActions {
 public:
  virtual ~VmActions() = default;

  virtual void begin_boot() = 0;
  // Writes memory and vCPUs. Report kDone only when image_exists(): without an image it is ignored,
  // as the product does (vm-lifecycle 2.2 Suspend).
  virtual void begin_image_write() = 0;
  virtual void begin_image_flush() = 0;
  virtual void begin_image_read() = 0;
  virtual void begin_freeze() = 0;
  virtual void begin_thaw() = 0;
  virtual void begin_power_off() = 0;  // by force
  virtual void begin_shutdown() = 0;   // by asking the guest
  virtual void begin_reset() = 0;
  // About the snapshot of the command. They end with the kFound* of what the VM is then, also when
  // they come to nothing.
  virtual void begin_snapshot() = 0;
  virtual void begin_restore() = 0;
  virtual void begin_snapshot_removal() = 0;
  virtual void begin_compact() = 0;
  // As begin_compact(), but at once: the VM runs on meanwhile.
  virtual void compact_now() = 0;
  // The guest boots anew at once, in a VM that does not change its state.
  virtual void reboot_guest() = 0;
  // The process has died: drops what it left half done. kDone comes when nothing is left of it.
  virtual void begin_clean_up() = 0;

  // The process is gone: gives back its memory and vCPUs.
  virtual void end_process() = 0;
  // Removes the complete image.
  virtual void drop_image() = 0;
  // The suspend failed: removes the image, whether complete or half written.
  virtual void abandon_image() = 0;

  virtual bool image_exists() const = 0;  // complete, under its final name

  // The VM has entered `state`; state() of the lifecycle already says so.
  virtual void announce(State state) = 0;
};

class Lifecycle {
 public:
  virtual ~Lifecycle() = default;

  // kNone: accepted, the transition has been made. Otherwise nothing has changed.
  virtual Refusal apply(Command command) = 0;
  // False: the state has no transition for it, so it was ignored.
  virtual bool apply(Completion completion) = 0;

  virtual State state() const = 0;
  // What apply(command) would answer.
  virtual Refusal would_refuse(Command command) const = 0;
};

// The one that follows the tables: the power machine and the disk machine, which hand the VM over
// to each other.
class VmMachine final : public Lifecycle {
 public:
  // Starts in State::kUnknown. `actions` must outlive the machine.
  explicit VmMachine(VmActions& actions);
  // A machine in the state of `other` (its origin included) that asks `actions`; asks nothing now.
  VmMachine(const VmMachine& other, VmActions& actions);
  ~VmMachine() override;

  Refusal apply(Command command) override;
  bool apply(Completion completion) override;
  State state() const override;
  Refusal would_refuse(Command command) const override;

 private:
  class Machines;
  std::unique_ptr<Machines> machines_;
};

// One row of a table. `action` and `guard` are empty when there is none.
struct Transition {
  State from;
  std::string_view trigger;  // a command_name or completion_name; rows of "Start" serve kResume too
  State to;  // `from`, where the VM stays as it is and nothing is announced
  std::string_view action;
  std::string_view guard;
};

// The rows of both tables, in their order.
std::span<const Transition> transitions();

// The tables as a Graphviz diagram.
std::string to_dot();

}  // namespace prl::sim
