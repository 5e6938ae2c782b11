#include "faults/scenario.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <set>
#include <utility>

#include "faults/fault_rules.h"
#include "faults/latency_rules.h"
#include "faults/nearest.h"
#include "faults/table_reader.h"

namespace prl::faults {
namespace {

constexpr uint64_t kMinRamMib = 4;                  // as the configuration of a VM has it
constexpr uint64_t kMaxRamMib = uint64_t{1} << 20;  // 1 TiB, as much as a simulated VM can have
constexpr uint64_t kMaxCpus = 256;
constexpr uint64_t kMaxHostCpus = 4096;
constexpr uint64_t kMaxCpuMhz = 100'000;
constexpr uint64_t kMinHostRamMib = 64;
constexpr uint64_t kMaxHostRamMib = uint64_t{1} << 26;  // 64 TiB
constexpr uint64_t kMinDiskGib = 32;                    // its partitions need as much
constexpr uint64_t kMaxDiskGib = uint64_t{1} << 20;
constexpr uint64_t kMaxPagesPerMs = 1'000'000;
constexpr uint64_t kMaxExitCode = std::numeric_limits<uint32_t>::max();
constexpr uint64_t kDefaultWorkingSetMib = 64;
constexpr uint64_t kDefaultPagesPerMs = 4;

// Complains when `name` has been seen before, and remembers it.
void check_unique(TableReader& reader, std::string_view key, const std::string& name,
                  std::string_view what, std::set<std::string>& seen) {
  if (seen.insert(name).second) return;
  reader.fail(key, "a second " + std::string(what) + " " + quoted(name));
}

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

void check_clock(TableReader& reader, const std::string& clock) {
  constexpr std::string_view kScaled = "scaled:";
  constexpr std::array<std::string_view, 4> kClocks = {"virtual", "manual", "real", "scaled"};
  if (std::find(kClocks.begin(), kClocks.end(), clock) != kClocks.end()) return;
  if (clock.starts_with(kScaled)) {
    const char* first = clock.data() + kScaled.size();
    const char* last = clock.data() + clock.size();
    double factor = 0;
    const auto [end, problem] = std::from_chars(first, last, factor);
    const bool is_number = problem == std::errc() && end == last && std::isfinite(factor);
    if (is_number && factor > 0) return;
    reader.fail("clock", "the factor of 'clock' is " + quoted({first, last}) +
                             ", not a number greater than 0");
    return;
  }
  reader.fail("clock",
              "'clock' is " + quoted(clock) +
                  ", not 'virtual', 'manual', 'real', 'scaled' or 'scaled:<factor>'",
              nearest(clock, kClocks));
}

Workload read_workload(TableReader reader, uint64_t ram_mib) {
  Workload workload;
  reader.allow_only({"kind", "working_set_mib", "pages_per_ms"});
  reader.require("kind");
  const auto kind =
      reader.choice("kind", {"idle", "writer", "random", "zipf", "growing", "pattern"});
  if (kind) workload.kind = static_cast<Workload::Kind>(*kind);
  if (workload.kind == Workload::Kind::kIdle) {
    if (kind) reader.forbid("working_set_mib", "has no meaning for kind 'idle'");
    if (kind) reader.forbid("pages_per_ms", "has no meaning for kind 'idle'");
    return workload;
  }
  workload.working_set_mib = reader.integer("working_set_mib", 1, ram_mib)
                                 .value_or(std::min(kDefaultWorkingSetMib, ram_mib));
  workload.pages_per_ms =
      reader.integer("pages_per_ms", 1, kMaxPagesPerMs).value_or(kDefaultPagesPerMs);
  return workload;
}

std::vector<User> read_users(TableReader& owner) {
  std::vector<User> users;
  std::set<std::string> names;
  for (TableReader& reader : owner.tables("user")) {
    reader.allow_only({"name", "password"});
    reader.require("name");
    User& user = users.emplace_back();
    if (auto name = reader.text_not_empty("name")) {
      check_unique(reader, "name", *name, "user named", names);
      user.name = std::move(*name);
    }
    user.password = reader.text("password").value_or("");
  }
  return users;
}

std::vector<GuestProgram> read_programs(TableReader& vm) {
  std::vector<GuestProgram> programs;
  for (TableReader& reader : vm.tables("program")) {
    reader.allow_only({"name", "arguments", "stdout", "stderr", "exit_code", "duration_ms"});
    reader.require("name");
    GuestProgram& program = programs.emplace_back();
    program.name = reader.text_not_empty("name").value_or("");
    program.arguments = reader.texts("arguments");
    program.output = reader.text("stdout").value_or("");
    program.error_output = reader.text("stderr").value_or("");
    program.exit_code =
        static_cast<uint32_t>(reader.integer("exit_code", 0, kMaxExitCode).value_or(0));
    program.duration_ms = reader.integer("duration_ms", 0, kMaxDelayMs).value_or(0);
  }
  return programs;
}

std::vector<VmSpec> read_vms(TableReader& top) {
  std::vector<VmSpec> vms;
  std::set<std::string> names;
  std::set<std::string> uuids;
  for (TableReader& reader : top.tables("vm")) {
    reader.allow_only({"name", "uuid", "ram_mib", "cpus", "state", "workload", "tools",
                       "ignores_shutdown", "user", "program"});
    reader.require("name");
    VmSpec& vm = vms.emplace_back();
    if (auto name = reader.text_not_empty("name")) {
      check_unique(reader, "name", *name, "VM named", names);
      vm.name = std::move(*name);
    }
    if (const auto text = reader.text("uuid")) {
      const std::string uuid = normal_uuid(*text);
      if (uuid.empty()) {
        reader.fail("uuid", "'uuid' in [[vm]] is " + quoted(*text) +
                                ", not like '01234567-89ab-cdef-0123-456789abcdef'");
      } else {
        check_unique(reader, "uuid", uuid, "VM with the uuid", uuids);
      }
      vm.uuid = uuid;
    }
    vm.ram_mib = reader.integer("ram_mib", kMinRamMib, kMaxRamMib).value_or(vm.ram_mib);
    vm.cpus = static_cast<uint32_t>(reader.integer("cpus", 1, kMaxCpus).value_or(vm.cpus));
    const auto state = reader.choice("state", {"stopped", "running", "paused", "suspended"});
    if (state) vm.state = static_cast<VmSpec::State>(*state);
    if (auto workload = reader.table("workload")) {
      vm.workload = read_workload(*workload, vm.ram_mib);
    }
    vm.has_tools = reader.boolean("tools").value_or(false);
    vm.ignores_shutdown = reader.boolean("ignores_shutdown").value_or(false);
    vm.users = read_users(reader);
    vm.programs = read_programs(reader);
  }
  return vms;
}

HostSpec read_host(TableReader& top) {
  HostSpec host;
  host.users = read_users(top);
  auto reader = top.table("host");
  if (!reader) return host;
  reader->allow_only({"name", "cpus", "cpu_model", "cpu_mhz", "ram_mib", "disk_gib", "os"});
  host.name = reader->text_not_empty("name");
  host.cpu_model = reader->text_not_empty("cpu_model");
  host.cpu_mhz = reader->integer("cpu_mhz", 1, kMaxCpuMhz);
  host.cpus = reader->integer("cpus", 1, kMaxHostCpus);
  host.ram_mib = reader->integer("ram_mib", kMinHostRamMib, kMaxHostRamMib);
  host.disk_gib = reader->integer("disk_gib", kMinDiskGib, kMaxDiskGib);
  host.os = reader->text_not_empty("os");
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

Scenario read_scenario(TableReader top, const ApiNames& names) {
  Scenario scenario;
  top.allow_only({"version", "profile", "clock", "seed", "verify", "durable", "latency", "host",
                  "user", "vm", "fault", "expect"});
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
  scenario.host = read_host(top);
  scenario.vms = read_vms(top);
  scenario.faults = read_fault_rules(top, names);
  scenario.expectations = read_expectations(top, scenario.faults);
  return scenario;
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
  }
  // Opening a folder succeeds, only reading it fails.
  if (file.bad()) return sim::Unexpected{unreadable(path, errno)};
  return parse_scenario(text, path, names);
}

}  // namespace prl::faults
