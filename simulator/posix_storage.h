// Storage on the files of the machine that runs the simulator. Constant: any thread may call.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "simulator/seams.h"

namespace prl::sim {

class PosixStorage final : public Storage {
 public:
  // Without being durable it is quicker: sync() and sync_folder() leave it to the system when bytes
  // and names get to the disk. That loses nothing when a process dies, but when the machine does.
  explicit PosixStorage(bool is_durable = true) : is_durable_(is_durable) {}

  StorageResult<std::unique_ptr<File>> create(const std::string& path) override;
  StorageResult<std::unique_ptr<File>> create_direct(const std::string& path) override;
  StorageResult<std::unique_ptr<File>> open(const std::string& path) override;
  StorageResult<std::unique_ptr<File>> open_for_update(const std::string& path) override;
  StorageResult<void> rename(const std::string& from, const std::string& to) override;
  StorageResult<void> remove(const std::string& path) override;
  StorageResult<void> create_folder(const std::string& path) override;
  StorageResult<void> remove_folder(const std::string& path) override;
  StorageResult<void> sync_folder(const std::string& path) override;
  StorageResult<std::vector<std::string>> list(const std::string& path) override;
  bool exists(const std::string& path) override;
  StorageResult<uint64_t> file_size(const std::string& path) override;

 private:
  const bool is_durable_;
};

}  // namespace prl::sim
