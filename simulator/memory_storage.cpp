#include "simulator/memory_storage.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

namespace prl::sim {
namespace {

Unexpected<StorageError> failure(const char* step, const std::string& path, int errno_value) {
  return Unexpected{StorageError{step, path, errno_value}};
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> names;
  for (size_t start = 0; start < path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string name = path.substr(start, end - start);
    if (!name.empty() && name != ".") names.push_back(name);
    start = end + 1;
  }
  return names;
}

// The bytes of a file, in chunks: what was never written takes no memory. Open files keep them
// alive after the name is gone.
class Content {
 public:
  // No file of any system is longer.
  static constexpr uint64_t kBytesMax = std::numeric_limits<int64_t>::max();

  void write(uint64_t offset, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    size_ = std::max(size_, offset + bytes.size());
    while (!bytes.empty()) {
      auto& chunk = chunks_[offset / kChunkBytes];
      if (!chunk) chunk = std::make_unique<Chunk>();
      const std::span target = std::span(*chunk).subspan(offset % kChunkBytes);
      const size_t count = std::min(bytes.size(), target.size());
      std::copy_n(bytes.begin(), count, target.begin());
      bytes = bytes.subspan(count);
      offset += count;
    }
  }

  void grow(uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    size_ = std::max(size_, bytes);
  }

  size_t read(uint64_t offset, std::span<std::byte> target) const {
    const std::lock_guard lock(mutex_);
    if (offset >= size_) return 0;
    const size_t total = std::min<uint64_t>(size_ - offset, target.size());
    for (size_t done = 0; done < total;) {
      const uint64_t within = (offset + done) % kChunkBytes;
      const size_t count = std::min<size_t>(kChunkBytes - within, total - done);
      const auto found = chunks_.find((offset + done) / kChunkBytes);
      const std::span part = target.subspan(done, count);
      if (found == chunks_.end()) {
        std::ranges::fill(part, std::byte{0});
      } else {
        std::copy_n(found->second->begin() + static_cast<ptrdiff_t>(within), count, part.begin());
      }
      done += count;
    }
    return total;
  }

  uint64_t size() const {
    const std::lock_guard lock(mutex_);
    return size_;
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    chunks_.clear();
    size_ = 0;
  }

 private:
  static constexpr uint64_t kChunkBytes = 64 * 1024;
  using Chunk = std::array<std::byte, kChunkBytes>;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::unordered_map<uint64_t, std::unique_ptr<Chunk>> chunks_;
  uint64_t size_ = 0;
};

class MemoryFile final : public File {
 public:
  MemoryFile(std::shared_ptr<Content> content, std::string path, bool writable)
      : content_(std::move(content)), path_(std::move(path)), writable_(writable) {}

  StorageResult<void> write_at(uint64_t offset, std::span<const std::byte> bytes) override {
    if (!writable_) return failure("write", path_, EBADF);
    if (bytes.empty()) return {};
    if (offset > Content::kBytesMax || bytes.size() > Content::kBytesMax - offset) {
      return failure("write", path_, EFBIG);
    }
    content_->write(offset, bytes);
    return {};
  }

  StorageResult<void> reserve(uint64_t bytes) override {
    if (!writable_) return failure("fallocate", path_, EBADF);
    if (bytes > Content::kBytesMax) return failure("fallocate", path_, EFBIG);
    content_->grow(bytes);
    return {};
  }

  StorageResult<size_t> read_at(uint64_t offset, std::span<std::byte> bytes) override {
    return content_->read(offset, bytes);
  }

  StorageResult<uint64_t> size() override { return content_->size(); }

  StorageResult<void> sync() override { return {}; }

 private:
  const std::shared_ptr<Content> content_;
  const std::string path_;
  const bool writable_;
};

}  // namespace

// A folder has no content, a file has no children.
struct MemoryStorage::Node {
  std::shared_ptr<Content> content;
  std::map<std::string, std::shared_ptr<Node>> children;

  bool is_folder() const { return !content; }
};

struct MemoryStorage::Place {
  std::shared_ptr<Node> folder;
  std::string name;

  std::shared_ptr<Node> node() const {
    const auto found = folder->children.find(name);
    return found == folder->children.end() ? nullptr : found->second;
  }
};

MemoryStorage::MemoryStorage() : root_(std::make_shared<Node>()) {}
MemoryStorage::~MemoryStorage() = default;

Expected<std::shared_ptr<MemoryStorage::Node>, int> MemoryStorage::find(
    const std::string& path) const {
  std::shared_ptr<Node> node = root_;
  for (const std::string& name : split(path)) {
    if (!node->is_folder()) return Unexpected{ENOTDIR};
    const auto found = node->children.find(name);
    if (found == node->children.end()) return Unexpected{ENOENT};
    node = found->second;
  }
  return node;
}

Expected<MemoryStorage::Place, int> MemoryStorage::find_place(const std::string& path) const {
  const std::vector<std::string> names = split(path);
  if (names.empty()) return Unexpected{path.empty() ? ENOENT : EBUSY};
  std::shared_ptr<Node> node = root_;
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    const auto found = node->children.find(names[i]);
    if (found == node->children.end()) return Unexpected{ENOENT};
    node = found->second;
    if (!node->is_folder()) return Unexpected{ENOTDIR};
  }
  return Place{node, names.back()};
}

StorageResult<std::unique_ptr<File>> MemoryStorage::create(const std::string& path) {
  const std::lock_guard lock(mutex_);
  auto place = find_place(path);
  if (!place) return failure("open", path, place.error() == EBUSY ? EISDIR : place.error());
  std::shared_ptr<Node> node = place->node();
  if (!node) {
    node = std::make_shared<Node>();
    node->content = std::make_shared<Content>();
    place->folder->children[place->name] = node;
  }
  if (node->is_folder()) return failure("open", path, EISDIR);
  node->content->clear();
  return std::unique_ptr<File>(std::make_unique<MemoryFile>(node->content, path, true));
}

StorageResult<std::unique_ptr<File>> MemoryStorage::open(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return failure("open", path, node.error());
  if ((*node)->is_folder()) return failure("open", path, EISDIR);
  return std::unique_ptr<File>(std::make_unique<MemoryFile>((*node)->content, path, false));
}

StorageResult<std::unique_ptr<File>> MemoryStorage::open_for_update(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return failure("open", path, node.error());
  if ((*node)->is_folder()) return failure("open", path, EISDIR);
  return std::unique_ptr<File>(std::make_unique<MemoryFile>((*node)->content, path, true));
}

StorageResult<void> MemoryStorage::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const auto source = find_place(from);
  if (!source) return failure("rename", from, source.error());
  const auto target = find_place(to);
  if (!target) return failure("rename", from, target.error());
  const std::shared_ptr<Node> moved = source->node();
  if (!moved) return failure("rename", from, ENOENT);
  const std::shared_ptr<Node> replaced = target->node();
  if (moved == replaced) return {};
  const std::vector<std::string> from_names = split(from);
  const std::vector<std::string> to_names = split(to);
  if (to_names.size() > from_names.size() &&
      std::equal(from_names.begin(), from_names.end(), to_names.begin())) {
    return failure("rename", from, EINVAL);
  }
  if (replaced) {
    if (replaced->is_folder() && !moved->is_folder()) return failure("rename", from, EISDIR);
    if (!replaced->is_folder() && moved->is_folder()) return failure("rename", from, ENOTDIR);
    if (!replaced->children.empty()) return failure("rename", from, ENOTEMPTY);
  }
  source->folder->children.erase(source->name);
  target->folder->children[target->name] = moved;
  return {};
}

StorageResult<void> MemoryStorage::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto place = find_place(path);
  if (!place) return failure("unlink", path, place.error() == EBUSY ? EISDIR : place.error());
  const std::shared_ptr<Node> node = place->node();
  if (!node) return failure("unlink", path, ENOENT);
  if (node->is_folder()) return failure("unlink", path, EISDIR);
  place->folder->children.erase(place->name);
  return {};
}

StorageResult<void> MemoryStorage::create_folder(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const std::vector<std::string> names = split(path);
  std::shared_ptr<Node> node = root_;
  std::string folder;
  for (size_t i = 0; i < names.size(); ++i) {
    folder += "/" + names[i];
    std::shared_ptr<Node>& child = node->children[names[i]];
    if (!child) child = std::make_shared<Node>();
    if (!child->is_folder()) {
      return failure("mkdir", folder, i + 1 == names.size() ? EEXIST : ENOTDIR);
    }
    node = child;
  }
  return {};
}

StorageResult<void> MemoryStorage::remove_folder(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto place = find_place(path);
  if (!place && place.error() == ENOENT) return {};
  if (!place) return failure("rmdir", path, place.error());
  const std::shared_ptr<Node> node = place->node();
  if (!node) return {};
  if (!node->is_folder()) return failure("rmdir", path, ENOTDIR);
  place->folder->children.erase(place->name);
  return {};
}

StorageResult<void> MemoryStorage::sync_folder(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return failure("open", path, node.error());
  if (!(*node)->is_folder()) return failure("open", path, ENOTDIR);
  return {};
}

StorageResult<std::vector<std::string>> MemoryStorage::list(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return failure("opendir", path, node.error());
  if (!(*node)->is_folder()) return failure("opendir", path, ENOTDIR);
  std::vector<std::string> names;
  for (const auto& [name, child] : (*node)->children) names.push_back(name);
  return names;
}

bool MemoryStorage::exists(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return find(path).has_value();
}

StorageResult<uint64_t> MemoryStorage::file_size(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return failure("stat", path, node.error());
  if ((*node)->is_folder()) return failure("stat", path, EISDIR);
  return (*node)->content->size();
}

}  // namespace prl::sim
