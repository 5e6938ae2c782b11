#include "faults/vm_rules.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "faults/device_rules.h"
#include "faults/nearest.h"
#include "faults/rule.h"
#include "faults/settings_rules.h"

namespace prl::faults {
namespace {

constexpr uint64_t kMinRamMib = 4;                  // as the configuration of a VM has it
constexpr uint64_t kMaxRamMib = uint64_t{1} << 20;  // 1 TiB, as much as a simulated VM can have
constexpr uint64_t kMaxCpus = 256;
constexpr uint64_t kMaxGuestSystem = std::numeric_limits<uint16_t>::max();
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

template <class Account>
void read_account(TableReader& reader, std::set<std::string>& names, Account& account) {
  reader.require("name");
  if (auto name = reader.text_not_empty("name")) {
    check_unique(reader, "name", *name, "user named", names);
    account.name = std::move(*name);
  }
  account.password = reader.text("password").value_or("");
}

std::vector<sim::GuestProgram> read_programs(TableReader& vm) {
  std::vector<sim::GuestProgram> programs;
  for (TableReader& reader : vm.tables("program")) {
    reader.allow_only({"name", "arguments", "stdout", "stderr", "exit_code", "duration_ms"});
    reader.require("name");
    sim::GuestProgram& program = programs.emplace_back();
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

// A name of a guest system, or its number.
std::optional<uint32_t> read_guest_system(TableReader& vm, const ApiNames& names) {
  const auto value = vm.integer_or_text("os", "the name of a guest system or its number");
  if (!value) return std::nullopt;
  if (std::holds_alternative<int64_t>(*value)) {
    return static_cast<uint32_t>(vm.integer("os", 0, kMaxGuestSystem).value_or(0));
  }
  const auto& name = std::get<std::string>(*value);
  const auto found = names.guest_system ? names.guest_system(name) : std::nullopt;
  if (!found) {
    vm.fail("os", "unknown guest system " + quoted(name), nearest(name, names.guest_systems));
  }
  return found;
}

// Which of the snapshots before it the text names.
std::optional<size_t> find_parent(TableReader& reader, const std::vector<SnapshotSpec>& before) {
  const auto text = reader.text("parent");
  if (!text) return std::nullopt;
  const std::string uuid = normal_uuid(*text);
  std::optional<size_t> found;
  std::vector<std::string_view> names;
  for (size_t i = 0; i < before.size(); ++i) {
    names.push_back(before[i].name);
    if (!uuid.empty() && before[i].uuid == uuid) return i;
    if (before[i].name != *text) continue;
    if (found) reader.fail("parent", "there are several snapshots named " + quoted(*text));
    found = i;
  }
  if (!found) {
    reader.fail("parent", "there is no snapshot " + quoted(*text) + " before this one",
                nearest(*text, names));
  }
  return found;
}

void read_uuid(TableReader& reader, std::string_view what, std::optional<std::string>& uuid,
               std::set<std::string>& seen) {
  const auto text = reader.text("uuid");
  if (!text) return;
  uuid = normal_uuid(*text);
  if (uuid->empty()) {
    reader.fail("uuid", "'uuid' in " + reader.where() + " is " + quoted(*text) +
                            ", not like '01234567-89ab-cdef-0123-456789abcdef'");
  } else {
    check_unique(reader, "uuid", *uuid, std::string(what) + " with the uuid", seen);
  }
}

// The last one is where the VM stands, unless another one says that it is.
void read_snapshots(TableReader& reader, VmSpec& vm) {
  std::set<std::string> uuids;
  bool is_said = false;
  for (TableReader& table : reader.tables("snapshot")) {
    table.allow_only({"name", "uuid", "description", "parent", "state", "current"});
    table.require("name");
    SnapshotSpec snapshot;
    snapshot.parent = find_parent(table, vm.snapshots);
    snapshot.name = table.text_not_empty("name").value_or("");
    read_uuid(table, "snapshot", snapshot.uuid, uuids);
    snapshot.description = table.text("description").value_or("");
    const auto state = table.choice("state", {"stopped", "running", "paused", "suspended"});
    if (state) snapshot.state = static_cast<VmState>(*state);
    const bool is_current = table.boolean("current").value_or(false);
    if (is_current && is_said) table.fail("current", "a second snapshot that is the current one");
    if (is_current || !is_said) vm.current = vm.snapshots.size();
    is_said = is_said || is_current;
    vm.snapshots.push_back(std::move(snapshot));
  }
}

// The part of a [[vm]] that says which VM it is.
void read_identity(TableReader& reader, VmSpec& vm, std::set<std::string>& names,
                   std::set<std::string>& uuids) {
  reader.require("name");
  if (auto name = reader.text_not_empty("name")) {
    check_unique(reader, "name", *name, "VM named", names);
    vm.name = std::move(*name);
  }
  read_uuid(reader, "VM", vm.uuid, uuids);
}

void read_guest(TableReader& reader, VmSpec& vm) {
  if (auto workload = reader.table("workload")) {
    vm.workload = read_workload(*workload, vm.ram_mib);
  }
  vm.has_tools = reader.boolean("tools").value_or(false);
  vm.ignores_shutdown = reader.boolean("ignores_shutdown").value_or(false);
  const auto answer = reader.choice("asked_to_sleep", sim::kSleepWords);
  if (answer) vm.asked_to_sleep = static_cast<sim::SleepAnswer>(*answer);
  std::set<std::string> names;
  for (TableReader& table : reader.tables("user")) {
    table.allow_only({"name", "password"});
    read_account(table, names, vm.users.emplace_back());
  }
  vm.programs = read_programs(reader);
}

// Whom the VM belongs to, and what others may do with it. Without [[user]] anybody may log in.
void read_rights(TableReader& reader, VmSpec& vm, const std::vector<HostUser>& users) {
  vm.owner = reader.text_not_empty("owner");
  const auto shared = reader.choice("shared", {"no", "view", "run", "full"});
  if (shared) vm.shared = static_cast<VmSpec::Shared>(*shared);
  const auto is_owner = [&](const HostUser& user) { return user.name == *vm.owner; };
  if (!vm.owner || users.empty() || std::ranges::any_of(users, is_owner)) return;
  std::vector<std::string_view> known;
  for (const HostUser& user : users) known.push_back(user.name);
  reader.fail("owner", "no [[user]] is named " + quoted(*vm.owner), nearest(*vm.owner, known));
}

}  // namespace

std::vector<HostUser> read_host_users(TableReader& top) {
  std::vector<HostUser> users;
  std::set<std::string> names;
  for (TableReader& reader : top.tables("user")) {
    reader.allow_only({"name", "password", "administrator"});
    HostUser& user = users.emplace_back();
    read_account(reader, names, user);
    user.is_administrator = reader.boolean("administrator").value_or(true);
  }
  return users;
}

std::vector<VmSpec> read_vms(TableReader& top, const ApiNames& names,
                             const std::vector<HostUser>& users) {
  std::vector<VmSpec> vms;
  std::set<std::string> vm_names;
  std::set<std::string> uuids;
  for (TableReader& reader : top.tables("vm")) {
    reader.allow_only({"name", "uuid", "os", "owner", "shared", "ram_mib", "cpus", "state",
                       "workload", "tools", "ignores_shutdown", "asked_to_sleep", "user",
                       "program", "disk", "optical_drive", "floppy_drive", "network_adapter",
                       "serial_port", "parallel_port", "sound_device", "usb_controller",
                       "settings", "snapshot"});
    VmSpec& vm = vms.emplace_back();
    read_identity(reader, vm, vm_names, uuids);
    vm.os = read_guest_system(reader, names);
    read_rights(reader, vm, users);
    vm.ram_mib = reader.integer("ram_mib", kMinRamMib, kMaxRamMib).value_or(vm.ram_mib);
    vm.cpus = static_cast<uint32_t>(reader.integer("cpus", 1, kMaxCpus).value_or(vm.cpus));
    const auto state = reader.choice("state", {"stopped", "running", "paused", "suspended"});
    if (state) vm.state = static_cast<VmSpec::State>(*state);
    read_guest(reader, vm);
    vm.devices = read_devices(reader, names);
    vm.settings = read_settings(reader, "", names);
    read_snapshots(reader, vm);
  }
  return vms;
}

}  // namespace prl::faults
