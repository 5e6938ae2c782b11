#include "bench/disk.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>
#include <system_error>
#include <vector>

#include "simulator/random.h"

namespace prl::bench {

namespace {

constexpr uint64_t kMib = uint64_t{1} << 20;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : number_(::open(path.c_str(), flags, 0644)) {
    if (number_ < 0) fail("open " + path);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(number_); }

  void write(std::span<const std::byte> bytes, size_t call_bytes = kMib) const {
    while (!bytes.empty()) {
      const ssize_t count = ::write(number_, bytes.data(), std::min(bytes.size(), call_bytes));
      if (count <= 0) fail("write");
      bytes = bytes.subspan(static_cast<size_t>(count));
    }
  }
  void write_at(size_t offset, std::span<const std::byte> bytes) const {
    while (!bytes.empty()) {
      const ssize_t count =
          ::pwrite(number_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (count <= 0) fail("write");
      bytes = bytes.subspan(count);
      offset += count;
    }
  }
  void forget_cached() const {
    errno = ::posix_fadvise(number_, 0, 0, POSIX_FADV_DONTNEED);
    if (errno != 0) fail("fadvise");
  }
  void read(std::span<std::byte> bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::read(number_, bytes.data(), std::min<size_t>(bytes.size(), kMib));
      if (count <= 0) fail("read");
      bytes = bytes.subspan(static_cast<size_t>(count));
    }
  }
  uint64_t size() const {
    struct stat status;
    if (::fstat(number_, &status) != 0) fail("fstat");
    return static_cast<uint64_t>(status.st_size);
  }
  void allocate(uint64_t bytes) const {
    errno = ::posix_fallocate(number_, 0, static_cast<off_t>(bytes));
    if (errno != 0) fail("fallocate");
  }
  void sync() const {
    if (::fsync(number_) != 0) fail("fsync");
  }

 private:
  const int number_;
};

void sync_folder(const std::string& path) { Descriptor(path, O_RDONLY | O_DIRECTORY).sync(); }

}  // namespace

ScratchFolder::ScratchFolder() {
  const char* parent = std::getenv("BENCH_DIR");
  path_ = std::string(parent && *parent ? parent : ".") + "/prlsim-bench-XXXXXX";
  if (!::mkdtemp(path_.data())) fail("mkdtemp " + path_);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void ScratchFolder::remove(const std::string& name) const {
  if (::unlink(file(name).c_str()) != 0 && errno != ENOENT) fail("unlink " + file(name));
  sync_folder(path_);
}

Buffer::Buffer(size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  bytes_ = {static_cast<std::byte*>(memory), bytes};
}

Buffer::~Buffer() { ::munmap(bytes_.data(), bytes_.size()); }

void fill_randomly(std::span<std::byte> bytes) {
  constexpr size_t kPeriodBytes = 64 * kMib;
  sim::RandomStream stream(1, "bench");
  for (size_t i = 0; i < std::min(bytes.size(), kPeriodBytes); i += sizeof(uint64_t)) {
    const uint64_t draw = stream.next();
    std::memcpy(&bytes[i], &draw, std::min(sizeof(draw), bytes.size() - i));
  }
  for (size_t i = kPeriodBytes; i < bytes.size(); i += kPeriodBytes) {
    std::memcpy(&bytes[i], bytes.data(), std::min(kPeriodBytes, bytes.size() - i));
  }
}

sim::Ram touched_ram(uint64_t ram_mib, uint32_t percent) {
  constexpr uint64_t kContentPages = 4096;
  sim::Ram ram(ram_mib * kMib);
  if (percent == 0) return ram;
  const Buffer content(kContentPages * sim::kPageBytes);
  fill_randomly(content.bytes());
  uint64_t touched = 0;
  for (uint64_t page = 0; page < ram.page_count(); page += 100 / percent) {
    const std::byte* bytes = &content.bytes()[touched++ % kContentPages * sim::kPageBytes];
    std::memcpy(ram.page_for_store(page).data(), bytes, sim::kPageBytes);
  }
  return ram;
}

sim::MachineImage machine_with(const sim::Ram& ram) {
  sim::MachineImage machine;
  machine.vm_uuid = *sim::Uuid::parse("12345678-9abc-4def-8123-456789abcdef");
  machine.generation = 1;
  machine.vcpus.resize(2);
  machine.config = {"bench", ram.size_bytes(), 2};
  return machine;
}

void write_and_sync(const std::string& path, std::span<const std::byte> bytes) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_EXCL);
  file.write(bytes);
  file.sync();
}

bool write_directly_and_sync(const std::string& path, std::span<const std::byte> bytes,
                             size_t threads) {
  constexpr size_t kPieceBytes = 8 * kMib;
  try {
    const Descriptor file(path, O_WRONLY | O_CREAT | O_EXCL | O_DIRECT);
    file.allocate(bytes.size());
    std::atomic<size_t> next = 0;
    const auto write = [&] {
      for (size_t at = next.fetch_add(kPieceBytes); at < bytes.size();
           at = next.fetch_add(kPieceBytes)) {
        file.write_at(at, bytes.subspan(at, std::min(kPieceBytes, bytes.size() - at)));
      }
    };
    std::vector<std::future<void>> helpers;
    for (size_t i = 1; i < threads; ++i) helpers.push_back(std::async(std::launch::async, write));
    write();
    for (std::future<void>& helper : helpers) helper.get();
    file.sync();
    return true;
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::invalid_argument) return false;
    throw;
  }
}

void forget_cached(const std::string& path) {
  Descriptor(path, O_RDONLY).forget_cached();
}

void commit(const ScratchFolder& folder, const std::string& name,
            std::span<const std::byte> bytes) {
  const std::string temporary = folder.file(name + ".tmp");
  write_and_sync(temporary, bytes);
  if (::rename(temporary.c_str(), folder.file(name).c_str()) != 0) fail("rename " + temporary);
  sync_folder(folder.file("."));
}

std::unique_ptr<Buffer> fresh_copy(const std::string& path) {
  const Descriptor file(path, O_RDONLY);
  auto copy = std::make_unique<Buffer>(file.size());
  file.read(copy->bytes());
  return copy;
}

}  // namespace prl::bench
