// What a scenario expects, held against traces.
#include "tool/expectations.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace prl::tool {
namespace {

using Expectations = std::vector<faults::Expectation>;

TracedRun read(const std::string& text) {
  std::istringstream stream(text);
  return read_trace(stream);
}

const TracedRun kRun = read(
    "         2 fault 1 PrlVm_Suspend vm=web rule=flaky fail at middle\n"
    "         5 fault 2 PrlVm_Suspend vm=web rule=flaky fail at middle\n"
    "         9 end SUSPENDED snapshots=2 locked=no vm=web\n");

Words problem_with(const faults::Expectation& expectation, const TracedRun& run = kRun) {
  return unmet(Expectations{expectation}, run);
}

TEST(Expectation, OfAVmIsHeldAgainstTheEnd) {
  EXPECT_EQ(problem_with({.vm = "web", .state = "suspended", .snapshots = 2}), Words());
  EXPECT_EQ(problem_with({.vm = "web", .state = "running", .snapshots = 1}),
            (Words{"VM web is SUSPENDED, not RUNNING", "VM web has 2 snapshots, not 1"}));
  EXPECT_EQ(problem_with({.vm = "mail", .state = "absent"}), Words());
  EXPECT_EQ(problem_with({.vm = "web", .state = "absent"}),
            Words{"VM web is registered, and should not be"});
  EXPECT_EQ(problem_with({.vm = "mail", .state = "stopped"}), Words{"VM mail is not registered"});
}

TEST(Expectation, OfAFaultCountsItsStrikes) {
  EXPECT_EQ(problem_with({.fault = "flaky", .struck = 2}), Words());
  EXPECT_EQ(problem_with({.fault = "flaky", .struck = 1}),
            Words{"fault 'flaky' struck 2 times, not 1"});
  const TracedRun once = {.faults = {{1, "flaky", "end"}}};
  EXPECT_EQ(unmet({{.fault = "flaky", .struck = 2}}, once),
            Words{"fault 'flaky' struck 1 time, not 2"});
  EXPECT_EQ(problem_with({.fault = "never", .struck = 0}), Words());
}

TEST(Expectation, IsNotMetWhereNobodyKnowsTheEnd) {
  EXPECT_EQ(problem_with({.vm = "web", .state = "absent"}, read("")).size(), 1u);
}

}  // namespace
}  // namespace prl::tool
