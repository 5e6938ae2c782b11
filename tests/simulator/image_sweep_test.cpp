// Every single bit of an image flipped, every length that it can be cut to, and random damage in
// several places: whether all of it is verified before it is used or each page at its first use,
// nothing damaged is ever taken for good, and nothing crashes.
#include <algorithm>
#include <cstring>
#include <iostream>
#include <thread>

#include "simulator/image_chain.h"
#include "simulator/image_file.h"
#include "tests/simulator/image_fixture.h"

namespace prl::sim {
namespace {

using Bytes = std::vector<std::byte>;

// Sanitizers are ten times slower: one bit of each byte has to do for them, and one length in 8.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kStride = 8;
#else
constexpr int kStride = 1;
#endif

// Files that are looked at where they lie: a case costs no copy of them.
class BytesInPlace final : public Storage {
 public:
  void put(const std::string& path, std::span<const std::byte> bytes) {
    for (auto& [name, content] : files_) {
      if (name == path) {
        content = bytes;
        return;
      }
    }
    files_.emplace_back(path, bytes);
  }

  StorageResult<std::unique_ptr<File>> open(const std::string& path) override {
    for (const auto& [name, content] : files_) {
      if (name == path) return std::unique_ptr<File>(std::make_unique<FileInPlace>(content));
    }
    return Unexpected{StorageError{"open", path, ENOENT}};
  }
  StorageResult<std::unique_ptr<File>> create(const std::string& path) override {
    return open(path);
  }
  StorageResult<std::unique_ptr<File>> open_for_update(const std::string& path) override {
    return open(path);
  }
  StorageResult<void> rename(const std::string&, const std::string&) override { return {}; }
  StorageResult<void> remove(const std::string&) override { return {}; }
  StorageResult<void> create_folder(const std::string&) override { return {}; }
  StorageResult<void> remove_folder(const std::string&) override { return {}; }
  StorageResult<void> sync_folder(const std::string&) override { return {}; }
  StorageResult<std::vector<std::string>> list(const std::string&) override {
    return std::vector<std::string>();
  }
  bool exists(const std::string&) override { return true; }
  StorageResult<uint64_t> file_size(const std::string&) override { return 0; }

 private:
  class FileInPlace final : public File {
   public:
    explicit FileInPlace(std::span<const std::byte> bytes) : bytes_(bytes) {}
    StorageResult<void> write_at(uint64_t, std::span<const std::byte>) override { return {}; }
    StorageResult<size_t> read_at(uint64_t offset, std::span<std::byte> bytes) override {
      if (offset >= bytes_.size()) return size_t{0};
      const size_t count = std::min(bytes_.size() - offset, bytes.size());
      std::memcpy(bytes.data(), bytes_.data() + offset, count);
      return count;
    }
    StorageResult<uint64_t> size() override { return bytes_.size(); }
    StorageResult<void> sync() override { return {}; }

   private:
    const std::span<const std::byte> bytes_;
  };

  std::vector<std::pair<std::string, std::span<const std::byte>>> files_;
};

// 13 pages in several runs, in 1 MiB; the image has 64 KiB.
Ram reference_ram() {
  Ram ram(kMiB);
  for (const uint64_t page : {0, 1, 2, 3, 9, 10, 11, 77, 78, 79, 80, 81, 255}) {
    fill_page(ram, page, page);
  }
  return ram;
}

Bytes image_of(const Ram& ram, uint64_t generation, std::optional<ImageLink> parent = {}) {
  const auto storage = storage_with_folder();
  EXPECT_TRUE(write_image(*storage, kImagePath, sample_machine(ram, generation), ram, parent));
  return get_bytes(*storage);
}

// What becomes of a damaged image.
enum class End { kRefused, kFoundAtUse, kAccepted };

End end_of(Storage& storage, Verification verification) {
  static const Uuid vm = sample_vm();
  const auto opened = open_image(storage, kImagePath, vm, verification);
  if (!opened) return End::kRefused;
  std::array<std::byte, 16 * kPageBytes> room;
  for (uint64_t at = 0; at < opened->ram.size_bytes(); at += room.size()) {
    if (!opened->ram.read(at, room)) return End::kFoundAtUse;
  }
  return End::kAccepted;
}

// Counts what becomes of damaged images. One thread.
class Sweep {
 public:
  explicit Sweep(Verification verification) : verification_(verification) {}

  size_t cases() const { return cases_; }
  size_t accepted() const { return accepted_; }

  // describe() says what the damage is.
  template <class Describe>
  void look(Storage& storage, Describe describe) {
    ++cases_;
    const End end = end_of(storage, verification_);
    if (verification_ == Verification::kWhole && end == End::kFoundAtUse) {
      ADD_FAILURE() << describe() << " is found after the whole was verified";
    }
    if (end != End::kAccepted) return;
    ++accepted_;
    if (accepted_ < 10) ADD_FAILURE() << describe() << " is accepted";
  }
  // Each bit of `bytes`, which the storage shows.
  void flip_all(Storage& storage, Bytes& bytes) {
    for (size_t at = 0; at < bytes.size(); ++at) {
      for (int bit = static_cast<int>(at % kStride); bit < 8; bit += kStride) {
        bytes[at] ^= std::byte{1} << bit;
        look(storage,
             [&] { return "bit " + std::to_string(bit) + " of byte " + std::to_string(at); });
        bytes[at] ^= std::byte{1} << bit;
      }
    }
  }
  void cut_off_all(BytesInPlace& storage, std::span<const std::byte> bytes) {
    for (size_t length = 0; length < bytes.size(); length += kStride) {
      storage.put(kImagePath, bytes.first(length));
      look(storage, [&] { return "a file of " + std::to_string(length) + " bytes"; });
    }
  }
  void damage_at_random(BytesInPlace& storage, const Bytes& bytes) {
    RandomStream random(1, "damage");
    for (int i = 0; i < 10'000 / kStride; ++i) {
      Bytes damaged = bytes;
      for (uint64_t places = 1 + random.below(8); places > 0; --places) {
        const size_t at = random.below(damaged.size());
        const size_t length = std::min<size_t>(1 + random.below(600), damaged.size() - at);
        for (size_t j = 0; j < length; ++j)
          damaged[at + j] ^= static_cast<std::byte>(random.next());
      }
      if (damaged == bytes) continue;
      storage.put(kImagePath, damaged);
      look(storage, [&] { return "random damage " + std::to_string(i); });
    }
  }

 private:
  const Verification verification_;
  size_t cases_ = 0;
  size_t accepted_ = 0;
};

void sweep_all(Sweep& sweep) {
  Bytes bytes = image_of(reference_ram(), 3);
  BytesInPlace storage;
  storage.put(kImagePath, bytes);
  ASSERT_EQ(end_of(storage, Verification::kAtFirstUse), End::kAccepted);
  sweep.flip_all(storage, bytes);
  sweep.cut_off_all(storage, bytes);
  sweep.damage_at_random(storage, bytes);
}

TEST(DamageSweep, AcceptsNothing) {
  EXPECT_GE(image_of(reference_ram(), 3).size(), 65'536u);
  Sweep at_first_use(Verification::kAtFirstUse);
  Sweep whole(Verification::kWhole);
  std::thread helper([&] { sweep_all(whole); });
  sweep_all(at_first_use);
  helper.join();
  EXPECT_GT(at_first_use.cases(), 524'288u / kStride);
  EXPECT_EQ(whole.cases(), at_first_use.cases());
  std::cout << "count damage_cases " << whole.cases() + at_first_use.cases() << "\n"
            << "count damage_accepted " << whole.accepted() + at_first_use.accepted() << "\n";
}

// A delta, in which there are pages of zeros too, and the image that it rests on: of that one the
// sections, and pages that the delta has, are looked at only when the whole is.
TEST(DamageSweep, AcceptsNothingInADelta) {
  const std::string base_name = base_path("/vm.pvm", sample_vm(), 3);
  Bytes base = image_of(reference_ram(), 3);
  BytesInPlace storage;
  storage.put(kImagePath, base);
  auto opened = open_image(storage, kImagePath, sample_vm());
  ASSERT_TRUE(opened);
  const ImageLink link = opened->layers.front().link;
  fill_page(opened->ram, 10, 99);
  const Bytes zeros(kPageBytes);
  ASSERT_TRUE(opened->ram.write(78 * kPageBytes, zeros));
  Bytes delta = image_of(opened->ram, 4, link);
  storage.put(base_name, base);
  storage.put(kImagePath, delta);
  ASSERT_EQ(end_of(storage, Verification::kWhole), End::kAccepted);

  Sweep lazy(Verification::kAtFirstUse);
  lazy.flip_all(storage, delta);
  Sweep whole(Verification::kWhole);
  whole.flip_all(storage, delta);
  for (size_t at = 0; at < base.size(); ++at) {
    base[at] ^= std::byte{1} << (at % 8);
    whole.look(storage, [&] { return "byte " + std::to_string(at) + " of the base"; });
    base[at] ^= std::byte{1} << (at % 8);
  }

  // An image of the same generation, and the delta itself.
  const Bytes other = image_of(sample_ram(), 3);
  storage.put(base_name, other);
  lazy.look(storage, [] { return "another base"; });
  storage.put(base_name, delta);
  lazy.look(storage, [] { return "the delta instead of its base"; });
  EXPECT_EQ(whole.accepted() + lazy.accepted(), 0u);
  std::cout << "count delta_damage_cases " << whole.cases() + lazy.cases() << "\n";
}

}  // namespace
}  // namespace prl::sim
