#include "simulator/disks.h"

#include <utility>
#include <vector>

#include "simulator/storage_files.h"

namespace prl::sim {

namespace {

// One spelling for each bundle: that without a slash at its end.
std::string plain_path(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

DiskResult<void> copy_bytes(Storage& storage, const std::string& from, const std::string& to) {
  constexpr size_t kPieceBytes = 1 << 20;
  auto source = storage.open(from);
  if (!source) return disk_failure(source.error(), DiskError::kReadFailed);
  auto target = storage.create(to);
  if (!target) return disk_failure(target.error(), DiskError::kCreateFailed);
  std::vector<std::byte> bytes(kPieceBytes);
  for (uint64_t offset = 0;;) {
    const auto count = (*source)->read_at(offset, bytes);
    if (!count) return disk_failure(count.error(), DiskError::kReadFailed);
    if (*count == 0) break;
    auto written = (*target)->write_at(offset, std::span(bytes).first(*count));
    if (!written) return disk_failure(written.error(), DiskError::kWriteFailed);
    offset += *count;
  }
  return {};
}

// A descriptor and its images are written anew, so that names and identity are the copy's.
DiskResult<void> copy_states(const VirtualDisk& disk, Storage& storage, DiskDescriptor descriptor,
                             const std::string& to) {
  for (DiskState& state : descriptor.states) {
    if (state.is_foreign) continue;
    const std::string old = disk.folder() + "/" + state.file;
    state.file = name_of(to) + ".0." + state.guid.format() + ".hds";
    if (auto copied = copy_bytes(storage, old, to + "/" + state.file); !copied) return copied;
  }
  auto file = storage.create(to + "/" + VirtualDisk::kDescriptorName);
  if (!file) return disk_failure(file.error(), DiskError::kCreateFailed);
  const std::string text = to_xml(descriptor);
  if (auto done = (*file)->write_at(0, std::as_bytes(std::span(text))); !done) {
    return disk_failure(done.error(), DiskError::kWriteFailed);
  }
  return {};
}

}  // namespace

OpenDisk::~OpenDisk() { disks_.close(*this); }

std::unique_ptr<OpenDisk> Disks::enter(std::shared_ptr<OpenDisk::Shared> shared,
                                       bool is_writable) {
  ++shared->openings;
  shared->has_writer = shared->has_writer || is_writable;
  return std::unique_ptr<OpenDisk>(new OpenDisk(*this, std::move(shared), is_writable));
}

void Disks::close(OpenDisk& opening) {
  std::lock_guard lock(mutex_);
  OpenDisk::Shared& shared = *opening.shared_;
  if (opening.is_writable_) shared.has_writer = false;
  if (--shared.openings > 0) return;
  std::erase_if(open_, [&](const auto& entry) { return entry.second == opening.shared_; });
}

DiskResult<std::unique_ptr<OpenDisk>> Disks::create(const std::string& path, DiskSpec spec) {
  const std::string folder = plain_path(path);
  std::lock_guard lock(mutex_);
  auto disk = VirtualDisk::create(surroundings_, folder, std::move(spec));
  if (!disk) return Unexpected{disk.error()};
  auto shared = std::make_shared<OpenDisk::Shared>();
  shared->disk = std::move(*disk);
  open_[folder] = shared;
  return enter(std::move(shared), /*is_writable=*/true);
}

DiskResult<std::unique_ptr<OpenDisk>> Disks::open(const std::string& path, bool is_writable) {
  const std::string folder = plain_path(path);
  std::lock_guard lock(mutex_);
  std::shared_ptr<OpenDisk::Shared>& shared = open_[folder];
  if (shared && is_writable && shared->has_writer) return Unexpected{DiskError::kShared};
  if (!shared) {
    auto disk = VirtualDisk::open(surroundings_, folder);
    if (!disk) {
      open_.erase(folder);
      return Unexpected{disk.error()};
    }
    shared = std::make_shared<OpenDisk::Shared>();
    shared->disk = std::move(*disk);
  }
  return enter(shared, is_writable);
}

DiskResult<void> Disks::copy(const std::string& from, const std::string& to) {
  const std::string folder = plain_path(to);
  auto source = open(from, /*is_writable=*/false);
  if (!source) return Unexpected{source.error()};
  Storage& storage = surroundings_.storage;
  if (storage.exists(folder)) return Unexpected{DiskError::kExists};
  if (auto made = storage.create_folder(folder); !made) {
    return disk_failure(made.error(), DiskError::kCreateFailed);
  }
  const Uuid uid = surroundings_.new_uuid();
  auto copied = (*source)->with([&](VirtualDisk& disk) {
    DiskDescriptor descriptor = disk.descriptor();
    descriptor.uid = uid;
    return copy_states(disk, storage, std::move(descriptor), folder);
  });
  if (!copied) (void)storage.remove_folder(folder).has_value();
  return copied;
}

DiskResult<void> Disks::link(const std::string& from, const Uuid& state, const std::string& to) {
  auto source = open(from, /*is_writable=*/false);
  if (!source) return Unexpected{source.error()};
  DiskSpec spec;
  const auto lineage = (*source)->with([&](VirtualDisk& disk) -> DiskResult<void> {
    spec.descriptor = disk.descriptor();
    spec.descriptor.uid = Uuid();
    spec.descriptor.states.clear();
    if (state == current_state()) return Unexpected{DiskError::kNoState};
    const DiskState* above = disk.descriptor().find(state);
    if (!above) return Unexpected{DiskError::kNoState};
    for (; above; above = disk.descriptor().find(above->parent)) {
      DiskState base = *above;
      if (!base.is_foreign) base.file = disk.folder() + "/" + base.file;
      base.is_foreign = true;
      spec.descriptor.states.insert(spec.descriptor.states.begin(), base);
    }
    return {};
  });
  if (!lineage) return lineage;
  const auto made = create(to, std::move(spec));
  if (!made) return Unexpected{made.error()};
  return {};
}

DiskResult<void> Disks::remove(const std::string& path) {
  const std::string folder = plain_path(path);
  std::lock_guard lock(mutex_);
  if (open_.contains(folder)) return Unexpected{DiskError::kShared};
  if (!surroundings_.storage.exists(folder)) return Unexpected{DiskError::kNotFound};
  if (auto removed = surroundings_.storage.remove_folder(folder); !removed) {
    return disk_failure(removed.error(), DiskError::kWriteFailed);
  }
  return {};
}

bool Disks::is_open_below(const std::string& folder) {
  const std::string prefix = plain_path(folder) + "/";
  std::lock_guard lock(mutex_);
  const auto first = open_.lower_bound(prefix);
  return first != open_.end() && first->first.starts_with(prefix);
}

bool Disks::exists(const std::string& path) {
  return surroundings_.storage.exists(plain_path(path));
}

}  // namespace prl::sim
