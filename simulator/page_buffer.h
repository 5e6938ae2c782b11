// Memory aligned to pages, as direct I/O wants it. Not shared between threads.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>

#include "simulator/page_source.h"

namespace prl::sim {

class PageBuffer {
 public:
  // The bytes may be anything.
  explicit PageBuffer(size_t bytes)
      : bytes_(static_cast<std::byte*>(::operator new(bytes, kAlignment)), bytes) {}
  PageBuffer(const PageBuffer&) = delete;
  PageBuffer& operator=(const PageBuffer&) = delete;
  ~PageBuffer() { ::operator delete(bytes_.data(), kAlignment); }

  std::span<std::byte> bytes() const { return bytes_; }

 private:
  static constexpr std::align_val_t kAlignment{kPageBytes};

  std::span<std::byte> bytes_;
};

}  // namespace prl::sim
