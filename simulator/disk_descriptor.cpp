#include "simulator/disk_descriptor.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <pugixml.hpp>
#include <set>

#include "simulator/xml_text.h"

namespace prl::sim {

namespace {

constexpr const char* kDescriptorRoot = "Parallels_disk_image";
constexpr const char* kIndent = "    ";
constexpr std::string_view kExpanding = "Compressed";
constexpr std::string_view kPlain = "Plain";

void put(pugi::xml_node node, const char* name, const std::string& text) {
  node.append_child(name).text().set(text.c_str());
}

void put(pugi::xml_node node, const char* name, uint64_t number) {
  put(node, name, std::to_string(number));
}

void put_parameters(pugi::xml_node root, const DiskDescriptor& descriptor) {
  pugi::xml_node node = root.append_child("Disk_Parameters");
  put(node, "Disk_size", descriptor.sectors);
  put(node, "Cylinders", descriptor.cylinders());
  put(node, "PhysicalSectorSize", descriptor.physical_sector_bytes);
  put(node, "LogicSectorSize", kSectorBytes);
  put(node, "Heads", kDiskHeads);
  put(node, "Sectors", kSectorsPerTrack);
  put(node, "Padding", 0);
  pugi::xml_node encryption = node.append_child("Encryption");
  put(encryption, "Engine", descriptor.engine.format());
  put(encryption, "Data", descriptor.key);
  put(encryption, "Salt", descriptor.salt);
  put(node, "UID", descriptor.uid.format());
  put(node, "Name", descriptor.name);
  pugi::xml_node parameters = node.append_child("Miscellaneous");
  for (const auto& [name, value] : descriptor.parameters) {
    pugi::xml_node parameter = parameters.append_child("Parameter");
    put(parameter, "Name", name);
    put(parameter, "Value", value);
  }
}

void put_states(pugi::xml_node root, const DiskDescriptor& descriptor) {
  pugi::xml_node storage = root.append_child("StorageData").append_child("Storage");
  put(storage, "Start", uint64_t{0});
  put(storage, "End", descriptor.sectors);
  put(storage, "Blocksize", descriptor.block_sectors);
  for (const DiskState& state : descriptor.states) {
    pugi::xml_node image = storage.append_child("Image");
    const bool plain = state.type == DiskImageType::kPlain;
    put(image, "GUID", state.guid.format());
    put(image, "Type", std::string(plain ? kPlain : kExpanding));
    put(image, "File", state.file);
    if (state.is_foreign) put(image, "Foreign", 1);
  }
  pugi::xml_node shots = root.append_child("Snapshots");
  for (const DiskState& state : descriptor.states) {
    pugi::xml_node shot = shots.append_child("Shot");
    put(shot, "GUID", state.guid.format());
    put(shot, "ParentGUID", state.parent.format());
  }
}

// Reads the children of one element; remembers whether all were there and good.
class DescriptorReader {
 public:
  DescriptorReader(pugi::xml_node node, bool& is_good) : node_(node), is_good_(is_good) {
    if (!node) is_good_ = false;
  }

  std::string text(const char* name) const { return node_.child(name).text().get(); }
  template <class Number = uint64_t>
  Number number(const char* name) const {
    const std::string digits = text(name);
    Number value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc{} || stop != end) is_good_ = false;
    return value;
  }
  Uuid uuid(const char* name) const {
    const auto value = Uuid::parse(text(name));
    if (!value) is_good_ = false;
    return value.value_or(Uuid());
  }

 private:
  pugi::xml_node node_;
  bool& is_good_;
};

void take_parameters(pugi::xml_node node, DiskDescriptor& descriptor, bool& is_good) {
  const DescriptorReader reader(node, is_good);
  descriptor.sectors = reader.number("Disk_size");
  if (node.child("PhysicalSectorSize")) {
    descriptor.physical_sector_bytes = reader.number<uint32_t>("PhysicalSectorSize");
  }
  descriptor.uid = reader.uuid("UID");
  descriptor.name = reader.text("Name");
  const DescriptorReader encryption(node.child("Encryption"), is_good);
  descriptor.engine = encryption.uuid("Engine");
  descriptor.key = encryption.text("Data");
  descriptor.salt = encryption.text("Salt");
  for (const pugi::xml_node& child : node.child("Miscellaneous").children("Parameter")) {
    const DescriptorReader parameter(child, is_good);
    descriptor.parameters[parameter.text("Name")] = parameter.text("Value");
  }
}

void take_states(pugi::xml_node root, DiskDescriptor& descriptor, bool& is_good) {
  const pugi::xml_node storage = root.child("StorageData").child("Storage");
  descriptor.block_sectors = DescriptorReader(storage, is_good).number<uint32_t>("Blocksize");
  for (const pugi::xml_node& child : storage.children("Image")) {
    const DescriptorReader image(child, is_good);
    const std::string type = image.text("Type");
    is_good = is_good && (type == kExpanding || type == kPlain);
    descriptor.states.push_back(
        {.guid = image.uuid("GUID"),
         .type = type == kPlain ? DiskImageType::kPlain : DiskImageType::kExpanding,
         .file = image.text("File"),
         .is_foreign = image.text("Foreign") == "1"});
  }
  for (const pugi::xml_node& child : root.child("Snapshots").children("Shot")) {
    const DescriptorReader shot(child, is_good);
    DiskState* state = descriptor.find(shot.uuid("GUID"));
    if (state) state->parent = shot.uuid("ParentGUID");
    is_good = is_good && state;
  }
}

// Every parent is there, and no way up leads in a circle.
bool are_connected(const DiskDescriptor& descriptor) {
  std::set<Uuid> guids;
  for (const DiskState& state : descriptor.states) {
    if (!guids.insert(state.guid).second || state.file.empty()) return false;
    const DiskState* above = &state;
    for (size_t steps = 0; above && !above->parent.is_nil(); ++steps) {
      if (steps > descriptor.states.size()) return false;
      above = descriptor.find(above->parent);
      if (!above) return false;
    }
  }
  return descriptor.find(current_state()) != nullptr;
}

}  // namespace

Uuid current_state() {
  static const Uuid guid = *Uuid::parse("{5fbaabe3-6958-40ff-92a7-860e329aab41}");
  return guid;
}

const DiskState* DiskDescriptor::find(const Uuid& guid) const {
  const auto found = std::ranges::find(states, guid, &DiskState::guid);
  return found == states.end() ? nullptr : &*found;
}

DiskState* DiskDescriptor::find(const Uuid& guid) {
  const auto found = std::ranges::find(states, guid, &DiskState::guid);
  return found == states.end() ? nullptr : &*found;
}

std::string to_xml(const DiskDescriptor& descriptor) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child(kDescriptorRoot);
  root.append_attribute("Version").set_value("1.0");
  put_parameters(root, descriptor);
  put_states(root, descriptor);
  return xml_text(document, kIndent);
}

std::optional<DiskDescriptor> disk_descriptor_from_xml(std::string_view text) {
  pugi::xml_document document;
  if (!document.load_buffer(text.data(), text.size())) return std::nullopt;
  const pugi::xml_node root = document.child(kDescriptorRoot);
  if (!root) return std::nullopt;
  DiskDescriptor descriptor;
  bool is_good = true;
  take_parameters(root.child("Disk_Parameters"), descriptor, is_good);
  take_states(root, descriptor, is_good);
  if (!is_good || !are_connected(descriptor)) return std::nullopt;
  return descriptor;
}

}  // namespace prl::sim
