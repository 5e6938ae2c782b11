// What removing a VM does to its files, seen on the disk of the host (vm-lifecycle 8, invariants 23
// and 24).
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "simulator/memory_storage.h"
#include "simulator/storage_files.h"
#include "simulator/world.h"
#include "tests/simulator/silent_session.h"

namespace prl::sim {
namespace {

class Host {
 public:
  explicit Host(State state) {
    auto disk = std::make_unique<MemoryStorage>();
    storage_ = disk.get();
    WorldOptions options;
    options.clock = {.mode = ClockSpec::Mode::kVirtual};
    options.storage = std::move(disk);
    options.vms.push_back({.name = "vm", .ram_mib = 4, .state = state});
    world_ = std::make_unique<World>(std::move(options));
    report([&](OperationDone done) { world_->login("login", session_, std::move(done)); });
    const Report listed =
        report([&](OperationDone done) { world_->list("list", std::move(done)); });
    vm_ = listed.vms.at(0).config.uuid;
  }

  template <class Start>
  Report report(Start start) {
    Report seen{.outcome = OutcomeKind::kStartInterrupted};
    start([&](const Report& finished) { seen = finished; });
    world_->advance(10'000);
    return seen;
  }
  OutcomeKind remove(bool with_files) {
    return report([&](OperationDone done) {
             if (with_files) {
               world_->registry().delete_vm("delete", vm_, std::move(done));
             } else {
               world_->registry().unregister_vm("unregister", vm_, std::move(done));
             }
           })
        .outcome.kind;
  }
  std::string folder() const { return world_->record(vm_)->folder; }
  bool exists(const std::string& path) { return storage_->exists(path); }

  // Every file below the folder with its content.
  std::map<std::string, std::string> files(const std::string& folder) {
    std::map<std::string, std::string> all;
    const auto names = storage_->list(folder);
    if (!names) return all;
    for (const std::string& name : *names) {
      const std::string path = folder + "/" + name;
      const auto text = read_text_file(*storage_, path);
      if (text) {
        all[path] = *text;
      } else {
        all.merge(files(path));
      }
    }
    return all;
  }

 private:
  SilentSession session_;
  Storage* storage_ = nullptr;  // owned by the world
  std::unique_ptr<World> world_;
  Uuid vm_;
};

TEST(Removing, ALiveVmTouchesNoFile) {
  for (const State state : {State::kRunning, State::kPaused}) {
    for (const bool with_files : {false, true}) {
      Host host(state);
      const auto before = host.files("/");
      EXPECT_EQ(host.remove(with_files), OutcomeKind::kLockedForExecute);
      EXPECT_EQ(host.files("/"), before);
      EXPECT_TRUE(host.exists(host.folder()));
    }
  }
}

TEST(Removing, ADeletedVmLeavesNoBundle) {
  for (const State state : {State::kStopped, State::kSuspended}) {
    Host host(state);
    const std::string folder = host.folder();
    EXPECT_EQ(host.files(folder).empty(), state == State::kStopped) << "the image is in it";
    EXPECT_EQ(host.remove(/*with_files=*/true), OutcomeKind::kOk);
    EXPECT_FALSE(host.exists(folder));
    EXPECT_TRUE(host.files("/").empty());
  }
}

}  // namespace
}  // namespace prl::sim
