#include "bench/rounds.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <utility>

namespace prl::bench {

namespace {

// Prints the medians as lines for people and scripts. The JSON file has everything.
class FigureReporter final : public benchmark::BenchmarkReporter {
 public:
  explicit FigureReporter(std::span<const Goal> goals) : goals_(goals) {}

  bool has_failed() const { return has_failed_; }

  bool ReportContext(const Context& context) override {
    PrintBasicContext(&GetErrorStream(), context);
    return true;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.error_occurred) {
        has_failed_ = true;
        std::fprintf(stderr, "%s: %s\n", run.run_name.function_name.c_str(),
                     run.error_message.c_str());
      } else if (run.run_type == Run::RT_Aggregate && run.aggregate_name == "median") {
        for (const auto& [name, counter] : run.counters) {
          print(run.run_name.function_name + "_" + name, counter.value);
        }
      }
    }
  }

 private:
  void print(const std::string& figure, double value) const {
    const auto goal = std::ranges::find(goals_, figure, &Goal::figure);
    if (goal == goals_.end()) {
      std::printf("figure %-45s %9.4g goal - ok\n", figure.c_str(), value);
    } else {
      std::printf("figure %-45s %9.4g goal %.5g %s\n", figure.c_str(), value, goal->bound,
                  value <= goal->bound ? "ok" : "short");
    }
    std::fflush(stdout);
  }

  const std::span<const Goal> goals_;
  bool has_failed_ = false;
};

}  // namespace

std::vector<double> Contest::run(int slices) {
  std::vector<double> seconds(parts_.size());
  for (int slice = 0; slice < slices; ++slice, ++begins_) {
    for (size_t i = 0; i < parts_.size(); ++i) {
      const size_t part = (begins_ + i) % parts_.size();
      seconds[part] += parts_[part]();
    }
  }
  return seconds;
}

RoundResult Program::run_round(const std::string& name, const std::function<Round()>& prepare) {
  if (prepared_ != name) {
    round_ = nullptr;
    round_ = prepare();
    prepared_ = name;
  }
  return round_();
}

void Program::add(const std::string& name, int rounds, std::function<Round()> prepare) {
  const auto body = [this, name, prepare = std::move(prepare)](benchmark::State& state) {
    RoundResult result;
    for (auto _ : state) {
      try {
        result = run_round(name, prepare);
      } catch (const std::exception& error) {
        return state.SkipWithError(error.what());
      }
      state.SetIterationTime(result.subject_seconds);
    }
    for (const auto& [figure, value] : result.figures) state.counters[figure] = value;
  };
  benchmark::RegisterBenchmark(name.c_str(), body)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond)
      ->Iterations(1)
      ->Repetitions(rounds);
}

int Program::run(int argc, char** argv, std::span<const Goal> goals) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  FigureReporter reporter(goals);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  round_ = nullptr;
  return reporter.has_failed() ? 1 : 0;
}

}  // namespace prl::bench
