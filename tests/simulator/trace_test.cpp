// The trace of a world, where it cannot be written.
#include "simulator/trace.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace prl::sim {
namespace {

constexpr const char* kFullDevice = "/dev/full";

TEST(ATrace, SaysOnceThatItHasLostLines) {
  if (!std::filesystem::exists(kFullDevice)) GTEST_SKIP() << "no " << kFullDevice;
  std::vector<std::string> complaints;
  Trace trace(kFullDevice, 10, [&](const std::string& why) { complaints.push_back(why); });
  trace.line(1, "world", "begins");
  trace.line(2, "world", "ends");
  ASSERT_EQ(complaints.size(), 1u);
  EXPECT_NE(complaints[0].find("'/dev/full'"), std::string::npos) << complaints[0];
  EXPECT_NE(complaints[0].find("No space left on device"), std::string::npos) << complaints[0];
  EXPECT_EQ(trace.kept(), "         1 world begins\n         2 world ends\n");
}

TEST(ATrace, ThatIsWholeSaysNothing) {
  bool has_complained = false;
  Trace trace("/dev/null", 0, [&](const std::string&) { has_complained = true; });
  trace.line(1, "world", "begins");
  EXPECT_FALSE(has_complained);
}

}  // namespace
}  // namespace prl::sim
