// What a session is told of jobs on their way, for tests of their progress.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {

// A notification: the end of a job, or an event with a percentage or without.
struct Told {
  bool is_end = false;
  PRL_EVENT_TYPE type = PET_DSP_EVT_VM_STATE_CHANGED;  // the end of a job has none
  std::optional<PRL_UINT32> percent = std::nullopt;
  PRL_HANDLE job = PRL_INVALID_HANDLE;  // only to compare
  PRL_INT32 state = 0;                  // of a VM, where that has changed
};

class ProgressListener {
 public:
  explicit ProgressListener(PRL_HANDLE server) : server_(server) {
    EXPECT_EQ(PrlSrv_RegEventHandler(server_, &ProgressListener::handle, this), PRL_ERR_SUCCESS);
  }
  ProgressListener(const ProgressListener&) = delete;
  ProgressListener& operator=(const ProgressListener&) = delete;
  ~ProgressListener() { PrlSrv_UnregEventHandler(server_, &ProgressListener::handle, this); }

  // All that was told up to the end of the job.
  std::vector<Told> up_to(PRL_HANDLE job) {
    EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::minutes(1), [&] {
      return std::ranges::any_of(told_,
                                 [&](const Told& one) { return one.is_end && one.job == job; });
    }));
    return told_;
  }
  // All that was told up to now.
  std::vector<Told> up_to_now() {
    const Handle last(PrlSrv_GetVmList(server_));
    return up_to(last);
  }

 private:
  static PRL_RESULT PRL_CALL handle(PRL_HANDLE notification, PRL_VOID_PTR data) {
    const Handle owned(notification);
    auto& self = *static_cast<ProgressListener*>(data);
    Told told;
    PRL_HANDLE_TYPE kind = PHT_ERROR;
    PrlHandle_GetType(notification, &kind);
    told.is_end = kind == PHT_JOB;
    if (told.is_end) told.job = notification;
    if (!told.is_end) look_at(notification, told);
    std::lock_guard lock(self.mutex_);
    self.told_.push_back(told);
    self.changed_.notify_all();
    return PRL_ERR_SUCCESS;
  }
  static void look_at(PRL_HANDLE event, Told& told) {
    PrlEvent_GetType(event, &told.type);
    Handle state;
    if (PRL_SUCCEEDED(PrlEvent_GetParamByName(event, "vminfo_vm_state", state.out()))) {
      EXPECT_EQ(PrlEvtPrm_ToInt32(state, &told.state), PRL_ERR_SUCCESS);
    }
    Handle progress;
    if (PRL_FAILED(PrlEvent_GetParamByName(event, "progress_changed", progress.out()))) return;
    PRL_UINT32 percent = 0;
    EXPECT_EQ(PrlEvtPrm_ToUint32(progress, &percent), PRL_ERR_SUCCESS);
    told.percent = percent;
    Handle job;
    if (PRL_SUCCEEDED(PrlEvent_GetJob(event, job.out()))) told.job = job.get();
  }

  const PRL_HANDLE server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Told> told_;  // guarded by mutex_
};

using Percents = std::vector<PRL_UINT32>;

// All of them have to be events of the one type.
inline Percents percents_in(const std::vector<Told>& told, PRL_EVENT_TYPE type) {
  Percents percents;
  for (const Told& one : told) {
    if (!one.percent) continue;
    EXPECT_EQ(one.type, type);
    percents.push_back(*one.percent);
  }
  return percents;
}

inline PRL_UINT32 progress_of(PRL_HANDLE job) {
  PRL_UINT32 percent = 101;
  EXPECT_EQ(PrlJob_GetProgress(job, &percent), PRL_ERR_SUCCESS);
  return percent;
}

}  // namespace prl::tests
