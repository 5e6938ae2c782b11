#include "sdk/disk.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "simulator/checksum.h"

namespace prl::sdk {

// The first three fields are numbers, which text writes with the highest digit first.
sim::Uuid to_uuid(const PRL_GUID& guid) {
  sim::Uuid::Bytes bytes{};
  for (size_t i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(guid.Data1 >> (24 - 8 * i));
  for (size_t i = 0; i < 2; ++i) {
    bytes[4 + i] = static_cast<uint8_t>(guid.Data2 >> (8 - 8 * i));
    bytes[6 + i] = static_cast<uint8_t>(guid.Data3 >> (8 - 8 * i));
  }
  std::copy_n(guid.Data4, 8, bytes.begin() + 8);
  return sim::Uuid(bytes);
}

PRL_GUID to_guid(const sim::Uuid& uuid) {
  const auto& bytes = uuid.bytes();
  PRL_GUID guid{};
  for (size_t i = 0; i < 4; ++i) guid.Data1 = guid.Data1 << 8 | bytes[i];
  guid.Data2 = static_cast<PRL_UINT16>(bytes[4] << 8 | bytes[5]);
  guid.Data3 = static_cast<PRL_UINT16>(bytes[6] << 8 | bytes[7]);
  std::copy_n(bytes.begin() + 8, 8, guid.Data4);
  return guid;
}

std::string key_digest(std::string_view key, std::string_view salt) {
  const std::string salted = std::string(salt) + '\n' + std::string(key);
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                 sim::checksum(std::as_bytes(std::span(salted))), 16);
  return std::string(digits.data(), end.ptr);
}

sim::DiskResult<void> check_key(const sim::VirtualDisk& disk, const std::string& key) {
  const sim::DiskDescriptor& descriptor = disk.descriptor();
  if (descriptor.engine.is_nil()) return {};
  if (key.empty()) return sim::Unexpected{sim::DiskError::kKeyMissing};
  if (key_digest(key, descriptor.salt) != descriptor.key) {
    return sim::Unexpected{sim::DiskError::kWrongKey};
  }
  return {};
}

}  // namespace prl::sdk
