// A client of the kind that people test with the kit: operations on a VM by name, each with a
// session of its own, and twins of it with a mistake each.
#pragma once

#include <prlsdk/Parallels.h>
#include <prlsdk/prl_kit.hpp>

#include <string>

namespace prl::tests {

// What is wrong with a client.
enum class Mistake {
  kNone,
  kTrustsTheCode,       // of the job: that it succeeded is enough
  kIgnoresTheCode,      // that the wait ended is enough
  kForgetsTheResult,    // of a job that failed
  kFreesTwice,          // the job, where the wait timed out
  kBelievesTheTimeout,  // what timed out counts as done the second time
  kStartsAgain          // what timed out is taken for failed: starts the VM, and does it once more
};

class SampleClient {
 public:
  explicit SampleClient(Mistake mistake = Mistake::kNone) : mistake_(mistake) {
    PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0);
    PrlSrv_Create(&server_);
    kit::finish(PrlSrv_LoginLocal(server_, "", 0, PSL_HIGH_SECURITY));
  }
  SampleClient(const SampleClient&) = delete;
  ~SampleClient() {
    kit::finish(PrlSrv_Logoff(server_));
    PrlHandle_Free(server_);
    PrlApi_Deinit();
  }

  bool start(const std::string& vm) const {
    return with(vm, VMS_RUNNING, [](PRL_HANDLE found) { return PrlVm_Start(found); });
  }
  bool stop(const std::string& vm) const {
    return with(vm, VMS_STOPPED, [](PRL_HANDLE found) { return PrlVm_StopEx(found, PSM_KILL, 0); });
  }
  bool suspend(const std::string& vm) const {
    return with(vm, VMS_SUSPENDED, [](PRL_HANDLE found) { return PrlVm_Suspend(found); });
  }
  bool resume(const std::string& vm) const {
    return with(vm, VMS_RUNNING, [](PRL_HANDLE found) { return PrlVm_Resume(found); });
  }

 private:
  template <class Order>
  bool with(const std::string& vm, VIRTUAL_MACHINE_STATE target, Order order) const {
    const kit::JobEnd list =
        kit::finish(PrlSrv_GetVmConfig(server_, vm.c_str(), PGVC_SEARCH_BY_NAME));
    kit::Handle found;
    if (!list.result || PRL_FAILED(PrlResult_GetParam(list.result.get(), found.out()))) {
      return false;
    }
    if (mistake_ == Mistake::kStartsAgain) return is_done_at_last(found.get(), order);
    if (!has_succeeded(order(found.get()))) return false;
    return !looks_at_the_state() || kit::state_of(found.get()) == target;
  }

  template <class Order>
  static bool is_done_at_last(PRL_HANDLE vm, Order order) {
    const PRL_RESULT code = kit::finish(order(vm)).code;
    if (code != PRL_ERR_TIMEOUT) return PRL_SUCCEEDED(code);
    kit::finish(PrlVm_Start(vm));
    kit::finish(order(vm));
    return true;
  }

  // A stop that cuts into a resume succeeds, and leaves the VM suspended. Mistakes with handles
  // must show by themselves; those with codes are that the state is not looked at.
  bool looks_at_the_state() const {
    return mistake_ == Mistake::kNone || mistake_ == Mistake::kForgetsTheResult ||
           mistake_ == Mistake::kFreesTwice;
  }

  bool has_succeeded(PRL_HANDLE job) const {
    const PRL_RESULT waited = PrlJob_Wait(job, 60'000);
    PRL_RESULT code = waited;
    if (PRL_SUCCEEDED(waited)) PrlJob_GetRetCode(job, &code);
    if (PRL_FAILED(code) && mistake_ == Mistake::kForgetsTheResult) return false;
    PrlHandle_Free(job);
    if (waited == PRL_ERR_TIMEOUT && mistake_ == Mistake::kFreesTwice) PrlHandle_Free(job);
    if (mistake_ == Mistake::kIgnoresTheCode) return PRL_SUCCEEDED(waited);
    if (mistake_ == Mistake::kBelievesTheTimeout && waited == PRL_ERR_TIMEOUT) return true;
    return PRL_SUCCEEDED(code);
  }

  const Mistake mistake_;
  PRL_HANDLE server_ = PRL_INVALID_HANDLE;
};

}  // namespace prl::tests
