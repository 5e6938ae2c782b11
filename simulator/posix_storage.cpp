#include "simulator/posix_storage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <utility>

#include "simulator/descriptor.h"

namespace prl::sim {
namespace {

// Repeats a system call that a signal interrupted.
template <class Call>
auto retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

Descriptor open_path(const std::string& path, int flags) {
  constexpr mode_t kMode = 0644;
  return Descriptor(retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kMode); }));
}

// The kernel takes 1,024 pieces in one call.
constexpr size_t kPiecesMax = 1024;

// Fills `vector` with the pieces from the front, neighbours in memory as one, and returns how many
// of its elements and of the pieces that took.
std::pair<size_t, size_t> collect(Gather pieces, std::array<iovec, kPiecesMax>& vector) {
  size_t count = 0;
  size_t taken = 0;
  for (const auto& piece : pieces) {
    auto* start = const_cast<std::byte*>(piece.data());  // the kernel only reads
    const bool continues =
        count > 0 &&
        static_cast<std::byte*>(vector[count - 1].iov_base) + vector[count - 1].iov_len == start;
    if (continues) {
      vector[count - 1].iov_len += piece.size();
    } else if (count == kPiecesMax) {
      break;
    } else {
      vector[count++] = {start, piece.size()};
    }
    ++taken;
  }
  return {count, taken};
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor descriptor, std::string path, bool is_durable)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), is_durable_(is_durable) {}

  StorageResult<void> write_at(uint64_t offset, std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = retry([&] {
        return ::pwrite(descriptor_.number(), bytes.data(), bytes.size(),
                        static_cast<off_t>(offset));
      });
      if (count < 0) return failed_step("write", path_, errno);
      // A disk that takes nothing and reports nothing would be asked for ever.
      if (count == 0) return failed_step("write", path_, EIO);
      offset += static_cast<uint64_t>(count);
      bytes = bytes.subspan(static_cast<size_t>(count));
    }
    return {};
  }

  StorageResult<void> write_gathered(uint64_t offset, Gather pieces) override {
    std::array<iovec, kPiecesMax> vector;
    while (!pieces.empty()) {
      const auto [count, taken] = collect(pieces, vector);
      const auto written = write_vector(offset, std::span(vector).first(count));
      if (!written) return Unexpected{written.error()};
      offset += *written;
      pieces = pieces.subspan(taken);
    }
    return {};
  }

  StorageResult<void> reserve(uint64_t bytes) override {
#ifdef __linux__
    const auto length = static_cast<off_t>(bytes);
    if (bytes == 0 || retry([&] { return ::fallocate(descriptor_.number(), 0, 0, length); }) == 0) {
      return {};
    }
    if (errno == EOPNOTSUPP || errno == ENOSYS) return {};
    return failed_step("fallocate", path_, errno);
#else
    (void)bytes;
    return {};
#endif
  }

  StorageResult<size_t> read_at(uint64_t offset, std::span<std::byte> bytes) override {
    size_t total = 0;
    while (total < bytes.size()) {
      const ssize_t count = retry([&] {
        return ::pread(descriptor_.number(), bytes.data() + total, bytes.size() - total,
                       static_cast<off_t>(offset + total));
      });
      if (count < 0) return failed_step("read", path_, errno);
      if (count == 0) break;
      total += static_cast<size_t>(count);
    }
    return total;
  }

  StorageResult<size_t> read_before(uint64_t offset, std::span<std::byte> bytes,
                                    uint64_t next_offset, uint64_t next_bytes) override {
#ifdef RWF_NOWAIT
    const iovec target{bytes.data(), bytes.size()};
    const ssize_t count = ::preadv2(descriptor_.number(), &target, 1, static_cast<off_t>(offset),
                                    RWF_NOWAIT);  // refuses to wait for the disk
    if (count == static_cast<ssize_t>(bytes.size())) return bytes.size();
    (void)::posix_fadvise(descriptor_.number(), static_cast<off_t>(next_offset),
                          static_cast<off_t>(next_bytes), POSIX_FADV_WILLNEED);
#else
    (void)next_offset;
    (void)next_bytes;
#endif
    return read_at(offset, bytes);
  }

  StorageResult<uint64_t> size() override {
    struct stat status;
    if (::fstat(descriptor_.number(), &status) != 0) return failed_step("fstat", path_, errno);
    return static_cast<uint64_t>(status.st_size);
  }

  StorageResult<void> sync() override {
    if (!is_durable_) return {};
    if (retry([&] { return ::fsync(descriptor_.number()); }) != 0) {
      return failed_step("fsync", path_, errno);
    }
    return {};
  }

 private:
  // Writes all of it and returns how much that was.
  StorageResult<uint64_t> write_vector(uint64_t offset, std::span<iovec> vector) {
    uint64_t total = 0;
    while (!vector.empty()) {
      const ssize_t count = retry([&] {
        return ::pwritev(descriptor_.number(), vector.data(), static_cast<int>(vector.size()),
                         static_cast<off_t>(offset + total));
      });
      if (count < 0) return failed_step("write", path_, errno);
      if (count == 0) return failed_step("write", path_, EIO);
      total += static_cast<uint64_t>(count);
      vector = without_front(vector, static_cast<size_t>(count));
    }
    return total;
  }

  static std::span<iovec> without_front(std::span<iovec> vector, size_t bytes) {
    while (!vector.empty() && bytes >= vector.front().iov_len) {
      bytes -= vector.front().iov_len;
      vector = vector.subspan(1);
    }
    if (bytes > 0) {
      vector.front().iov_base = static_cast<std::byte*>(vector.front().iov_base) + bytes;
      vector.front().iov_len -= bytes;
    }
    return vector;
  }

  const Descriptor descriptor_;
  const std::string path_;
  const bool is_durable_;
};

// A descriptor whose writes go past the page cache, or an ordinary one where the file system
// refuses such (tmpfs does).
Descriptor open_direct(const std::string& path, int flags) {
#ifdef O_DIRECT
  Descriptor direct = open_path(path, flags | O_DIRECT);
  if (direct.is_open() || errno != EINVAL) return direct;
#endif
  Descriptor descriptor = open_path(path, flags);
#ifdef F_NOCACHE
  if (descriptor.is_open()) ::fcntl(descriptor.number(), F_NOCACHE, 1);
#endif
  return descriptor;
}

std::unique_ptr<File> opened(Descriptor descriptor, const std::string& path, bool is_durable) {
  return std::make_unique<PosixFile>(std::move(descriptor), path, is_durable);
}

bool is_folder(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

StorageResult<std::unique_ptr<File>> PosixStorage::create(const std::string& path) {
  Descriptor descriptor = open_path(path, O_RDWR | O_CREAT | O_TRUNC);
  if (!descriptor.is_open()) return failed_step("open", path, errno);
  return opened(std::move(descriptor), path, is_durable_);
}

StorageResult<std::unique_ptr<File>> PosixStorage::create_direct(const std::string& path) {
  Descriptor descriptor = open_direct(path, O_RDWR | O_CREAT | O_TRUNC);
  if (!descriptor.is_open()) return failed_step("open", path, errno);
  return opened(std::move(descriptor), path, is_durable_);
}

StorageResult<std::unique_ptr<File>> PosixStorage::open_for_update(const std::string& path) {
  Descriptor descriptor = open_path(path, O_RDWR);
  if (!descriptor.is_open()) return failed_step("open", path, errno);
  return opened(std::move(descriptor), path, is_durable_);
}

StorageResult<std::unique_ptr<File>> PosixStorage::open(const std::string& path) {
  Descriptor descriptor = open_path(path, O_RDONLY);
  if (!descriptor.is_open()) return failed_step("open", path, errno);
  struct stat status;
  if (::fstat(descriptor.number(), &status) != 0) return failed_step("fstat", path, errno);
  // The system would open a folder and fail at the first read.
  if (S_ISDIR(status.st_mode)) return failed_step("open", path, EISDIR);
  return opened(std::move(descriptor), path, is_durable_);
}

StorageResult<void> PosixStorage::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failed_step("rename", from, errno);
  return {};
}

StorageResult<void> PosixStorage::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return failed_step("unlink", path, errno);
  return {};
}

StorageResult<void> PosixStorage::create_folder(const std::string& path) {
  constexpr mode_t kMode = 0755;
  for (size_t end = path.find_first_not_of('/'); end < path.size();) {
    end = std::min(path.find('/', end), path.size());
    const std::string folder = path.substr(0, end);
    if (::mkdir(folder.c_str(), kMode) != 0) {
      if (errno != EEXIST) return failed_step("mkdir", folder, errno);
      if (!is_folder(folder)) {
        return failed_step("mkdir", folder, end == path.size() ? EEXIST : ENOTDIR);
      }
    }
    end = path.find_first_not_of('/', end);
  }
  return {};
}

StorageResult<void> PosixStorage::remove_folder(const std::string& path) {
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return failed_step("rmdir", path, errno);
  }
  if (!S_ISDIR(status.st_mode)) return failed_step("rmdir", path, ENOTDIR);
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) return failed_step("rmdir", path, error.value());
  return {};
}

StorageResult<void> PosixStorage::sync_folder(const std::string& path) {
  const Descriptor folder = open_path(path, O_RDONLY | O_DIRECTORY);
  if (!folder.is_open()) return failed_step("open", path, errno);
  if (!is_durable_) return {};
  if (retry([&] { return ::fsync(folder.number()); }) != 0)
    return failed_step("fsync", path, errno);
  return {};
}

StorageResult<std::vector<std::string>> PosixStorage::list(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), &::closedir);
  if (!folder) return failed_step("opendir", path, errno);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (!entry) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return failed_step("readdir", path, errno);
  std::sort(names.begin(), names.end());
  return names;
}

bool PosixStorage::exists(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0;
}

StorageResult<uint64_t> PosixStorage::file_size(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) return failed_step("stat", path, errno);
  if (S_ISDIR(status.st_mode)) return failed_step("stat", path, EISDIR);
  return static_cast<uint64_t>(status.st_size);
}

}  // namespace prl::sim
