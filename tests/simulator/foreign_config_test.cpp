// What is understood of the configurations of other products.
#include "simulator/foreign_config.h"

#include <gtest/gtest.h>

namespace prl::sim {
namespace {

TEST(ForeignConfig, TakesNameMemoryAndProcessors) {
  const auto config = parse_foreign_config(
      ".encoding = \"UTF-8\"\r\nDisplayName = \"my guest\"\r\nmemsize=\"2048\"\r\n"
      "  numvcpus = \"4\"\r\nscsi0.present = \"TRUE\"",
      "fallback");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->name, "my guest");
  EXPECT_EQ(config->ram_mib, 2048u);
  EXPECT_EQ(config->cpu_count, 4u);
}

TEST(ForeignConfig, FallsBackToTheNameOfTheFile) {
  const auto config = parse_foreign_config("memsize = \"512\"\n", "file");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->name, "file");
  EXPECT_EQ(config->cpu_count, 1u);
}

TEST(ForeignConfig, LeavesNumbersThatAreNoneForTheChecksOfSizes) {
  const auto config = parse_foreign_config("memsize = \"much\"\nnumvcpus = \"2x\"\n", "file");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->ram_mib, 0u);
  EXPECT_EQ(config->cpu_count, 0u);
}

TEST(ForeignConfig, RefusesATextWithoutSettings) {
  for (const char* text : {"", "=", "memsize = 512", "<xml a=\"b\">", "\n\n"}) {
    EXPECT_FALSE(parse_foreign_config(text, "file")) << text;
  }
}

}  // namespace
}  // namespace prl::sim
