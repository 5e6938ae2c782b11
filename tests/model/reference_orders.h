// What the reference model (reference_model.h) is asked, and the words for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace prl::model {

enum class Profile : uint8_t { kDesktop, kVirtuozzo };

enum class State : uint8_t {
  kUnknown,
  kStopped,
  kStarting,
  kRunning,
  kPausing,
  kPaused,
  kContinuing,
  kSuspending,
  kSuspendingSync,
  kSuspended,
  kResuming,
  kStopping,
  kResetting,
  kSnapshoting,
  kRestoring,
  kDeletingState,
  kCompacting,
  kMounted,
};
inline constexpr uint8_t kStateCount = 18;
std::string_view state_name(State state);  // "SUSPENDING_SYNC"
inline bool is_off(State state) {
  return state == State::kStopped || state == State::kSuspended;
}
inline bool is_live(State state) {
  return state == State::kRunning || state == State::kPaused;
}
inline bool is_stable(State state) {
  return is_off(state) || is_live(state) || state == State::kMounted;
}

enum class Act : uint8_t {
  kStart,
  kStartEx,
  kResume,
  kKill,
  kShutdown,
  kPause,
  kAskToPause,  // a pause with bAcpi, of a guest that then sleeps and is paused
  kAskToSuspend,
  kAskToStop,
  kAskInVain,
  kSuspend,
  kDrop,
  kReset,
  kRestart,
  kCreateSnapshot,
  kSwitch,
  kSwitchToImage,  // PSSF_SKIP_RESUME
  kDeleteSnapshot,
  kDeleteSubtree,
  kClone,
  kUnregister,
  kDelete,
  kBeginEdit,
  kCommit,  // of another description
  kLock,
  kUnlock,
  kCompact,
  kMount,  // to read and to write
  kUmount,
  kMigrate,        // to the neighbour
  kMigrateAsleep,  // PVMT_DONT_RESUME_VM
  kCloneToTemplate,
  kMove,            // of its folder
  kConvert,         // of its disk
  kCloneLinked,     // to the current snapshot; a stopped VM without one has one taken first
  kCopyImage,       // of its disk
  kGrowDisk,        // to kGrownMib
  kShrinkDisk,      // to kShrunkMib
  kCancel,          // of what is under way on the VM, if anything
  kShutDown,        // of the service, by force
  kShutDownGently,  // unless a VM is at work
  // No client's: what happens by itself (2.5), while somebody looks at the VM.
  kDie,             // the VM process
  kGuestLeave,      // the guest powers itself off
  kGuestReboot,     // it boots anew
  kGuestSleep,      // it falls asleep (S3)
  kGuestHibernate,  // likewise, and powers itself off (S4)
  kGuestWake,
  kFreeze,  // the host's disk fails
  kUnfreeze,
  kHostSleep,       // with all its VMs that run
  kHostWake,        // likewise
  kRestartService,  // it goes, and is back at once
  kPowerCut,        // likewise, and no VM outlives it
};
inline constexpr uint8_t kActCount = 53;
// No client's.
inline bool is_of_itself(Act act) {
  return act >= Act::kDie;
}
// It concerns the host, not one VM.
inline bool is_of_host(Act act) {
  return act == Act::kHostSleep || act == Act::kHostWake || act == Act::kShutDown ||
         act == Act::kShutDownGently || act == Act::kRestartService || act == Act::kPowerCut;
}
bool is_clone(Act act);
bool names_snapshot(Act act);
std::string_view act_name(Act act);

// The sizes of the disk: at first, and those that it is given.
inline constexpr uint32_t kDiskMib = 4;
inline constexpr uint32_t kGrownMib = 8;
inline constexpr uint32_t kShrunkMib = 2;

// Where in the job a fault makes it fail: before anything has changed, in its first phase, or when
// only the report is left.
enum class Fault : uint8_t { kNone, kStart, kMiddle, kEnd };

struct Order {
  Act act = Act::kStart;
  uint8_t vm = 0;  // a place in Host::vms
  uint8_t session = 0;
  uint8_t snapshot = 0;  // a place in Vm::snapshots; past its end: one that there is not
  Fault fault = Fault::kNone;
  std::optional<uint32_t> about = {};  // of a Cancel: the job; none: what is under way on the VM
};
std::string order_text(const Order& order);

// The number of a result code less 0x80000000; 0 is success.
using Code = uint32_t;
inline constexpr Code kInjected = 0x7777;          // what every fault makes its job report
inline constexpr Code kSomeRefusal = UINT32_MAX;   // the notes leave open which
inline constexpr Code kSomeLock = UINT32_MAX - 1;  // likewise, of the locks of 5.1
// Whether the answer is the one that is expected.
bool is_fit(Code expected, Code answer);

}  // namespace prl::model
