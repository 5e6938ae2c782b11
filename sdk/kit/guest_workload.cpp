#include "sdk/kit/guest_workload.h"

#include "sdk/kit/control_call.h"

namespace prl::sdk {

namespace {

thread_local uint32_t calls_here = 0;

// For the time of a call the thread works in the world of the guest: the step runs in whatever
// thread waits, or in the world's own.
class Visit {
 public:
  explicit Visit(uint32_t world) : before_(worlds().number_here()) {
    ++calls_here;
    (void)worlds().choose(world);
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() {
    (void)worlds().choose(before_);
    --calls_here;
  }

 private:
  static Worlds& worlds() { return Library::instance().worlds(); }

  const uint32_t before_;
};

}  // namespace

void GuestWorkload::operator()(uint64_t ran_ms) const {
  const Visit visit(world_);
  workload_(vm_, ran_ms, user_data_);
}

bool GuestWorkload::on_this_thread() {
  return calls_here != 0;
}

}  // namespace prl::sdk

using prl::sdk::GuestWorkload;
using prl::sdk::with_vm_handle;

extern "C" PRL_RESULT PrlSim_SetGuestWorkload(PRL_HANDLE vm, PRL_UINT32 period_ms,
                                              PrlSim_GuestWorkload workload, void* user_data) {
  if (workload && period_ms == 0) return PRL_ERR_INVALID_ARG;
  return with_vm_handle(vm, vm, [=](prl::sim::World& world, const prl::sdk::VmHandle& handle) {
    std::shared_ptr<prl::sim::GuestDriver> driver;
    if (workload) {
      driver = std::make_shared<prl::sim::GuestDriver>(
          period_ms, GuestWorkload(workload, vm, user_data, handle.server->world_number()));
    }
    const bool is_registered = world.drive_guest(handle.uuid(), std::move(driver));
    return is_registered ? PRL_ERR_SUCCESS : PRL_ERR_VM_UUID_NOT_FOUND;
  });
}
