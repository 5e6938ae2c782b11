// Storage that keeps everything in memory and forgets it when destroyed. Behaves as PosixStorage
// does, error numbers included (tests/simulator/storage_test.cpp holds both to it). Any thread may
// call. Paths start at one root, with or without a leading '/'; ".." is an ordinary name.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/seams.h"

namespace prl::sim {

class MemoryStorage final : public Storage {
 public:
  MemoryStorage();
  ~MemoryStorage() override;

  StorageResult<std::unique_ptr<File>> create(const std::string& path) override;
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
  class Content;
  class OpenFile;
  struct Node;
  struct Place;

  // Both REQUIRE mutex_. find() gives the node or an errno; find_place() the folder and the last
  // name, whether or not a node of that name is there. The name lives as long as the path.
  Expected<Node*, int> find(std::string_view path) const;
  Expected<Place, int> find_place(std::string_view path) const;

  mutable std::mutex mutex_;
  const std::unique_ptr<Node> root_;  // the tree below it is guarded by mutex_
};

}  // namespace prl::sim
