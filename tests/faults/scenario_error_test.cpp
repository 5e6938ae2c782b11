// The message for a file that is no scenario: it cannot be read, is no TOML, or has keys and values
// that there are not.
#include <gtest/gtest.h>

#include <string>

#include "tests/faults/scenario_text.h"

namespace prl::faults {
namespace {

TEST(ScenarioError, NamesFileLineAndColumnAndWhatWasMeant) {
  const auto key = load_scenario(fixture("unknown_key.toml"), names());
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().text(), fixture("unknown_key.toml") +
                                    ":6:1: unknown key 'ram_mb' in [[vm]]; did you mean "
                                    "'ram_mib'?");
  const auto code = load_scenario(fixture("unknown_code.toml"), names());
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().line, 7u);
  EXPECT_EQ(code.error().nearest, "PRL_ERR_TIMEOUT");
}

TEST(ScenarioError, IsGivenForFilesThatCannotBeRead) {
  const auto absent = load_scenario(fixture("absent.toml"), names());
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().text(),
            fixture("absent.toml") + ": cannot be read: No such file or directory");
  const auto folder = load_scenario(fixture(""), names());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().message, "cannot be read: Is a directory");
}

TEST(ScenarioError, IsGivenForWhatIsNoToml) {
  EXPECT_EQ(refusal("version = 1\n[[vm\n").rfind("s.toml:2:", 0), 0u);
  EXPECT_EQ(refusal("version = 1\nversion = 1\n").rfind("s.toml:2:", 0), 0u);
  EXPECT_EQ(refusal("a = \"\xff\"").rfind("s.toml:1:", 0), 0u);
  EXPECT_EQ(refusal(std::string(100'000, '[')).rfind("s.toml:1:", 0), 0u);
  EXPECT_EQ(refusal("a = " + std::string(100'000, '[')).rfind("s.toml:1:", 0), 0u);
  EXPECT_EQ(refusal("[=").rfind("s.toml:1:", 0), 0u);
  EXPECT_EQ(refusal("caf\u00e9 = 1").rfind("s.toml:1:", 0), 0u);
}

TEST(ScenarioError, IsNotGivenForAFileThatSaysNothing) {
  EXPECT_TRUE(parse_scenario("", "s.toml", names()));
  const auto scenario = parse_scenario("# only a remark\n", "s.toml", names());
  ASSERT_TRUE(scenario);
  EXPECT_TRUE(scenario->vms.empty());
  EXPECT_TRUE(scenario->faults.empty());
  EXPECT_FALSE(scenario->clock);
}

TEST(ScenarioError, IsGivenForFaultsThatAreNone) {
  const auto rules = parse_faults("", "s.toml", names());
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().text(), "s.toml:1:1: missing key 'fault' in the scenario");
}

TEST(ScenarioError, IsGivenForUnknownKeysOnEveryLevel) {
  EXPECT_EQ(refusal("verson = 1"),
            "s.toml:1:1: unknown key 'verson' in the scenario; did you mean 'version'?");
  EXPECT_EQ(vm_refusal("color = 1"), "s.toml:3:1: unknown key 'color' in [[vm]]");
  EXPECT_EQ(vm_refusal("workload = { kind = \"idle\", pages_per_s = 1 }"),
            "s.toml:3:29: unknown key 'pages_per_s' in 'workload' of [[vm]]; did you mean "
            "'pages_per_ms'?");
  EXPECT_EQ(fault_refusal("macth = {}"),
            "s.toml:3:1: unknown key 'macth' in [[fault]]; did you mean 'match'?");
  EXPECT_EQ(fault_refusal("match = { cal = 1 }\neffect.kind = \"hang\""),
            "s.toml:3:11: unknown key 'cal' in 'match' of [[fault]]; did you mean 'call'?");
  EXPECT_EQ(fault_refusal("trigger = { skips = 1 }\neffect.kind = \"hang\""),
            "s.toml:3:13: unknown key 'skips' in 'trigger' of [[fault]]; did you mean 'skip'?");
  EXPECT_EQ(fault_refusal("effect = { knd = 1 }"),
            "s.toml:3:12: unknown key 'knd' in 'effect' of [[fault]]; did you mean 'kind'?");
}

TEST(ScenarioError, NamesTheFirstOfSeveralUnknownKeys) {
  EXPECT_EQ(vm_refusal("zebra = 1\nant = 2"), "s.toml:3:1: unknown key 'zebra' in [[vm]]");
}

TEST(ScenarioError, NamesTheTableIntoWhichAKeyBelongs) {
  EXPECT_EQ(refusal("[[disk]]\nsize_mib = 1\n"),
            "s.toml:1:3: unknown key 'disk' in the scenario; did you mean 'vm.disk'?");
  EXPECT_EQ(vm_refusal("disk = 1"),
            "s.toml:3:8: 'disk' must be a list of tables, each written [[vm.disk]]");
  EXPECT_EQ(vm_refusal("snpashot = []"),
            "s.toml:3:1: unknown key 'snpashot' in [[vm]]; did you mean 'snapshot'?");
}

TEST(ScenarioError, IsGivenForValuesOfTheWrongType) {
  EXPECT_EQ(refusal("seed = \"x\""), "s.toml:1:8: 'seed' in the scenario must be an integer");
  EXPECT_EQ(refusal("clock = 1"), "s.toml:1:9: 'clock' in the scenario must be a text");
  EXPECT_EQ(vm_refusal("ram_mib = 1.5"), "s.toml:3:11: 'ram_mib' in [[vm]] must be an integer");
  EXPECT_EQ(vm_refusal("workload = 1"),
            "s.toml:3:12: 'workload' in [[vm]] must be a table, { ... }");
  EXPECT_EQ(refusal("vm = 1"), "s.toml:1:6: 'vm' must be a list of tables, each written [[vm]]");
  EXPECT_EQ(refusal("[vm]\nname = \"web\""),
            "s.toml:1:1: 'vm' must be a list of tables, each written [[vm]]");
  EXPECT_EQ(refusal("fault = [1]"),
            "s.toml:1:9: 'fault' must be a list of tables, each written [[fault]]");
  EXPECT_EQ(fault_refusal("effect = { kind = \"fail\", code = true }"),
            "s.toml:3:34: 'code' in 'effect' of [[fault]] must be the name of a code or an "
            "integer");
}

TEST(ScenarioError, IsGivenForValuesOutOfRange) {
  EXPECT_EQ(vm_refusal("ram_mib = 0"),
            "s.toml:3:11: 'ram_mib' in [[vm]] is 0, not between 4 and 1048576");
  EXPECT_NE(vm_refusal("ram_mib = 1048577"), "(accepted)");
  EXPECT_EQ(vm_refusal("ram_mib = 1048576"), "(accepted)");
  EXPECT_NE(vm_refusal("cpus = 0"), "(accepted)");
  EXPECT_NE(vm_refusal("cpus = 257"), "(accepted)");
  EXPECT_EQ(vm_refusal("cpus = 256"), "(accepted)");
  EXPECT_NE(refusal("seed = -1"), "(accepted)");
  EXPECT_EQ(refusal("delivery = \"awiated\""),
            "s.toml:1:12: 'delivery' is 'awiated', not 'free', 'awaited' or 'late'; did you mean "
            "'awaited'?");
  EXPECT_EQ(refusal("verify = \"hole\""),
            "s.toml:1:10: 'verify' is 'hole', not 'first-use' or 'whole'; did you mean 'whole'?");
  EXPECT_EQ(refusal("version = 2"),
            "s.toml:1:11: version 2 is not supported; this program reads 1");
  EXPECT_NE(vm_refusal("workload = { kind = \"writer\", working_set_mib = 1025 }"), "(accepted)");
  EXPECT_NE(vm_refusal("workload = { kind = \"writer\", pages_per_ms = 0 }"), "(accepted)");
  EXPECT_NE(fault_refusal("trigger = { skip = -1 }\neffect = { kind = \"hang\" }"), "(accepted)");
  EXPECT_NE(fault_refusal("effect = { kind = \"delay\", delay_ms = 0 }"), "(accepted)");
}

TEST(ScenarioError, IsGivenForUnknownChoices) {
  EXPECT_EQ(vm_refusal("state = \"runing\""),
            "s.toml:3:9: 'state' in [[vm]] is 'runing', not one of 'stopped', 'running', "
            "'paused', 'suspended'; did you mean 'running'?");
  EXPECT_NE(vm_refusal("workload = { kind = \"lazy\" }"), "(accepted)");
  EXPECT_NE(fault_refusal("effect = { kind = \"crash\" }"), "(accepted)");
  EXPECT_NE(fault_refusal("effect = { kind = \"hang\", at = \"half\" }"), "(accepted)");
  EXPECT_EQ(refusal("clock = \"virtuel\""),
            "s.toml:1:9: 'clock' is 'virtuel', not 'virtual', 'manual', 'real', 'scaled' or "
            "'scaled:<factor above 0, up to 1000000>'; "
            "did you mean 'virtual'?");
  for (const char* factor : {"", "0", "-1", "x", "2x", "nan", "inf", "1e3", "1e999", "1000001"}) {
    EXPECT_EQ(refusal("clock = \"scaled:" + std::string(factor) + "\""),
              "s.toml:1:9: the factor of 'clock' is '" + std::string(factor) +
                  "', not a number above 0, up to 1000000");
  }
}

TEST(ScenarioError, IsGivenForMissingKeys) {
  EXPECT_EQ(refusal("[[vm]]\ncpus = 1"), "s.toml:1:1: missing key 'name' in [[vm]]");
  EXPECT_EQ(refusal("[[fault]]\neffect = { kind = \"hang\" }"),
            "s.toml:1:1: missing key 'name' in [[fault]]");
  EXPECT_EQ(fault_refusal(""), "s.toml:1:1: missing key 'effect' in [[fault]]");
  EXPECT_EQ(fault_refusal("effect = {}"),
            "s.toml:3:10: missing key 'kind' in 'effect' of [[fault]]");
  EXPECT_EQ(fault_refusal("effect = { kind = \"fail\" }"),
            "s.toml:3:10: missing key 'code' in 'effect' of [[fault]]");
  EXPECT_EQ(fault_refusal("effect = { kind = \"delay\" }"),
            "s.toml:3:10: missing key 'delay_ms' in 'effect' of [[fault]]");
  EXPECT_EQ(vm_refusal("workload = {}"), "s.toml:3:12: missing key 'kind' in 'workload' of [[vm]]");
}

TEST(ScenarioError, IsGivenForNamesAndUuidsUsedTwice) {
  EXPECT_EQ(vm_refusal("[[vm]]\nname = \"web\""), "s.toml:4:8: a second VM named 'web'");
  EXPECT_EQ(fault_refusal("effect.kind = \"hang\"\n[[fault]]\nname = \"rule\"\n"
                          "effect.kind = \"hang\""),
            "s.toml:5:8: a second fault named 'rule'");
  EXPECT_NE(vm_refusal("name = \"\""), "(accepted)");
  const std::string uuid = "01234567-89ab-cdef-0123-456789abcde";
  EXPECT_EQ(
      vm_refusal("uuid = \"" + uuid + "f\"\n[[vm]]\nname = \"db\"\nuuid = \"{" + uuid + "F}\""),
      "s.toml:6:8: a second VM with the uuid '{" + uuid + "f}'");
  EXPECT_NE(vm_refusal("uuid = \"" + uuid + "\""), "(accepted)");
  EXPECT_NE(vm_refusal("uuid = \"" + uuid + "g\""), "(accepted)");
  EXPECT_NE(vm_refusal("uuid = \"\""), "(accepted)");
}

}  // namespace
}  // namespace prl::faults
