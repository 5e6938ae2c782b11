// A workload that a test has given to a guest, as a function.
#pragma once

#include <cstdint>

#include "sdk/kit/prl_sim.h"

namespace prl::sdk {

class GuestWorkload {
 public:
  // Calls with this handle, in the world of that number.
  GuestWorkload(PrlSim_GuestWorkload workload, PRL_HANDLE vm, void* user_data, uint32_t world)
      : workload_(workload), vm_(vm), user_data_(user_data), world_(world) {}

  void operator()(uint64_t ran_ms) const;

  // True while the calling thread is in such a call: there the library and its worlds cannot end.
  static bool on_this_thread();

 private:
  PrlSim_GuestWorkload workload_;
  PRL_HANDLE vm_;
  void* user_data_;
  uint32_t world_;
};

}  // namespace prl::sdk
