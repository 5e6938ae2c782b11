#include "simulator/disk_image.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "simulator/little_endian.h"

namespace prl::sim {

namespace {

constexpr std::string_view kMagic = "WithouFreSpacExt";
constexpr uint32_t kVersion = 2;
constexpr size_t kDiskHeaderBytes = 64;
constexpr size_t kTableEntryBytes = 4;

// Places of the header's numbers.
constexpr size_t kVersionAt = 16;
constexpr size_t kHeadsAt = 20;
constexpr size_t kCylindersAt = 24;
constexpr size_t kClusterSectorsAt = 28;
constexpr size_t kEntriesAt = 32;
constexpr size_t kSectorsAt = 36;
constexpr size_t kDataAt = 48;

// The table of a disk of any size that the product knows fits; more is damage.
constexpr uint64_t kEntriesMax = uint64_t{1} << 26;

uint64_t clusters_before_data(const DiskShape& shape) {
  const uint64_t bytes = kDiskHeaderBytes + kTableEntryBytes * shape.clusters();
  return (bytes + shape.cluster_bytes() - 1) / shape.cluster_bytes();
}

}  // namespace

Unexpected<DiskError> disk_failure(const StorageError& error, DiskError otherwise) {
  const bool is_full = error.errno_value == ENOSPC || error.errno_value == EDQUOT;
  return Unexpected{is_full ? DiskError::kNoSpace : otherwise};
}

DiskResult<std::unique_ptr<DiskImage>> DiskImage::create(Storage& storage, const std::string& path,
                                                         DiskImageType type, DiskShape shape) {
  auto file = storage.create(path);
  if (!file) return disk_failure(file.error(), DiskError::kCreateFailed);
  std::unique_ptr<DiskImage> image(new DiskImage(std::move(*file), shape));
  if (type == DiskImageType::kPlain) return image;
  image->table_.resize(shape.clusters());
  image->next_ = clusters_before_data(shape);
  if (auto written = image->write_header(); !written) return Unexpected{written.error()};
  return image;
}

DiskResult<std::unique_ptr<DiskImage>> DiskImage::open(Storage& storage, const std::string& path,
                                                       DiskImageType type, DiskShape shape,
                                                       bool is_writable) {
  auto file = is_writable ? storage.open_for_update(path) : storage.open(path);
  if (!file) return disk_failure(file.error(), DiskError::kBadImage);
  std::unique_ptr<DiskImage> image(new DiskImage(std::move(*file), shape));
  if (type == DiskImageType::kPlain) return image;
  if (auto read = image->read_header(); !read) return Unexpected{read.error()};
  return image;
}

DiskResult<void> DiskImage::write_header() {
  std::vector<std::byte> bytes(kDiskHeaderBytes + kTableEntryBytes * table_.size());
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  store_u32(bytes, kVersionAt, kVersion);
  store_u32(bytes, kHeadsAt, kDiskHeads);
  store_u32(bytes, kCylindersAt,
            static_cast<uint32_t>(shape_.sectors / (kDiskHeads * kSectorsPerTrack)));
  store_u32(bytes, kClusterSectorsAt, shape_.cluster_sectors);
  store_u32(bytes, kEntriesAt, static_cast<uint32_t>(table_.size()));
  store_u64(bytes, kSectorsAt, shape_.sectors);
  store_u32(bytes, kDataAt, static_cast<uint32_t>(next_ * shape_.cluster_sectors));
  if (auto written = file_->write_at(0, bytes); !written) {
    return disk_failure(written.error(), DiskError::kCreateFailed);
  }
  return {};
}

DiskResult<void> DiskImage::read_header() {
  std::vector<std::byte> header(kDiskHeaderBytes);
  const auto count = file_->read_at(0, header);
  if (!count) return disk_failure(count.error(), DiskError::kReadFailed);
  const bool is_ours = *count == kDiskHeaderBytes &&
                       std::memcmp(header.data(), kMagic.data(), kMagic.size()) == 0 &&
                       load_u32(header, kVersionAt) == kVersion;
  const uint64_t entries = load_u32(header, kEntriesAt);
  if (!is_ours || load_u32(header, kClusterSectorsAt) != shape_.cluster_sectors ||
      load_u64(header, kSectorsAt) != shape_.sectors || entries != shape_.clusters() ||
      entries > kEntriesMax) {
    return Unexpected{DiskError::kBadImage};
  }
  table_.resize(entries);
  return read_table(load_u32(header, kDataAt));
}

// Every entry must lie behind the table, and no two at the same place.
DiskResult<void> DiskImage::read_table(uint32_t data_sector) {
  std::vector<std::byte> bytes(kTableEntryBytes * table_.size());
  const auto count = file_->read_at(kDiskHeaderBytes, bytes);
  if (!count) return disk_failure(count.error(), DiskError::kReadFailed);
  if (*count != bytes.size()) return Unexpected{DiskError::kBadImage};
  const uint64_t first = data_sector / shape_.cluster_sectors;
  if (first < clusters_before_data(shape_)) return Unexpected{DiskError::kBadImage};
  next_ = first;
  std::vector<uint32_t> places;
  for (size_t i = 0; i < table_.size(); ++i) {
    table_[i] = load_u32(bytes, kTableEntryBytes * i);
    if (table_[i] == 0) continue;
    if (table_[i] < first) return Unexpected{DiskError::kBadImage};
    places.push_back(table_[i]);
    next_ = std::max<uint64_t>(next_, uint64_t{table_[i]} + 1);
  }
  std::ranges::sort(places);
  if (std::ranges::adjacent_find(places) != places.end()) return Unexpected{DiskError::kBadImage};
  return {};
}

uint64_t DiskImage::clusters_used() const {
  if (table_.empty()) return shape_.clusters();
  return table_.size() - static_cast<uint64_t>(std::ranges::count(table_, 0u));
}

uint64_t DiskImage::place_of(uint64_t cluster) const {
  return (table_.empty() ? cluster : uint64_t{table_[cluster]}) * shape_.cluster_bytes();
}

// What lies behind the end of the file was never written.
DiskResult<void> DiskImage::read(uint64_t cluster, uint64_t offset, std::span<std::byte> bytes) {
  const auto count = file_->read_at(place_of(cluster) + offset, bytes);
  if (!count) return disk_failure(count.error(), DiskError::kReadFailed);
  std::ranges::fill(bytes.subspan(*count), std::byte{0});
  return {};
}

// The table is written after the data that it points at.
DiskResult<void> DiskImage::write(uint64_t cluster, uint64_t offset,
                                  std::span<const std::byte> bytes) {
  const bool is_new = !has(cluster);
  const uint64_t place = is_new ? next_ * shape_.cluster_bytes() : place_of(cluster);
  if (auto written = file_->write_at(place + offset, bytes); !written) {
    return disk_failure(written.error(), DiskError::kWriteFailed);
  }
  if (!is_new) return {};
  std::array<std::byte, kTableEntryBytes> entry;
  store_u32(entry, 0, static_cast<uint32_t>(next_));
  if (auto written = file_->write_at(kDiskHeaderBytes + kTableEntryBytes * cluster, entry);
      !written) {
    return disk_failure(written.error(), DiskError::kWriteFailed);
  }
  table_[cluster] = static_cast<uint32_t>(next_++);
  return {};
}

DiskResult<void> DiskImage::sync() {
  if (auto synced = file_->sync(); !synced) {
    return disk_failure(synced.error(), DiskError::kWriteFailed);
  }
  return {};
}

}  // namespace prl::sim
