// The line that says how far a sweep is.
#include "tool/progress.h"

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>

namespace prl::tests {
namespace {

TEST(Progress, ShowsCountFindingsAndRate) {
  using std::chrono::milliseconds;
  EXPECT_EQ(tool::progress_text({.done = 0, .all = 39}),
            "[>                   ] 0 of 39 runs, 0 findings");
  EXPECT_EQ(tool::progress_text({12, 39, 3, milliseconds(1500)}),
            "[======>             ] 12 of 39 runs, 3 findings, 8.0 runs/s, 3 s left");
  EXPECT_EQ(tool::progress_text({39, 39, 3, milliseconds(4000)}),
            "[====================] 39 of 39 runs, 3 findings, 9.8 runs/s, 0 s left");
}

TEST(Progress, TakesTheLineAndGivesItBack) {
  std::ostringstream shown, hidden;
  {
    tool::ProgressLine line(shown, true);
    line.show({.done = 1, .all = 10});
    line.show({.done = 1, .all = 9});
    tool::ProgressLine none(hidden, false);
    none.show({.done = 1, .all = 10});
  }
  EXPECT_EQ(hidden.str(), "");
  const std::string first = "[==>                 ] 1 of 10 runs, 0 findings";
  const std::string second = "[==>                 ] 1 of 9 runs, 0 findings";
  EXPECT_EQ(shown.str(),
            "\r" + first + "\r" + second + " " + "\r" + std::string(second.size(), ' ') + "\r");
}

}  // namespace
}  // namespace prl::tests
