#include <chrono>

#include "sdk/delivery.h"
#include "sdk/kit/control_call.h"
#include "sdk/kit/guest_workload.h"
#include "sdk/kit/prl_sim.h"
#include "sdk/library.h"

extern "C" {

PRL_RESULT PrlSim_AwaitHandlers(PRL_UINT32 timeout_ms) {
  using prl::sdk::Library;
  // A handler would wait for itself, and what handlers wait for may need time, which stands still
  // while a workload runs.
  if (prl::sdk::Delivery::on_any() || prl::sdk::GuestWorkload::on_this_thread()) {
    return PRL_ERR_OPERATION_FAILED;
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  return prl::sdk::with_world([deadline](prl::sim::World&) {
    Library& library = Library::instance();
    const bool is_done = library.await_handlers(library.worlds().number_here(), deadline);
    return is_done ? PRL_ERR_SUCCESS : PRL_ERR_TIMEOUT;
  });
}

}  // extern "C"
