#include "simulator/host_registry.h"

#include <cassert>
#include <utility>

namespace prl::sim {

std::shared_ptr<Vm> HostRegistry::find(const Uuid& uuid) const {
  const uint32_t* place = by_uuid_.find(uuid);
  return place ? in_order_[*place] : nullptr;
}

std::shared_ptr<Vm> HostRegistry::find_by_name(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

void HostRegistry::add(std::shared_ptr<Vm> vm) {
  assert(!find(vm->uuid()) && !find_by_name(vm->config().name));
  by_name_.emplace(vm->config().name, vm);
  by_uuid_.try_emplace(vm->uuid(), static_cast<uint32_t>(in_order_.size()));
  in_order_.push_back(std::move(vm));
}

void HostRegistry::configure(const std::shared_ptr<Vm>& vm, VmConfig config) {
  by_name_.erase(vm->config().name);
  vm->configure(std::move(config));
  by_name_.emplace(vm->config().name, vm);
}

void HostRegistry::replace(std::shared_ptr<Vm> vm) {
  const uint32_t* place = by_uuid_.find(vm->uuid());
  assert(place);
  by_name_.erase(in_order_[*place]->config().name);
  by_name_.emplace(vm->config().name, vm);
  in_order_[*place] = std::move(vm);
}

void HostRegistry::remove(const Uuid& uuid) {
  const uint32_t* place = by_uuid_.find(uuid);
  if (!place) return;
  // Its key may be the one that was passed.
  const std::shared_ptr<Vm> leaving = std::exchange(in_order_[*place], nullptr);
  by_name_.erase(leaving->config().name);
  by_uuid_.erase(leaving->uuid());
  if (by_uuid_.size() < in_order_.size() / 2) close_gaps();
}

void HostRegistry::close_gaps() {
  std::erase(in_order_, nullptr);
  for (size_t i = 0; i < in_order_.size(); ++i) {
    *by_uuid_.find(in_order_[i]->uuid()) = static_cast<uint32_t>(i);
  }
}

void HostRegistry::clear() {
  by_name_.clear();
  by_uuid_.clear();
  in_order_.clear();
}

}  // namespace prl::sim
