// Control calls: worlds and what they write down, their time and their VMs. Those about guests,
// displays and faults are in prl_sim_*.cpp.
#include "sdk/kit/prl_sim.h"

#include <algorithm>
#include <utility>

#include "properties.h"
#include "sdk/environment.h"
#include "sdk/kit/control_call.h"
#include "sdk/kit/guest_workload.h"
#include "sdk/library.h"
#include "sdk/node_handle.h"
#include "sdk/strings.h"
#include "sdk/vm_info.h"

namespace prl::sdk {
namespace {

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

PRL_RESULT PrlSim_GetVmState(const char* vm, VIRTUAL_MACHINE_STATE* state) {
  return with_world([=](World& world) {
    if (!vm || !state) return PRL_ERR_INVALID_ARG;
    const auto found = world.look_up(vm);
    if (!found) return PRL_ERR_VM_UUID_NOT_FOUND;
    *state = static_cast<VIRTUAL_MACHINE_STATE>(prl::sdk::shown_state(*found));
    return PRL_ERR_SUCCESS;
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

PRL_RESULT PrlSim_GetImagePath(PRL_HANDLE vm, PRL_STR path, PRL_UINT32_PTR length) {
  return with_vm(vm, length, [=](World& world, const Uuid& uuid) {
    if (!world.record(uuid)) return PRL_ERR_VM_UUID_NOT_FOUND;
    return prl::sdk::copy_string(world.image_path(uuid), path, length);
  });
}

}  // extern "C"
