#include "simulator/storage_files.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace prl::sim {

namespace {

constexpr uint64_t kTextBytesMax = uint64_t{64} << 20;
constexpr size_t kCopyBytes = size_t{1} << 20;

// Runs `fill` on a new file and gives it its name when it is durable.
template <class Fill>
StorageResult<void> write_durably(Storage& storage, const std::string& path, Fill fill) {
  const std::string temporary = temporary_path(path);
  auto file = storage.create(temporary);
  if (!file) return Unexpected{file.error()};
  StorageResult<void> done = fill(**file);
  if (done) done = (*file)->sync();
  if (done) done = storage.rename(temporary, path);
  if (!done) {
    (void)storage.remove(temporary).has_value();
    return done;
  }
  return storage.sync_folder(folder_of(path));
}

}  // namespace

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string temporary_path(const std::string& path) {
  return path + ".tmp";
}

StorageResult<void> write_text_file(Storage& storage, const std::string& path,
                                    std::string_view text) {
  return write_durably(storage, path, [&](File& file) {
    return file.write_at(0, std::as_bytes(std::span(text.data(), text.size())));
  });
}

StorageResult<std::string> read_text_file(Storage& storage, const std::string& path) {
  auto file = storage.open(path);
  if (!file) return Unexpected{file.error()};
  const auto bytes = (*file)->size();
  if (!bytes) return Unexpected{bytes.error()};
  if (*bytes > kTextBytesMax) return Unexpected{StorageError{"read", path, EFBIG}};
  std::string text(*bytes, '\0');
  const std::span letters(text.data(), text.size());
  const auto read = (*file)->read_at(0, std::as_writable_bytes(letters));
  if (!read) return Unexpected{read.error()};
  text.resize(*read);
  return text;
}

StorageResult<void> copy_file(Storage& storage, const std::string& from, const std::string& to) {
  auto source = storage.open(from);
  if (!source) return Unexpected{source.error()};
  const auto bytes = (*source)->size();
  if (!bytes) return Unexpected{bytes.error()};
  return write_durably(storage, to, [&](File& target) -> StorageResult<void> {
    std::vector<std::byte> block(std::min<uint64_t>(*bytes, kCopyBytes));
    for (uint64_t offset = 0; offset < *bytes;) {
      const auto read = (*source)->read_at(offset, block);
      if (!read) return Unexpected{read.error()};
      if (*read == 0) return Unexpected{StorageError{"read", from, EIO}};  // it has shrunk
      const auto written = target.write_at(offset, std::span(block).first(*read));
      if (!written) return written;
      offset += *read;
    }
    return {};
  });
}

StorageResult<void> remove_if_there(Storage& storage, const std::string& path) {
  if (!storage.exists(path)) return {};
  return storage.remove(path);
}

}  // namespace prl::sim
