// What the image tests share: a small machine, files as bytes, and a Storage that fails on demand.
#pragma once

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "simulator/image_reader.h"
#include "simulator/image_writer.h"
#include "simulator/little_endian.h"
#include "simulator/memory_storage.h"
#include "simulator/random.h"

namespace prl::sim {

inline constexpr char kImagePath[] = "/vm.pvm/vm.sav";
inline constexpr uint64_t kMiB = uint64_t{1} << 20;

inline std::vector<std::byte> random_page(uint64_t seed) {
  RandomStream stream(seed, "page");
  std::vector<std::byte> bytes(kPageBytes);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(stream.next());
  return bytes;
}

// The same for tests that need many: eight bytes with each draw.
inline std::vector<std::byte> quick_page(uint64_t seed) {
  RandomStream stream(seed, "quick page");
  std::vector<std::byte> bytes(kPageBytes);
  for (size_t at = 0; at < bytes.size(); at += sizeof(uint64_t)) {
    store_u64(bytes, at, stream.next());
  }
  return bytes;
}

inline void fill_page(Ram& ram, uint64_t page, uint64_t seed) {
  ASSERT_TRUE(ram.write(page * kPageBytes, random_page(seed)));
}

// Two vCPUs and device state in which no two values are alike.
inline MachineImage sample_machine(const Ram& ram, uint64_t generation = 3) {
  MachineImage machine;
  machine.vm_uuid = *Uuid::parse("12345678-9abc-4def-8123-456789abcdef");
  machine.generation = generation;
  machine.vcpus.resize(2);
  RandomStream stream(generation, "registers");
  for (Vcpu& vcpu : machine.vcpus) {
    for (uint64_t& value : vcpu.general) value = stream.next();
    vcpu.rip = stream.next();
    vcpu.tr.base = stream.next();
    vcpu.idtr.limit = static_cast<uint16_t>(stream.next());
    vcpu.tsc = stream.next();
  }
  machine.devices = {11, 12, 13, 14, {WorkloadKind::kRandomWriter, 15 * kMiB, 16, 17}};
  machine.config = {"Windows 98 \xC3\xBC", ram.size_bytes(), 2};
  return machine;
}

inline Uuid sample_vm() {
  return sample_machine(Ram(0)).vm_uuid;
}

// Three stored pages, one of zeros, in 4 MiB.
inline Ram sample_ram() {
  Ram ram(4 * kMiB);
  fill_page(ram, 0, 1);
  fill_page(ram, 300, 2);
  fill_page(ram, 1023, 3);
  ram.page_for_store(5);
  return ram;
}

inline std::unique_ptr<MemoryStorage> storage_with_folder() {
  auto storage = std::make_unique<MemoryStorage>();
  EXPECT_TRUE(storage->create_folder("/vm.pvm"));
  return storage;
}

inline std::vector<std::byte> get_bytes(Storage& storage, const std::string& path = kImagePath) {
  std::vector<std::byte> bytes(storage.file_size(path).value());
  EXPECT_EQ((*storage.open(path))->read_at(0, bytes).value(), bytes.size());
  return bytes;
}

inline void put_bytes(Storage& storage, std::span<const std::byte> bytes,
                      const std::string& path = kImagePath) {
  ASSERT_TRUE((*storage.create(path))->write_at(0, bytes));
}

// Opens the image and reads every byte of it.
inline ImageResult<OpenedImage> read_image(Storage& storage, const std::string& path,
                                           const Uuid& vm) {
  return open_image(storage, path, vm, Verification::kWhole);
}

inline std::vector<std::byte> sample_image_bytes() {
  const auto storage = storage_with_folder();
  const Ram ram = sample_ram();
  EXPECT_TRUE(write_image(*storage, kImagePath, sample_machine(ram), ram));
  return get_bytes(*storage);
}

// Passes everything on and fails the n-th operation on the storage and its files, with "disk full";
// when persistent also all later ones. Size and existence queries do not count.
class FailingStorage final : public Storage {
 public:
  FailingStorage(Storage& storage, uint64_t failing_operation, bool is_persistent = false)
      : storage_(storage), failing_operation_(failing_operation), is_persistent_(is_persistent) {}

  bool has_failed() const { return has_failed_; }
  // Called at each operation, before it is carried out, in the thread that asks for it.
  void watch(std::function<void(const std::string& step)> see) { see_ = std::move(see); }
  // The operations so far, as "create", "write", "fsync", ...
  const std::vector<std::string>& steps() const { return steps_; }

  StorageResult<std::unique_ptr<File>> create(const std::string& path) override {
    if (strikes("create")) return failure("open", path);
    return wrap(storage_.create(path), path);
  }
  StorageResult<std::unique_ptr<File>> create_direct(const std::string& path) override {
    if (strikes("create")) return failure("open", path);
    return wrap(storage_.create_direct(path), path);
  }
  StorageResult<std::unique_ptr<File>> open(const std::string& path) override {
    if (strikes("open")) return failure("open", path);
    return wrap(storage_.open(path), path);
  }
  StorageResult<std::unique_ptr<File>> open_for_update(const std::string& path) override {
    if (strikes("open")) return failure("open", path);
    return wrap(storage_.open_for_update(path), path);
  }
  StorageResult<void> rename(const std::string& from, const std::string& to) override {
    if (strikes("rename")) return failure("rename", from);
    return storage_.rename(from, to);
  }
  StorageResult<void> remove(const std::string& path) override {
    if (strikes("unlink")) return failure("unlink", path);
    return storage_.remove(path);
  }
  StorageResult<void> create_folder(const std::string& path) override {
    return storage_.create_folder(path);
  }
  StorageResult<void> remove_folder(const std::string& path) override {
    return storage_.remove_folder(path);
  }
  StorageResult<void> sync_folder(const std::string& path) override {
    if (strikes("sync_folder")) return failure("sync_folder", path);
    return storage_.sync_folder(path);
  }
  StorageResult<std::vector<std::string>> list(const std::string& path) override {
    return storage_.list(path);
  }
  bool exists(const std::string& path) override { return storage_.exists(path); }
  StorageResult<uint64_t> file_size(const std::string& path) override {
    return storage_.file_size(path);
  }

 private:
  class FailingFile final : public File {
   public:
    FailingFile(FailingStorage& storage, std::unique_ptr<File> file, std::string path)
        : storage_(storage), file_(std::move(file)), path_(std::move(path)) {}
    // Half of the bytes arrive before the disk is full.
    StorageResult<void> write_at(uint64_t offset, std::span<const std::byte> bytes) override {
      if (!storage_.strikes("write")) return file_->write_at(offset, bytes);
      EXPECT_TRUE(file_->write_at(offset, bytes.first(bytes.size() / 2)));
      return failure("write", path_);
    }
    StorageResult<void> write_gathered(uint64_t offset, Gather pieces) override {
      if (!storage_.strikes("write")) return file_->write_gathered(offset, pieces);
      EXPECT_TRUE(file_->write_gathered(offset, pieces.first(pieces.size() / 2)));
      return failure("write", path_);
    }
    StorageResult<void> reserve(uint64_t bytes) override {
      if (storage_.strikes("reserve")) return failure("fallocate", path_);
      return file_->reserve(bytes);
    }
    StorageResult<size_t> read_at(uint64_t offset, std::span<std::byte> bytes) override {
      if (storage_.strikes("read")) return failure("read", path_);
      return file_->read_at(offset, bytes);
    }
    StorageResult<uint64_t> size() override { return file_->size(); }
    StorageResult<void> sync() override {
      if (storage_.strikes("fsync")) return failure("fsync", path_);
      return file_->sync();
    }

   private:
    FailingStorage& storage_;
    std::unique_ptr<File> file_;
    std::string path_;
  };

  static Unexpected<StorageError> failure(const char* step, const std::string& path) {
    return Unexpected{StorageError{step, path, ENOSPC}};
  }
  StorageResult<std::unique_ptr<File>> wrap(StorageResult<std::unique_ptr<File>> file,
                                            const std::string& path) {
    if (!file) return file;
    return std::unique_ptr<File>(std::make_unique<FailingFile>(*this, std::move(*file), path));
  }
  bool strikes(const char* step) {
    if (see_) see_(step);  // not with the mutex held: it may use the world
    const std::lock_guard lock(mutex_);  // images are written in several threads
    steps_.emplace_back(step);
    const uint64_t operation = steps_.size();
    const bool fails =
        operation == failing_operation_ || (is_persistent_ && operation > failing_operation_);
    has_failed_ = has_failed_ || fails;
    return fails;
  }

  Storage& storage_;
  const uint64_t failing_operation_;
  const bool is_persistent_;
  std::mutex mutex_;
  std::vector<std::string> steps_;
  bool has_failed_ = false;
  std::function<void(const std::string&)> see_;
};

}  // namespace prl::sim
