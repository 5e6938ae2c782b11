// What the command says where it is not used as it should be: each time the word that is wrong.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/temporary_folder.h"
#include "tests/tool/tool_process.h"

namespace prl::tests {
namespace {

// What is said on stderr, of a command that must end with 2 and print nothing.
std::string refusal(const tool::Words& words, const std::string& before = "") {
  const Printed printed = prlsim(words, before);
  EXPECT_EQ(printed.exit_code, 2);
  EXPECT_EQ(printed.out, "");
  return printed.err;
}

// A sweep of nothing, with these options.
std::string refusal_of_sweep(tool::Words options) {
  options.insert(options.begin(), "sweep");
  options.insert(options.end(), {"--", "true"});
  return refusal(options);
}

TEST(Usage, ACommandThatIsUnknownIsNamed) {
  EXPECT_EQ(refusal({"rum"}), "prlsim: there is no command 'rum'; 'prlsim --help' shows them\n");
}

TEST(Usage, AClientWithoutItsMarkIsToldOfIt) {
  EXPECT_EQ(refusal({"run", "--clock", "virtual", "./client", "web"}),
            "prlsim: './client' is not expected here; the command to run follows after --\n");
}

TEST(Usage, AnOptionThatIsUnknownIsNamed) {
  EXPECT_EQ(refusal({"run", "--scenaro", "demo", "--", "true"}),
            "prlsim: '--scenaro' is not expected here; 'prlsim run --help' shows what is\n");
}

// Without a word the client would run, and leave no trace.
TEST(Usage, ATraceThatCannotBeWrittenIsRefused) {
  const TemporaryFolder folder;
  const std::string ran = folder / "ran";
  const std::string nowhere = folder / "none/a.trace";
  EXPECT_EQ(refusal({"run", "--trace", nowhere, "--", "touch", ran}),
            "prlsim: trace '" + nowhere + "' is in a folder that does not exist\n");
  EXPECT_EQ(refusal({"run", "--trace", folder.path(), "--", "touch", ran}),
            "prlsim: trace '" + folder.path() + "' is a folder\n");
  EXPECT_FALSE(std::filesystem::exists(ran));
}

// The client would start, and only its Init would fail.
TEST(Usage, AnEnvironmentThatTheLibraryRefusesIsRefused) {
  const TemporaryFolder folder;
  const std::string ran = folder / "ran";
  EXPECT_EQ(refusal({"run", "--", "touch", ran}, "PRLSIM_CLOK=x"),
            "prlsim: unknown environment variable PRLSIM_CLOK; did you mean 'PRLSIM_CLOCK'?\n");
  EXPECT_TRUE(refusal({"run", "--", "touch", ran}, "PRLSIM_WEATHER=x")
                  .starts_with("prlsim: unknown environment variable PRLSIM_WEATHER; known are "
                               "PRLSIM_CLOCK "));
  for (const char* command : {"sweep", "shrink"}) {
    EXPECT_TRUE(contains(refusal({command, "--", "touch", ran}, "PRLSIM_SEDE=1"), "'PRLSIM_SEED'"));
  }
  write(folder / "file", "");
  const std::string no_folder = folder / "file";
  EXPECT_EQ(refusal({"run", "--", "touch", ran}, "PRLSIM_HOME=" + no_folder),
            "prlsim: PRLSIM_HOME '" + no_folder + "' is no folder\n");
  EXPECT_EQ(refusal({"run", "--", "touch", ran}, "PRLSIM_HOME=" + no_folder + "/home"),
            "prlsim: PRLSIM_HOME '" + no_folder + "/home' does not exist and cannot be made in '" +
                no_folder + "'\n");
  EXPECT_FALSE(std::filesystem::exists(ran));
  EXPECT_EQ(prlsim({"run", "--", "touch", ran}, "PRLSIM_HOME=" + (folder / "new")).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(ran));
}

// Said before the sweep, not when its minutes have passed.
TEST(Usage, AReportThatCannotBeWrittenIsRefused) {
  const TemporaryFolder folder;
  const std::string nowhere = folder / "none/report";
  const std::string why = "'" + nowhere + "' is in a folder that does not exist";
  EXPECT_TRUE(refusal_of_sweep({"--junit", nowhere}).starts_with("--junit: " + why));
  EXPECT_TRUE(refusal_of_sweep({"--html", nowhere}).starts_with("--html: " + why));
}

// It would spare nothing, without a word.
TEST(Usage, WhatASweepSparesMustBeKnown) {
  const TemporaryFolder folder;
  EXPECT_TRUE(refusal_of_sweep({"--except", "PrlSrv_Logof"})
                  .starts_with("--except: 'PrlSrv_Logof' is no function and no type of event; did "
                               "you mean 'PrlSrv_Logoff'?"));
  EXPECT_TRUE(refusal_of_sweep({"--out", folder.path(), "--except", "PET_DSP_EVT_VM_ADDED"})
                  .starts_with("prlsim: "))
      << "a type of event is known, the client starts no job";
}

TEST(Usage, EffectsOfASweepAreSeparatedByCommasAndBlanks) {
  const auto refused = [](const std::string& effects) {
    const std::string said = refusal_of_sweep({"--effects", effects});
    return said.substr(0, said.find('\n'));
  };
  const std::string empty = "--effects: an entry of '";
  EXPECT_EQ(refused("fail,,hang"), empty + "fail,,hang' is empty");
  EXPECT_EQ(refused("fail, "), empty + "fail, ' is empty");
  EXPECT_EQ(refused(""), empty + "' is empty");
  EXPECT_EQ(refused("fail, hnag"), "--effects: 'hnag' is no effect; did you mean 'hang'?");
  EXPECT_TRUE(refused("explode").starts_with("--effects: 'explode' is no effect; known are fail "))
      << refused("explode");
  const TemporaryFolder folder;
  const auto runs = [&](const tool::Words& effects) {
    tool::Words words = {"sweep", "--scenario", "demo", "--out", folder.path()};
    words.insert(words.end(), effects.begin(), effects.end());
    words.insert(words.end(), {"--", client("careful")});
    return prlsim(words).out;
  };
  const std::string both = runs({"--effects", "fail,hang"});
  EXPECT_TRUE(contains(both, " runs: ")) << both;
  EXPECT_EQ(runs({"--effects", " fail ,  hang"}), both);
  EXPECT_EQ(runs({"--effects", "fail", "--effects", "hang"}), both);
}

TEST(Usage, ATraceThatIsNotThereIsSaidToBeThat) {
  const TemporaryFolder folder;
  const std::string file = folder / "a.trace";
  const std::string unread = "prlsim: '" + file + "' is no trace that can be read";
  EXPECT_EQ(refusal({"trace", file}), unread + ": there is no such file\n");
  EXPECT_EQ(refusal({"replay", file, "--", "true"}), unread + ": there is no such file\n");
  write(file, "not a trace\n");
  EXPECT_EQ(refusal({"trace", file}), unread + "\n");
}

}  // namespace
}  // namespace prl::tests
