#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <set>

#include "simulator/checksum.h"
#include "simulator/posix_storage.h"
#include "tests/simulator/image_fixture.h"
#include "tests/temporary_folder.h"

namespace prl::sim {
namespace {

TEST(Image, BringsBackTheMachineAsItWas) {
  const auto storage = storage_with_folder();
  const Ram ram = sample_ram();
  const MachineImage machine = sample_machine(ram);
  const auto stats = write_image(*storage, kImagePath, machine, ram);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->stored_pages, 3u);
  EXPECT_EQ(stats->file_bytes, storage->file_size(kImagePath).value());

  const auto loaded = read_image(*storage, kImagePath, machine.vm_uuid);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->machine, machine);
  EXPECT_EQ(loaded->ram.digest(), ram.digest());
  EXPECT_EQ(loaded->ram.touched_pages(), 0u);
  EXPECT_EQ(loaded->ram.dirty_pages(), 0u);
}

TEST(Image, LeavesOnlyTheImageInTheFolder) {
  const auto storage = storage_with_folder();
  const Ram ram = sample_ram();
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
  EXPECT_EQ(storage->list("/vm.pvm").value(), std::vector<std::string>{"vm.sav"});
}

TEST(Image, ReplacesAnOlderImage) {
  const auto storage = storage_with_folder();
  Ram ram = sample_ram();
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(ram, 3), ram));
  fill_page(ram, 700, 9);
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(ram, 4), ram));
  const auto loaded = read_image(*storage, kImagePath, sample_vm());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->machine.generation, 4u);
  EXPECT_EQ(loaded->ram.digest(), ram.digest());
}

TEST(Image, ShowsItsHeaderWithoutTheRest) {
  const auto storage = storage_with_folder();
  const Ram ram = sample_ram();
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
  const auto header = inspect_image(*storage, kImagePath);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->generation, 3u);
  EXPECT_EQ(header->vm_uuid, sample_vm());
  EXPECT_EQ(header->ram_bytes, 4 * kMiB);
  EXPECT_EQ(header->stored_pages, 3u);
}

TEST(Image, OfUntouchedSixteenGigabytesIsTiny) {
  const auto storage = storage_with_folder();
  const Ram ram(uint64_t{16} << 30);
  const auto stats = write_image(*storage, kImagePath, sample_machine(ram), ram);
  ASSERT_TRUE(stats);
  EXPECT_LE(stats->file_bytes, 8192u);
  const auto loaded = read_image(*storage, kImagePath, sample_vm());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->ram.size_bytes(), uint64_t{16} << 30);
  EXPECT_EQ(loaded->ram.touched_pages(), 0u);
}

TEST(Image, StoresNoPagesOfZeros) {
  const auto storage = storage_with_folder();
  Ram ram(256 * kMiB);
  for (uint64_t page = 0; page < ram.page_count(); page += 2) ram.page_for_store(page);
  const auto stats = write_image(*storage, kImagePath, sample_machine(ram), ram);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->stored_pages, 0u);
  EXPECT_LE(stats->file_bytes, 8192u);
}

// One page in each MiB is the worst case for maps that describe a MiB at a time.
TEST(Image, StaysSmallWhenPagesAreScattered) {
  const auto storage = storage_with_folder();
  Ram ram(4096 * kMiB);
  for (uint64_t i = 0; i < 4096; ++i) ram.page_for_store(i * kPagesPerLeaf)[i] = std::byte{1};
  const auto stats = write_image(*storage, kImagePath, sample_machine(ram), ram);
  ASSERT_TRUE(stats);
  EXPECT_LE(stats->file_bytes, 4096 * kPageBytes * 101 / 100 + 65'536);
}

RC_GTEST_PROP(Image, KeepsAnySetOfPagesWithinItsBound, ()) {
  const auto storage = storage_with_folder();
  Ram ram(2048 * kMiB);
  const auto starts =
      *rc::gen::container<std::set<uint64_t>>(rc::gen::inRange<uint64_t>(0, ram.page_count() - 40));
  for (const uint64_t start : starts) {
    const auto length = *rc::gen::inRange<uint64_t>(1, 40);
    for (uint64_t page = start; page < start + length; ++page) {
      auto bytes = ram.page_for_store(page);
      bytes[page % kPageBytes] = static_cast<std::byte>(page % 3);
    }
  }
  uint64_t live_pages = 0;
  ram.for_each_touched_page([&](uint64_t, PageBytes bytes) { live_pages += !is_zero_page(bytes); });

  const MachineImage machine = sample_machine(ram);
  const auto stats = write_image(*storage, kImagePath, machine, ram);
  RC_ASSERT(stats.has_value());
  RC_ASSERT(stats->stored_pages == live_pages);
  RC_ASSERT(stats->file_bytes <= live_pages * kPageBytes * 101 / 100 + 65'536);
  const auto loaded = read_image(*storage, kImagePath, machine.vm_uuid);
  RC_ASSERT(loaded.has_value());
  RC_ASSERT(loaded->machine == machine);
  RC_ASSERT(loaded->layers.at(0).stored_pages == live_pages);
  ram.for_each_touched_page([&](uint64_t page, PageBytes bytes) {
    std::array<std::byte, kPageBytes> found;
    RC_ASSERT(loaded->ram.read(page * kPageBytes, found));
    RC_ASSERT(std::equal(bytes.begin(), bytes.end(), found.begin()));
  });
}

// Released files must stay readable. When this fails, the layout has changed: raise the format
// version, keep the reader of the old one, and put a file of it into fixtures/images.
TEST(Image, IsTheSameFileInEveryBuild) {
  EXPECT_EQ(checksum(sample_image_bytes()), 0xF472E67B248F7D44u);
}

// What earlier versions have written, each the sample machine.
TEST(Image, OfEveryReleasedVersionIsRead) {
  PosixStorage storage;
  for (const char* version : {"v1", "v2"}) {
    SCOPED_TRACE(version);
    const std::string path =
        std::string(PRLSIM_SOURCE_DIR) + "/fixtures/images/" + version + "/three_pages.sav";
    for (const auto verification : {Verification::kAtFirstUse, Verification::kWhole}) {
      const auto loaded = open_image(storage, path, sample_vm(), verification);
      ASSERT_TRUE(loaded) << loaded.error().message;
      EXPECT_EQ(loaded->machine, sample_machine(sample_ram()));
      EXPECT_EQ(loaded->ram.digest(), sample_ram().digest());
    }
  }
}

TEST(Image, GoesThroughRealFiles) {
  const tests::TemporaryFolder folder;
  PosixStorage storage;
  const Ram ram = sample_ram();
  ASSERT_TRUE(write_image(storage, folder / "vm.sav", sample_machine(ram), ram));
  const auto loaded = read_image(storage, folder / "vm.sav", sample_vm());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->ram.digest(), ram.digest());
}

TEST(Image, RefusesToWriteWhatItCouldNotRead) {
  const auto storage = storage_with_folder();
  const Ram ram = sample_ram();
  const auto kind_of = [&](auto change) {
    MachineImage machine = sample_machine(ram);
    change(machine);
    const auto stats = write_image(*storage, kImagePath, machine, ram);
    EXPECT_FALSE(storage->exists(kImagePath));
    return stats ? ImageError::Kind::kStorage : stats.error().kind;
  };
  using Kind = ImageError::Kind;
  EXPECT_EQ(kind_of([](auto& machine) { machine.vcpus.resize(257); }), Kind::kLimitExceeded);
  EXPECT_EQ(kind_of([](auto& machine) { machine.config.name.resize(4097); }), Kind::kLimitExceeded);
  EXPECT_EQ(kind_of([](auto& machine) { machine.vcpus.resize(1); }), Kind::kInconsistent);
  EXPECT_EQ(kind_of([](auto& machine) { machine.config.ram_bytes = 0; }), Kind::kInconsistent);
}

TEST(Image, HoldsTheLargestMachineThatItAccepts) {
  const auto storage = storage_with_folder();
  const Ram ram(kMaxRamBytes);
  MachineImage machine = sample_machine(ram);
  machine.vcpus.resize(256);
  machine.config.cpu_count = 256;
  machine.config.name.assign(4096, 'x');
  ASSERT_TRUE(write_image(*storage, kImagePath, machine, ram));
  const auto loaded = read_image(*storage, kImagePath, machine.vm_uuid);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->machine, machine);
}

// Large images go past the page cache, in several writes at a time.
TEST(Image, OfManyPagesGoesThroughRealFiles) {
  const tests::TemporaryFolder folder;
  PosixStorage storage;
  Ram ram(64 * kMiB);
  for (uint64_t page = 1; page < 8000; page += 1 + page % 3) fill_page(ram, page, page);
  const auto stats = write_image(storage, folder / "vm.sav", sample_machine(ram), ram);
  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_EQ(stats->file_bytes, storage.file_size(folder / "vm.sav").value());
  const auto loaded = read_image(storage, folder / "vm.sav", sample_vm());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->ram.digest(), ram.digest());
}

TEST(Image, OfManyPagesIsTheSameFileHoweverThreadsMeet) {
  Ram ram(64 * kMiB);
  for (uint64_t page = 0; page < 9000; ++page) fill_page(ram, page, page);
  const auto bytes = [&] {
    const auto storage = storage_with_folder();
    EXPECT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
    return checksum(get_bytes(*storage));
  };
  const uint64_t first = bytes();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(bytes(), first);
}

// Fails the first operation, the second and so on, until a run meets no failure any more.
TEST(ImageWrite, LeavesTheOldImageWhenAnyStepFails) {
  const auto storage = storage_with_folder();
  const Ram old_ram = sample_ram();
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(old_ram, 3), old_ram));
  const auto old_bytes = get_bytes(*storage);
  // So many pages that two threads write them.
  Ram ram(16 * kMiB);
  for (uint64_t page = 0; page < 3000; ++page) fill_page(ram, page, page);
  for (uint64_t operation = 1;; ++operation) {
    ASSERT_LT(operation, 100u);
    put_bytes(*storage, old_bytes);
    FailingStorage failing(*storage, operation);
    const auto stats = write_image(failing, kImagePath, sample_machine(ram, 4), ram);
    EXPECT_EQ(storage->list("/vm.pvm").value(), std::vector<std::string>{"vm.sav"});
    if (!failing.has_failed()) {
      EXPECT_TRUE(stats);
      EXPECT_GT(operation, 8u);
      break;
    }
    ASSERT_FALSE(stats) << operation;
    EXPECT_EQ(stats.error().kind, ImageError::Kind::kStorage);
    EXPECT_EQ(stats.error().errno_value, ENOSPC);
    if (stats.error().message.starts_with("sync_folder")) {
      // Too late to take the name back: the new image is complete.
      EXPECT_EQ(read_image(*storage, kImagePath, sample_vm())->machine.generation, 4u);
    } else {
      EXPECT_EQ(get_bytes(*storage), old_bytes) << operation;
    }
  }
}

// A power cut between any two steps must find the old image or the new one, never half of it.
TEST(ImageWrite, MakesTheContentDurableBeforeTheName) {
  const auto storage = storage_with_folder();
  FailingStorage recording(*storage, 0);
  const Ram ram = sample_ram();
  ASSERT_TRUE(write_image(recording, kImagePath, sample_machine(ram), ram));
  const auto& steps = recording.steps();
  ASSERT_GE(steps.size(), 5u);
  EXPECT_EQ(steps.front(), "create");
  EXPECT_EQ(std::vector(steps.end() - 4, steps.end()),
            (std::vector<std::string>{"write", "fsync", "rename", "sync_folder"}));
}

TEST(ImageWrite, LeavesTheOldImageWhenTheDiskStaysFull) {
  const auto storage = storage_with_folder();
  const Ram ram = sample_ram();
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(ram, 3), ram));
  const auto old_bytes = get_bytes(*storage);
  for (uint64_t operation = 1; operation <= 4; ++operation) {
    FailingStorage failing(*storage, operation, true);
    EXPECT_FALSE(write_image(failing, kImagePath, sample_machine(ram, 4), ram));
    EXPECT_EQ(get_bytes(*storage), old_bytes) << operation;
  }
}

TEST(ImageWrite, OverwritesATemporaryFileLeftByAKilledProcess) {
  const auto storage = storage_with_folder();
  const Ram ram = sample_ram();
  put_bytes(*storage, std::vector<std::byte>(100'000, std::byte{7}),
            temporary_image_path(kImagePath));
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
  EXPECT_TRUE(read_image(*storage, kImagePath, sample_vm()));
  EXPECT_FALSE(storage->exists(temporary_image_path(kImagePath)));
}

TEST(ImageRead, ReportsTheFailureOfAnyStep) {
  const auto storage = storage_with_folder();
  const Ram ram = sample_ram();
  ASSERT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
  for (uint64_t operation = 1;; ++operation) {
    FailingStorage failing(*storage, operation);
    const auto loaded = read_image(failing, kImagePath, sample_vm());
    if (!failing.has_failed()) {
      EXPECT_TRUE(loaded);
      EXPECT_GT(operation, 7u);
      break;
    }
    ASSERT_FALSE(loaded) << operation;
    EXPECT_EQ(loaded.error().kind, ImageError::Kind::kStorage);
    EXPECT_EQ(loaded.error().errno_value, ENOSPC);
  }
}

TEST(ImageRead, ReportsAnAbsentFile) {
  const auto loaded = read_image(*storage_with_folder(), kImagePath, sample_vm());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind, ImageError::Kind::kStorage);
  EXPECT_EQ(loaded.error().errno_value, ENOENT);
}

}  // namespace
}  // namespace prl::sim
