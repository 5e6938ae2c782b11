#include "bench/disk.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

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

  void write(std::span<const std::byte> bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::write(number_, bytes.data(), std::min<size_t>(bytes.size(), kMib));
      if (count <= 0) fail("write");
      bytes = bytes.subspan(static_cast<size_t>(count));
    }
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
  void sync() const {
    if (::fsync(number_) != 0) fail("fsync");
  }

 private:
  const int number_;
};

void sync_folder(const std::string& path) { Descriptor(path, O_RDONLY | O_DIRECTORY).sync(); }

}  // namespace

ScratchFolder::ScratchFolder() {
  const char* parent = std::getenv("PRLSIM_BENCH_DIR");
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

std::vector<std::byte> random_bytes(uint64_t bytes) {
  constexpr uint64_t kPeriodBytes = 64 * kMib;
  std::vector<std::byte> content(bytes);
  sim::RandomStream stream(1, "bench");
  for (uint64_t i = 0; i < std::min(bytes, kPeriodBytes); i += sizeof(uint64_t)) {
    const uint64_t draw = stream.next();
    std::memcpy(&content[i], &draw, std::min<size_t>(sizeof(draw), bytes - i));
  }
  for (uint64_t i = kPeriodBytes; i < bytes; i += kPeriodBytes) {
    std::memcpy(&content[i], content.data(), std::min(kPeriodBytes, bytes - i));
  }
  return content;
}

sim::Ram touched_ram(uint64_t ram_mib, uint32_t percent) {
  constexpr uint64_t kContentPages = 4096;
  sim::Ram ram(ram_mib * kMib);
  if (percent == 0) return ram;
  const std::vector<std::byte> content = random_bytes(kContentPages * sim::kPageBytes);
  uint64_t touched = 0;
  for (uint64_t page = 0; page < ram.page_count(); page += 100 / percent) {
    const std::byte* bytes = &content[touched++ % kContentPages * sim::kPageBytes];
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

void commit(const ScratchFolder& folder, const std::string& name,
            std::span<const std::byte> bytes) {
  const std::string temporary = folder.file(name + ".tmp");
  write_and_sync(temporary, bytes);
  if (::rename(temporary.c_str(), folder.file(name).c_str()) != 0) fail("rename " + temporary);
  sync_folder(folder.file("."));
}

FreshCopy::FreshCopy(const std::string& path) {
  const Descriptor file(path, O_RDONLY);
  const uint64_t bytes = file.size();
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  memory_ = {static_cast<std::byte*>(memory), bytes};
  file.read(memory_);
}

FreshCopy::~FreshCopy() { ::munmap(memory_.data(), memory_.size()); }

}  // namespace prl::bench
