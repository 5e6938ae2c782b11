// One suite for every Storage: what holds on files must hold in memory.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>

#include "simulator/memory_storage.h"
#include "simulator/page_buffer.h"
#include "simulator/posix_storage.h"
#include "tests/temporary_folder.h"

namespace prl::sim {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

struct Kind {
  std::string name;
  std::function<std::unique_ptr<Storage>()> make;
};

class StorageTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    storage_ = GetParam().make();
    ASSERT_TRUE(storage_->create_folder(root_));
  }

  std::string path(const std::string& name) const { return root_ + "/" + name; }

  void put(const std::string& name, std::string_view text) {
    auto file = storage_->create(path(name));
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_at(0, bytes_of(text)));
  }
  std::string get(const std::string& name) {
    auto file = storage_->open(path(name));
    if (!file) return "(absent)";
    std::string text(64, '?');
    const auto count = (*file)->read_at(0, std::as_writable_bytes(std::span(text)));
    return count ? text.substr(0, *count) : "(unreadable)";
  }

  const tests::TemporaryFolder folder_;
  const std::string root_ = folder_.path();
  std::unique_ptr<Storage> storage_;
};

template <class T>
int errno_of(const StorageResult<T>& result) {
  return result ? 0 : result.error().errno_value;
}

TEST_P(StorageTest, ReadsBackWhatWasWritten) {
  put("a", "hello");
  EXPECT_EQ(get("a"), "hello");
  EXPECT_EQ(storage_->file_size(path("a")).value(), 5u);
}

TEST_P(StorageTest, TruncatesAnExistingFileAtCreation) {
  put("a", "long content");
  put("a", "short");
  EXPECT_EQ(get("a"), "short");
}

TEST_P(StorageTest, OverwritesInPlaceAndGrows) {
  auto file = storage_->create(path("a"));
  ASSERT_TRUE((*file)->write_at(0, bytes_of("0123456789")));
  ASSERT_TRUE((*file)->write_at(3, bytes_of("abc")));
  ASSERT_TRUE((*file)->write_at(9, bytes_of("xyz")));
  ASSERT_TRUE((*file)->sync());
  EXPECT_EQ((*file)->size().value(), 12u);
  EXPECT_EQ(get("a"), "012abc678xyz");
}

TEST_P(StorageTest, WritesPiecesOneBehindTheOther) {
  auto file = storage_->create(path("a"));
  ASSERT_TRUE((*file)->write_at(0, bytes_of("0123456789")));
  const auto text = bytes_of("abcde");
  const std::span<const std::byte> all(text);
  const std::array pieces = {all.subspan(3, 2), all.first(2), all.first(0), all.subspan(2, 1)};
  ASSERT_TRUE((*file)->write_gathered(2, pieces));
  ASSERT_TRUE((*file)->write_gathered(2, {}));
  EXPECT_EQ(get("a"), "01deabc789");
}

TEST_P(StorageTest, WritesMorePiecesThanTheSystemTakesAtOnce) {
  auto file = storage_->create(path("a"));
  std::vector<std::byte> text(5000);
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<std::byte>(i % 251);
  std::vector<std::span<const std::byte>> pieces;
  for (size_t i = 0; i < text.size(); ++i) {
    pieces.push_back(std::span<const std::byte>(text).subspan(text.size() - 1 - i, 1));
  }
  ASSERT_TRUE((*file)->write_gathered(0, pieces));
  std::vector<std::byte> read(text.size() + 1);
  ASSERT_EQ((*file)->read_at(0, read).value(), text.size());
  read.pop_back();
  std::ranges::reverse(read);
  EXPECT_EQ(read, text);
}

TEST_P(StorageTest, ReservesSpaceThatReadsAsZeros) {
  auto file = storage_->create(path("a"));
  ASSERT_TRUE((*file)->reserve(8));
  ASSERT_TRUE((*file)->write_at(2, bytes_of("abcdef")));
  EXPECT_EQ(get("a"), std::string("\0\0abcdef", 8));
  ASSERT_TRUE((*file)->reserve(3));
  EXPECT_EQ((*file)->size().value(), 8u);
}

TEST_P(StorageTest, WritesDirectFilesInAlignedUnits) {
  put("a", "long ago");
  auto file = storage_->create_direct(path("a"));
  ASSERT_TRUE(file);
  const PageBuffer unit(2 * kDirectBytes);
  std::ranges::fill(unit.bytes(), std::byte{'x'});
  const std::array<std::span<const std::byte>, 2> pieces = {unit.bytes().subspan(kDirectBytes),
                                                            unit.bytes().first(kDirectBytes)};
  ASSERT_TRUE((*file)->reserve(3 * kDirectBytes));
  ASSERT_TRUE((*file)->write_gathered(kDirectBytes, pieces));
  ASSERT_TRUE((*file)->sync());
  EXPECT_EQ((*file)->size().value(), 3 * kDirectBytes);
  std::byte byte{};
  auto reader = storage_->open(path("a"));
  EXPECT_EQ((*reader)->read_at(kDirectBytes, std::span(&byte, 1)).value(), 1u);
  EXPECT_EQ(byte, std::byte{'x'});
}

TEST_P(StorageTest, FillsGapsWithZeros) {
  auto file = storage_->create(path("a"));
  ASSERT_TRUE((*file)->write_at(3, bytes_of("x")));
  EXPECT_EQ(get("a"), std::string("\0\0\0x", 4));
}

TEST_P(StorageTest, StaysAsLongAsItWasWhenNothingIsWritten) {
  auto file = storage_->create(path("a"));
  ASSERT_TRUE((*file)->write_at(100, {}));
  EXPECT_EQ((*file)->size().value(), 0u);
}

TEST_P(StorageTest, ReadsFewerBytesOnlyAtTheEnd) {
  put("a", "hello");
  auto file = storage_->open(path("a"));
  std::vector<std::byte> bytes(4);
  EXPECT_EQ((*file)->read_at(1, bytes).value(), 4u);
  EXPECT_EQ((*file)->read_at(3, bytes).value(), 2u);
  EXPECT_EQ((*file)->read_at(5, bytes).value(), 0u);
  EXPECT_EQ((*file)->read_at(500, bytes).value(), 0u);
}

TEST_P(StorageTest, RefusesToWriteToAFileOpenedForReading) {
  put("a", "hello");
  auto file = storage_->open(path("a"));
  EXPECT_EQ(errno_of((*file)->write_at(0, bytes_of("x"))), EBADF);
  EXPECT_EQ(get("a"), "hello");
}

TEST_P(StorageTest, KeepsAnOpenFileReadableAfterItsNameIsGone) {
  put("a", "hello");
  auto file = storage_->open(path("a"));
  ASSERT_TRUE(storage_->remove(path("a")));
  std::vector<std::byte> bytes(5);
  EXPECT_EQ((*file)->read_at(0, bytes).value(), 5u);
  EXPECT_FALSE(storage_->exists(path("a")));
}

TEST_P(StorageTest, NamesStepPathAndReasonOfAFailure) {
  const auto file = storage_->open(path("absent"));
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().errno_value, ENOENT);
  EXPECT_EQ(file.error().message(), "open " + path("absent") + ": No such file or directory");
}

TEST_P(StorageTest, ReportsAbsentNames) {
  EXPECT_EQ(errno_of(storage_->create(path("absent/a"))), ENOENT);
  EXPECT_EQ(errno_of(storage_->remove(path("absent"))), ENOENT);
  EXPECT_EQ(errno_of(storage_->rename(path("absent"), path("b"))), ENOENT);
  EXPECT_EQ(errno_of(storage_->list(path("absent"))), ENOENT);
  EXPECT_EQ(errno_of(storage_->file_size(path("absent"))), ENOENT);
  EXPECT_EQ(errno_of(storage_->sync_folder(path("absent"))), ENOENT);
  EXPECT_FALSE(storage_->exists(path("absent")));
}

TEST_P(StorageTest, TellsFilesFromFolders) {
  put("file", "x");
  ASSERT_TRUE(storage_->create_folder(path("folder")));
  EXPECT_EQ(errno_of(storage_->open(path("folder"))), EISDIR);
  EXPECT_EQ(errno_of(storage_->create(path("folder"))), EISDIR);
  EXPECT_EQ(errno_of(storage_->remove(path("folder"))), EISDIR);
  EXPECT_EQ(errno_of(storage_->file_size(path("folder"))), EISDIR);
  EXPECT_EQ(errno_of(storage_->list(path("file"))), ENOTDIR);
  EXPECT_EQ(errno_of(storage_->remove_folder(path("file"))), ENOTDIR);
  EXPECT_EQ(errno_of(storage_->sync_folder(path("file"))), ENOTDIR);
  EXPECT_EQ(errno_of(storage_->create_folder(path("file"))), EEXIST);
  EXPECT_EQ(errno_of(storage_->create_folder(path("file/sub"))), ENOTDIR);
  EXPECT_EQ(errno_of(storage_->create(path("file/a"))), ENOTDIR);
  EXPECT_EQ(get("file"), "x");
}

TEST_P(StorageTest, RenamesOverAnExistingFile) {
  put("a", "new");
  put("b", "old");
  ASSERT_TRUE(storage_->rename(path("a"), path("b")));
  EXPECT_EQ(get("b"), "new");
  EXPECT_FALSE(storage_->exists(path("a")));
}

TEST_P(StorageTest, MovesFoldersWithTheirContent) {
  ASSERT_TRUE(storage_->create_folder(path("a/deep")));
  put("a/deep/x", "content");
  ASSERT_TRUE(storage_->rename(path("a"), path("b")));
  EXPECT_EQ(get("b/deep/x"), "content");
  EXPECT_FALSE(storage_->exists(path("a")));
}

TEST_P(StorageTest, RefusesRenamesThatWouldLoseOrLoop) {
  ASSERT_TRUE(storage_->create_folder(path("full/sub")));
  ASSERT_TRUE(storage_->create_folder(path("other")));
  put("file", "x");
  EXPECT_EQ(errno_of(storage_->rename(path("other"), path("full"))), ENOTEMPTY);
  EXPECT_EQ(errno_of(storage_->rename(path("file"), path("full"))), EISDIR);
  EXPECT_EQ(errno_of(storage_->rename(path("full"), path("file"))), ENOTDIR);
  EXPECT_EQ(errno_of(storage_->rename(path("full"), path("full/sub/inner"))), EINVAL);
  EXPECT_EQ(errno_of(storage_->rename(path("file"), path("absent/file"))), ENOENT);
  EXPECT_TRUE(storage_->rename(path("file"), path("file")));
  EXPECT_EQ(get("file"), "x");
}

TEST_P(StorageTest, CreatesFoldersWithParentsAndAgain) {
  EXPECT_TRUE(storage_->create_folder(path("a/b/c")));
  EXPECT_TRUE(storage_->create_folder(path("a/b/c")));
  EXPECT_TRUE(storage_->create_folder(path("a//b/c/")));
  EXPECT_TRUE(storage_->exists(path("a/b/c")));
  EXPECT_TRUE(storage_->sync_folder(path("a/b")));
}

TEST_P(StorageTest, RemovesFoldersWithEverythingInThem) {
  ASSERT_TRUE(storage_->create_folder(path("a/b")));
  put("a/x", "1");
  put("a/b/y", "2");
  EXPECT_TRUE(storage_->remove_folder(path("a")));
  EXPECT_FALSE(storage_->exists(path("a")));
  EXPECT_TRUE(storage_->remove_folder(path("a")));
  EXPECT_TRUE(storage_->exists(root_));
}

TEST_P(StorageTest, ListsNamesInOrder) {
  put("b", "");
  put("a", "");
  ASSERT_TRUE(storage_->create_folder(path("c/inside")));
  EXPECT_EQ(storage_->list(root_).value(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(storage_->list(path("c/inside"))->empty());
}

INSTANTIATE_TEST_SUITE_P(
    Everywhere, StorageTest,
    testing::Values(Kind{"Posix", [] { return std::make_unique<PosixStorage>(); }},
                    Kind{"PosixNotDurable", [] { return std::make_unique<PosixStorage>(false); }},
                    Kind{"Memory", [] { return std::make_unique<MemoryStorage>(); }}),
    [](const auto& instance) { return instance.param.name; });

// tmpfs refuses direct I/O.
TEST(PosixStorage, WritesThroughTheCacheWhereTheFileSystemWantsIt) {
  PosixStorage storage;
  if (!storage.exists("/dev/shm")) GTEST_SKIP() << "this system has no /dev/shm";
  const std::string path = "/dev/shm/prlsim-storage-test-" + std::to_string(::getpid());
  auto file = storage.create_direct(path);
  ASSERT_TRUE(file);
  EXPECT_TRUE((*file)->reserve(kDirectBytes));
  EXPECT_TRUE((*file)->write_at(0, std::vector<std::byte>(kDirectBytes)));
  EXPECT_TRUE((*file)->sync());
  EXPECT_TRUE(storage.remove(path));
}

TEST(PosixStorage, ReportsADiskThatIsFull) {
  PosixStorage storage;
  if (!storage.exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  auto file = storage.create("/dev/full");
  ASSERT_TRUE(file);
  const auto written = (*file)->write_at(0, bytes_of("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message(), "write /dev/full: No space left on device");
}

}  // namespace
}  // namespace prl::sim
