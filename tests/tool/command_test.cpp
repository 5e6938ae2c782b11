// `prlsim run` and `scenario`, completion, and the codes with which the command ends.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "tests/temporary_folder.h"
#include "tests/tool/tool_process.h"
#include "tool/fault_list.h"

namespace prl::tests {
namespace {

// What the command prints of a variable that `prlsim run` with these options gives it.
std::string passed(const std::string& name, tool::Words options, const std::string& before = "") {
  options.insert(options.begin(), "run");
  options.insert(options.end(), {"--", "sh", "-c", "printf %s \"$" + name + "\""});
  return prlsim(options, before).out;
}

TEST(Run, PassesEachOptionAsItsVariable) {
  EXPECT_EQ(passed("PRLSIM_SCENARIO", {"--scenario", scenario("demo")}), scenario("demo"));
  EXPECT_EQ(passed("PRLSIM_SEED", {"--seed", "18446744073709551615"}), "18446744073709551615");
  EXPECT_EQ(passed("PRLSIM_CLOCK", {"--clock", "scaled:3"}), "scaled:3");
  EXPECT_EQ(passed("PRLSIM_PROFILE", {"--profile", "virtuozzo"}), "virtuozzo");
  EXPECT_EQ(passed("PRLSIM_TRACE", {"--trace", "a b.txt"}), "a b.txt");
}

TEST(Run, LeavesVariablesThatNoOptionIsAbout) {
  EXPECT_EQ(passed("PRLSIM_SEED", {"--clock", "virtual"}, "PRLSIM_SEED=7"), "7");
  EXPECT_EQ(passed("PRLSIM_SEED", {"--seed", "8"}, "PRLSIM_SEED=7"), "8");
}

TEST(Run, PutsTheLibraryInFrontOfOthers) {
  EXPECT_EQ(passed("LD_LIBRARY_PATH", {}, "LD_LIBRARY_PATH=/other"),
            std::string(PRLSIM_LIBRARY_DIR) + ":/other");
  const TemporaryFolder folder;
  write(folder / "libprl_sdk.so", "");
  EXPECT_EQ(passed("LD_LIBRARY_PATH", {"--library", folder.path()}, "LD_LIBRARY_PATH="),
            folder.path());
}

TEST(Run, KnowsScenariosByName) {
  EXPECT_TRUE(passed("PRLSIM_SCENARIO", {"--scenario", "demo"}).ends_with("/demo.toml"));
  EXPECT_EQ(prlsim({"run", "--scenario", "demo", "--clock", "virtual", "--", client("careful")})
                .exit_code,
            0);
}

// With the tool and without it.
TEST(Run, KnowsScenariosByNameInTheEnvironment) {
  const std::string demo = "PRLSIM_SCENARIO=demo PRLSIM_CLOCK=virtual";
  const Printed named = prlsim({"run", "--", client("careful")}, demo);
  EXPECT_EQ(named.exit_code, 0) << named.err;
  const std::string alone = "LD_LIBRARY_PATH=" + tool::shell_quoted(PRLSIM_LIBRARY_DIR) + " ";
  const Printed without = shell(alone + demo + " " + client("careful"));
  EXPECT_EQ(without.exit_code, 0) << without.err;

  const TemporaryFolder folder;  // a file of that name wins
  write(folder / "demo", "a = 1\n");
  const std::string beside = "cd " + folder.path() + "; " + alone + demo + " " + client("careful");
  EXPECT_TRUE(contains(shell(beside).err, "prlsim: demo:1:1: unknown key 'a'"));
  EXPECT_EQ(prlsim({"run", "--", client("careful")}, "cd " + folder.path() + "; " + demo).exit_code,
            2);

  const std::string demmo = alone + "PRLSIM_SCENARIO=demmo " + client("careful");
  EXPECT_TRUE(contains(shell(demmo).err,
                       "prlsim: PRLSIM_SCENARIO: there is no file 'demmo', nor is there /"));
  const Printed unknown = prlsim({"run", "--", "true"}, "PRLSIM_SCENARIO=demmo");
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_TRUE(contains(unknown.err, ", nor is there /")) << unknown.err;
  EXPECT_TRUE(contains(unknown.err, "/demmo.toml; did you mean 'demo'?\n")) << unknown.err;
  const Printed option = prlsim({"run", "--scenario", "demmo", "--", "true"});
  EXPECT_TRUE(option.err.starts_with("prlsim: there is no file 'demmo', nor is there /"))
      << option.err;
  EXPECT_TRUE(option.err.ends_with("/demmo.toml; did you mean 'demo'?\n")) << option.err;
}

// A folder is no file, and no name to add something to.
TEST(Run, SaysOfAFolderThatItIsNoScenario) {
  const TemporaryFolder folder;
  const std::string in_folder = "cd " + tool::shell_quoted(folder.path()) + ";";
  std::filesystem::create_directory(folder / "x.toml");
  std::filesystem::create_directory(folder / "demo");
  for (const char* name : {".", "x.toml"}) {
    EXPECT_EQ(prlsim({"run", "--scenario", name, "--", "true"}, in_folder).err,
              "prlsim: " + std::string(name) + ": cannot be read: Is a directory\n");
  }
  EXPECT_EQ(prlsim({"run", "--scenario", "none/x.toml", "--", "true"}, in_folder).err,
            "prlsim: there is no file 'none/x.toml'\n");
  EXPECT_EQ(prlsim({"run", "--scenario", "demo", "--", "true"}, in_folder).exit_code, 0);
}

// Where stdout is a file it is known what stands before.
TEST(Run, PrintsNoEmptyLineBeforeItsJson) {
  const auto printed = [](const std::string& program) {
    return prlsim({"run", "--json", "--", "sh", "-c", program}).out;
  };
  EXPECT_TRUE(printed("true").starts_with("{\"exit_code\": 0, ")) << printed("true");
  EXPECT_TRUE(printed("echo a").starts_with("a\n{\"exit_code\": 0, ")) << printed("echo a");
  EXPECT_TRUE(printed("printf a").starts_with("a\n{\"exit_code\": 0, ")) << printed("printf a");
  const std::string run = tool::shell_quoted(PRLSIM_TOOL) + " run --json -- true";
  EXPECT_TRUE(shell(run + " | cat").out.starts_with("\n{"));
  const TemporaryFolder folder;
  const std::string file = folder / "all";
  write(file, "cut");
  shell(run + " >>" + tool::shell_quoted(file));
  EXPECT_TRUE(text_of(file).starts_with("cut\n{")) << text_of(file);
}

TEST(Run, AsksWhetherAnotherWordWasMeant) {
  const auto said = [](const tool::Words& option, const std::string& before = "") {
    tool::Words words = {"run"};
    words.insert(words.end(), option.begin(), option.end());
    words.insert(words.end(), {"--", client("careful")});
    return prlsim(words, before).err;
  };
  const std::string profile =
      "prlsim: profile 'Virtuozo' is neither 'desktop' nor 'virtuozzo'; did you mean "
      "'virtuozzo'?\n";
  EXPECT_EQ(said({"--profile", "Virtuozo"}), profile);
  EXPECT_EQ(said({}, "PRLSIM_PROFILE=Virtuozo"), profile);
  const std::string delivery =
      "prlsim: delivery 'awaitd' is none of 'free', 'awaited' and 'late'; did you mean "
      "'awaited'?\n";
  EXPECT_EQ(said({"--delivery", "awaitd"}), delivery);
  EXPECT_EQ(said({}, "PRLSIM_DELIVERY=awaitd"), delivery);
  const auto clock = [](const std::string& word) {
    return "prlsim: clock '" + word +
           "' is none of 'virtual', 'manual', 'real', 'scaled' and "
           "'scaled:<factor above 0, up to 1000000>'";
  };
  EXPECT_EQ(said({"--clock", "VIRTUAL"}), clock("VIRTUAL") + "; did you mean 'virtual'?\n");
  EXPECT_EQ(said({}, "PRLSIM_CLOCK=VIRTUAL"), clock("VIRTUAL") + "; did you mean 'virtual'?\n");
  for (const char* factor : {"scaled:0", "scaled:1e3", "scaled:99999999999"}) {
    EXPECT_EQ(said({"--clock", factor}), clock(factor) + "\n");
    EXPECT_EQ(said({}, std::string("PRLSIM_CLOCK=") + factor), clock(factor) + "\n");
  }
}

// With the tool and without it.
TEST(Run, AsksWhetherAnotherVariableWasMeant) {
  const std::string alone = "LD_LIBRARY_PATH=" + tool::shell_quoted(PRLSIM_LIBRARY_DIR) + " ";
  for (const auto& [given, meant] : {std::pair("PRLSIM_TRCE", "PRLSIM_TRACE"),
                                     std::pair("PRLSIM_scenario", "PRLSIM_SCENARIO")}) {
    const std::string setting = std::string(given) + "=x";
    const std::string said = "prlsim: unknown environment variable " + std::string(given) +
                             "; did you mean '" + meant + "'?\n";
    EXPECT_EQ(prlsim({"run", "--", "true"}, setting).err, said);
    EXPECT_EQ(shell(alone + setting + " " + client("careful")).err, said);
    EXPECT_TRUE(contains(prlsim({"doctor"}, setting).out, said));
  }
}

TEST(Run, PassesTheExitCodeOn) {
  EXPECT_EQ(prlsim({"run", "--", "sh", "-c", "exit 0"}).exit_code, 0);
  EXPECT_EQ(prlsim({"run", "--", "sh", "-c", "exit 37"}).exit_code, 37);
  EXPECT_EQ(prlsim({"run", "--", "sh", "-c", "kill -9 $$"}).exit_code, 128 + 9);
}

TEST(Run, HoldsWhatTheScenarioExpectsAgainstTheTrace) {
  const TemporaryFolder folder;
  const auto run = [&](const std::string& state, const std::string& command) {
    write(folder / "expecting.toml",
          "clock = \"virtual\"\n[[vm]]\nname = \"web\"\nram_mib = 4\nstate = \"running\"\n"
          "[[expect]]\nvm = \"web\"\nstate = \"" +
              state + "\"\n");
    return prlsim({"run", "--scenario", folder / "expecting.toml", "--", "sh", "-c", command});
  };
  const std::string suspends = client("careful");
  EXPECT_EQ(run("suspended", suspends).exit_code, 0);
  const Printed unmet = run("stopped", suspends);
  EXPECT_EQ(unmet.exit_code, 3);
  EXPECT_NE(unmet.err.find("prlsim: not as expected: VM web is SUSPENDED, not STOPPED"),
            std::string::npos)
      << unmet.err;
  EXPECT_EQ(run("stopped", suspends + "; exit 9").exit_code, 9) << "the client's own comes first";
  EXPECT_EQ(run("stopped", "true").exit_code, 3) << "nobody knows";
}

TEST(Run, DoesNotHoldExpectationsAgainstTheTraceOfAnEarlierRun) {
  const TemporaryFolder folder;
  write(folder / "expecting.toml",
        "clock = \"virtual\"\n[[vm]]\nname = \"web\"\nram_mib = 4\nstate = \"running\"\n"
        "[[expect]]\nvm = \"web\"\nstate = \"suspended\"\n");
  const auto run = [&](const std::string& command) {
    return prlsim({"run", "--scenario", folder / "expecting.toml", "--trace", folder / "trace",
                   "--", command});
  };
  EXPECT_EQ(run(client("careful")).exit_code, 0);
  EXPECT_EQ(run("true").exit_code, 3);
}

TEST(Run, NeedsNoPlaceForTemporaryFilesUnlessSomethingIsExpected) {
  EXPECT_EQ(prlsim({"run", "--", "true"}, "TMPDIR=/there/is/none").exit_code, 0);
}

TEST(Run, SaysAsAShellDoesThatACommandCannotBeStarted) {
  const Printed missing = prlsim({"run", "--", "/there/is/none"});
  EXPECT_EQ(missing.exit_code, 127);
  EXPECT_NE(missing.err.find("/there/is/none"), std::string::npos) << missing.err;
  EXPECT_EQ(prlsim({"run", "--", scenario("demo")}).exit_code, 126);
}

TEST(Run, PassesASignalOnToTheCommand) {
  const std::string waits =
      "trap 'exit 7' TERM; kill -TERM $PPID; "
      "i=0; while [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); done; exit 9";
  EXPECT_EQ(prlsim({"run", "--", "sh", "-c", waits}).exit_code, 7);
}

TEST(Run, KillsAfterItsTimeoutWhateverTheCommandHasStarted) {
  const TemporaryFolder folder;
  const std::string started = folder / "started";
  const Printed printed = prlsim(
      {"run", "--timeout", "0.5", "--", "sh", "-c", "sleep 600 & echo $! >" + started + "; wait"});
  EXPECT_EQ(printed.exit_code, 137);
  EXPECT_EQ(printed.err,
            "prlsim: the client did not end within 0.5 s (--timeout) and was killed with its "
            "process group\n");
  // The command line of a process that is over is empty, whoever has yet to wait for it.
  const Printed gone = shell("i=0; while grep -q sleep /proc/$(cat " + started +
                             ")/cmdline && [ $i -lt 100 ]; do sleep 0.02; i=$((i+1)); done; " +
                             "[ $i -lt 100 ] && echo gone");
  EXPECT_EQ(gone.out, "gone\n");
}

TEST(Run, LeavesACommandThatEndsInTimeAsItIs) {
  const tool::Words in_time = {"run", "--timeout", "60", "--", "sh", "-c"};
  const auto run = [&](const std::string& script) {
    tool::Words words = in_time;
    words.push_back(script);
    return prlsim(words);
  };
  EXPECT_EQ(run("exit 37").exit_code, 37);
  EXPECT_EQ(run("kill -9 $$").exit_code, 128 + 9);
  EXPECT_EQ(run("kill -9 $$").err, "") << "it was not the timeout";
  EXPECT_EQ(prlsim({"run", "--timeout", "60", "--", "/there/is/none"}).exit_code, 127);
  // It has no part in the signals of our own group.
  for (const char* signal : {"TERM", "INT"}) {
    EXPECT_EQ(run(std::string("trap 'exit 7' ") + signal + "; kill -" + signal +
                  " $PPID; i=0; while [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); done; exit 9")
                  .exit_code,
              7)
        << signal;
  }
}

// A client that lets a suspend fail keeps its job.
const tool::Words kLeaks = {"run", "--scenario", "suspend_fails", "--clock", "virtual"};

tool::Words leaky(const tool::Words& more, const tool::Words& command) {
  tool::Words words = kLeaks;
  words.insert(words.end(), more.begin(), more.end());
  words.emplace_back("--");
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

TEST(Run, SaysWhichHandlesWereNeverFreed) {
  const Printed printed = prlsim(leaky({}, {client("leaky")}));
  EXPECT_EQ(printed.exit_code, 1) << "the client's own";
  EXPECT_TRUE(printed.err.starts_with("prlsim: 1 handle was never freed:\n  #"));
  EXPECT_TRUE(contains(printed.err, " PHT_JOB from PrlVm_Suspend (call ")) << printed.err;
  EXPECT_EQ(prlsim(leaky({}, {client("careful")})).err, "");
}

TEST(Run, SaysOfManyHandlesTheFirst) {
  const std::string many = client("leaky") + ";";
  const std::string six = many + many + many + many + many + many;
  const Printed some = prlsim(leaky({}, {"sh", "-c", six}));
  EXPECT_TRUE(some.err.starts_with("prlsim: 6 handles were never freed:\n  #")) << some.err;
  EXPECT_FALSE(contains(some.err, "more"));
  const Printed more = prlsim(leaky({}, {"sh", "-c", six + many}));
  EXPECT_TRUE(contains(more.err, "prlsim: 7 handles were never freed:\n")) << more.err;
  EXPECT_TRUE(more.err.ends_with("\n  and 2 more\n")) << more.err;
  EXPECT_EQ(std::ranges::count(more.err, '\n'), 7);
}

TEST(Run, SaysLeaksAsJsonInALineOfItsOwn) {
  const Printed printed =
      prlsim(leaky({"--json"}, {"sh", "-c", client("leaky") + "; printf 'no end'; exit 4"}));
  EXPECT_EQ(printed.exit_code, 4);
  EXPECT_EQ(printed.err, "");
  EXPECT_TRUE(contains(printed.out,
                       "no end\n{\"exit_code\": 4, \"said\": \"the client ended with "
                       "4\", \"unmet\": [], \"leaks\": [\"#"))
      << printed.out;
  EXPECT_TRUE(printed.out.ends_with(" ms\"]}\n")) << printed.out;
}

TEST(Run, AddsLeaksToTheFileOfTheEnvironment) {
  const TemporaryFolder folder;
  write(folder / "leaks", "an earlier one\n");
  const Printed printed =
      prlsim(leaky({}, {client("leaky")}), "PRLSIM_LEAKS=" + (folder / "leaks"));
  EXPECT_TRUE(text_of(folder / "leaks").starts_with("an earlier one\n#"));
  EXPECT_TRUE(printed.err.starts_with("prlsim: 1 handle was never freed:\n  #")) << printed.err;
}

TEST(Run, RefusesWhatTheLibraryWould) {
  for (const tool::Words& options : {tool::Words{"--seed", "-1"},
                                     {"--seed", "18446744073709551616"},
                                     {"--clock", "fast"},
                                     {"--profile", "server"},
                                     {"--scenario", "no such"},
                                     {"--scenario", scenario("unknown_key")},
                                     {"--library", "/nowhere"},
                                     {"--timeout", "0"},
                                     {"--timeout", "soon"},
                                     {"--unknown", "1"}}) {
    tool::Words words = {"run"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", "true"});
    EXPECT_EQ(prlsim(words).exit_code, 2) << options.back();
  }
  EXPECT_EQ(prlsim({"run"}).exit_code, 2);
  EXPECT_EQ(prlsim({"run", "true"}).exit_code, 2);
  EXPECT_EQ(prlsim({}).exit_code, 2);
}

TEST(Scenario, CheckNamesThePlaceOfAMistake) {
  const Printed printed = prlsim({"scenario", "check", scenario("demo"), scenario("unknown_key")});
  EXPECT_EQ(printed.exit_code, 1);
  EXPECT_EQ(printed.err, scenario("unknown_key") +
                             ":6:1: unknown key 'ram_mb' in [[vm]]; did you mean 'ram_mib'?\n");
  EXPECT_EQ(printed.out, scenario("demo") + ": good; VMs: 1, faults: 0\n");
}

TEST(Scenario, CheckKnowsTheNamesOfTheApi) {
  const Printed good = prlsim({"scenario", "check", scenario("every_key")});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  const Printed bad = prlsim({"scenario", "check", scenario("unknown_code")});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_NE(bad.err.find("PRL_ERR_TIMEOUT"), std::string::npos) << bad.err;
}

TEST(Scenario, CheckReportsAFileThatIsNotThere) {
  EXPECT_EQ(prlsim({"scenario", "check", "/there/is/none.toml"}).exit_code, 1);
  const Printed named = prlsim({"scenario", "check", "demmo"});
  EXPECT_EQ(named.exit_code, 1);
  EXPECT_TRUE(named.err.starts_with("demmo: there is no file 'demmo', nor is there /"))
      << named.err;
  EXPECT_TRUE(named.err.ends_with("/demmo.toml; did you mean 'demo'?\n")) << named.err;
}

TEST(Scenario, ShowTakesNamesOnly) {
  const auto said = [](const std::string& name) {
    const Printed printed = prlsim({"scenario", "show", name});
    EXPECT_EQ(printed.exit_code, 2) << printed.out;
    return printed.err;
  };
  EXPECT_EQ(said("dmo"), "prlsim: there is no scenario 'dmo'; did you mean 'demo'?\n");
  EXPECT_EQ(said("weather"),
            "prlsim: there is no scenario 'weather'; 'prlsim scenario list' shows the names\n");
  EXPECT_TRUE(said("../x/demo").starts_with("prlsim: there is no scenario '../x/demo'; "));
}

TEST(Scenario, CheckKnowsNames) {
  const Printed named = prlsim({"scenario", "check", "demo"});
  EXPECT_EQ(named.exit_code, 0) << named.err;
  EXPECT_TRUE(named.out.ends_with("/demo.toml: good; VMs: 1, faults: 0\n")) << named.out;
  const TemporaryFolder folder;
  write(folder / "demo", "");
  const Printed file = prlsim({"scenario", "check", "demo"}, "cd " + folder.path() + ";");
  EXPECT_EQ(file.out, "demo: good; VMs: 0, faults: 0\n") << file.err;
}

TEST(Scenario, EachThatIsListedCanBeShownAndIsGood) {
  const Printed list = prlsim({"scenario", "list"});
  EXPECT_EQ(list.exit_code, 0);
  std::istringstream lines(list.out);
  const TemporaryFolder folder;
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const std::string name = line.substr(0, line.find(' '));
    const Printed shown = prlsim({"scenario", "show", name});
    EXPECT_EQ(shown.out, text_of(scenario(name)));
    write(folder / "shown.toml", shown.out);
    EXPECT_EQ(prlsim({"scenario", "check", folder / "shown.toml"}).exit_code, 0) << name;
  }
  EXPECT_GE(count, 4);
  EXPECT_EQ(prlsim({"scenario", "show", "nothing"}).exit_code, 2);
}

// What `prlsim <words> <begun>TAB` offers in bash.
std::set<std::string> offered(const std::string& words, const std::string& begun = "") {
  const Printed printed =
      shell("PATH=$(dirname " + tool::shell_quoted(PRLSIM_TOOL) + "):$PATH bash --norc -c '. " +
            std::string(PRLSIM_SOURCE_DIR) + "/tool/prlsim.bash; COMP_WORDS=(prlsim " + words +
            " \"" + begun +
            "\"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _prlsim; printf \"%s\\n\" "
            "\"${COMPREPLY[@]}\"'");
  EXPECT_EQ(printed.err, "");
  std::istringstream lines(printed.out);
  std::set<std::string> offers;
  for (std::string line; std::getline(lines, line);) offers.insert(line);
  return offers;
}

TEST(Completion, OffersEveryOptionThatTheHelpNames) {
  for (const std::string subcommand :
       {"run", "sweep", "replay", "shrink", "trace", "doctor", "scenario check", "scenario list"}) {
    const std::set<std::string> offers = offered(subcommand);
    std::istringstream help(
        shell(tool::shell_quoted(PRLSIM_TOOL) + " " + subcommand + " --help").out);
    int count = 0;
    for (std::string word; help >> word;) {
      const std::string option = word.substr(word.find(',') + 1);
      if (!option.starts_with("--") || option == "--," || option == "--") continue;
      EXPECT_TRUE(offers.contains(option)) << subcommand << " " << option;
      ++count;
    }
    EXPECT_GE(count, 2) << subcommand;
  }
}

TEST(Completion, OffersEveryEffectOfASweep) {
  const tool::Words effects = tool::sweep_effects();
  EXPECT_EQ(offered("sweep --effects"), std::set<std::string>(effects.begin(), effects.end()));
}

TEST(Completion, OffersWhatMayFollowWhatHasBegun) {
  using Offers = std::set<std::string>;
  EXPECT_EQ(offered("sweep --effects", "fail,ha"), Offers{"fail,hang"});
  EXPECT_TRUE(offered("sweep --effects", "fail,").contains("fail,lose"));
  EXPECT_EQ(offered("run --clock"), (Offers{"virtual", "manual", "real", "scaled", "scaled:"}));
  EXPECT_EQ(offered("run --profile =", "de"), Offers{"desktop"});
  EXPECT_TRUE(offered("run --scenario =", "de").contains("demo"));
  EXPECT_TRUE(offered("run --scenario", "=").contains("demo"));
  EXPECT_FALSE(offered("frob").contains("sweep"));
}

TEST(Help, HasAnExampleOfItsSubcommand) {
  for (const std::string subcommand : {"run", "sweep", "replay", "shrink"}) {
    const Printed printed = prlsim({subcommand, "--help"});
    const size_t at = printed.out.find("as in: prlsim " + subcommand + " ");
    EXPECT_NE(at, std::string::npos) << printed.out;
  }
}

TEST(Completion, OffersSubcommandsAndScenarios) {
  EXPECT_TRUE(offered("").contains("sweep"));
  EXPECT_TRUE(offered("run --scenario").contains("suspend_fails"));
  EXPECT_TRUE(offered("scenario show").contains("demo"));
  EXPECT_TRUE(offered("scenario check").contains("demo"));
  EXPECT_FALSE(offered("run --").contains("--seed"));
}

TEST(ShellQuoted, IsReadBackAsOneWord) {
  for (const std::string word : {"plain-1.0", "", "a b", "it's", "$HOME `x` \"y\" \\", "a\nb"}) {
    EXPECT_EQ(shell("printf %s " + tool::shell_quoted(word)).out, word);
  }
}

}  // namespace
}  // namespace prl::tests
