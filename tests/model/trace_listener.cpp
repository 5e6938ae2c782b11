// Linked to a test program, it has the library write a trace, unless a test asks for one itself,
// and checks it when the test has ended. Every Init begins the trace anew, so that it is that of
// the last world of the test.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <system_error>

#include "tests/model/trace_check.h"
#include "tests/temporary_folder.h"

namespace prl::model {
namespace {

class TraceListener final : public testing::EmptyTestEventListener {
 public:
  void OnTestStart(const testing::TestInfo&) override {
    remove_trace();
    ::setenv("PRLSIM_TRACE", path_.c_str(), /*overwrite=*/1);
  }
  void OnTestEnd(const testing::TestInfo& test) override {
    if (test.result()->Skipped() || !std::filesystem::exists(path_)) return;
    std::ifstream file(path_);
    const TraceVerdict verdict = check_trace(file);
    EXPECT_EQ(verdict.violation, "") << "in the trace of the test";
    ++traces_;
    jobs_ += verdict.jobs;
    judged_ += verdict.judged;
    states_ += verdict.states;
  }
  // Not at the end of the program: a failure there comes too late.
  void OnTestIterationEnd(const testing::UnitTest& program, int /*iteration*/) override {
    const bool is_whole = program.test_to_run_count() == program.total_test_count();
    if (is_whole && traces_ == 0) ADD_FAILURE() << "no test has left a trace";
  }
  void OnTestProgramEnd(const testing::UnitTest&) override {
    std::cout << "count traces_checked " << traces_ << "\n"
              << "count traced_jobs " << jobs_ << "\n"
              << "count traced_jobs_judged " << judged_ << "\n"
              << "count traced_states " << states_ << "\n";
  }

 private:
  void remove_trace() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

  const tests::TemporaryFolder folder_;  // what handlers do is in files beside the trace
  const std::string path_ = folder_ / "trace";
  uint64_t traces_ = 0;
  uint64_t jobs_ = 0;
  uint64_t judged_ = 0;
  uint64_t states_ = 0;
};

// The list owns it.
[[maybe_unused]] const bool is_listening = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new TraceListener);
  return true;
}();

}  // namespace
}  // namespace prl::model
