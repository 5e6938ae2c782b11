#include "tool/trace_reader.h"

#include <algorithm>
#include <sstream>
#include <string_view>

namespace prl::tool {

namespace {

constexpr std::string_view kSucceeded = " -> Ok";
constexpr std::string_view kRule = " rule=";
constexpr std::string_view kAt = " at ";

// What follows the number and the function: " vm=<name>" and more, or nothing.
std::string vm_in(std::string_view rest) {
  constexpr std::string_view kVm = " vm=";
  return rest.starts_with(kVm) ? std::string(rest.substr(kVm.size())) : "";
}

// A job is named twice, when it starts and when it ends; only its end has an outcome.
void add_job(TracedRun& run, uint64_t number, const std::string& function, std::string_view rest) {
  const auto known = std::ranges::find(run.jobs, number, &TracedJob::number);
  if (known == run.jobs.end()) {
    run.jobs.push_back({number, function, vm_in(rest)});
  } else if (rest.ends_with(kSucceeded)) {
    known->has_succeeded = true;
  }
}

// "... rule=<name> <effect> at <phase>[ <ms> ms]". A name may hold anything, so the rest is looked
// for from behind.
void add_fault(TracedRun& run, uint64_t number, std::string_view rest) {
  const size_t rule = rest.find(kRule);
  const size_t at = rest.rfind(kAt);
  if (rule == std::string_view::npos || at == std::string_view::npos || at < rule) return;
  const std::string_view phase = rest.substr(at + kAt.size());
  const std::string_view name = rest.substr(rule + kRule.size(), at - rule - kRule.size());
  run.faults.push_back({number, std::string(name.substr(0, name.rfind(' '))),
                        std::string(phase.substr(0, phase.find(' ')))});
}

}  // namespace

TracedRun read_trace(std::istream& trace) {
  TracedRun run;
  for (std::string line; std::getline(trace, line);) {
    std::istringstream words(line);
    uint64_t time_ms = 0;
    uint64_t number = 0;
    std::string kind, function, rest;
    if (!(words >> time_ms >> kind)) continue;
    run.end_ms = time_ms;
    if (kind != "job" && kind != "fault") continue;
    if (!(words >> number >> function)) continue;
    std::getline(words, rest);
    if (kind == "job") {
      add_job(run, number, function, rest);
    } else {
      add_fault(run, number, rest);
    }
  }
  return run;
}

}  // namespace prl::tool
