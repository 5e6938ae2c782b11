// The sources of the project keep the rules of the house, and the rules find what breaks them.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/tidy/source_rules.h"

namespace prl::tidy {
namespace {

// What is found in a file of that name with that text: messages, one per line.
std::string found(const std::string& path, std::string_view text) {
  std::string messages;
  for (const Finding& finding : check_source(PRLSIM_SOURCE_DIR, path, text)) {
    messages += finding.text() + "\n";
  }
  return messages;
}

std::string found_include(const std::string& path, const std::string& included) {
  return found(path, "#include \"" + included + "\"\n");
}

TEST(Project, KeepsTheRulesOfTheHouse) {
  const std::vector<std::string> sources = list_sources(PRLSIM_SOURCE_DIR);
  EXPECT_GE(sources.size(), 20u);
  for (const std::string& path : sources) {
    std::ifstream file(std::string(PRLSIM_SOURCE_DIR) + "/" + path);
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_EQ(found(path, text.str()), "");
  }
  std::cout << "count tidy_sources " << sources.size() << "\n";
}

TEST(Include, OfTheSimulatorStaysInTheSimulator) {
  EXPECT_EQ(found_include("simulator/vm.cpp", "sdk/job.h"),
            "simulator/vm.cpp:1: simulator/ may include neither sdk/ nor faults/\n");
  EXPECT_NE(found_include("simulator/vm.cpp", "faults/rule.h"), "");
  EXPECT_NE(found_include("simulator/vm.cpp", "tests/x.h"), "");
  EXPECT_EQ(found_include("simulator/vm.cpp", "simulator/seams.h"), "");
}

TEST(Include, OfFaultsSeesTheSeamsOnly) {
  EXPECT_EQ(found_include("faults/plan.cpp", "simulator/seams.h"), "");
  EXPECT_EQ(found_include("faults/plan.cpp", "simulator/expected.h"), "");
  EXPECT_EQ(found_include("faults/vm_spec.h", "simulator/guest_spec.h"), "");
  EXPECT_NE(found_include("faults/vm_spec.h", "simulator/guests.h"), "");
  EXPECT_NE(found_include("faults/plan.cpp", "simulator/world.h"), "");
  EXPECT_NE(found_include("faults/plan.cpp", "sdk/library.h"), "");
  EXPECT_NE(found_include("faults/plan.cpp", "../simulator/vm_machine/vm_machine.h"), "");
}

TEST(Include, OfFaultsIsForTheLibraryAndTheKit) {
  EXPECT_EQ(found_include("sdk/library.cpp", "faults/injector.h"), "");
  EXPECT_EQ(found_include("sdk/scenario_names.h", "faults/scenario.h"), "");
  EXPECT_EQ(found_include("sdk/kit/prl_sim.cpp", "faults/scenario.h"), "");
  EXPECT_NE(found_include("sdk/job.cpp", "faults/injector.h"), "");
}

TEST(Include, OfBoostAndTomlHasOnePlaceEach) {
  EXPECT_EQ(found("simulator/vm_machine/msm_machine.h", "#include <boost/mp11/mpl.hpp>"), "");
  EXPECT_NE(found("simulator/vm_machine/vm_machine.h", "#include <boost/mp11/mpl.hpp>"), "");
  EXPECT_NE(found("simulator/vm_machine/vm_machine.cpp", "#include <boost/mp11/mpl.hpp>"), "");
  EXPECT_NE(
      found_include("simulator/vm_machine/vm_machine.cpp", "simulator/vm_machine/msm_machine.h"),
      "");
  EXPECT_NE(found("simulator/vm.cpp", "#include <boost/mp11/mpl.hpp>"), "");
  EXPECT_NE(found_include("tests/simulator/x.cpp", "simulator/vm_machine/msm_machine.h"), "");
  EXPECT_EQ(found_include("tests/simulator/x.cpp", "simulator/vm_machine/vm_machine.h"), "");
  EXPECT_EQ(found("faults/table_reader.cpp", "#include <toml++/toml.h>"), "");
  EXPECT_NE(found("faults/scenario.h", "# include <toml++/toml.h>"), "");
}

TEST(Text, OfTheSimulatorHasNoNamesOfTheApiOutsideComments) {
  EXPECT_NE(found("simulator/vm.cpp", "int x = PRL_ERR_TIMEOUT;"), "");
  EXPECT_NE(found("simulator/vm.cpp", "auto name = \"PrlVm_Start\";"), "");
  EXPECT_EQ(found("simulator/vm.cpp", "int x;  // as PrlVm_Start does"), "");
  EXPECT_EQ(found("simulator/vm.cpp", "/* PRL_ERR_TIMEOUT\n*/ int PRLSIM_x;"), "");
  EXPECT_EQ(found("sdk/job.cpp", "int x = PRL_ERR_TIMEOUT;"), "");
}

TEST(Text, HasNoWallClockAndNoChance) {
  for (const char* code :
       {"std::this_thread::sleep_for(t);", "std::chrono::system_clock::now();",
        "std::random_device d;", "int r = rand();", "srand(1);", "time(nullptr);"}) {
    EXPECT_NE(found("sdk/x.cpp", code), "") << code;
    EXPECT_EQ(found("bench/x.cpp", code), "") << code;
  }
  EXPECT_EQ(found("sdk/x.cpp", "int operand(int); run_time(0); brand();"), "");
  EXPECT_NE(found("simulator/x.cpp", "getenv(\"A\");"), "");
  EXPECT_EQ(found("sdk/x.cpp", "getenv(\"A\");"), "");
}

TEST(Text, HasNoUnfinishedWorkAndNoLongLines) {
  EXPECT_EQ(found("sdk/x.cpp", "\n// TODO: more"),
            "sdk/x.cpp:2: unfinished work is not left behind in a remark\n");
  EXPECT_EQ(found("sdk/x.cpp", std::string(100, 'x')), "");
  EXPECT_EQ(found("sdk/x.cpp", std::string(101, 'x')), "sdk/x.cpp:1: over 100 columns\n");
  EXPECT_EQ(found("sdk/x.cpp", std::string(99, 'x') + "\u00e9"), "");
  EXPECT_NE(found("sdk/x.h", "using namespace std;"), "");
  EXPECT_EQ(found("sdk/x.cpp", "using namespace std;"), "");
}

TEST(WithoutComments, LeavesLiteralsAlone) {
  EXPECT_EQ(without_comments("a = \"// no\"; // yes\nb"), "a = \"// no\"; \nb");
  EXPECT_EQ(without_comments("'\\'' /* x\ny */ 1'000 // z"), "'\\'' \n 1'000 ");
  EXPECT_EQ(without_comments("R\"x(\" // )x\" /**/;"), "R\"x(\" // )x\" ;");
  EXPECT_EQ(without_comments("/* open"), "");
}

}  // namespace
}  // namespace prl::tidy
