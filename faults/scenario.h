// The scenario file: the VMs that a world starts with, and the faults to inject. scenario.md says
// what each key means. Reading one yields plain values; stateless, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/api_names.h"
#include "faults/rule.h"
#include "faults/table_reader.h"
#include "faults/vm_spec.h"
#include "simulator/expected.h"

namespace prl::faults {

// What the host is; what is not said is as the program has it.
struct HostSpec {
  std::optional<std::string> name;
  std::optional<std::string> cpu_model;
  std::optional<uint64_t> cpu_mhz;
  std::optional<uint64_t> cpus;
  std::optional<uint64_t> ram_mib;
  std::optional<uint64_t> disk_gib;
  std::optional<std::string> os;  // as clients show it
  std::vector<HostUser> users;    // none: whoever names one may log in
  // Of the configurations that clients get of the host, of its service and of the user.
  Settings settings;
  Settings preferences;
  Settings user_profile;

  bool operator==(const HostSpec&) const = default;
};

// What a run should come to; the command prlsim holds it against the trace. About a VM, or about a
// fault.
struct Expectation {
  std::string vm = {};
  std::optional<std::string> state = {};  // "stopped", "running", "paused", "suspended", "absent"
  std::optional<uint64_t> snapshots = {};
  std::string fault = {};  // the name of a rule
  std::optional<uint64_t> struck = {};

  bool operator==(const Expectation&) const = default;
};

struct Scenario {
  int version = 1;
  std::optional<std::string> profile;  // "desktop" or "virtuozzo"
  std::optional<std::string> clock;  // "virtual", "manual", "real" or "scaled[:<factor>]", checked
  std::optional<uint64_t> seed;
  std::optional<std::string> verify;  // "first-use" or "whole"
  std::optional<bool> is_durable;
  std::optional<std::string> delivery;  // "free", "awaited" or "late"
  std::optional<uint64_t> lock_wait_ms;
  std::optional<bool> raw_events;
  HostSpec host;
  std::vector<VmSpec> vms;
  std::vector<Rule> faults;
  std::vector<Expectation> expectations;
  std::optional<sim::Latencies> latencies;  // none: as the program has them

  bool operator==(const Scenario&) const = default;
};

// `file_name` is for messages. Either the whole scenario or the first error.
sim::Expected<Scenario, ScenarioError> parse_scenario(std::string_view toml_text,
                                                      std::string_view file_name,
                                                      const ApiNames& names);
// The same, with the keys that the tables of this scenario may have.
sim::Expected<Scenario, ScenarioError> parse_scenario(std::string_view toml_text,
                                                      std::string_view file_name,
                                                      const ApiNames& names, KnownKeys& keys);
// Only the tables [[fault]], for a world that there is already.
sim::Expected<std::vector<Rule>, ScenarioError> parse_faults(std::string_view toml_text,
                                                             std::string_view file_name,
                                                             const ApiNames& names);
sim::Expected<Scenario, ScenarioError> load_scenario(const std::string& path,
                                                     const ApiNames& names);

}  // namespace prl::faults
