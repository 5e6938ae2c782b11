#include "sdk/kit/prl_sim.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/injector.h"
#include "faults/scenario.h"
#include "properties.h"
#include "sdk/environment.h"
#include "sdk/kit/control_call.h"
#include "sdk/kit/guest_workload.h"
#include "sdk/library.h"
#include "sdk/node_handle.h"
#include "sdk/scenario_names.h"
#include "sdk/server.h"
#include "sdk/strings.h"
#include "sdk/tree.h"
#include "sdk/vm_handle.h"
#include "sdk/vm_info.h"

namespace prl::sdk {
namespace {

PRL_RESULT get_display(sim::World& world, const VmHandle& vm, PRL_UINT32 display,
                       PrlSim_Display* found) {
  const std::vector<sim::Screen> screens = world.peripherals().displays.screens(vm.uuid());
  if (display >= screens.size()) return PRL_ERR_INVALID_ARG;
  const sim::Screen& screen = screens[display];
  *found = {};
  found->width = screen.size.width;
  found->height = screen.size.height;
  found->x = screen.x;
  found->y = screen.y;
  found->dpi = screen.dpi;
  const auto surface = vm.desktop.surface(display);
  if (!surface) return PRL_ERR_SUCCESS;
  found->is_bound = PRL_TRUE;
  found->window = surface->window;
  found->surface = surface->surface;
  found->scroll_x = surface->scroll_x;
  found->scroll_y = surface->scroll_y;
  found->surface_width = surface->width;
  found->surface_height = surface->height;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT bad_scenario(const std::string& why) {
  complain(why);
  return PRL_ERR_OPERATION_FAILED;
}

// Whether objects of the type are documents: properties, and nothing but them.
bool is_document(uint32_t type) {
  if (type == PHT_ERROR || type == PHT_VM_CONFIGURATION || find_class_of_handle(type)) return false;
  if (type == PHT_CVSRC) return false;  // made by PrlVm_CreateCVSrc
  return std::ranges::any_of(all_properties(), [type](const PropertyInfo& property) {
    return property.child_type == type ||
           std::ranges::find(property.handle_types, type) != property.handle_types.end();
  });
}

// REQUIRES: within a control call.
PRL_RESULT create_object(uint32_t type, PRL_HANDLE_PTR object) {
  if (!object || !is_document(type)) return PRL_ERR_INVALID_ARG;
  Library& library = Library::instance();
  const Ref<Document> made = library.handles().insert(std::make_unique<Document>(type));
  library.hand_out(made);
  *object = to_handle(made->value());
  return PRL_ERR_SUCCESS;
}

template <class Change>
PRL_RESULT change_guest(PRL_HANDLE vm, const void* required, Change change) {
  return with_vm(vm, required, [&](sim::World& world, const sim::Uuid& uuid) {
    if (!world.record(uuid)) return PRL_ERR_VM_UUID_NOT_FOUND;
    world.peripherals().guests.change(uuid, change);
    return PRL_ERR_SUCCESS;
  });
}

// world_options() gives every world one.
faults::Injector& injector_of(const Place& place) {
  return static_cast<faults::Injector&>(*place.world.interventions());
}

// What PrlSim_Strike() can do.
struct Strike {
  sim::Fault::Kind kind;
  bool is_about_vm;
};
std::optional<Strike> strike_called(std::string_view word) {
  using Kind = sim::Fault::Kind;
  constexpr Strike kStrikes[] = {
      {Kind::kKillVm, true},       {Kind::kPanic, true},           {Kind::kGuestLeaves, true},
      {Kind::kGuestReboots, true}, {Kind::kGuestSleeps, true},     {Kind::kGuestHibernates, true},
      {Kind::kGuestWakes, true},   {Kind::kFreeze, true},          {Kind::kUnfreeze, true},
      {Kind::kSleep, false},       {Kind::kWake, false},           {Kind::kDisconnect, false},
      {Kind::kPowerCut, false},    {Kind::kRestartService, false}};
  for (const Strike& strike : kStrikes) {
    if (sim::fault_word(strike.kind) == word) return strike;
  }
  return std::nullopt;
}

void show(const sim::Vcpu& vcpu, PrlSim_Registers& shown) {
  for (size_t i = 0; i < vcpu.general.size(); ++i) shown.general[i] = vcpu.general[i];
  for (size_t i = 0; i < vcpu.segments.size(); ++i) {
    const sim::Segment& segment = vcpu.segments[i];
    shown.segments[i] = {segment.selector, segment.attributes, segment.limit, segment.base};
  }
  shown.rip = vcpu.rip;
  shown.rflags = vcpu.rflags;
  shown.cr0 = vcpu.cr0;
  shown.cr2 = vcpu.cr2;
  shown.cr3 = vcpu.cr3;
  shown.cr4 = vcpu.cr4;
  shown.cr8 = vcpu.cr8;
  shown.efer = vcpu.efer;
  shown.tsc = vcpu.tsc;
}

void take(const PrlSim_Registers& shown, sim::Vcpu& vcpu) {
  for (size_t i = 0; i < vcpu.general.size(); ++i) vcpu.general[i] = shown.general[i];
  for (size_t i = 0; i < vcpu.segments.size(); ++i) {
    const PrlSim_Segment& segment = shown.segments[i];
    vcpu.segments[i] = {segment.selector, segment.attributes, segment.limit, segment.base};
  }
  vcpu.rip = shown.rip;
  vcpu.rflags = shown.rflags;
  vcpu.cr0 = shown.cr0;
  vcpu.cr2 = shown.cr2;
  vcpu.cr3 = shown.cr3;
  vcpu.cr4 = shown.cr4;
  vcpu.cr8 = shown.cr8;
  vcpu.efer = shown.efer;
  vcpu.tsc = shown.tsc;
}

}  // namespace
}  // namespace prl::sdk

using prl::sdk::GuestWorkload;
using prl::sdk::with_vm;
using prl::sdk::with_world;
using prl::sim::Uuid;
using prl::sim::World;

extern "C" {

PRL_RESULT PrlSim_SetScenario(const char* toml) {
  try {
    prl::sdk::set_scenario_text(toml ? toml : "");
    return PRL_ERR_SUCCESS;
  } catch (...) {
    return PRL_ERR_OUT_OF_MEMORY;
  }
}

PRL_RESULT PrlSim_SetDurable(PRL_BOOL is_durable) {
  prl::sdk::set_durable(is_durable != PRL_FALSE);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT PrlSim_KeepTrace(PRL_UINT32 lines) {
  prl::sdk::keep_trace(lines);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT PrlSim_GetTrace(PRL_STR text, PRL_UINT32_PTR length) {
  return with_world([=](World& world) -> PRL_RESULT {
    if (!length) return PRL_ERR_INVALID_ARG;
    if (!world.trace().is_kept()) return PRL_ERR_NO_DATA;
    return prl::sdk::copy_string(world.trace().kept(), text, length);
  });
}

PRL_RESULT PrlSim_KeepLedger(PRL_UINT32 mode) {
  using prl::sdk::LedgerMode;
  if (mode > static_cast<PRL_UINT32>(LedgerMode::kWithStacks)) return PRL_ERR_INVALID_ARG;
  prl::sdk::keep_ledger(static_cast<LedgerMode>(mode));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT PrlSim_GetLedgerCounts(PRL_UINT32* live, PRL_UINT32* misuses) {
  if (!live || !misuses) return PRL_ERR_INVALID_ARG;
  const prl::sdk::LedgerCounts counts = prl::sdk::Library::ledger_counts();
  *live = counts.live;
  *misuses = counts.misuses;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT PrlSim_GetLedgerText(PRL_STR text, PRL_UINT32_PTR length) {
  if (!length) return PRL_ERR_INVALID_ARG;
  try {
    return prl::sdk::copy_string(prl::sdk::Library::ledger_text(), text, length);
  } catch (...) {
    return PRL_ERR_OUT_OF_MEMORY;
  }
}

PRL_RESULT PrlSim_CreateWorld(const char* toml, PRL_UINT32* world) {
  return with_world([=](World&) {
    if (!world) return PRL_ERR_INVALID_ARG;
    prl::sdk::Worlds& worlds = prl::sdk::Library::instance().worlds();
    auto options = prl::sdk::world_options(toml ? toml : "", worlds.next_made());
    if (!options) return prl::sdk::bad_scenario(options.error());
    const auto number = worlds.add(std::move(*options));
    if (!number) return PRL_ERR_OUT_OF_MEMORY;
    *world = *number;
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_UseWorld(PRL_UINT32 world) {
  return with_world([=](World&) {
    const bool is_there = prl::sdk::Library::instance().worlds().choose(world);
    return is_there ? PRL_ERR_SUCCESS : PRL_ERR_INVALID_ARG;
  });
}

PRL_RESULT PrlSim_DestroyWorld(PRL_UINT32 world) {
  if (GuestWorkload::on_this_thread()) return PRL_ERR_OPERATION_FAILED;
  return with_world([=](World&) {
    prl::sdk::Library& library = prl::sdk::Library::instance();
    // Before the number is free: the next world that gets it has sessions of its own.
    if (world == 0 || !library.worlds().has(world)) return PRL_ERR_INVALID_ARG;
    library.end_sessions(world);
    return library.worlds().end(world) ? PRL_ERR_SUCCESS : PRL_ERR_INVALID_ARG;
  });
}

PRL_RESULT PrlSim_ResetWorld(const char* toml) {
  if (GuestWorkload::on_this_thread()) return PRL_ERR_OPERATION_FAILED;
  return with_world([=](World&) {
    prl::sdk::Library& library = prl::sdk::Library::instance();
    prl::sdk::Worlds& worlds = library.worlds();
    const PRL_UINT32 number = worlds.number_here();
    if (!worlds.has(number)) return PRL_ERR_INVALID_ARG;
    auto options = prl::sdk::world_options(toml ? toml : "", worlds.next_made());
    if (!options) return prl::sdk::bad_scenario(options.error());
    worlds.replace(number, std::move(*options));
    library.end_sessions(number);
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_CreateObject(PRL_HANDLE_TYPE type, PRL_HANDLE_PTR object) {
  return prl::sdk::with_world(
      [=](prl::sim::World&) { return prl::sdk::create_object(type, object); });
}

PRL_RESULT PrlSim_GetSeed(PRL_UINT64* seed) {
  return with_world([=](World& world) {
    if (!seed) return PRL_ERR_INVALID_ARG;
    *seed = world.seed();
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_GetTime(PRL_UINT64* time_ms) {
  return with_world([=](World& world) {
    if (!time_ms) return PRL_ERR_INVALID_ARG;
    *time_ms = world.time_ms();
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_AdvanceTime(PRL_UINT64 delta_ms) {
  return with_world([=](World& world) {
    if (!world.clock().is_virtual()) return PRL_ERR_INVALID_ACTION_REQUESTED;
    world.advance(delta_ms);
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_AddFaults(const char* toml) {
  return with_world([=](World&) {
    if (!toml) return PRL_ERR_INVALID_ARG;
    auto rules = prl::faults::parse_faults(toml, "faults", prl::sdk::scenario_names());
    if (!rules) return prl::sdk::bad_scenario(rules.error().text());
    prl::sdk::Place& place = prl::sdk::Library::instance().worlds().here();
    const std::string problem = prl::sdk::injector_of(place).add(std::move(*rules));
    if (!problem.empty()) return prl::sdk::bad_scenario(problem);
    place.look_at_rules();
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_ClearFaults(void) {
  return with_world([=](World&) {
    prl::sdk::Place& place = prl::sdk::Library::instance().worlds().here();
    prl::sdk::injector_of(place).clear();
    place.look_at_rules();
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_GetFaultCounts(const char* rule, PRL_UINT64* seen, PRL_UINT64* struck) {
  return with_world([=](World&) {
    if (!rule || !seen || !struck) return PRL_ERR_INVALID_ARG;
    prl::sdk::Place& place = prl::sdk::Library::instance().worlds().here();
    const auto counters = prl::sdk::injector_of(place).counters(rule);
    if (!counters) return PRL_ERR_NO_DATA;
    *seen = counters->seen;
    *struck = counters->fired;
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_Strike(const char* kind, const char* vm, PRL_UINT64 delay_ms) {
  return with_world([=](World& world) {
    const auto struck = prl::sdk::strike_called(kind ? kind : "");
    if (!struck || struck->is_about_vm != (vm != nullptr)) return PRL_ERR_INVALID_ARG;
    if (vm && !*vm) return PRL_ERR_VM_UUID_NOT_FOUND;
    prl::sim::Fault fault;
    fault.kind = struck->kind;
    fault.delay_ms = delay_ms;
    fault.rule = "PrlSim_Strike";
    return world.strike_now(fault, vm ? vm : "") ? PRL_ERR_SUCCESS : PRL_ERR_VM_UUID_NOT_FOUND;
  });
}

PRL_RESULT PrlSim_GetVmState(const char* vm, VIRTUAL_MACHINE_STATE* state) {
  return with_world([=](World& world) {
    if (!vm || !state) return PRL_ERR_INVALID_ARG;
    const auto found = world.look_up(vm);
    if (!found) return PRL_ERR_VM_UUID_NOT_FOUND;
    *state = static_cast<VIRTUAL_MACHINE_STATE>(prl::sdk::shown_state(*found));
    return PRL_ERR_SUCCESS;
  });
}

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
    if (access == prl::sim::GuestAccess::kOk) prl::sdk::show(read, *registers);
    return prl::sdk::to_result(access);
  });
}

PRL_RESULT PrlSim_SetRegisters(PRL_HANDLE vm, PRL_UINT32 vcpu, const PrlSim_Registers* registers) {
  return with_vm(vm, registers, [=](World& world, const Uuid& uuid) {
    prl::sim::Vcpu changed;
    auto access = world.get_vcpu(uuid, vcpu, changed);
    if (access != prl::sim::GuestAccess::kOk) return prl::sdk::to_result(access);
    prl::sdk::take(*registers, changed);
    return prl::sdk::to_result(world.set_vcpu(uuid, vcpu, changed));
  });
}

PRL_RESULT PrlSim_GetBootCount(PRL_HANDLE vm, PRL_UINT64* count) {
  return with_vm(vm, count, [=](World& world, const Uuid& uuid) {
    const auto record = world.record(uuid);
    if (!record) return PRL_ERR_VM_UUID_NOT_FOUND;
    *count = record->boot_count;
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_GetImageSize(PRL_HANDLE vm, PRL_UINT64* bytes) {
  return with_vm(vm, bytes, [=](World& world, const Uuid& uuid) {
    *bytes = world.image_bytes(uuid);
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_AskQuestion(PRL_HANDLE vm, PRL_RESULT code, const PRL_RESULT* choices,
                              PRL_UINT32 choices_count) {
  if (!choices && choices_count > 0) return PRL_ERR_INVALID_ARG;
  return with_vm(vm, vm, [=](World& world, const Uuid& uuid) {
    const auto record = world.record(uuid);
    if (!record) return PRL_ERR_VM_UUID_NOT_FOUND;
    prl::sim::Question question{.vm = uuid, .code = code, .parameters = {record->config.name}};
    question.choices.assign(choices, choices + choices_count);
    return world.ask(std::move(question)) ? PRL_ERR_SUCCESS : PRL_ERR_VM_UUID_NOT_FOUND;
  });
}

PRL_RESULT PrlSim_GetAnswer(PRL_HANDLE vm, PRL_RESULT* answer) {
  return with_vm(vm, answer, [=](World& world, const Uuid& uuid) {
    const auto given = world.peripherals().questions.last_answer(uuid);
    if (!given) return PRL_ERR_NO_DATA;
    *answer = *given;
    return PRL_ERR_SUCCESS;
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
  return prl::sdk::change_guest(
      vm, known, [=](prl::sim::Guest& guest) { guest.asked_to_sleep = meant; });
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

PRL_RESULT PrlSim_GetScreenPixel(PRL_HANDLE vm, PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32* rgb) {
  return with_vm(vm, rgb, [=](World& world, const Uuid& uuid) {
    const prl::sim::ScreenSize size = world.peripherals().displays.size(uuid);
    if (x >= size.width || y >= size.height) return PRL_ERR_INVALID_ARG;
    const uint64_t shown_ms = world.peripherals().displays.shown_ms(uuid, world.time_ms());
    *rgb = prl::sim::screen_pixel(uuid, shown_ms, x, y);
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_GetInputCount(PRL_HANDLE vm, PRL_UINT32* count) {
  return with_vm(vm, count, [=](World& world, const Uuid& uuid) {
    *count = static_cast<PRL_UINT32>(world.peripherals().displays.inputs(uuid).size());
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_GetInput(PRL_HANDLE vm, PRL_UINT32 index, PrlSim_Input* input) {
  return with_vm(vm, input, [=](World& world, const Uuid& uuid) {
    const auto inputs = world.peripherals().displays.inputs(uuid);
    if (index >= inputs.size()) return PRL_ERR_INVALID_ARG;
    const prl::sim::Input& found = inputs[index];
    *input = {.kind = static_cast<PRL_UINT32>(found.kind),
              .key = found.key,
              .event = found.event,
              .x = found.x,
              .y = found.y,
              .wheel = found.wheel,
              .side_wheel = found.side_wheel,
              .buttons = found.buttons,
              .time_ms = found.time_ms};
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_GetDisplay(PRL_HANDLE vm, PRL_UINT32 display, PrlSim_Display* found) {
  return prl::sdk::with_vm_handle(vm, found, [=](World& world, const prl::sdk::VmHandle& handle) {
    return prl::sdk::get_display(world, handle, display, found);
  });
}

PRL_RESULT PrlSim_GetCameraFrameCount(PRL_HANDLE vm, PRL_UINT64* count) {
  return with_vm(vm, count, [=](World& world, const Uuid& uuid) {
    *count = world.peripherals().cameras.view(uuid).count;
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_GetCameraPixel(PRL_HANDLE vm, PRL_UINT32 x, PRL_UINT32 y, PRL_UINT32* rgb) {
  return with_vm(vm, rgb, [=](World& world, const Uuid& uuid) {
    if (x >= prl::sim::kCameraWidth || y >= prl::sim::kCameraHeight) return PRL_ERR_INVALID_ARG;
    const prl::sim::CameraView view = world.peripherals().cameras.view(uuid);
    if (view.pixels.empty()) return PRL_ERR_NO_DATA;
    *rgb = view.pixels[size_t{y} * prl::sim::kCameraWidth + x];
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_GetImagePath(PRL_HANDLE vm, PRL_STR path, PRL_UINT32_PTR length) {
  return with_vm(vm, length, [=](World& world, const Uuid& uuid) {
    if (!world.record(uuid)) return PRL_ERR_VM_UUID_NOT_FOUND;
    return prl::sdk::copy_string(world.image_path(uuid), path, length);
  });
}

}  // extern "C"
