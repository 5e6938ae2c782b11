#include "simulator/backup_files.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <span>

#include "simulator/checksum.h"
#include "simulator/storage_files.h"
#include "simulator/zero_bytes.h"

namespace prl::sim {

namespace {

constexpr std::string_view kFile = "File";

std::string data_path(const std::string& chain_folder, uint32_t number) {
  return chain_folder + "/" + std::to_string(number) + "/data";
}

uint64_t block_count(uint64_t bytes) {
  return (bytes + kBackupBlockBytes - 1) / kBackupBlockBytes;
}

// ---- Text ------------------------------------------------------------------------------------

std::string format_block(const BackupBlock& block) {
  return std::to_string(block.digest) + " " + std::to_string(block.number) + " " +
         std::to_string(block.offset);
}

std::optional<BackupBlock> parse_block(std::string_view text) {
  BackupBlock block;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  const auto take = [&](auto& number) {
    const auto [stop, error] = std::from_chars(at, end, number);
    if (error != std::errc{} || (stop != end && *stop != ' ')) return false;
    at = stop == end ? end : stop + 1;
    return true;
  };
  if (!take(block.digest) || !take(block.number) || !take(block.offset) || at != end) {
    return std::nullopt;
  }
  return block;
}

std::optional<BackupFile> parse_file(const PropertyTree& tree, const std::string& path) {
  const auto* name = std::get_if<std::string>(tree.find(path + ".Path"));
  const auto* bytes = std::get_if<uint64_t>(tree.find(path + ".Bytes"));
  const auto* blocks = std::get_if<StringItems>(tree.find(path + ".Blocks"));
  if (!name || !bytes || !blocks || blocks->size() != block_count(*bytes)) return std::nullopt;
  BackupFile file{.path = *name, .bytes = *bytes, .blocks = {}};
  for (const std::string& text : *blocks) {
    const auto block = parse_block(text);
    if (!block) return std::nullopt;
    file.blocks.push_back(*block);
  }
  return file;
}

// ---- Walking a folder ------------------------------------------------------------------------

// Adds the paths, relative to `root`, of all files below root/prefix.
StorageResult<void> add_paths(Storage& storage, const std::string& root, const std::string& prefix,
                              std::vector<std::string>& paths) {
  const auto names = storage.list(root + "/" + prefix);
  if (!names) return Unexpected{names.error()};
  // The bases of an image that is not there are those of a guest that runs.
  const bool has_image = std::ranges::any_of(
      *names, [](const std::string& name) { return name.ends_with(".sav"); });
  for (const std::string& name : *names) {
    if (prefix.empty() && is_left_out_of_backups(name)) continue;
    if (prefix.empty() && name.ends_with(".base") && !has_image) continue;
    const auto below = add_paths(storage, root, prefix + name + "/", paths);
    if (below) continue;
    if (below.error().errno_value != ENOTDIR) return below;
    paths.push_back(prefix + name);
  }
  return {};
}

// Calls see(index of the block, its bytes) for each block of the file, and returns its size.
template <class See>
StorageResult<uint64_t> read_blocks(Storage& storage, const std::string& path, See see) {
  auto file = storage.open(path);
  if (!file) return Unexpected{file.error()};
  const auto bytes = (*file)->size();
  if (!bytes) return Unexpected{bytes.error()};
  std::vector<std::byte> block(std::min(*bytes, kBackupBlockBytes));
  for (uint64_t index = 0; index < block_count(*bytes); ++index) {
    const uint64_t offset = index * kBackupBlockBytes;
    const std::span whole(block.data(), std::min(kBackupBlockBytes, *bytes - offset));
    const auto read = (*file)->read_at(offset, whole);
    if (!read) return Unexpected{read.error()};
    if (*read != whole.size()) return Unexpected{StorageError{"read", path, EIO}};  // it has shrunk
    if (auto seen = see(index, std::span<const std::byte>(whole)); !seen) {
      return Unexpected{seen.error()};
    }
  }
  return *bytes;
}

// Calls keep(file, block, its bytes) for each block of each file that is not zeros.
template <class Keep>
StorageResult<BackupFiles> read_folder(Storage& storage, const std::string& vm_folder, Keep keep) {
  std::vector<std::string> paths;
  if (auto added = add_paths(storage, vm_folder, "", paths); !added) {
    return Unexpected{added.error()};
  }
  std::ranges::sort(paths);
  BackupFiles files;
  for (std::string& path : paths) {
    BackupFile file{.path = path, .bytes = 0, .blocks = {}};
    const auto bytes =
        read_blocks(storage, vm_folder + "/" + path,
                    [&](uint64_t, std::span<const std::byte> content) -> StorageResult<void> {
                      BackupBlock block;
                      if (!is_zero(content)) {
                        block.digest = checksum(content);
                        if (auto kept = keep(file, block, content); !kept) return kept;
                      }
                      file.blocks.push_back(block);
                      return {};
                    });
    if (!bytes) return Unexpected{bytes.error()};
    file.bytes = *bytes;
    files.push_back(std::move(file));
  }
  return files;
}

bool is_same(const BackupFile& before, size_t index, const BackupBlock& block,
             uint64_t block_bytes) {
  if (index >= before.blocks.size()) return false;
  const uint64_t offset = index * kBackupBlockBytes;
  return before.blocks[index].digest == block.digest &&
         std::min(kBackupBlockBytes, before.bytes - offset) == block_bytes;
}

}  // namespace

std::string serialise(const BackupFiles& files) {
  PropertyTree tree;
  for (const BackupFile& file : files) {
    const std::string path = PropertyTree::child_path(kFile, tree.add_child(kFile));
    StringItems blocks;
    for (const BackupBlock& block : file.blocks) blocks.push_back(format_block(block));
    tree.set(path + ".Path", file.path);
    tree.set(path + ".Bytes", file.bytes);
    tree.set(path + ".Blocks", std::move(blocks));
  }
  return tree.serialise();
}

std::optional<BackupFiles> parse_backup_files(std::string_view text) {
  const auto tree = PropertyTree::parse(text);
  if (!tree) return std::nullopt;
  BackupFiles files;
  for (const uint32_t child : tree->children(kFile)) {
    auto file = parse_file(*tree, PropertyTree::child_path(kFile, child));
    if (!file) return std::nullopt;
    files.push_back(std::move(*file));
  }
  return files;
}

// Snapshots stay where they are, as with a clone; a mounted disk belongs to the host; guests that
// are parked and files half written are those of a process.
bool is_left_out_of_backups(const std::string& name) {
  return name == "Snapshots" || name == "Snapshots.xml" || name == "mnt" ||
         name.ends_with(".tmp") || name.ends_with(".running") || name.ends_with(".paused") ||
         name.ends_with(".damaged");
}

StorageResult<BackupFiles> scan_folder(Storage& storage, const std::string& vm_folder) {
  return read_folder(storage, vm_folder,
                     [](const BackupFile&, BackupBlock&, std::span<const std::byte>) {
                       return StorageResult<void>();
                     });
}

StorageResult<StoredFiles> store_files(Storage& storage, const std::string& vm_folder,
                                       const std::string& chain_folder, uint32_t number,
                                       const BackupFiles& base) {
  auto data = storage.create(data_path(chain_folder, number));
  if (!data) return Unexpected{data.error()};
  StoredFiles stored;
  auto files = read_folder(storage, vm_folder,
                           [&](const BackupFile& file, BackupBlock& block,
                               std::span<const std::byte> content) -> StorageResult<void> {
                             const size_t index = file.blocks.size();
                             const BackupFile* before = find_file(base, file.path);
                             if (before && is_same(*before, index, block, content.size())) {
                               block = before->blocks[index];
                               return {};
                             }
                             block.number = number;
                             block.offset = stored.bytes;
                             stored.bytes += content.size();
                             return (*data)->write_at(block.offset, content);
                           });
  if (!files) return Unexpected{files.error()};
  if (auto synced = (*data)->sync(); !synced) return Unexpected{synced.error()};
  stored.files = std::move(*files);
  return stored;
}

namespace {

// Holes are left where nothing but zeros was; the last byte sets the size.
StorageResult<void> restore_file(Storage& storage, const std::string& chain_folder,
                                 const BackupFile& file, const std::string& path) {
  auto target = storage.create(path);
  if (!target) return Unexpected{target.error()};
  std::vector<std::byte> bytes(kBackupBlockBytes);
  for (size_t index = 0; index < file.blocks.size(); ++index) {
    const BackupBlock& block = file.blocks[index];
    const uint64_t offset = index * kBackupBlockBytes;
    const std::span whole(bytes.data(), std::min(kBackupBlockBytes, file.bytes - offset));
    if (block.number == BackupBlock::kZeros) {
      if (index + 1 < file.blocks.size()) continue;
      std::ranges::fill(whole, std::byte{0});
    } else {
      const std::string data = data_path(chain_folder, block.number);
      auto source = storage.open(data);
      if (!source) return Unexpected{source.error()};
      const auto read = (*source)->read_at(block.offset, whole);
      if (!read) return Unexpected{read.error()};
      if (*read != whole.size() || checksum(whole) != block.digest) {
        return Unexpected{StorageError{"read", data, EILSEQ}};
      }
    }
    if (auto written = (*target)->write_at(offset, whole); !written) return written;
  }
  return (*target)->sync();
}

}  // namespace

StorageResult<void> restore_files(Storage& storage, const std::string& chain_folder,
                                  const BackupFiles& files, const std::string& target) {
  if (auto made = storage.create_folder(target); !made) return made;
  for (const BackupFile& file : files) {
    const std::string path = target + "/" + file.path;
    StorageResult<void> done = storage.create_folder(folder_of(path));
    if (done) done = restore_file(storage, chain_folder, file, path);
    if (done) done = storage.sync_folder(folder_of(path));
    if (!done) return done;
  }
  return storage.sync_folder(target);
}

std::vector<Stretch> changed_stretches(const BackupFile& before, const BackupFile& now) {
  std::vector<Stretch> stretches;
  for (size_t index = 0; index < now.blocks.size(); ++index) {
    const uint64_t offset = index * kBackupBlockBytes;
    const uint64_t bytes = std::min(kBackupBlockBytes, now.bytes - offset);
    if (is_same(before, index, now.blocks[index], bytes)) continue;
    if (!stretches.empty() && stretches.back().first + stretches.back().second == offset) {
      stretches.back().second += bytes;
    } else {
      stretches.emplace_back(offset, bytes);
    }
  }
  return stretches;
}

const BackupFile* find_file(const BackupFiles& files, std::string_view path) {
  const auto found = std::ranges::lower_bound(files, path, {}, &BackupFile::path);
  return found != files.end() && found->path == path ? &*found : nullptr;
}

}  // namespace prl::sim
