// The guest systems that VMs are made for, and what a VM for one of them needs (config-model 5).
// A system is a 16-bit number whose high byte is its type. Stateless.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace prl::sdk {

struct GuestSystem {
  uint16_t version;
  std::string_view name;
};

inline uint8_t guest_type(uint32_t version) { return static_cast<uint8_t>(version >> 8); }

// Ordered by type, and within a type by age.
std::span<const GuestSystem> guest_systems();
// Null for a number that no system has.
const GuestSystem* find_guest_system(uint32_t version);
// The version that a client gets who names a type only; 0 for an unknown type.
uint16_t default_version(uint8_t type);
// Whether it may be the version of a configuration: of a known type, if not in the table.
inline bool has_known_type(uint64_t version) {
  return version <= UINT16_MAX && default_version(guest_type(static_cast<uint32_t>(version))) != 0;
}

// What a fresh VM has. `host_ram_mib` is 512 where the host is not known.
uint32_t default_ram_mib(uint32_t version, uint32_t host_ram_mib);
uint32_t default_disk_mib(uint32_t version);
uint32_t default_video_mib(uint32_t version, uint32_t host_ram_mib, bool with_3d);
// One, or two in server mode on a host that can well give them.
uint32_t default_cpus(uint32_t version, uint32_t host_cpus, bool is_server_mode);
// Whether the guest brings drivers for VirtIO disks and network cards.
bool has_virtio(uint32_t version);
// `device` is a PDE_ number.
bool needs_device(uint32_t version, uint32_t device, bool is_server_mode);

}  // namespace prl::sdk
