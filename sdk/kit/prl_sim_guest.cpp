// Control calls: the memory and the registers of guests, and what guests do.
#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "sdk/kit/control_call.h"
#include "sdk/kit/prl_sim.h"

namespace prl::sdk {
namespace {

template <class Change>
PRL_RESULT change_guest(PRL_HANDLE vm, const void* required, Change change) {
  return with_vm(vm, required, [&](sim::World& world, const sim::Uuid& uuid) {
    if (!world.record(uuid)) return PRL_ERR_VM_UUID_NOT_FOUND;
    world.peripherals().guests.change(uuid, change);
    return PRL_ERR_SUCCESS;
  });
}

// Between the registers of a vCPU and what tests see of them.
template <class From, class To>
void copy_registers(const From& from, To& to) {
  for (size_t i = 0; i < std::size(from.general); ++i) to.general[i] = from.general[i];
  for (size_t i = 0; i < std::size(from.segments); ++i) {
    const auto& segment = from.segments[i];
    to.segments[i] = {segment.selector, segment.attributes, segment.limit, segment.base};
  }
  to.rip = from.rip;
  to.rflags = from.rflags;
  to.cr0 = from.cr0;
  to.cr2 = from.cr2;
  to.cr3 = from.cr3;
  to.cr4 = from.cr4;
  to.cr8 = from.cr8;
  to.efer = from.efer;
  to.tsc = from.tsc;
}

}  // namespace
}  // namespace prl::sdk

using prl::sdk::with_vm;
using prl::sdk::with_world;
using prl::sim::Uuid;
using prl::sim::World;

extern "C" {

PRL_RESULT PrlSim_ReadGuestMemory(PRL_HANDLE vm, PRL_UINT64 address, void* buffer,
                                  PRL_UINT64 bytes) {
  return with_vm(vm, buffer, [=](World& world, const Uuid& uuid) {
    return prl::sdk::to_result(
        world.read_memory(uuid, address, {static_cast<std::byte*>(buffer), bytes}));
  });
}

PRL_RESULT PrlSim_WriteGuestMemory(PRL_HANDLE vm, PRL_UINT64 address, const void* buffer,
                                   PRL_UINT64 bytes) {
  return with_vm(vm, buffer, [=](World& world, const Uuid& uuid) {
    return prl::sdk::to_result(
        world.write_memory(uuid, address, {static_cast<const std::byte*>(buffer), bytes}));
  });
}

PRL_RESULT PrlSim_PinGuestMemory(PRL_HANDLE vm, PRL_UINT64 address, PRL_UINT64 bytes,
                                 void** memory) {
  return with_vm(vm, memory, [=](World& world, const Uuid& uuid) {
    std::byte* pinned = nullptr;
    const auto access = world.pin_memory(uuid, address, bytes, pinned);
    if (access == prl::sim::GuestAccess::kOk) *memory = pinned;
    return prl::sdk::to_result(access);
  });
}

PRL_RESULT PrlSim_UnpinGuestMemory(void* memory) {
  return with_world([=](World& world) {
    const bool was_pinned = world.unpin_memory(static_cast<const std::byte*>(memory));
    return was_pinned ? PRL_ERR_SUCCESS : PRL_ERR_INVALID_ARG;
  });
}

PRL_RESULT PrlSim_GetRegisters(PRL_HANDLE vm, PRL_UINT32 vcpu, PrlSim_Registers* registers) {
  return with_vm(vm, registers, [=](World& world, const Uuid& uuid) {
    prl::sim::Vcpu read;
    const auto access = world.get_vcpu(uuid, vcpu, read);
    if (access == prl::sim::GuestAccess::kOk) prl::sdk::copy_registers(read, *registers);
    return prl::sdk::to_result(access);
  });
}

PRL_RESULT PrlSim_SetRegisters(PRL_HANDLE vm, PRL_UINT32 vcpu, const PrlSim_Registers* registers) {
  return with_vm(vm, registers, [=](World& world, const Uuid& uuid) {
    prl::sim::Vcpu changed;
    auto access = world.get_vcpu(uuid, vcpu, changed);
    if (access != prl::sim::GuestAccess::kOk) return prl::sdk::to_result(access);
    prl::sdk::copy_registers(*registers, changed);
    return prl::sdk::to_result(world.set_vcpu(uuid, vcpu, changed));
  });
}

PRL_RESULT PrlSim_SetGuestTools(PRL_HANDLE vm, PRL_BOOL has_tools) {
  return prl::sdk::change_guest(
      vm, vm, [=](prl::sim::Guest& guest) { guest.has_tools = has_tools != PRL_FALSE; });
}

PRL_RESULT PrlSim_SetGuestIgnoresShutdown(PRL_HANDLE vm, PRL_BOOL ignores) {
  return prl::sdk::change_guest(
      vm, vm, [=](prl::sim::Guest& guest) { guest.ignores_shutdown = ignores != PRL_FALSE; });
}

PRL_RESULT PrlSim_SetGuestAskedToSleep(PRL_HANDLE vm, const char* answer) {
  constexpr auto& words = prl::sim::kSleepWords;
  const auto found = std::find(words.begin(), words.end(), std::string_view(answer ? answer : ""));
  const void* known = found == words.end() ? nullptr : answer;
  const auto meant = static_cast<prl::sim::SleepAnswer>(found - words.begin());
  return prl::sdk::change_guest(vm, known,
                                [=](prl::sim::Guest& guest) { guest.asked_to_sleep = meant; });
}

PRL_RESULT PrlSim_SetGuestProgram(PRL_HANDLE vm, const char* name, const char* output,
                                  const char* error_output, PRL_UINT32 exit_code,
                                  PRL_UINT64 duration_ms) {
  return prl::sdk::change_guest(vm, name, [=](prl::sim::Guest& guest) {
    const prl::sim::GuestProgram program{.name = name,
                                         .arguments = {},
                                         .output = output ? output : "",
                                         .error_output = error_output ? error_output : "",
                                         .exit_code = exit_code,
                                         .duration_ms = duration_ms};
    std::erase_if(guest.programs, [&](const auto& old) { return old.name == program.name; });
    guest.programs.push_back(program);
  });
}

}  // extern "C"
