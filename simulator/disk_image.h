// One image file of a virtual disk. An expanding image holds the clusters that were written, a
// plain one is the disk byte for byte, as far as it was written.
//
// Layout of an expanding image, numbers little-endian: a header of 64 bytes (16 bytes
// "WithouFreSpacExt", then 32-bit numbers: version 2, heads, cylinders, sectors of a cluster,
// clusters; 64 bits: sectors of the disk; 32 bits: in-use mark, sector at which data starts, flags;
// 64 bits: extension), then for each cluster of the disk a 32-bit number: 0 where it was never
// written, else where it is in the file, in clusters from its beginning.
//
// Used by one thread at a time.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "simulator/disk_descriptor.h"
#include "simulator/disk_error.h"
#include "simulator/seams.h"

namespace prl::sim {

struct DiskShape {
  uint64_t sectors = 0;
  uint32_t cluster_sectors = kDefaultBlockSectors;

  uint64_t bytes() const { return sectors * kSectorBytes; }
  uint64_t cluster_bytes() const { return cluster_sectors * kSectorBytes; }
  uint64_t clusters() const { return (sectors + cluster_sectors - 1) / cluster_sectors; }
};

class DiskImage {
 public:
  static DiskResult<std::unique_ptr<DiskImage>> create(Storage& storage, const std::string& path,
                                                       DiskImageType type, DiskShape shape);
  static DiskResult<std::unique_ptr<DiskImage>> open(Storage& storage, const std::string& path,
                                                     DiskImageType type, DiskShape shape,
                                                     bool is_writable);

  // Whether the image says anything about the cluster; a plain one does about all.
  bool has(uint64_t cluster) const { return table_.empty() || table_[cluster] != 0; }
  // Clusters that take space in the file.
  uint64_t clusters_used() const;
  // Bytes from `offset` on in a cluster that the image has.
  DiskResult<void> read(uint64_t cluster, uint64_t offset, std::span<std::byte> bytes);
  // Writes into the cluster. REQUIRES: it is there, or `bytes` is the whole of it.
  DiskResult<void> write(uint64_t cluster, uint64_t offset, std::span<const std::byte> bytes);
  DiskResult<void> sync();

 private:
  DiskImage(std::unique_ptr<File> file, DiskShape shape) : file_(std::move(file)), shape_(shape) {}
  DiskResult<void> write_header();
  DiskResult<void> read_header();
  DiskResult<void> read_table(uint32_t data_sector);
  uint64_t place_of(uint64_t cluster) const;

  const std::unique_ptr<File> file_;
  const DiskShape shape_;
  std::vector<uint32_t> table_;  // empty for a plain image
  uint64_t next_ = 0;            // where the next cluster goes, in clusters
};

// What a step of the storage that failed means for a disk: that it has no space, or `otherwise`.
Unexpected<DiskError> disk_failure(const StorageError& error, DiskError otherwise);

}  // namespace prl::sim
