// What a scenario file may say.
#include "faults/scenario.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "faults/document.h"
#include "tests/faults/scenario_text.h"

namespace prl::faults {
namespace {

TEST(Scenario, GivesEveryKeyOfTheFile) {
  const auto scenario = load_scenario(fixture("every_key.toml"), names());
  ASSERT_TRUE(scenario) << scenario.error().text();
  EXPECT_EQ(scenario->version, 1);
  EXPECT_EQ(scenario->clock, "scaled:2.5");
  EXPECT_EQ(scenario->seed, 42u);
  EXPECT_EQ(scenario->verify, "whole");
  EXPECT_EQ(scenario->is_durable, false);
  EXPECT_EQ(scenario->delivery, "awaited");
  EXPECT_EQ(scenario->lock_wait_ms, 60000u);
  EXPECT_EQ(scenario->raw_events, false);
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
  EXPECT_EQ(web.snapshots, (std::vector<SnapshotSpec>{
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

TEST(Scenario, TakesTheUuidOfAVmInAnySpelling) {
  const auto scenario = parse(
      "[[fault]]\nname = \"rule\"\nmatch.vm = "
      "\"01234567-89AB-CDEF-0123-456789ABCDEF\"\neffect.kind = \"hang\"");
  ASSERT_TRUE(scenario) << scenario.error().text();
  EXPECT_EQ(scenario->faults[0].match.vm, "{01234567-89ab-cdef-0123-456789abcdef}");
}

TEST(Scenario, KnowsADistributionByItsKeys) {
  for (const auto& [name, keys] :
       std::map<std::string, std::string>{{"constant", "ms = 7"},
                                          {"uniform", "min_ms = 7, max_ms = 8"},
                                          {"normal", "mean_ms = 7, deviation_ms = 1"},
                                          {"log_normal", "median_ms = 7, spread = 0.5"},
                                          {"empirical", "values_ms = [7, 8]"}}) {
    const auto named = parse("latency.boot = { distribution = \"" + name + "\", " + keys + " }");
    const auto bare = parse("latency.boot = { " + keys + " }");
    ASSERT_TRUE(named && bare) << name;
    EXPECT_EQ(*named, *bare) << name;
    EXPECT_NE(*bare, *parse("latency.preset = \"guide\"")) << name;
  }
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

}  // namespace
}  // namespace prl::faults
