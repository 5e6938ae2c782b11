#include "faults/scenario.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <utility>

#include "faults/fault_rules.h"
#include "faults/latency_rules.h"
#include "faults/nearest.h"
#include "faults/settings_rules.h"
#include "faults/table_reader.h"
#include "faults/vm_rules.h"

namespace prl::faults {
namespace {

constexpr uint64_t kMaxHostCpus = 4096;
constexpr uint64_t kMaxCpuMhz = 100'000;
constexpr uint64_t kMinHostRamMib = 64;
constexpr uint64_t kMaxHostRamMib = uint64_t{1} << 26;  // 64 TiB
constexpr uint64_t kMinDiskGib = 32;                    // its partitions need as much
constexpr uint64_t kMaxDiskGib = uint64_t{1} << 20;
constexpr uint64_t kMaxLockWaitMs = 86'400'000;  // a day

void check_profile(TableReader& reader, const std::string& profile) {
  constexpr std::array<std::string_view, 2> kProfiles = {"desktop", "virtuozzo"};
  if (std::find(kProfiles.begin(), kProfiles.end(), profile) != kProfiles.end()) return;
  reader.fail("profile", "'profile' is " + quoted(profile) + ", not 'desktop' or 'virtuozzo'",
              nearest(profile, kProfiles));
}

void check_verify(TableReader& reader, const std::string& verify) {
  constexpr std::array<std::string_view, 2> kChoices = {"first-use", "whole"};
  if (std::find(kChoices.begin(), kChoices.end(), verify) != kChoices.end()) return;
  reader.fail("verify", "'verify' is " + quoted(verify) + ", not 'first-use' or 'whole'",
              nearest(verify, kChoices));
}

void check_delivery(TableReader& reader, const std::string& delivery) {
  constexpr std::array<std::string_view, 3> kChoices = {"free", "awaited", "late"};
  if (std::ranges::find(kChoices, delivery) != kChoices.end()) return;
  reader.fail("delivery", "'delivery' is " + quoted(delivery) + ", not 'free', 'awaited' or 'late'",
              nearest(delivery, kChoices));
}

void check_clock(TableReader& reader, const std::string& clock) {
  constexpr std::string_view kScaled = "scaled:";
  constexpr std::array<std::string_view, 4> kClocks = {"virtual", "manual", "real", "scaled"};
  if (std::find(kClocks.begin(), kClocks.end(), clock) != kClocks.end()) return;
  if (clock.starts_with(kScaled)) {
    const char* first = clock.data() + kScaled.size();
    const char* last = clock.data() + clock.size();
    double factor = 0;
    const auto [end, problem] = std::from_chars(first, last, factor, std::chars_format::fixed);
    constexpr double kMax = 1'000'000;
    const bool is_number = problem == std::errc() && end == last && std::isfinite(factor);
    if (is_number && factor > 0 && factor <= kMax) return;
    reader.fail("clock", "the factor of 'clock' is " + quoted({first, last}) +
                             ", not a number above 0, up to 1000000");
    return;
  }
  reader.fail("clock",
              "'clock' is " + quoted(clock) +
                  ", not 'virtual', 'manual', 'real', 'scaled' or "
                  "'scaled:<factor above 0, up to 1000000>'",
              nearest(clock, kClocks));
}

// The size of a disk that is among others is said there.
void forbid_second_size(TableReader& host, const Settings& settings) {
  const auto is_disk = [](const Setting& setting) {
    return setting.path.starts_with("HardDisks.HardDisk[");
  };
  if (std::ranges::none_of(settings, is_disk)) return;
  host.forbid("disk_gib", "has no meaning beside 'HardDisks' of its 'settings'");
}

HostSpec read_host(TableReader& top, const ApiNames& names) {
  HostSpec host;
  host.users = read_host_users(top);
  auto reader = top.table("host");
  if (!reader) return host;
  reader->allow_only({"name", "cpus", "cpu_model", "cpu_mhz", "ram_mib", "disk_gib", "os",
                      "settings", "preferences", "user_profile"});
  host.name = reader->text_not_empty("name");
  host.cpu_model = reader->text_not_empty("cpu_model");
  host.cpu_mhz = reader->integer("cpu_mhz", 1, kMaxCpuMhz);
  host.cpus = reader->integer("cpus", 1, kMaxHostCpus);
  host.ram_mib = reader->integer("ram_mib", kMinHostRamMib, kMaxHostRamMib);
  host.disk_gib = reader->integer("disk_gib", kMinDiskGib, kMaxDiskGib);
  host.os = reader->text_not_empty("os");
  host.settings = read_host_settings(*reader, names);
  host.preferences = read_preferences(*reader, names);
  host.user_profile = read_user_profile(*reader, names);
  forbid_second_size(*reader, host.settings);
  return host;
}

void read_expected_fault(TableReader& reader, const std::vector<Rule>& rules,
                         Expectation& expectation) {
  reader.require("struck");
  reader.forbid("state", "belongs to 'vm'");
  reader.forbid("snapshots", "belongs to 'vm'");
  expectation.struck = reader.integer("struck", 0, kMaxInteger);
  auto fault = reader.text_not_empty("fault");
  if (!fault) return;
  std::vector<std::string_view> names;
  for (const Rule& rule : rules) names.push_back(rule.name);
  if (std::ranges::find(names, *fault) == names.end()) {
    reader.fail("fault", "there is no fault named " + quoted(*fault), nearest(*fault, names));
  }
  expectation.fault = std::move(*fault);
}

void read_expected_vm(TableReader& reader, Expectation& expectation) {
  constexpr std::array<std::string_view, 5> kStates = {"stopped", "running", "paused", "suspended",
                                                       "absent"};
  reader.require("vm");
  reader.forbid("struck", "belongs to 'fault'");
  if (!reader.has("snapshots")) reader.require("state");
  expectation.vm = reader.text_not_empty("vm").value_or("");
  if (const auto state = reader.choice("state", kStates)) expectation.state = kStates[*state];
  expectation.snapshots = reader.integer("snapshots", 0, kMaxInteger);
}

std::vector<Expectation> read_expectations(TableReader& top, const std::vector<Rule>& rules) {
  std::vector<Expectation> expectations;
  for (TableReader& reader : top.tables("expect")) {
    reader.allow_only({"vm", "state", "snapshots", "fault", "struck"});
    Expectation& expectation = expectations.emplace_back();
    if (!reader.has("fault")) {
      read_expected_vm(reader, expectation);
      continue;
    }
    reader.forbid("vm", "has no meaning beside 'fault'");
    read_expected_fault(reader, rules, expectation);
  }
  return expectations;
}

// Lists of VMs that somebody may take for lists of the scenario.
constexpr std::array<std::string_view, 10> kOfVms = {
    "vm.disk",        "vm.optical_drive", "vm.floppy_drive", "vm.network_adapter",
    "vm.serial_port", "vm.parallel_port", "vm.sound_device", "vm.usb_controller",
    "vm.snapshot",    "vm.program"};

Scenario read_scenario(TableReader top, const ApiNames& names) {
  Scenario scenario;
  constexpr std::array<std::string_view, 15> kKeys = {
      "version",    "profile", "clock", "seed", "verify", "durable", "delivery", "lock_wait_ms",
      "raw_events", "latency", "host",  "user", "vm",     "fault",   "expect"};
  top.allow_only(kKeys, kOfVms);
  const auto version = top.integer("version", 0, kMaxInteger);
  if (version && *version != 1) {
    top.fail("version",
             "version " + std::to_string(*version) + " is not supported; this program reads 1");
  }
  scenario.profile = top.text("profile");
  if (scenario.profile) check_profile(top, *scenario.profile);
  scenario.clock = top.text("clock");
  if (scenario.clock) check_clock(top, *scenario.clock);
  scenario.seed = top.integer("seed", 0, kMaxInteger);
  scenario.latencies = read_latencies(top, names);
  scenario.verify = top.text("verify");
  if (scenario.verify) check_verify(top, *scenario.verify);
  scenario.is_durable = top.boolean("durable");
  scenario.delivery = top.text("delivery");
  if (scenario.delivery) check_delivery(top, *scenario.delivery);
  scenario.lock_wait_ms = top.integer("lock_wait_ms", 0, kMaxLockWaitMs);
  scenario.raw_events = top.boolean("raw_events");
  scenario.host = read_host(top, names);
  scenario.vms = read_vms(top, names, scenario.host.users);
  scenario.faults = read_fault_rules(top, names);
  scenario.expectations = read_expectations(top, scenario.faults);
  return scenario;
}

// Nobody writes one so large; a device may never end.
constexpr size_t kMaxFileSize = size_t{64} << 20;

ScenarioError too_large(const std::string& path) {
  return {path, 0, 0, "cannot be read: it is larger than 64 MiB", {}};
}

ScenarioError unreadable(const std::string& path, int errno_value) {
  return {path, 0, 0, std::string("cannot be read: ") + std::strerror(errno_value), {}};
}

}  // namespace

sim::Expected<Scenario, ScenarioError> parse_scenario(std::string_view toml_text,
                                                      std::string_view file_name,
                                                      const ApiNames& names, KnownKeys& keys) {
  FirstError errors(file_name);
  const TomlText parsed(toml_text, errors);
  if (errors.error()) return sim::Unexpected{*errors.error()};
  Scenario scenario = read_scenario(parsed.top(errors), names);
  keys = std::move(errors.keys);
  if (errors.error()) return sim::Unexpected{*errors.error()};
  return scenario;
}

sim::Expected<Scenario, ScenarioError> parse_scenario(std::string_view toml_text,
                                                      std::string_view file_name,
                                                      const ApiNames& names) {
  KnownKeys keys;
  return parse_scenario(toml_text, file_name, names, keys);
}

sim::Expected<std::vector<Rule>, ScenarioError> parse_faults(std::string_view toml_text,
                                                             std::string_view file_name,
                                                             const ApiNames& names) {
  FirstError errors(file_name);
  const TomlText parsed(toml_text, errors);
  if (errors.error()) return sim::Unexpected{*errors.error()};
  TableReader top = parsed.top(errors);
  top.allow_only({"fault"});
  top.require("fault");
  std::vector<Rule> rules = read_fault_rules(top, names);
  if (errors.error()) return sim::Unexpected{*errors.error()};
  return rules;
}

sim::Expected<Scenario, ScenarioError> load_scenario(const std::string& path,
                                                     const ApiNames& names) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return sim::Unexpected{unreadable(path, errno)};
  std::string text;
  std::array<char, 4096> block;
  while (file.read(block.data(), block.size()), file.gcount() > 0) {
    text.append(block.data(), static_cast<size_t>(file.gcount()));
    if (text.size() > kMaxFileSize) return sim::Unexpected{too_large(path)};
  }
  // Opening a folder succeeds, only reading it fails.
  if (file.bad()) return sim::Unexpected{unreadable(path, errno)};
  return parse_scenario(text, path, names);
}

}  // namespace prl::faults
