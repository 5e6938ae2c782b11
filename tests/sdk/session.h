// What the tests of the API are written with: owners of handles and of the library, short forms for
// jobs and texts, and a recorder of what event handlers see.
#pragma once

#include <gtest/gtest.h>
#include <prlsdk/Parallels.h>
#include <prlsdk/prl_sim.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <ostream>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace prl::tests {

// PRL_INVALID_HANDLE is a plain 0, which the comparisons of GoogleTest do not take for a handle.
inline const PRL_HANDLE kNoHandle = PRL_INVALID_HANDLE;

inline constexpr const char* kVirtualClock = "clock = \"virtual\"\n";

// Owns one reference to an object of the library.
class Handle {
 public:
  Handle() = default;
  explicit Handle(PRL_HANDLE handle) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(other.release()) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Handle() {
    if (handle_) PrlHandle_Free(handle_);
  }

  operator PRL_HANDLE() const { return handle_; }
  PRL_HANDLE get() const { return handle_; }
  // For an out parameter. REQUIRES: empty.
  PRL_HANDLE_PTR out() { return &handle_; }
  PRL_HANDLE release() { return std::exchange(handle_, PRL_HANDLE(PRL_INVALID_HANDLE)); }

 private:
  PRL_HANDLE handle_ = PRL_INVALID_HANDLE;
};

// The library between Init and Deinit, with this scenario.
class Library {
 public:
  explicit Library(const std::string& scenario = kVirtualClock) {
    PrlSim_SetScenario(scenario.c_str());
    EXPECT_EQ(PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0), PRL_ERR_SUCCESS);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    PrlApi_Deinit();
    PrlSim_SetScenario(nullptr);
  }
};

inline PRL_RESULT code_of(PRL_HANDLE job) {
  PRL_RESULT code = PRL_ERR_UNEXPECTED;
  EXPECT_EQ(PrlJob_GetRetCode(job, &code), PRL_ERR_SUCCESS);
  return code;
}

inline PRL_JOB_STATUS status_of(PRL_HANDLE job) {
  PRL_JOB_STATUS status = PJS_UNKNOWN;
  EXPECT_EQ(PrlJob_GetStatus(job, &status), PRL_ERR_SUCCESS);
  return status;
}

inline PRL_JOB_OPERATION_CODE operation_of(PRL_HANDLE job) {
  PRL_JOB_OPERATION_CODE operation = PJOC_UNKNOWN;
  EXPECT_EQ(PrlJob_GetOpCode(job, &operation), PRL_ERR_SUCCESS);
  return operation;
}

// Takes the job over, waits for it as long as it takes and returns its code.
inline PRL_RESULT finish(PRL_HANDLE started) {
  const Handle job(started);
  const PRL_RESULT waited = PrlJob_Wait(job, UINT32_MAX);
  return PRL_FAILED(waited) ? waited : code_of(job);
}

// Parameter 0 of the result of a job that must succeed.
inline Handle answer_of(PRL_HANDLE started) {
  const Handle job(started);
  Handle result;
  Handle answer;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlResult_GetParam(result, answer.out()), PRL_ERR_SUCCESS);
  return answer;
}

// The text of a getter with the buffer convention: get(buffer, &length).
template <class Get>
std::string text_of(Get get) {
  PRL_UINT32 length = 0;
  EXPECT_EQ(get(nullptr, &length), PRL_ERR_SUCCESS);
  std::string text(length, '?');
  EXPECT_EQ(get(text.data(), &length), PRL_ERR_SUCCESS);
  text.resize(length - 1);
  return text;
}

// The one text that the job, which must succeed, answers with.
inline std::string text_result_of(PRL_HANDLE started) {
  const Handle job(started);
  Handle result;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  PRL_UINT32 count = 0;
  PrlResult_GetParamsCount(result, &count);
  EXPECT_EQ(count, 1u);
  return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlResult_GetParamAsString(result, text, length);
  });
}

inline Handle new_server() {
  Handle server;
  EXPECT_EQ(PrlSrv_Create(server.out()), PRL_ERR_SUCCESS);
  return server;
}

inline PRL_HANDLE start_login(PRL_HANDLE server) {
  return PrlSrv_LoginLocal(server, nullptr, 0, PSL_HIGH_SECURITY);
}

// A VM that exists on the client only.
inline Handle unregistered_vm(PRL_HANDLE server, const std::string& name) {
  Handle vm;
  EXPECT_EQ(PrlSrv_CreateVm(server, vm.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_SetName(vm, name.c_str()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_SetRamSize(vm, 4), PRL_ERR_SUCCESS);
  return vm;
}

inline Handle new_vm(PRL_HANDLE server, const std::string& name) {
  Handle vm = unregistered_vm(server, name);
  EXPECT_EQ(finish(PrlVm_Reg(vm, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  return vm;
}

inline Handle vm_by_name(PRL_HANDLE server, const std::string& name) {
  return answer_of(PrlSrv_GetVmConfig(server, name.c_str(), PGVC_SEARCH_BY_NAME));
}

inline std::string name_of(PRL_HANDLE vm) {
  return text_of(
      [vm](PRL_STR text, PRL_UINT32_PTR length) { return PrlVmCfg_GetName(vm, text, length); });
}

inline std::string uuid_of(PRL_HANDLE vm) {
  return text_of(
      [vm](PRL_STR text, PRL_UINT32_PTR length) { return PrlVmCfg_GetUuid(vm, text, length); });
}

inline VIRTUAL_MACHINE_STATE state_of(PRL_HANDLE vm) {
  const Handle info = answer_of(PrlVm_GetState(vm));
  VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
  EXPECT_EQ(PrlVmInfo_GetState(info, &state), PRL_ERR_SUCCESS);
  return state;
}

// Bits of VIRTUAL_MACHINE_ADDITION_STATE.
inline PRL_UINT32 additions_of(PRL_HANDLE vm) {
  const Handle info = answer_of(PrlVm_GetState(vm));
  VIRTUAL_MACHINE_ADDITION_STATE state = VMAS_MAX;
  EXPECT_EQ(PrlVmInfo_GetAdditionState(info, &state), PRL_ERR_SUCCESS);
  return static_cast<PRL_UINT32>(state);
}

// Of its first network adapter.
inline std::string mac_of(PRL_HANDLE vm) {
  Handle adapter;
  EXPECT_EQ(PrlVmCfg_GetNetAdapter(vm, 0, adapter.out()), PRL_ERR_SUCCESS);
  return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlVmDevNet_GetMacAddress(adapter, text, length);
  });
}

inline PRL_UINT32 live_handles(PRL_HANDLE_TYPE type = PHT_ERROR) {
  PRL_UINT32 count = UINT32_MAX;
  EXPECT_EQ(PrlDbg_GetHandlesNum(&count, type), PRL_ERR_SUCCESS);
  return count;
}

inline PRL_UINT64 time_ms() {
  PRL_UINT64 now_ms = 0;
  EXPECT_EQ(PrlSim_GetTime(&now_ms), PRL_ERR_SUCCESS);
  return now_ms;
}

// The library with one server that is logged in.
struct Session {
  explicit Session(const std::string& scenario = kVirtualClock)
      : library(scenario), server(new_server()) {
    EXPECT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
  }

  Library library;
  Handle server;
};

// One call of a handler.
struct Seen {
  PRL_HANDLE handle = PRL_INVALID_HANDLE;  // only to compare: it was freed
  PRL_HANDLE_TYPE kind = PHT_ERROR;        // PHT_EVENT or PHT_JOB
  PRL_EVENT_TYPE event = PET_DSP_EVT_VM_STATE_CHANGED;
  std::string issuer;
  PRL_INT32 state = 0;  // of a STATE_CHANGED
  PRL_JOB_OPERATION_CODE operation = PJOC_UNKNOWN;
  PRL_RESULT code = PRL_ERR_SUCCESS;
  bool job_was_finished = false;
  std::thread::id thread;

  bool is_state_change() const {
    return kind == PHT_EVENT && event == PET_DSP_EVT_VM_STATE_CHANGED;
  }
};

inline Seen look_at_notification(PRL_HANDLE handle) {
  Seen seen{.handle = handle, .thread = std::this_thread::get_id()};
  PrlHandle_GetType(handle, &seen.kind);
  if (seen.kind == PHT_JOB) {
    seen.operation = operation_of(handle);
    seen.code = code_of(handle);
    seen.job_was_finished = status_of(handle) == PJS_FINISHED;
    return seen;
  }
  PrlEvent_GetType(handle, &seen.event);
  seen.issuer = text_of([handle](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlEvent_GetIssuerId(handle, text, length);
  });
  Handle parameter;
  if (PRL_SUCCEEDED(PrlEvent_GetParamByName(handle, "vminfo_vm_state", parameter.out()))) {
    PrlEvtPrm_ToInt32(parameter, &seen.state);
  }
  return seen;
}

// Registers a handler on a server or VM for as long as it lives and remembers what the handler saw.
class Recorder {
 public:
  explicit Recorder(PRL_HANDLE watched) : watched_(watched) {
    EXPECT_EQ(PrlSrv_RegEventHandler(watched_, &Recorder::handle, this), PRL_ERR_SUCCESS);
  }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;
  ~Recorder() { PrlSrv_UnregEventHandler(watched_, &Recorder::handle, this); }

  // Everything seen up to and including the notification of this job. Fails after a minute.
  std::vector<Seen> up_to(PRL_HANDLE job) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(
        changed_.wait_for(lock, std::chrono::minutes(1), [&] { return jobs_.contains(job); }));
    return seen_;
  }
  // Takes the job over, waits for it and for its notification.
  std::vector<Seen> up_to_end_of(PRL_HANDLE job) {
    finish(job);
    return up_to(job);
  }
  size_t count() {
    std::lock_guard lock(mutex_);
    return seen_.size();
  }

 private:
  static PRL_RESULT PRL_CALL handle(PRL_HANDLE notification, PRL_VOID_PTR data) {
    const Handle owned(notification);
    auto& self = *static_cast<Recorder*>(data);
    Seen seen = look_at_notification(notification);
    std::lock_guard lock(self.mutex_);
    if (seen.kind == PHT_JOB) self.jobs_.insert(notification);
    self.seen_.push_back(std::move(seen));
    self.changed_.notify_all();
    return PRL_ERR_SUCCESS;
  }

  const PRL_HANDLE watched_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Seen> seen_;     // guarded by mutex_
  std::set<PRL_HANDLE> jobs_;  // guarded by mutex_
};

// The states that were announced, in order.
inline std::vector<PRL_INT32> states_in(const std::vector<Seen>& seen) {
  std::vector<PRL_INT32> states;
  for (const Seen& one : seen) {
    if (one.is_state_change()) states.push_back(one.state);
  }
  return states;
}

}  // namespace prl::tests
