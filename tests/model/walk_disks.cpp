// What a walk does with the disk of a VM.
#include <string>
#include <utility>
#include <variant>

#include "simulator/disk_entries.h"
#include "simulator/disk_requests.h"
#include "simulator/page_source.h"
#include "tests/model/walk_texts.h"
#include "tests/model/walk_world.h"

namespace prl::model {

namespace {
const std::string kDiskImage = "disk.hdd";
}  // namespace

// Most walks ask nothing of disks, so an image is made where one is needed. It has the size that
// the configuration says: those of the simulator do not go with snapshots and clones.
void Walk::lay_out_disk(const std::string& path, uint64_t size_mib) {
  sim::Disks& disks = world_->peripherals().disks;
  sim::DiskSpec spec;
  spec.descriptor.sectors = size_mib * (sim::kBytesPerMib / sim::kSectorBytes);
  if (disks.exists(path)) {
    const auto opening = disks.open(path, /*is_writable=*/false);
    const auto sectors_of = [](sim::VirtualDisk& disk) { return disk.descriptor().sectors; };
    if ((*opening)->with(sectors_of) == spec.descriptor.sectors) return;
  }
  (void)disks.remove(path).has_value();
  (void)disks.create(path, spec).has_value();
}

// The image lies in the folder of the VM, wherever that is when the request is let in.
void Walk::ask_about_disk(const Order& order, uint32_t job, sim::OperationDone done) {
  sim::Disks& disks = world_->peripherals().disks;
  sim::VmRequest request;
  if (order.act == Act::kCopyImage) {
    const std::string copy = "copy" + std::to_string(number_of(model_, job)) + ".hdd";
    request = [&disks, copy](const sim::RequestedVm& view) {
      sim::RequestEnd end = sim::check_disk_copy(view);
      end.work = [&disks, from = sim::path_of_file(view.folder, kDiskImage),
                  to = sim::path_of_file(view.folder, copy)] {
        const auto copied = disks.copy(from, to);
        return copied ? sim::Outcome() : sim::Outcome(copied.error());
      };
      return end;
    };
  } else {
    sim::DiskResize resize{.element = std::string(kDisks), .child = disk_, .image = kDiskImage};
    resize.size_mib = order.act == Act::kGrowDisk ? kGrownMib : kShrunkMib;
    request = [&disks, resize](const sim::RequestedVm& view) {
      return sim::resize_disk(disks, view, resize);
    };
  }
  const auto with_image = [this, request](const sim::RequestedVm& view) {
    sim::RequestEnd end = request(view);
    if (!end.outcome.ok()) return end;
    end.work = [this, path = sim::path_of_file(view.folder, kDiskImage),
                size_mib = std::get<uint64_t>(*view.config.properties.find(disk_size_)),
                work = std::move(end.work)] {
      lay_out_disk(path, size_mib);
      return work();
    };
    return end;
  };
  world_->request(caller(order, job), uuids_[order.vm], with_image, std::move(done));
}

}  // namespace prl::model
