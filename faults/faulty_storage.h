// A Storage around another one whose steps fail as the rules of an injector say. What may break:
//
//   no_space, io_error, read_only   any step fails with ENOSPC, EIO or EROFS and changes nothing
//   short_write                     half of the bytes arrive, then the write fails with EIO
//   torn_write                      half of the bytes arrive, and the write succeeds
//   flip_bit                        one bit of what is written, or of what is read, is another
//   lose_sync                       the step succeeds; a power cut leaves the file empty
//   slow                            the step takes virtual time
//
// Nothing else breaks: names, sizes and the rest of the content stay true. Steps are "create",
// "open", "update", "reserve", "write", "read", "sync", "rename", "remove", "create_folder",
// "remove_folder", "sync_folder" and "list"; asking whether a file exists or how large it is, is
// none. Thread-safe as far as the storage inside is.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/seams.h"

namespace prl::faults {

class Injector;

class FaultyStorage final : public sim::Storage {
 public:
  FaultyStorage(Injector& injector, std::unique_ptr<sim::Storage> storage);
  ~FaultyStorage() override;

  sim::StorageResult<std::unique_ptr<sim::File>> create(const std::string& path) override;
  sim::StorageResult<std::unique_ptr<sim::File>> open(const std::string& path) override;
  sim::StorageResult<std::unique_ptr<sim::File>> open_for_update(const std::string& path) override;
  sim::StorageResult<void> rename(const std::string& from, const std::string& to) override;
  sim::StorageResult<void> remove(const std::string& path) override;
  sim::StorageResult<void> create_folder(const std::string& path) override;
  sim::StorageResult<void> remove_folder(const std::string& path) override;
  sim::StorageResult<void> sync_folder(const std::string& path) override;
  sim::StorageResult<std::vector<std::string>> list(const std::string& path) override;
  bool exists(const std::string& path) override { return inner_->exists(path); }
  sim::StorageResult<uint64_t> file_size(const std::string& path) override {
    return inner_->file_size(path);
  }

  // Empties the files whose sync was lost.
  void lose_power();

 private:
  class FaultyFile;

  std::optional<sim::Fault> strike(std::string_view step, const std::string& path);
  // The error with which the step fails; none: it goes on.
  std::optional<sim::StorageError> failure(std::string_view step, const std::string& path);
  sim::StorageResult<std::unique_ptr<sim::File>> wrap(
      sim::StorageResult<std::unique_ptr<sim::File>> file, const std::string& path);
  void note_sync(const std::string& path, bool is_lost);

  Injector& injector_;
  const std::unique_ptr<sim::Storage> inner_;
  std::mutex mutex_;
  std::set<std::string> volatile_;  // files whose last sync was lost; guarded by mutex_
};

// The steps that faults can strike.
std::vector<std::string_view> storage_steps();

}  // namespace prl::faults
