#include "tool/fault_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace prl::tool {

namespace {

using Kind = sim::Fault::Kind;
using Phase = sim::JobPhase;

constexpr std::array kPhases = {Phase::kStart, Phase::kMiddle, Phase::kEnd};
constexpr std::array kKinds = {Kind::kFail, Kind::kHang, Kind::kDelay};

constexpr const char* kAnyCode = "PRL_ERR_OPERATION_FAILED";
constexpr std::array<std::pair<std::string_view, const char*>, 15> kCodes = {{
    {"PrlSrv_Login", "PRL_ERR_CANT_CONNECT_TO_DISPATCHER"},
    {"PrlSrv_LoginEx", "PRL_ERR_CANT_CONNECT_TO_DISPATCHER"},
    {"PrlSrv_LoginLocal", "PRL_ERR_CANT_CONNECT_TO_DISPATCHER"},
    {"PrlSrv_LoginLocalEx", "PRL_ERR_CANT_CONNECT_TO_DISPATCHER"},
    {"PrlVmGuest_RunProgram", "PRL_ERR_GUEST_PROGRAM_EXECUTION_FAILED"},
    {"PrlVm_BeginBackup", "PRL_ERR_BACKUP_BACKUP_CMD_FAILED"},
    {"PrlVm_CreateSnapshot", "PRL_ERR_VM_CREATE_SNAPSHOT_FAILED"},
    {"PrlVm_CreateSnapshotEx", "PRL_ERR_VM_CREATE_SNAPSHOT_FAILED"},
    {"PrlVm_DeleteSnapshot", "PRL_ERR_VM_DELETE_STATE_FAILED"},
    {"PrlVm_DropSuspendedState", "PRL_ERR_UNABLE_DROP_SUSPENDED_STATE"},
    {"PrlVm_GetSnapshotsTree", "PRL_ERR_VM_SNAPSHOTS_CONFIG_NOT_FOUND"},
    {"PrlVm_GetSnapshotsTreeEx", "PRL_ERR_VM_SNAPSHOTS_CONFIG_NOT_FOUND"},
    {"PrlVm_LoginInGuest", "PRL_ERR_VM_USER_AUTHENTICATION_FAILED"},
    {"PrlVm_Mount", "PRL_ERR_VM_MOUNT"},
    {"PrlVm_Suspend", "PRL_ERR_VM_SUSPEND_FAILED"},
}};

bool is_struck(const TracedRun& run, uint64_t job) {
  return std::ranges::find(run.faults, job, &TracedFault::job) != run.faults.end();
}

}  // namespace

std::string SingleFault::id() const {
  return fmt::format("{}-{}-{}-{}", function, ordinal, sim::phase_word(phase),
                     sim::fault_word(kind));
}

std::string SingleFault::text() const {
  std::string text = fmt::format("job {} of {}", ordinal, function);
  if (!vm.empty()) text += fmt::format(" (VM {})", vm);
  switch (kind) {
    case Kind::kFail:
      text += " fails";
      break;
    case Kind::kHang:
      text += " never ends, struck";
      break;
    case Kind::kDelay:
      text += fmt::format(" takes {} ms more", delay_ms);
      break;
    default:
      text += fmt::format(" meets {}", sim::fault_word(kind));
  }
  text += fmt::format(" at its {}", sim::phase_word(phase));
  return code.empty() ? text : text + " with " + code;
}

std::string SingleFault::toml() const {
  std::string effect =
      fmt::format("kind = \"{}\", at = \"{}\"", sim::fault_word(kind), sim::phase_word(phase));
  if (kind == Kind::kFail) effect += fmt::format(", code = \"{}\"", code);
  if (kind == Kind::kDelay) effect += fmt::format(", delay_ms = {}", delay_ms);
  return fmt::format(
      "[[fault]]\nname = \"{}\"\nmatch = {{ call = \"{}\" }}\n"
      "trigger = {{ skip = {}, count = 1 }}\neffect = {{ {} }}\n",
      id(), function, ordinal - 1, effect);
}

std::string fitting_code(std::string_view function) {
  const auto* found = std::ranges::find(kCodes, function, &decltype(kCodes)::value_type::first);
  return found == kCodes.end() ? kAnyCode : found->second;
}

Words functions_with_codes() {
  Words names;
  for (const auto& [function, code] : kCodes) names.emplace_back(function);
  return names;
}

std::vector<SingleFault> single_faults(const TracedRun& recording, uint64_t delay_ms,
                                       const Words& except) {
  std::vector<SingleFault> faults;
  std::map<std::string, uint64_t> counts;
  for (const TracedJob& job : recording.jobs) {
    // The rules see a job only where none before them has taken it.
    if (is_struck(recording, job.number)) continue;
    const uint64_t ordinal = ++counts[job.function];
    if (std::ranges::find(except, job.function) != except.end()) continue;
    for (const Phase phase : kPhases) {
      for (const Kind kind : kKinds) {
        faults.push_back({.function = job.function,
                          .ordinal = ordinal,
                          .vm = job.vm,
                          .kind = kind,
                          .phase = phase,
                          .code = kind == Kind::kFail ? fitting_code(job.function) : "",
                          .delay_ms = kind == Kind::kDelay ? delay_ms : 0});
      }
    }
  }
  return faults;
}

}  // namespace prl::tool
