// Handles that free themselves, the end of a job, the names of codes and states, and the texts of
// functions that fill a buffer. Part of prl_kit.hpp.
#ifndef PRL_KIT_HANDLE_HPP
#define PRL_KIT_HANDLE_HPP

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>

#include "prl_sim_kit.h"

namespace prl::kit {

// "PRL_ERR_TIMEOUT"; a number, "0x8fffffff", where there is no name.
inline std::string name_of(PRL_RESULT code) {
  const char* name = prl_result_to_string(code);
  if (name && *name && std::string(name) != "Unknown") return name;
  std::ostringstream text;
  text << "0x" << std::hex << static_cast<uint32_t>(code);
  return text.str();
}

// "VMS_SUSPENDED"
inline std::string name_of(VIRTUAL_MACHINE_STATE state) {
  switch (state) {
    case VMS_UNKNOWN:
      return "VMS_UNKNOWN";
    case VMS_STOPPED:
      return "VMS_STOPPED";
    case VMS_STARTING:
      return "VMS_STARTING";
    case VMS_RESTORING:
      return "VMS_RESTORING";
    case VMS_RUNNING:
      return "VMS_RUNNING";
    case VMS_PAUSED:
      return "VMS_PAUSED";
    case VMS_SUSPENDING:
      return "VMS_SUSPENDING";
    case VMS_STOPPING:
      return "VMS_STOPPING";
    case VMS_COMPACTING:
      return "VMS_COMPACTING";
    case VMS_SUSPENDED:
      return "VMS_SUSPENDED";
    case VMS_SNAPSHOTING:
      return "VMS_SNAPSHOTING";
    case VMS_RESETTING:
      return "VMS_RESETTING";
    case VMS_PAUSING:
      return "VMS_PAUSING";
    case VMS_CONTINUING:
      return "VMS_CONTINUING";
    case VMS_DELETING_STATE:
      return "VMS_DELETING_STATE";
    case VMS_RESUMING:
      return "VMS_RESUMING";
    case VMS_SUSPENDING_SYNC:
      return "VMS_SUSPENDING_SYNC";
    default:
      break;
  }
  return "VM state " + std::to_string(static_cast<uint32_t>(state));
}

// What a function that fills a buffer says (core-api 6); empty where it fails.
template <class Get>
std::string text_from(Get get) {
  PRL_UINT32 length = 0;
  if (PRL_FAILED(get(static_cast<PRL_STR>(nullptr), &length)) || length == 0) return {};
  std::string text(length, '\0');
  if (PRL_FAILED(get(text.data(), &length)) || length == 0) return {};
  text.resize(length - 1);
  return text;
}

// Owns one reference to a handle.
class Handle {
 public:
  Handle() = default;
  explicit Handle(PRL_HANDLE handle) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Handle() { reset(); }

  PRL_HANDLE get() const { return handle_; }
  explicit operator bool() const { return handle_ != PRL_INVALID_HANDLE; }
  // For functions that return a handle through a pointer. Frees what was there.
  PRL_HANDLE* out() {
    reset();
    return &handle_;
  }
  void reset() {
    if (handle_ != PRL_INVALID_HANDLE) PrlHandle_Free(std::exchange(handle_, nullptr));
  }

 private:
  PRL_HANDLE handle_ = PRL_INVALID_HANDLE;
};

// How a job ended.
struct JobEnd {
  PRL_RESULT code = PRL_ERR_UNINITIALIZED;  // its own; that of the wait, where it did not end
  bool has_ended = false;
  Handle result;  // none where it did not end
  // Which job it is, with the state of its VM: "PrlVm_Start of VM web, which is RUNNING".
  std::string job;
};

// What a handle stands for (PrlSim_GetHandleText); empty where it is not alive.
inline std::string words_for(PRL_HANDLE handle) {
  return text_from([handle](PRL_STR text, PRL_UINT32* length) {
    return PrlSim_GetHandleText(handle, text, length);
  });
}

// Of words_for().
inline bool are_of_a_job(const std::string& words) {
  return words.compare(0, 3, "Prl") == 0;
}
inline bool are_of_a_vm(const std::string& words) {
  return words.compare(0, 3, "VM ") == 0;
}

// Waits for the job, which stays the caller's. `timeout_ms` in time of the world's clock.
inline JobEnd wait_for(PRL_HANDLE job, PRL_UINT32 timeout_ms = 60'000) {
  JobEnd end;
  end.code = PrlJob_Wait(job, timeout_ms);
  end.job = words_for(job);
  if (PRL_FAILED(end.code)) return end;
  end.has_ended = true;
  PrlJob_GetRetCode(job, &end.code);
  PrlJob_GetResult(job, end.result.out());
  return end;
}
// The same, and frees it.
inline JobEnd finish(PRL_HANDLE job, PRL_UINT32 timeout_ms = 60'000) {
  const Handle owner(job);
  return wait_for(job, timeout_ms);
}

// The state of the VM at this moment, as the library tells it.
inline VIRTUAL_MACHINE_STATE state_of(PRL_HANDLE vm) {
  Handle info;
  VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
  if (PRL_FAILED(PrlVmCfg_GetVmInfo(vm, info.out()))) return VMS_UNKNOWN;
  PrlVmInfo_GetState(info.get(), &state);
  return state;
}

}  // namespace prl::kit

#endif  // PRL_KIT_HANDLE_HPP
