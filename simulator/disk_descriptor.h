// What a bundle's DiskDescriptor.xml says about its disk (config-model 11). A value type.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/uuid.h"

namespace prl::sim {

enum class DiskImageType : uint8_t { kExpanding, kPlain };

constexpr uint64_t kSectorBytes = 512;
constexpr uint64_t kSectorsPerMib = (uint64_t{1} << 20) / kSectorBytes;
constexpr uint32_t kDefaultBlockSectors = 2048;
constexpr uint32_t kDefaultPhysicalSectorBytes = 4096;
constexpr uint32_t kDiskHeads = 16;
constexpr uint32_t kSectorsPerTrack = 32;

// The state that a disk writes to; every bundle has one of this identity.
Uuid current_state();

// One state of a disk: what was written since its parent.
struct DiskState {
  Uuid guid;
  Uuid parent;  // nil: none
  DiskImageType type = DiskImageType::kExpanding;
  std::string file;  // in the bundle's folder, or a path where the state is another bundle's
  bool is_foreign = false;  // of another bundle, whose linked clone this is: never written

  bool operator==(const DiskState&) const = default;
};

struct DiskDescriptor {
  uint64_t sectors = 0;
  uint32_t block_sectors = kDefaultBlockSectors;
  uint32_t physical_sector_bytes = kDefaultPhysicalSectorBytes;
  Uuid uid;
  std::string name;
  Uuid engine;      // of the encryption; nil: not encrypted
  std::string key;  // proof of the key: a digest, in hexadecimal digits
  std::string salt;
  std::map<std::string, std::string> parameters;  // a client's own
  std::vector<DiskState> states;

  uint64_t cylinders() const { return sectors / (kDiskHeads * kSectorsPerTrack); }
  const DiskState* find(const Uuid& guid) const;
  DiskState* find(const Uuid& guid);
  bool operator==(const DiskDescriptor&) const = default;
};

std::string to_xml(const DiskDescriptor& descriptor);
// Empty for text that is no descriptor, or one in which states contradict each other.
std::optional<DiskDescriptor> disk_descriptor_from_xml(std::string_view text);

}  // namespace prl::sim
