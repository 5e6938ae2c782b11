// GoogleTest and GoogleMock for clients: a fixture that holds a simulated host, matchers for jobs,
// states, calls and handles, and a listener that says on a failure what the host has seen. Header
// only, C++17; link GTest::gmock_main or GTest::gmock.
//
//   class Nightly : public prl::kit::SimTest {};
//   TEST_F(Nightly, RetriesASuspendThatFailed) {
//     start(prl::kit::Scenario()
//               .add(prl::kit::Vm("web").running())
//               .add(prl::kit::Fault("once").call("PrlVm_Suspend").fail(PRL_ERR_TIMEOUT)));
//     EXPECT_EQ(suspend_all(), 0);
//     EXPECT_THAT(world().vm("web"), HasState(VMS_SUSPENDED));
//     EXPECT_THAT(world(), WasCalled("PrlVm_Suspend", 2));
//   }
#ifndef PRL_GTEST_HPP
#define PRL_GTEST_HPP

#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "prl_gtest_match.hpp"
#include "prl_kit.hpp"

namespace prl::kit {

// ---- What a failure says ----------------------------------------------------------------------

// The state in which each VM was when the trace last spoke of it. By name, "web".
inline std::map<std::string, std::string> last_states(const std::vector<TraceLine>& trace) {
  std::map<std::string, std::string> states;
  for (const TraceLine& line : trace) {
    const bool is_change = line.kind == "state";  // "vm=web RUNNING -> PAUSING"
    const std::string mark = is_change ? " -> " : " found ";
    const size_t at = line.text.rfind(mark);
    if (line.text.compare(0, 3, "vm=") != 0 || at == std::string::npos) continue;
    if (!is_change && line.kind != "world") continue;
    std::string name = line.text.substr(3, at - 3);
    if (is_change) name.resize(name.rfind(' ') == std::string::npos ? 0 : name.rfind(' '));
    states[name] = line.text.substr(at + mark.size());
  }
  return states;
}

// The last lines for which `wanted` holds, below a title; empty where there are none.
template <class Wanted, class Words>
std::string last_lines(const std::vector<TraceLine>& trace, size_t count, const char* title,
                       Wanted wanted, Words words) {
  std::vector<std::string> found;
  for (const TraceLine& line : trace) {
    if (wanted(line)) found.push_back("  " + words(line) + "\n");
  }
  std::string text = found.empty() ? "" : title;
  for (size_t i = found.size() > count ? found.size() - count : 0; i < found.size(); ++i) {
    text += found[i];
  }
  return text;
}

// The states of the VMs, the last lines of the trace and the handles that are alive. What handlers
// called stands apart: it has no time, and would push out what the host did.
inline std::string report_of(const std::vector<TraceLine>& trace, size_t lines) {
  const auto is_handlers = [](const TraceLine& line) { return line.kind == "handler"; };
  std::string text;
  for (const auto& [vm, state] : last_states(trace)) text += "VM " + vm + " is " + state + "\n";
  text += last_lines(
      trace, lines, "The last of the trace:\n",
      [&](const TraceLine& line) { return !is_handlers(line); },
      [](const TraceLine& line) { return line.line(); });
  text += last_lines(trace, std::min<size_t>(lines, 5), "The last that handlers called:\n",
                     is_handlers, [](const TraceLine& line) { return line.text; });
  const std::string ledger = ledger_text();
  if (!ledger.empty()) text += "Handles:\n" + ledger;
  return text;
}
// The same, with the seed, of the host that there is, or of one that may have ended.
inline std::string report(size_t lines = 20) {
  PRL_UINT64 seed = 0;
  const bool is_there = PRL_SUCCEEDED(PrlSim_GetSeed(&seed));
  return (is_there ? "Seed: " + std::to_string(seed) + "\n" : "") +
         report_of(current_trace(), lines);
}
inline std::string report(const World& world, size_t lines = 20) {
  return "Seed: " + std::to_string(world.seed()) + "\n" + report_of(world.trace(), lines);
}

// Adds to each failure of a test: a command that repeats it, its scenario, the seed, the states of
// the VMs, the last 20 lines of the trace and the live handles. Sets the seed as a property of the
// test, which the JUnit report shows. Install it once, from main(); the fixture does so where
// nobody has.
class Listener : public testing::EmptyTestEventListener {
 public:
  static void install() {
    static const bool is_installed = [] {
      testing::UnitTest::GetInstance()->listeners().Append(new Listener());  // owned by GoogleTest
      return true;
    }();
    (void)is_installed;
  }
  // The test that runs, what its world is or was to be made of, and that; empty while there is
  // none.
  struct Running {
    std::string test;
    std::string toml;
    const World* world = nullptr;
    bool is_case = false;  // of a property: what fails in one is told of the last alone
  };
  static Running& running() {
    static Running running;
    return running;
  }
  // What is to be said of the last case of a property that failed. That is the smallest.
  static std::string& failed_case() {
    static std::string text;
    return text;
  }
  static std::string words_for(const Running& running) {
    std::string text = "\nAgain: " + command_again(running.test) + "\n";
    if (!running.toml.empty()) text += "The scenario:\n" + running.toml + "\n";
    return running.world ? text + report(*running.world) : text;
  }

  void OnTestStart(const testing::TestInfo&) override {
    has_said_ = false;
    failed_case().clear();
  }
  // GoogleTest holds its lock meanwhile, so nothing is asked of it here.
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed() || has_said_ || running().is_case) return;
    const std::string text = running().test.empty() ? failed_case() : words_for(running());
    if (text.empty()) return;
    has_said_ = true;
    std::cout << text << std::flush;
  }

 private:
  bool has_said_ = false;
};

// ---- The fixture ------------------------------------------------------------------------------

// A test with a simulated host. start() makes it, at the latest world() does; at the end of the
// test it is taken down, and a handle that the client has leaked or misused is a failure of the
// test unless tolerate_leaks() was called.
//
// In a property of RapidCheck (RC_GTEST_FIXTURE_PROP) each case has a fixture of its own. There
// leaks, misuses and failures of GoogleTest make the property false, so that it shrinks; what the
// listener says is of the last case that failed. RC_PRE belongs before start(): a case that is
// discarded after it is taken for one that failed. Include prl_rapidcheck.hpp too, for the seed.
class SimTest : public testing::Test {
 protected:
  SimTest() : exceptions_before_(std::uncaught_exceptions()), failures_before_(failures()) {
    Listener::install();
    Listener::running() = running();
  }
  // Also where a TearDown of the test's own has taken the place of this one.
  ~SimTest() override {
    const bool has_failed = std::uncaught_exceptions() > exceptions_before_;
    try {
      const bool has_begun = !Listener::running().toml.empty() || Listener::failed_case().empty();
      if (Listener::running().is_case && has_failed && has_begun) {
        Listener::failed_case() = Listener::words_for(Listener::running());
      }
    } catch (const std::exception&) {  // the failure itself is said all the same
    }
    Listener::running() = {};
  }

  World& start(const Scenario& scenario = Scenario()) {
    Listener::running() = running();
    world_.reset();
    Listener::running().toml = scenario.toml();
    world_ = std::make_unique<World>(scenario);
    Listener::running().world = world_.get();
    RecordProperty("prlsim_seed", std::to_string(world_->seed()));
    return *world_;
  }
  World& world() { return world_ ? *world_ : start(); }
  void tolerate_leaks() { tolerates_leaks_ = true; }

  void TearDown() override {
    if (!world_) return;
    world_->end();
    if (is_case_of_a_property()) {
      const std::string wrong = wrong_with_case();
      if (!wrong.empty()) throw std::runtime_error(wrong);
    } else if (!tolerates_leaks_) {
      EXPECT_EQ(world_->inits_left(), 0u) << "calls of PrlApi_Init without PrlApi_Deinit";
      EXPECT_THAT(*world_, HasNoLeakedHandles());
      EXPECT_THAT(*world_, HasNoMisuse());
    }
    Listener::running() = {};
    world_.reset();
  }

 private:
  static Listener::Running running() {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    return {std::string(test->test_suite_name()) + "." + test->name(), "", nullptr,
            is_case_of_a_property()};
  }
  // RC_GTEST_FIXTURE_PROP gives its test a name of this kind, and makes fixtures within it.
  static bool is_case_of_a_property() {
    const std::string suite =
        testing::UnitTest::GetInstance()->current_test_info()->test_suite_name();
    const std::string end = "_RapidCheck";
    return suite.size() > end.size() &&
           suite.compare(suite.size() - end.size(), end.size(), end) == 0;
  }
  // How many there have been in the test so far.
  static int failures() {
    const testing::TestResult& result =
        *testing::UnitTest::GetInstance()->current_test_info()->result();
    int count = 0;
    for (int i = 0; i < result.total_part_count(); ++i) {
      if (result.GetTestPartResult(i).failed()) ++count;
    }
    return count;
  }
  // Of a case whose world has ended.
  std::string wrong_with_case() const {
    std::string wrong;
    if (failures() > failures_before_) wrong += "a failure of GoogleTest, which stands above\n";
    if (tolerates_leaks_) return wrong;
    if (world_->inits_left() > 0) wrong += "PrlApi_Init without PrlApi_Deinit\n";
    const std::string leaks = leaks_text();
    if (!leaks.empty()) wrong += "leaked handles:\n" + leaks;
    const std::string misuses = misuses_text();
    if (!misuses.empty()) wrong += "misused handles:\n" + misuses;
    return wrong;
  }

  const int exceptions_before_;
  const int failures_before_;
  std::unique_ptr<World> world_;
  bool tolerates_leaks_ = false;
};

}  // namespace prl::kit

#endif  // PRL_GTEST_HPP
