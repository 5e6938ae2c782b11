// What commands print with --json is JSON, with all that the text says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>

#include "tests/temporary_folder.h"
#include "tests/tool/json_values.h"
#include "tests/tool/tool_process.h"

namespace prl::tests {
namespace {

using Values = std::map<std::string, std::string>;

// What the command prints on stdout; `is_silent`: and nothing on stderr.
Values printed(const tool::Words& words, int exit_code, bool is_silent = true) {
  const Printed printed = prlsim(words);
  EXPECT_EQ(printed.exit_code, exit_code) << printed.out << printed.err;
  if (is_silent) {
    EXPECT_EQ(printed.err, "");
  }
  return json_values(printed.out);
}

class Json : public ::testing::Test {
 protected:
  Json() {
    ::unsetenv("PRLSIM_TRACE");
    write(world_, "[[vm]]\nname = \"we\\\"b\"\nstate = \"running\"\nram_mib = 16\n");
  }
  tool::Words sweep(const std::string& name) {
    return {"sweep", "--json", "--scenario", world_, "--effects",
            "fail",  "--out",  findings_,    "--",   client(name)};
  }

  TemporaryFolder folder_;
  const std::string world_ = folder_ / "world.toml";
  const std::string findings_ = folder_ / "findings";
};

TEST_F(Json, OfTheListHasEachScenario) {
  const Values values = printed({"scenario", "list", "--json"}, 0);
  const std::string text = prlsim({"scenario", "list"}).out;
  EXPECT_EQ(values.at(""), std::to_string(std::count(text.begin(), text.end(), '\n')));
  EXPECT_EQ(values.at("0/name"), text.substr(0, text.find(' ')));
  EXPECT_EQ(prlsim({"scenario", "check", values.at("0/file")}).exit_code, 0);
  EXPECT_NE(text.find(values.at("0/summary") + "\n"), std::string::npos);
}

TEST_F(Json, OfACheckHasThePlacesOfMistakes) {
  Values values =
      printed({"scenario", "check", "--json", scenario("demo"), scenario("unknown_key")}, 1);
  EXPECT_EQ(values[""], "2");
  EXPECT_EQ(values["0/is_good"], "true");
  EXPECT_EQ(values["0/vms"], "1");
  EXPECT_EQ(values["1/file"], scenario("unknown_key"));
  EXPECT_EQ(values["1/is_good"], "false");
  EXPECT_EQ(values["1/line"] + ":" + values["1/column"], "6:1");
  EXPECT_EQ(values["1/message"], "unknown key 'ram_mb' in [[vm]]");
  EXPECT_EQ(values["1/nearest"], "ram_mib");
}

TEST_F(Json, OfTheDoctorHasWhatIsWrong) {
  Values well = printed({"doctor", "--json"}, 0);
  EXPECT_EQ(well["is_well"], "true");
  EXPECT_EQ(well["given_library/state"], "good");
  EXPECT_EQ(well["given_library/lines/0"],
            std::string(PRLSIM_LIBRARY_DIR) + "/libprl_sdk.so.9.0.0");
  EXPECT_EQ(well["places"], "0");
  const Printed ill = prlsim({"doctor", "--json"}, "PRLSIM_CLOCK=fast PRLSIM_HOME=/dev/null");
  EXPECT_EQ(ill.exit_code, 1);
  Values wrong = json_values(ill.out);
  EXPECT_EQ(wrong["is_well"], "false");
  EXPECT_EQ(wrong["given_library/state"], "refuses");
  EXPECT_EQ(wrong["places/0/name"], "PRLSIM_HOME");
  EXPECT_EQ(wrong["places/0/trouble"], "is no folder");
}

TEST_F(Json, OfASweepHasEveryRun) {
  Values values = printed(sweep("fragile"), 1);
  EXPECT_EQ(values["findings"], "3");
  EXPECT_EQ(values["jobs"], "4");
  EXPECT_EQ(values["remarks"], "0");
  EXPECT_EQ(values["runs"], "9");
  size_t crashes = 0;
  for (int i = 0; i < 9; ++i) {
    const std::string run = "runs/" + std::to_string(i) + "/";
    const bool is_crash = values[run + "verdict"] == "crash";
    crashes += is_crash ? 1 : 0;
    EXPECT_EQ(values[run + "replay"].empty(), !is_crash);
    EXPECT_EQ(values[run + "exit_code"], is_crash ? "134" : "1");
    EXPECT_FALSE(values[run + "id"].empty());
    if (is_crash) {
      EXPECT_EQ(values[run + "vm"], "we\"b");
    }
  }
  EXPECT_EQ(crashes, 3u);
}

TEST_F(Json, OfAReplayHasBothLines) {
  printed(sweep("fragile"), 1);
  const std::string trace = findings_ + "/PrlVm_Suspend-1-start-fail.trace";
  const std::string out = folder_ / "replay";
  Values same = printed({"replay", "--json", trace, "--out", out, "--", client("fragile")}, 0);
  EXPECT_EQ(same["same"], "true");
  EXPECT_EQ(same["difference"], "null");
  EXPECT_EQ(same["verdict"], "crash");
  EXPECT_EQ(same["scenario"], out + "/replay.toml");
  EXPECT_NE(same["replay"].find(" --clock virtual --delivery awaited -- "), std::string::npos);
  Values other = printed({"replay", "--json", trace, "--out", out, "--", client("careful")}, 1);
  EXPECT_EQ(other["same"], "false");
  EXPECT_NE(other["difference/line"], "");
  EXPECT_NE(other["difference/now"], other["difference/recorded"]);
  EXPECT_EQ(other["recorded_verdict"], "crash");
  EXPECT_EQ(other["verdict"], "handled");
  EXPECT_EQ(other["exit_code"], "1");
}

TEST_F(Json, OfAShrinkingHasTheScenario) {
  const std::string small = folder_ / "small.toml";
  Values values =
      printed({"shrink", "--json", "--scenario", world_, "--out", small, "--", "false"}, 0, false);
  EXPECT_EQ(values["runs"], "2");
  EXPECT_EQ(values["is_minimal"], "true");
  EXPECT_EQ(values["before/vms"], "1");
  EXPECT_EQ(values["after/vms"], "0");
  EXPECT_EQ(values["exit_code"], "1");
  EXPECT_EQ(values["scenario"], small);
  EXPECT_EQ(values["toml"], text_of(small));
  EXPECT_EQ(shell(values["replay"]).exit_code, 1);
}

TEST_F(Json, OfATraceHasEachLine) {
  printed(sweep("fragile"), 1);
  const Printed lines = prlsim({"trace", findings_ + "/recording.trace", "--format", "json"});
  EXPECT_EQ(lines.exit_code, 0);
  std::istringstream in(lines.out);
  int count = 0;
  for (std::string line; std::getline(in, line); ++count) {
    EXPECT_EQ(json_values(line).size(), 3u) << line;
  }
  EXPECT_GT(count, 20);
  const Printed chrome = prlsim({"trace", findings_ + "/recording.trace", "--format", "chrome"});
  EXPECT_GT(json_values(chrome.out).size(), 20u);
  EXPECT_EQ(lines.err + chrome.err, "");
}

TEST_F(Json, OfATraceSaysWhichLinesAreNone) {
  const std::string trace = findings_ + ".trace";
  write(trace, "         0 world begins\n\nnoise\n         1 world ends\nmore noise\n");
  const Printed as_json = prlsim({"trace", trace, "--format", "json"});
  EXPECT_EQ(as_json.exit_code, 0);
  EXPECT_EQ(as_json.err,
            "prlsim: " + trace + ": line 3 and 1 other are none of a trace and left out\n");
  EXPECT_FALSE(contains(as_json.out, "noise"));
  const Printed as_text = prlsim({"trace", trace});
  EXPECT_EQ(as_text.out, text_of(trace));
  EXPECT_TRUE(contains(as_text.err, "printed as it is")) << as_text.err;
}

}  // namespace
}  // namespace prl::tests
