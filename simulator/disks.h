// The virtual disks of a host that are open. All handles on one bundle share one disk, of which at
// most one may write. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "simulator/virtual_disk.h"

namespace prl::sim {

class Disks;

// One opening of a disk; closes it when destroyed.
class OpenDisk {
 public:
  OpenDisk(const OpenDisk&) = delete;
  OpenDisk& operator=(const OpenDisk&) = delete;
  ~OpenDisk();

  bool is_writable() const { return is_writable_; }
  // Runs work(disk) with nobody else at the disk.
  template <class Work>
  auto with(Work work) {
    std::lock_guard lock(shared_->mutex);
    return work(*shared_->disk);
  }

 private:
  friend class Disks;
  struct Shared {
    std::mutex mutex;
    std::unique_ptr<VirtualDisk> disk;  // guarded by mutex
    int openings = 0;                   // these two guarded by the mutex of Disks
    bool has_writer = false;
  };
  OpenDisk(Disks& disks, std::shared_ptr<Shared> shared, bool is_writable)
      : disks_(disks), shared_(std::move(shared)), is_writable_(is_writable) {}

  Disks& disks_;
  const std::shared_ptr<Shared> shared_;
  const bool is_writable_;
};

class Disks {
 public:
  explicit Disks(DiskSurroundings surroundings) : surroundings_(std::move(surroundings)) {}
  Disks(const Disks&) = delete;
  Disks& operator=(const Disks&) = delete;

  DiskResult<std::unique_ptr<OpenDisk>> create(const std::string& path, DiskSpec spec);
  DiskResult<std::unique_ptr<OpenDisk>> open(const std::string& path, bool is_writable);
  // Copies the bundle with all its states; the copy has an identity of its own.
  DiskResult<void> copy(const std::string& from, const std::string& to);
  // A disk whose first content is that of a state of another, which must stay as it is.
  DiskResult<void> link(const std::string& from, const Uuid& state, const std::string& to);
  // Removes the bundle; kShared while it is open.
  DiskResult<void> remove(const std::string& path);
  bool exists(const std::string& path);
  // Whether a disk below the folder is open.
  bool is_open_below(const std::string& folder);

 private:
  friend class OpenDisk;
  std::unique_ptr<OpenDisk> enter(std::shared_ptr<OpenDisk::Shared> shared, bool is_writable);
  void close(OpenDisk& opening);

  const DiskSurroundings surroundings_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<OpenDisk::Shared>> open_;  // guarded by mutex_
};

}  // namespace prl::sim
