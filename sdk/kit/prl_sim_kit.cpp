// Control calls that the kit in C++ is made with.
#include "sdk/kit/prl_sim_kit.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "faults/document.h"
#include "faults/nearest.h"
#include "faults/scenario.h"
#include "names.h"
#include "sdk/environment.h"
#include "sdk/job.h"
#include "sdk/kit/control_call.h"
#include "sdk/scenario_names.h"
#include "sdk/strings.h"
#include "sdk/vm_handle.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sdk {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

PRL_RESULT get_nearest(std::string_view name, std::span<const std::string_view> names, PRL_STR out,
                       PRL_UINT32_PTR length) {
  const bool is_known = std::ranges::find(names, name) != names.end();
  const std::string found = is_known ? std::string(name) : faults::nearest(name, names);
  return found.empty() ? PRL_ERR_NO_DATA : copy_string(found, out, length);
}

std::string words_for(const VmHandle& vm) {
  const std::string text = "VM " + vm.get(&sim::VmConfig::name);
  const auto view = vm.server->world().view(vm.uuid());
  if (!view) return text + ", which is not registered";
  return text + ", which is " + std::string(sim::state_name(view->state));
}

// As PrlSim_GetHandleText() has them.
std::string words_for(const Ref<Object>& object) {
  if (object->type() == VmHandle::kType) return words_for(*Ref<VmHandle>::cast(object));
  if (object->type() != Job::kType) return std::string(handle_type_name(object->type()));
  const auto job = Ref<Job>::cast(object);
  return std::string(job->function) + (job->vm ? " of " + words_for(*job->vm) : "");
}

PRL_RESULT read_scenario_text(const std::string& name, PRL_STR toml, PRL_UINT32_PTR length) {
  const auto file = find_named_scenario(name);
  if (!file) return bad_scenario(file.error());
  const auto scenario = faults::load_scenario(*file, scenario_names());
  if (!scenario) return bad_scenario(scenario.error().text());
  std::ifstream in(*file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return copy_string(text.str(), toml, length);
}

PRL_RESULT merge(const char* base, const char* over, PRL_STR toml, PRL_UINT32_PTR length) {
  auto below = faults::parse_document(base, "base");
  if (!below) return bad_scenario(below.error().text());
  const auto above = faults::parse_document(over, "scenario");
  if (!above) return bad_scenario(above.error().text());
  return copy_string(faults::to_toml(faults::laid_over(std::move(*below), *above)), toml, length);
}

// Runs a body that needs no world.
template <class Body>
PRL_RESULT without_world(Body body) {
  try {
    return body();
  } catch (...) {
    return PRL_ERR_OUT_OF_MEMORY;
  }
}

}  // namespace
}  // namespace prl::sdk

using prl::sdk::with_world;
using prl::sim::World;

extern "C" {

PRL_RESULT PrlSim_GetNearestName(const char* name, const char* names, PRL_STR nearest,
                                 PRL_UINT32_PTR length) {
  if (!name || !length) return PRL_ERR_INVALID_ARG;
  return prl::sdk::without_world([=] {
    if (!names) {
      return prl::sdk::get_nearest(name, prl::sdk::scenario_names().functions, nearest, length);
    }
    return prl::sdk::get_nearest(name, prl::sdk::lines_of(names), nearest, length);
  });
}

PRL_RESULT PrlSim_GetFaultNames(PRL_STR names, PRL_UINT32_PTR length) {
  return with_world([=](World&) -> PRL_RESULT {
    if (!length) return PRL_ERR_INVALID_ARG;
    std::string lines;
    const prl::sdk::Place& place = prl::sdk::Library::instance().worlds().here();
    for (const std::string& name : prl::sdk::injector_of(place).names()) lines += name + "\n";
    return prl::sdk::copy_string(lines, names, length);
  });
}

PRL_RESULT PrlSim_GetHandleText(PRL_HANDLE handle, PRL_STR text, PRL_UINT32_PTR length) {
  return with_world([=](World&) -> PRL_RESULT {
    const auto found = prl::sdk::Library::instance().handles().find(prl::sdk::from_handle(handle));
    if (!found || !length) return PRL_ERR_INVALID_ARG;
    return prl::sdk::copy_string(prl::sdk::words_for(found), text, length);
  });
}

PRL_RESULT PrlSim_ReadScenario(const char* file, PRL_STR toml, PRL_UINT32_PTR length) {
  if (!file || !length) return PRL_ERR_INVALID_ARG;
  return prl::sdk::without_world([=] { return prl::sdk::read_scenario_text(file, toml, length); });
}

PRL_RESULT PrlSim_MergeScenarios(const char* base, const char* over, PRL_STR toml,
                                 PRL_UINT32_PTR length) {
  if (!base || !over || !length) return PRL_ERR_INVALID_ARG;
  return prl::sdk::without_world([=] { return prl::sdk::merge(base, over, toml, length); });
}

PRL_RESULT PrlSim_TakeComplaint(PRL_STR text, PRL_UINT32_PTR length) {
  if (!length) return PRL_ERR_INVALID_ARG;
  return prl::sdk::without_world([=] {
    const std::string why = prl::sdk::complaint();
    if (why.empty()) return PRL_ERR_NO_DATA;
    const PRL_RESULT code = prl::sdk::copy_string(why, text, length);
    if (text && PRL_SUCCEEDED(code)) prl::sdk::forget_complaint();
    return code;
  });
}

PRL_RESULT PrlSim_PreferScenario(const char* keys) {
  return prl::sdk::without_world([=] {
    prl::sdk::prefer_scenario(keys ? keys : "");
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT PrlSim_SetHome(const char* folder) {
  return prl::sdk::without_world([=] {
    prl::sdk::set_home(folder ? std::optional<std::string>(folder) : std::nullopt);
    return PRL_ERR_SUCCESS;
  });
}

}  // extern "C"
