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
    Goal{"suspend_1024mib_100pct_over_raw", 1.10},
    Goal{"suspend_4096mib_100pct_over_write_fsync", 0.95},
    Goal{"suspend_4096mib_100pct_over_raw", 1.10},
    Goal{"suspend_1024mib_10pct_over_write_fsync", 1.0},
    Goal{"suspend_1024mib_1pct_over_write_fsync", 1.0},
    Goal{"suspend_1024mib_100pct_size_over_bound", 1.0},
    Goal{"suspend_1024mib_10pct_size_over_bound", 1.0},
    Goal{"suspend_1024mib_1pct_size_over_bound", 1.0},
    Goal{"suspend_untouched_64mib_over_commit_floor", 1.5},
    Goal{"suspend_untouched_16gib_over_commit_floor", 1.5},
    Goal{"suspend_untouched_16gib_over_64mib", 1.25},
};

// Suspends one machine over and over.
class Suspender {
 public:
  Suspender(const ScratchFolder& folder, uint64_t ram_mib, uint32_t percent)
      : folder_(folder), ram_(touched_ram(ram_mib, percent)) {}

  const sim::Ram& ram() const { return ram_; }
  uint64_t file_bytes() const { return file_bytes_; }

  double suspend() {
    folder_.remove("vm.sav");
    return seconds_of([&] {
      const auto written =
          sim::write_image(storage_, folder_.file("vm.sav"), machine_with(ram_), ram_);
      if (!written) throw std::runtime_error(written.error().message);
      file_bytes_ = written->file_bytes;
    });
  }

 private:
  const ScratchFolder& folder_;
  const sim::Ram ram_;
  sim::PosixStorage storage_;
  uint64_t file_bytes_ = 0;
};

class SuspendRounds {
 public:
  SuspendRounds(const ScratchFolder& folder, uint64_t ram_mib, uint32_t percent)
      : folder_(folder),
        suspender_(folder, ram_mib, percent),
        plain_(suspender_.ram().touched_pages() * sim::kPageBytes),
        contest_({[this] { return suspender_.suspend(); }, [this] { return write(); },
                  [this] { return direct(1); }, [this] { return direct(2); },
                  [this] { return commit_plain(); }}) {
    fill_randomly(plain_.bytes());
  }

  RoundResult round() {
    const auto seconds = contest_.run(1);
    RoundResult result{seconds[0], {{"ms", seconds[0] * 1e3}}};
    result.figures["over_write_fsync"] = seconds[0] / seconds[1];
    if (has_direct_) result.figures["over_raw"] = seconds[0] / std::min(seconds[2], seconds[3]);
    result.figures["over_commit"] = seconds[0] / seconds[4];
    const double bound = 1.01 * static_cast<double>(plain_.bytes().size()) + 65'536;
    result.figures["size_over_bound"] = static_cast<double>(suspender_.file_bytes()) / bound;
    return result;
  }

 private:
  double write() {
    folder_.remove("plain");
    return seconds_of([&] { write_and_sync(folder_.file("plain"), plain_.bytes()); });
  }

  double commit_plain() {
    folder_.remove("plain");
    return seconds_of([&] { commit(folder_, "plain", plain_.bytes()); });
  }

  double direct(size_t threads) {
    folder_.remove("direct");
    return seconds_of([&] {
      has_direct_ = write_directly_and_sync(folder_.file("direct"), plain_.bytes(), threads);
    });
  }

  const ScratchFolder& folder_;
  Suspender suspender_;
  // As cold in the processor's caches as the memory of the machine: a buffer of 1 MiB that is
  // written again and again would not be.
  const Buffer plain_;
  bool has_direct_ = false;
  Contest contest_;
};

// Machines that never stored anything but their size.
class UntouchedRounds {
 public:
  explicit UntouchedRounds(const ScratchFolder& folder)
      : folder_(folder),
        small_(folder, 64, 0),
        large_(folder, 16 * 1024, 0),
        page_(sim::kPageBytes),
        contest_({[this] { return small_.suspend(); }, [this] { return large_.suspend(); },
                  [this] { return commit_page(); }}) {
    fill_randomly(page_.bytes());
  }

  RoundResult round() {
    constexpr int kSlices = 16;  // each takes less than a millisecond
    const auto seconds = contest_.run(kSlices);
    return {seconds[0],
            {{"64mib_ms", seconds[0] * 1e3 / kSlices},
             {"64mib_over_commit_floor", seconds[0] / seconds[2]},
             {"16gib_over_commit_floor", seconds[1] / seconds[2]},
             {"16gib_over_64mib", seconds[1] / seconds[0]}}};
  }

 private:
  double commit_page() {
    folder_.remove("plain");
    return seconds_of([&] { commit(folder_, "plain", page_.bytes()); });
  }

  const ScratchFolder& folder_;
  Suspender small_;
  Suspender large_;
  const Buffer page_;
  Contest contest_;
};

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  struct Machine {
    uint64_t ram_mib;
    uint32_t percent;
    int rounds;
  };
  const ScratchFolder folder;
  Program program;
  program.add("suspend_untouched", 11, [&folder] {
    const auto rounds = std::make_shared<UntouchedRounds>(folder);
    return [rounds] { return rounds->round(); };
  });
  for (const Machine& machine : {Machine{64, 100, 11}, Machine{1024, 1, 21}, Machine{1024, 10, 21},
                                 Machine{1024, 100, 7}, Machine{4096, 100, 5}}) {
    const std::string name = "suspend_" + std::to_string(machine.ram_mib) + "mib_" +
                             std::to_string(machine.percent) + "pct";
    program.add(name, machine.rounds, [&folder, machine] {
      const auto rounds = std::make_shared<SuspendRounds>(folder, machine.ram_mib, machine.percent);
      return [rounds] { return rounds->round(); };
    });
  }
  return program.run(argc, argv, kGoals);
}
