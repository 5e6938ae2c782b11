// Damages real bytes, one field at a time. The offsets are those of simulator/image_format.md and
// typed here again on purpose: a field that moves is a new format.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>

#include "simulator/checksum.h"
#include "simulator/image_sections.h"
#include "simulator/little_endian.h"
#include "tests/simulator/image_fixture.h"

namespace prl::sim {
namespace {

using Kind = ImageError::Kind;
using Bytes = std::vector<std::byte>;

constexpr size_t kVcpusField = 104;
constexpr size_t kDevicesField = 128;
constexpr size_t kConfigurationField = 152;
constexpr size_t kDirectoryField = 176;

std::string name_of(Kind kind) {
  constexpr const char* kNames[] = {"storage",        "truncated",      "bad magic",
                                    "newer version",  "header damaged", "section damaged",
                                    "map damaged",    "page damaged",   "foreign vm",
                                    "limit exceeded", "inconsistent"};
  return kNames[static_cast<size_t>(kind)];
}

// What reading these bytes ends with: the kind of the error, or "read".
std::string outcome(std::span<const std::byte> bytes) {
  const auto storage = storage_with_folder();
  put_bytes(*storage, bytes);
  const auto loaded = read_image(*storage, kImagePath, sample_vm());
  if (loaded) return "read";
  EXPECT_TRUE(loaded.error().message.starts_with(kImagePath)) << loaded.error().message;
  return name_of(loaded.error().kind);
}

// Gives the header the checksum of its changed content, as a hostile or confused writer would.
void seal_header(Bytes& bytes) {
  store_u64(bytes, 4088, checksum(std::span(bytes).first(4088)));
}

void seal_section(Bytes& bytes, size_t field) {
  const auto section = std::span(bytes).subspan(load_u64(bytes, field), load_u64(bytes, field + 8));
  store_u64(bytes, field + 16, checksum(section));
  seal_header(bytes);
}

// Makes the chain of checksums above the (only) map page right again.
void seal_map(Bytes& bytes) {
  const uint64_t map_offset = load_u64(bytes, 80);
  store_u64(bytes, load_u64(bytes, kDirectoryField) + 8,
            checksum(std::span(bytes).subspan(map_offset, 4096)));
  seal_section(bytes, kDirectoryField);
}

struct FieldDamage {
  const char* field;
  size_t offset;
  size_t size_bytes;
  uint64_t value;
  Kind expected;
};

class HeaderField : public testing::TestWithParam<FieldDamage> {};

TEST_P(HeaderField, IsCheckedBehindARightChecksum) {
  const FieldDamage& damage = GetParam();
  Bytes bytes = sample_image_bytes();
  for (size_t i = 0; i < damage.size_bytes; ++i) {
    bytes[damage.offset + i] = static_cast<std::byte>(damage.value >> (8 * i));
  }
  seal_header(bytes);
  EXPECT_EQ(outcome(bytes), name_of(damage.expected)) << damage.field;
}

TEST_P(HeaderField, IsCoveredByTheChecksum) {
  Bytes bytes = sample_image_bytes();
  bytes[GetParam().offset] ^= std::byte{0x10};
  EXPECT_EQ(outcome(bytes), GetParam().offset < 8 ? "bad magic" : "header damaged");
}

constexpr FieldDamage kFieldDamages[] = {
    {"magic", 0, 1, 'Q', Kind::kBadMagic},
    {"magic_end", 7, 1, '\r', Kind::kBadMagic},
    {"format_version_newer", 8, 4, 3, Kind::kNewerVersion},
    {"format_version_one", 8, 4, 1, Kind::kInconsistent},
    {"format_version_zero", 8, 4, 0, Kind::kInconsistent},
    {"header_bytes", 12, 4, 8192, Kind::kInconsistent},
    {"parent_generation", 24, 8, 3, Kind::kInconsistent},
    {"vm_uuid", 32, 1, 0x13, Kind::kForeignVm},
    {"flags", 48, 4, 1, Kind::kNewerVersion},
    {"page_bytes", 52, 4, 16384, Kind::kInconsistent},
    {"ram_bytes_above_limit", 56, 8, (uint64_t{1} << 40) + 4096, Kind::kLimitExceeded},
    {"ram_bytes_below_pages", 56, 8, 2 * 4096, Kind::kInconsistent},
    {"ram_bytes_odd", 56, 8, 4 * kMiB + 1, Kind::kInconsistent},
    {"ram_bytes_other_machine", 56, 8, 8 * kMiB, Kind::kInconsistent},
    {"cpu_count_above_limit", 64, 4, 257, Kind::kLimitExceeded},
    {"cpu_count_zero", 64, 4, 0, Kind::kInconsistent},
    {"cpu_count_more", 64, 4, 3, Kind::kInconsistent},
    {"cpu_count_fewer", 64, 4, 1, Kind::kInconsistent},
    {"map_pages", 68, 4, 2, Kind::kInconsistent},
    {"map_pages_huge", 68, 4, UINT32_MAX, Kind::kInconsistent},
    {"stored_pages_more", 72, 8, 4, Kind::kInconsistent},
    {"stored_pages_fewer", 72, 8, 2, Kind::kInconsistent},
    {"stored_pages_huge", 72, 8, UINT64_MAX, Kind::kInconsistent},
    {"map_offset_odd", 80, 8, 4096 + 512, Kind::kInconsistent},
    {"map_offset_in_header", 80, 8, 0, Kind::kInconsistent},
    {"map_offset_elsewhere", 80, 8, 8192, Kind::kInconsistent},
    {"map_offset_outside", 80, 8, UINT64_MAX - 4095, Kind::kInconsistent},
    {"pages_offset_odd", 88, 8, 12289, Kind::kInconsistent},
    {"pages_offset_in_map", 88, 8, 8192, Kind::kInconsistent},
    {"pages_offset_outside", 88, 8, 16384, Kind::kInconsistent},
    {"file_bytes_more", 96, 8, 1 << 20, Kind::kTruncated},
    {"file_bytes_fewer", 96, 8, 4096, Kind::kInconsistent},
    {"vcpus_offset", 104, 8, 0, Kind::kInconsistent},
    {"vcpus_size", 112, 8, 256 * 1024 + 1, Kind::kLimitExceeded},
    {"vcpus_checksum", 120, 8, 1, Kind::kSectionDamaged},
    {"devices_offset", 128, 8, UINT64_MAX, Kind::kInconsistent},
    {"devices_size", 136, 8, 64 * 1024 + 1, Kind::kLimitExceeded},
    {"devices_checksum", 144, 8, 1, Kind::kSectionDamaged},
    {"configuration_offset", 152, 8, 8192, Kind::kInconsistent},
    {"configuration_size", 160, 8, UINT64_MAX, Kind::kLimitExceeded},
    {"configuration_checksum", 168, 8, 1, Kind::kSectionDamaged},
    {"directory_offset", 176, 8, 8192, Kind::kInconsistent},
    {"directory_size_short", 184, 8, 15, Kind::kInconsistent},
    {"directory_size_long", 184, 8, 16 + 4096, Kind::kInconsistent},
    {"directory_checksum", 192, 8, 1, Kind::kSectionDamaged},
    {"extents_none", 208, 8, 0, Kind::kInconsistent},
    {"extents_more_than_pages", 208, 8, 4, Kind::kInconsistent},
    {"extents_huge", 208, 8, UINT64_MAX, Kind::kInconsistent},
    {"sums_offset", 216, 8, 8192 + 8, Kind::kInconsistent},
    {"sums_offset_outside", 216, 8, UINT64_MAX, Kind::kInconsistent},
};
INSTANTIATE_TEST_SUITE_P(Damage, HeaderField, testing::ValuesIn(kFieldDamages),
                         [](const auto& instance) { return std::string(instance.param.field); });

TEST(ImageDamage, IsFoundInTheReservedPartOfTheHeader) {
  Bytes bytes = sample_image_bytes();
  bytes[2000] = std::byte{1};
  EXPECT_EQ(outcome(bytes), "header damaged");
}

TEST(ImageDamage, IsFoundInTheChecksumOfTheHeader) {
  Bytes bytes = sample_image_bytes();
  bytes[4095] ^= std::byte{1};
  EXPECT_EQ(outcome(bytes), "header damaged");
}

TEST(ImageDamage, IsFoundInEverySection) {
  for (const size_t field : {kVcpusField, kDevicesField, kConfigurationField, kDirectoryField}) {
    Bytes bytes = sample_image_bytes();
    bytes[load_u64(bytes, field)] ^= std::byte{1};
    EXPECT_EQ(outcome(bytes), "section damaged") << field;
  }
}

TEST(ImageDamage, IsFoundInTheMapAndInEveryPage) {
  const Bytes original = sample_image_bytes();
  Bytes bytes = original;
  bytes[load_u64(bytes, 80) + 4095] ^= std::byte{1};
  EXPECT_EQ(outcome(bytes), "map damaged");
  for (size_t page = 0; page < 3; ++page) {
    bytes = original;
    bytes[load_u64(bytes, 88) + page * 4096 + 77] ^= std::byte{1};
    EXPECT_EQ(outcome(bytes), "page damaged");
  }
}

TEST(ImageDamage, IsNamedWithPageAndOffset) {
  Bytes bytes = sample_image_bytes();
  bytes.back() ^= std::byte{1};
  const auto storage = storage_with_folder();
  put_bytes(*storage, bytes);
  const auto loaded = read_image(*storage, kImagePath, sample_vm());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message, "/vm.pvm/vm.sav: memory page 1023 at offset " +
                                        std::to_string(bytes.size() - 4096) + " is damaged");
}

TEST(ImageDamage, IsFoundWhereverTheFileEnds) {
  const Bytes bytes = sample_image_bytes();
  for (size_t size_bytes = 0; size_bytes < bytes.size(); size_bytes += 512) {
    EXPECT_EQ(outcome(std::span(bytes).first(size_bytes)), "truncated") << size_bytes;
  }
  EXPECT_EQ(outcome(std::span(bytes).first(bytes.size() - 1)), "truncated");
}

TEST(ImageDamage, IncludesBytesBehindTheEnd) {
  Bytes bytes = sample_image_bytes();
  bytes.push_back(std::byte{0});
  EXPECT_EQ(outcome(bytes), "inconsistent");
}

RC_GTEST_PROP(ImageDamage, NeverBringsBackAnotherMachine, ()) {
  static const Bytes original = sample_image_bytes();
  Bytes bytes = original;
  const auto offset = *rc::gen::inRange<size_t>(0, bytes.size());
  bytes[offset] ^= static_cast<std::byte>(*rc::gen::inRange(1, 256));
  const auto storage = storage_with_folder();
  put_bytes(*storage, bytes);
  RC_ASSERT(!read_image(*storage, kImagePath, sample_vm()));
}

struct EntryDamage {
  const char* name;
  size_t offset;
  uint32_t value;
};

TEST(ImageDamage, OfTheDirectoryIsFoundBehindARightChecksum) {
  for (const EntryDamage& damage :
       {EntryDamage{"first_page", 0, 1}, EntryDamage{"extent_count", 4, 2},
        EntryDamage{"extent_count", 4, UINT32_MAX}}) {
    Bytes bytes = sample_image_bytes();
    store_u32(bytes, load_u64(bytes, kDirectoryField) + damage.offset, damage.value);
    seal_section(bytes, kDirectoryField);
    EXPECT_EQ(outcome(bytes), "inconsistent") << damage.name;
  }
}

TEST(ImageDamage, OfTheMapIsFoundBehindARightChecksum) {
  for (const EntryDamage& damage :
       {EntryDamage{"zeros in a complete image", 8, 0}, EntryDamage{"slot of another page", 8, 2},
        EntryDamage{"slot outside", 8, UINT32_MAX}, EntryDamage{"page named twice", 12, 0},
        EntryDamage{"no page", 4, 0}, EntryDamage{"too many pages", 4, UINT32_MAX},
        EntryDamage{"page outside", 24, 1024}, EntryDamage{"slots past the end", 28, 2}}) {
    Bytes bytes = sample_image_bytes();
    store_u32(bytes, load_u64(bytes, 80) + damage.offset, damage.value);
    seal_map(bytes);
    EXPECT_EQ(outcome(bytes), "inconsistent") << damage.name;
  }
}

// Offset of the first class version in a section: one byte names the byte order.
constexpr size_t kSectionVersion = 1;

TEST(ImageDamage, IncludesSectionsOfANewerVersion) {
  for (const size_t field : {kVcpusField, kDevicesField, kConfigurationField}) {
    Bytes bytes = sample_image_bytes();
    store_u32(bytes, load_u64(bytes, field) + kSectionVersion, 2);
    seal_section(bytes, field);
    EXPECT_EQ(outcome(bytes), "newer version") << field;
  }
}

TEST(ImageDamage, IncludesSectionsThatAreTooShortOrTooLong) {
  for (const size_t field : {kVcpusField, kDevicesField, kConfigurationField}) {
    Bytes bytes = sample_image_bytes();
    store_u64(bytes, field + 8, load_u64(bytes, field + 8) - 1);
    seal_section(bytes, field);
    EXPECT_EQ(outcome(bytes), "inconsistent") << field;
  }
  Bytes bytes = sample_image_bytes();
  // The directory makes room, so that the section can be one byte too long.
  const uint64_t directory = load_u64(bytes, kDirectoryField);
  const uint64_t size_bytes = load_u64(bytes, kDirectoryField + 8);
  std::memmove(&bytes[directory + 1], &bytes[directory], size_bytes - 1);
  store_u64(bytes, kDirectoryField, directory + 1);
  store_u64(bytes, kDirectoryField + 8, size_bytes - 1);
  seal_section(bytes, kDirectoryField);
  store_u64(bytes, kConfigurationField + 8, load_u64(bytes, kConfigurationField + 8) + 1);
  seal_section(bytes, kConfigurationField);
  EXPECT_EQ(outcome(bytes), "inconsistent");
}

TEST(ImageDamage, IncludesANameLongerThanItsSection) {
  for (const uint32_t size_bytes : {4096u, 4097u, UINT32_MAX}) {
    Bytes bytes = sample_image_bytes();
    store_u32(bytes, load_u64(bytes, kConfigurationField) + kSectionVersion + 4, size_bytes);
    seal_section(bytes, kConfigurationField);
    EXPECT_EQ(outcome(bytes), "inconsistent") << size_bytes;
  }
}

TEST(ImageDamage, IncludesANameAboveItsLimit) {
  ImageConfig config{std::string(4096, 'x'), 4096, 1};
  EXPECT_TRUE(decode_configuration(encode_configuration(config)));
  config.name += 'x';
  EXPECT_FALSE(decode_configuration(encode_configuration(config)));
}

TEST(ImageDamage, IncludesAWorkloadThatDoesNotExist) {
  Bytes bytes = sample_image_bytes();
  constexpr auto kNone = static_cast<std::byte>(kWorkloadKinds.size());
  bytes[load_u64(bytes, kDevicesField) + kSectionVersion + 4 + 4 * 8] = kNone;
  seal_section(bytes, kDevicesField);
  EXPECT_EQ(outcome(bytes), "inconsistent");
}

}  // namespace
}  // namespace prl::sim
