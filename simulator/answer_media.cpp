#include "simulator/answer_media.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <vector>

#include "simulator/checksum.h"

namespace prl::sim {

namespace {

std::string capitals(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  return result;
}

// As long as `bytes`, with blanks behind the text.
std::string padded(std::string_view text, size_t bytes) {
  std::string result(text.substr(0, bytes));
  result.resize(bytes, ' ');
  return result;
}

// Bytes of a fixed place in a larger block.
class Block {
 public:
  explicit Block(size_t bytes) : bytes_(bytes, '\0') {}

  Block& text(size_t at, std::string_view content) {
    assert(at + content.size() <= bytes_.size());
    bytes_.replace(at, content.size(), content);
    return *this;
  }
  Block& little(size_t at, uint32_t number, size_t count) {
    for (size_t i = 0; i < count; ++i) bytes_[at + i] = static_cast<char>(number >> (8 * i));
    return *this;
  }
  Block& big(size_t at, uint32_t number, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      bytes_[at + i] = static_cast<char>(number >> (8 * (count - 1 - i)));
    }
    return *this;
  }
  // ISO 9660 writes numbers for both kinds of machines.
  Block& both(size_t at, uint32_t number, size_t count) {
    return little(at, number, count).big(at + count, number, count);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// ---- ISO 9660 --------------------------------------------------------------------------------

constexpr uint32_t kDiscSectorBytes = 2048;
constexpr uint32_t kVolumeSector = 16;
constexpr uint32_t kPathsLittleSector = 18;
constexpr uint32_t kPathsBigSector = 19;
constexpr uint32_t kRootSector = 20;
constexpr uint32_t kFirstFileSector = 21;
constexpr uint32_t kPathTableBytes = 10;

uint32_t disc_sectors(size_t bytes) {
  return static_cast<uint32_t>((bytes + kDiscSectorBytes - 1) / kDiscSectorBytes);
}

std::string directory_record(std::string_view name, uint32_t sector, uint32_t bytes,
                             bool is_folder) {
  constexpr size_t kFixedBytes = 33;
  const size_t length = (kFixedBytes + name.size() + 1) / 2 * 2;
  Block record(length);
  record.little(0, static_cast<uint32_t>(length), 1).both(2, sector, 4).both(10, bytes, 4);
  record.text(18, "\x7D\x01\x01");  // 2025-01-01
  record.little(25, is_folder ? 2 : 0, 1).both(28, 1, 2);
  record.little(32, static_cast<uint32_t>(name.size()), 1).text(kFixedBytes, name);
  return record.take();
}

std::string root_folder(std::span<const MediaFile> files) {
  using namespace std::string_view_literals;
  std::string folder = directory_record("\0"sv, kRootSector, kDiscSectorBytes, true) +
                       directory_record("\1"sv, kRootSector, kDiscSectorBytes, true);
  uint32_t sector = kFirstFileSector;
  for (const MediaFile& file : files) {
    folder += directory_record(capitals(file.name) + ";1", sector,
                               static_cast<uint32_t>(file.content.size()), false);
    sector += disc_sectors(file.content.size());
  }
  assert(folder.size() <= kDiscSectorBytes);
  return folder;
}

std::string volume_descriptor(std::string_view label, uint32_t sectors) {
  using namespace std::string_view_literals;
  Block volume(kDiscSectorBytes);
  volume.text(0, "\1CD001\1"sv).text(8, padded("", 32)).text(40, padded(label, 32));
  volume.both(80, sectors, 4).both(120, 1, 2).both(124, 1, 2).both(128, kDiscSectorBytes, 2);
  volume.both(132, kPathTableBytes, 4);
  volume.little(140, kPathsLittleSector, 4).big(148, kPathsBigSector, 4);
  volume.text(156, directory_record("\0"sv, kRootSector, kDiscSectorBytes, true));
  volume.text(190, padded("", 128 * 3)).text(574, padded("PRLSIM", 128)).text(702, padded("", 111));
  for (const size_t date : {813u, 830u, 847u, 864u}) volume.text(date, std::string(16, '0'));
  return volume.little(881, 1, 1).take();
}

// ---- FAT12 -----------------------------------------------------------------------------------

constexpr uint32_t kFloppySectorBytes = 512;
constexpr uint32_t kTableSectors = 9;
constexpr uint32_t kRootEntries = 224;
constexpr uint32_t kFolderEntryBytes = 32;
constexpr uint32_t kFirstCluster = 2;
constexpr uint32_t kFloppyDate = (2025 - 1980) << 9 | 1 << 5 | 1;

uint32_t clusters_of(const MediaFile& file) {
  return static_cast<uint32_t>((file.content.size() + kFloppySectorBytes - 1) / kFloppySectorBytes);
}

// "Autounattend.xml" -> "AUTOUN~1XML".
std::string short_name(const std::string& name) {
  const size_t dot = std::min(name.rfind('.'), name.size());
  std::string stem = capitals(name.substr(0, dot));
  const std::string ending = capitals(dot < name.size() ? name.substr(dot + 1) : "");
  if (stem.size() > 8 || ending.size() > 3) stem = stem.substr(0, 6) + "~1";
  return padded(stem, 8) + padded(ending, 3);
}

bool is_short(const std::string& name) {
  const std::string shortened = short_name(name);
  return shortened.find('~') == std::string::npos && name == capitals(name);
}

// The entries that hold the name as it is, the last part of it first.
std::string long_name_entries(const std::string& name) {
  constexpr size_t kLetters = 13;  // of an entry, of 16 bits each
  constexpr std::array<size_t, kLetters> kPlaces = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
  uint8_t check = 0;
  for (const char letter : short_name(name)) {
    check = static_cast<uint8_t>((check >> 1 | check << 7) + static_cast<uint8_t>(letter));
  }
  std::string entries;
  const size_t count = (name.size() + kLetters - 1) / kLetters;
  for (size_t part = count; part > 0; --part) {
    Block entry(kFolderEntryBytes);
    const bool is_last = part == count;
    entry.little(0, static_cast<uint32_t>(part | (is_last ? 0x40 : 0)), 1).little(11, 0x0F, 1);
    entry.little(13, check, 1);
    for (size_t i = 0; i < kLetters; ++i) {
      const size_t at = (part - 1) * kLetters + i;
      const uint32_t letter = at < name.size()    ? static_cast<uint8_t>(name[at])
                              : at == name.size() ? 0
                                                  : 0xFFFF;
      entry.little(kPlaces[i], letter, 2);
    }
    entries += entry.take();
  }
  return entries;
}

std::string file_entry(const MediaFile& file, uint32_t cluster) {
  Block entry(kFolderEntryBytes);
  entry.text(0, short_name(file.name)).little(11, 0x20, 1).little(24, kFloppyDate, 2);
  entry.little(26, file.content.empty() ? 0 : cluster, 2);
  entry.little(28, static_cast<uint32_t>(file.content.size()), 4);
  return (is_short(file.name) ? "" : long_name_entries(file.name)) + entry.take();
}

std::string boot_sector(std::string_view label, uint32_t serial) {
  Block boot(kFloppySectorBytes);
  boot.text(0, "\xEB\x3C\x90PRLSIM  ").little(11, kFloppySectorBytes, 2).little(13, 1, 1);
  boot.little(14, 1, 2).little(16, 2, 1).little(17, kRootEntries, 2);
  boot.little(19, static_cast<uint32_t>(kFloppySectors), 2).little(21, 0xF0, 1);
  boot.little(22, kTableSectors, 2).little(24, 18, 2).little(26, 2, 2);
  boot.little(38, 0x29, 1).little(39, serial, 4).text(43, padded(label, 11)).text(54, "FAT12   ");
  return boot.little(510, 0xAA55, 2).take();
}

// Two entries of 12 bits lie in three bytes.
std::string allocation_table(const std::vector<uint32_t>& entries) {
  Block table(kTableSectors * kFloppySectorBytes);
  for (size_t i = 0; i < entries.size(); i += 2) {
    const uint32_t second = i + 1 < entries.size() ? entries[i + 1] : 0;
    table.little(i / 2 * 3, entries[i] | second << 12, 3);
  }
  return table.take();
}

}  // namespace

std::string optical_image(std::string_view label, std::span<const MediaFile> files) {
  using namespace std::string_view_literals;
  uint32_t sectors = kFirstFileSector;
  for (const MediaFile& file : files) sectors += disc_sectors(file.content.size());
  Block disc(size_t{sectors} * kDiscSectorBytes);
  const auto put = [&](uint32_t sector, std::string_view content) {
    disc.text(size_t{sector} * kDiscSectorBytes, content);
  };
  put(kVolumeSector, volume_descriptor(label, sectors));
  put(kVolumeSector + 1,
      "\xFF"
      "CD001\1"sv);
  Block little(kPathTableBytes);
  put(kPathsLittleSector, little.little(0, 1, 1).little(2, kRootSector, 4).little(6, 1, 2).take());
  Block big(kPathTableBytes);
  put(kPathsBigSector, big.little(0, 1, 1).big(2, kRootSector, 4).big(6, 1, 2).take());
  put(kRootSector, root_folder(files));
  uint32_t sector = kFirstFileSector;
  for (const MediaFile& file : files) {
    put(sector, file.content);
    sector += disc_sectors(file.content.size());
  }
  return disc.take();
}

std::string floppy_image(std::string_view label, std::span<const MediaFile> files) {
  constexpr uint32_t kEndOfChain = 0xFFF;
  std::vector<uint32_t> table = {0xFF0, kEndOfChain};
  Block label_entry(kFolderEntryBytes);
  std::string root =
      label_entry.text(0, padded(label, 11)).little(11, 0x08, 1).little(24, kFloppyDate, 2).take();
  std::string data;
  for (const MediaFile& file : files) {
    root += file_entry(file, static_cast<uint32_t>(table.size()));
    const uint32_t count = clusters_of(file);
    for (uint32_t i = 1; i < count; ++i) table.push_back(static_cast<uint32_t>(table.size()) + 1);
    if (count > 0) table.push_back(kEndOfChain);
    data += file.content;
    data.resize((table.size() - kFirstCluster) * kFloppySectorBytes);
  }
  root.resize(size_t{kRootEntries} * kFolderEntryBytes);
  const std::string fat = allocation_table(table);
  const auto serial = static_cast<uint32_t>(checksum(std::as_bytes(std::span(data))));
  std::string image = boot_sector(label, serial) + fat + fat + root + data;
  assert(image.size() <= kFloppySectors * kFloppySectorBytes);
  image.resize(kFloppySectors * kFloppySectorBytes);
  return image;
}

}  // namespace prl::sim
