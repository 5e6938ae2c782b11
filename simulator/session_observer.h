// What a session is told without having asked. Called with the world locked; must not block and
// must not call into the world.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "simulator/lone_thread.h"
#include "simulator/notice.h"
#include "simulator/uuid.h"
#include "simulator/vm_machine/vm_machine.h"
#include "simulator/vm_tasks.h"

namespace prl::sim {

class SessionObserver;

// Something that happened on a host, or to be told about one VM of it.
struct HostEvent {
  enum class Kind : uint8_t {
    kPreferencesChanged,
    kUserProfileChanged,
    kLicenceChanged,
    kNetworksChanged,
    kNetworkServiceChanged,
    kHardwareChanged,
    kStatistics,
    kCounters,
    kApplianceProgress,
    kApplianceFetched,
    kApplianceUnpackBegun,
    kApplianceUnpacked,
    kApplianceRegistrationBegun,
    kApplianceRegistered,
  };
  Kind kind;
  std::vector<std::pair<std::string, std::string>> parameters = {};  // name and value
  Uuid vm = {};                            // nil: the host
  const SessionObserver* only = nullptr;  // the session it is for; null: all
  uint32_t percent = 0;                   // of a progress
  FollowedJob followed = {};              // of a progress
};

// Events about a VM that say no more than their name.
enum class VmNotice : uint8_t {
  kSnapshotTaken,
  kSnapshotRestored,
  kSnapshotDeleted,
  kSnapshotsChanged,
  kCompactBegun,
  kCompactFinished,
  kMemoryWritten,  // what a snapshot has of the memory has reached the disk, or has left it
  kAborted,        // the VM process has died
  kFrozen,
  kUnfrozen,
  kPausedByHostSleep,
  kContinuedByHostWakeup,
  kProblemReportCreated,  // about a guest that has panicked
  // What the VM process of profile desktop says before the state that follows (vm-lifecycle 3.2).
  kAboutToStartInit,
  kAboutToStartDeinit,
  kStarted,
  kStopped,
  kAboutToReset,
  kReset,
  kSuspending,
  kSuspended,
  kResuming,
  kPaused,
  kContinued,
  kSnapshoting,
  kRestoring,
  kDeletingState,
};
constexpr bool is_raw(VmNotice notice) {
  return notice >= VmNotice::kAboutToStartInit;
}

// How far a job is that a session has begun.
struct Progress {
  enum class Kind : uint8_t {
    kSuspend,
    kResume,
    kSnapshot,
    kRestore,
    kSnapshotRemoval,
    kFiles,  // that are copied or moved
    kOther,
  };
  Kind kind = Kind::kOther;
  uint32_t percent = 0;
  uint32_t job = 0;  // as the session named it to the host
};

class SessionObserver {
 public:
  SessionObserver() = default;
  // `listeners` counts those that the session hands on what it is told to, and outlives it.
  explicit SessionObserver(const std::atomic<uint32_t>& listeners) : listeners_(&listeners) {}
  SessionObserver(const SessionObserver&) = delete;
  SessionObserver& operator=(const SessionObserver&) = delete;
  virtual ~SessionObserver() = default;

  // Counts what it is about to be told, and returns true, where nobody listens.
  bool only_counts() {
    if (!listeners_ || listeners_->load() != 0) return false;
    (void)count_received();
    return true;
  }

  virtual void on_state_changed(const Uuid& vm, State state) = 0;
  virtual void on_tasks_changed(const Uuid& vm, const VmTasks& tasks) = 0;
  virtual void on_config_changed(const Uuid& vm) = 0;
  virtual void on_notice(const Uuid& vm, VmNotice notice) = 0;
  // The service of the host ends; the connection goes with the second call.
  virtual void on_shutdown(const Uuid& host) = 0;
  virtual void on_connection_lost() = 0;
  virtual void on_vm_added(const Uuid& vm) = 0;
  virtual void on_vm_deleted(const Uuid& vm) = 0;
  virtual void on_vm_unregistered(const Uuid& vm) = 0;
  virtual void on_host_event(const HostEvent& event) = 0;
  virtual void on_notice(const Uuid& vm, const Notice& notice) = 0;
  // Only to the session that has begun the job, in rising order and before the job is done.
  virtual void on_progress(const Uuid& /*vm*/, const Progress& /*progress*/) {}

 protected:
  // Whether its side knows of the session. The host may know of one whose login failed on its way
  // back: no events come of that.
  bool is_open() const { return is_open_.load(std::memory_order_acquire); }
  // From now on, of which nothing has been received yet.
  void open() {
    received_.store(0);
    is_open_.store(true, std::memory_order_release);
  }
  void close() { is_open_.store(false, std::memory_order_release); }
  // False where it is not open: then nothing is counted.
  bool count_received() {
    if (!is_open()) return false;
    add_to(received_, uint64_t{1}, std::memory_order_relaxed);
    return true;
  }
  uint64_t received() const { return received_.load(); }

 private:
  const std::atomic<uint32_t>* const listeners_ = nullptr;  // null: it wants to be told of all
  std::atomic<bool> is_open_{false};
  alignas(kLineBytes) std::atomic<uint64_t> received_{0};  // packages, since it was opened
};

}  // namespace prl::sim
