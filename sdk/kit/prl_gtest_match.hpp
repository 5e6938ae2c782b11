// Printers and matchers of GoogleTest and GoogleMock for jobs, states, codes, calls, faults and
// handles. Part of prl_gtest.hpp.
#ifndef PRL_GTEST_MATCH_HPP
#define PRL_GTEST_MATCH_HPP

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "prl_kit.hpp"

// States in the messages of GoogleTest have their names. They are looked for where the type is.
inline void PrintTo(VIRTUAL_MACHINE_STATE state, std::ostream* out) {
  *out << prl::kit::name_of(state);
}

// A handle says what it stands for. Its bits tell apart what has the same words.
#ifndef PRL_SDK_VIRTUOZZO  // there it is a pointer like any other
inline void PrintTo(PRL_HANDLE handle, std::ostream* out) {
  if (handle == PRL_INVALID_HANDLE) {
    *out << "no handle";
    return;
  }
  const std::string words = prl::kit::words_for(handle);
  if (words.empty()) {
    *out << "a handle that is not alive";
  } else {
    *out << words << " (handle " << static_cast<const void*>(handle) << ")";
  }
}
#endif

namespace prl::kit {

// ---- Printers ---------------------------------------------------------------------------------

inline void PrintTo(const Handle& handle, std::ostream* out) {
  PRL_HANDLE_TYPE type = PHT_ERROR;
  if (!handle || PRL_FAILED(PrlHandle_GetType(handle.get(), &type))) {
    *out << "no handle";
    return;
  }
  *out << "a handle of type " << handle_type_to_string(type);
  if (type == PHT_VIRTUAL_MACHINE) *out << " in " << name_of(state_of(handle.get()));
}
inline void PrintTo(const JobEnd& end, std::ostream* out) {
  *out << (end.has_ended ? "a job that ended with " : "a job that did not end: ")
       << name_of(end.code);
  if (!end.job.empty()) *out << ": " << end.job;
}
inline void PrintTo(const World& world, std::ostream* out) {
  *out << "the world at " << world.time_ms() << " ms";
}

// ---- Matchers ---------------------------------------------------------------------------------

inline PRL_HANDLE raw(PRL_HANDLE handle) {
  return handle;
}
inline PRL_HANDLE raw(const Handle& handle) {
  return handle.get();
}

// Of a VM: what the library tells of its state at this moment.
MATCHER_P(HasState, state, (negation ? "is not in " : "is in ") + name_of(state)) {
  const VIRTUAL_MACHINE_STATE found = state_of(raw(arg));
  *result_listener << "which is in " << name_of(found);
  return found == state;
}

// Of a job: waits for it, frees it and looks at its code. GoogleTest looks a second time at what
// does not match, so the matcher remembers how the job ended.
class JobMatcher {
 public:
  using is_gtest_matcher = void;
  explicit JobMatcher(PRL_RESULT code) : code_(code) {}

  template <class Job>
  bool MatchAndExplain(const Job& job, std::ostream* out) const {
    auto found = ends_->find(raw(job));
    if (found == ends_->end()) found = ends_->emplace(raw(job), end_of(raw(job))).first;
    const End& end = found->second;
    if (out) {
      *out << (end.has_ended ? "which ended with " : "which did not end: ") << name_of(end.code);
      if (!end.job.empty()) *out << ": " << end.job;
    }
    return end.has_ended && end.code == code_;
  }
  void DescribeTo(std::ostream* out) const { *out << "is a job that ends with " << name_of(code_); }
  void DescribeNegationTo(std::ostream* out) const {
    *out << "is a job that does not end with " << name_of(code_);
  }

 private:
  struct End {
    bool has_ended;
    PRL_RESULT code;
    std::string job;  // in words
  };
  static End end_of(PRL_HANDLE job) {
    const JobEnd end = finish(job);
    return {end.has_ended, end.code, end.job};
  }

  PRL_RESULT code_;
  // By handle: no two jobs have the same (core-api 2.1).
  std::shared_ptr<std::map<PRL_HANDLE, End>> ends_ = std::make_shared<std::map<PRL_HANDLE, End>>();
};
inline JobMatcher JobFailsWith(PRL_RESULT code) {
  return JobMatcher(code);
}
inline JobMatcher JobSucceeds() {
  return JobMatcher(PRL_ERR_SUCCESS);
}

// Of a PRL_RESULT, which is an int: EXPECT_EQ shows codes as numbers, these by name.
MATCHER(Succeeds, negation ? "is an error" : "is a success") {
  *result_listener << "which is " << name_of(arg);
  return PRL_SUCCEEDED(arg);
}
MATCHER_P(IsCode, code, (negation ? "is not " : "is ") + name_of(code)) {
  *result_listener << "which is " << name_of(arg);
  return arg == code;
}

// How often, for the two below: exactly so many times.
inline testing::Matcher<size_t> Times(size_t count) {
  return testing::Eq(count);
}

// What is told of a name that the test has mistyped: a failure where the test says it, whether or
// not the matcher is negated.
inline void fail_for_name(const std::string& why, const char* file, int line) {
  if (!why.empty()) ADD_FAILURE_AT(file, line) << why;
}

MATCHER_P2(HasHadCalls, function, times,
           std::string(negation ? "has not had " : "has had ") +
               testing::DescribeMatcher<size_t>(times) + " calls of " + function) {
  const size_t calls = calls_in(arg.trace(), function);
  *result_listener << "which has had " << calls;
  return testing::ExplainMatchResult(testing::Matcher<size_t>(times), calls, result_listener);
}

// Of a world: how often a function of the API was called; `times` is a number or a matcher of one.
// Fails the test where the API has no function of that name. Leave out `file` and `line`.
template <class Times>
auto WasCalled(const std::string& function, Times times, const char* file = __builtin_FILE(),
               int line = __builtin_LINE()) {
  fail_for_name(unknown_function(function), file, line);
  return HasHadCalls(function, times);
}

class StrikeMatcher {
 public:
  using is_gtest_matcher = void;
  StrikeMatcher(std::string rule, testing::Matcher<size_t> times, const char* file, int line)
      : rule_(std::move(rule)), times_(std::move(times)), file_(file), line_(line) {}

  bool MatchAndExplain(const World& world, std::ostream* out) const {
    const std::string unknown = unknown_rule(rule_, world.rules());
    if (!unknown.empty() && !*has_failed_) {
      *has_failed_ = true;
      fail_for_name(unknown, file_, line_);
    }
    const size_t strikes = strikes_in(world.trace(), rule_);
    if (out) *out << "which has had " << strikes;
    return times_.Matches(strikes);
  }
  void DescribeTo(std::ostream* out) const { describe("has had ", out); }
  void DescribeNegationTo(std::ostream* out) const { describe("has not had ", out); }

 private:
  void describe(const char* verb, std::ostream* out) const {
    *out << verb << testing::DescribeMatcher<size_t>(times_) << " faults of " << rule_;
  }

  std::string rule_;
  testing::Matcher<size_t> times_;
  const char* file_;
  int line_;
  // GoogleTest looks a second time at what does not match.
  std::shared_ptr<bool> has_failed_ = std::make_shared<bool>(false);
};

// Of a world: how often a fault rule has struck; `times` as above. Fails the test where the host
// has had no rule of that name. Leave out `file` and `line`.
template <class Times>
StrikeMatcher HasStruck(const std::string& rule, Times times, const char* file = __builtin_FILE(),
                        int line = __builtin_LINE()) {
  return StrikeMatcher(rule, testing::MatcherCast<size_t>(times), file, line);
}

// Of a world that has ended, or of one whose client should hold nothing any more: every handle that
// the client got was freed. The test's own connection counts while the world has not ended.
MATCHER(HasNoLeakedHandles, negation ? "has leaked handles" : "has leaked no handles") {
  (void)arg;
  if (ledger_counts().live == 0) return true;
  *result_listener << "of which there are\n" << ledger_text();
  return false;
}
inline auto NoLeakedHandles() {
  return HasNoLeakedHandles();
}
// Of a world: no call was given a handle that was freed, of another type or never there.
MATCHER(HasNoMisuse, negation ? "has had handles misused" : "has had no handle misused") {
  (void)arg;
  if (ledger_counts().misuses == 0) return true;
  *result_listener << "of which there are\n" << ledger_text();
  return false;
}

}  // namespace prl::kit

#endif  // PRL_GTEST_MATCH_HPP
