#include "simulator/snapshot_requests.h"

#include <memory>
#include <string>
#include <utility>

namespace prl::sim {

namespace {

// Tells that the memory has been written once the client knows of its success: the product writes
// it in the background (vm-lifecycle 2.3). The VM holds the operation, so the operation must not
// hold the VM: a world that ends meanwhile would leave both behind. `done` is empty where a fault
// has reported before the work began.
OperationDone with_memory_notice(OperationDone done, Site& site, const std::shared_ptr<Vm>& vm) {
  if (!done) return done;
  return [done = std::move(done), &site, weak = std::weak_ptr(vm)](Report& report) mutable {
    done(report);
    const auto alive = weak.lock();
    if (alive && report.outcome.ok()) site.notice(*alive, VmNotice::kMemoryWritten);
  };
}

OperationDone with_text(OperationDone done, std::string text) {
  if (!done) return done;
  return [done = std::move(done), text = std::move(text)](Report& report) mutable {
    if (report.outcome.ok()) report.text = text;
    done(report);
  };
}

}  // namespace

void SnapshotRequests::create(Caller caller, const Uuid& vm, SnapshotOrder order,
                              OperationDone done) {
  site_.with_vm(
      std::move(caller), vm, std::move(done),
      [this, order = std::move(order)](const OperationPtr& operation,
                                       const std::shared_ptr<Vm>& found) mutable {
        if (!operation->has_waited) {
          order.uuid = site_.draw_uuid();
          operation->done = with_memory_notice(
              with_text(std::move(operation->done), order.uuid.format()), site_, found);
        }
        found->run({.command = Command::kCreateSnapshot, .snapshot = &order}, operation);
      },
      /*has_phases=*/true);
}

void SnapshotRequests::switch_to(Caller caller, const Uuid& vm, SnapshotOrder order,
                                 OperationDone done) {
  site_.with_vm(
      std::move(caller), vm, std::move(done),
      [this, order = std::move(order)](const OperationPtr& operation,
                                       const std::shared_ptr<Vm>& found) {
        if (!operation->has_waited) {
          operation->done = with_memory_notice(std::move(operation->done), site_, found);
        }
        found->run({.command = Command::kSwitchToSnapshot, .snapshot = &order}, operation);
      },
      /*has_phases=*/true);
}

void SnapshotRequests::remove(Caller caller, const Uuid& vm, SnapshotOrder order,
                              OperationDone done) {
  site_.with_vm(
      std::move(caller), vm, std::move(done),
      [order = std::move(order)](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
        found->run({.command = Command::kDeleteSnapshot, .snapshot = &order}, operation);
      },
      /*has_phases=*/true);
}

void SnapshotRequests::describe(Caller caller, const Uuid& vm, SnapshotOrder order,
                                OperationDone done) {
  site_.with_vm(
      std::move(caller), vm, std::move(done),
      [order = std::move(order)](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
        found->describe_snapshot(order, operation);
      });
}

void SnapshotRequests::tree(Caller caller, const Uuid& vm, OperationDone done) {
  site_.with_vm(
      std::move(caller), vm, std::move(done),
      [this](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
        const SnapshotTree* tree = found->snapshots();
        if (!tree) {
          return site_.finish(operation, {OutcomeKind::kSnapshotsNotRead, {found->config().name}});
        }
        site_.finish_with(operation, {.outcome = {}, .text = tree->to_xml()});
      });
}

void SnapshotRequests::total_size(Caller caller, const Uuid& vm, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this](const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
                  const uint64_t bytes = found->snapshot_files().total_bytes();
                  site_.finish_with(operation, {.outcome = {}, .text = std::to_string(bytes)});
                });
}

}  // namespace prl::sim
