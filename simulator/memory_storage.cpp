#include "simulator/memory_storage.h"

#include <algorithm>
#include <cerrno>
#include <map>
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

// The bytes of a file. Open files keep them alive after the name is gone.
struct Content {
  std::mutex mutex;
  std::vector<std::byte> bytes;  // guarded by mutex
};

class MemoryFile final : public File {
 public:
  MemoryFile(std::shared_ptr<Content> content, std::string path, bool writable)
      : content_(std::move(content)), path_(std::move(path)), writable_(writable) {}

  StorageResult<void> write_at(uint64_t offset, std::span<const std::byte> source) override {
    if (!writable_) return failure("write", path_, EBADF);
    const std::lock_guard lock(content_->mutex);
    auto& bytes = content_->bytes;
    if (source.empty()) return {};
    if (offset > bytes.max_size() || source.size() > bytes.max_size() - offset) {
      return failure("write", path_, EFBIG);
    }
    if (offset > bytes.size()) bytes.resize(offset);
    const size_t overlap = std::min<size_t>(bytes.size() - offset, source.size());
    std::copy_n(source.begin(), overlap, bytes.begin() + static_cast<ptrdiff_t>(offset));
    bytes.insert(bytes.end(), source.begin() + static_cast<ptrdiff_t>(overlap), source.end());
    return {};
  }

  StorageResult<size_t> read_at(uint64_t offset, std::span<std::byte> target) override {
    const std::lock_guard lock(content_->mutex);
    const auto& bytes = content_->bytes;
    if (offset >= bytes.size()) return size_t{0};
    const size_t count = std::min<size_t>(bytes.size() - offset, target.size());
    std::copy_n(bytes.begin() + static_cast<ptrdiff_t>(offset), count, target.begin());
    return count;
  }

  StorageResult<uint64_t> size() override {
    const std::lock_guard lock(content_->mutex);
    return uint64_t{content_->bytes.size()};
  }

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
  {
    const std::lock_guard content_lock(node->content->mutex);
    node->content->bytes.clear();
  }
  return std::unique_ptr<File>(std::make_unique<MemoryFile>(node->content, path, true));
}

StorageResult<std::unique_ptr<File>> MemoryStorage::open(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto node = find(path);
  if (!node) return failure("open", path, node.error());
  if ((*node)->is_folder()) return failure("open", path, EISDIR);
  return std::unique_ptr<File>(std::make_unique<MemoryFile>((*node)->content, path, false));
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
  const std::lock_guard content_lock((*node)->content->mutex);
  return uint64_t{(*node)->content->bytes.size()};
}

}  // namespace prl::sim
