// Properties of RapidCheck with the fixture of the kit: what makes them false, and what is said
// then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <prlsdk/prl_gtest.hpp>
#include <prlsdk/prl_rapidcheck.hpp>

#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/kit/sample_client.h"

namespace prl::kit {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using tests::Mistake;
using tests::SampleClient;

class Nightly : public SimTest {};

RC_GTEST_FIXTURE_PROP(Nightly, IsTruthful, ()) {
  start(*any_scenario("web", {"PrlVm_Suspend"}, 2));
  if (SampleClient().suspend("web")) RC_ASSERT(world().state("web") == VMS_SUSPENDED);
}

// The rest fail, for the tests below.
RC_GTEST_FIXTURE_PROP(Nightly, DISABLED_Believes, ()) {
  start(*any_scenario("web", {"PrlVm_Suspend"}, 2));
  if (SampleClient(Mistake::kBelievesTheTimeout).suspend("web")) {
    RC_ASSERT(world().state("web") == VMS_SUSPENDED);
  }
}
RC_GTEST_FIXTURE_PROP(Nightly, DISABLED_BelievesOfAVmThatIsNotStopped, ()) {
  const Scenario scenario = *any_scenario("web", {"PrlVm_Suspend"}, 2);
  RC_PRE(scenario.toml().find("\nstate = ") != std::string::npos);
  start(scenario);
  RC_ASSERT(!SampleClient(Mistake::kBelievesTheTimeout).suspend("web"));
}
RC_GTEST_FIXTURE_PROP(Nightly, DISABLED_Leaks, ()) {
  start(*any_scenario("web", {"PrlVm_Suspend"}, 2));
  SampleClient(Mistake::kForgetsTheResult).suspend("web");
}
RC_GTEST_FIXTURE_PROP(Nightly, DISABLED_Tolerates, ()) {
  start(*any_scenario("web", {"PrlVm_Suspend"}, 2));
  tolerate_leaks();
  SampleClient(Mistake::kForgetsTheResult).suspend("web");
}
RC_GTEST_FIXTURE_PROP(Nightly, DISABLED_Expects, ()) {
  start(*any_scenario("web", {"PrlVm_Suspend"}, 2));
  EXPECT_FALSE(SampleClient(Mistake::kBelievesTheTimeout).suspend("web") &&
               world().state("web") != VMS_SUSPENDED);
}

// What a property of this program says when it is run alone.
std::string output_of(const std::string& property) {
  char program[4096] = {};
  if (::readlink("/proc/self/exe", program, sizeof(program) - 1) <= 0) return "no program";
  std::FILE* pipe =
      ::popen((shell_word(program) + " --gtest_also_run_disabled_tests --gtest_filter=" +
               "Nightly_RapidCheck.DISABLED_" + property + " 2>/dev/null")
                  .c_str(),
              "r");
  std::string text;
  char block[4096];
  for (size_t count = 0; (count = std::fread(block, 1, sizeof(block), pipe)) > 0;) {
    text.append(block, count);
  }
  ::pclose(pipe);
  return text;
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Property, SaysWhatRepeatsItsCounterexample) {
  const std::string text = output_of("Believes");
  EXPECT_THAT(text, HasSubstr("Falsifiable after"));
  EXPECT_EQ(count_of(text, "Again: (cd "), 1u) << text;
  EXPECT_THAT(text, AllOf(HasSubstr("RC_PARAMS="),
                          HasSubstr("--gtest_filter=Nightly_RapidCheck.DISABLED_Believes)\n")));
  const size_t said = text.find("\nThe scenario:\n");
  ASSERT_NE(said, std::string::npos) << text;
  EXPECT_EQ(count_of(text.substr(said), "[[fault]]"), 1u) << "not the smallest\n" << text;
  EXPECT_THAT(text, HasSubstr("The last of the trace:\n"));
}

// Shrinking has tried a stopped VM last.
TEST(Property, IsNotMixedUpWithCasesThatWereDiscarded) {
  const std::string text = output_of("BelievesOfAVmThatIsNotStopped");
  const size_t said = text.find("\nThe scenario:\n");
  ASSERT_NE(said, std::string::npos) << text;
  EXPECT_THAT(text.substr(said), HasSubstr("\nstate = "));
}

TEST(Property, IsFalseWhereTheClientLeaks) {
  const std::string text = output_of("Leaks");
  EXPECT_THAT(text, AllOf(HasSubstr("Falsifiable after"), HasSubstr("leaked handles:\nlive #")));
  EXPECT_EQ(count_of(text, ": Failure\n"), 1u) << text;
  EXPECT_EQ(count_of(text, "Again: (cd "), 1u) << text;
  const size_t said = text.find("\nThe scenario:\n");
  ASSERT_NE(said, std::string::npos) << text;
  EXPECT_EQ(count_of(text.substr(said), "[[fault]]"), 0u) << "a stopped VM suffices\n" << text;
  EXPECT_THAT(output_of("Tolerates"), HasSubstr("[  PASSED  ] 1 test"));
}

TEST(Property, IsFalseWhereGoogleTestSaysSo) {
  const std::string text = output_of("Expects");
  EXPECT_THAT(text, AllOf(HasSubstr("Falsifiable after"), HasSubstr("which stands above\n")));
  EXPECT_EQ(count_of(text, "Again: (cd "), 1u) << text;
}

}  // namespace
}  // namespace prl::kit
