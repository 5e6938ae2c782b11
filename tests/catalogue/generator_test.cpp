// The generator as a program: what it writes when, and what it leaves alone.
#include <gtest/gtest.h>

#include <cstdlib>

#include "catalogue_copy.h"

namespace {

// Runs the generator on the copy; returns its exit code. Complaints go to the file "complaints".
int generate(const CatalogueCopy& copy) {
  const std::string command = std::string(PRLSIM_CODEGEN) + " '" + copy.catalogue().string() +
                              "' " + PRLSIM_PREAMBLE_DIR + " '" +
                              (copy.folder() / "tests").string() + "' '" +
                              (copy.folder() / "out").string() + "' 2>'" +
                              (copy.folder() / "complaints").string() + "'";
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
