// A durable write of an image on a real file system, beside a plain write(2) of the touched bytes
// with fsync and beside the quickest way past the page cache or, for a machine without content,
// beside the least that a durable file costs.
#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/disk.h"
#include "bench/rounds.h"
#include "simulator/image_writer.h"
#include "simulator/posix_storage.h"

namespace prl::bench {

namespace {

constexpr std::array kGoals = {
    Goal{"suspend_1024mib_100pct_over_write_fsync", 0.95},
    Goal{"suspend_64mib_0pct_over_commit_floor", 1.5},
    Goal{"suspend_256mib_0pct_over_commit_floor", 1.5},
    Goal{"suspend_1024mib_0pct_over_commit_floor", 1.5},
};

// One machine, suspended over and over.
class SuspendRounds {
 public:
  SuspendRounds(const ScratchFolder& folder, uint64_t ram_mib, uint32_t percent)
      : folder_(folder),
        ram_(touched_ram(ram_mib, percent)),
        plain_(std::max(ram_.touched_pages(), uint64_t{1}) * sim::kPageBytes),
        contest_(parts()) {
    fill_randomly(plain_.bytes());
  }

  RoundResult round() {
    // An empty machine takes less than a millisecond, of which a round wants more than one.
    const int slices = is_empty() ? 16 : 1;
    const auto seconds = contest_.run(slices);
    RoundResult result{seconds[0], {{"ms", seconds[0] * 1e3 / slices}}};
    if (is_empty()) {
      result.figures["over_commit_floor"] = seconds[0] / seconds[1];
    } else {
      result.figures["over_write_fsync"] = seconds[0] / seconds[1];
      if (has_direct_) result.figures["over_direct_fsync"] = seconds[0] / seconds[2];
    }
    return result;
  }

 private:
  bool is_empty() const { return ram_.touched_pages() == 0; }

  std::vector<Contest::Part> parts() {
    if (is_empty()) return {[this] { return suspend(); }, [this] { return commit_page(); }};
    return {[this] { return suspend(); }, [this] { return write(); }, [this] { return direct(); }};
  }

  double suspend() {
    folder_.remove("vm.sav");
    return seconds_of([&] {
      const auto written =
          sim::write_image(storage_, folder_.file("vm.sav"), machine_with(ram_), ram_);
      if (!written) throw std::runtime_error(written.error().message);
    });
  }

  double commit_page() {
    folder_.remove("plain");
    return seconds_of([&] { commit(folder_, "plain", plain_.bytes()); });
  }

  double write() {
    folder_.remove("plain");
    return seconds_of([&] { write_and_sync(folder_.file("plain"), plain_.bytes()); });
  }

  double direct() {
    folder_.remove("direct");
    return seconds_of([&] {
      has_direct_ = write_directly_and_sync(folder_.file("direct"), plain_.bytes());
    });
  }

  const ScratchFolder& folder_;
  const sim::Ram ram_;
  // As cold in the processor's caches as the memory of the machine: a buffer of 1 MiB that is
  // written again and again would not be.
  const Buffer plain_;
  sim::PosixStorage storage_;
  bool has_direct_ = false;
  Contest contest_;
};

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  const ScratchFolder folder;
  Program program;
  add_memory_grid<SuspendRounds>(program, folder, "suspend");
  return program.run(argc, argv, kGoals);
}
