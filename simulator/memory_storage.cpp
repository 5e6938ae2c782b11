#include "simulator/memory_storage.h"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace prl::sim {
namespace {

// The names on a path, one after the other.
class Names {
 public:
  explicit Names(std::string_view path) : left_(path) {}

  // None at the end.
  std::optional<std::string_view> next() {
    while (!left_.empty()) {
      const size_t end = std::min(left_.find('/'), left_.size());
      const std::string_view name = left_.substr(0, end);
      left_.remove_prefix(std::min(end + 1, left_.size()));
      if (!name.empty() && name != ".") return name;
    }
    return std::nullopt;
  }

 private:
  std::string_view left_;
};

bool is_below(std::string_view path, std::string_view folder) {
  Names names(path);
  Names of_folder(folder);
  while (const auto name = of_folder.next()) {
    if (names.next() != name) return false;
  }
  return names.next().has_value();
}

}  // namespace

// The bytes of a file, in chunks: what was never written takes no memory. Open files keep them
// alive after the name is gone.
class MemoryStorage::Content {
 public:
  // No file of any system is longer.
  static constexpr uint64_t kBytesMax = std::numeric_limits<int64_t>::max();

  void write(uint64_t offset, std::span<const std::byte> bytes) {
    const std::lock_guard lock(mutex_);
    size_ = std::max(size_, offset + bytes.size());
    while (!bytes.empty()) {
      const uint64_t within = offset % kChunkBytes;
      const size_t count = std::min<uint64_t>(bytes.size(), kChunkBytes - within);
      put(chunks_[offset / kChunkBytes], within, bytes.first(count));
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
      const std::span chunk = found == chunks_.end() ? std::span<const std::byte>() : found->second;
      const std::span there = chunk.subspan(std::min<size_t>(within, chunk.size()));
      const std::span part = target.subspan(done, count);
      const size_t known = std::min(there.size(), count);
      std::copy_n(there.data(), known, part.data());
      std::fill_n(part.data() + known, count - known, std::byte{0});
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
  // What is written once and is not longer gets no more room: most files are like that, and the
  // heap looks after itself whenever it gets a block back that is as long as a chunk.
  static constexpr uint64_t kSmallBytes = 16 * 1024;
  // As far as there has been a write; from there on zeros. Most files are a small part of a chunk.
  using Chunk = std::vector<std::byte>;

  static void put(Chunk& chunk, size_t offset, std::span<const std::byte> bytes) {
    if (const size_t end = offset + bytes.size(); end > chunk.capacity()) {
      const bool is_small = chunk.empty() && end <= kSmallBytes;
      chunk.reserve(is_small ? end : kChunkBytes);
    }
    if (chunk.size() < offset) chunk.resize(offset);
    const size_t known = std::min(chunk.size() - offset, bytes.size());
    std::copy_n(bytes.data(), known, chunk.data() + offset);
    const auto more = bytes.subspan(known);
    chunk.insert(chunk.end(), more.begin(), more.end());
  }

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::unordered_map<uint64_t, Chunk> chunks_;
  uint64_t size_ = 0;
};

class MemoryStorage::OpenFile final : public File {
 public:
  OpenFile(std::shared_ptr<Content> content, std::string path, bool writable)
      : content_(std::move(content)), path_(std::move(path)), writable_(writable) {}

  StorageResult<void> write_at(uint64_t offset, std::span<const std::byte> bytes) override {
    if (!writable_) return failed_step("write", path_, EBADF);
    if (bytes.empty()) return {};
    if (offset > Content::kBytesMax || bytes.size() > Content::kBytesMax - offset) {
      return failed_step("write", path_, EFBIG);
    }
    content_->write(offset, bytes);
    return {};
  }

  StorageResult<void> reserve(uint64_t bytes) override {
    if (!writable_) return failed_step("fallocate", path_, EBADF);
    if (bytes > Content::kBytesMax) return failed_step("fallocate", path_, EFBIG);
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

// A folder has no content, a file has no children.
struct MemoryStorage::Node {
  std::shared_ptr<Content> content;
  std::map<std::string, std::unique_ptr<Node>, std::less<>> children;

  bool is_folder() const { return !content; }
  // Null where there is none.
  Node* child(std::string_view name) const {
    const auto found = children.find(name);
    return found == children.end() ? nullptr : found->second.get();
  }
  // REQUIRES: there is none of that name. Without content it is a folder.
  Node& add_child(std::string_view name, std::shared_ptr<Content> of_file = nullptr) {
    auto added = std::make_unique<Node>();
    added->content = std::move(of_file);
    return *children.emplace(name, std::move(added)).first->second;
  }
  // REQUIRES: there is one.
  std::unique_ptr<Node> take_child(std::string_view name) {
    return std::move(children.extract(children.find(name)).mapped());
  }
};

struct MemoryStorage::Place {
  Node* folder = nullptr;
  std::string_view name;

  Node* node() const { return folder->child(name); }
};

MemoryStorage::MemoryStorage() : root_(std::make_unique<Node>()) {}
MemoryStorage::~MemoryStorage() = default;

Expected<MemoryStorage::Node*, int> MemoryStorage::find(std::string_view path) const {
  Node* node = root_.get();
  Names names(path);
  while (const auto name = names.next()) {
    if (!node->is_folder()) return Unexpected{ENOTDIR};
    node = node->child(*name);
    if (!node) return Unexpected{ENOENT};
  }
  return node;
}

Expected<MemoryStorage::Place, int> MemoryStorage::find_place(std::string_view path) const {
  Names names(path);
  auto name = names.next();
  if (!name) return Unexpected{path.empty() ? ENOENT : EBUSY};
  Node* folder = root_.get();
  while (const auto after = names.next()) {
    folder = folder->child(*name);
    if (!folder) return Unexpected{ENOENT};
    if (!folder->is_folder()) return Unexpected{ENOTDIR};
    name = after;
  }
  return Place{folder, *name};
}

StorageResult<std::unique_ptr<File>> MemoryStorage::create(const std::string& path) {
  const std::lock_guard lock(mutex_);
  auto place = find_place(path);
  if (!place) return failed_step("open", path, place.error() == EBUSY ? EISDIR : place.error());
  Node* node = place->node();
  if (!node) node = &place->folder->add_child(place->name, std::make_shared<Content>());
  if (node->is_folder()) return failed_step("open", path, EISDIR);
  node->content->clear();
  return std::unique_ptr<File>(std::make_unique<OpenFile>(node->content, path, true));
}

StorageResult<std::unique_ptr<File>> MemoryStorage::open(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return failed_step("open", path, node.error());
  if ((*node)->is_folder()) return failed_step("open", path, EISDIR);
  return std::unique_ptr<File>(std::make_unique<OpenFile>((*node)->content, path, false));
}

StorageResult<std::unique_ptr<File>> MemoryStorage::open_for_update(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return failed_step("open", path, node.error());
  if ((*node)->is_folder()) return failed_step("open", path, EISDIR);
  return std::unique_ptr<File>(std::make_unique<OpenFile>((*node)->content, path, true));
}

StorageResult<void> MemoryStorage::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const auto source = find_place(from);
  if (!source) return failed_step("rename", from, source.error());
  const auto target = find_place(to);
  if (!target) return failed_step("rename", from, target.error());
  const Node* moved = source->node();
  if (!moved) return failed_step("rename", from, ENOENT);
  const Node* replaced = target->node();
  if (moved == replaced) return {};
  if (is_below(to, from)) return failed_step("rename", from, EINVAL);
  if (replaced) {
    if (replaced->is_folder() && !moved->is_folder()) return failed_step("rename", from, EISDIR);
    if (!replaced->is_folder() && moved->is_folder()) return failed_step("rename", from, ENOTDIR);
    if (!replaced->children.empty()) return failed_step("rename", from, ENOTEMPTY);
  }
  target->folder->children.insert_or_assign(std::string(target->name),
                                            source->folder->take_child(source->name));
  return {};
}

StorageResult<void> MemoryStorage::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto place = find_place(path);
  if (!place) return failed_step("unlink", path, place.error() == EBUSY ? EISDIR : place.error());
  const Node* node = place->node();
  if (!node) return failed_step("unlink", path, ENOENT);
  if (node->is_folder()) return failed_step("unlink", path, EISDIR);
  (void)place->folder->take_child(place->name);
  return {};
}

StorageResult<void> MemoryStorage::create_folder(const std::string& path) {
  const std::lock_guard lock(mutex_);
  Node* node = root_.get();
  Names names(path);
  std::string folder;
  while (const auto name = names.next()) {
    Node* child = node->child(*name);
    folder.append("/").append(*name);
    if (!child) child = &node->add_child(*name);
    if (!child->is_folder()) return failed_step("mkdir", folder, names.next() ? ENOTDIR : EEXIST);
    node = child;
  }
  return {};
}

StorageResult<void> MemoryStorage::remove_folder(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto place = find_place(path);
  if (!place && place.error() == ENOENT) return {};
  if (!place) return failed_step("rmdir", path, place.error());
  const Node* node = place->node();
  if (!node) return {};
  if (!node->is_folder()) return failed_step("rmdir", path, ENOTDIR);
  (void)place->folder->take_child(place->name);
  return {};
}

StorageResult<void> MemoryStorage::sync_folder(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return failed_step("open", path, node.error());
  if (!(*node)->is_folder()) return failed_step("open", path, ENOTDIR);
  return {};
}

StorageResult<std::vector<std::string>> MemoryStorage::list(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return failed_step("opendir", path, node.error());
  if (!(*node)->is_folder()) return failed_step("opendir", path, ENOTDIR);
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
  if (!node) return failed_step("stat", path, node.error());
  if ((*node)->is_folder()) return failed_step("stat", path, EISDIR);
  return (*node)->content->size();
}

}  // namespace prl::sim
