#include "tests/model/trace_check.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "tests/model/reference_model.h"
#include "tests/model/trace_answers.h"
#include "tests/model/trace_raw_events.h"
#include "tests/model/trace_rules.h"

namespace prl::model {
namespace {

constexpr Code kAccessToVmDenied = 0x239;
constexpr Code kWrongStateToCompact = 0x489;
constexpr Code kAlreadyMounted = 0x46600;
constexpr std::string_view kBegins = "begins: trace 1, profile ";
constexpr std::string_view kEnds = "ends";
constexpr std::string_view kVm = "vm=";
constexpr std::string_view kArrow = " -> ";

// ---- Lines ------------------------------------------------------------------------------------

struct Line {
  uint64_t time_ms = 0;
  std::string_view kind;
  std::string_view text;
};

std::string_view take_word(std::string_view& text) {
  const size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const size_t end = std::min(text.find(' ', begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::optional<uint64_t> number_in(std::string_view word) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

std::optional<Line> parse(std::string_view text) {
  Line line;
  const auto time_ms = number_in(take_word(text));
  line.kind = take_word(text);
  if (!time_ms || line.kind.empty()) return std::nullopt;
  line.time_ms = *time_ms;
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  line.text = text;
  return line;
}

// Written by other threads, at times of their own.
bool is_of_a_caller(const Line& line) {
  return line.kind == "call" || line.kind == "drawn" || line.kind == "misuse" ||
         line.kind == "leak" || line.kind == "busy" ||
         (line.kind == "fault" && line.text.starts_with("call "));
}

bool starts(Act act) {
  return act == Act::kStart || act == Act::kStartEx || act == Act::kResume;
}

// ---- The replay -------------------------------------------------------------------------------

struct TracedJob {
  std::string text;  // as it began
  std::string function;
  std::string vm;
  std::vector<Act> acts;
  std::optional<Codes> answers;  // what the model would answer; empty: it cannot know
  std::optional<State> before;   // the state of its VM when it began
  bool is_waiting = false;       // for what keeps it from its VM
  bool has_waited = false;
  bool is_struck = false;        // by a fault, after which all codes are possible
};

class Replay {
 public:
  // Returns what is wrong with the line.
  std::string take(const Line& line) {
    if (has_ended_) return "something happens after the end";
    if (!has_begun_) return begin(line);
    if (is_of_a_caller(line)) {
      ++verdict.passed_over;
      return "";
    }
    if (line.time_ms < now_ms_) return "time goes back";
    now_ms_ = line.time_ms;
    if (line.kind == "job") return take_job(line.text);
    if (line.kind == "wait") return take_wait(line.text);
    if (line.kind == "state") return take_state(line.text);
    if (line.kind == "event") return take_event(line.text);
    if (line.kind == "fault") return take_fault(line.text);
    if (line.kind == "world") return take_world(line.text);
    if (line.kind == "guest") return take_guest(line.text);
    ++verdict.passed_over;
    return "";
  }
  bool has_begun() const { return has_begun_; }
  bool has_ended() const { return has_ended_; }

  TraceVerdict verdict;

 private:
  std::string begin(const Line& line) {
    if (line.kind != "world" || !line.text.starts_with(kBegins)) return "a world does not begin so";
    const std::string_view profile = line.text.substr(kBegins.size());
    if (profile != "desktop" && profile != "virtuozzo") return "there is no such profile";
    profile_ = profile == "desktop" ? Profile::kDesktop : Profile::kVirtuozzo;
    has_begun_ = true;
    return "";
  }

  // A VM that has gone is not heard of, unless another one gets its name (invariant 24).
  TracedVm* find(const std::string& name) {
    if (gone_.contains(name)) return nullptr;
    return &vms_[name];
  }

  bool is_under_way(const std::string& vm, Act act) const {
    return std::ranges::any_of(jobs_, [&](const auto& entry) {
      const TracedJob& job = entry.second;
      return job.vm == vm && !job.is_waiting && std::ranges::find(job.acts, act) != job.acts.end();
    });
  }
  bool anything_goes() const {
    return is_disturbed_ || std::ranges::any_of(jobs_, [](const auto& entry) {
             return may_do_anything(entry.second.function);
           });
  }

  std::string take_job(std::string_view text) {
    std::string_view rest = text;
    const auto number = number_in(take_word(rest));
    if (!number || *number == 0) return "a job has no number";
    const auto known = jobs_.find(*number);
    if (known == jobs_.end()) {
      if (ended_.contains(*number)) return "a job ends twice";
      return begin_job(*number, text, rest);
    }
    if (!text.starts_with(known->second.text + std::string(kArrow))) return "it began otherwise";
    const std::string_view outcome = text.substr(known->second.text.size() + kArrow.size());
    const TracedJob job = std::move(known->second);
    jobs_.erase(known);
    ended_.insert(*number);
    ++verdict.jobs;
    return end_job(job, outcome);
  }

  std::string begin_job(uint64_t number, std::string_view text, std::string_view rest) {
    TracedJob job{.text = std::string(text), .function = std::string(take_word(rest))};
    if (job.function.empty()) return "a job has no function";
    job.acts = acts_of(job.function);
    if (rest.starts_with(" vm=")) {
      job.vm = rest.substr(4);
      const TracedVm* vm = find(job.vm);
      if (!vm) return "it is about a VM that has gone";
      foresee(job, *vm);
    }
    jobs_.emplace(number, std::move(job));
    return "";
  }

  void foresee(TracedJob& job, const TracedVm& vm) {
    job.before = vm.state;
    job.answers.reset();
    if (job.acts.empty() || !vm.state || anything_goes()) return;
    job.answers = Answers(profile_, vm, is_under_way(job.vm, Act::kClone)).to(job.acts);
  }

  // "7 PrlVm_Start vm=web for LockedForClone", and when it tries again, "7 PrlVm_Start vm=web no
  // longer".
  std::string take_wait(std::string_view text) {
    constexpr std::string_view kFor = " for ";
    std::string_view rest = text;
    const auto number = number_in(take_word(rest));
    const auto known = number ? jobs_.find(*number) : jobs_.end();
    if (known == jobs_.end()) return "a job waits that is not under way";
    TracedJob& job = known->second;
    if (!text.starts_with(job.text)) return "it began otherwise";
    const std::string_view what = text.substr(job.text.size());
    if (what == " no longer") {
      if (!job.is_waiting) return "it does not wait";
      job.is_waiting = false;
      if (const TracedVm* vm = find(job.vm)) foresee(job, *vm);
      return "";
    }
    if (!what.starts_with(kFor)) return "it waits for nothing";
    const auto code = code_called(what.substr(kFor.size()));
    if (!code) return "there is no such outcome";
    job.is_waiting = job.has_waited = true;
    const bool is_judged = job.answers && !job.is_struck && !anything_goes();
    return is_judged ? judge(job, *code) : "";
  }

  std::string end_job(const TracedJob& job, std::string_view outcome) {
    outcome = outcome.substr(0, outcome.find(" ("));  // the code that the client gets
    const auto code = code_called(outcome);
    if (!code) return "there is no such outcome";
    if (outcome == "Injected" && !job.is_struck && !is_disturbed_) return "no fault has struck it";
    if (job.vm.empty() || job.is_struck || anything_goes()) return "";
    // Gone: by the job itself, or meanwhile.
    const auto vm = vms_.find(job.vm);
    if (job.answers) {
      ++verdict.judged;
      if (std::string wrong = judge(job, *code); !wrong.empty()) return wrong;
    }
    if (*code != 0 || vm == vms_.end() || !vm->second.state) return "";
    if (job.function == "PrlVm_Lock") vm->second.may_be_locked = true;
    return judge_end(job, *vm->second.state);
  }

  // A mount or a compaction that only asks how things are succeeds in any state, and a start may be
  // one that is refused for its mode (2.2).
  std::string judge(const TracedJob& job, Code code) const {
    const Codes& answers = *job.answers;
    const bool may_be_to_compact = job.acts[0] == Act::kStartEx && profile_ == Profile::kDesktop &&
                                   job.before == State::kSuspended;
    if (may_be_to_compact && code == kWrongStateToCompact) return "";
    // Somebody else has started it meanwhile (2.2).
    const bool is_late_start = job.has_waited && profile_ == Profile::kVirtuozzo &&
                               job.before == State::kRunning && starts(job.acts[0]);
    if (is_late_start && code == 0) return "";
    // Nor does it know of mounts that only read, beside what the VM is.
    const bool is_mount = job.acts[0] == Act::kMount || job.acts[0] == Act::kUmount;
    const bool may_only_ask = is_mount || job.acts[0] == Act::kCompact;
    if (is_mount && code == kAlreadyMounted) return "";
    if (answers.contains(code) || (code == 0 && may_only_ask)) return "";
    if (code == kAccessToVmDenied && is_free_of_rights(profile_, job.acts[0])) {
      return "this product does not look at the rights of users there";
    }
    if (code == 0) return "the lifecycle refuses it in " + name_of(job.before);
    if (!is_about_states(code) || answers.contains(kSomeRefusal) || answers.contains(kSomeLock))
      return "";
    return "the lifecycle does not refuse it so in " + name_of(job.before);
  }

  static std::string judge_end(const TracedJob& job, State now) {
    // The end of a mount that only read, which is no state.
    const bool is_umount = !job.acts.empty() && job.acts[0] == Act::kUmount;
    if (is_umount && job.before != State::kMounted) return "";
    std::vector<State> ends;
    for (const Act act : job.acts) {
      const std::vector<State> of_act = ends_of(act);
      if (of_act.empty()) return "";
      ends.insert(ends.end(), of_act.begin(), of_act.end());
    }
    if (ends.empty() || std::ranges::find(ends, now) != ends.end()) return "";
    return "it succeeds and the VM is " + std::string(state_name(now));
  }

  std::string take_state(std::string_view text) {
    const size_t arrow = text.rfind(kArrow);
    const size_t before = arrow == text.npos ? text.npos : text.rfind(' ', arrow - 1);
    if (!text.starts_with(kVm) || before == text.npos) return "it names no two states";
    const std::string name(text.substr(kVm.size(), before - kVm.size()));
    const auto from = state_called(text.substr(before + 1, arrow - before - 1));
    const auto to = state_called(text.substr(arrow + kArrow.size()));
    if (!from || !to) return "there is no such state";
    TracedVm* vm = find(name);
    if (!vm) return "the VM has gone";
    ++verdict.states;
    if (vm->state && *vm->state != *from) return "the VM was " + name_of(vm->state);
    if (*from == *to && !anything_goes()) return "it stays what it was";
    if (std::string wrong = judge_change(name, *vm, *from, *to); !wrong.empty()) return wrong;
    if (anything_goes()) {
      raw_events_.forget();
    } else if (std::string wrong = raw_events_.take_change(profile_, name, *from, *to);
               !wrong.empty()) {
      return wrong;
    }
    note_start(name, *vm, *to);
    if (is_stable(*from)) vm->origin = *from;
    vm->state = to;
    return "";
  }

  std::string judge_change(const std::string& name, const TracedVm& vm, State from, State to) {
    if (anything_goes()) return "";
    const bool returns = from == State::kSnapshoting || from == State::kDeletingState;
    if (returns && vm.origin != State::kUnknown && to != vm.origin) {
      return "it was " + std::string(state_name(vm.origin)) + " before";
    }
    if (is_end(from, to)) return "";
    if (is_death(from, to) && dying_.erase(name) > 0) return "";
    if (is_begun_by(from, to, Act::kStart) && starting_.erase(name) > 0) return "";
    bool is_possible = false;
    for (uint8_t i = 0; i < kActCount; ++i) {
      const auto act = static_cast<Act>(i);
      if (!is_begun_by(from, to, act)) continue;
      is_possible = true;
      if (is_under_way(name, act)) return "";
    }
    return is_possible ? "no job asks for it" : "no such change is there";
  }

  void note_start(const std::string& name, TracedVm& vm, State to) {
    const bool makes_process = to == State::kStarting || to == State::kResuming ||
                               (to == State::kRestoring && vm.state && is_off(*vm.state));
    if (makes_process) vm.is_started_by_ex = is_under_way(name, Act::kStartEx);
  }

  std::string take_event(std::string_view text) {
    const std::string_view type = take_word(text);
    if (!text.starts_with(" vm=")) {
      ++verdict.passed_over;
      return "";
    }
    const std::string name(text.substr(4));
    if (type == "VM_ADDED") {
      gone_.erase(name);
      vms_.try_emplace(name);
      return "";
    }
    const TracedVm* vm = find(name);
    if (!vm) return "the VM has gone";
    if (TracedRawEvents::knows(type)) {
      return anything_goes() ? "" : raw_events_.take_event(profile_, name, type);
    }
    if (type == "VM_DELETED" || type == "VM_UNREGISTERED") {
      const bool is_removable = !vm->state || is_off(*vm->state) || anything_goes();
      vms_.erase(name);
      gone_.insert(name);
      return is_removable ? "" : "a VM goes that is at work";
    }
    static const std::map<std::string_view, Act> kCauses = {
        {"VM_SNAPSHOTED", Act::kCreateSnapshot},
        {"VM_RESTORED", Act::kSwitch},
        {"VM_STATE_DELETED", Act::kDeleteSnapshot},
        {"VM_COMPACT_PROCESSING", Act::kCompact},
        {"VM_COMPACT_FINISHED", Act::kCompact}};
    const auto causes = kCauses.find(type);
    if (causes == kCauses.end() || anything_goes()) return "";
    return is_under_way(name, causes->second) ? "" : "no job asks for it";
  }

  // "3 PrlVm_Suspend vm=web rule=first fail at middle": a fault of a job. What strikes what a
  // client is told leaves the VMs alone; whatever else strikes may end in anything.
  std::string take_fault(std::string_view text) {
    std::string_view rest = text;
    const auto number = number_in(take_word(rest));
    const auto job = number ? jobs_.find(*number) : jobs_.end();
    const size_t at = text.rfind(" at ");
    const std::string_view before = text.substr(0, at);
    const bool is_of_job =
        before.ends_with(" fail") || before.ends_with(" hang") || before.ends_with(" delay");
    const bool is_of_report =
        before.ends_with(" lose") || before.ends_with(" duplicate") || before.ends_with(" reorder");
    if (!number && text.starts_with("event ")) return "";
    if (number && job == jobs_.end()) return "it strikes a job that is not under way";
    if (number) job->second.is_struck = true;
    if (!number || !(is_of_job || is_of_report)) is_disturbed_ = true;
    return "";
  }

  // "vm=web died: memory page 7 is damaged", "vm=web asked to sleep: suspend".
  std::string take_guest(std::string_view text) {
    constexpr std::string_view kAsked = " asked to sleep: ";
    const size_t asked = text.rfind(kAsked);
    if (text.starts_with(kVm) && asked != text.npos) {
      const std::string vm(text.substr(kVm.size(), asked - kVm.size()));
      return take_answer(vm, text.substr(asked + kAsked.size()));
    }
    const size_t died = text.find(" died: ");
    if (text.starts_with(kVm) && died != text.npos) {
      dying_.insert(std::string(text.substr(kVm.size(), died - kVm.size())));
    }
    return "";
  }

  // From now on the pause is what the guest makes of it.
  std::string take_answer(const std::string& vm, std::string_view word) {
    const auto act = act_of_answer(word);
    if (!act) return "no guest answers so";
    for (auto& [number, job] : jobs_) {
      if (job.vm != vm || job.acts != std::vector{Act::kPause}) continue;
      job.acts = {*act};
      return "";
    }
    return anything_goes() ? "" : "no job asks for it";
  }

  std::string take_world(std::string_view text) {
    if (text == kEnds) {
      has_ended_ = true;
    } else if (text.starts_with(kVm)) {
      return take_vm(text.substr(kVm.size()));
    } else if (!text.starts_with("host ") && !text.starts_with("delivery ") &&
               !text.starts_with("clock ")) {
      is_disturbed_ = true;  // the service, or the power, went away
    }
    return "";
  }

  // "web found STOPPED", "web is now mail", "web parked RUNNING -> Ok", "web starts with the
  // service".
  std::string take_vm(std::string_view text) {
    constexpr std::string_view kFound = " found ";
    constexpr std::string_view kIsNow = " is now ";
    constexpr std::string_view kStarts = " starts with the service";
    if (text.ends_with(kStarts)) {
      starting_.insert(std::string(text.substr(0, text.size() - kStarts.size())));
      return "";
    }
    if (const size_t found = text.rfind(kFound); found != text.npos) {
      const auto state = state_called(text.substr(found + kFound.size()));
      if (!state || !is_stable(*state)) return "nobody finds a VM in such a state";
      const std::string name(text.substr(0, found));
      gone_.erase(name);
      vms_[name] = {.state = state, .is_started_by_ex = false};
      return "";
    }
    for (auto vm = vms_.begin(); vm != vms_.end(); ++vm) {
      if (!text.starts_with(vm->first + std::string(kIsNow))) continue;
      const std::string old = vm->first;
      const std::string name(text.substr(old.size() + kIsNow.size()));
      auto node = vms_.extract(vm);
      node.key() = name;
      vms_.insert(std::move(node));
      gone_.erase(name);
      return "";
    }
    ++verdict.passed_over;
    return "";
  }

  static std::string name_of(const std::optional<State>& state) {
    return std::string(state_name(state.value_or(State::kUnknown)));
  }

  bool has_begun_ = false;
  bool has_ended_ = false;
  bool is_disturbed_ = false;  // something happens that no client asked for
  Profile profile_ = Profile::kDesktop;
  uint64_t now_ms_ = 0;
  std::set<uint64_t> ended_;
  std::map<uint64_t, TracedJob> jobs_;  // under way
  std::map<std::string, TracedVm> vms_;
  std::set<std::string> gone_;
  TracedRawEvents raw_events_;
  std::set<std::string> dying_;     // whose process has just died
  std::set<std::string> starting_;  // by themselves
};

}  // namespace

TraceVerdict check_trace(std::istream& trace) {
  Replay replay;
  TraceVerdict& verdict = replay.verdict;
  for (std::string text; std::getline(trace, text);) {
    ++verdict.lines;
    const auto line = parse(text);
    const bool is_cut = trace.eof();  // the last line has an end like all others
    const std::string wrong = is_cut ? "it is cut"
                              : line ? replay.take(*line)
                                     : "it is no line of a trace";
    if (wrong.empty()) continue;
    verdict.violation = "line " + std::to_string(verdict.lines) + ": " + wrong + ":\n" + text;
    return verdict;
  }
  if (!replay.has_begun()) {
    verdict.violation = "the trace is empty";
  } else if (!replay.has_ended()) {
    verdict.violation = "the trace is cut: the world does not end";
  }
  return verdict;
}

}  // namespace prl::model
