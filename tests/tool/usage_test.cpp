// What the command says where it is not used as it should be: each time the word that is wrong.
#include <gtest/gtest.h>
#include <sys/stat.h>

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

// ---- What is no regular file -------------------------------------------------------------------

TEST(Usage, AFolderOrADeviceIsNoTrace) {
  const TemporaryFolder folder;
  const std::string is_folder =
      "prlsim: '" + folder.path() + "' is no trace that can be read: it is a folder\n";
  EXPECT_EQ(refusal({"trace", folder.path()}), is_folder);
  EXPECT_EQ(refusal({"replay", folder.path(), "--", "true"}), is_folder);
  const std::string is_device =
      "prlsim: '/dev/zero' is no trace that can be read: it is no regular file\n";
  EXPECT_EQ(refusal({"trace", "/dev/zero"}), is_device);
  EXPECT_EQ(refusal({"replay", "/dev/zero", "--", "true"}), is_device);
  // A pipe has an end.
  const Printed piped = shell("printf '0 call PrlApi_Deinit\n' | " +
                              tool::shell_quoted(PRLSIM_TOOL) + " trace /dev/stdin");
  EXPECT_EQ(piped.out, "0 call PrlApi_Deinit\n") << piped.err;
}

TEST(Usage, AScenarioHasAnEndAndCanBeReadTwice) {
  const TemporaryFolder folder;
  EXPECT_EQ(refusal({"run", "--scenario", "/dev/zero", "--", "true"}),
            "prlsim: /dev/zero: cannot be read: it is larger than 64 MiB\n");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const std::string is_pipe =
      "prlsim: scenario '" + (folder / "pipe") + "' is a pipe, which can be read only once\n";
  EXPECT_EQ(refusal({"run", "--scenario", folder / "pipe", "--", "true"}), is_pipe);
  EXPECT_EQ(refusal({"run", "--", "true"}, "PRLSIM_SCENARIO=" + (folder / "pipe")), is_pipe);
}

TEST(Usage, AnEmptyNameOfAFileIsRefused) {
  EXPECT_EQ(refusal({"run", "--trace", "", "--", "true"}),
            "prlsim: trace '' is no name of a file\n");
  EXPECT_TRUE(refusal_of_sweep({"--junit", ""}).starts_with("--junit: '' is no name of a file"));
  EXPECT_TRUE(refusal_of_sweep({"--html", ""}).starts_with("--html: '' is no name of a file"));
  EXPECT_EQ(refusal_of_sweep({"--out", ""}), "prlsim: the folder '' cannot be made\n");
  EXPECT_EQ(refusal({"shrink", "--scenario", "demo", "--out", "", "--", "true"}),
            "prlsim: --out: '' is no name of a file\n");
  EXPECT_EQ(refusal({"run", "--library", "", "--", "true"}),
            "prlsim: there is no libprl_sdk.so in ''\n");
}

TEST(Usage, ALimitIsANumber) {
  for (const char* number : {"nan", "inf", "0", "-1", "1s", "", "1e9"}) {
    EXPECT_TRUE(refusal({"run", "--timeout", number, "--", "true"})
                    .starts_with("--timeout: '" + std::string(number) +
                                 "' is no number from 0.01 to 86400\n"))
        << number;
  }
  EXPECT_TRUE(refusal_of_sweep({"--patience", "nan"})
                  .starts_with("--patience: 'nan' is no number from 0.01 to 1000000000\n"));
  EXPECT_EQ(prlsim({"run", "--timeout", "1e2", "--", "true"}).exit_code, 0);
}

// A shrink may take an hour.
TEST(Usage, WhatCannotBeWrittenIsSaidBeforeTheFirstRun) {
  const TemporaryFolder folder;
  const std::string ran = folder / "ran";
  const auto said = [&](const std::string& out) {
    return refusal({"shrink", "--scenario", "demo", "--out", out, "--", "touch", ran});
  };
  const std::string nowhere = folder / "none/x.toml";
  EXPECT_EQ(said(nowhere), "prlsim: --out: '" + nowhere + "' is in a folder that does not exist\n");
  EXPECT_EQ(said(folder.path()), "prlsim: --out: '" + folder.path() + "' is a folder\n");
  EXPECT_FALSE(std::filesystem::exists(ran));
}

// Whatever PRLSIM_LEAKS is, nothing of the tool is left in the folder for temporary files.
TEST(Usage, LeaksAreReadFromRegularFilesOnly) {
  const TemporaryFolder folder;
  const std::string tmp = "TMPDIR=" + tool::shell_quoted(folder.path());
  EXPECT_EQ(refusal({"run", "--", "true"}, tmp + " PRLSIM_LEAKS=."),
            "prlsim: PRLSIM_LEAKS '.' is a folder\n");
  const tool::Words leaky = {"run", "--scenario", "demo", "--", client("leaky")};
  for (const char* device : {"/dev/full", "/dev/null", "/dev/stdout"}) {
    const Printed printed = prlsim(leaky, tmp + " PRLSIM_TRACE= PRLSIM_LEAKS=" + device);
    EXPECT_EQ(printed.exit_code, prlsim(leaky).exit_code) << device << printed.err;
    EXPECT_EQ(printed.err, "") << device;
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

// It is no trace that could be held against what is expected, and is not to be removed.
TEST(Usage, ADeviceIsNoTraceOfARunThatIsHeldAgainstWhatIsExpected) {
  const TemporaryFolder folder;
  write(folder / "s.toml", kVm + "[[expect]]\nvm = \"web\"\nstate = \"suspended\"\n");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal({"run", "--scenario", folder / "s.toml", "--", "true"},
                    "PRLSIM_TRACE=" + (folder / "pipe")),
            "prlsim: trace '" + (folder / "pipe") +
                "' is no regular file: what the scenario "
                "expects could not be held against it\n");
  EXPECT_TRUE(std::filesystem::exists(folder / "pipe"));
}

// Where findings are looked for there may be other things with such a name.
TEST(Usage, AFolderAmongTheFindingsOfASweepIsLeftAlone) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "out/sub.toml/more");
  const Printed printed = prlsim({"sweep", "--scenario", "demo", "--effects", "lose", "--out",
                                  folder / "out", "--", client("careful")});
  EXPECT_TRUE(contains(printed.out, "findings: ")) << printed.out << printed.err;
  EXPECT_TRUE(std::filesystem::exists(folder / "out/sub.toml/more"));
}

}  // namespace
}  // namespace prl::tests
