#include "simulator/record_text.h"

#include <cstdint>
#include <utility>

namespace prl::sim {

namespace {

// No setting of the API has a path that begins like these.
constexpr std::string_view kUuid = "Record.Uuid";
constexpr std::string_view kName = "Record.Name";
constexpr std::string_view kRam = "Record.RamMib";
constexpr std::string_view kCpus = "Record.CpuCount";
constexpr std::string_view kBoots = "Record.BootCount";
constexpr std::string_view kImages = "Record.ImageGeneration";
constexpr std::string_view kWorkload = "Record.Workload.Kind";
constexpr std::string_view kWorkingSet = "Record.Workload.WorkingSetBytes";
constexpr std::string_view kPages = "Record.Workload.PagesPerMs";
constexpr std::string_view kSeed = "Record.Workload.Seed";

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

}  // namespace

std::string to_text(const VmRecord& record) {
  PropertyTree tree = record.config.properties;
  tree.set(kUuid, record.config.uuid.format());
  tree.set(kName, record.config.name);
  tree.set(kRam, uint64_t{record.config.ram_mib});
  tree.set(kCpus, uint64_t{record.config.cpu_count});
  tree.set(kBoots, record.boot_count);
  tree.set(kImages, record.image_generation);
  tree.set(kWorkload, std::string(format_workload_kind(record.workload.kind)));
  tree.set(kWorkingSet, record.workload.working_set_bytes);
  tree.set(kPages, uint64_t{record.workload.pages_per_ms});
  tree.set(kSeed, record.workload.seed);
  return tree.serialise();
}

std::optional<VmRecord> parse_record(std::string_view text) {
  auto tree = PropertyTree::parse(text);
  if (!tree) return std::nullopt;
  VmRecord record;
  std::string uuid_text;
  if (!take<std::string>(*tree, kUuid, uuid_text)) return std::nullopt;
  const auto uuid = Uuid::parse(uuid_text);
  if (!uuid || !take<std::string>(*tree, kName, record.config.name) ||
      !take<uint64_t>(*tree, kRam, record.config.ram_mib) ||
      !take<uint64_t>(*tree, kCpus, record.config.cpu_count) ||
      !take<uint64_t>(*tree, kBoots, record.boot_count) ||
      !take<uint64_t>(*tree, kImages, record.image_generation) ||
      !take_workload(*tree, record.workload)) {
    return std::nullopt;
  }
  record.config.uuid = *uuid;
  record.config.properties = std::move(*tree);
  return record;
}

}  // namespace prl::sim
