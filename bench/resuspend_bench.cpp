// Suspending again what was resumed: the image holds what has been stored to since, beside a plain
// write(2) of as many bytes with fsync. And the time for which a running machine stands still while
// its snapshot begins, beside a copy of its memory.
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "bench/disk.h"
#include "bench/rounds.h"
#include "simulator/image_chain.h"
#include "simulator/image_reader.h"
#include "simulator/image_writer.h"
#include "simulator/posix_storage.h"
#include "simulator/random.h"

namespace prl::bench {

namespace {

constexpr std::array kGoals = {
    Goal{"resuspend_1gib_0mib_ram_bytes", 0},
    Goal{"resuspend_16gib_0mib_ram_bytes", 0},
    Goal{"resuspend_1gib_1mib_over_write_fsync", 1.6},
    Goal{"resuspend_1gib_4mib_over_write_fsync", 1.3},
    Goal{"resuspend_1gib_16mib_over_write_fsync", 1.1},
    Goal{"resuspend_1gib_64mib_over_write_fsync", 1.05},
    Goal{"resuspend_1gib_256mib_over_write_fsync", 1.05},
    Goal{"resuspend_16gib_1mib_over_write_fsync", 1.6},
    Goal{"resuspend_16gib_4mib_over_write_fsync", 1.3},
    Goal{"resuspend_16gib_16mib_over_write_fsync", 1.1},
    Goal{"resuspend_16gib_64mib_over_write_fsync", 1.05},
    Goal{"resuspend_16gib_256mib_over_write_fsync", 1.05},
    Goal{"snapshot_1024mib_blocked_over_memcpy", 0.02},
};
constexpr uint64_t kMib = uint64_t{1} << 20;

// One machine of which 1 GiB has content, resumed, stored to and suspended over and over. Each
// round begins with the image that it was resumed from at first.
class ResuspendRounds {
 public:
  ResuspendRounds(const ScratchFolder& folder, uint64_t ram_gib, uint64_t dirty_mib)
      : folder_(folder),
        dirty_pages_(dirty_mib * kMib / sim::kPageBytes),
        content_(std::max<uint64_t>(dirty_mib, 1) * kMib),
        contest_({[this] { return suspend(); }, [this] { return write(); },
                  [this] { return commit_plain(); }}) {
    fill_randomly(content_.bytes());
    folder.remove(kBase);
    const sim::Ram ram = touched_ram(ram_gib * 1024, static_cast<uint32_t>(100 / ram_gib));
    const auto written = sim::write_image(storage_, folder.file(kBase), machine_with(ram), ram);
    if (!written) throw std::runtime_error(written.error().message);
  }

  RoundResult round() {
    const int slices = dirty_pages_ < 1024 ? 8 : 1;
    const auto seconds = contest_.run(slices);
    RoundResult result{seconds[0], {{"ms", seconds[0] * 1e3 / slices}}};
    if (dirty_pages_ == 0) {
      result.figures["ram_bytes"] = static_cast<double>(ram_bytes_);
    } else {
      result.figures["over_write_fsync"] = seconds[0] / seconds[1];
      result.figures["over_commit"] = seconds[0] / seconds[2];
    }
    return result;
  }

 private:
  static constexpr char kBase[] = "base.sav";

  // Pages here and there, each once.
  void store(sim::Ram& ram) {
    const uint64_t stride = dirty_pages_ == 0 ? 1 : ram.page_count() / dirty_pages_;
    for (uint64_t i = 0; i < dirty_pages_; ++i) {
      const uint64_t page = i * stride + random_.below(stride);
      const auto bytes = content_.bytes().subspan(i * sim::kPageBytes, sim::kPageBytes);
      if (!ram.write(page * sim::kPageBytes, bytes)) throw std::runtime_error("no such page");
    }
  }

  double suspend() {
    folder_.remove("vm.sav");
    auto opened = sim::open_image(storage_, folder_.file(kBase), machine_with(sim::Ram(0)).vm_uuid);
    if (!opened) throw std::runtime_error(opened.error().message);
    store(opened->ram);
    sim::MachineImage machine = std::move(opened->machine);
    ++machine.generation;
    return seconds_of([&] {
      const auto plan = sim::plan_image(opened->layers, opened->ram.dirty_pages());
      const auto written =
          sim::write_image(storage_, folder_.file("vm.sav"), machine, opened->ram, plan.parent);
      if (!written) throw std::runtime_error(written.error().message);
      ram_bytes_ = written->stored_pages * sim::kPageBytes;
      if (ram_bytes_ != dirty_pages_ * sim::kPageBytes) throw std::runtime_error("no delta");
    });
  }

  double write() {
    folder_.remove("plain");
    return seconds_of([&] { write_and_sync(folder_.file("plain"), content_.bytes()); });
  }

  double commit_plain() {
    folder_.remove("plain");
    return seconds_of([&] { commit(folder_, "plain", content_.bytes()); });
  }

  const ScratchFolder& folder_;
  sim::PosixStorage storage_;
  const uint64_t dirty_pages_;
  const Buffer content_;
  sim::RandomStream random_{1, "stores"};
  uint64_t ram_bytes_ = 0;
  Contest contest_;
};

class SnapshotRounds {
 public:
  SnapshotRounds() : ram_(touched_ram(kRamMib, 100)), from_(kRamMib * kMib), to_(kRamMib * kMib) {
    std::memset(from_.bytes().data(), 1, from_.bytes().size());
    std::memset(to_.bytes().data(), 2, to_.bytes().size());
  }

  RoundResult round() {
    std::shared_ptr<const sim::Ram> shared;
    const double blocked = seconds_of([&] { shared = ram_.share(); });
    const double copied = seconds_of(
        [&] { std::memcpy(to_.bytes().data(), from_.bytes().data(), from_.bytes().size()); });
    return {blocked, {{"blocked_us", blocked * 1e6}, {"blocked_over_memcpy", blocked / copied}}};
  }

 private:
  static constexpr uint64_t kRamMib = 1024;

  sim::Ram ram_;
  const Buffer from_;
  const Buffer to_;
};

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  const ScratchFolder folder;
  Program program;
  for (const uint64_t ram_gib : {1, 16}) {
    for (const uint64_t dirty_mib : {0, 1, 4, 16, 64, 256}) {
      const std::string name =
          "resuspend_" + std::to_string(ram_gib) + "gib_" + std::to_string(dirty_mib) + "mib";
      const int rounds = dirty_mib <= 64 ? 21 : 7;
      program.add(name, rounds, [&folder, ram_gib, dirty_mib] {
        const auto resuspends = std::make_shared<ResuspendRounds>(folder, ram_gib, dirty_mib);
        return [resuspends] { return resuspends->round(); };
      });
    }
  }
  program.add("snapshot_1024mib", 11, [] {
    const auto rounds = std::make_shared<SnapshotRounds>();
    return [rounds] { return rounds->round(); };
  });
  return program.run(argc, argv, kGoals);
}
