#include "simulator/virtual_disk.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <utility>

#include "simulator/storage_files.h"
#include "simulator/zero_bytes.h"

namespace prl::sim {

namespace {

constexpr uint64_t kSectorsMax = uint64_t{16} << 31;  // 16 TiB
constexpr uint32_t kBlockSectorsMax = 1u << 15;
constexpr uint64_t kDescriptorBytesMax = 1 << 20;

DiskResult<std::string> read_text(Storage& storage, const std::string& path) {
  auto file = storage.open(path);
  if (!file) {
    const bool is_absent = file.error().errno_value == ENOENT;
    return disk_failure(file.error(),
                        is_absent ? DiskError::kNoDescriptor : DiskError::kReadFailed);
  }
  const auto size = (*file)->size();
  if (!size) return disk_failure(size.error(), DiskError::kReadFailed);
  if (*size > kDescriptorBytesMax) return Unexpected{DiskError::kBadDescriptor};
  std::string text(*size, '\0');
  const auto count = (*file)->read_at(0, std::as_writable_bytes(std::span(text)));
  if (!count) return disk_failure(count.error(), DiskError::kReadFailed);
  text.resize(*count);
  return text;
}

// Replaces the file at once.
DiskResult<void> write_text(Storage& storage, const std::string& path, const std::string& text) {
  const std::string draft = path + ".tmp";
  auto file = storage.create(draft);
  if (!file) return disk_failure(file.error(), DiskError::kWriteFailed);
  auto written = (*file)->write_at(0, std::as_bytes(std::span(text)));
  if (written) written = (*file)->sync();
  if (written) written = storage.rename(draft, path);
  if (!written) return disk_failure(written.error(), DiskError::kWriteFailed);
  return {};
}

}  // namespace

DiskResult<void> check_spec(const DiskDescriptor& descriptor) {
  const bool is_good = descriptor.sectors > 0 && descriptor.sectors <= kSectorsMax &&
                       std::has_single_bit(descriptor.block_sectors) &&
                       descriptor.block_sectors <= kBlockSectorsMax;
  if (!is_good) return Unexpected{DiskError::kBadParameters};
  return {};
}

// ---- Files -----------------------------------------------------------------------------------

DiskResult<std::unique_ptr<VirtualDisk>> VirtualDisk::create(const DiskSurroundings& surroundings,
                                                             const std::string& folder,
                                                             DiskSpec spec) {
  if (auto good = check_spec(spec.descriptor); !good) return Unexpected{good.error()};
  Storage& storage = surroundings.storage;
  if (storage.exists(folder)) return Unexpected{DiskError::kExists};
  if (auto made = storage.create_folder(folder); !made) {
    return disk_failure(made.error(), DiskError::kCreateFailed);
  }
  std::unique_ptr<VirtualDisk> disk(new VirtualDisk(surroundings, folder));
  DiskDescriptor& descriptor = disk->descriptor_ = std::move(spec.descriptor);
  if (descriptor.uid.is_nil()) descriptor.uid = surroundings.new_uuid();
  const std::string file = name_of(folder) + ".0." + current_state().format() + ".hds";
  const DiskState base = descriptor.states.empty() ? DiskState() : descriptor.states.back();
  descriptor.states.push_back(
      {.guid = current_state(), .parent = base.guid, .type = spec.type, .file = file});
  const auto make = [&]() -> DiskResult<void> {
    auto image = disk->create_image(file, spec.type, disk->shape());
    if (!image) return Unexpected{image.error()};
    // The empty file by which a person, or a file dialog, opens the bundle.
    if (auto mark = storage.create(folder + "/" + name_of(folder)); !mark) {
      return disk_failure(mark.error(), DiskError::kCreateFailed);
    }
    if (auto saved = disk->save(descriptor); !saved) return saved;
    return disk->open_images();
  };
  if (auto made = make(); !made) {
    (void)storage.remove_folder(folder).has_value();
    return Unexpected{made.error()};
  }
  return disk;
}

DiskResult<std::unique_ptr<VirtualDisk>> VirtualDisk::open(const DiskSurroundings& surroundings,
                                                           const std::string& folder) {
  if (!surroundings.storage.exists(folder)) return Unexpected{DiskError::kNotFound};
  const auto text = read_text(surroundings.storage, folder + "/" + kDescriptorName);
  if (!text) return Unexpected{text.error()};
  auto descriptor = disk_descriptor_from_xml(*text);
  if (!descriptor || !check_spec(*descriptor)) return Unexpected{DiskError::kBadDescriptor};
  std::unique_ptr<VirtualDisk> disk(new VirtualDisk(surroundings, folder));
  disk->descriptor_ = std::move(*descriptor);
  if (auto opened = disk->open_images(); !opened) return Unexpected{opened.error()};
  return disk;
}

std::string VirtualDisk::path_of(const DiskState& state) const {
  return state.is_foreign ? state.file : folder_ + "/" + state.file;
}

// Another process that drew its identities from the same seed may have used the name.
std::string VirtualDisk::new_file() const {
  for (;;) {
    std::string file = name_of(folder_) + ".0." + surroundings_.new_uuid().format() + ".hds";
    if (!surroundings_.storage.exists(folder_ + "/" + file)) return file;
  }
}

DiskResult<void> VirtualDisk::save(DiskDescriptor descriptor) {
  const std::string path = folder_ + "/" + kDescriptorName;
  if (auto written = write_text(surroundings_.storage, path, to_xml(descriptor)); !written) {
    return written;
  }
  if (auto synced = surroundings_.storage.sync_folder(folder_); !synced) {
    return disk_failure(synced.error(), DiskError::kWriteFailed);
  }
  descriptor_ = std::move(descriptor);
  return {};
}

DiskResult<void> VirtualDisk::open_images() {
  for (const DiskState& state : descriptor_.states) {
    const bool is_writable = state.guid == current_state();
    auto image = DiskImage::open(surroundings_.storage, path_of(state), state.type, shape(),
                                 is_writable);
    if (!image) return Unexpected{image.error()};
    images_[state.guid] = std::move(*image);
  }
  return {};
}

DiskResult<std::unique_ptr<DiskImage>> VirtualDisk::create_image(const std::string& file,
                                                                 DiskImageType type,
                                                                 DiskShape shape) const {
  return DiskImage::create(surroundings_.storage, folder_ + "/" + file, type, shape);
}

uint64_t VirtualDisk::bytes_used() const {
  uint64_t clusters = 0;
  for (const DiskState& state : descriptor_.states) {
    if (!state.is_foreign) clusters += images_.at(state.guid)->clusters_used();
  }
  return clusters * shape().cluster_bytes();
}

bool VirtualDisk::is_linked() const {
  return std::ranges::any_of(descriptor_.states, &DiskState::is_foreign);
}

// What is left behind costs space and nothing else: no descriptor names it.
void VirtualDisk::remove_files(const std::vector<DiskState>& states) const {
  for (const DiskState& state : states) {
    if (!state.is_foreign) (void)surroundings_.storage.remove(path_of(state)).has_value();
  }
}

// ---- Content ---------------------------------------------------------------------------------

DiskImage* VirtualDisk::find_image(const Uuid& guid, uint64_t cluster) const {
  for (const DiskState* state = descriptor_.find(guid); state;
       state = descriptor_.find(state->parent)) {
    DiskImage* image = images_.at(state->guid).get();
    if (image->has(cluster)) return image;
  }
  return nullptr;
}

DiskResult<void> VirtualDisk::read_cluster(const Uuid& guid, uint64_t cluster,
                                           std::span<std::byte> bytes) {
  if (DiskImage* image = find_image(guid, cluster)) return image->read(cluster, 0, bytes);
  std::ranges::fill(bytes, std::byte{0});
  return {};
}

DiskResult<void> VirtualDisk::read(uint64_t sector, std::span<std::byte> bytes) {
  return read_state(current_state(), sector, bytes);
}

DiskResult<void> VirtualDisk::read_state(const Uuid& guid, uint64_t sector,
                                         std::span<std::byte> bytes) {
  if (!descriptor_.find(guid)) return Unexpected{DiskError::kNoState};
  if (bytes.size() % kSectorBytes != 0) return Unexpected{DiskError::kUnaligned};
  if (sector > descriptor_.sectors || bytes.size() / kSectorBytes > descriptor_.sectors - sector) {
    return Unexpected{DiskError::kOutside};
  }
  const uint64_t cluster_bytes = shape().cluster_bytes();
  uint64_t position = sector * kSectorBytes;
  while (!bytes.empty()) {
    const uint64_t offset = position % cluster_bytes;
    const auto part = bytes.first(std::min<size_t>(bytes.size(), cluster_bytes - offset));
    DiskImage* image = find_image(guid, position / cluster_bytes);
    if (!image) {
      std::ranges::fill(part, std::byte{0});
    } else if (auto done = image->read(position / cluster_bytes, offset, part); !done) {
      return done;
    }
    bytes = bytes.subspan(part.size());
    position += part.size();
  }
  return {};
}

// The first write to a cluster takes along what the states below have in the rest of it.
DiskResult<void> VirtualDisk::write(uint64_t sector, std::span<const std::byte> bytes) {
  if (bytes.size() % kSectorBytes != 0) return Unexpected{DiskError::kUnaligned};
  if (sector > descriptor_.sectors || bytes.size() / kSectorBytes > descriptor_.sectors - sector) {
    return Unexpected{DiskError::kOutside};
  }
  DiskImage& top = *images_.at(current_state());
  const uint64_t cluster_bytes = shape().cluster_bytes();
  uint64_t position = sector * kSectorBytes;
  while (!bytes.empty()) {
    const uint64_t cluster = position / cluster_bytes;
    const uint64_t offset = position % cluster_bytes;
    const auto part = bytes.first(std::min<size_t>(bytes.size(), cluster_bytes - offset));
    DiskResult<void> written;
    if (top.has(cluster)) {
      written = top.write(cluster, offset, part);
    } else {
      std::vector<std::byte> whole(cluster_bytes);
      written = read_cluster(current_state(), cluster, whole);
      if (!written) return written;
      std::ranges::copy(part, whole.begin() + static_cast<ptrdiff_t>(offset));
      written = top.write(cluster, 0, whole);
    }
    if (!written) return written;
    bytes = bytes.subspan(part.size());
    position += part.size();
  }
  return {};
}

DiskResult<void> VirtualDisk::flush() { return images_.at(current_state())->sync(); }

// ---- States ----------------------------------------------------------------------------------

std::vector<Uuid> VirtualDisk::children_of(const Uuid& guid) const {
  std::vector<Uuid> children;
  for (const DiskState& state : descriptor_.states) {
    if (state.parent == guid) children.push_back(state.guid);
  }
  return children;
}

DiskResult<void> VirtualDisk::create_state(const Uuid& guid) {
  if (guid.is_nil()) return Unexpected{DiskError::kBadParameters};
  if (descriptor_.find(guid)) return Unexpected{DiskError::kStateExists};
  if (auto synced = flush(); !synced) return synced;
  DiskDescriptor changed = descriptor_;
  const std::string file = new_file();
  auto image = create_image(file, DiskImageType::kExpanding, shape());
  if (!image) return Unexpected{image.error()};
  changed.find(current_state())->guid = guid;
  for (DiskState& state : changed.states) {
    if (state.parent == current_state()) state.parent = guid;
  }
  changed.states.push_back({.guid = current_state(), .parent = guid, .file = file});
  if (auto saved = save(std::move(changed)); !saved) return saved;
  images_[guid] = std::exchange(images_[current_state()], std::move(*image));
  return {};
}

DiskResult<void> VirtualDisk::switch_to(const Uuid& guid) {
  if (guid == current_state() || !descriptor_.find(guid)) return Unexpected{DiskError::kNoState};
  DiskDescriptor changed = descriptor_;
  const DiskState old = *descriptor_.find(current_state());
  DiskState& top = *changed.find(current_state());
  top = {.guid = current_state(), .parent = guid, .file = new_file()};
  auto image = create_image(top.file, top.type, shape());
  if (!image) return Unexpected{image.error()};
  if (auto saved = save(std::move(changed)); !saved) return saved;
  images_[current_state()] = std::move(*image);
  remove_files({old});
  return {};
}

// Where nothing else rests on the state its own image goes on.
DiskResult<void> VirtualDisk::take_back(const Uuid& guid) {
  const DiskState* found = descriptor_.find(guid);
  if (!found || guid == current_state()) return Unexpected{DiskError::kNoState};
  const DiskState old = *descriptor_.find(current_state());
  if (old.parent != guid || children_of(guid).size() > 1) {
    if (auto switched = switch_to(guid); !switched) return switched;
    return delete_state(guid, /*is_merged=*/true);
  }
  DiskState top = *found;
  auto image = DiskImage::open(surroundings_.storage, path_of(top), top.type, shape(), true);
  if (!image) return Unexpected{image.error()};
  DiskDescriptor changed = descriptor_;
  std::erase(changed.states, old);
  std::erase(changed.states, top);
  top.guid = current_state();
  changed.states.push_back(top);
  if (auto saved = save(std::move(changed)); !saved) return saved;
  images_.erase(guid);
  images_[current_state()] = std::move(*image);
  remove_files({old});
  return {};
}

// Gives the child what only the state above it has.
DiskResult<void> VirtualDisk::merge_into(const DiskState& state, const Uuid& child) {
  const DiskState& heir = *descriptor_.find(child);
  auto image = DiskImage::open(surroundings_.storage, path_of(heir), heir.type, shape(), true);
  if (!image) return Unexpected{image.error()};
  std::vector<std::byte> bytes(shape().cluster_bytes());
  for (uint64_t cluster = 0; cluster < shape().clusters(); ++cluster) {
    if ((*image)->has(cluster) || !images_.at(state.guid)->has(cluster)) continue;
    auto done = images_.at(state.guid)->read(cluster, 0, bytes);
    if (done) done = (*image)->write(cluster, 0, bytes);
    if (!done) return done;
  }
  if (auto synced = (*image)->sync(); !synced) return synced;
  images_[child] = std::move(*image);
  return {};
}

DiskResult<void> VirtualDisk::delete_state(const Uuid& guid, bool is_merged) {
  const DiskState* found = descriptor_.find(guid);
  if (!found || guid == current_state()) return Unexpected{DiskError::kNoState};
  DiskDescriptor changed = descriptor_;
  std::vector<DiskState> gone = {*found};
  for (size_t i = 0; i < gone.size(); ++i) {
    for (const Uuid& child : children_of(gone[i].guid)) {
      if (!is_merged && child == current_state()) return Unexpected{DiskError::kStateInUse};
      if (!is_merged) gone.push_back(*descriptor_.find(child));
    }
    if (is_merged) break;
  }
  if (is_merged) {
    for (const Uuid& child : children_of(guid)) {
      if (auto merged = merge_into(*found, child); !merged) return merged;
      changed.find(child)->parent = found->parent;
    }
  }
  for (const DiskState& state : gone) std::erase(changed.states, state);
  if (auto saved = save(std::move(changed)); !saved) return saved;
  for (const DiskState& state : gone) images_.erase(state.guid);
  remove_files(gone);
  return {};
}

DiskResult<void> VirtualDisk::merge_all() {
  DiskDescriptor changed = descriptor_;
  DiskState top = *descriptor_.find(current_state());
  top.parent = Uuid();
  top.file = new_file();
  changed.states = {top};
  auto image = create_image(top.file, top.type, shape());
  if (!image) return Unexpected{image.error()};
  std::vector<std::byte> bytes(shape().cluster_bytes());
  for (uint64_t cluster = 0; cluster < shape().clusters(); ++cluster) {
    if (!find_image(current_state(), cluster)) continue;
    auto done = read_cluster(current_state(), cluster, bytes);
    if (done && !is_zero(bytes)) done = (*image)->write(cluster, 0, bytes);
    if (!done) return done;
  }
  Images images;
  images[current_state()] = std::move(*image);
  return replace(std::move(changed), std::move(images));
}

DiskResult<std::vector<bool>> VirtualDisk::changes(const Uuid& from, const Uuid& to) const {
  std::vector<bool> changed(shape().clusters());
  for (const DiskState* state = descriptor_.find(to); state;
       state = descriptor_.find(state->parent)) {
    if (state->guid == from) return changed;
    for (uint64_t cluster = 0; cluster < changed.size(); ++cluster) {
      changed[cluster] = changed[cluster] || images_.at(state->guid)->has(cluster);
    }
  }
  return Unexpected{DiskError::kNoState};
}

// ---- Sizes and formats -----------------------------------------------------------------------

DiskResult<void> VirtualDisk::replace(DiskDescriptor changed, Images images) {
  for (auto& [guid, image] : images) {
    if (auto synced = image->sync(); !synced) return synced;
  }
  const std::vector<DiskState> old = descriptor_.states;
  if (auto saved = save(std::move(changed)); !saved) return saved;
  images_ = std::move(images);
  remove_files(old);
  return {};
}

DiskResult<void> VirtualDisk::copy_image(const DiskState& from, DiskImage& to, uint64_t clusters,
                                         const Keeps& keeps) {
  std::vector<std::byte> bytes(shape().cluster_bytes());
  for (uint64_t cluster = 0; cluster < std::min(clusters, shape().clusters()); ++cluster) {
    if (!images_.at(from.guid)->has(cluster)) continue;
    const auto wanted = keeps(from, cluster);
    if (!wanted) return Unexpected{wanted.error()};
    if (!*wanted) continue;
    auto done = images_.at(from.guid)->read(cluster, 0, bytes);
    if (done) done = to.write(cluster, 0, bytes);
    if (!done) return done;
  }
  return {};
}

DiskResult<void> VirtualDisk::rewrite(DiskDescriptor changed, const Keeps& keeps) {
  if (is_linked()) return Unexpected{DiskError::kStateInUse};
  const DiskShape wanted{changed.sectors, changed.block_sectors};
  Images images;
  for (DiskState& state : changed.states) {
    const DiskState& old = *descriptor_.find(state.guid);
    state.file = new_file();
    auto image = create_image(state.file, state.type, wanted);
    if (!image) return Unexpected{image.error()};
    if (auto copied = copy_image(old, **image, wanted.clusters(), keeps); !copied) return copied;
    images[state.guid] = std::move(*image);
  }
  return replace(std::move(changed), std::move(images));
}

// Zeros need no cluster where nothing is below that they hide.
DiskResult<bool> VirtualDisk::is_needless(const DiskState& state, uint64_t cluster,
                                          const IsFree& is_free) {
  if (!state.parent.is_nil() && find_image(state.parent, cluster)) return false;
  const uint64_t first = cluster * descriptor_.block_sectors;
  const uint64_t count = std::min<uint64_t>(descriptor_.block_sectors, descriptor_.sectors - first);
  if (is_free && is_free(first, count)) return true;
  std::vector<std::byte> bytes(shape().cluster_bytes());
  if (auto read = images_.at(state.guid)->read(cluster, 0, bytes); !read) {
    return Unexpected{read.error()};
  }
  return is_zero(bytes);
}

DiskResult<void> VirtualDisk::resize(uint64_t sectors) {
  DiskDescriptor changed = descriptor_;
  changed.sectors = sectors;
  if (auto good = check_spec(changed); !good) return good;
  const uint64_t last_sector = descriptor_.sectors;
  std::vector<std::byte> bytes(kSectorBytes * descriptor_.block_sectors);
  for (uint64_t sector = sectors; sector < last_sector;) {
    const uint64_t block_end = (sector / descriptor_.block_sectors + 1) * descriptor_.block_sectors;
    const uint64_t count = std::min(block_end, last_sector) - sector;
    const auto part = std::span(bytes).first(count * kSectorBytes);
    if (find_image(current_state(), sector / descriptor_.block_sectors)) {
      if (auto done = read(sector, part); !done) return done;
      if (!is_zero(part)) return Unexpected{DiskError::kDataBeyondEnd};
    }
    sector += count;
  }
  return rewrite(std::move(changed),
                 [](const DiskState&, uint64_t) -> DiskResult<bool> { return true; });
}

DiskResult<uint64_t> VirtualDisk::estimate_compact(const IsFree& is_free) {
  uint64_t clusters = 0;
  for (const DiskState& state : descriptor_.states) {
    if (state.is_foreign || state.type == DiskImageType::kPlain) continue;
    for (uint64_t cluster = 0; cluster < shape().clusters(); ++cluster) {
      if (!images_.at(state.guid)->has(cluster)) continue;
      const auto needless = is_needless(state, cluster, is_free);
      if (!needless) return Unexpected{needless.error()};
      clusters += *needless ? 1 : 0;
    }
  }
  return clusters * shape().cluster_bytes();
}

DiskResult<uint64_t> VirtualDisk::compact(const IsFree& is_free) {
  if (type() == DiskImageType::kPlain) return Unexpected{DiskError::kNotExpanding};
  const uint64_t before = bytes_used();
  const auto keeps = [&](const DiskState& state, uint64_t cluster) -> DiskResult<bool> {
    const auto needless = is_needless(state, cluster, is_free);
    if (!needless) return needless;
    return !*needless;
  };
  if (auto done = rewrite(descriptor_, keeps); !done) return Unexpected{done.error()};
  return before - bytes_used();
}

// A plain image hides what is below it, so only a disk with one state can become plain.
DiskResult<void> VirtualDisk::convert(DiskImageType type) {
  if (descriptor_.states.size() > 1) return Unexpected{DiskError::kStateInUse};
  DiskDescriptor changed = descriptor_;
  changed.find(current_state())->type = type;
  return rewrite(std::move(changed),
                 [this](const DiskState& state, uint64_t cluster) -> DiskResult<bool> {
                   const auto needless = is_needless(state, cluster);
                   if (!needless) return needless;
                   return !*needless;
                 });
}

}  // namespace prl::sim
