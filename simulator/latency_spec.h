// How long what the host does takes. Plain values, which whoever describes a world writes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace prl::sim {

// What takes time.
enum class Timed : uint8_t {
  kRequest,  // from the client to the server
  kBoot,     // firmware and guest boot
  kResume,   // reading the image back
  kSuspend,  // writing the image
  kFlush,    // SUSPENDING_SYNC
  kPause,
  kContinue,
  kKill,      // tearing the VM process down
  kShutdown,  // a guest that complies with a graceful stop
  kReset,
  kSnapshot,
  kRestore,
  kSnapshotRemoval,
  kClone,
  kMove,
  kCompact,
  kConvert,
  kArchive,  // or pack, or back
  kFetch,    // of an appliance, from elsewhere
  kBackup,
  kBackupRestore,
  kBackupRemoval,
};
// As scenarios spell them, in their order.
inline constexpr std::array<std::string_view, 22> kTimedWords = {"request",
                                                                 "boot",
                                                                 "resume",
                                                                 "suspend",
                                                                 "flush",
                                                                 "pause",
                                                                 "continue",
                                                                 "kill",
                                                                 "shutdown",
                                                                 "reset",
                                                                 "snapshot",
                                                                 "restore",
                                                                 "snapshot_removal",
                                                                 "clone",
                                                                 "move",
                                                                 "compact",
                                                                 "convert",
                                                                 "archive",
                                                                 "fetch",
                                                                 "backup",
                                                                 "backup_restore",
                                                                 "backup_removal"};
inline constexpr size_t kTimedCount = kTimedWords.size();
static_assert(static_cast<size_t>(Timed::kBackupRemoval) + 1 == kTimedCount);

struct Distribution {
  enum class Kind : uint8_t {
    kConstant,   // low_us
    kUniform,    // from low_us to high_us
    kNormal,     // mean low_us, standard deviation high_us; never below 0
    kLogNormal,  // median low_us; its logarithm has the standard deviation spread
    kEmpirical,  // any of values_us, each as likely
  };
  Kind kind = Kind::kConstant;
  uint64_t low_us = 0;
  uint64_t high_us = 0;
  double spread = 0;
  std::vector<uint64_t> values_us;  // never empty for kEmpirical

  bool operator==(const Distribution&) const = default;
};
inline constexpr std::array<std::string_view, 5> kDistributionWords = {
    "constant", "uniform", "normal", "log_normal", "empirical"};

// What one operation takes: what is drawn, and a term for each thing that it has to do.
struct Latency {
  Distribution base;
  uint64_t touched_us_per_mib = 0;  // of RAM that the guest has ever written
  uint64_t dirty_us_per_mib = 0;    // that it has written since its image was last written or read
  uint64_t per_disk_us = 0;         // hard disk of the VM
  uint32_t jitter_percent = 0;      // by at most so much the sum is longer or shorter

  bool has_terms() const { return touched_us_per_mib + dirty_us_per_mib + per_disk_us > 0; }
  bool operator==(const Latency&) const = default;
};

using Latencies = std::array<Latency, kTimedCount>;

}  // namespace prl::sim
