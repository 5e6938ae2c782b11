#include "simulator/checksum.h"

// Inlined, so that no symbol of xxHash leaves the library.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace prl::sim {

uint64_t checksum(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace prl::sim
