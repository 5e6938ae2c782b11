#include "tool/sweep.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>

#include "sdk/scenario_names.h"
#include "tool/client_run.h"
#include "tool/progress.h"
#include "tool/sweep_html.h"
#include "tool/sweep_report.h"

namespace prl::tool {

namespace {

namespace fs = std::filesystem;
using Failure = sim::Unexpected<std::string>;

constexpr unsigned kMaxJobs = 256;

// Parts may run at the same time with one folder.
std::string recording_name(const Shard& shard) {
  if (shard.count == 1) return "recording";
  return fmt::format("recording-{}-of-{}", shard.index, shard.count);
}

Words last_lines_of(const std::string& path) {
  constexpr size_t kLines = 40;
  std::ifstream file(path);
  std::deque<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
    if (lines.size() > kLines) lines.pop_front();
  }
  return {lines.begin(), lines.end()};
}

// Writes the report to the file, where one is wanted. False where it cannot be written.
bool report_to(const std::string& path, const std::function<void(std::ostream&)>& print,
               std::ostream& err) {
  if (path.empty()) return true;
  std::ofstream file(path);
  print(file);
  if (file.flush()) return true;
  fmt::print(err, "prlsim: '{}' cannot be written\n", path);
  return false;
}

// One sweep under way. Threads call run_one() with different indexes.
class Sweep {
 public:
  explicit Sweep(const SweepOptions& options) : options_(options), settings_(options.settings) {}

  sim::Expected<void, std::string> prepare() {
    std::error_code error;
    fs::create_directories(options_.out, error);
    if (error) return Failure{"the folder '" + options_.out + "' cannot be made"};
    const auto own = take_own_scenario(settings_);
    if (!own) return Failure{own.error()};
    base_ = own->text;
    return {};
  }

  sim::Expected<void, std::string> record() {
    Settings settings = settings_;
    const std::string name = recording_name(options_.shard);
    settings.trace = absolute(name + ".trace");
    const std::string output = absolute(name + ".log");
    const Ending ending = run_client(settings, options_.command, output, options_.timeout);
    if (ending.kind != Ending::Kind::kExited || ending.value != 0) {
      return Failure{
          fmt::format("without faults the client has to end with 0, but it {}; it printed\n{}",
                      ending.text(), text_of_file(output))};
    }
    recording_ = trace_in(*settings.trace);
    if (recording_.jobs.empty()) {
      return Failure{"the client started no job; does it load the library of prlsim?"};
    }
    faults_ = single_faults(recording_, options_.choice);
    if (!faults_.empty()) {
      const auto combined = faults::parse_scenario(
          base_ + faults_.front().toml(), "the scenario with a fault added", sdk::scenario_names());
      if (!combined) return Failure{combined.error().text()};
    }
    return {};
  }

  sim::Expected<SweepResult, std::string> run_all() {
    const std::vector<size_t> indexes = indexes_of(options_.shard, faults_.size());
    SweepResult result{recording_.jobs, handle_remarks(recording_),
                       std::vector<SweepRun>(indexes.size())};
    std::atomic<size_t> next{0};
    const auto work = [&] {
      for (size_t i = next++; i < indexes.size() && !has_failed(); i = next++) {
        result.runs[i] = run_one(faults_[indexes[i]]);
        tell(result.runs[i], indexes.size());
      }
    };
    const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
    const unsigned wanted = options_.jobs ? options_.jobs : processors;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::min(wanted, kMaxJobs); ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    if (has_failed()) return Failure{*failure_};
    return result;
  }

 private:
  std::string absolute(const std::string& name) const {
    return fs::absolute(fs::path(options_.out) / name).string();
  }

  // Keeps the files of a run only where it is a finding.
  SweepRun run_one(const SingleFault& fault) {
    const std::string scenario = absolute(fault.id() + ".toml");
    const std::string output = absolute(fault.id() + ".log");
    Settings settings = settings_;
    settings.scenario = scenario;
    settings.trace = absolute(fault.id() + ".trace");
    const std::string text = base_ + "# " + fault.text() + ".\n" + fault.toml();
    if (!write_file(scenario, text)) fail("'" + scenario + "' cannot be written");
    SweepRun run{.fault = fault,
                 .ending = run_client(settings, options_.command, output, options_.timeout)};
    if (run.ending.kind == Ending::Kind::kInterrupted) fail("interrupted");
    if (run.ending.kind == Ending::Kind::kNotStarted) fail("the client could not be started");
    const TracedRun traced = trace_in(*settings.trace);
    run.virtual_ms = traced.end_ms;
    Judgement judged = judge(fault, recording_, traced, run.ending, options_.patience_ms);
    run.verdict = judged.verdict;
    run.details = std::move(judged.details);
    if (is_finding(run.verdict)) {
      run.replay = replay_line(fault);
      run.last_lines = last_lines_of(*settings.trace);
      write_file(scenario, text + found_line(run.verdict));
    } else {
      std::error_code ignored;
      for (const std::string& path : {scenario, output}) fs::remove(path, ignored);
      remove_trace(*settings.trace);
    }
    return run;
  }

  std::string replay_line(const SingleFault& fault) const {
    Settings settings = settings_;
    settings.scenario = (fs::path(options_.out) / (fault.id() + ".toml")).string();
    return run_line(options_.program, settings, options_.command);
  }

  void tell(const SweepRun& run, size_t all) {
    if (!options_.on_run || has_failed()) return;
    std::lock_guard lock(mutex_);
    options_.on_run(run, ++done_, all);
  }

  void fail(std::string why) {
    std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(why);
  }
  bool has_failed() {
    std::lock_guard lock(mutex_);
    return failure_.has_value();
  }

  const SweepOptions& options_;
  // Constant once the recording is over.
  Settings settings_;
  std::string base_;  // the client's own scenario
  TracedRun recording_;
  std::vector<SingleFault> faults_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<std::string> failure_;
  size_t done_ = 0;
};

}  // namespace

size_t SweepResult::count(Verdict verdict) const {
  return static_cast<size_t>(std::ranges::count(runs, verdict, &SweepRun::verdict));
}

size_t SweepResult::findings() const {
  return static_cast<size_t>(std::ranges::count_if(runs, is_finding, &SweepRun::verdict)) +
         (remarks.empty() ? 0 : 1);
}

std::vector<size_t> indexes_of(const Shard& shard, size_t count) {
  std::vector<size_t> indexes;
  for (size_t i = shard.index - 1; i < count; i += shard.count) indexes.push_back(i);
  return indexes;
}

sim::Expected<SweepResult, std::string> sweep(const SweepOptions& options) {
  Sweep sweep(options);
  if (const auto prepared = sweep.prepare(); !prepared) return Failure{prepared.error()};
  if (const auto recorded = sweep.record(); !recorded) return Failure{recorded.error()};
  return sweep.run_all();
}

int sweep_command(SweepOptions options, bool shows_progress, std::ostream& out, std::ostream& err) {
  ProgressLine line(err, shows_progress);
  const auto begin = std::chrono::steady_clock::now();
  options.on_run = [&, findings = size_t{0}](const SweepRun& run, size_t done, size_t all) mutable {
    findings += is_finding(run.verdict) ? 1 : 0;
    if (run.ending.kind == Ending::Kind::kTimedOut) {
      line.clear();
      fmt::print(err, "prlsim: {} did not end in time and was killed\n", run.fault.id());
      err.flush();
    }
    const auto elapsed = std::chrono::steady_clock::now() - begin;
    line.show(
        {done, all, findings, std::chrono::duration_cast<std::chrono::milliseconds>(elapsed)});
  };
  const auto result = sweep(options);
  line.clear();
  if (!result) {
    fmt::print(err, "prlsim: {}\n", result.error());
    return 2;
  }
  if (options.json) {
    print_json(*result, out);
  } else {
    print_text(*result, out);
  }
  const auto junit = [&](std::ostream& file) { print_junit(*result, file); };
  const auto html = [&](std::ostream& file) { print_html(*result, options.command, file); };
  if (!report_to(options.junit, junit, err) || !report_to(options.html, html, err)) return 2;
  return result->findings() > 0 ? 1 : 0;
}

}  // namespace prl::tool
