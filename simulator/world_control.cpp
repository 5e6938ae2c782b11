// What tests see and change of a world beside the client's API.
#include <utility>

#include "simulator/world.h"

namespace prl::sim {

uint64_t World::request_ms() const {
  std::lock_guard lock(mutex_);
  return latency_.typical_us(Timed::kRequest) / 1000;
}

Uuid World::new_uuid() {
  std::lock_guard lock(mutex_);
  return draw_uuid();
}

uint64_t World::new_number() {
  std::lock_guard lock(mutex_);
  return ++numbers_;
}

GuestAccess World::read_memory(const Uuid& vm, uint64_t address, std::span<std::byte> bytes) {
  std::lock_guard lock(mutex_);
  const auto found = vms_.find(vm);
  return found ? found->read_memory(address, bytes) : GuestAccess::kNotLive;
}

GuestAccess World::write_memory(const Uuid& vm, uint64_t address,
                                std::span<const std::byte> bytes) {
  std::lock_guard lock(mutex_);
  const auto found = vms_.find(vm);
  return found ? found->write_memory(address, bytes) : GuestAccess::kNotLive;
}

GuestAccess World::pin_memory(const Uuid& vm, uint64_t address, uint64_t bytes,
                              std::byte*& memory) {
  std::lock_guard lock(mutex_);
  const auto found = vms_.find(vm);
  if (!found) return GuestAccess::kNotLive;
  std::shared_ptr<PinnedMemory> pinned;
  const GuestAccess access = found->pin_memory(address, bytes, pinned);
  if (access != GuestAccess::kOk) return access;
  memory = pinned->bytes().data() + address % kPageBytes;
  pins_[memory] = {found, std::move(pinned)};
  return access;
}

bool World::unpin_memory(const std::byte* memory) {
  std::lock_guard lock(mutex_);
  const auto pin = pins_.find(memory);
  if (pin == pins_.end()) return false;
  if (const auto vm = pin->second.vm.lock()) vm->unpin_memory(*pin->second.memory);
  pins_.erase(pin);
  return true;
}

GuestAccess World::get_vcpu(const Uuid& vm, uint32_t index, Vcpu& vcpu) {
  std::lock_guard lock(mutex_);
  const auto found = vms_.find(vm);
  return found ? found->get_vcpu(index, vcpu) : GuestAccess::kNotLive;
}

GuestAccess World::set_vcpu(const Uuid& vm, uint32_t index, const Vcpu& vcpu) {
  std::lock_guard lock(mutex_);
  const auto found = vms_.find(vm);
  return found ? found->set_vcpu(index, vcpu) : GuestAccess::kNotLive;
}

bool World::drive_guest(const Uuid& vm, std::shared_ptr<GuestDriver> driver) {
  std::shared_ptr<GuestDriver> old;
  {
    std::lock_guard lock(mutex_);
    const auto found = vms_.find(vm);
    if (!found) return false;
    old = found->drive(std::move(driver));
  }
  if (old) old->end();
  return true;
}

PropertyTree World::host_document(std::string_view name) {
  std::lock_guard lock(mutex_);
  return host_.document(name);
}

std::optional<VmRecord> World::record(const Uuid& vm) {
  std::lock_guard lock(mutex_);
  const auto found = vms_.find(vm);
  if (!found) return std::nullopt;
  return found->record();
}

std::optional<VmView> World::look_up(std::string_view vm) {
  std::lock_guard lock(mutex_);
  const auto found = find_named(vm);
  if (!found) return std::nullopt;
  return found->view();
}

// REQUIRES: the world is locked.
std::shared_ptr<Vm> World::find_named(std::string_view vm) {
  if (!host_open_ && !open_host().ok()) return nullptr;
  auto found = vms_.find_by_name(vm);
  const auto uuid = Uuid::parse(vm);
  if (!found && uuid) found = vms_.find(*uuid);
  return found;
}

std::optional<VmView> World::view(const Uuid& vm, const SessionObserver* session) {
  std::lock_guard lock(mutex_);
  const auto found = vms_.find(vm);
  if (!found || (session && !may_know(*session, vm))) return std::nullopt;
  return found->view();
}

std::string World::image_path(const Uuid& vm) {
  std::lock_guard lock(mutex_);
  const auto found = vms_.find(vm);
  return found ? found->image_path() : std::string();
}

uint64_t World::image_bytes(const Uuid& vm) {
  const std::string path = image_path(vm);
  if (path.empty()) return 0;
  const auto bytes = storage_->file_size(path);
  return bytes ? *bytes : 0;
}

}  // namespace prl::sim
