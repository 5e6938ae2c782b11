// Printers and matchers of GoogleTest and GoogleMock for jobs, states, codes, calls, faults and
// handles. Part of prl_gtest.hpp.
#ifndef PRL_GTEST_MATCH_HPP
#define PRL_GTEST_MATCH_HPP

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "prl_kit.hpp"

// States in the messages of GoogleTest have their names. They are looked for where the type is.
inline void PrintTo(VIRTUAL_MACHINE_STATE state, std::ostream* out) {
  *out << prl::kit::name_of(state);
}

namespace prl::kit {

// What the jobs were of which a matcher is explaining a failure: it has freed them when GoogleTest
// prints them. By handle: no two jobs have the same (core-api 2.1).
class ExplainedJobs {
 public:
  static void put(PRL_HANDLE job, const std::string& words) {
    const std::lock_guard<std::mutex> lock(mutex());
    words_by_job()[job] = words;
  }
  // Empty where it is none of them.
  static std::string words_for(PRL_HANDLE job) {
    const std::lock_guard<std::mutex> lock(mutex());
    const auto found = words_by_job().find(job);
    return found == words_by_job().end() ? "" : found->second;
  }

 private:
  static std::mutex& mutex() {
    static std::mutex mutex;
    return mutex;
  }
  static std::map<PRL_HANDLE, std::string>& words_by_job() {
    static std::map<PRL_HANDLE, std::string> words;
    return words;
  }
};

}  // namespace prl::kit

// A handle says what it stands for. Its bits tell apart what has the same words.
#ifndef PRL_SDK_VIRTUOZZO  // there it is a pointer like any other
inline void PrintTo(PRL_HANDLE handle, std::ostream* out) {
  if (handle == PRL_INVALID_HANDLE) {
    *out << "no handle";
    return;
  }
  const std::string words = prl::kit::words_for(handle);
  const std::string job = prl::kit::ExplainedJobs::words_for(handle);
  if (words.empty() && !job.empty()) {
    *out << job;
  } else if (words.empty()) {
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

// What is told of a name, a count or a handle with which the test itself is wrong: a failure where
// the test says it, whether or not the matcher is negated.
inline void fail_for_name(const std::string& why, const char* file, int line) {
  if (!why.empty()) ADD_FAILURE_AT(file, line) << why;
}

// Of a VM: what the library tells of its state at this moment. What is no VM is in VMS_UNKNOWN, and
// fails a test that asks for any other, also where the matcher is negated.
MATCHER_P(HasState, state, (negation ? "is not in " : "is in ") + name_of(state)) {
  const std::string words = words_for(raw(arg));
  const bool is_vm = are_of_a_vm(words);
  const VIRTUAL_MACHINE_STATE found = is_vm ? state_of(raw(arg)) : VMS_UNKNOWN;
  if (is_vm) {
    *result_listener << "which is in " << name_of(found);
  } else {
    *result_listener << (raw(arg) == PRL_INVALID_HANDLE ? "so there is no such VM"
                                                        : "which is no VM");
  }
  // GoogleTest looks a second time at what does not match, and then listens.
  if (!is_vm && state != VMS_UNKNOWN && !result_listener->IsInterested()) {
    ADD_FAILURE() << "HasState(" << name_of(state) << ") is asked of what is no VM";
  }
  return found == state;
}

// Of a job: waits for it and looks at its code. It frees a job that is a PRL_HANDLE; one in a
// Handle is freed by that. GoogleTest looks a second time at what does not match, so the matcher
// remembers how the job ended. What is no job fails the test, and is not freed.
class JobMatcher {
 public:
  using is_gtest_matcher = void;
  JobMatcher(PRL_RESULT code, const char* file, int line) : code_(code), file_(file), line_(line) {}

  template <class Job>
  bool MatchAndExplain(const Job& job, std::ostream* out) const {
    auto found = ends_->find(raw(job));
    if (found == ends_->end()) found = ends_->emplace(raw(job), end_of(job)).first;
    const End& end = found->second;
    if (out && end.is_job) ExplainedJobs::put(raw(job), end.words);
    if (out) explain(end, out);
    return end.has_ended && end.code == code_;
  }
  void DescribeTo(std::ostream* out) const { *out << "is a job that ends with " << name_of(code_); }
  void DescribeNegationTo(std::ostream* out) const {
    *out << "is a job that does not end with " << name_of(code_);
  }

 private:
  struct End {
    bool is_job;
    bool has_ended;
    PRL_RESULT code;
    std::string words;  // what the handle stands for
  };
  static JobEnd take(PRL_HANDLE job) { return finish(job); }
  static JobEnd take(const Handle& job) { return wait_for(job.get()); }
  template <class Job>
  End end_of(const Job& job) const {
    const std::string words = words_for(raw(job));
    if (!are_of_a_job(words)) {
      const bool is_none = raw(job) == PRL_INVALID_HANDLE;
      fail_for_name(
          "a job is wanted, and this is " + (is_none         ? "no handle"
                                             : words.empty() ? "a handle that is not alive"
                                                             : words),
          file_, line_);
      return {false, false, PRL_ERR_INVALID_ARG, words};
    }
    const JobEnd end = take(job);
    return {true, end.has_ended, end.code, end.job};
  }
  static void explain(const End& end, std::ostream* out) {
    if (!end.is_job) {
      *out << "which is no job";
      return;
    }
    *out << (end.has_ended ? "which ended with " : "which did not end: ") << name_of(end.code);
#ifdef PRL_SDK_VIRTUOZZO  // GoogleTest has printed a pointer
    *out << ": " << end.words;
#endif
  }

  PRL_RESULT code_;
  const char* file_;
  int line_;
  std::shared_ptr<std::map<PRL_HANDLE, End>> ends_ = std::make_shared<std::map<PRL_HANDLE, End>>();
};
// Leave out `file` and `line`.
inline JobMatcher JobFailsWith(PRL_RESULT code, const char* file = __builtin_FILE(),
                               int line = __builtin_LINE()) {
  return JobMatcher(code, file, line);
}
inline JobMatcher JobSucceeds(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  return JobMatcher(PRL_ERR_SUCCESS, file, line);
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
inline size_t Times(size_t count) {
  return count;
}

// How often something is to have happened: a number, or a matcher of one.
class Count {
 public:
  template <class Times>
  explicit Count(const Times& times) {
    if constexpr (std::is_integral_v<Times>) {
      number_ = std::to_string(times);
      if constexpr (std::is_signed_v<Times>) {
        if (times < 0) wrong_ = "nothing has happened " + number_ + " times";
      }
      if (wrong_.empty()) matcher_ = testing::Eq(static_cast<size_t>(times));
    } else {
      matcher_ = testing::MatcherCast<size_t>(times);
    }
  }

  // Empty where there can be so many.
  const std::string& wrong() const { return wrong_; }
  bool matches(size_t count) const { return wrong_.empty() && matcher_.Matches(count); }
  // "2 calls of PrlVm_Start", "a number of calls of PrlVm_Start that is >= 4"
  std::string of(const std::string& what, const std::string& name) const {
    if (number_.empty()) {
      return "a number of " + what + "s of " + name + " that " +
             testing::DescribeMatcher<size_t>(matcher_);
    }
    return number_ + " " + what + (number_ == "1" ? "" : "s") + " of " + name;
  }

 private:
  std::string number_;  // empty: any matcher
  std::string wrong_;
  testing::Matcher<size_t> matcher_ = testing::_;
};

// Of a world: how often a function was called, or a rule has struck.
class CountMatcher {
 public:
  using is_gtest_matcher = void;
  // How many there were, and a sentence where there cannot be any of that name.
  using Looks = std::function<size_t(const World&, std::string* unknown)>;
  CountMatcher(std::string what, std::string name, Count times, Looks looks, const char* file,
               int line)
      : what_(std::move(what)),
        name_(std::move(name)),
        times_(std::move(times)),
        looks_(std::move(looks)),
        file_(file),
        line_(line) {
    fail_for_name(times_.wrong(), file_, line_);
  }

  bool MatchAndExplain(const World& world, std::ostream* out) const {
    std::string unknown;
    const size_t found = looks_(world, &unknown);
    if (!unknown.empty() && !*has_failed_) {
      *has_failed_ = true;
      fail_for_name(unknown, file_, line_);
    }
    if (out) *out << "which has had " << Count(found).of(what_, name_);
    return times_.matches(found);
  }
  void DescribeTo(std::ostream* out) const { *out << "has had " << times_.of(what_, name_); }
  void DescribeNegationTo(std::ostream* out) const {
    *out << "has not had " << times_.of(what_, name_);
  }

 private:
  std::string what_;  // "call"
  std::string name_;
  Count times_;
  Looks looks_;
  const char* file_;
  int line_;
  // GoogleTest looks a second time at what does not match.
  std::shared_ptr<bool> has_failed_ = std::make_shared<bool>(false);
};

// Of a world: how often a function of the API was called; `times` is a number or a matcher of one.
// Fails the test where the API has no function of that name. Leave out `file` and `line`.
template <class Times>
CountMatcher WasCalled(const std::string& function, Times times,
                       const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  const auto looks = [function](const World& world, std::string* unknown) {
    *unknown = unknown_function(function);
    return calls_in(world.trace(), function);
  };
  return CountMatcher("call", function, Count(times), looks, file, line);
}

// Of a world: how often a fault rule has struck; `times` as above. Fails the test where the host
// has had no rule of that name. Leave out `file` and `line`.
template <class Times>
CountMatcher HasStruck(const std::string& rule, Times times, const char* file = __builtin_FILE(),
                       int line = __builtin_LINE()) {
  const auto looks = [rule](const World& world, std::string* unknown) {
    *unknown = unknown_rule(rule, world.rules());
    return strikes_in(world.trace(), rule);
  };
  return CountMatcher("fault", rule, Count(times), looks, file, line);
}

// Of a world that has ended, or of one whose client should hold nothing any more: every handle that
// the client got was freed. The test's own connection counts while the world has not ended.
MATCHER(HasNoLeakedHandles, negation ? "has leaked handles" : "has leaked no handles") {
  (void)arg;
  if (ledger_counts().live == 0) return true;
  *result_listener << "of which there are\n" << leaks_text();
  return false;
}
inline auto NoLeakedHandles() {
  return HasNoLeakedHandles();
}
// Of a world: no call was given a handle that was freed, of another type or never there.
MATCHER(HasNoMisuse, negation ? "has had handles misused" : "has had no handle misused") {
  (void)arg;
  if (ledger_counts().misuses == 0) return true;
  *result_listener << "of which there are\n" << misuses_text();
  return false;
}

}  // namespace prl::kit

#endif  // PRL_GTEST_MATCH_HPP
