#include "simulator/host_registry.h"

#include <cassert>
#include <utility>

namespace prl::sim {

std::shared_ptr<Vm> HostRegistry::find(const Uuid& uuid) const {
  const auto found = by_uuid_.find(uuid);
  return found == by_uuid_.end() ? nullptr : found->second.vm;
}

std::shared_ptr<Vm> HostRegistry::find_by_name(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

void HostRegistry::add(std::shared_ptr<Vm> vm) {
  assert(!find(vm->uuid()) && !find_by_name(vm->config().name));
  const uint64_t sequence = next_sequence_++;
  by_name_.emplace(vm->config().name, vm);
  by_sequence_.emplace(sequence, vm);
  const Uuid uuid = vm->uuid();
  by_uuid_.emplace(uuid, Entry{sequence, std::move(vm)});
}

void HostRegistry::configure(const std::shared_ptr<Vm>& vm, VmConfig config) {
  by_name_.erase(vm->config().name);
  vm->configure(std::move(config));
  by_name_.emplace(vm->config().name, vm);
}

void HostRegistry::replace(std::shared_ptr<Vm> vm) {
  const auto found = by_uuid_.find(vm->uuid());
  assert(found != by_uuid_.end());
  by_name_.erase(found->second.vm->config().name);
  by_name_.emplace(vm->config().name, vm);
  by_sequence_[found->second.sequence] = vm;
  found->second.vm = std::move(vm);
}

void HostRegistry::remove(const Uuid& uuid) {
  const auto found = by_uuid_.find(uuid);
  if (found == by_uuid_.end()) return;
  by_name_.erase(found->second.vm->config().name);
  by_sequence_.erase(found->second.sequence);
  by_uuid_.erase(found);
}

void HostRegistry::clear() {
  by_name_.clear();
  by_uuid_.clear();
  by_sequence_.clear();
}

}  // namespace prl::sim
