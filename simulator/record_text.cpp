#include "simulator/record_text.h"

#include <cstdint>
#include <utility>

namespace prl::sim {

namespace {

constexpr const char* kConfigRoot = "ParallelsVirtualMachine";
constexpr const char* kOtherConfigRoot = "VirtuozzoVirtualMachine";  // of the other edition

// Fields of a VmConfig that are no properties.
constexpr std::string_view kUuid = "Identification.VmUuid";
constexpr std::string_view kName = "Identification.VmName";
constexpr std::string_view kRam = "Hardware.Memory.RAM";
constexpr std::string_view kCpus = "Hardware.Cpu.Number";

// What the host keeps. No setting of the API has a path that begins like these.
constexpr std::string_view kRecord = "Record";
constexpr std::string_view kBoots = "Record.BootCount";
constexpr std::string_view kImages = "Record.ImageGeneration";
constexpr std::string_view kWorkload = "Record.Workload.Kind";
constexpr std::string_view kWorkingSet = "Record.Workload.WorkingSetBytes";
constexpr std::string_view kPages = "Record.Workload.PagesPerMs";
constexpr std::string_view kSeed = "Record.Workload.Seed";

// Where older versions kept the fields of a VmConfig.
constexpr std::string_view kOldUuid = "Record.Uuid";
constexpr std::string_view kOldName = "Record.Name";
constexpr std::string_view kOldRam = "Record.RamMib";
constexpr std::string_view kOldCpus = "Record.CpuCount";
constexpr std::string_view kOldHead = "properties 1 ";

// Takes a leaf out of the tree; false when it is not there or of another type.
template <class T, class Value>
bool take(PropertyTree& tree, std::string_view path, Value& value) {
  const PropertyValue* found = tree.find(path);
  const T* typed = found ? std::get_if<T>(found) : nullptr;
  if (!typed) return false;
  value = static_cast<Value>(*typed);
  tree.erase(path);
  return true;
}

bool take_workload(PropertyTree& tree, WorkloadSpec& workload) {
  std::string kind;
  if (!take<std::string>(tree, kWorkload, kind)) return false;
  const auto parsed = parse_workload_kind(kind);
  if (parsed) workload.kind = *parsed;
  return parsed && take<uint64_t>(tree, kWorkingSet, workload.working_set_bytes) &&
         take<uint64_t>(tree, kPages, workload.pages_per_ms) &&
         take<uint64_t>(tree, kSeed, workload.seed);
}

// The fields of a configuration as leaves, and everything else of it.
PropertyTree tree_of(const VmConfig& config) {
  PropertyTree tree = config.properties;
  tree.set(kUuid, config.uuid.format());
  tree.set(kName, config.name);
  tree.set(kRam, uint64_t{config.ram_mib});
  tree.set(kCpus, uint64_t{config.cpu_count});
  return tree;
}

// Adds what every document has to what a schema knows.
PropertySchema completed(PropertySchema schema) {
  for (const std::string_view path : {kRam, kCpus, kBoots, kImages, kWorkingSet, kPages, kSeed}) {
    schema.add(path, PropertyKind::kUnsigned);
  }
  for (const std::string_view path : {kUuid, kName, kWorkload}) {
    schema.add(path, PropertyKind::kText);
  }
  return schema;
}

std::string document(const PropertyTree& tree, const PropertySchema& schema) {
  return to_xml(tree, completed(schema), kConfigRoot,
                {"AppVersion", "ValidRc", "Identification", "Security", "Settings", "Hardware",
                 "InstalledSoftware"});
}

Unexpected<XmlMistake> lacks(std::string_view path) {
  return {{0, "there is no " + std::string(path) + ", or it is none"}};
}

// What is not there is that of an empty configuration.
Expected<VmConfig, XmlMistake> config_in(PropertyTree tree) {
  VmConfig config;
  std::string uuid_text;
  if (take<std::string>(tree, kUuid, uuid_text)) {
    const auto uuid = Uuid::parse(uuid_text);
    if (!uuid) return lacks(kUuid);
    config.uuid = *uuid;
  }
  (void)take<std::string>(tree, kName, config.name);
  (void)take<uint64_t>(tree, kRam, config.ram_mib);
  (void)take<uint64_t>(tree, kCpus, config.cpu_count);
  config.properties = std::move(tree);
  return config;
}

bool take_record(PropertyTree& tree, VmRecord& record) {
  return take<uint64_t>(tree, kBoots, record.boot_count) &&
         take<uint64_t>(tree, kImages, record.image_generation) &&
         take_workload(tree, record.workload);
}

Expected<VmRecord, XmlMistake> parse_old(std::string_view text) {
  auto tree = PropertyTree::parse(text);
  VmRecord record;
  std::string uuid_text;
  if (!tree || !take<std::string>(*tree, kOldUuid, uuid_text)) return lacks(kOldUuid);
  const auto uuid = Uuid::parse(uuid_text);
  if (!uuid || !take<std::string>(*tree, kOldName, record.config.name) ||
      !take<uint64_t>(*tree, kOldRam, record.config.ram_mib) ||
      !take<uint64_t>(*tree, kOldCpus, record.config.cpu_count) || !take_record(*tree, record)) {
    return lacks(kRecord);
  }
  record.config.uuid = *uuid;
  record.config.properties = std::move(*tree);
  return record;
}

}  // namespace

std::string to_text(const VmConfig& config, const PropertySchema& schema) {
  return document(tree_of(config), schema);
}

std::string to_text(const VmRecord& record, const PropertySchema& schema) {
  PropertyTree tree = tree_of(record.config);
  tree.set(kBoots, record.boot_count);
  tree.set(kImages, record.image_generation);
  tree.set(kWorkload, std::string(format_workload_kind(record.workload.kind)));
  tree.set(kWorkingSet, record.workload.working_set_bytes);
  tree.set(kPages, uint64_t{record.workload.pages_per_ms});
  tree.set(kSeed, record.workload.seed);
  return document(tree, schema);
}

Expected<VmConfig, XmlMistake> parse_config(std::string_view text, const PropertySchema& schema) {
  auto tree = from_xml(text, completed(schema), {kConfigRoot, kOtherConfigRoot});
  if (!tree) return Unexpected{tree.error()};
  tree->put_below(kRecord, {});
  return config_in(std::move(*tree));
}

Expected<VmRecord, XmlMistake> parse_record(std::string_view text, const PropertySchema& schema) {
  if (text.starts_with(kOldHead)) return parse_old(text);
  auto tree = from_xml(text, completed(schema), {kConfigRoot, kOtherConfigRoot});
  if (!tree) return Unexpected{tree.error()};
  VmRecord record;
  const bool has_record = tree->below(kRecord).size() > 0;
  if (has_record && !take_record(*tree, record)) return lacks(kRecord);
  auto config = config_in(std::move(*tree));
  if (!config) return Unexpected{config.error()};
  if (config->uuid.is_nil()) return lacks(kUuid);
  record.config = std::move(*config);
  return record;
}

}  // namespace prl::sim
