// What somebody may have meant.
#include "faults/nearest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace prl::faults {
namespace {

TEST(Nearest, FindsSmallTypingErrorsOnly) {
  constexpr std::array<std::string_view, 2> kFunctions = {"PrlVm_Start", "PrlVm_Suspend"};
  EXPECT_EQ(nearest("PrlVm_Strat", kFunctions), "PrlVm_Start");
  EXPECT_EQ(nearest("PrlVm_Start", kFunctions), "PrlVm_Start");
  EXPECT_EQ(nearest("reboot", kFunctions), "");
  EXPECT_EQ(nearest("PrlVM_Satrt", kFunctions), "PrlVm_Start");
  EXPECT_EQ(nearest("", kFunctions), "");
  EXPECT_EQ(nearest(std::string(1'000'000, 'x'), kFunctions), "");
}

TEST(Nearest, TakesSwappedLettersForOneError) {
  constexpr std::array<std::string_view, 2> kWords = {"snapshot", "shared"};
  EXPECT_EQ(nearest("snpashot", kWords), "snapshot");
  EXPECT_EQ(nearest("snpasohtt", kWords), "snapshot");
  EXPECT_EQ(nearest("shraed", kWords), "shared");
  EXPECT_EQ(nearest("cups", std::array<std::string_view, 1>{"cpus"}), "cpus");
}

}  // namespace
}  // namespace prl::faults
