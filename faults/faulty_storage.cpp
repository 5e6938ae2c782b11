#include "faults/faulty_storage.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "faults/injector.h"

namespace prl::faults {

namespace {

using sim::FaultKind;
using sim::StorageError;
using sim::StorageResult;
using sim::Unexpected;

constexpr std::array<std::string_view, 13> kSteps = {
    "create", "open",   "update",        "reserve",       "write",       "read", "sync",
    "rename", "remove", "create_folder", "remove_folder", "sync_folder", "list"};

int errno_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kNoSpace:
      return ENOSPC;
    case FaultKind::kReadOnly:
      return EROFS;
    case FaultKind::kIoError:
    case FaultKind::kShortWrite:
      return EIO;
    default:
      return 0;
  }
}

// In the middle, so that it is neither a header nor a checksum at the end of larger pieces.
void flip(std::span<std::byte> bytes) {
  constexpr std::byte kBit{0x08};
  if (!bytes.empty()) bytes[bytes.size() / 2] ^= kBit;
}

}  // namespace

std::vector<std::string_view> storage_steps() {
  return {kSteps.begin(), kSteps.end()};
}

class FaultyStorage::FaultyFile final : public sim::File {
 public:
  FaultyFile(FaultyStorage& storage, std::unique_ptr<sim::File> file, std::string path)
      : storage_(storage), file_(std::move(file)), path_(std::move(path)) {}

  StorageResult<void> write_at(uint64_t offset, std::span<const std::byte> bytes) override {
    const auto fault = storage_.strike("write", path_);
    if (!fault) return file_->write_at(offset, bytes);
    switch (fault->kind) {
      case FaultKind::kShortWrite:
      case FaultKind::kTornWrite: {
        auto written = file_->write_at(offset, bytes.first(bytes.size() / 2));
        if (!written || fault->kind == FaultKind::kTornWrite) return written;
        break;
      }
      case FaultKind::kFlipBit: {
        std::vector<std::byte> copy(bytes.begin(), bytes.end());
        flip(copy);
        return file_->write_at(offset, copy);
      }
      default:
        break;
    }
    const int errno_value = errno_of(fault->kind);
    if (errno_value == 0) return file_->write_at(offset, bytes);
    return Unexpected{StorageError{"write", path_, errno_value}};
  }

  StorageResult<void> reserve(uint64_t bytes) override {
    if (auto error = storage_.failure("reserve", path_)) return Unexpected{*error};
    return file_->reserve(bytes);
  }

  StorageResult<size_t> read_at(uint64_t offset, std::span<std::byte> bytes) override {
    const auto fault = storage_.strike("read", path_);
    if (fault && errno_of(fault->kind) != 0) {
      return Unexpected{StorageError{"read", path_, errno_of(fault->kind)}};
    }
    auto count = file_->read_at(offset, bytes);
    if (count && fault && fault->kind == FaultKind::kFlipBit) flip(bytes.first(*count));
    return count;
  }

  StorageResult<uint64_t> size() override { return file_->size(); }

  StorageResult<void> sync() override {
    const auto fault = storage_.strike("sync", path_);
    if (fault && errno_of(fault->kind) != 0) {
      return Unexpected{StorageError{"fsync", path_, errno_of(fault->kind)}};
    }
    const bool is_lost = fault && fault->kind == FaultKind::kLoseSync;
    storage_.note_sync(path_, is_lost);
    return is_lost ? StorageResult<void>() : file_->sync();
  }

  // Rules count steps, and draw.
  bool wants_one_writer() const override { return true; }

 private:
  FaultyStorage& storage_;
  const std::unique_ptr<sim::File> file_;
  const std::string path_;
};

FaultyStorage::FaultyStorage(Injector& injector, std::unique_ptr<sim::Storage> storage)
    : injector_(injector), inner_(std::move(storage)) {}

FaultyStorage::~FaultyStorage() = default;

std::optional<sim::Fault> FaultyStorage::strike(std::string_view step, const std::string& path) {
  if (!injector_.is_armed()) return std::nullopt;
  auto fault = injector_.consult(
      {.layer = sim::Layer::kStorage, .name = step, .path = path, .now_ms = injector_.now_ms()});
  if (!fault) return fault;
  if (fault->drawn_point > 0) injector_.add_draw(sim::drawn_text(*fault));
  injector_.add_mishap("storage " + std::string(step) + " " + path + " rule=" + fault->rule + " " +
                           std::string(sim::fault_word(fault->kind)),
                       fault->delay_ms);
  return fault;
}

std::optional<StorageError> FaultyStorage::failure(std::string_view step, const std::string& path) {
  const auto fault = strike(step, path);
  if (!fault || errno_of(fault->kind) == 0) return std::nullopt;
  return StorageError{std::string(step), path, errno_of(fault->kind)};
}

StorageResult<std::unique_ptr<sim::File>> FaultyStorage::wrap(
    StorageResult<std::unique_ptr<sim::File>> file, const std::string& path) {
  if (!file) return file;
  return std::unique_ptr<sim::File>(std::make_unique<FaultyFile>(*this, std::move(*file), path));
}

StorageResult<std::unique_ptr<sim::File>> FaultyStorage::create(const std::string& path) {
  if (auto error = failure("create", path)) return Unexpected{*error};
  return wrap(inner_->create(path), path);
}

StorageResult<std::unique_ptr<sim::File>> FaultyStorage::open(const std::string& path) {
  if (auto error = failure("open", path)) return Unexpected{*error};
  return wrap(inner_->open(path), path);
}

StorageResult<std::unique_ptr<sim::File>> FaultyStorage::open_for_update(const std::string& path) {
  if (auto error = failure("update", path)) return Unexpected{*error};
  return wrap(inner_->open_for_update(path), path);
}

StorageResult<void> FaultyStorage::rename(const std::string& from, const std::string& to) {
  if (auto error = failure("rename", from)) return Unexpected{*error};
  auto renamed = inner_->rename(from, to);
  std::lock_guard lock(mutex_);
  if (!renamed) return renamed;
  volatile_.erase(to);
  // What is moved is a file, or a folder with what is in it.
  std::set<std::string> moved;
  for (const std::string& path : volatile_) {
    const bool is_moved = path == from || path.starts_with(from + "/");
    moved.insert(is_moved ? to + path.substr(from.size()) : path);
  }
  volatile_.swap(moved);
  return renamed;
}

StorageResult<void> FaultyStorage::remove(const std::string& path) {
  if (auto error = failure("remove", path)) return Unexpected{*error};
  auto removed = inner_->remove(path);
  if (removed) note_sync(path, false);
  return removed;
}

StorageResult<void> FaultyStorage::create_folder(const std::string& path) {
  if (auto error = failure("create_folder", path)) return Unexpected{*error};
  return inner_->create_folder(path);
}

StorageResult<void> FaultyStorage::remove_folder(const std::string& path) {
  if (auto error = failure("remove_folder", path)) return Unexpected{*error};
  auto removed = inner_->remove_folder(path);
  std::lock_guard lock(mutex_);
  if (removed)
    std::erase_if(volatile_, [&](const auto& one) { return one.starts_with(path + "/"); });
  return removed;
}

StorageResult<void> FaultyStorage::sync_folder(const std::string& path) {
  if (auto error = failure("sync_folder", path)) return Unexpected{*error};
  return inner_->sync_folder(path);
}

StorageResult<std::vector<std::string>> FaultyStorage::list(const std::string& path) {
  if (auto error = failure("list", path)) return Unexpected{*error};
  return inner_->list(path);
}

void FaultyStorage::note_sync(const std::string& path, bool is_lost) {
  std::lock_guard lock(mutex_);
  if (is_lost) {
    volatile_.insert(path);
  } else {
    volatile_.erase(path);
  }
}

void FaultyStorage::lose_power() {
  std::set<std::string> lost;
  {
    std::lock_guard lock(mutex_);
    lost.swap(volatile_);
  }
  for (const std::string& path : lost) {
    // A file that is gone already has nothing to lose.
    if (!inner_->exists(path)) continue;
    const auto emptied = inner_->create(path);
    if (!emptied) injector_.add_mishap("storage power_cut: " + emptied.error().message(), 0);
  }
}

}  // namespace prl::faults
