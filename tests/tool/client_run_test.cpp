// How sweeps and the like run a client.
#include "tool/client_run.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/temporary_folder.h"

namespace prl::tool {
namespace {

TEST(ClientRun, LetsSanitizersOfTheClientCrashUnlessTheEnvironmentSaysOtherwise) {
  const tests::TemporaryFolder folder;
  const char* own = std::getenv("UBSAN_OPTIONS");
  const std::string before = own ? own : "";
  ::setenv("UBSAN_OPTIONS", "abort_on_error=0", 1);
  Settings settings;
  settings.trace = folder / "trace";
  const Ending ending =
      run_client(settings, {"sh", "-c", "echo $TSAN_OPTIONS; echo $UBSAN_OPTIONS"},
                 folder / "output", std::chrono::seconds(10));
  ::setenv("UBSAN_OPTIONS", before.c_str(), 1);
  EXPECT_EQ(ending.exit_code(), 0);
  const std::string output = text_of_file(folder / "output");
  EXPECT_TRUE(output.starts_with("abort_on_error=1:halt_on_error=1")) << output;
  EXPECT_NE(output.find("abort_on_error=1:halt_on_error=1:abort_on_error=0\n"), std::string::npos)
      << output;
}

TEST(ClientRun, RemovesTheTraceOfARunWithThoseOfItsHandlers) {
  const tests::TemporaryFolder folder;
  for (const char* name : {"a.trace", "a.trace.handlers-1", "a.trace.handlers-2", "ab.trace"}) {
    write_file(folder / name, "x");
  }
  remove_trace(folder / "a.trace");
  EXPECT_EQ(text_of_file(folder / "a.trace"), "");
  EXPECT_EQ(text_of_file(folder / "a.trace.handlers-1"), "");
  EXPECT_EQ(text_of_file(folder / "a.trace.handlers-2"), "");
  EXPECT_EQ(text_of_file(folder / "ab.trace"), "x");
}

}  // namespace
}  // namespace prl::tool
