// The generator as a program: what it writes when, and what it leaves alone.
#include <gtest/gtest.h>

#include <cstdlib>

#include "catalogue_copy.h"

namespace {

// Runs the generator on the copy; returns its exit code. Complaints go to the file "complaints".
int generate(const CatalogueCopy& copy, const std::string& transitions = PRLSIM_TRANSITIONS) {
  const std::string command =
      std::string(PRLSIM_CODEGEN) + " '" + copy.catalogue().string() + "' " + PRLSIM_PREAMBLE_DIR +
      " '" + (copy.folder() / "tests").string() + "' '" + transitions + "' '" +
      (copy.folder() / "out").string() + "' 2>'" + (copy.folder() / "complaints").string() + "'";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string first_line(const std::filesystem::path& path) {
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  return line;
}

TEST(Generator, SaysOnTheFirstLineOfEachFileThatItIsGenerated) {
  const CatalogueCopy copy;
  ASSERT_EQ(generate(copy), 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(copy.folder() / "out")) {
    if (!entry.is_regular_file()) continue;
    const std::string line = first_line(entry.path());
    const std::string extension = entry.path().extension().string();
    const std::string open = extension == ".md"     ? "<!-- Generated "
                             : extension == ".json" ? "{\"generated\": \""
                                                    : "/* Generated ";
    EXPECT_EQ(line.rfind(open + "from sdk/catalogue (", 0), 0u) << entry.path();
    EXPECT_NE(line.find("by prl_codegen; do not edit"), std::string::npos) << entry.path();
  }
}

bool has_line(const std::filesystem::path& path, const std::string& wanted) {
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) {
    if (line == wanted) return true;
  }
  return false;
}

TEST(Generator, TellsTheTestsWhatEachParameterTakes) {
  const CatalogueCopy copy;
  ASSERT_EQ(generate(copy), 0);
  const std::filesystem::path calls = copy.folder() / "out/src/misuse_calls.inc";
  for (const char* row :
       {"PRL_MISUSE_CALL(PrlApi_Deinit)", "PRL_MISUSE_CALL(PrlJob_GetStatus, kHandle, kOut)",
        "PRL_MISUSE_CALL(PrlOpTypeList_AddItem, kHandle, kIn)",
        "PRL_MISUSE_CALL(PrlStrList_GetItem, kHandle, kIndex, kBuffer, kLength)",
        "PRL_MISUSE_CALL(PrlSrv_LoginLocal, kHandle, kText, kNumber, kEnum)",
        "PRL_MISUSE_CALL(PrlVm_RegEventHandler, kHandle, kCallback, kUserData)"}) {
    EXPECT_TRUE(has_line(calls, row)) << row;
  }
}

TEST(Generator, ListsWhatIsModelledAndWhyTheRestIsNot) {
  const CatalogueCopy copy;
  std::ofstream(copy.folder() / "tests/power_test.cpp") << "PrlVm_Suspend(vm);";
  std::ofstream(copy.folder() / "tests/power.h") << "PrlVm_Resume(vm);";
  ASSERT_EQ(generate(copy), 0);
  const std::filesystem::path page = copy.folder() / "out/fidelity.md";
  EXPECT_TRUE(has_line(page, "| PrlVm_Suspend | both | modelled | vm-lifecycle 2.2, 4.2 | "
                             "power_test |"));
  EXPECT_TRUE(has_line(page, "| PrlVm_Resume | both | modelled | vm-lifecycle 2.2 | "
                             "fidelity_test |"));
  EXPECT_TRUE(has_line(page, "| PrlTisRecord_GetName | desktop | refused: no simulated guest tools "
                             "yet | vm-lifecycle 6.4 | fidelity_test |"));
  EXPECT_TRUE(has_line(copy.folder() / "out/fidelity.json",
                       R"(  {"name": "PrlVm_Suspend", "family": "vm", "editions": "both", )"
                       R"("modelled": true, "reason": "", "source": "vm-lifecycle 2.2, 4.2", )"
                       R"("tests": "power_test"},)"));
}

// Cells with the same answer are one row, and commands that agree in all states as well.
TEST(Generator, ListsTheCellsThatAreInferred) {
  const CatalogueCopy copy;
  const std::filesystem::path table = copy.folder() / "transitions.csv";
  std::ofstream(table)
      << "profile,state,command,code,parameters,announced,events,end,spec,evidence\n"
      << "desktop,STARTING,Pause,416,name starting,,JOB,STARTING,vm-lifecycle 2.2,[I]\n"
      << "desktop,STOPPING,Pause,416,name stopping,,JOB,STOPPING,vm-lifecycle 2.2,[I]\n"
      << "desktop,STARTING,Reset,416,name starting,,JOB,STARTING,vm-lifecycle 2.2,[I]\n"
      << "desktop,STOPPING,Reset,416,name stopping,,JOB,STOPPING,vm-lifecycle 2.2,[I]\n"
      << "desktop,RUNNING,Pause,,,PAUSING ~> PAUSED,JOB,PAUSED,vm-lifecycle 2.2,[S]\n"
      << "virtuozzo,RUNNING,Restart,,,,JOB,RUNNING,vm-lifecycle 2.2,[S][I]\n";
  ASSERT_EQ(generate(copy, table.string()), 0);
  const std::filesystem::path page = copy.folder() / "out/fidelity.md";
  EXPECT_TRUE(has_line(page, "## Cells of the tables that are inferred: 5"));
  EXPECT_TRUE(has_line(page,
                       "| Pause, Reset | desktop | STARTING, STOPPING | "
                       "PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED (416) | vm-lifecycle 2.2 [I] |"));
  EXPECT_TRUE(has_line(page,
                       "| Restart | virtuozzo | RUNNING | succeeds, and the VM stays what it is | "
                       "vm-lifecycle 2.2 [S][I] |"));
}

TEST(Generator, RefusesATableOfTransitionsWithOtherColumns) {
  const CatalogueCopy copy;
  const std::filesystem::path table = copy.folder() / "transitions.csv";
  std::ofstream(table) << "state,command,code\n";
  EXPECT_EQ(generate(copy, table.string()), 1);
  EXPECT_NE(first_line(copy.folder() / "complaints").find("transitions.csv:1: the columns must be"),
            std::string::npos);
}

TEST(Generator, LeavesFilesAloneWhoseTextIsTheSame) {
  const CatalogueCopy copy;
  ASSERT_EQ(generate(copy), 0);
  const std::filesystem::path codes = copy.folder() / "out/include/prlsdk/PrlErrorsValues.h";
  const std::filesystem::path kept = copy.folder() / "out/include/prlsdk/PrlApiVm.h";
  const auto long_ago = std::filesystem::last_write_time(codes) - std::chrono::hours(1);
  std::filesystem::last_write_time(codes, long_ago);
  std::filesystem::last_write_time(kept, long_ago);
  copy.append("result_codes.csv", "PRL_ERR_NEW,12,,both,public");
  copy.append("result_texts.csv", "PRL_ERR_NEW,warning,,It is new.,Wait until it is old.");
  ASSERT_EQ(generate(copy), 0);
  EXPECT_NE(std::filesystem::last_write_time(codes), long_ago);
  EXPECT_EQ(std::filesystem::last_write_time(kept), long_ago);
}

TEST(Generator, NamesTheFaultyRowAndWritesNothing) {
  const CatalogueCopy copy;
  const std::string place = copy.append("result_codes.csv", "PRL_ERR_NEW,12,,both,secret");
  EXPECT_EQ(generate(copy), 1);
  EXPECT_EQ(first_line(copy.folder() / "complaints"), place + "unknown visibility 'secret'");
  EXPECT_FALSE(std::filesystem::exists(copy.folder() / "out"));
}

}  // namespace
