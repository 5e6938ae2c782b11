#include "simulator/config_rules.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace prl::sim {

namespace {

constexpr uint32_t kCpuCountMax = 256;

bool is_hardware(std::string_view path) {
  return path.starts_with("Hardware.");
}

// What a running VM takes: everything about USB, and plugging of whatever is no disk.
bool is_hot(std::string_view path) {
  if (path.starts_with("Hardware.USB[")) return true;
  return path.ends_with("].Connected") && !path.starts_with("Hardware.Hdd[");
}

template <class T>
bool merge_field(T VmConfig::*field, const VmConfig& base, const VmConfig& mine, VmConfig& merged) {
  if (mine.*field == base.*field || mine.*field == merged.*field) return true;
  if (merged.*field != base.*field) return false;
  merged.*field = mine.*field;
  return true;
}

}  // namespace

Outcome check_sizes(const VmConfig& config) {
  if (config.ram_mib == 0) return OutcomeKind::kRamIsZero;
  if (config.ram_mib < kRamMibMin || config.ram_mib > kRamMibMax) {
    return OutcomeKind::kRamOutOfRange;
  }
  if (config.cpu_count == 0) return OutcomeKind::kCpuCountIsZero;
  if (config.cpu_count > kCpuCountMax) return OutcomeKind::kTooManyCpus;
  return {};
}

Outcome check_editable(State state) {
  if (state == State::kSuspended || state == State::kSuspending ||
      state == State::kSuspendingSync) {
    return OutcomeKind::kSuspendedVmNotEditable;
  }
  return {};
}

Outcome check_change(const VmConfig& from, const VmConfig& to, State state) {
  if (state == State::kStopped) return {};
  bool hardware = from.ram_mib != to.ram_mib || from.cpu_count != to.cpu_count;
  bool cold = hardware;
  for (const std::string& path : PropertyTree::differences(from.properties, to.properties)) {
    hardware = hardware || is_hardware(path);
    cold = cold || (is_hardware(path) && !is_hot(path));
  }
  if (hardware && state == State::kPaused) {
    return {OutcomeKind::kPausedHardwareNotEditable, {from.name}};
  }
  if (cold) return {OutcomeKind::kMustBeStoppedToChangeDevices, {from.name}};
  if (from.name != to.name) return {OutcomeKind::kMustBeStoppedToRename, {from.name}};
  return {};
}

bool needs_restart(const VmConfig& from, const VmConfig& to) {
  const auto paths = PropertyTree::differences(from.properties, to.properties);
  return std::ranges::any_of(
      paths, [](const std::string& path) { return path.starts_with("Settings.Startup."); });
}

namespace {

bool is_true(const PropertyValue* value) {
  const auto* flag = value ? std::get_if<bool>(value) : nullptr;
  return flag && *flag;
}

// Each command asks this of the configurations of all VMs, most of which look alike.
bool has_mark(const VmConfig& config, std::string_view path, LeafHint& hint) {
  return is_true(config.properties.find(path, hint));
}

}  // namespace

bool has_mark(const VmConfig& config, std::string_view path) {
  return is_true(config.properties.find(path));
}

Outcome check_marks(const VmConfig& config) {
  static LeafHint is_archived;
  static LeafHint is_packed;
  if (has_mark(config, kIsArchived, is_archived)) {
    return {OutcomeKind::kLockedForArchive, {config.name}};
  }
  if (has_mark(config, kIsPacked, is_packed)) return {OutcomeKind::kVmIsPacked, {config.name}};
  return {};
}

bool is_marked(const VmConfig& config) {
  return is_template(config) || !check_marks(config).ok();
}

bool is_template(const VmConfig& config) {
  static LeafHint is_template;
  return has_mark(config, "Settings.General.IsTemplate", is_template);
}

Outcome check_template(const VmConfig& config, Command command) {
  if (!is_template(config)) return {};
  switch (command) {
    case Command::kStart:
    case Command::kResume: return {OutcomeKind::kTemplateNotStartable, {config.name}};
    case Command::kCreateSnapshot:
    case Command::kSwitchToSnapshot:
    case Command::kDeleteSnapshot: return {OutcomeKind::kTemplateHasNoSnapshots, {config.name}};
    default: return {};
  }
}

void apply_sample(const ConfigSample& sample, VmConfig& config) {
  if (sample.ram_mib) config.ram_mib = *sample.ram_mib;
  if (sample.cpu_count) config.cpu_count = *sample.cpu_count;
  sample.properties.for_each_leaf([&config](const PropertyTree::Leaf& leaf) {
    config.properties.set(leaf.path, leaf.value);
  });
}

void number_boot_entries(VmConfig& config) {
  constexpr std::string_view kEntries = "Settings.Startup.BootingOrder.BootDevice";
  PropertyTree& tree = config.properties;
  std::multimap<uint64_t, std::string> in_use;  // in order of their numbers, then of creation
  for (const uint32_t child : tree.children(kEntries)) {
    const std::string path = PropertyTree::child_path(kEntries, child);
    const auto* is_used = std::get_if<bool>(tree.find(path + ".InUse"));
    if (!is_used || !*is_used) continue;
    const auto* number = std::get_if<uint64_t>(tree.find(path + ".BootingNumber"));
    in_use.emplace(number ? *number : UINT64_MAX, path + ".BootingNumber");
  }
  uint64_t next = 1;
  for (const auto& [number, path] : in_use) {
    if (number != next) tree.set(path, next);
    ++next;
  }
}

std::optional<VmConfig> merge(const VmConfig& base, const VmConfig& mine, const VmConfig& theirs) {
  VmConfig merged = theirs;
  const auto properties = PropertyTree::merge(base.properties, mine.properties, theirs.properties);
  if (!properties || !merge_field(&VmConfig::name, base, mine, merged) ||
      !merge_field(&VmConfig::ram_mib, base, mine, merged) ||
      !merge_field(&VmConfig::cpu_count, base, mine, merged)) {
    return std::nullopt;
  }
  merged.properties = *properties;
  return merged;
}

std::optional<int64_t> number_setting(const VmConfig& config, std::string_view path) {
  const PropertyValue* value = config.properties.find(path);
  if (!value) return std::nullopt;
  if (const auto* number = std::get_if<uint64_t>(value)) return static_cast<int64_t>(*number);
  if (const auto* number = std::get_if<int64_t>(value)) return *number;
  return std::nullopt;
}

void rename_folder(PropertyTree& properties, const std::string& from, const std::string& to) {
  std::vector<PropertyTree::Leaf> changed;
  properties.for_each_leaf([&](const PropertyTree::Leaf& leaf) {
    const auto* text = std::get_if<std::string>(&leaf.value);
    if (!text || !text->starts_with(from + "/")) return;
    changed.push_back({leaf.path, to + text->substr(from.size())});
  });
  for (const PropertyTree::Leaf& leaf : changed) properties.set(leaf.path, leaf.value);
}

}  // namespace prl::sim
