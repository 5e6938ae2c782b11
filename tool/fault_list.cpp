#include "tool/fault_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace prl::tool {

namespace {

using sim::FaultKind;
using Phase = sim::JobPhase;

constexpr std::array kPhases = {Phase::kStart, Phase::kMiddle, Phase::kEnd};
constexpr std::array kJobKinds = {FaultKind::kFail,      FaultKind::kHang, FaultKind::kDelay,
                                  FaultKind::kTimeOut,   FaultKind::kLose, FaultKind::kKillVm,
                                  FaultKind::kDisconnect};
constexpr std::array kEventKinds = {FaultKind::kLose, FaultKind::kDelay, FaultKind::kDuplicate};

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

bool contains(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool is_wanted(const FaultChoice& choice, FaultKind kind) {
  return choice.effects.empty() || contains(choice.effects, sim::fault_word(kind));
}

bool is_live(std::string_view state) {
  return !state.empty() && !is_at_rest(state);
}

// Whether the run would be another one than without the fault.
bool makes_a_difference(const TracedJob& job, Phase phase, FaultKind kind) {
  if (phase == Phase::kMiddle && !job.has_middle) return false;
  switch (kind) {
    case FaultKind::kLose:
      return phase == Phase::kEnd;  // it is the report that is lost
    case FaultKind::kKillVm:
      if (phase == Phase::kMiddle) return is_live(job.state_before) || is_live(job.state_after);
      return is_live(phase == Phase::kStart ? job.state_before : job.state_after);
    case FaultKind::kDisconnect:
      // A login has no connection to lose yet, and who logs off wants to lose it.
      if (job.function == "PrlSrv_Logoff") return false;
      return phase == Phase::kEnd || !job.function.starts_with("PrlSrv_Login");
    default:
      return true;
  }
}

// How often something came, and how often of that a rule of the client's own scenario took it:
// rules see only what none before them has taken.
struct Count {
  uint64_t all = 0;
  uint64_t taken = 0;
};

void add_job_faults(const TracedRun& recording, const FaultChoice& choice,
                    std::vector<SingleFault>& faults) {
  std::map<std::string, Count> counts;
  for (const TracedJob& job : recording.jobs) {
    Count& count = counts[job.function];
    ++count.all;
    if (is_struck(recording, job.number)) {
      ++count.taken;
      continue;
    }
    if (contains(choice.except, job.function)) continue;
    for (const Phase phase : kPhases) {
      for (const FaultKind kind : kJobKinds) {
        if (!is_wanted(choice, kind) || !makes_a_difference(job, phase, kind)) continue;
        faults.push_back({.layer = sim::Layer::kJob,
                          .function = job.function,
                          .ordinal = count.all,
                          .vm = job.vm,
                          .kind = kind,
                          .phase = phase,
                          .code = kind == FaultKind::kFail ? fitting_code(job.function) : "",
                          .delay_ms = kind == FaultKind::kDelay ? choice.delay_ms : 0,
                          .taken_before = count.taken});
      }
    }
  }
}

void add_event_faults(const TracedRun& recording, const FaultChoice& choice,
                      std::vector<SingleFault>& faults) {
  std::map<std::string, Count> counts;
  for (const TracedEvent& event : recording.events) {
    Count& count = counts[event.type];
    ++count.all;
    if (event.is_struck) {
      ++count.taken;
      continue;
    }
    if (!event.is_heard || contains(choice.except, event.type)) continue;
    for (const FaultKind kind : kEventKinds) {
      if (!is_wanted(choice, kind)) continue;
      faults.push_back({.layer = sim::Layer::kEvent,
                        .function = event.type,
                        .ordinal = count.all,
                        .vm = event.vm,
                        .kind = kind,
                        .phase = Phase::kStart,
                        .code = {},
                        .delay_ms = kind == FaultKind::kDelay ? choice.delay_ms : 0,
                        .taken_before = count.taken});
    }
  }
}

// Not the end of things: what could a client do about that?
bool is_farewell(std::string_view function) {
  return function == "PrlHandle_Free" || function.starts_with("PrlApi_");
}

void add_call_faults(const TracedRun& recording, const FaultChoice& choice,
                     std::vector<SingleFault>& faults) {
  if (!choice.with_calls || !is_wanted(choice, FaultKind::kFail)) return;
  std::map<std::string, Count> counts;
  for (const TracedCall& call : recording.calls) {
    Count& count = counts[call.function];
    ++count.all;
    if (call.is_struck) {
      ++count.taken;
      continue;
    }
    if (!call.has_succeeded || is_farewell(call.function)) continue;
    if (contains(choice.except, call.function)) continue;
    faults.push_back({.layer = sim::Layer::kCall,
                      .function = call.function,
                      .ordinal = count.all,
                      .vm = {},
                      .kind = FaultKind::kFail,
                      .phase = Phase::kStart,
                      .code = kAnyCode,
                      .delay_ms = 0,
                      .taken_before = count.taken});
  }
}

// Each job is asked for by one call, so that it is the how-manieth call of the function too.
void add_memory_faults(const TracedRun& recording, const FaultChoice& choice,
                       std::vector<SingleFault>& faults) {
  if (!choice.with_calls || !is_wanted(choice, FaultKind::kNoMemory)) return;
  std::map<std::string, Count> counts;
  for (const TracedCall& call : recording.calls) {
    if (!call.gives_job && !call.is_struck) continue;
    Count& count = counts[call.function];
    ++count.all;
    if (call.is_struck) {
      ++count.taken;
      continue;
    }
    if (contains(choice.except, call.function)) continue;
    faults.push_back({.layer = sim::Layer::kMemory,
                      .function = call.function,
                      .ordinal = count.all,
                      .vm = {},
                      .kind = FaultKind::kNoMemory,
                      .phase = Phase::kStart,
                      .code = {},
                      .delay_ms = 0,
                      .taken_before = count.taken});
  }
}

std::string effect_text(const SingleFault& fault) {
  switch (fault.kind) {
    case FaultKind::kFail:
      return " fails";
    case FaultKind::kHang:
      return " never ends, struck";
    case FaultKind::kDelay:
      if (fault.layer == sim::Layer::kEvent)
        return fmt::format(" comes {} ms late", fault.delay_ms);
      return fmt::format(" takes {} ms more", fault.delay_ms);
    case FaultKind::kTimeOut:
      return " times out and happens all the same, struck";
    case FaultKind::kLose:
      return fault.layer == sim::Layer::kEvent ? " is lost" : " succeeds and its report is lost";
    case FaultKind::kDuplicate:
      return " comes twice";
    case FaultKind::kKillVm:
      return " sees its VM die";
    case FaultKind::kDisconnect:
      return " loses its connection";
    case FaultKind::kNoMemory:
      return " has no memory for its job";
    default:
      return fmt::format(" meets {}", sim::fault_word(fault.kind));
  }
}

}  // namespace

std::string SingleFault::id() const {
  std::string where;
  if (layer == sim::Layer::kJob) where = fmt::format("-{}", sim::phase_word(phase));
  const bool is_of_call = layer == sim::Layer::kCall || layer == sim::Layer::kMemory;
  if (is_of_call) where = "-call";
  return fmt::format("{}-{}{}-{}", function, ordinal, where, sim::fault_word(kind));
}

std::string SingleFault::text() const {
  const std::string_view what = layer == sim::Layer::kMemory ? "call" : sim::layer_word(layer);
  std::string text = fmt::format("{} {} of {}", what, ordinal, function);
  if (!vm.empty()) text += fmt::format(" (VM {})", vm);
  text += effect_text(*this);
  if (layer == sim::Layer::kJob && kind != FaultKind::kLose) {
    text += fmt::format(" at its {}", sim::phase_word(phase));
  }
  return code.empty() ? text : text + " with " + code;
}

std::string SingleFault::toml() const {
  const bool is_event = layer == sim::Layer::kEvent;
  std::string match =
      layer == sim::Layer::kJob ? "" : fmt::format("layer = \"{}\", ", sim::layer_word(layer));
  match += fmt::format("{} = \"{}\"", is_event ? "event" : "call", function);
  if (layer == sim::Layer::kMemory) match += ", object = \"PHT_JOB\"";
  std::string effect = fmt::format("kind = \"{}\"", sim::fault_word(kind));
  const bool has_phase = layer == sim::Layer::kJob && kind != FaultKind::kLose;
  if (has_phase) effect += fmt::format(", at = \"{}\"", sim::phase_word(phase));
  if (kind == FaultKind::kFail) effect += fmt::format(", code = \"{}\"", code);
  if (kind == FaultKind::kDelay) effect += fmt::format(", delay_ms = {}", delay_ms);
  return fmt::format(
      "[[fault]]\nname = \"{}\"\nmatch = {{ {} }}\n"
      "trigger = {{ skip = {}, count = 1 }}\neffect = {{ {} }}\n",
      id(), match, ordinal - 1 - taken_before, effect);
}

Words sweep_effects() {
  Words words;
  for (const FaultKind kind : kJobKinds) words.emplace_back(sim::fault_word(kind));
  for (const FaultKind kind : kEventKinds) {
    if (!contains(words, sim::fault_word(kind))) words.emplace_back(sim::fault_word(kind));
  }
  words.emplace_back(sim::fault_word(FaultKind::kNoMemory));
  return words;
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

std::vector<SingleFault> single_faults(const TracedRun& recording, const FaultChoice& choice) {
  std::vector<SingleFault> faults;
  add_job_faults(recording, choice, faults);
  add_event_faults(recording, choice, faults);
  add_call_faults(recording, choice, faults);
  add_memory_faults(recording, choice, faults);
  return faults;
}

}  // namespace prl::tool
