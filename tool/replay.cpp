#include "tool/replay.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "simulator/clock.h"
#include "tool/client_run.h"
#include "tool/exact_scenario.h"
#include "tool/fault_list.h"
#include "tool/json_text.h"
#include "tool/sweep.h"
#include "tool/trace_difference.h"

namespace prl::tool {

namespace {

namespace fs = std::filesystem;
using Failure = sim::Unexpected<std::string>;

// ---- Findings ----------------------------------------------------------------------------------

// The files of the run that is to be had again.
struct Recorded {
  std::string trace;
  std::optional<std::string> scenario;  // beside the trace
};

Recorded files_of(const std::string& file) {
  const fs::path path(file);
  Recorded recorded{.trace = fs::path(path).replace_extension(".trace").string(), .scenario = {}};
  const std::string beside = fs::path(path).replace_extension(".toml").string();
  std::error_code error;
  if (fs::exists(beside, error)) recorded.scenario = beside;
  if (path.extension() != ".toml") recorded.trace = file;
  return recorded;
}

// A finding as the sweep knew it.
struct Finding {
  TracedRun recording;
  SingleFault fault;
};

// The recordings of all parts are alike.
std::vector<TracedRun> recordings_in(const fs::path& folder, const std::string& name) {
  std::vector<TracedRun> recordings;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string file = entry.path().filename().string();
    if (!file.starts_with(name) || !file.ends_with(".trace")) continue;
    recordings.push_back(trace_in(entry.path().string()));
  }
  return recordings;
}

// The faults are those of the first order, whatever the run's.
std::optional<Finding> find_recording(const fs::path& folder, std::string id) {
  const std::string late = kLateSuffix;
  const bool is_late = id.ends_with(late);
  if (is_late) id.resize(id.size() - late.size());
  for (TracedRun& recording : recordings_in(folder, kRecording)) {
    for (const SingleFault& fault : single_faults(recording, {.with_calls = true})) {
      if (fault.id() != id) continue;
      if (!is_late) return Finding{std::move(recording), fault};
      auto other = recordings_in(folder, kLateRecording);
      if (!other.empty()) return Finding{std::move(other.front()), fault};
    }
  }
  return std::nullopt;
}

// ---- The run -----------------------------------------------------------------------------------

class Replay {
 public:
  explicit Replay(const ReplayOptions& options)
      : options_(options), settings_(options.settings), files_(files_of(options.file)) {}

  sim::Expected<void, std::string> prepare() {
    recorded_ = text_of_file(files_.trace);
    if (!split_line(recorded_.substr(0, recorded_.find('\n')))) {
      return Failure{no_trace(files_.trace)};
    }
    const TracedRun before = trace_in(files_.trace);
    if (!settings_.scenario) settings_.scenario = files_.scenario;
    if (!settings_.clock && !before.clock.empty()) settings_.clock = before.clock;
    const auto own = take_own_scenario(settings_);
    if (!own) return Failure{own.error()};
    const std::string& delivery = before.delivery;
    if (!settings_.delivery) settings_.delivery = delivery.empty() ? "free" : delivery;
    if (!settings_.clock) settings_.clock = clock_of(own->scenario);
    if (passes_by_itself(before.clock) || passes_by_itself(settings_.clock.value_or(""))) {
      times_ = Times::kIgnored;
    }
    const auto exact = exact_scenario(*own, before);
    if (!exact) return Failure{exact.error()};
    std::error_code error;
    fs::create_directories(options_.out, error);
    if (error) return Failure{"the folder '" + options_.out + "' cannot be made"};
    if (settings_.scenario) {
      settings_.scenario = in_folder("replay.toml");
      if (!write_file(*settings_.scenario, *exact)) {
        return Failure{"'" + *settings_.scenario + "' cannot be written"};
      }
      recorded_verdict_ = found_verdict(own->text);
    }
    settings_.trace = fs::absolute(in_folder("replay.trace")).string();
    return {};
  }

  sim::Expected<ReplayResult, std::string> run() {
    ReplayResult result;
    Settings settings = settings_;
    if (settings.scenario) settings.scenario = fs::absolute(*settings.scenario).string();
    result.ending =
        run_client(settings, options_.command, in_folder("replay.log"), options_.timeout);
    if (result.ending.kind == Ending::Kind::kInterrupted) return Failure{"interrupted"};
    if (result.ending.kind == Ending::Kind::kNotStarted) {
      return Failure{"'" + options_.command.front() + "' " + result.ending.text()};
    }
    const bool is_cut = result.ending.is_endless();
    const std::string now = text_of_file(*settings_.trace);
    result.times = times_;
    result.difference = first_difference(recorded_, now, is_cut, times_);
    result.is_only_in_times =
        result.difference && !first_difference(recorded_, now, is_cut, Times::kIgnored);
    result.lines = count_compared_lines(now, times_);
    result.is_cut = is_cut && !has_end(now);
    if (!result.difference) compare_handlers(result);
    // Nothing tells why but the client, or the library in its place.
    const std::string said = last_line(text_of_file(in_folder("replay.log")));
    if (now.empty() && !said.empty()) result.details.push_back("it printed: " + said);
    result.scenario = settings_.scenario.value_or("");
    result.replay = run_line(options_.program, settings_, options_.command,
                             is_cut ? std::optional(options_.timeout) : std::nullopt);
    if (recorded_verdict_) judge_finding(result);
    return result;
  }

 private:
  static std::string last_line(const std::string& text) {
    const size_t end = text.find_last_not_of(" \t\r\n");
    if (end == text.npos) return "";
    const size_t before = text.rfind('\n', end);
    const size_t begin = before == text.npos ? 0 : before + 1;
    return text.substr(begin, end + 1 - begin);
  }

  static bool passes_by_itself(const std::string& clock) {
    const auto spec = sim::parse_clock(clock);
    return spec && !spec->is_virtual();
  }

  // Said in the line, so that it means the same where the default is another one.
  static std::optional<std::string> clock_of(const faults::Scenario& scenario) {
    const auto clock = variable("PRLSIM_CLOCK");
    return clock ? clock : scenario.clock;
  }

  // Where handlers run as the machine will have it, chance may say how far they are when they ask.
  void compare_handlers(ReplayResult& result) const {
    if (settings_.delivery == "free") return;
    const bool is_cut = result.ending.kind != Ending::Kind::kExited;
    const bool is_recorded = !handler_files(files_.trace).empty();
    if (!is_recorded && !handler_files(*settings_.trace).empty()) {
      result.details.emplace_back("there are calls of handlers, and beside the trace none of them");
    } else {
      result.difference = first_difference_of_handlers(files_.trace, *settings_.trace, is_cut);
    }
  }

  std::string in_folder(const char* name) const { return (fs::path(options_.out) / name).string(); }

  void judge_finding(ReplayResult& result) const {
    const fs::path path(files_.trace);
    const auto finding =
        find_recording(path.has_parent_path() ? path.parent_path() : ".", path.stem().string());
    if (!finding) {
      result.details.emplace_back(
          "there is no verdict: the recording of the sweep is not beside the trace");
      return;
    }
    const Judgement judged = judge(finding->fault, finding->recording, trace_in(*settings_.trace),
                                   result.ending, options_.patience_ms);
    result.recorded_verdict = recorded_verdict_;
    result.verdict = judged.verdict;
    result.details.insert(result.details.end(), judged.details.begin(), judged.details.end());
  }

  const ReplayOptions& options_;
  // Constant once prepared.
  Settings settings_;
  const Recorded files_;
  std::string recorded_;
  std::optional<Verdict> recorded_verdict_;
  Times times_ = Times::kCompared;
};

void print_text(const ReplayResult& result, std::ostream& out) {
  if (const auto& difference = result.difference) {
    const auto shown = [](const std::string& line) { return line.empty() ? "(its end)" : line; };
    const std::string& file = difference->file;
    const std::string what = file.empty() ? std::string("the traces differ") +
                                                (result.is_only_in_times ? " in times only," : "")
                                          : "the calls of handlers (" + file + ") differ";
    fmt::print(out, "{} from line {} on\n  recorded: {}\n  now:      {}\n", what, difference->line,
               shown(difference->recorded), shown(difference->now));
  } else {
    fmt::print(out, "the trace is the same{}, {} lines\n",
               result.is_cut ? " until the client was killed" : "", result.lines);
  }
  if (result.times == Times::kIgnored) {
    fmt::print(
        out,
        "  without times, and without the order of calls and host: on a clock that passes by "
        "itself chance says them\n");
  }
  fmt::print(out, "the client {}\n", result.ending.text());
  if (result.recorded_verdict) {
    const std::string_view recorded = verdict_name(*result.recorded_verdict);
    if (result.is_same()) {
      fmt::print(out, "the verdict is the same: {}\n", recorded);
    } else {
      fmt::print(out, "the verdict is another: {} and no longer {}\n",
                 verdict_name(*result.verdict), recorded);
    }
  }
  for (const std::string& detail : result.details) fmt::print(out, "  {}\n", detail);
  fmt::print(out, "  {}\n", result.replay);
}

std::string json_of(const std::optional<Verdict>& verdict) {
  return verdict ? json(verdict_name(*verdict)) : "null";
}

void print_json(const ReplayResult& result, std::ostream& out) {
  std::string difference = "null";
  if (result.difference) {
    difference = fmt::format("{{\"file\": {}, \"line\": {}, \"recorded\": {}, \"now\": {}}}",
                             json(result.difference->file), result.difference->line,
                             json(result.difference->recorded), json(result.difference->now));
  }
  fmt::print(out,
             "{{\n  \"same\": {},\n  \"lines\": {},\n  \"times_compared\": {},\n"
             "  \"difference\": {},\n"
             "  \"recorded_verdict\": {},\n  \"verdict\": {},\n  \"details\": {},\n"
             "  \"exit_code\": {},\n  \"scenario\": {},\n  \"replay\": {}\n}}\n",
             result.is_same(), result.lines, result.times == Times::kCompared, difference,
             json_of(result.recorded_verdict), json_of(result.verdict), json_list(result.details),
             result.ending.exit_code(), json(result.scenario), json(result.replay));
}

}  // namespace

bool ReplayResult::is_same() const {
  return recorded_verdict ? verdict == recorded_verdict : !difference;
}

sim::Expected<ReplayResult, std::string> replay(const ReplayOptions& options) {
  Replay replay(options);
  if (const auto prepared = replay.prepare(); !prepared) return Failure{prepared.error()};
  return replay.run();
}

int replay_command(const ReplayOptions& options, std::ostream& out, std::ostream& err) {
  const auto result = replay(options);
  if (!result) {
    fmt::print(err, "prlsim: {}\n", result.error());
    return 2;
  }
  if (options.json) {
    print_json(*result, out);
  } else {
    print_text(*result, out);
  }
  return result->is_same() ? 0 : 1;
}

}  // namespace prl::tool
