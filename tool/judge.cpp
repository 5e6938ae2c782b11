#include "tool/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace prl::tool {

namespace {

using sim::FaultKind;
using sim::Layer;

constexpr std::string_view kFound = "# found: ";

// ---- Handles -----------------------------------------------------------------------------------

// Without its numbers, which differ from run to run where the client takes another way.
std::string kind_of(const std::string& remark) {
  std::string kind;
  for (const char letter : remark) {
    const bool is_digit = std::isdigit(static_cast<unsigned char>(letter)) != 0;
    if (!is_digit) kind += letter;
  }
  return kind;
}

// Those of a kind that the recording has not: of those that it has, it has been told.
Words new_remarks(const Words& recorded, const Words& now) {
  std::set<std::string> known;
  for (const std::string& remark : recorded) known.insert(kind_of(remark));
  Words fresh;
  for (const std::string& remark : now) {
    if (!known.contains(kind_of(remark))) fresh.push_back(remark);
  }
  return fresh;
}

void say(Words& details, std::string_view what, const Words& remarks) {
  for (const std::string& remark : remarks) details.push_back(fmt::format("{}: {}", what, remark));
}

// ---- Doing it again ----------------------------------------------------------------------------

template <class Entries>
bool is_repeated(const Entries& run, const Entries& recording, const std::string& function) {
  using Entry = typename Entries::value_type;
  if (std::ranges::count(run, function, &Entry::function) <=
      std::ranges::count(recording, function, &Entry::function)) {
    return false;
  }
  const auto last = std::find_if(run.rbegin(), run.rend(),
                                 [&](const Entry& entry) { return entry.function == function; });
  return last->has_succeeded;
}

// The call that got no job has been made once more, and then got one.
bool has_asked_again(const TracedRun& run, const std::string& function) {
  const auto is_meant = [&](const TracedCall& call) { return call.function == function; };
  const auto struck = std::ranges::find_if(
      run.calls, [&](const TracedCall& call) { return is_meant(call) && call.is_struck; });
  return std::any_of(struck, run.calls.end(),
                     [&](const TracedCall& call) { return is_meant(call) && call.gives_job; });
}

// The client called the function more often than without the fault, and the last time it worked.
bool has_repeated(const SingleFault& fault, const TracedRun& recording, const TracedRun& run) {
  if (fault.layer == Layer::kMemory) return has_asked_again(run, fault.function);
  if (fault.layer == Layer::kCall) return is_repeated(run.calls, recording.calls, fault.function);
  return is_repeated(run.jobs, recording.jobs, fault.function);
}

bool is_look(const TracedJob& job) {
  return job.has_succeeded && (job.function.find("_Get") != std::string::npos ||
                               job.function.find("_Refresh") != std::string::npos);
}

// The client has asked how things are because of the fault. Where all is done and only the end of
// the job is missing, what it would ask anyway tells it so, if it asks that afterwards.
bool has_looked(const SingleFault& fault, const TracedRun& recording, const TracedRun& run,
                uint64_t struck_job) {
  if (!recording.end || !run.end) return false;
  if (fault.kind == FaultKind::kHang && fault.phase == sim::JobPhase::kEnd) {
    const auto struck = std::ranges::find(run.jobs, struck_job, &TracedJob::number);
    return std::any_of(struck, run.jobs.end(), is_look);
  }
  return std::ranges::count_if(run.jobs, is_look) > std::ranges::count_if(recording.jobs, is_look);
}

size_t failures(const TracedRun& run) {
  return static_cast<size_t>(std::ranges::count_if(
      run.jobs, [](const TracedJob& job) { return job.has_ended && !job.has_succeeded; }));
}

// ---- VMs ---------------------------------------------------------------------------------------

bool is_stable(const std::string& state) {
  return is_at_rest(state) || state == "RUNNING" || state == "PAUSED";
}

const TracedVm* find(const TracedVms& vms, const std::string& name) {
  const auto found = vms.find(name);
  return found == vms.end() ? nullptr : &found->second;
}

// The snapshots only where they are what differs.
std::string text_of(const TracedVm* vm, const TracedVm* other) {
  if (!vm) return "not registered";
  if (!other || vm->snapshots == other->snapshots) return vm->state;
  return fmt::format("{} with {} snapshots", vm->state, vm->snapshots);
}

bool ends_alike(const TracedVm& a, const TracedVm& b) {
  // Where the recording did not wait for the end of a transition, chance decides.
  return (a.state == b.state || !is_stable(a.state)) && a.snapshots == b.snapshots;
}

// What has become of which VM otherwise than in the recording. None where one of the two did not
// end the library.
Words differences(const TracedRun& recording, const TracedRun& run) {
  Words texts;
  // Where the host never opened, nothing has happened to its VMs.
  const std::optional<TracedVms>& end = run.begin ? run.end : recording.begin;
  if (!recording.end || !end) return texts;
  const auto compare = [&](const std::string& name) {
    const TracedVm* before = find(*recording.end, name);
    const TracedVm* now = find(*end, name);
    if (before && now && ends_alike(*before, *now)) return;
    texts.push_back(fmt::format("VM {} is {} at the end, and without the fault {}", name,
                                text_of(now, before), text_of(before, now)));
  };
  for (const auto& [name, vm] : *recording.end) compare(name);
  for (const auto& [name, vm] : *end) {
    if (!find(*recording.end, name)) compare(name);
  }
  return texts;
}

// "unknown" counts as none.
uint64_t snapshots_of(const TracedVm* vm) {
  return vm ? number_in(vm->snapshots).value_or(0) : 0;
}

// Why the VM has been left behind; empty where it has not.
std::string neglect(const TracedVm& now, const TracedVm* begin, const TracedVm* recorded) {
  const auto is_new = [&](auto has) {
    return has(now) && !(begin && has(*begin)) && !(recorded && has(*recorded));
  };
  if (is_new([](const TracedVm& vm) { return !is_at_rest(vm.state); })) return now.state;
  if (is_new([](const TracedVm& vm) { return vm.is_locked; })) return "locked";
  if (!begin && !recorded) return "registered";
  if (snapshots_of(&now) > std::max(snapshots_of(begin), snapshots_of(recorded))) {
    return fmt::format("left with {} snapshots", now.snapshots);
  }
  return "";
}

// A client to which these are refused cannot clear away.
bool clears_away(std::string_view function) {
  constexpr std::array<std::string_view, 16> kWords = {
      "Stop",   "Suspend", "Unreg",  "Delete", "Drop",  "Unlock",   "Logoff",  "Login",
      "Cancel", "Remove",  "Commit", "Switch", "Reset", "Shutdown", "EndEdit", "Restart"};
  return std::ranges::any_of(
      kWords, [&](std::string_view word) { return function.find(word) != std::string_view::npos; });
}

Words left_behind(const SingleFault& fault, const TracedRun& recording, const TracedRun& run) {
  Words texts;
  if (!recording.end || !run.begin || !run.end || fault.kind == FaultKind::kDisconnect)
    return texts;
  // What has become of the VM of a job that did not come back, or that failed when all was done,
  // the client cannot know. Of one that only took longer it can.
  const bool is_in_doubt = fault.layer == Layer::kJob && fault.kind != FaultKind::kDelay &&
                           (fault.kind != FaultKind::kFail || fault.phase == sim::JobPhase::kEnd);
  const bool is_excused =
      fault.layer != Layer::kEvent && (is_in_doubt || clears_away(fault.function));
  if (is_excused && fault.vm.empty()) return texts;
  for (const auto& [name, vm] : *run.end) {
    if (is_excused && name == fault.vm) continue;
    const std::string why = neglect(vm, find(*run.begin, name), find(*recording.end, name));
    if (!why.empty()) texts.push_back(fmt::format("VM {} is still {} at the end", name, why));
  }
  return texts;
}

// ---- Exit code 0 -------------------------------------------------------------------------------

// `ends` are the differences between the ends.
Verdict judge_success(const SingleFault& fault, const TracedRun& recording, const TracedRun& run,
                      uint64_t struck_job, const Words& ends) {
  const bool must_notice = fault.kind == FaultKind::kFail || fault.kind == FaultKind::kHang ||
                           fault.kind == FaultKind::kNoMemory;
  if (must_notice) {
    if (!has_repeated(fault, recording, run) && !has_looked(fault, recording, run, struck_job)) {
      return Verdict::kWrongSuccess;
    }
    return ends.empty() ? Verdict::kRecovered : Verdict::kWrongSuccess;
  }
  if (ends.empty()) return Verdict::kHandled;
  // That a VM has died the client learns when it asks something of it.
  if (fault.kind == FaultKind::kKillVm && failures(run) <= failures(recording))
    return Verdict::kHandled;
  return Verdict::kWrongSuccess;
}

Judgement judge_end(const SingleFault& fault, const TracedRun& recording, const TracedRun& run,
                    uint64_t struck_job, int exit_code) {
  Judgement result;
  const Words misuses = new_remarks(recording.misuses, run.misuses);
  const Words leaks = new_remarks(recording.leaks, run.leaks);
  if (exit_code == 0) {
    const Words ends = differences(recording, run);
    result.verdict = judge_success(fault, recording, run, struck_job, ends);
    if (result.verdict == Verdict::kWrongSuccess) result.details = ends;
  } else if (result.details = left_behind(fault, recording, run); !result.details.empty()) {
    result.verdict = Verdict::kLeftBehind;
  }
  if (!misuses.empty() && result.verdict != Verdict::kWrongSuccess) {
    result.verdict = Verdict::kMisuse;
  }
  if (!leaks.empty() && !is_finding(result.verdict)) result.verdict = Verdict::kLeak;
  say(result.details, "misuse", misuses);
  say(result.details, "leak", leaks);
  return result;
}

}  // namespace

bool is_finding(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHandled:
    case Verdict::kRecovered:
    case Verdict::kNotStruck:
    case Verdict::kSameAsStart:
      return false;
    case Verdict::kCrash:
    case Verdict::kHang:
    case Verdict::kWrongSuccess:
    case Verdict::kMisuse:
    case Verdict::kLeftBehind:
    case Verdict::kLeak:
      return true;
  }
  return false;
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHandled:
      return "handled";
    case Verdict::kRecovered:
      return "recovered";
    case Verdict::kNotStruck:
      return "not struck";
    case Verdict::kSameAsStart:
      return "same as start";
    case Verdict::kCrash:
      return "crash";
    case Verdict::kHang:
      return "hang";
    case Verdict::kWrongSuccess:
      return "wrong success";
    case Verdict::kMisuse:
      return "misuse";
    case Verdict::kLeftBehind:
      return "left behind";
    case Verdict::kLeak:
      return "leak";
  }
  return "";
}

Judgement judge(const SingleFault& fault, const TracedRun& recording, const TracedRun& run,
                const Ending& ending, uint64_t patience_ms) {
  const auto struck = std::ranges::find(run.faults, fault.id(), &TracedFault::rule);
  const bool is_struck = struck != run.faults.end();
  if (is_struck && struck->job != 0 && struck->phase != sim::phase_word(fault.phase)) {
    return {Verdict::kSameAsStart, {}};
  }
  if (ending.is_endless()) return {Verdict::kHang, {}};
  if (ending.is_crash()) {
    Judgement crash{Verdict::kCrash, {}};
    say(crash.details, "misuse", new_remarks(recording.misuses, run.misuses));
    return crash;
  }
  if (run.end_ms > recording.end_ms + patience_ms) return {Verdict::kHang, {}};
  if (!is_struck) return {Verdict::kNotStruck, {}};
  return judge_end(fault, recording, run, struck->job, ending.exit_code());
}

std::string found_line(Verdict verdict) {
  return fmt::format("{}{}\n", kFound, verdict_name(verdict));
}

std::optional<Verdict> found_verdict(std::string_view scenario) {
  const size_t at = scenario.rfind(kFound);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view line = scenario.substr(at, scenario.find('\n', at) - at);
  const auto* found = std::ranges::find(kVerdicts, line.substr(kFound.size()), verdict_name);
  return found == kVerdicts.end() ? std::nullopt : std::optional(*found);
}

Words handle_remarks(const TracedRun& recording, const TracedRun& other) {
  Words remarks;
  say(remarks, "misuse", new_remarks(other.misuses, recording.misuses));
  say(remarks, "leak", new_remarks(other.leaks, recording.leaks));
  return remarks;
}

}  // namespace prl::tool
