// Which pages of a mapping have been stored to, by whomever, as the kernel tells it: what nobody
// stored to need not be looked at. Linux from 6.7 on can tell (userfaultfd with write protection
// that the kernel lifts itself, and PAGEMAP_SCAN); elsewhere there is no watch, and whoever wants
// to know compares.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace prl::sim {

class StoreWatch {
 public:
  // Pages counted from the beginning of the mapping.
  struct Range {
    uint64_t first = 0;
    uint64_t end = 0;
  };

  // Null where the system cannot tell or forbids it. REQUIRES: whole pages of an anonymous mapping,
  // which must outlive the watch.
  static std::unique_ptr<StoreWatch> over(std::span<std::byte> mapping);
  virtual ~StoreWatch() = default;

  // What has been stored to since the last call, ascending, or since the beginning; storing what
  // is there already counts. None: any page may have been, the system has failed to tell. In a
  // process that was forked off later the answer is always none.
  virtual std::optional<std::vector<Range>> take() = 0;
};

}  // namespace prl::sim
