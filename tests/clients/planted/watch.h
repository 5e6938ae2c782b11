// What the events of the host tell about the VM that nightly works on. Events may be late,
// repeated, missing or out of order: they wake nightly and fill the log, the state is always asked
// for.
#pragma once

#include <Parallels.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>

#include "jobs.h"

// No event for so long: no more are under way. More than so many are not waited for.
constexpr std::chrono::milliseconds kQuiet{50};
constexpr int kEventsMax = 100;

const char* state_word(VIRTUAL_MACHINE_STATE state);

// Lives as long as the process: a handler that could not be taken away still finds it. note_...()
// is called on the notification thread of the server, the rest on the thread that runs nightly.
class Watch {
 public:
  // From now on the events of that VM are noted; those of others never are.
  void follow(const std::string& uuid);
  // Whether a stop is no surprise. One that is gets a remark in the history.
  void expect_stop(bool is_expected);
  void start_begins();

  void note_state(const std::string& uuid, VIRTUAL_MACHINE_STATE state);
  void note_end_of_start();
  // Adds to the history, as do the notes.
  void remark(const std::string& text);

  // Returns with the next event of the VM, or when the pause is over.
  void wait_for_news(std::chrono::milliseconds pause);
  // Lets the events come in that are under way: returns when there was none for a while.
  void wait_for_quiet();
  // The last state noted when the notification of the last start's job came. The notifications of
  // all starts are waited for until the limit.
  std::optional<VIRTUAL_MACHINE_STATE> state_after_start(std::chrono::milliseconds limit);

  // Nothing is noted while the lock is held; history() needs it.
  std::unique_lock<std::mutex> hold() { return std::unique_lock(mutex_); }
  std::string history() const { return history_; }

 private:
  std::counting_semaphore<> news_{0};
  std::mutex mutex_;
  // Guarded by mutex_.
  std::string uuid_;
  bool is_stop_expected_ = true;
  std::optional<VIRTUAL_MACHINE_STATE> last_;
  int starts_under_way_ = 0;
  std::optional<VIRTUAL_MACHINE_STATE> after_start_;
  std::string history_;
};

inline const char* state_word(VIRTUAL_MACHINE_STATE state) {
  switch (state) {
    case VMS_STOPPED:
      return "stopped";
    case VMS_STARTING:
      return "starting";
    case VMS_RUNNING:
      return "running";
    case VMS_PAUSED:
      return "paused";
    case VMS_SUSPENDING:
      return "suspending";
    case VMS_SUSPENDED:
      return "suspended";
    case VMS_RESUMING:
      return "resuming";
    case VMS_STOPPING:
      return "stopping";
    case VMS_SNAPSHOTING:
      return "in a snapshot";
    default:
      return "in another state";
  }
}

inline void Watch::follow(const std::string& uuid) {
  const std::lock_guard lock(mutex_);
  uuid_ = uuid;
}

inline void Watch::expect_stop(bool is_expected) {
  const std::lock_guard lock(mutex_);
  is_stop_expected_ = is_expected;
}

inline void Watch::start_begins() {
  const std::lock_guard lock(mutex_);
  ++starts_under_way_;
}

inline void Watch::note_state(const std::string& uuid, VIRTUAL_MACHINE_STATE state) {
  const std::lock_guard lock(mutex_);
  if (uuid != uuid_) return;
  last_ = state;
  history_ += std::string(" ") + state_word(state);
  if (state == VMS_STOPPED && !is_stop_expected_) {
#if NIGHTLY_BUG == 3
    remark("by itself");
#else
    history_ += " (by itself)";
#endif
  }
  news_.release();
}

inline void Watch::note_end_of_start() {
  const std::lock_guard lock(mutex_);
  --starts_under_way_;
  after_start_ = last_;
  news_.release();
}

inline void Watch::remark(const std::string& text) {
  const std::lock_guard lock(mutex_);
  history_ += " (" + text + ")";
}

inline void Watch::wait_for_news(std::chrono::milliseconds pause) {
  if (news_.try_acquire_for(pause)) return;
}

inline void Watch::wait_for_quiet() {
  for (int events = 0; events < kEventsMax && news_.try_acquire_for(kQuiet); ++events) {
  }
}

inline std::optional<VIRTUAL_MACHINE_STATE> Watch::state_after_start(
    std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  do {
    {
      const std::lock_guard lock(mutex_);
      if (starts_under_way_ <= 0) return after_start_;
    }
    wait_for_news(std::chrono::milliseconds(10));
  } while (std::chrono::steady_clock::now() < deadline);
  return std::nullopt;
}

// Notes what the event says about the state of a VM, if it does.
inline void note_event(Watch& watch, PRL_HANDLE event) {
  PRL_EVENT_TYPE type = PET_DSP_EVT_ERROR_MESSAGE;
  if (PRL_FAILED(PrlEvent_GetType(event, &type)) || type != PET_DSP_EVT_VM_STATE_CHANGED) return;
  const auto uuid = read_text([event](PRL_STR buffer, PRL_UINT32_PTR bytes) {
    return PrlEvent_GetIssuerId(event, buffer, bytes);
  });
  PRL_HANDLE parameter = PRL_INVALID_HANDLE;
  if (PRL_FAILED(PrlEvent_GetParamByName(event, "vminfo_vm_state", &parameter))) return;
  PRL_INT32 state = 0;
  const PRL_RESULT read = PrlEvtPrm_ToInt32(parameter, &state);
  PrlHandle_Free(parameter);
  if (uuid && PRL_SUCCEEDED(read)) watch.note_state(*uuid, VIRTUAL_MACHINE_STATE(state));
}

// The handler that nightly registers; `data` is the Watch.
inline PRL_RESULT on_notification(PRL_HANDLE handle, PRL_VOID_PTR data) {
  Watch& watch = *static_cast<Watch*>(data);
  PRL_HANDLE_TYPE type = PHT_ERROR;
  PRL_JOB_OPERATION_CODE operation = PJOC_UNKNOWN;
  const PRL_RESULT code = PrlHandle_GetType(handle, &type);
  if (PRL_SUCCEEDED(code) && type == PHT_EVENT) note_event(watch, handle);
  if (PRL_SUCCEEDED(code) && type == PHT_JOB &&
      PRL_SUCCEEDED(PrlJob_GetOpCode(handle, &operation)) && operation == PJOC_VM_START) {
    watch.note_end_of_start();
  }
  PrlHandle_Free(handle);
  return PRL_ERR_SUCCESS;
}
