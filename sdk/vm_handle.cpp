#include "sdk/vm_handle.h"

#include <utility>

#include "sdk/server.h"

namespace prl::sdk {

VmHandle::VmHandle(Ref<Server> vm_server, sim::VmConfig config)
    : TreeOwner(kType, config_.properties),
      config_(std::move(config)),
      server(std::move(vm_server)),
      handlers(server->subscribers()) {}

VmHandle::~VmHandle() { server->forget_vm(config_.uuid, value()); }

sim::VmConfig VmHandle::config() const {
  std::lock_guard lock(lock_);
  return config_;
}

sim::Uuid VmHandle::uuid() const {
  std::lock_guard lock(lock_);
  return config_.uuid;
}

void VmHandle::load(const sim::VmConfig& config) {
  std::lock_guard lock(lock_);
  config_ = config;
}

bool VmHandle::load_same(const sim::VmConfig& config) {
  std::lock_guard lock(lock_);
  if (config_.uuid != config.uuid) return false;
  config_ = config;
  return true;
}

}  // namespace prl::sdk
