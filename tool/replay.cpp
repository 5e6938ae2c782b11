#include "tool/replay.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <system_error>

#include "tool/client_run.h"
#include "tool/exact_scenario.h"
#include "tool/fault_list.h"
#include "tool/json_text.h"
#include "tool/sweep.h"

namespace prl::tool {

namespace {

namespace fs = std::filesystem;
using Failure = sim::Unexpected<std::string>;

// ---- Traces ------------------------------------------------------------------------------------

struct NumberedLine {
  size_t number = 0;
  std::string text;
  std::string compared;
};

// Identities are drawn: which is which counts, not what they are.
class Identities {
 public:
  std::string numbered(const std::string& line) {
    constexpr std::string_view kHex = "0123456789abcdef-";
    constexpr size_t kLength = 38;  // of "{01234567-89ab-cdef-0123-456789abcdef}"
    std::string text;
    for (size_t i = 0; i < line.size(); ++i) {
      const std::string word = line.substr(i, kLength);
      const bool is_uuid = word.size() == kLength && word.front() == '{' && word.back() == '}' &&
                           word.find_first_not_of(kHex, 1) == kLength - 1;
      if (!is_uuid) {
        text += line[i];
        continue;
      }
      text += fmt::format("{{{}}}", numbers_.try_emplace(word, numbers_.size()).first->second);
      i += kLength - 1;
    }
    return text;
  }

 private:
  std::map<std::string, size_t> numbers_;
};

std::vector<NumberedLine> lines_of(const std::string& trace) {
  std::vector<NumberedLine> lines;
  Identities identities;
  std::istringstream in(trace);
  size_t number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    const auto line = split_line(text);
    if (!line || line->kind != "drawn") {
      lines.push_back({number, text, identities.numbered(text)});
    }
  }
  return lines;
}

bool has_ended(const std::vector<NumberedLine>& lines) {
  return !lines.empty() && lines.back().text.ends_with(" world ends");
}

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
    if (!settings_.scenario) settings_.scenario = files_.scenario;
    const auto own = take_own_scenario(settings_);
    if (!own) return Failure{own.error()};
    const TracedRun before = trace_in(files_.trace);
    const std::string& delivery = before.delivery;
    if (!settings_.delivery) settings_.delivery = delivery.empty() ? "free" : delivery;
    if (!settings_.clock) settings_.clock = clock_of(own->scenario);
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
    const bool is_cut = result.ending.kind == Ending::Kind::kTimedOut;
    const std::string now = text_of_file(*settings_.trace);
    result.difference = first_difference(recorded_, now, is_cut);
    result.lines = lines_of(now).size();
    result.is_cut = is_cut && !has_ended(lines_of(now));
    result.scenario = settings_.scenario.value_or("");
    result.replay = run_line(options_.program, settings_, options_.command);
    if (recorded_verdict_) judge_finding(result);
    return result;
  }

 private:
  // Said in the line, so that it means the same where the default is another one.
  static std::optional<std::string> clock_of(const faults::Scenario& scenario) {
    const auto clock = variable("PRLSIM_CLOCK");
    return clock ? clock : scenario.clock;
  }

  std::string in_folder(const char* name) const { return (fs::path(options_.out) / name).string(); }

  void judge_finding(ReplayResult& result) const {
    const fs::path path(files_.trace);
    const auto finding =
        find_recording(path.has_parent_path() ? path.parent_path() : ".", path.stem().string());
    if (!finding) {
      result.details = {"there is no verdict: the recording of the sweep is not beside the trace"};
      return;
    }
    const Judgement judged = judge(finding->fault, finding->recording, trace_in(*settings_.trace),
                                   result.ending, options_.patience_ms);
    result.recorded_verdict = recorded_verdict_;
    result.verdict = judged.verdict;
    result.details = judged.details;
  }

  const ReplayOptions& options_;
  // Constant once prepared.
  Settings settings_;
  const Recorded files_;
  std::string recorded_;
  std::optional<Verdict> recorded_verdict_;
};

void print_text(const ReplayResult& result, std::ostream& out) {
  if (const auto& difference = result.difference) {
    const auto shown = [](const std::string& line) { return line.empty() ? "(its end)" : line; };
    fmt::print(out, "the traces differ from line {} on\n  recorded: {}\n  now:      {}\n",
               difference->line, shown(difference->recorded), shown(difference->now));
  } else {
    fmt::print(out, "the trace is the same{}, {} lines\n",
               result.is_cut ? " until the client was killed" : "", result.lines);
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
    difference =
        fmt::format("{{\"line\": {}, \"recorded\": {}, \"now\": {}}}", result.difference->line,
                    json(result.difference->recorded), json(result.difference->now));
  }
  fmt::print(out,
             "{{\n  \"same\": {},\n  \"lines\": {},\n  \"difference\": {},\n"
             "  \"recorded_verdict\": {},\n  \"verdict\": {},\n  \"details\": {},\n"
             "  \"exit_code\": {},\n  \"scenario\": {},\n  \"replay\": {}\n}}\n",
             result.is_same(), result.lines, difference, json_of(result.recorded_verdict),
             json_of(result.verdict), json_list(result.details), result.ending.exit_code(),
             json(result.scenario), json(result.replay));
}

}  // namespace

bool ReplayResult::is_same() const {
  return recorded_verdict ? verdict == recorded_verdict : !difference;
}

std::optional<TraceDifference> first_difference(const std::string& recorded, const std::string& now,
                                                bool is_cut) {
  const std::vector<NumberedLine> before = lines_of(recorded);
  const std::vector<NumberedLine> after = lines_of(now);
  size_t i = 0;
  while (i < before.size() && i < after.size() && before[i].compared == after[i].compared) ++i;
  const bool is_at_an_end = i == before.size() || i == after.size();
  if (i == before.size() && i == after.size()) return std::nullopt;
  if (is_cut && !after.empty() && is_at_an_end && !has_ended(before)) return std::nullopt;
  const size_t last = before.empty() ? 0 : before.back().number;
  return TraceDifference{.line = i < before.size() ? before[i].number : last + 1,
                         .recorded = i < before.size() ? before[i].text : "",
                         .now = i < after.size() ? after[i].text : ""};
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
