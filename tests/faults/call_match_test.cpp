// Which functions a rule can watch in each layer.
#include <gtest/gtest.h>

#include <string>

#include "faults/scenario.h"
#include "tests/faults/names.h"

namespace prl::faults {
namespace {

// What is wrong with a rule of this match; empty: nothing.
std::string trouble_with(const std::string& match, const std::string& kind = "no_memory") {
  const auto rules = parse_faults(
      "[[fault]]\nname = \"a\"\nmatch = { " + match + " }\neffect = { kind = \"" + kind + "\" }\n",
      "s.toml", names());
  return rules ? "" : rules.error().text();
}

TEST(CallMatch, AJobIsStartedByItsFunction) {
  EXPECT_EQ(trouble_with("call = \"PrlVm_Suspend\"", "hang"), "");
  EXPECT_EQ(trouble_with("call = \"Prl*\"", "hang"), "");
}

// Such a rule would never strike, and its test would pass.
TEST(CallMatch, AFunctionThatStartsNoJobIsRefusedInLayerJob) {
  EXPECT_EQ(trouble_with("call = \"PrlVmCfg_SetName\"", "hang"),
            "s.toml:3:18: 'PrlVmCfg_SetName' starts no job; layer 'call' strikes the call itself");
  EXPECT_EQ(trouble_with("layer = \"job\", call = \"PrlVmCfg_*\"", "hang"),
            "s.toml:3:33: 'PrlVmCfg_*' starts no job; layer 'call' strikes the call itself");
}

TEST(CallMatch, TheOtherLayersTakeEveryFunction) {
  EXPECT_EQ(trouble_with("layer = \"call\", call = \"PrlVmCfg_SetName\""), "");
  EXPECT_EQ(trouble_with("layer = \"memory\", call = \"PrlVmCfg_*\""), "");
}

TEST(CallMatch, AFunctionThatIsUnknownIsSaidToBeThat) {
  EXPECT_EQ(trouble_with("call = \"PrlVm_Suspnd\"", "hang"),
            "s.toml:3:18: unknown function 'PrlVm_Suspnd'; did you mean 'PrlVm_Suspend'?");
}

}  // namespace
}  // namespace prl::faults
