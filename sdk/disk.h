// A PHT_VIRTUAL_DISK object: one opening of a virtual disk of the host. Any thread may use it;
// operations on one disk run one at a time.
#pragma once

#include <prlsdk/Parallels.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "sdk/handle_table.h"
#include "simulator/disks.h"

namespace prl::sdk {

class Disk final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_VIRTUAL_DISK;
  Disk(std::unique_ptr<sim::OpenDisk> opening, std::string path, uint64_t offset_sectors = 0)
      : Object(kType),
        path(std::move(path)),
        offset_sectors(offset_sectors),
        opening_(std::move(opening)) {}

  // What a client does beside the disk itself.
  struct Settings {
    sim::Uuid state = sim::current_state();  // that is read; only the current one takes writes
    std::string key;
    PRL_UINT32 caching = PRL_DISK_CACHE_DEFAULT;
  };
  Settings settings() const {
    std::lock_guard lock(mutex_);
    return settings_;
  }
  template <class Change>
  void change_settings(Change change) {
    std::lock_guard lock(mutex_);
    change(settings_);
  }

  // Runs work(disk) -> sim::DiskResult.
  template <class Work>
  auto with(Work work) {
    return opening_->with(std::move(work));
  }
  bool is_writable() const { return opening_->is_writable(); }

  const std::string path;
  const uint64_t offset_sectors;  // added to what is asked for (PrlDiskOpenPolicy_CreateOffset)

 private:
  const std::unique_ptr<sim::OpenDisk> opening_;
  mutable std::mutex mutex_;
  Settings settings_;  // guarded by mutex_
};

// Uuids in the binary form of the API.
sim::Uuid to_uuid(const PRL_GUID& guid);
PRL_GUID to_guid(const sim::Uuid& uuid);

// What proves a key without giving it away.
std::string key_digest(std::string_view key, std::string_view salt);
// A disk that is encrypted shows its content only to who has its key.
sim::DiskResult<void> check_key(const sim::VirtualDisk& disk, const std::string& key);

}  // namespace prl::sdk
