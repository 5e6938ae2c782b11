#include "sdk/scenario_names.h"

#include <prlsdk/Parallels.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "api.h"
#include "names.h"
#include "sdk/guest_systems.h"
#include "sdk/scenario_settings.h"
#include "simulator/latency.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sdk {

namespace {

std::optional<uint32_t> guest_system_by_name(std::string_view name) {
  const auto found = std::ranges::find(guest_systems(), name, &GuestSystem::name);
  if (found == guest_systems().end()) return std::nullopt;
  return found->version;
}

}  // namespace

faults::ApiNames scenario_names() {
  static const std::vector<std::string_view> functions = [] {
    std::vector<std::string_view> names;
    for (uint16_t i = 0; i < static_cast<uint16_t>(Api::kCount); ++i) {
      names.push_back(api_info(static_cast<Api>(i)).name);
    }
    return names;
  }();
  static const std::vector<std::string_view> job_functions = [] {
    std::vector<std::string_view> names;
    for (uint16_t i = 0; i < static_cast<uint16_t>(Api::kCount); ++i) {
      const ApiInfo& info = api_info(static_cast<Api>(i));
      // The one that asks the host and waits for its answer itself.
      const bool asks = static_cast<Api>(i) == Api::kPrlSrv_CheckParallelsServerAlive;
      if (info.kind == Kind::kAsync || asks) names.push_back(info.name);
    }
    return names;
  }();
  static const std::vector<std::string_view> codes = [] {
    std::vector<std::string_view> names;
    for (const NamedCode& code : all_result_codes()) names.emplace_back(code.name.view());
    return names;
  }();
  static const std::vector<std::string_view> events = [] {
    std::vector<std::string_view> names;
    for (const NamedCode& event : all_event_types()) names.emplace_back(event.name.view());
    return names;
  }();
  static const std::vector<std::string_view> objects = [] {
    std::vector<std::string_view> names;
    for (const NamedCode& type : all_handle_types()) names.emplace_back(type.name.view());
    return names;
  }();
  static const std::vector<std::string_view> states = [] {
    std::vector<std::string_view> names;
    for (size_t i = 0; i < sim::kStateCount; ++i) {
      names.push_back(sim::state_name(static_cast<sim::State>(i)));
    }
    return names;
  }();
  static const std::vector<std::string_view> phases = [] {
    std::vector<std::string_view> names;
    for (size_t i = 0; i < sim::kStateCount; ++i) {
      const auto state = static_cast<sim::State>(i);
      if (sim::is_transitional(state)) names.push_back(sim::state_name(state));
    }
    return names;
  }();
  static const std::vector<std::string_view> systems = [] {
    std::vector<std::string_view> names;
    for (const GuestSystem& system : guest_systems()) names.push_back(system.name);
    return names;
  }();
  return {.code_by_name = [](std::string_view name) { return result_code_by_name(name); },
          .is_function = [](std::string_view name) { return find_api(name).has_value(); },
          .codes = codes,
          .functions = functions,
          .job_functions = job_functions,
          .events = events,
          .states = states,
          .objects = objects,
          .phases = phases,
          .preset = sim::latency_preset,
          .presets = sim::latency_preset_names(),
          .settings = setting_names(PHT_VM_CONFIGURATION),
          .host_settings = setting_names(PHT_SERVER_CONFIG),
          .preferences = setting_names(PHT_DISP_CONFIG),
          .user_profile = setting_names(PHT_USER_PROFILE),
          .guest_system = guest_system_by_name,
          .guest_systems = systems};
}

}  // namespace prl::sdk
