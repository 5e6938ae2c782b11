// Resuming, in three parts. Through the public API from the call to the end of the wait, the host
// on a real file system, for machines of different sizes beside each other and beside a plain
// read(2) of the image into fresh memory. Then the first pages that somebody looks at, and all of
// them, each verified, beside the same bytes read and summed up without an image around them.
#include <prlsdk/Parallels.h>
#include <prlsdk/prl_sim.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/disk.h"
#include "bench/rounds.h"
#include "bench/session.h"
#include "simulator/checksum.h"
#include "simulator/image_reader.h"
#include "simulator/image_writer.h"
#include "simulator/posix_storage.h"
#include "simulator/random.h"

namespace prl::bench {

namespace {

constexpr std::array kGoals = {
    Goal{"resume_api_1024mib_over_64mib", 1.2},
    Goal{"resume_api_4096mib_over_64mib", 1.2},
    Goal{"resume_api_64gib_sparse_over_64mib", 1.2},
    Goal{"resume_api_1024mib_over_read", 1e-4},
    Goal{"resume_1024mib_first_64_warm_over_pread", 1.3},
    Goal{"resume_1024mib_first_64_cold_over_pread", 1.3},
    Goal{"resume_1024mib_first_1024_warm_over_pread", 1.3},
    Goal{"resume_1024mib_first_1024_cold_over_pread", 1.3},
    Goal{"resume_1024mib_read_all_over_eager", 0.5},
};
constexpr uint64_t kMib = uint64_t{1} << 20;

// ---- Through the API -------------------------------------------------------------------------

struct Machine {
  const char* name;
  uint32_t ram_mib;
  uint32_t touched_mib;
};
constexpr std::array kMachines = {Machine{"64mib", 64, 64}, Machine{"1024mib", 1024, 1024},
                                  Machine{"4096mib", 4096, 4096},
                                  Machine{"64gib_sparse", 64 * 1024, 64}};
constexpr size_t kReadMachine = 1;

std::string scenario() {
  std::string text = "clock = \"virtual\"\n";
  for (const Machine& machine : kMachines) {
    text += std::string("[[vm]]\nname = \"") + machine.name +
            "\"\nstate = \"running\"\nram_mib = " + std::to_string(machine.ram_mib) + "\n";
  }
  return text;
}

class ApiRounds {
 public:
  explicit ApiRounds(const ScratchFolder& folder)
      : home_(folder.file("home")), session_(scenario(), home_), contest_(parts()) {
    const Buffer content(kMib);
    fill_randomly(content.bytes());
    for (const Machine& machine : kMachines) {
      const PRL_HANDLE vm = session_.find_vm(machine.name);
      const uint64_t stride = machine.ram_mib / machine.touched_mib;
      for (uint64_t i = 0; i < machine.touched_mib; ++i) {
        check(PrlSim_WriteGuestMemory(vm, i * stride * kMib, content.bytes().data(), kMib));
      }
      await(PrlVm_Suspend(vm));
      vms_.push_back(vm);
    }
  }
  ~ApiRounds() {
    for (const PRL_HANDLE vm : vms_) PrlHandle_Free(vm);
  }

  RoundResult round() {
    constexpr int kSlices = 32;
    const auto seconds = contest_.run(kSlices);
    const double read = seconds_of([&] { fresh_copy(base_of(kMachines[kReadMachine].name)); });
    RoundResult result{seconds[0], {{"64mib_us", seconds[0] * 1e6 / kSlices}}};
    for (size_t i = 1; i < kMachines.size(); ++i) {
      result.figures[std::string(kMachines[i].name) + "_over_64mib"] = seconds[i] / seconds[0];
    }
    result.figures["1024mib_over_read"] = seconds[kReadMachine] / kSlices / read;
    return result;
  }

 private:
  std::vector<Contest::Part> parts() {
    std::vector<Contest::Part> parts;
    for (size_t i = 0; i < kMachines.size(); ++i) {
      parts.push_back([this, i] {
        const double seconds = seconds_of([&] { await(PrlVm_Resume(vms_[i])); });
        await(PrlVm_Suspend(vms_[i]));
        return seconds;
      });
    }
    return parts;
  }

  // The largest image of the VM: those that the rounds write have no pages.
  std::string base_of(const std::string& vm) const {
    std::string largest;
    uintmax_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(home_ + "/vms/" + vm + ".pvm")) {
      if (file.is_regular_file() && file.file_size() > bytes) {
        bytes = file.file_size();
        largest = file.path();
      }
    }
    return largest;
  }

  const std::string home_;
  const Session session_;
  std::vector<PRL_HANDLE> vms_;
  Contest contest_;
};

// ---- Pages -----------------------------------------------------------------------------------

// An image of 1 GiB without any page of zeros.
class Image {
 public:
  explicit Image(const ScratchFolder& folder) : path_(folder.file("vm.sav")) {
    folder.remove("vm.sav");
    const sim::Ram ram = touched_ram(1024, 100);
    const sim::MachineImage machine = machine_with(ram);
    vm_ = machine.vm_uuid;
    const auto written = sim::write_image(storage_, path_, machine, ram);
    if (!written) throw std::runtime_error(written.error().message);
    pages_offset_ = written->file_bytes - ram.page_count() * sim::kPageBytes;
    page_count_ = ram.page_count();
  }

  const std::string& path() const { return path_; }
  uint64_t page_count() const { return page_count_; }
  // Every page has the slot of its number.
  uint64_t offset_of(uint64_t page) const { return pages_offset_ + page * sim::kPageBytes; }
  // Where its checksum would be in a table before the pages.
  uint64_t offset_of_sum(uint64_t page) const {
    return pages_offset_ - (page_count_ - page) * sizeof(uint64_t);
  }

  sim::OpenedImage open() {
    auto opened = sim::open_image(storage_, path_, vm_);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  std::unique_ptr<sim::File> open_plainly() { return std::move(storage_.open(path_).value()); }

 private:
  const std::string path_;
  sim::PosixStorage storage_;
  sim::Uuid vm_;
  uint64_t pages_offset_ = 0;
  uint64_t page_count_ = 0;
};

void read_or_throw(const sim::Ram& ram, uint64_t address, std::span<std::byte> bytes) {
  if (!ram.read(address, bytes)) throw std::runtime_error("a page cannot be read");
}

// So many random pages, the same for both.
class FirstPagesRounds {
 public:
  FirstPagesRounds(const ScratchFolder& folder, size_t pages, bool is_cold)
      : image_(folder),
        pages_(pages),
        is_cold_(is_cold),
        contest_({[this] { return resume(); }, [this] { return read_plainly(false); },
                  [this] { return read_plainly(true); }}) {
    if (!is_cold) fresh_copy(image_.path());
  }

  RoundResult round() {
    const int slices = is_cold_ ? 1 : 8;
    const auto seconds = contest_.run(slices);
    return {seconds[0],
            {{"us", seconds[0] * 1e6 / slices},
             {"over_pread", seconds[0] / seconds[1]},
             {"over_two_preads", seconds[0] / seconds[2]}}};
  }

 private:
  // All parts of a slice read the same pages, and the next slice others.
  void prepare() {
    if (draws_++ % kParts == 0) {
      for (uint64_t& page : pages_) page = random_.below(image_.page_count());
    }
    if (is_cold_) forget_cached(image_.path());
  }
  double resume() {
    prepare();
    std::array<std::byte, sim::kPageBytes> bytes;
    return seconds_of([&] {
      const sim::OpenedImage image = image_.open();
      for (const uint64_t page : pages_) read_or_throw(image.ram, page * sim::kPageBytes, bytes);
    });
  }
  // Where a checksum lies apart from its page it takes a call of its own.
  double read_plainly(bool has_sums) {
    prepare();
    std::array<std::byte, sim::kPageBytes> bytes;
    std::array<std::byte, sizeof(uint64_t)> sum;
    return seconds_of([&] {
      const auto file = image_.open_plainly();
      for (const uint64_t page : pages_) {
        const auto count = file->read_at(image_.offset_of(page), bytes);
        if (!count || *count != bytes.size()) throw std::runtime_error("a page cannot be read");
        sum_ += sim::checksum(bytes);
        if (has_sums) (void)file->read_at(image_.offset_of_sum(page), sum).has_value();
      }
    });
  }

  static constexpr uint64_t kParts = 3;

  Image image_;
  std::vector<uint64_t> pages_;
  const bool is_cold_;
  sim::RandomStream random_{1, "pages"};
  uint64_t draws_ = 0;
  uint64_t sum_ = 0;
  Contest contest_;
};

class ReadAllRounds {
 public:
  explicit ReadAllRounds(const ScratchFolder& folder)
      : image_(folder),
        contest_({[this] { return read_through_resume(); }, [this] { return read_eagerly(); }}) {}

  RoundResult round() {
    const auto seconds = contest_.run(1);
    return {seconds[0], {{"ms", seconds[0] * 1e3}, {"over_eager", seconds[0] / seconds[1]}}};
  }

 private:
  double read_through_resume() {
    const Buffer room(kMib);
    return seconds_of([&] {
      const sim::OpenedImage image = image_.open();
      for (uint64_t at = 0; at < image.ram.size_bytes(); at += kMib) {
        read_or_throw(image.ram, at, room.bytes());
      }
    });
  }
  // Letting go of the memory is not timed.
  double read_eagerly() {
    std::unique_ptr<Buffer> copy;
    return seconds_of([&] {
      copy = fresh_copy(image_.path());
      for (uint64_t page = 0; page < image_.page_count(); ++page) {
        sum_ += sim::checksum(copy->bytes().subspan(image_.offset_of(page), sim::kPageBytes));
      }
    });
  }

  Image image_;
  uint64_t sum_ = 0;
  Contest contest_;
};

template <class Rounds, class... Arguments>
void add(Program& program, const std::string& name, int rounds, const ScratchFolder& folder,
         Arguments... arguments) {
  program.add(name, rounds, [&folder, arguments...] {
    const auto made = std::make_shared<Rounds>(folder, arguments...);
    return [made] { return made->round(); };
  });
}

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  const ScratchFolder folder;
  Program program;
  add<ApiRounds>(program, "resume_api", 11, folder);
  for (const size_t pages : {64, 1024}) {
    for (const bool is_cold : {false, true}) {
      add<FirstPagesRounds>(
          program, "resume_1024mib_first_" + std::to_string(pages) + (is_cold ? "_cold" : "_warm"),
          11, folder, pages, is_cold);
    }
  }
  add<ReadAllRounds>(program, "resume_1024mib_read_all", 11, folder);
  return program.run(argc, argv, kGoals);
}
