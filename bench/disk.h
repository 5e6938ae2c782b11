// What the image benchmarks share: a folder to write in, memory with content, and the plain system
// calls that an image is held against. One thread. Failures are exceptions: a benchmark has nothing
// to measure then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "simulator/machine_image.h"
#include "simulator/ram.h"

namespace prl::bench {

// A new folder in the one named by BENCH_DIR, or in the current one. Goes at the end with
// everything in it.
class ScratchFolder {
 public:
  ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  // Removes the file if it is there, and makes that durable, so that no later fsync pays for it.
  void remove(const std::string& name) const;

 private:
  std::string path_;
};

// Memory of its own, aligned to pages.
class Buffer {
 public:
  explicit Buffer(size_t bytes);
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer();

  std::span<std::byte> bytes() const { return bytes_; }

 private:
  std::span<std::byte> bytes_;
};

// Fills with random bytes. They repeat after 64 MiB, which saves time and which no writer notices.
void fill_randomly(std::span<std::byte> bytes);

// A memory of which every (100 / percent)th page, or none with 0, holds random bytes.
sim::Ram touched_ram(uint64_t ram_mib, uint32_t percent);
// A machine of two processors with that memory.
sim::MachineImage machine_with(const sim::Ram& ram);

// Writes a new file by write(2) in calls of 1 MiB, then fsync.
void write_and_sync(const std::string& path, std::span<const std::byte> bytes);
// The quickest way past the page cache: fallocate, O_DIRECT in calls of 8 MiB from so many threads,
// fsync. False when the file system has no O_DIRECT. REQUIRES: whole pages, aligned to pages.
bool write_directly_and_sync(const std::string& path, std::span<const std::byte> bytes,
                             size_t threads);
// What no durable replacement of a file can do without: the bytes to a new file, fsync, rename,
// fsync of the folder.
void commit(const ScratchFolder& folder, const std::string& name,
            std::span<const std::byte> bytes);

// Has the system forget what it has of the file in memory. REQUIRES: nothing is left to write.
void forget_cached(const std::string& path);

// The content of a file, read by read(2) in calls of 1 MiB into memory that nobody has touched.
std::unique_ptr<Buffer> fresh_copy(const std::string& path);

}  // namespace prl::bench
