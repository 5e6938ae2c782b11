#include "simulator/store_watch.h"

#if defined(__linux__) && defined(__has_include)
#if __has_include(<linux/userfaultfd.h>)
#include <linux/userfaultfd.h>
#define PRLSIM_HAS_STORE_WATCH 1
#endif
#endif

#ifdef PRLSIM_HAS_STORE_WATCH

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "simulator/descriptor.h"
#include "simulator/page_source.h"

namespace prl::sim {

namespace {

// The kernel's interface as of Linux 6.7, which is younger than the headers that Debian 12 has.
constexpr int kUserModeOnly = 1;                             // of userfaultfd(2)
constexpr uint64_t kWatchesUnpopulated = uint64_t{1} << 13;  // UFFD_FEATURE_WP_UNPOPULATED
constexpr uint64_t kLiftsProtection = uint64_t{1} << 15;     // UFFD_FEATURE_WP_ASYNC
constexpr uint64_t kIsWritten = uint64_t{1} << 1;            // PAGE_IS_WRITTEN
constexpr uint64_t kProtectFound = uint64_t{1} << 0;         // PM_SCAN_WP_MATCHING
constexpr uint64_t kCheckWatched = uint64_t{1} << 1;         // PM_SCAN_CHECK_WPASYNC

struct FoundPages {  // struct page_region
  uint64_t start = 0;
  uint64_t end = 0;
  uint64_t categories = 0;
};

struct Scan {  // struct pm_scan_arg
  uint64_t size = sizeof(Scan);
  uint64_t flags = 0;
  uint64_t start = 0;
  uint64_t end = 0;
  uint64_t walk_end = 0;
  uint64_t found = 0;
  uint64_t found_max = 0;
  uint64_t pages_max = 0;
  uint64_t inverted = 0;
  uint64_t required = 0;
  uint64_t one_of = 0;
  uint64_t returned = 0;
};

constexpr unsigned long kScanPagemap = _IOWR('f', 16, Scan);

bool begin(int faults, uint64_t start, uint64_t bytes) {
  uffdio_api api{.api = UFFD_API, .features = kWatchesUnpopulated | kLiftsProtection, .ioctls = 0};
  if (::ioctl(faults, UFFDIO_API, &api) != 0) return false;
  uffdio_register watched{
      .range = {.start = start, .len = bytes}, .mode = UFFDIO_REGISTER_MODE_WP, .ioctls = 0};
  if (::ioctl(faults, UFFDIO_REGISTER, &watched) != 0) return false;
  uffdio_writeprotect protect{.range = {.start = start, .len = bytes},
                              .mode = UFFDIO_WRITEPROTECT_MODE_WP};
  return ::ioctl(faults, UFFDIO_WRITEPROTECT, &protect) == 0;
}

class KernelWatch final : public StoreWatch {
 public:
  KernelWatch(Descriptor faults, Descriptor pagemap, uint64_t start, uint64_t bytes)
      : faults_(std::move(faults)),
        pagemap_(std::move(pagemap)),
        start_(start),
        end_(start + bytes),
        process_(::getpid()) {}

  std::optional<std::vector<Range>> take() override {
    if (::getpid() != process_) return std::nullopt;  // the descriptors speak of the other one
    std::vector<Range> ranges;
    std::array<FoundPages, 64> found;
    for (uint64_t at = start_; at < end_;) {
      Scan scan{.flags = kProtectFound | kCheckWatched,
                .start = at,
                .end = end_,
                .found = reinterpret_cast<uint64_t>(found.data()),
                .found_max = found.size(),
                .required = kIsWritten,
                .returned = kIsWritten};
      const int count = ::ioctl(pagemap_.number(), kScanPagemap, &scan);
      if (count < 0 || scan.walk_end <= at) return std::nullopt;
      for (int i = 0; i < count; ++i) {
        ranges.push_back(
            {(found[i].start - start_) / kPageBytes, (found[i].end - start_) / kPageBytes});
      }
      at = scan.walk_end;
    }
    return ranges;
  }

 private:
  const Descriptor faults_;  // the watch ends with it
  const Descriptor pagemap_;
  const uint64_t start_;
  const uint64_t end_;
  const pid_t process_;
};

}  // namespace

std::unique_ptr<StoreWatch> StoreWatch::over(std::span<std::byte> mapping) {
  if (::sysconf(_SC_PAGESIZE) != static_cast<long>(kPageBytes)) return nullptr;
  const auto start = reinterpret_cast<uint64_t>(mapping.data());
  Descriptor faults(
      static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | kUserModeOnly)));
  Descriptor pagemap(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  if (!faults.is_open() || !pagemap.is_open() || !begin(faults.number(), start, mapping.size()))
    return nullptr;
  auto watch =
      std::make_unique<KernelWatch>(std::move(faults), std::move(pagemap), start, mapping.size());
  // Whether this kernel can scan shows only when it is asked to.
  if (!watch->take()) return nullptr;
  return watch;
}

}  // namespace prl::sim

#else

namespace prl::sim {

std::unique_ptr<StoreWatch> StoreWatch::over(std::span<std::byte> /*mapping*/) {
  return nullptr;
}

}  // namespace prl::sim

#endif
