// Mistakes in the handlers of a client: a sweep finds each of them every time, because handlers run
// when it says.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/tool/sweep_fixture.h"

namespace prl::tests {
namespace {

constexpr int kSweeps = 20;

class SweepOfHandlers : public Sweep {
 protected:
  SweepOfHandlers() {
    ::unsetenv("PRLSIM_TRACE");  // what is found is a crash, which leaves half a trace
    write(folder_ / "world.toml", "[[vm]]\nname = \"web\"\nram_mib = 64\n");
  }

  tool::SweepOptions with(const std::string& name, const std::string& effect) {
    tool::SweepOptions with_effect = options(name);
    with_effect.choice.effects = {effect};
    return with_effect;
  }
};

Findings findings_with_orders(const tool::SweepResult& result) {
  Findings findings;
  for (const tool::SweepRun& run : result.runs) {
    if (tool::is_finding(run.verdict)) findings[run.id()] = run.verdict;
  }
  return findings;
}

// Its handler has not run where it looks at what that has noted.
TEST_F(SweepOfHandlers, FindsAClientThatAssumesAnOrderEveryTime) {
  const Findings expected = {{"PrlVm_CreateSnapshot-1-middle-fail-late", Verdict::kLeftBehind}};
  for (int i = 0; i < kSweeps; ++i) {
    EXPECT_EQ(findings_with_orders(sweep(with("prompt", "fail"))), expected) << i;
  }
}

// Its handler runs although the client has ended its work.
TEST_F(SweepOfHandlers, FindsAHandlerThatDiesEveryTime) {
  Findings first;
  for (int i = 0; i < kSweeps; ++i) {
    const Findings found = findings_with_orders(sweep(with("startled", "kill_vm")));
    if (i == 0) first = found;
    EXPECT_EQ(found, first) << i;
    EXPECT_FALSE(found.empty());
    for (const auto& [id, verdict] : found) EXPECT_EQ(verdict, Verdict::kCrash) << id;
  }
}

TEST_F(SweepOfHandlers, FindsAnOrderThatIsAssumedWithoutAnyFault) {
  const tool::SweepResult result = sweep(with("hasty_reader", "fail"));
  EXPECT_EQ(
      result.remarks,
      tool::Words{"order: where its handlers run late (--delivery late) the client was killed "
                  "by signal 6 (Aborted)"});
  EXPECT_EQ(result.findings(), 1u);
  for (const tool::SweepRun& run : result.runs) EXPECT_FALSE(run.is_late) << run.id();
}

// It ends with 0 in both orders, and keeps nothing in the first.
TEST_F(SweepOfHandlers, FindsALeakThatThereIsInOneOrderOnly) {
  const tool::SweepResult result = sweep(with("collector", "delay"));
  ASSERT_EQ(result.remarks.size(), 1u);
  const std::string& remark = result.remarks.front();
  EXPECT_TRUE(remark.starts_with("order: where its handlers run late (--delivery late), leak: #"))
      << remark;
  EXPECT_TRUE(contains(remark, " PHT_EVENT from an event handler at ")) << remark;
  EXPECT_EQ(findings_with_orders(result), Findings());
}

TEST_F(SweepOfHandlers, TriesBothOrdersWhereThereAreHandlersAndNobodySaysWhich) {
  const auto runs_of = [this](const std::string& name, const std::optional<std::string>& delivery) {
    tool::SweepOptions said = with(name, "fail");
    said.settings.delivery = delivery;
    return sweep(said).runs.size();
  };
  const size_t once = runs_of("tidy", "awaited");
  EXPECT_EQ(runs_of("tidy", std::nullopt), 2 * once);
  EXPECT_EQ(runs_of("tidy", "late"), once);
  EXPECT_EQ(runs_of("tidy", "free"), once);
  write(folder_ / "world.toml", kVm);
  EXPECT_EQ(runs_of("careful", std::nullopt), runs_of("careful", "awaited"));
  write(folder_ / "world.toml", "delivery = \"free\"\n[[vm]]\nname = \"web\"\nram_mib = 64\n");
  EXPECT_EQ(runs_of("tidy", std::nullopt), once);
}

// The scenario of a finding is enough.
TEST_F(SweepOfHandlers, WritesTheOrderIntoTheScenarioOfAFinding) {
  const std::string out = folder_ / "out";
  const Printed printed = prlsim({"sweep", "--out", out, "--scenario", folder_ / "world.toml",
                                  "--effects", "fail", "--", client("prompt")});
  EXPECT_EQ(printed.exit_code, 1) << printed.err;
  EXPECT_TRUE(printed.out.starts_with(
      "left behind: job 1 of PrlVm_CreateSnapshot (VM web) fails at its middle with "))
      << printed.out;
  EXPECT_NE(printed.out.find(", handlers late;\n"), std::string::npos) << printed.out;
  const std::string finding = out + "/PrlVm_CreateSnapshot-1-middle-fail-late";
  EXPECT_TRUE(text_of(finding + ".toml").starts_with("delivery = \"late\"\n"));
  EXPECT_NE(text_of(finding + ".trace").find(" world delivery late\n"), std::string::npos);
  for (const char* file : {".toml", ".trace"}) {
    const Printed again =
        prlsim({"replay", finding + file, "--out", folder_ / "again", "--", client("prompt")});
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
    EXPECT_NE(again.out.find("the verdict is the same: left behind\n"), std::string::npos)
        << again.out;
    EXPECT_NE(again.out.find("--clock virtual --delivery late -- "), std::string::npos)
        << again.out;
  }
}

}  // namespace
}  // namespace prl::tests
