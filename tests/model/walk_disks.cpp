// What a walk does with the disk of a VM.
#include <string>
#include <utility>

#include "simulator/disk_requests.h"
#include "simulator/page_source.h"
#include "tests/model/walk_texts.h"
#include "tests/model/walk_world.h"

namespace prl::model {

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

void Walk::ask_about_disk(const Order& order, uint32_t job, sim::OperationDone done) {
  const sim::Uuid& vm = uuids_[order.vm];
  const auto record = world_->record(vm);
  const std::string folder = record ? record->folder : "/gone";
  const std::string path = folder + "/disk.hdd";
  if (record) lay_out_disk(path, model_.vms[order.vm].disk_mib);
  sim::Disks& disks = world_->peripherals().disks;
  if (order.act != Act::kCopyImage) {
    sim::DiskResize resize{.element = std::string(kDisks), .child = disk_, .path = path};
    resize.size_mib = order.act == Act::kGrowDisk ? kGrownMib : kShrunkMib;
    const auto request = [&disks, resize](const sim::VmView& view) {
      return sim::resize_disk(disks, view, resize);
    };
    return world_->request(caller(order, job), vm, request, std::move(done));
  }
  const std::string copy = folder + "/copy" + std::to_string(number_of(model_, job)) + ".hdd";
  const auto request = [&disks, path, copy](const sim::VmView& view) {
    sim::RequestEnd end = sim::check_disk_copy(view);
    end.work = [&disks, path, copy] {
      const auto copied = disks.copy(path, copy);
      return copied ? sim::Outcome() : sim::Outcome(copied.error());
    };
    return end;
  };
  world_->request(caller(order, job), vm, request, std::move(done));
}

}  // namespace prl::model
