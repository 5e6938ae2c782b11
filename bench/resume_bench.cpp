// Reading an image back into a new memory, every checksum verified, beside a plain read(2) of the
// same file into fresh memory. The file has just been written, so both find it in the page cache.
// Letting go of the memory is not timed in either.
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "bench/disk.h"
#include "bench/rounds.h"
#include "simulator/image_reader.h"
#include "simulator/image_writer.h"
#include "simulator/posix_storage.h"

namespace prl::bench {

namespace {

constexpr char kImage[] = "vm.sav";

// One suspended machine, resumed over and over.
class ResumeRounds {
 public:
  ResumeRounds(const ScratchFolder& folder, uint64_t ram_mib, uint32_t percent)
      : path_(folder.file(kImage)),
        // An image without pages takes microseconds, of which a round wants more than a few.
        slices_(percent == 0 ? 256 : 1),
        contest_({[this] { return resume(); }, [this] { return read_reference(); }}) {
    folder.remove(kImage);
    const sim::Ram ram = touched_ram(ram_mib, percent);
    const sim::MachineImage machine = machine_with(ram);
    vm_ = machine.vm_uuid;
    const auto written = sim::write_image(storage_, path_, machine, ram);
    if (!written) throw std::runtime_error(written.error().message);
  }

  RoundResult round() {
    const auto seconds = contest_.run(slices_);
    return {seconds[0],
            {{"ms", seconds[0] * 1e3 / slices_}, {"over_read", seconds[0] / seconds[1]}}};
  }

 private:
  double resume() {
    std::optional<sim::OpenedImage> image;
    return seconds_of([&] {
      auto read = sim::open_image(storage_, path_, vm_);
      if (!read) throw std::runtime_error(read.error().message);
      image.emplace(std::move(*read));
    });
  }

  double read_reference() {
    std::unique_ptr<Buffer> copy;
    return seconds_of([&] { copy = fresh_copy(path_); });
  }

  const std::string path_;
  const int slices_;
  sim::PosixStorage storage_;
  sim::Uuid vm_;
  Contest contest_;
};

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  const ScratchFolder folder;
  Program program;
  add_memory_grid<ResumeRounds>(program, folder, "resume");
  return program.run(argc, argv);
}
