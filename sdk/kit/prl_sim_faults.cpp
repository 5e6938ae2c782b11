// Control calls: fault rules at run time, and what happens by itself.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "faults/injector.h"
#include "faults/scenario.h"
#include "sdk/environment.h"
#include "sdk/kit/control_call.h"
#include "sdk/kit/prl_sim.h"
#include "sdk/scenario_names.h"

namespace prl::sdk {
namespace {

// What PrlSim_Strike() can do.
struct Strike {
  sim::Fault::Kind kind;
  bool is_about_vm;
};
std::optional<Strike> strike_called(std::string_view word) {
  using Kind = sim::Fault::Kind;
  constexpr Strike kStrikes[] = {
      {Kind::kKillVm, true},       {Kind::kPanic, true},          {Kind::kGuestLeaves, true},
      {Kind::kGuestReboots, true}, {Kind::kGuestSleeps, true},    {Kind::kGuestHibernates, true},
      {Kind::kGuestWakes, true},   {Kind::kFreeze, true},         {Kind::kUnfreeze, true},
      {Kind::kSleep, false},       {Kind::kWake, false},          {Kind::kDisconnect, false},
      {Kind::kPowerCut, false},    {Kind::kRestartService, false}};
  for (const Strike& strike : kStrikes) {
    if (sim::fault_word(strike.kind) == word) return strike;
  }
  return std::nullopt;
}

}  // namespace
}  // namespace prl::sdk

using prl::sdk::with_world;
using prl::sim::World;

extern "C" {

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

}  // extern "C"
