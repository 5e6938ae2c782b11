// What a scenario file may say, and the message for everything that it may not.
#include "faults/scenario.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "faults/document.h"
#include "faults/nearest.h"
#include "tests/faults/names.h"

namespace prl::faults {
namespace {

std::string fixture(const std::string& name) {
  return std::string(PRLSIM_SOURCE_DIR) + "/fixtures/scenarios/" + name;
}

sim::Expected<Scenario, ScenarioError> parse(std::string_view text) {
  return parse_scenario(text, "s.toml", names());
}

// The message for `text`, which must be refused.
std::string refusal(std::string_view text) {
  const auto scenario = parse(text);
  return scenario ? "(accepted)" : scenario.error().text();
}

// The message for one [[vm]] or one [[fault]] with these lines; the first of them is line 3.
std::string vm_refusal(const std::string& lines) {
  return refusal("[[vm]]\nname = \"web\"\n" + lines);
}
std::string fault_refusal(const std::string& lines) {
  return refusal("[[fault]]\nname = \"rule\"\n" + lines);
}

TEST(Scenario, GivesEveryKeyOfTheFile) {
  const auto scenario = load_scenario(fixture("every_key.toml"), names());
  ASSERT_TRUE(scenario) << scenario.error().text();
  EXPECT_EQ(scenario->version, 1);
  EXPECT_EQ(scenario->clock, "scaled:2.5");
  EXPECT_EQ(scenario->seed, 42u);
  EXPECT_EQ(scenario->verify, "whole");
  EXPECT_EQ(scenario->is_durable, false);
  EXPECT_EQ(scenario->host.name, "farm-7");
  EXPECT_EQ(scenario->host.cpus, 64u);
  EXPECT_EQ(scenario->host.cpu_model, "Some processor");
  EXPECT_EQ(scenario->host.cpu_mhz, 3100u);
  EXPECT_EQ(scenario->host.ram_mib, 262144u);
  EXPECT_EQ(scenario->host.disk_gib, 4096u);
  EXPECT_EQ(scenario->host.os, "macOS 14");
  EXPECT_EQ(scenario->host.settings,
            (Settings{{"NetworkSettings.GlobalNetwork.SearchDomain[]",
                       std::vector<std::string>{"example.org"}},
                      {"UsbDevices.UsbDevice[0]", true},
                      {"UsbDevices.UsbDevice[0].Name", std::string("key")}}));
  EXPECT_EQ(scenario->host.preferences,
            (Settings{{"LockedOperationsList.LockedOperation[]", std::vector<std::string>{"3"}},
                      {"RemoteDisplayPreferences.BasePort", uint64_t{6900}}}));
  EXPECT_EQ(scenario->host.user_profile,
            (Settings{{"UserWorkspace.UserDefaultVmFolder", std::string("/vms")}}));
  ASSERT_EQ(scenario->host.users.size(), 1u);
  EXPECT_EQ(scenario->host.users[0].name, "operator");
  EXPECT_EQ(scenario->host.users[0].password, "secret");
  EXPECT_FALSE(scenario->host.users[0].is_administrator);
  ASSERT_EQ(scenario->expectations.size(), 2u);
  EXPECT_EQ(scenario->expectations[0].vm, "web");
  EXPECT_EQ(scenario->expectations[0].state, "running");
  EXPECT_EQ(scenario->expectations[0].snapshots, 0u);
  EXPECT_EQ(scenario->expectations[1].fault, "third start of web fails");
  EXPECT_EQ(scenario->expectations[1].struck, 0u);
  ASSERT_EQ(scenario->vms.size(), 3u);
  const VmSpec& web = scenario->vms[0];
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(web.uuid, "{01234567-89ab-cdef-0123-456789abcdef}");
  EXPECT_EQ(web.owner, "operator");
  EXPECT_EQ(web.shared, VmSpec::Shared::kToRun);
  EXPECT_EQ(web.ram_mib, 2048u);
  EXPECT_EQ(web.cpus, 4u);
  EXPECT_EQ(web.state, VmSpec::State::kRunning);
  EXPECT_TRUE(web.has_tools);
  EXPECT_TRUE(web.ignores_shutdown);
  EXPECT_EQ(web.asked_to_sleep, sim::SleepAnswer::kIgnore);
  EXPECT_EQ(web.workload.kind, Workload::Kind::kWriter);
  EXPECT_EQ(web.workload.working_set_mib, 32u);
  EXPECT_EQ(web.workload.pages_per_ms, 8u);
  EXPECT_EQ(scenario->vms[1].state, VmSpec::State::kSuspended);
  EXPECT_EQ(scenario->vms[1].workload.kind, Workload::Kind::kRandom);
  EXPECT_EQ(scenario->vms[2].state, VmSpec::State::kPaused);
  EXPECT_EQ(scenario->vms[2].workload.working_set_mib, 0u);
}

TEST(Scenario, GivesEveryDeviceOfTheFile) {
  const auto scenario = load_scenario(fixture("every_key.toml"), names());
  ASSERT_TRUE(scenario) << scenario.error().text();
  const VmSpec& web = scenario->vms[0];
  EXPECT_EQ(web.os, kUbuntu);
  const Devices& devices = web.devices;
  const auto set_to = [](std::string path, auto value) { return Settings{{path, value}}; };
  ASSERT_EQ(devices.disks.size(), 2u);
  EXPECT_EQ(devices.disks[0],
            (DiskSpec{.device = {.settings = set_to("SerialNumber", std::string("WD-123"))},
                      .slot = {DiskInterface::kScsi, 2},
                      .size_mib = 20480,
                      .is_plain = true,
                      .file = "system.hdd",
                      .has_image = false}));
  EXPECT_EQ(
      devices.disks[1],
      (DiskSpec{.slot = {DiskInterface::kSata, 0}, .size_mib = 65536, .file = "harddisk2.hdd"}));
  ASSERT_EQ(devices.optical_drives.size(), 2u);
  EXPECT_EQ(devices.optical_drives[0],
            (OpticalDriveSpec{.device = {.is_connected = false, .settings = set_to("Remote", true)},
                              .slot = {DiskInterface::kIde, 1},
                              .medium = {Backing::Kind::kFile, "/iso/install.iso"}}));
  EXPECT_EQ(devices.optical_drives[1].medium, (Backing{Backing::Kind::kHostDevice, "/dev/cdrom"}));
  EXPECT_EQ(devices.optical_drives[1].slot.number, 1u) << "the disk has the first";
  ASSERT_EQ(devices.floppy_drives.size(), 2u);
  EXPECT_FALSE(devices.floppy_drives[0].device.is_enabled);
  ASSERT_EQ(devices.network_adapters.size(), 2u);
  const NetworkAdapterSpec& adapter = devices.network_adapters[0];
  EXPECT_EQ(adapter.type, NetworkAdapterSpec::Type::kShared);
  EXPECT_EQ(adapter.card, NetworkAdapterSpec::Card::kE1000);
  EXPECT_EQ(adapter.mac, "001C42A0B1C2");
  EXPECT_EQ(adapter.network, "Shared");
  EXPECT_EQ(adapter.device.settings,
            (Settings{{"AdapterNumber", int64_t{-1}},
                      {"NetAddress[]", std::vector<std::string>{"10.0.0.2/255.255.255.0"}}}));
  EXPECT_EQ(devices.network_adapters[1].mac, std::nullopt);
  ASSERT_EQ(devices.serial_ports.size(), 3u);
  EXPECT_EQ(devices.serial_ports[0].backing, (Backing{Backing::Kind::kSocket, "/tmp/console"}));
  EXPECT_TRUE(devices.serial_ports[0].is_socket_client);
  ASSERT_EQ(devices.parallel_ports.size(), 2u);
  EXPECT_EQ(devices.parallel_ports[0].backing, (Backing{Backing::Kind::kFile, "printer.txt"}));
  ASSERT_EQ(devices.sound_devices.size(), 1u);
  EXPECT_FALSE(devices.sound_devices[0].is_connected);
  ASSERT_EQ(devices.usb_controllers.size(), 1u);
  EXPECT_EQ(devices.usb_controllers[0].settings, set_to("AutoConnect", uint64_t{1}));
}

TEST(Scenario, GivesEverySettingOfTheFile) {
  const auto scenario = load_scenario(fixture("every_key.toml"), names());
  ASSERT_TRUE(scenario) << scenario.error().text();
  const std::string boot = "Settings.Startup.BootingOrder.BootDevice";
  const std::string rate = "Settings.GlobalNetwork.NetworkRates.NetworkRate[0]";
  EXPECT_EQ(
      scenario->vms[0].settings,
      (Settings{{"Hardware.Video.VideoMemorySize", uint64_t{128}},
                {"Security.LockedOperationsList.LockedOperation[]",
                 std::vector<std::string>{"1", "4294967295"}},
                {"Settings.AutoCompress.FreeDiskSpaceRatio", 12.5},
                {"Settings.General.VmDescription", std::string("the web server")},
                {"Settings.GlobalNetwork.DnsIPAddress[]", std::vector<std::string>{"10.0.0.1"}},
                {rate, true},
                {rate + ".ClassId", uint64_t{1}},
                {rate + ".Rate", uint64_t{1000}},
                {boot + "[0]", true},
                {boot + "[0].Type", uint64_t{5}},
                {boot + "[1]", true},
                {boot + "[1].InUse", true}}));
}

TEST(Scenario, GivesEverySnapshotOfTheFile) {
  const auto scenario = load_scenario(fixture("every_key.toml"), names());
  ASSERT_TRUE(scenario) << scenario.error().text();
  const VmSpec& web = scenario->vms[0];
  EXPECT_EQ(web.snapshots,
            (std::vector<SnapshotSpec>{
                {.name = "fresh",
                 .uuid = "{11234567-89ab-cdef-0123-456789abcdef}",
                 .description = "as installed"},
                {.name = "updated", .parent = 0, .state = VmState::kRunning},
                {.name = "tried", .parent = 0, .state = VmState::kSuspended}}));
  EXPECT_EQ(web.current, 1u);
  EXPECT_EQ(scenario->vms[1].current, std::nullopt);
}

TEST(Scenario, LetsAVmStandOnItsLastSnapshot) {
  const auto scenario =
      parse("[[vm]]\nname = \"web\"\nsnapshot = [{ name = \"a\" }, { name = \"b\" }]");
  ASSERT_TRUE(scenario) << scenario.error().text();
  EXPECT_EQ(scenario->vms[0].current, 1u);
}

TEST(Scenario, GivesEveryRuleOfTheFile) {
  const auto scenario = load_scenario(fixture("every_key.toml"), names());
  ASSERT_TRUE(scenario) << scenario.error().text();
  ASSERT_EQ(scenario->faults.size(), 11u);
  const Rule& fail = scenario->faults[0];
  EXPECT_EQ(fail.name, "third start of web fails");
  EXPECT_EQ(fail.match.name, "PrlVm_Start");
  EXPECT_EQ(fail.match.vm, "web");
  EXPECT_EQ(fail.trigger.skip, 2u);
  EXPECT_EQ(fail.trigger.count, 1u);
  EXPECT_EQ(fail.effect.kind, sim::Fault::Kind::kFail);
  EXPECT_EQ(fail.effect.phase, sim::JobPhase::kEnd);
  EXPECT_EQ(fail.effect.result_code, kTimeout);
  EXPECT_EQ(scenario->faults[1].effect.kind, sim::Fault::Kind::kHang);
  EXPECT_EQ(scenario->faults[1].effect.phase, sim::JobPhase::kStart);
  EXPECT_EQ(scenario->faults[2].effect.kind, sim::Fault::Kind::kDelay);
  EXPECT_EQ(scenario->faults[2].effect.phase, sim::JobPhase::kMiddle);
  EXPECT_EQ(scenario->faults[2].effect.delay_ms, 250u);
  EXPECT_EQ(scenario->faults[3].effect.result_code, static_cast<int32_t>(0x80000416u));
}

TEST(Scenario, GivesEveryKeyOfARule) {
  const auto scenario = load_scenario(fixture("every_key.toml"), names());
  ASSERT_TRUE(scenario) << scenario.error().text();
  const Rule& rule = scenario->faults[4];
  EXPECT_EQ(rule.match.layer, sim::Layer::kJob);
  EXPECT_EQ(rule.match.name, "PrlVm_Suspend*");
  EXPECT_EQ(rule.match.vm, "w*");
  EXPECT_EQ(rule.match.state, "RUNNING");
  EXPECT_EQ(rule.match.session, 1u);
  EXPECT_EQ(rule.match.after_ms, 1000u);
  EXPECT_EQ(rule.match.before_ms, 5000u);
  EXPECT_EQ(rule.trigger.every, 2u);
  EXPECT_EQ(rule.trigger.probability, 0.5);
  EXPECT_EQ(rule.trigger.live, 0.25);
  EXPECT_EQ(rule.effect.kind, sim::Fault::Kind::kTimeOut);
  EXPECT_EQ(rule.effect.result_code, kTimeout);
  EXPECT_EQ(rule.effect.parameters, std::vector<std::string>{"web"});
  EXPECT_EQ(rule.effect.delay_ms, 60'000u);
}

TEST(Scenario, GivesRulesOfEveryLayer) {
  const auto scenario = load_scenario(fixture("every_key.toml"), names());
  ASSERT_TRUE(scenario) << scenario.error().text();
  const auto rule = [&](size_t index) -> const Rule& { return scenario->faults[index]; };
  EXPECT_EQ(rule(5).match.layer, sim::Layer::kCall);
  EXPECT_EQ(rule(5).effect.kind, sim::Fault::Kind::kNoMemory);
  EXPECT_EQ(rule(6).match.layer, sim::Layer::kMemory);
  EXPECT_EQ(rule(6).match.name, "PrlVm_*");
  EXPECT_EQ(rule(6).match.state, "PHT_EVENT");
  EXPECT_EQ(rule(7).match.layer, sim::Layer::kTransition);
  EXPECT_EQ(rule(7).match.name, "STARTING");
  EXPECT_EQ(rule(7).match.state, "STOPPED");
  EXPECT_EQ(rule(7).effect.result_code, kQuestion);
  EXPECT_EQ(rule(7).effect.choices, (std::vector<int32_t>{kYes, 16'001}));
  EXPECT_EQ(rule(8).effect.jump_s, -3600);
  EXPECT_EQ(rule(9).match.layer, sim::Layer::kEvent);
  EXPECT_EQ(rule(9).match.name, "PET_DSP_EVT_VM_STATE_CHANGED");
  EXPECT_EQ(rule(10).match.layer, sim::Layer::kStorage);
  EXPECT_EQ(rule(10).match.path, "*.sav*");
  EXPECT_EQ(rule(10).trigger.points, (std::vector<uint64_t>{2, 5}));
}

TEST(Scenario, GivesEveryKeyOfTheLatencies) {
  const auto scenario = load_scenario(fixture("every_key.toml"), names());
  ASSERT_TRUE(scenario) << scenario.error().text();
  ASSERT_TRUE(scenario->latencies);
  const auto of = [&](sim::Timed what) -> const sim::Latency& {
    return (*scenario->latencies)[static_cast<size_t>(what)];
  };
  using Kind = sim::Distribution::Kind;
  EXPECT_EQ(of(sim::Timed::kRequest).base.kind, Kind::kConstant);
  EXPECT_EQ(of(sim::Timed::kRequest).base.low_us, 500u);
  EXPECT_EQ(of(sim::Timed::kBoot).base.kind, Kind::kNormal);
  EXPECT_EQ(of(sim::Timed::kBoot).base.high_us, 1'500'000u);
  EXPECT_EQ(of(sim::Timed::kBoot).per_disk_us, 200'000u);
  EXPECT_EQ(of(sim::Timed::kResume).base.kind, Kind::kUniform);
  EXPECT_EQ(of(sim::Timed::kResume).base.high_us, 1'500'000u);
  EXPECT_EQ(of(sim::Timed::kResume).touched_us_per_mib, 400u);
  EXPECT_EQ(of(sim::Timed::kSuspend).dirty_us_per_mib, 450u);
  EXPECT_EQ(of(sim::Timed::kSuspend).jitter_percent, 5u);
  EXPECT_EQ(of(sim::Timed::kSuspend).base.kind, Kind::kNormal) << "as the preset has it";
  EXPECT_EQ(of(sim::Timed::kPause).base.spread, 0.3);
  EXPECT_EQ(of(sim::Timed::kShutdown).base.values_us,
            (std::vector<uint64_t>{4'000'000, 5'000'500, 9'000'000}));
  EXPECT_EQ(of(sim::Timed::kClone).per_disk_us, 10'000'000u) << "as the preset has it";
}

TEST(ScenarioError, IsGivenForLatenciesThatMakeNoSense) {
  EXPECT_EQ(refusal("latency.preset = \"desktop-sdd\""),
            "s.toml:1:18: 'preset' in 'latency' of the scenario is 'desktop-sdd', not one of "
            "'guide', 'instant', 'desktop-ssd', 'desktop-hdd', 'virtuozzo-server'; did you mean "
            "'desktop-ssd'?");
  EXPECT_EQ(refusal("latency.bot = { ms = 1 }"),
            "s.toml:1:9: unknown key 'bot' in 'latency' of the scenario; did you mean 'boot'?");
  EXPECT_EQ(refusal("latency.boot = { ms = 1, max_ms = 2 }"),
            "s.toml:1:35: 'max_ms' in 'boot' of 'latency' of the scenario has no meaning for "
            "distribution 'constant'");
  EXPECT_EQ(refusal("latency.boot = { distribution = \"uniform\", min_ms = 3, max_ms = 2 }"),
            "s.toml:1:65: 'max_ms' in 'boot' of 'latency' of the scenario is less than 'min_ms'");
  EXPECT_NE(refusal("latency.boot = { distribution = \"normal\", mean_ms = 3 }"), "(accepted)");
  EXPECT_NE(refusal("latency.boot = { distribution = \"empirical\", values_ms = [] }"),
            "(accepted)");
  EXPECT_NE(refusal("latency.boot = { ms = -1 }"), "(accepted)");
  EXPECT_EQ(refusal("latency = {}"), "(accepted)");
  EXPECT_EQ(refusal("[latency]\nresume = { touched_ms_per_mib = 1000001 }\n").substr(0, 10),
            "s.toml:2:3");
}

TEST(Scenario, TakesTheUuidOfAVmInAnySpelling) {
  const auto scenario = parse(
      "[[fault]]\nname = \"rule\"\nmatch.vm = "
      "\"01234567-89AB-CDEF-0123-456789ABCDEF\"\neffect.kind = \"hang\"");
  ASSERT_TRUE(scenario) << scenario.error().text();
  EXPECT_EQ(scenario->faults[0].match.vm, "{01234567-89ab-cdef-0123-456789abcdef}");
}

TEST(ScenarioError, IsGivenForRulesThatMakeNoSense) {
  EXPECT_EQ(
      fault_refusal("match = { layer = \"call\", vm = \"web\" }\neffect.kind = \"no_memory\""),
      "s.toml:3:32: 'vm' in 'match' of [[fault]] has no meaning in layer 'call'");
  EXPECT_EQ(fault_refusal("match = { layer = \"memory\", object = \"PHT_JOP\" }\n"
                          "effect.kind = \"no_memory\""),
            "s.toml:3:38: unknown type of object 'PHT_JOP'; did you mean 'PHT_JOB'?");
  EXPECT_EQ(fault_refusal("match = { layer = \"memory\" }\neffect.kind = \"hang\""),
            "s.toml:4:15: kind 'hang' cannot strike in layer 'memory'");
  EXPECT_EQ(fault_refusal("effect.kind = \"no_memory\""),
            "s.toml:3:15: kind 'no_memory' cannot strike in layer 'job'");
  EXPECT_EQ(fault_refusal("match = { layer = \"storage\", step = \"read\" }\n"
                          "effect.kind = \"torn_write\""),
            "s.toml:4:15: kind 'torn_write' cannot strike the step 'read'");
  EXPECT_EQ(
      fault_refusal("match = { layer = \"transition\", to = \"RUNING\" }\neffect.kind = \"hang\""),
      "s.toml:3:38: unknown state 'RUNING'; did you mean 'RUNNING'?");
  EXPECT_EQ(fault_refusal("match = { call = \"PrlSrv_*\" }\neffect.kind = \"hang\""),
            "s.toml:3:18: unknown function 'PrlSrv_*'")
      << "no function fits the pattern";
  EXPECT_EQ(fault_refusal("match = { after_ms = 5, before_ms = 5 }\neffect.kind = \"hang\""),
            "s.toml:3:37: 'before_ms' in 'match' of [[fault]] is not later than 'after_ms'");
  EXPECT_EQ(fault_refusal("trigger = { probability = 1.5 }\neffect.kind = \"hang\""),
            "s.toml:3:27: 'probability' in 'trigger' of [[fault]] is not between 0 and 1");
  EXPECT_EQ(fault_refusal("trigger = { points = [1], live = 1 }\neffect.kind = \"hang\""),
            "s.toml:3:34: 'live' in 'trigger' of [[fault]] has no meaning beside 'points'");
  EXPECT_EQ(fault_refusal("trigger = { points = [2, 2] }\neffect.kind = \"hang\""),
            "s.toml:3:22: 'points' in 'trigger' of [[fault]] must rise from each to the next");
  EXPECT_EQ(fault_refusal("trigger = { points = [0] }\neffect.kind = \"hang\""),
            "s.toml:3:22: 'points' in 'trigger' of [[fault]] must be a list of integers from 1");
  EXPECT_EQ(fault_refusal("trigger = { points = [] }\neffect.kind = \"hang\""), "(accepted)");
  EXPECT_EQ(fault_refusal("trigger = { once = true, count = 2 }\neffect.kind = \"hang\""),
            "s.toml:3:20: 'once' says what 'count' says already");
  EXPECT_EQ(fault_refusal("effect = { kind = \"lose\", at = \"start\" }"),
            "s.toml:3:32: 'at' in 'effect' of [[fault]] has no meaning for kind 'lose'");
  EXPECT_EQ(fault_refusal("effect = { kind = \"jump_clock\" }"),
            "s.toml:3:10: missing key 'jump_s' in 'effect' of [[fault]]");
}

TEST(Scenario, FillsInDefaults) {
  const auto scenario = parse("[[vm]]\nname = \"web\"\nram_mib = 16\nworkload.kind = \"writer\"");
  ASSERT_TRUE(scenario) << scenario.error().text();
  EXPECT_EQ(scenario->version, 1);
  EXPECT_FALSE(scenario->clock);
  EXPECT_FALSE(scenario->seed);
  EXPECT_FALSE(scenario->verify);
  EXPECT_FALSE(scenario->vms[0].uuid);
  EXPECT_EQ(scenario->vms[0].cpus, 2u);
  EXPECT_EQ(scenario->vms[0].state, VmSpec::State::kStopped);
  EXPECT_EQ(scenario->vms[0].workload.working_set_mib, 16u) << "64, or all memory if less";
}

TEST(Scenario, AcceptsNamesInAnyLanguage) {
  const auto scenario = parse("[[vm]]\nname = \"caf\u00e9 \u043c\u0438\u0440 \u6f22\"");
  ASSERT_TRUE(scenario) << scenario.error().text();
  EXPECT_EQ(scenario->vms[0].name, "caf\u00e9 \u043c\u0438\u0440 \u6f22");
}

TEST(Scenario, AcceptsTheSuspendFixtures) {
  const auto fails = load_scenario(fixture("suspend_fails.toml"), names());
  ASSERT_TRUE(fails) << fails.error().text();
  EXPECT_EQ(fails->faults[0].effect.result_code, kSuspendFailed);
  const auto hangs = load_scenario(fixture("suspend_times_out.toml"), names());
  ASSERT_TRUE(hangs) << hangs.error().text();
  EXPECT_EQ(hangs->faults[0].effect.kind, sim::Fault::Kind::kHang);
}

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

TEST(ScenarioError, IsGivenForAnEmptyFile) {
  EXPECT_EQ(refusal(""), "s.toml:1:1: the scenario is empty");
  EXPECT_EQ(refusal("# only a remark\n"), "s.toml:1:1: the scenario is empty");
}

TEST(ScenarioError, IsGivenForUnknownKeysOnEveryLevel) {
  EXPECT_EQ(refusal("verson = 1"),
            "s.toml:1:1: unknown key 'verson' in the scenario; did you mean 'version'?");
  EXPECT_EQ(vm_refusal("color = 1"), "s.toml:3:1: unknown key 'color' in [[vm]]");
  EXPECT_EQ(vm_refusal("workload = { kind = \"idle\", pages_per_s = 1 }"),
            "s.toml:3:29: unknown key 'pages_per_s' in 'workload' of [[vm]]; did you mean "
            "'pages_per_ms'?");
  EXPECT_EQ(fault_refusal("macth = {}"), "s.toml:3:1: unknown key 'macth' in [[fault]]");
  EXPECT_EQ(fault_refusal("match = { cal = 1 }\neffect.kind = \"hang\""),
            "s.toml:3:11: unknown key 'cal' in 'match' of [[fault]]; did you mean 'call'?");
  EXPECT_EQ(fault_refusal("trigger = { skips = 1 }\neffect.kind = \"hang\""),
            "s.toml:3:13: unknown key 'skips' in 'trigger' of [[fault]]; did you mean 'skip'?");
  EXPECT_EQ(fault_refusal("effect = { knd = 1 }"),
            "s.toml:3:12: unknown key 'knd' in 'effect' of [[fault]]; did you mean 'kind'?");
}

TEST(ScenarioError, IsGivenForGuestsThatMakeNoSense) {
  EXPECT_EQ(vm_refusal("tools = 1"), "s.toml:3:9: 'tools' in [[vm]] must be true or false");
  EXPECT_EQ(vm_refusal("program = [{ name = \"a\", arguments = [1] }]"),
            "s.toml:3:38: 'arguments' in [[program]] must be a list of texts");
  EXPECT_EQ(vm_refusal("user = [{ name = \"a\" }, { name = \"a\" }]"),
            "s.toml:3:34: a second user named 'a'");
}

TEST(ScenarioError, IsGivenForUsersAndOwnersThatMakeNoSense) {
  const std::string users = "[[user]]\nname = \"ann\"\n[[user]]\nname = \"operator\"\n[[vm]]\n";
  EXPECT_EQ(refusal(users + "name = \"vm\"\nowner = \"operator\""), "(accepted)");
  EXPECT_EQ(refusal(users + "name = \"vm\"\nowner = \"oparator\""),
            "s.toml:7:9: no [[user]] is named 'oparator'; did you mean 'operator'?");
  EXPECT_EQ(vm_refusal("owner = \"anybody\""), "(accepted)") << "without users anybody may log in";
  EXPECT_EQ(vm_refusal("owner = \"\""), "s.toml:3:9: 'owner' in [[vm]] must not be empty");
  EXPECT_EQ(vm_refusal("shared = \"all\""),
            "s.toml:3:10: 'shared' in [[vm]] is 'all', not one of 'no', 'view', 'run', 'full'");
  EXPECT_EQ(refusal("[[user]]\nname = \"a\"\nadministrator = 1"),
            "s.toml:3:17: 'administrator' in [[user]] must be true or false");
  EXPECT_EQ(vm_refusal("user = [{ name = \"a\", administrator = true }]"),
            "s.toml:3:23: unknown key 'administrator' in [[vm.user]]");
}

TEST(ScenarioError, IsGivenForDevicesThatMakeNoSense) {
  EXPECT_EQ(vm_refusal("disk = [{ sise_mib = 1 }]"),
            "s.toml:3:11: unknown key 'sise_mib' in [[disk]]; did you mean 'size_mib'?");
  EXPECT_EQ(vm_refusal("[[vm.disk]]\nsize_mib = 16777217"),
            "s.toml:4:12: 'size_mib' in [[disk]] is 16777217, not between 1 and 16777216");
  EXPECT_EQ(vm_refusal("[[vm.disk]]\ninterface = \"ide\"\nslot = 4"),
            "s.toml:5:8: 'slot' in [[disk]] is 4, but 'ide' has slots from 0 to 3");
  EXPECT_EQ(vm_refusal("disk = [{ slot = 1 }]\noptical_drive = [{ slot = 1 }]"),
            "s.toml:4:27: a second device at slot 1 of 'sata'");
  EXPECT_EQ(vm_refusal("disk = [{}, {}, {}, {}, {}, {}]"), "(accepted)");
  EXPECT_EQ(vm_refusal("disk = [{}, {}, {}, {}, {}, {}, {}]"),
            "s.toml:3:33: no slot of 'sata' is left for this [[disk]]");
  EXPECT_EQ(vm_refusal("disk = [{ file = \"a\" }, { file = \"a\" }]"),
            "s.toml:3:34: a second disk with the file 'a'");
  EXPECT_EQ(vm_refusal("network_adapter = [{ mac = \"00:1c\" }]"),
            "s.toml:3:28: 'mac' in [[network_adapter]] is '00:1c', not like "
            "'00:1c:42:a0:b1:c2'");
  EXPECT_EQ(vm_refusal("network_adapter = [{ mac = \"00:1c:42:a0:b1:c2\" }, "
                       "{ mac = \"001C42A0B1C2\" }]"),
            "s.toml:3:59: a second adapter with the address '001C42A0B1C2'");
  EXPECT_EQ(vm_refusal("serial_port = [{ output_file = \"a\", socket = \"b\" }]"),
            "s.toml:3:46: 'socket' has no meaning beside 'output_file'");
  EXPECT_EQ(vm_refusal("serial_port = [{ socket_mode = \"client\" }]"),
            "s.toml:3:32: 'socket_mode' in [[serial_port]] belongs to 'socket'");
  EXPECT_EQ(vm_refusal("sound_device = [{}, {}]"),
            "s.toml:3:21: a VM can have no more than 1 tables [[vm.sound_device]]");
  EXPECT_EQ(vm_refusal("os = \"Ubuntu Linus\""),
            "s.toml:3:6: unknown guest system 'Ubuntu Linus'; did you mean 'Ubuntu Linux'?");
  EXPECT_EQ(vm_refusal("os = 65536"),
            "s.toml:3:6: 'os' in [[vm]] is 65536, not between 0 and 65535");
  EXPECT_EQ(vm_refusal("os = 2307"), "(accepted)");
}

TEST(ScenarioError, IsGivenForSnapshotsThatMakeNoSense) {
  const auto refusal_of = [](const std::string& snapshots) {
    return vm_refusal("snapshot = [" + snapshots + "]");
  };
  EXPECT_EQ(refusal_of("{}"), "s.toml:3:13: missing key 'name' in [[snapshot]]");
  EXPECT_EQ(refusal_of("{ name = \"first\" }, { name = \"b\", parent = \"frist\" }"),
            "s.toml:3:56: there is no snapshot 'frist' before this one");
  EXPECT_EQ(refusal_of("{ name = \"a\", parent = \"a\" }"),
            "s.toml:3:36: there is no snapshot 'a' before this one");
  EXPECT_EQ(refusal_of("{ name = \"a\" }, { name = \"a\" }, { name = \"b\", parent = \"a\" }"),
            "s.toml:3:68: there are several snapshots named 'a'");
  EXPECT_EQ(refusal_of("{ name = \"a\", current = true }, { name = \"b\", current = true }"),
            "s.toml:3:69: a second snapshot that is the current one");
  EXPECT_NE(refusal_of("{ name = \"a\", state = \"absent\" }"), "(accepted)");
  EXPECT_NE(refusal_of("{ name = \"a\", uuid = \"1\" }"), "(accepted)");
  EXPECT_NE(refusal_of("{ name = \"\" }"), "(accepted)");
}

TEST(ScenarioError, IsGivenForSettingsThatMakeNoSense) {
  EXPECT_EQ(vm_refusal("settings.Hardware.Video.VideoMemSize = 1"),
            "s.toml:3:40: unknown property 'Hardware.Video.VideoMemSize'; did you mean "
            "'Hardware.Video.VideoMemorySize'?");
  EXPECT_EQ(vm_refusal("settings.Hardware.Video.VideoMemorySize = \"x\""),
            "s.toml:3:43: 'VideoMemorySize' in 'Video' of 'Hardware' of 'settings' of [[vm]] must "
            "be an integer");
  EXPECT_EQ(vm_refusal("settings.Hardware.Video.VideoMemorySize = 4294967296"),
            "s.toml:3:43: 'VideoMemorySize' in 'Video' of 'Hardware' of 'settings' of [[vm]] is "
            "4294967296, not between 0 and 4294967295");
  EXPECT_EQ(vm_refusal("settings.Hardware.Memory.RAM = 1"),
            "s.toml:3:32: 'Hardware.Memory.RAM' has the key 'ram_mib'");
  EXPECT_EQ(vm_refusal("settings.Hardware.Hdd = [{ SerialNumber = \"x\" }]"),
            "s.toml:3:25: 'Hardware.Hdd' has tables [[vm.disk]]");
  EXPECT_EQ(vm_refusal("network_adapter = [{ settings = { NetAddress = [\"x\"] } }]"),
            "s.toml:3:48: 'NetAddress' in 'settings' of [[network_adapter]] is 'x', but must "
            "be: an address");
  EXPECT_EQ(vm_refusal("settings.Hardware.Video = [{}]"),
            "s.toml:3:27: unknown property 'Hardware.Video'");
  EXPECT_EQ(vm_refusal("settings.Hardware.Video.VideoMemorySize = [{}]"),
            "s.toml:3:43: 'VideoMemorySize' in 'Video' of 'Hardware' of 'settings' of [[vm]] must "
            "be an integer");
  EXPECT_EQ(vm_refusal("settings = 1"),
            "s.toml:3:12: 'settings' in [[vm]] must be a table, { ... }");
}

TEST(ScenarioError, IsGivenForListsThatAreOfSomethingElse) {
  const std::string locks = "settings.Security.LockedOperationsList.LockedOperation = ";
  const auto refusal_of_locks = [&](const std::string& value) { return vm_refusal(locks + value); };
  const std::string where =
      "s.toml:3:58: 'LockedOperation' in 'LockedOperationsList' of 'Security' of 'settings' of "
      "[[vm]] must be a list of integers";
  EXPECT_EQ(refusal_of_locks("[1, \"a\"]"), where + " from 0 to 4294967295");
  EXPECT_EQ(refusal_of_locks("[4294967296]"), where + " from 0 to 4294967295");
  EXPECT_EQ(refusal_of_locks("[-1]"), where + " from 0 to 4294967295");
  EXPECT_EQ(refusal_of_locks("1"), where + " from 0 to 4294967295");
  EXPECT_EQ(refusal_of_locks("[{}]"), where);
  EXPECT_EQ(refusal_of_locks("[]"), "(accepted)");
  const auto refusal_of_boots = [&](const std::string& value) {
    return vm_refusal("settings.Settings.Startup.BootingOrder.BootDevice = " + value);
  };
  const std::string boots =
      "s.toml:3:53: 'BootDevice' in 'BootingOrder' of 'Startup' of 'Settings' of 'settings' of "
      "[[vm]] must be a list of tables, [{ ... }]";
  EXPECT_EQ(refusal_of_boots("[1]"), boots);
  EXPECT_EQ(refusal_of_boots("\"hdd\""), boots);
  EXPECT_EQ(refusal_of_boots("[]"), "(accepted)");
  EXPECT_EQ(refusal_of_boots("[{ Typ = 5 }]"),
            "s.toml:3:62: unknown property 'Settings.Startup.BootingOrder.BootDevice[].Typ'");
  EXPECT_EQ(vm_refusal("settings.Settings.GlobalNetwork.DnsIPAddress = [{}]"),
            "s.toml:3:48: 'DnsIPAddress' in 'GlobalNetwork' of 'Settings' of 'settings' of [[vm]] "
            "must be a list of texts");
}

TEST(ScenarioError, IsGivenForSettingsOfTheHostThatMakeNoSense) {
  const auto refusal_of = [](const std::string& lines) { return refusal("[host]\n" + lines); };
  EXPECT_EQ(refusal_of("settings.Cpu.Number = 4"), "s.toml:2:23: 'Cpu.Number' has the key 'cpus'");
  EXPECT_EQ(refusal_of("settings.NetworkSettings.GlobalNetwork.SearchDomian = [\"a\"]"),
            "s.toml:2:55: unknown property 'NetworkSettings.GlobalNetwork.SearchDomian'; did you "
            "mean 'NetworkSettings.GlobalNetwork.SearchDomain[]'?");
  EXPECT_EQ(refusal_of("settings.UsbDevices.UsbDevice = 1"),
            "s.toml:2:33: 'UsbDevice' in 'UsbDevices' of 'settings' of 'host' of the scenario must "
            "be a list of tables, [{ ... }]");
  EXPECT_EQ(refusal_of("preferences.RemoteDisplayPreferences.BasePrt = 1"),
            "s.toml:2:48: unknown property 'RemoteDisplayPreferences.BasePrt'; did you mean "
            "'RemoteDisplayPreferences.BasePort'?");
  EXPECT_EQ(refusal_of("user_profile.UserWorkspace.UserDefaultVmFolder = 1"),
            "s.toml:2:50: 'UserDefaultVmFolder' in 'UserWorkspace' of 'user_profile' of 'host' of "
            "the scenario must be a text");
  EXPECT_EQ(refusal_of("user_profile = 1"),
            "s.toml:2:16: 'user_profile' in 'host' of the scenario must be a table, { ... }");
  EXPECT_EQ(refusal_of("disk_gib = 64\nsettings.HardDisks.HardDisk = [{ Name = \"a\" }]"),
            "s.toml:2:12: 'disk_gib' in 'host' of the scenario has no meaning beside 'HardDisks' "
            "of its 'settings'");
  EXPECT_EQ(refusal_of("settings.HardDisks.HardDisk = []"), "(accepted)");
}

TEST(ScenarioError, NamesTheFirstOfSeveralUnknownKeys) {
  EXPECT_EQ(vm_refusal("zebra = 1\nant = 2"), "s.toml:3:1: unknown key 'zebra' in [[vm]]");
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
            "'scaled:<factor>'; "
            "did you mean 'virtual'?");
  for (const char* factor : {"", "0", "-1", "x", "2x", "nan", "inf", "1e999"}) {
    EXPECT_EQ(refusal("clock = \"scaled:" + std::string(factor) + "\""),
              "s.toml:1:9: the factor of 'clock' is '" + std::string(factor) +
                  "', not a number greater than 0");
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

TEST(ScenarioError, IsGivenForKeysWithoutMeaning) {
  EXPECT_EQ(fault_refusal("effect = { kind = \"hang\", delay_ms = 1 }"),
            "s.toml:3:38: 'delay_ms' in 'effect' of [[fault]] has no meaning for kind 'hang'");
  EXPECT_NE(fault_refusal("effect = { kind = \"hang\", code = 1 }"), "(accepted)");
  EXPECT_NE(vm_refusal("workload = { kind = \"idle\", pages_per_ms = 1 }"), "(accepted)");
}

TEST(ScenarioError, IsGivenForAPhaseInWhichNothingIsUnderWay) {
  const auto of_transition = [](const std::string& to) {
    return fault_refusal("match = { layer = \"transition\", to = \"" + to +
                         "\" }\neffect = { kind = \"hang\" }");
  };
  EXPECT_EQ(of_transition("RUNNING"),
            "s.toml:4:19: kind 'hang' cannot strike the state 'RUNNING', in which nothing is under "
            "way");
  EXPECT_EQ(of_transition("STARTING"), "(accepted)");
  EXPECT_EQ(of_transition("STA*"), "(accepted)");
}

TEST(ScenarioError, IsGivenForExpectationsThatMeanNothing) {
  EXPECT_EQ(refusal("[[expect]]\n"), "s.toml:1:1: missing key 'vm' in [[expect]]");
  EXPECT_EQ(refusal("[[expect]]\nvm = \"web\"\n"), "s.toml:1:1: missing key 'state' in [[expect]]");
  EXPECT_EQ(refusal("[[expect]]\nvm = \"web\"\nstate = \"stopped\"\nstruck = 1\n"),
            "s.toml:4:10: 'struck' in [[expect]] belongs to 'fault'");
  EXPECT_EQ(refusal("[[expect]]\nfault = \"x\"\nstruck = 1\n"),
            "s.toml:2:9: there is no fault named 'x'");
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

TEST(ScenarioError, IsGivenForNamesThatTheApiDoesNotHave) {
  EXPECT_EQ(fault_refusal("match = { call = \"PrlVm_Suspnd\" }\neffect.kind = \"hang\""),
            "s.toml:3:18: unknown function 'PrlVm_Suspnd'; did you mean 'PrlVm_Suspend'?");
}

TEST(ScenarioError, IsGivenForCodesThatMeanSuccessOrDoNotFit) {
  EXPECT_EQ(fault_refusal("effect = { kind = \"fail\", code = \"PRL_ERR_SUCCESS\" }"),
            "s.toml:3:34: 'code' must mean a failure, but 0 means success (failures are "
            "negative)");
  EXPECT_NE(fault_refusal("effect = { kind = \"fail\", code = 7 }"), "(accepted)");
  EXPECT_EQ(fault_refusal("effect = { kind = \"fail\", code = -7 }"), "(accepted)");
  EXPECT_EQ(fault_refusal("effect = { kind = \"fail\", code = 4294967296 }"),
            "s.toml:3:34: 'code' is 4294967296, which does not fit 32 bits");
}

// A file damaged anywhere is either still a scenario or refused with a place in it.
RC_GTEST_PROP(DamagedFile, IsAcceptedOrRefusedButNeverMore, ()) {
  std::ifstream file(fixture("every_key.toml"));
  std::ostringstream content;
  content << file.rdbuf();
  std::string text = content.str();
  const auto where = *rc::gen::inRange<size_t>(0, text.size());
  const auto length = *rc::gen::inRange<size_t>(0, 40);
  const auto put = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  text.replace(where, length, put);
  const auto scenario = parse(text);
  if (!scenario) RC_ASSERT(scenario.error().line >= 1u);
}

// Every table and key of a tree, the root excepted.
std::vector<Node*> all_nodes(Node& node) {
  std::vector<Node*> nodes;
  for (Node& child : node.children) {
    nodes.push_back(&child);
    const std::vector<Node*> below = all_nodes(child);
    nodes.insert(nodes.end(), below.begin(), below.end());
  }
  return nodes;
}

// Leaves something out, or puts another value in its place: mostly that is a scenario still.
void change_anywhere(Node& document) {
  const std::vector<Node*> nodes = all_nodes(document);
  Node* node = nodes[*rc::gen::inRange<size_t>(0, nodes.size())];
  if (node->kind != Node::Kind::kScalar) {
    if (node->children.empty()) return;
    const auto at = *rc::gen::inRange<ptrdiff_t>(0, std::ssize(node->children));
    node->children.erase(node->children.begin() + at);
  } else if (node->scalar.starts_with('"')) {
    const auto letters = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    node->scalar = toml_string(letters);
  } else if (node->scalar.find_first_not_of("0123456789") == std::string::npos) {
    node->scalar = std::to_string(*rc::gen::inRange<uint64_t>(0, 2000));
  }
}

RC_GTEST_PROP(Scenario, MeansTheSameWhenItIsWrittenAgain, ()) {
  std::ifstream file(fixture("every_key.toml"));
  auto document = parse_document(std::string(std::istreambuf_iterator<char>(file), {}), "s.toml");
  RC_ASSERT(document.has_value());
  const int changes = *rc::gen::inRange(0, 5);
  for (int i = 0; i < changes; ++i) change_anywhere(*document);
  const std::string text = to_toml(*document);
  const auto again = parse_document(text, "s.toml");
  RC_ASSERT(again.has_value());
  const auto scenario = parse(text);
  RC_CLASSIFY(scenario.has_value(), "is a scenario");
  const auto twice = parse(to_toml(*again));
  RC_ASSERT(scenario.has_value() == twice.has_value());
  if (scenario) RC_ASSERT(*scenario == *twice);
}

TEST(Nearest, FindsSmallTypingErrorsOnly) {
  constexpr std::array<std::string_view, 2> kFunctions = {"PrlVm_Start", "PrlVm_Suspend"};
  EXPECT_EQ(nearest("PrlVm_Strat", kFunctions), "PrlVm_Start");
  EXPECT_EQ(nearest("PrlVm_Start", kFunctions), "PrlVm_Start");
  EXPECT_EQ(nearest("reboot", kFunctions), "");
  EXPECT_EQ(nearest("", kFunctions), "");
  EXPECT_EQ(nearest(std::string(1'000'000, 'x'), kFunctions), "");
}

}  // namespace
}  // namespace prl::faults
