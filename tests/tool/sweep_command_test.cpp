// `prlsim sweep` as a command: its exit codes, what it prints and what it leaves behind.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>

#include "tests/tool/sweep_fixture.h"

namespace prl::tests {
namespace {

TEST_F(Sweep, PrintsLinesThatReplayWhatItFound) {
  ::unsetenv("PRLSIM_TRACE");  // what is found is a crash, which leaves half a trace
  const tool::SweepResult result = sweep(options("fragile"));
  int replayed = 0;
  for (const tool::SweepRun& run : result.runs) {
    EXPECT_EQ(run.replay.empty(), !tool::is_finding(run.verdict));
    if (run.replay.empty()) continue;
    EXPECT_EQ(shell(run.replay).exit_code, run.ending.exit_code()) << run.replay;
    ++replayed;
  }
  EXPECT_EQ(replayed, 3);
}

TEST_F(Sweep, KeepsTheFilesOfFindingsOnly) {
  sweep(options("fragile"));
  std::set<std::string> scenarios;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "findings")) {
    if (entry.path().extension() == ".toml") scenarios.insert(entry.path().stem().string());
  }
  EXPECT_EQ(scenarios,
            (std::set<std::string>{"PrlVm_Suspend-1-start-fail", "PrlVm_Suspend-1-middle-fail",
                                   "PrlVm_Suspend-1-end-fail"}));
}

TEST_F(Sweep, TellsByItsExitCodeWhetherItFoundSomething) {
  const auto command = [this](const std::string& name, const tool::Words& more) {
    tool::Words words = {"sweep", "--out", folder_ / "out", "--scenario", folder_ / "world.toml"};
    words.insert(words.end(), {"--effects", "fail,hang,delay"});
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {"--", client(name)});
    return prlsim(words);
  };
  const Printed good = command("careful", {"--timeout", "60"});
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;
  EXPECT_NE(good.out.find("findings: 0\n"), std::string::npos) << good.out;

  const Printed bad = command("fragile", {"--json", "--junit", folder_ / "report.xml"});
  EXPECT_EQ(bad.exit_code, 1) << bad.out << bad.err;
  EXPECT_NE(bad.out.find("\"findings\": 3\n"), std::string::npos) << bad.out;
  EXPECT_NE(bad.out.find("\"verdict\": \"crash\", \"exit_code\": 134"), std::string::npos);
  const std::string report = text_of(folder_ / "report.xml");
  EXPECT_NE(report.find("tests=\"27\" failures=\"3\" skipped=\"0\""), std::string::npos) << report;
  EXPECT_NE(report.find("name=\"PrlVm_Suspend-1-end-fail\">\n    <failure message=\"crash: "),
            std::string::npos)
      << report;

  for (const char* shard : {"0/2", "3/2", "1", "1/2x", "a/b", "1/-1"}) {
    EXPECT_EQ(command("careful", {"--shard", shard}).exit_code, 2) << shard;
  }
  EXPECT_EQ(command("careful", {"--timeout", "0"}).exit_code, 2);
}

TEST_F(Sweep, TakesAlongWhatItsClientsHaveStartedWhenItIsEnded) {
  const std::string variables =
      "cd " + folder_.path() + "; tool=" + tool::shell_quoted(PRLSIM_TOOL) + "\n";
  // The command line of a process that is over is empty, whoever has yet to wait for it.
  const Printed printed = shell(variables + R"sh(
    $tool sweep --timeout 600 -- sh -c 'sleep 600 & echo $! >started; wait' & sweep=$!
    i=0; while [ ! -s started ] && [ $i -lt 500 ]; do sleep 0.02; i=$((i+1)); done
    kill -TERM $sweep; wait $sweep; echo $?
    i=0; while grep -q sleep /proc/$(cat started)/cmdline && [ $i -lt 100 ]; do
      sleep 0.02; i=$((i+1))
    done
    [ $i -lt 100 ] && echo gone)sh");
  EXPECT_EQ(printed.out, "2\ngone\n") << printed.err;
}

// The client of the example is the fragile one.
TEST_F(Sweep, PrintsWhatTheReadmeShows) {
  const std::string call = "prlsim sweep --scenario demo --effects fail,hang -- ./client";
  std::filesystem::copy_file(client("fragile"), folder_ / "client");
  const Printed printed = shell("cd " + folder_.path() + "; PATH=$(dirname " +
                                tool::shell_quoted(PRLSIM_TOOL) + "):$PATH " + call);
  std::string shown = "    $ " + call + "\n";
  std::istringstream lines(printed.out);
  for (std::string line; std::getline(lines, line);) shown += "    " + line + "\n";
  const std::string readme = text_of(std::string(PRLSIM_SOURCE_DIR) + "/tool/README.md");
  EXPECT_NE(readme.find(shown), std::string::npos) << shown << printed.err;
}

TEST_F(Sweep, ShowsItsProgressOnATerminalOnly) {
  std::ostringstream out, terminal, file;
  EXPECT_EQ(tool::sweep_command(options("careful"), true, out, terminal), 0);
  EXPECT_NE(terminal.str().find("\r[>"), std::string::npos) << terminal.str();
  EXPECT_NE(terminal.str().find(" 45 of 45 runs, 0 findings, "), std::string::npos)
      << terminal.str();
  EXPECT_EQ(tool::sweep_command(options("careful"), false, out, file), 0);
  EXPECT_EQ(file.str(), "");
}

}  // namespace
}  // namespace prl::tests
