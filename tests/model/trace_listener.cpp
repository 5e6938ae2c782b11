// Linked to a test program, it has the library write a trace, unless a test asks for one itself,
// and checks it when the test has ended. Every Init begins the trace anew, so that it is that of
// the last world of the test.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "tests/model/trace_check.h"

namespace prl::model {
namespace {

class TraceListener final : public testing::EmptyTestEventListener {
 public:
  TraceListener()
      : path_((std::filesystem::temp_directory_path() /
               ("prlsim-trace-" + std::to_string(::getpid())))
                  .string()) {}
  ~TraceListener() override { std::filesystem::remove(path_); }

  void OnTestStart(const testing::TestInfo&) override {
    std::filesystem::remove(path_);
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
  void OnTestProgramEnd(const testing::UnitTest&) override {
    std::cout << "count traces_checked " << traces_ << "\n"
              << "count traced_jobs " << jobs_ << "\n"
              << "count traced_jobs_judged " << judged_ << "\n"
              << "count traced_states " << states_ << "\n";
  }

 private:
  const std::string path_;
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
