#include "tool/trace_reader.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace prl::tool {

namespace {

constexpr std::string_view kRule = " rule=";
constexpr std::string_view kAt = " at ";
constexpr std::string_view kArrow = " -> ";
constexpr std::string_view kVm = "vm=";

// "<word> <rest>" without the word, which is returned.
std::string_view take_word(std::string_view& text) {
  const size_t space = text.find(' ');
  const std::string_view word = text.substr(0, space);
  text = space == std::string_view::npos ? "" : text.substr(space + 1);
  return word;
}

// "<function>[ vm=<name>]" and more.
std::string vm_in(std::string_view rest) {
  return rest.starts_with(kVm) ? std::string(rest.substr(kVm.size())) : "";
}

constexpr std::string_view kDelivery = "delivery ";
constexpr std::string_view kClock = "clock ";

// Reads one line after the other.
class Reader {
 public:
  void read(const TraceLine& line) {
    // A misuse has the time at which its call began.
    run_.end_ms = std::max(run_.end_ms, line.time_ms);
    const std::string_view text = line.text;
    if (line.kind == "call") add_call(text);
    if (line.kind == "job") add_job(text);
    if (line.kind == "fault") add_fault(text);
    if (line.kind == "drawn") add_draw(text);
    if (line.kind == "told") add_event(text);
    if (line.kind == "state") add_state(text);
    if (line.kind == "begin") add_vm(run_.begin, text);
    if (line.kind == "end") add_vm(run_.end, text);
    if (line.kind == "misuse") run_.misuses.emplace_back(text);
    if (line.kind == "leak") run_.leaks.emplace_back(text);
    // A host without VMs opens and closes too.
    if (line.kind == "world" && text.ends_with(" is open") && !run_.begin) run_.begin.emplace();
    if (line.kind == "world" && text == "host is closed" && !run_.end) run_.end.emplace();
    if (line.kind == "world") add_name(text);
    if (line.kind == "world" && text.starts_with(kDelivery)) {
      run_.delivery = text.substr(kDelivery.size());
    }
    if (line.kind == "world" && text.starts_with(kClock)) {
      run_.clock = text.substr(kClock.size());
    }
  }

  // Threads may have written their draws in another order.
  TracedRun take() {
    for (auto& [rule, points] : run_.draws) std::ranges::sort(points);
    return std::move(run_);
  }

 private:
  std::string state_of(const std::string& vm) const {
    const auto found = states_.find(vm);
    return found == states_.end() ? "" : found->second;
  }

  // "<function> = <code or job>"
  void add_call(std::string_view text) {
    const std::string function(take_word(text));
    // Calls of other threads may come between.
    const bool is_struck = struck_call_ == function;
    if (is_struck) struck_call_.clear();
    if (!text.starts_with("= ")) return;
    run_.calls.push_back({.function = function,
                          .has_succeeded = text == "= PRL_ERR_SUCCESS",
                          .is_struck = is_struck,
                          .gives_job = text == "= job"});
  }

  // A job is named twice, when it starts and when it ends; only its end has an outcome.
  void add_job(std::string_view text) {
    const auto number = number_in(take_word(text));
    const std::string function(take_word(text));
    if (!number || function.empty()) return;
    const auto known = job_indexes_.find(*number);
    if (known == job_indexes_.end()) {
      job_indexes_[*number] = run_.jobs.size();
      run_.jobs.push_back({*number, function, vm_in(text)});
      run_.jobs.back().state_before = state_of(run_.jobs.back().vm);
      run_.jobs.back().begin_ms = run_.end_ms;
      job_changes_[*number] = changes_[run_.jobs.back().vm];
    } else if (text.rfind("->") != std::string_view::npos) {
      TracedJob& job = run_.jobs[known->second];
      job.has_ended = true;
      job.end_ms = run_.end_ms;
      job.has_succeeded = text.ends_with("-> Ok");
      job.state_after = state_of(job.vm);
      job.has_middle = run_.end_ms != job.begin_ms || changes_[job.vm] != job_changes_[*number];
    }
  }

  // "<what> rule=<name> <effect>[ at <phase>][ <ms> ms]". A name may hold anything, so the rest is
  // looked for from behind.
  void add_fault(std::string_view text) {
    const size_t rule = text.find(kRule);
    if (rule == std::string_view::npos) return;
    std::string_view what = text.substr(0, rule);
    std::string_view name = text.substr(rule + kRule.size());
    const std::string_view kind = take_word(what);
    TracedFault fault{.job = number_in(kind).value_or(0), .rule = {}, .phase = {}};
    const bool is_memory = what.find(" object=") != what.npos;
    fault.what = fault.job != 0 ? "job" : is_memory ? "memory" : kind;
    fault.what += " " + std::string(what.substr(0, what.find(' ')));
    if (fault.job != 0) {
      const size_t at = name.rfind(kAt);
      if (at == std::string_view::npos) return;
      std::string_view phase = name.substr(at + kAt.size());
      fault.phase = take_word(phase);
      name = name.substr(0, at);
    }
    while (name.ends_with(" ms") || name.ends_with(" s")) {
      name = name.substr(0, name.rfind(' '));
      name = name.substr(0, name.rfind(' '));
    }
    fault.rule = name.substr(0, name.rfind(' '));
    run_.faults.push_back(std::move(fault));
    if (kind == "call") struck_call_ = take_word(what);
    // An event is told, then struck.
    if (kind == "event" && !run_.events.empty()) run_.events.back().is_struck = true;
  }

  // "<point> rule=<name>"
  void add_draw(std::string_view text) {
    constexpr std::string_view kOf = "rule=";
    const auto point = number_in(take_word(text));
    if (!point || !text.starts_with(kOf)) return;
    run_.draws[std::string(text.substr(kOf.size()))].push_back(*point);
  }

  // "<type> session=<number>[ unheard][ vm=<name>]"
  void add_event(std::string_view text) {
    TracedEvent event;
    event.type = take_word(text);
    take_word(text);
    event.is_heard = !text.starts_with("unheard");
    if (!event.is_heard) take_word(text);
    event.vm = vm_in(text);
    run_.events.push_back(std::move(event));
  }

  // "vm=<name> <from> -> <to>"
  void add_state(std::string_view text) {
    const size_t arrow = text.rfind(kArrow);
    if (arrow == std::string_view::npos || !text.starts_with(kVm)) return;
    const std::string_view before = text.substr(0, arrow);
    const size_t name_end = before.rfind(' ');
    if (name_end == std::string_view::npos || name_end < kVm.size()) return;
    const std::string vm(before.substr(kVm.size(), name_end - kVm.size()));
    states_[vm] = text.substr(arrow + kArrow.size());
    ++changes_[vm];
    run_.states.push_back({vm, states_[vm], run_.end_ms});
  }

  // "vm=<name> is now <name>". What is between may stand in a name, too: the VM must be known.
  void add_name(std::string_view text) {
    constexpr std::string_view kIsNow = " is now ";
    if (!text.starts_with(kVm)) return;
    text.remove_prefix(kVm.size());
    for (size_t at = text.find(kIsNow); at != text.npos; at = text.find(kIsNow, at + 1)) {
      const auto known = states_.find(std::string(text.substr(0, at)));
      if (known == states_.end()) continue;
      const std::string old = known->first;
      const std::string name(text.substr(at + kIsNow.size()));
      run_.states.push_back({old, "", run_.end_ms});
      run_.states.push_back({name, known->second, run_.end_ms});
      states_[name] = std::exchange(known->second, "");
      changes_[name] = changes_[old];
      return;
    }
  }

  // "<state> snapshots=<number> locked=<yes or no> vm=<name>"
  void add_vm(std::optional<TracedVms>& vms, std::string_view text) {
    constexpr std::string_view kSnapshots = "snapshots=";
    TracedVm vm;
    vm.state = take_word(text);
    if (!text.starts_with(kSnapshots)) return;
    vm.snapshots = take_word(text).substr(kSnapshots.size());
    vm.is_locked = take_word(text) == "locked=yes";
    if (!text.starts_with(kVm)) return;
    states_[vm_in(text)] = vm.state;
    run_.states.push_back({vm_in(text), vm.state, run_.end_ms});
    if (!vms) vms.emplace();
    (*vms)[vm_in(text)] = std::move(vm);
  }

  TracedRun run_;
  std::unordered_map<uint64_t, size_t> job_indexes_;     // by number
  std::unordered_map<std::string, std::string> states_;  // by VM
  std::unordered_map<std::string, uint64_t> changes_;    // of its state
  std::unordered_map<uint64_t, uint64_t> job_changes_;   // when the job began
  std::string struck_call_;
};

}  // namespace

std::string traced_name(std::string name) {
  std::ranges::replace(name, '\n', ' ');
  return name;
}

bool is_at_rest(std::string_view state) {
  return state == "STOPPED" || state == "SUSPENDED";
}

std::optional<uint64_t> number_in(std::string_view word) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

std::optional<TraceLine> split_line(const std::string& line) {
  std::istringstream words(line);
  TraceLine result;
  std::string time;
  if (!(words >> time >> result.kind)) return std::nullopt;
  const auto time_ms = number_in(time);
  if (!time_ms) return std::nullopt;
  result.time_ms = *time_ms;
  std::getline(words >> std::ws, result.text);
  return result;
}

std::string no_trace(const std::string& path) {
  std::error_code error;
  const std::string what = "'" + path + "' is no trace that can be read";
  if (!std::filesystem::exists(path, error)) return what + ": there is no such file";
  if (std::filesystem::is_directory(path, error)) return what + ": it is a folder";
  const bool is_file = std::filesystem::is_regular_file(path, error);
  return what + (is_file ? "" : ": it is no regular file");
}

TracedRun read_trace(std::istream& trace) {
  Reader reader;
  for (std::string text; std::getline(trace, text);) {
    if (const auto line = split_line(text)) reader.read(*line);
  }
  return reader.take();
}

}  // namespace prl::tool
