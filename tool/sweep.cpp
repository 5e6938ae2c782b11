#include "tool/sweep.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
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
std::string recording_name(const Shard& shard, bool is_late) {
  const std::string name = is_late ? kLateRecording : kRecording;
  if (shard.count == 1) return name;
  return fmt::format("{}-{}-of-{}", name, shard.index, shard.count);
}

bool has_handlers(const TracedRun& recording) {
  return std::ranges::any_of(recording.calls, [](const TracedCall& call) {
    return call.has_succeeded && call.function.ends_with("_RegEventHandler");
  });
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
    if (options_.shard.count == 1) remove_findings();
    base_ = own->text;
    is_ordered_ = !own->names_delivery;
    return {};
  }

  sim::Expected<void, std::string> record() {
    const std::string name = recording_name(options_.shard, false);
    const Ending ending = record_as(name, "awaited");
    if (ending.kind == Ending::Kind::kInterrupted) return Failure{"interrupted"};
    if (ending.exit_code() != 0) {
      return Failure{
          fmt::format("without faults the client has to end with 0, but it {}; it printed\n{}",
                      ending.text(), text_of_file(absolute(name + ".log")))};
    }
    recording_ = trace_in(absolute(name + ".trace"));
    remarks_ = handle_remarks(recording_);
    if (recording_.jobs.empty()) {
      return Failure{"the client started no job; does it load the library of prlsim?"};
    }
    faults_ = single_faults(recording_, options_.choice);
    if (!faults_.empty()) {
      const auto combined = faults::parse_scenario(
          base_ + faults_.front().toml(), "the scenario with a fault added", sdk::scenario_names());
      if (!combined) return Failure{combined.error().text()};
    }
    if (is_ordered_ && has_handlers(recording_)) record_late();
    return {};
  }

  sim::Expected<SweepResult, std::string> run_all() {
    const std::vector<size_t> indexes = indexes_of(options_.shard, faults_.size());
    std::vector<std::vector<SweepRun>> runs(indexes.size());
    std::atomic<size_t> next{0};
    const auto work = [&] {
      for (size_t i = next++; i < indexes.size() && !has_failed(); i = next++) {
        runs[i] = try_fault(faults_[indexes[i]], indexes.size());
      }
    };
    const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
    const unsigned wanted = options_.jobs ? options_.jobs : processors;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::min(wanted, kMaxJobs); ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    if (has_failed()) return Failure{*failure_};
    SweepResult result{.jobs = recording_.jobs, .remarks = remarks_, .runs = {}};
    for (std::vector<SweepRun>& some : runs) {
      std::ranges::move(some, std::back_inserter(result.runs));
    }
    return result;
  }

 private:
  std::string absolute(const std::string& name) const {
    return fs::absolute(fs::path(options_.out) / name).string();
  }

  Ending record_as(const std::string& name, const char* delivery) {
    Settings settings = settings_;
    if (is_ordered_) settings.delivery = delivery;
    settings.trace = absolute(name + ".trace");
    const std::string output = absolute(name + ".log");
    const Ending ending = run_client(settings, options_.command, output, options_.timeout);
    most_bytes_ = std::max(most_bytes_, kTimesMore * bytes_of_run(settings, output));
    return ending;
  }

  // What it does otherwise where its handlers are late.
  void record_late() {
    const std::string name = recording_name(options_.shard, true);
    const Ending ending = record_as(name, "late");
    if (ending.exit_code() == 0) {
      late_recording_ = trace_in(absolute(name + ".trace"));
      for (const std::string& remark : handle_remarks(*late_recording_, recording_)) {
        remarks_.push_back("order: where its handlers run late (--delivery late), " + remark);
      }
    } else {
      remarks_.push_back(fmt::format(
          "order: where its handlers run late (--delivery late) the client {}", ending.text()));
    }
  }

  // In one order, and, where that is no finding, in the other one.
  std::vector<SweepRun> try_fault(const SingleFault& fault, size_t all) {
    std::vector<SweepRun> runs = {run_one(fault, recording_, false)};
    const bool is_once = is_finding(runs.front().verdict) || !late_recording_ || has_failed();
    tell(runs.front(), all, is_once);
    if (is_once) return runs;
    runs.push_back(run_one(fault, *late_recording_, true));
    tell(runs.back(), all, true);
    return runs;
  }

  // The scenario says when handlers run, so that it is enough to repeat the run.
  std::string text_of(const SweepRun& run) const {
    const char* delivery = run.is_late ? "late" : "awaited";
    return (is_ordered_ ? fmt::format("delivery = \"{}\"\n", delivery) : "") + base_ + "# " +
           run.text() + ".\n" + run.fault.toml();
  }

  // Those of an earlier sweep would be taken for this one's. One may be what is swept now.
  void remove_findings() const {
    std::error_code ignored;
    std::vector<fs::path> findings;
    for (const fs::directory_entry& entry : fs::directory_iterator(options_.out, ignored)) {
      const auto& own = options_.settings.scenario;
      if (own && fs::equivalent(entry.path(), *own, ignored)) continue;
      const bool is_scenario = entry.path().extension() == ".toml";
      if (is_scenario && found_verdict(text_of_file(entry.path().string()))) {
        findings.push_back(entry.path());
      }
    }
    for (fs::path path : findings) {
      fs::remove(path, ignored);
      fs::remove(path.replace_extension(".log"), ignored);
      remove_trace(path.replace_extension(".trace").string());
    }
  }

  // Keeps the files of a run only where it is a finding.
  SweepRun run_one(const SingleFault& fault, const TracedRun& recording, bool is_late) {
    SweepRun run{.fault = fault, .is_late = is_late};
    const std::string scenario = absolute(run.id() + ".toml");
    const std::string output = absolute(run.id() + ".log");
    Settings settings = settings_;
    settings.scenario = scenario;
    settings.trace = absolute(run.id() + ".trace");
    const std::string text = text_of(run);
    if (!write_file(scenario, text)) fail("'" + scenario + "' cannot be written");
    run.ending = run_client(settings, options_.command, output, options_.timeout, most_bytes_);
    if (run.ending.kind == Ending::Kind::kInterrupted) fail("interrupted");
    if (run.ending.kind == Ending::Kind::kNotStarted) fail("the client could not be started");
    const TracedRun traced = trace_in(*settings.trace);
    run.virtual_ms = traced.end_ms;
    Judgement judged = judge(fault, recording, traced, run.ending, options_.patience_ms);
    run.verdict = judged.verdict;
    run.details = std::move(judged.details);
    if (is_finding(run.verdict)) {
      run.replay = replay_line(run);
      run.last_lines = last_lines_of(*settings.trace);
      write_file(scenario, text + found_line(run.verdict));
    } else {
      std::error_code ignored;
      for (const std::string& path : {scenario, output}) fs::remove(path, ignored);
      remove_trace(*settings.trace);
    }
    return run;
  }

  std::string replay_line(const SweepRun& run) const {
    Settings settings = settings_;
    settings.scenario = (fs::path(options_.out) / (run.id() + ".toml")).string();
    const bool is_hang = run.verdict == Verdict::kHang;
    return run_line(options_.program, settings, options_.command,
                    is_hang ? std::optional(options_.timeout) : std::nullopt);
  }

  void tell(const SweepRun& run, size_t all, bool is_last) {
    if (!options_.on_run || has_failed()) return;
    std::lock_guard lock(mutex_);
    if (is_last) ++done_;
    options_.on_run(run, done_, all);
  }

  void fail(std::string why) {
    std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(why);
  }
  bool has_failed() {
    std::lock_guard lock(mutex_);
    return failure_.has_value();
  }

  // A run with a fault may write so many times what the one without has written, and a bit where
  // that is little.
  static constexpr uint64_t kTimesMore = 8;
  uint64_t most_bytes_ = uint64_t{16} << 20;

  const SweepOptions& options_;
  // Constant once the recording is over.
  Settings settings_;
  std::string base_;  // the client's own scenario
  bool is_ordered_ = false;  // the sweep says when handlers run
  TracedRun recording_;
  std::optional<TracedRun> late_recording_;  // handlers were late
  Words remarks_;
  std::vector<SingleFault> faults_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<std::string> failure_;
  size_t done_ = 0;
};

}  // namespace

std::string SweepRun::id() const {
  return fault.id() + (is_late ? kLateSuffix : "");
}

std::string SweepRun::text() const {
  return fault.text() + (is_late ? ", handlers late" : "");
}

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
    if (run.ending.is_endless()) {
      line.clear();
      fmt::print(err, "prlsim: {} {} and was killed\n", run.id(), run.ending.text());
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
