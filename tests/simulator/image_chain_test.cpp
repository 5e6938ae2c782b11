// Memory that comes from images page by page, and images that rest on others.
#include <algorithm>

#include "simulator/image_chain.h"
#include "simulator/little_endian.h"
#include "tests/simulator/image_fixture.h"

namespace prl::sim {
namespace {

using Kind = ImageError::Kind;

constexpr char kFolder[] = "/vm.pvm";

std::vector<std::byte> read(const Ram& ram, uint64_t address, size_t count) {
  std::vector<std::byte> bytes(count, std::byte{0xEE});
  EXPECT_TRUE(ram.read(address, bytes));
  return bytes;
}

std::vector<std::byte> page_at(const Ram& ram, uint64_t page) {
  return read(ram, page * kPageBytes, kPageBytes);
}

// A VM of which each suspend writes an image, as Vm does.
class Chain {
 public:
  explicit Chain(Ram ram) : ram_(std::move(ram)) {}

  Ram& ram() { return ram_; }
  Storage& storage() { return *storage_; }
  const std::vector<ImageLayer>& layers() const { return layers_; }

  // Bytes of the pages written.
  uint64_t suspend() {
    const ImagePlan plan = plan_image(layers_, ram_.dirty_pages());
    const auto stats =
        write_image(*storage_, kImagePath, sample_machine(ram_, ++generation_), ram_, plan.parent);
    EXPECT_TRUE(stats) << stats.error().message;
    remove_bases(*storage_, kFolder, sample_vm(), plan.bases);
    return stats->stored_pages * kPageBytes;
  }
  void resume() {
    auto image = open_image(*storage_, kImagePath, sample_vm());
    ASSERT_TRUE(image) << image.error().message;
    ASSERT_TRUE(retire_image(*storage_, *image));
    EXPECT_EQ(image->machine, sample_machine(image->ram, generation_));
    layers_ = image->layers;
    ram_ = std::move(image->ram);
  }
  uint64_t resuspend() {
    const uint64_t before = ram_.digest();
    const uint64_t bytes = suspend();
    resume();
    EXPECT_EQ(ram_.digest(), before);
    return bytes;
  }
  std::vector<std::string> files() { return storage_->list(kFolder).value(); }
  std::string base(uint64_t generation) { return base_path(kFolder, sample_vm(), generation); }

 private:
  std::unique_ptr<MemoryStorage> storage_ = storage_with_folder();
  Ram ram_;
  std::vector<ImageLayer> layers_;
  uint64_t generation_ = 0;
};

// 400 pages of content from page 100 on, in 4 MiB.
Ram half_full_ram() {
  Ram ram(4 * kMiB);
  for (uint64_t page = 100; page < 500; ++page) fill_page(ram, page, page);
  return ram;
}

TEST(LazyMemory, ComesFromTheImageAndTakesNoFrameToBeRead) {
  const auto storage = storage_with_folder();
  const Ram ram = half_full_ram();
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
  const auto opened = open_image(*storage, kImagePath, sample_vm());
  ASSERT_TRUE(opened) << opened.error().message;
  const uint64_t address = 99 * kPageBytes + 17;
  EXPECT_EQ(read(opened->ram, address, 300'000), read(ram, address, 300'000));
  EXPECT_EQ(read(opened->ram, 499 * kPageBytes + 4090, 20), read(ram, 499 * kPageBytes + 4090, 20));
  EXPECT_EQ(opened->ram.digest(), ram.digest());
  EXPECT_EQ(opened->ram.touched_pages(), 0u);
}

TEST(LazyMemory, TakesAFrameForAStoreAndKeepsTheRestOfThePage) {
  const auto storage = storage_with_folder();
  const Ram ram = half_full_ram();
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
  auto opened = open_image(*storage, kImagePath, sample_vm());
  ASSERT_TRUE(opened);
  const std::vector<std::byte> word(8, std::byte{7});
  ASSERT_TRUE(opened->ram.write(300 * kPageBytes + 100, word));
  EXPECT_EQ(opened->ram.touched_pages(), 1u);
  auto expected = page_at(ram, 300);
  std::ranges::copy(word, expected.begin() + 100);
  EXPECT_EQ(page_at(opened->ram, 300), expected);
}

TEST(LazyMemory, OutlivesTheNameOfItsFile) {
  const auto storage = storage_with_folder();
  const Ram ram = half_full_ram();
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
  const auto opened = open_image(*storage, kImagePath, sample_vm());
  ASSERT_TRUE(opened);
  ASSERT_TRUE(storage->remove(kImagePath));
  EXPECT_EQ(opened->ram.digest(), ram.digest());
}

TEST(LazyMemory, ReadsAsMuchToOpenHoweverMuchThereIs) {
  const auto steps_of_opening = [](uint64_t pages) {
    const auto storage = storage_with_folder();
    Ram ram(256 * kMiB);
    for (uint64_t page = 0; page < pages; ++page) ram.page_for_store(page)[0] = std::byte{1};
    EXPECT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
    FailingStorage recording(*storage, 0);
    EXPECT_TRUE(open_image(recording, kImagePath, sample_vm()));
    return recording.steps();
  };
  EXPECT_EQ(steps_of_opening(60'000), steps_of_opening(1));
}

// Damage is found by whoever reads the page, with its place, and by nobody else.
TEST(LazyMemory, FailsWhereADamagedPageIsFirstUsed) {
  const auto storage = storage_with_folder();
  const Ram ram = half_full_ram();
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
  auto bytes = get_bytes(*storage);
  const size_t offset = bytes.size() - 100 * kPageBytes;  // page 400
  bytes[offset + 5] ^= std::byte{1};
  put_bytes(*storage, bytes);
  auto opened = open_image(*storage, kImagePath, sample_vm());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(page_at(opened->ram, 399), page_at(ram, 399));
  EXPECT_EQ(page_at(opened->ram, 401), page_at(ram, 401));
  EXPECT_FALSE(opened->ram.failure());
  std::byte byte{};
  EXPECT_FALSE(opened->ram.read(400 * kPageBytes, std::span(&byte, 1)));
  ASSERT_TRUE(opened->ram.failure());
  EXPECT_EQ(opened->ram.failure()->kind, Kind::kPageDamaged);
  EXPECT_EQ(opened->ram.failure()->message,
            "/vm.pvm/vm.sav: memory page 400 at offset " + std::to_string(offset) + " is damaged");
  EXPECT_FALSE(opened->ram.read(399 * kPageBytes, std::span(&byte, 1)));
  EXPECT_FALSE(opened->ram.write(0, std::span(&byte, 1)));
}

TEST(LazyMemory, FailsWhereTheFileHasBeenCutOff) {
  const auto storage = storage_with_folder();
  const Ram ram = half_full_ram();
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
  auto bytes = get_bytes(*storage);
  auto opened = open_image(*storage, kImagePath, sample_vm());
  ASSERT_TRUE(opened);
  put_bytes(*storage, std::span(bytes).first(bytes.size() - 3 * kPageBytes));
  std::byte byte{};
  EXPECT_FALSE(opened->ram.read(498 * kPageBytes, std::span(&byte, 1)));
  EXPECT_EQ(opened->ram.failure()->kind, Kind::kTruncated);
}

TEST(Delta, HasThePagesStoredToAndNoOthers) {
  Chain chain(half_full_ram());
  EXPECT_EQ(chain.suspend(), 400 * kPageBytes);
  chain.resume();
  fill_page(chain.ram(), 5, 1);
  fill_page(chain.ram(), 200, 2);
  EXPECT_EQ(chain.resuspend(), 2 * kPageBytes);
  EXPECT_EQ(page_at(chain.ram(), 200), random_page(2));
  EXPECT_EQ(page_at(chain.ram(), 201), random_page(201));
  EXPECT_EQ(chain.layers().size(), 2u);
}

TEST(Delta, OfMemoryThatWasNotStoredToHasNoPage) {
  Chain chain(half_full_ram());
  chain.suspend();
  chain.resume();
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(chain.resuspend(), 0u);
    EXPECT_EQ(chain.files().size(), 2u) << "the last empty one and what both rest on";
  }
}

TEST(Delta, SaysWhichPagesHaveBecomeZero) {
  Chain chain(half_full_ram());
  chain.suspend();
  chain.resume();
  const std::vector<std::byte> zeros(2 * kPageBytes);
  ASSERT_TRUE(chain.ram().write(150 * kPageBytes, zeros));
  EXPECT_EQ(chain.resuspend(), 0u);
  EXPECT_EQ(read(chain.ram(), 150 * kPageBytes, zeros.size()), zeros);
  EXPECT_EQ(page_at(chain.ram(), 152), random_page(152));
  EXPECT_EQ(chain.layers().size(), 2u);
  EXPECT_EQ(chain.resuspend(), 0u) << "an empty one, which may not hide the zeros";
  EXPECT_EQ(chain.layers().size(), 3u);
}

TEST(Delta, IsMergedWhenThereAreManyOrMuchInThem) {
  Chain chain(half_full_ram());
  chain.suspend();
  chain.resume();
  for (int i = 0; i < 3; ++i) {
    for (uint64_t page = 0; page < 60; ++page) fill_page(chain.ram(), 100 + page, page + i);
    EXPECT_EQ(chain.resuspend(), 60 * kPageBytes);
  }
  // Together more than half.
  for (uint64_t page = 0; page < 60; ++page) fill_page(chain.ram(), 100 + page, page + 9);
  EXPECT_EQ(chain.resuspend(), 400 * kPageBytes);
  EXPECT_EQ(chain.layers().size(), 1u);
  EXPECT_EQ(chain.files().size(), 1u);
  for (int i = 0; i < 16; ++i) {
    fill_page(chain.ram(), 100, i);
    EXPECT_EQ(chain.resuspend(), kPageBytes);
  }
  fill_page(chain.ram(), 100, 99);
  EXPECT_EQ(chain.resuspend(), 400 * kPageBytes);
  EXPECT_EQ(chain.files().size(), 1u);
}

TEST(Delta, RestsOnExactlyOneImage) {
  Chain chain(half_full_ram());
  chain.suspend();
  chain.resume();
  fill_page(chain.ram(), 100, 1);
  chain.suspend();
  Storage& storage = chain.storage();
  const auto kind = [&] {
    const auto opened = open_image(storage, kImagePath, sample_vm());
    if (opened) return std::string("opened");
    EXPECT_NE(opened.error().message.find(".1.base"), std::string::npos) << opened.error().message;
    return std::string(opened.error().kind == Kind::kStorage ? "absent" : "another");
  };
  EXPECT_EQ(kind(), "opened");
  const auto base = get_bytes(storage, chain.base(1));
  ASSERT_TRUE(storage.remove(chain.base(1)));
  EXPECT_EQ(kind(), "absent");
  // The same generation, other content.
  const Ram other = sample_ram();
  ASSERT_TRUE(write_image(storage, chain.base(1), sample_machine(other, 1), other));
  EXPECT_EQ(kind(), "another");
  // A delta in the place of its own base.
  put_bytes(storage, get_bytes(storage), chain.base(1));
  EXPECT_EQ(kind(), "another");
  put_bytes(storage, base, chain.base(1));
  EXPECT_EQ(kind(), "opened");
}

TEST(Delta, IsCopiedWholeWithWhatItRestsOn) {
  Chain chain(half_full_ram());
  chain.suspend();
  for (int i = 0; i < 3; ++i) {
    chain.resume();
    fill_page(chain.ram(), 100 + i, i);
    fill_page(chain.ram(), 900 + i, i);
    chain.suspend();
  }
  const auto opened = open_image(chain.storage(), kImagePath, sample_vm());
  ASSERT_TRUE(opened);
  ASSERT_TRUE(write_image(chain.storage(), "/copy.sav", opened->machine, opened->ram));
  const auto copy = read_image(chain.storage(), "/copy.sav", sample_vm());
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ(copy->layers.size(), 1u);
  EXPECT_EQ(copy->ram.digest(), opened->ram.digest());
}

TEST(Bases, AreSweptUnlessAnImageRestsOnThem) {
  Chain chain(half_full_ram());
  chain.suspend();
  chain.resume();
  fill_page(chain.ram(), 100, 1);
  chain.suspend();
  Storage& storage = chain.storage();
  put_bytes(storage, get_bytes(storage), chain.base(77));
  EXPECT_TRUE(sweep_bases(storage, kFolder, sample_vm(), {kImagePath}));
  EXPECT_FALSE(storage.exists(chain.base(77)));
  EXPECT_TRUE(storage.exists(chain.base(1)));
  // An image that cannot be read may need any of them.
  auto bytes = get_bytes(storage);
  bytes[100] ^= std::byte{1};
  put_bytes(storage, bytes);
  EXPECT_TRUE(sweep_bases(storage, kFolder, sample_vm(), {kImagePath}));
  EXPECT_TRUE(storage.exists(chain.base(1)));
  ASSERT_TRUE(storage.remove(kImagePath));
  EXPECT_FALSE(sweep_bases(storage, kFolder, sample_vm(), {kImagePath}));
  EXPECT_TRUE(chain.files().empty());
}

RC_GTEST_PROP(Delta, KeepsWhateverWasStored, ()) {
  Ram ram(4 * kMiB);
  for (uint64_t page = 0; page < 500; page += 3) ram.page_for_store(page)[0] = std::byte{1};
  Chain chain(std::move(ram));
  chain.suspend();
  chain.resume();
  constexpr int kSize = 20;
  const auto rounds = *rc::gen::resize(
      kSize, rc::gen::container<std::vector<std::vector<uint16_t>>>(
                 rc::gen::container<std::vector<uint16_t>>(rc::gen::arbitrary<uint16_t>())));
  for (const auto& stores : rounds) {
    for (const uint16_t store : stores) {
      const std::vector<std::byte> bytes(store % 3 == 0 ? kPageBytes : 3,
                                         static_cast<std::byte>(store % 5));
      RC_ASSERT(chain.ram().write(store % 1000 * kPageBytes, bytes));
    }
    const uint64_t before = chain.ram().digest();
    chain.suspend();
    chain.resume();
    RC_ASSERT(chain.ram().digest() == before);
    RC_ASSERT(read_image(chain.storage(), chain.base(chain.layers().front().link.generation),
                         sample_vm()));
  }
}

}  // namespace
}  // namespace prl::sim
