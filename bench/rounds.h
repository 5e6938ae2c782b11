// How every benchmark here measures. One iteration is one round: it times the references and the
// subject itself, in turn, so that a machine that slows down slows down all of them. What a round
// finds out are its figures, ratios to a reference of the same round among them; what is reported
// is the median of each figure over the rounds. One thread.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace prl::bench {

// Seconds on the wall that work() takes.
template <class Work>
double seconds_of(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Parts that are timed beside each other. A part prepares, does its work once, and returns the
// seconds of the work alone.
class Contest {
 public:
  using Part = std::function<double()>;

  explicit Contest(std::vector<Part> parts) : parts_(std::move(parts)) {}

  // Runs every part `slices` times, in turn. Who begins changes with each slice, because what goes
  // first finds other caches and another disk. Returns the sum of the seconds of each part.
  std::vector<double> run(int slices);

 private:
  const std::vector<Part> parts_;
  size_t begins_ = 0;
};

struct RoundResult {
  double subject_seconds = 0;
  std::map<std::string, double> figures;
};

// The largest value that satisfies. `figure` is "<benchmark>_<figure of its rounds>".
struct Goal {
  std::string_view figure;
  double bound = 0;
};

// The benchmarks of one program. Must outlive run().
class Program {
 public:
  using Round = std::function<RoundResult()>;

  // Enters a benchmark of so many rounds. prepare() makes what its rounds need before the first of
  // them, untimed; what it made is let go before the next benchmark prepares. An exception from
  // either ends the benchmark and fails the program.
  void add(const std::string& name, int rounds, std::function<Round()> prepare);

  // Takes the flags of Google Benchmark, prints "figure NAME VALUE goal BOUND ok|short" for each
  // figure and returns the program's exit status. A figure that falls short fails nothing.
  int run(int argc, char** argv, std::span<const Goal> goals = {});

 private:
  RoundResult run_round(const std::string& name, const std::function<Round()>& prepare);

  std::string prepared_;  // the benchmark that round_ belongs to
  Round round_;
};

}  // namespace prl::bench
