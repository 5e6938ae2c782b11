#include "tool/expectations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace prl::tool {

namespace {

std::string in_capitals(std::string text) {
  for (char& letter : text) {
    letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return text;
}

// Empty where it is as expected.
std::string state_problem(const std::string& state, const TracedVm* vm) {
  if (state == "absent") return vm ? "is registered, and should not be" : "";
  if (!vm) return "is not registered";
  const std::string expected = in_capitals(state);
  return vm->state == expected ? "" : fmt::format("is {}, not {}", vm->state, expected);
}

std::string snapshots_problem(uint64_t snapshots, const TracedVm* vm) {
  if (!vm) return "is not registered";
  if (number_in(vm->snapshots) == snapshots) return "";
  return fmt::format("has {} snapshots, not {}", vm->snapshots, snapshots);
}

void hold_vm(const faults::Expectation& expectation, const TracedVms& vms, Words& problems) {
  const auto found = vms.find(expectation.vm);
  const TracedVm* vm = found == vms.end() ? nullptr : &found->second;
  const auto add = [&](const std::string& problem) {
    if (!problem.empty()) problems.push_back(fmt::format("VM {} {}", expectation.vm, problem));
  };
  if (expectation.state) add(state_problem(*expectation.state, vm));
  if (expectation.snapshots) add(snapshots_problem(*expectation.snapshots, vm));
}

void hold_fault(const faults::Expectation& expectation, const TracedRun& run, Words& problems) {
  const auto struck = static_cast<uint64_t>(
      std::ranges::count(run.faults, traced_name(expectation.fault), &TracedFault::rule));
  if (struck == expectation.struck) return;
  problems.push_back(fmt::format("fault '{}' struck {} time{}, not {}", expectation.fault, struck,
                                 struck == 1 ? "" : "s", *expectation.struck));
}

}  // namespace

Words unmet(const std::vector<faults::Expectation>& expectations, const TracedRun& run) {
  Words problems;
  for (const faults::Expectation& expectation : expectations) {
    if (!expectation.fault.empty()) {
      hold_fault(expectation, run, problems);
    } else if (run.end) {
      hold_vm(expectation, *run.end, problems);
    } else {
      problems.push_back(fmt::format(
          "nobody knows what has become of VM {}: the host was not opened, or the client did not "
          "end the library (PrlApi_Deinit)",
          expectation.vm));
    }
  }
  return problems;
}

}  // namespace prl::tool
