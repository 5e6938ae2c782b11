// A disk that fails once, at every step in turn, while snapshots are taken, restored and deleted:
// what failed has changed nothing, and no snapshot is lost (vm-lifecycle 8, invariants 26 to 30).
#include <iostream>
#include <set>

#include "simulator/world.h"
#include "tests/simulator/image_fixture.h"
#include "tests/simulator/silent_session.h"

namespace prl::sim {
namespace {

// A host with one running VM on a disk that fails at one of its steps.
class Site {
 public:
  explicit Site(uint64_t failing_step) {
    auto failing = std::make_unique<FailingStorage>(disk_, failing_step);
    storage_ = failing.get();
    WorldOptions options;
    options.clock = {.mode = ClockSpec::Mode::kVirtual};
    options.vms = {
        {.uuid = vm_, .name = "vm", .ram_mib = 4, .cpu_count = 1, .state = State::kRunning}};
    options.storage = std::move(failing);
    world_ = std::make_unique<World>(std::move(options));
    report([this](OperationDone done) { world_->login("login", session_, std::move(done)); });
  }

  // Runs one request to its end.
  template <class Start>
  Report report(Start start) {
    Report seen{.outcome = OutcomeKind::kStartInterrupted};
    start([&](const Report& finished) { seen = finished; });
    world_->advance(10'000);
    return seen;
  }
  Outcome command(Command command) {
    return report([&](OperationDone done) {
             world_->command("command", vm_, {.command = command}, std::move(done));
           })
        .outcome;
  }
  Report create(const std::string& name) {
    return report([&](OperationDone done) {
      world_->snapshots().create("create", vm_, {.name = name}, std::move(done));
    });
  }
  Outcome switch_to(const Uuid& snapshot) {
    return report([&](OperationDone done) {
             world_->snapshots().switch_to("switch", vm_, {.uuid = snapshot}, std::move(done));
           })
        .outcome;
  }
  Outcome remove(const Uuid& snapshot) {
    return report([&](OperationDone done) {
             world_->snapshots().remove("remove", vm_, {.uuid = snapshot}, std::move(done));
           })
        .outcome;
  }
  SnapshotTree tree() {
    const Report seen =
        report([&](OperationDone done) { world_->snapshots().tree("tree", vm_, std::move(done)); });
    const auto parsed = SnapshotTree::parse(seen.text.value_or(""));
    return parsed.value_or(SnapshotTree());
  }
  State state() { return world_->view(vm_)->state; }
  uint64_t guest_word() {
    uint64_t word = 0;
    const std::span bytes(reinterpret_cast<std::byte*>(&word), sizeof(word));
    EXPECT_EQ(world_->read_memory(vm_, 3 << 20, bytes), GuestAccess::kOk);
    return word;
  }
  void write_guest_word(uint64_t word) {
    const std::span bytes(reinterpret_cast<const std::byte*>(&word), sizeof(word));
    EXPECT_EQ(world_->write_memory(vm_, 3 << 20, bytes), GuestAccess::kOk);
  }

  // How long the guest has run.
  uint64_t guest_ms() {
    Vcpu vcpu;
    EXPECT_EQ(world_->get_vcpu(vm_, 0, vcpu), GuestAccess::kOk);
    return vcpu.tsc / kTscTicksPerMs;
  }

  FailingStorage& disk() { return *storage_; }
  size_t steps() const { return storage_->steps().size(); }
  bool has_failed() const { return storage_->has_failed(); }
  // Names in the VM's folder.
  std::vector<std::string> files() {
    const std::string path = world_->image_path(vm_);
    return disk_.list(path.substr(0, path.rfind('/'))).value();
  }

 private:
  const Uuid vm_ = *Uuid::parse("12345678-9abc-4def-8123-456789abcdef");
  MemoryStorage disk_;
  SilentSession session_;
  FailingStorage* storage_ = nullptr;
  std::unique_ptr<World> world_;
};

// Tells of an operation that failed: nothing may have come of it.
void expect_unchanged(Site& site, State state, const SnapshotTree& tree) {
  EXPECT_EQ(state_name(site.state()), state_name(state));
  EXPECT_EQ(site.tree().to_xml(), tree.to_xml());
}

// Each memory that is saved holds the word 1.
void tell_story(Site& site) {
  site.write_guest_word(1);
  std::vector<Uuid> made;
  const auto step = [&](auto act) {
    const State state = site.state();
    const SnapshotTree tree = site.tree();
    if (!act().ok()) expect_unchanged(site, state, tree);
  };
  const auto create = [&](const std::string& name) {
    step([&] {
      const Report report = site.create(name);
      if (report.outcome.ok()) made.push_back(*Uuid::parse(*report.text));
      return report.outcome;
    });
  };
  const auto visit_all = [&] {
    for (const Uuid& uuid : made) {
      step([&] { return site.switch_to(uuid); });
    }
  };
  create("running");
  step([&] { return site.command(Command::kSuspend); });
  create("suspended");
  visit_all();
  if (site.state() == State::kRunning) step([&] { return site.command(Command::kStopKill); });
  create("off");
  visit_all();
  if (made.size() > 1) {
    step([&] {
      const Outcome removed = site.remove(made[0]);
      if (removed.ok()) made.erase(made.begin());
      return removed;
    });
  }
  visit_all();
}

// With the disk in order again each snapshot brings its memory back, and the last one leaves
// nothing behind.
void expect_whole(Site& site) {
  const SnapshotTree tree = site.tree();
  for (const Snapshot& snapshot : tree.all()) {
    ASSERT_TRUE(site.switch_to(snapshot.uuid).ok()) << snapshot.name;
    if (snapshot.power == SnapshotPower::kSuspended) {
      ASSERT_TRUE(site.command(Command::kResume).ok()) << snapshot.name;
    }
    if (snapshot.has_image()) {
      EXPECT_EQ(site.guest_word(), 1u) << snapshot.name;
    }
  }
  for (const Snapshot& snapshot : tree.all()) ASSERT_TRUE(site.remove(snapshot.uuid).ok());
  for (const std::string& name : site.files()) {
    EXPECT_EQ(name.find("Snapshots"), std::string::npos) << name;
    EXPECT_FALSE(name.ends_with(".tmp")) << name;
  }
}

// The guest is stopped for as long as it takes to share its memory, not to write it.
TEST(Snapshots, OfALiveVmLetItsGuestGoOnWhileTheyAreWritten) {
  Site site(0);
  site.write_guest_word(1);
  uint64_t writes = 0;
  site.disk().watch([&](const std::string& step) {
    if (step == "write") site.write_guest_word(2 + writes++);
  });
  const uint64_t before_ms = site.guest_ms();
  const Report report = site.create("running");
  ASSERT_TRUE(report.outcome.ok());
  EXPECT_EQ(site.guest_ms() - before_ms, 10'000u) << "all the time that was waited";
  EXPECT_GE(writes, 3u) << "the configuration, the memory, the tree";
  EXPECT_EQ(site.guest_word(), 1 + writes);
  site.disk().watch(nullptr);
  ASSERT_TRUE(site.switch_to(*Uuid::parse(*report.text)).ok());
  EXPECT_EQ(site.guest_word(), 1u);
}

TEST(Snapshots, SurviveADiskThatFailsOnceAtAnyStep) {
  const size_t before = Site(0).steps();
  size_t failures = 0;
  for (uint64_t failing = before + 1;; ++failing) {
    SCOPED_TRACE("step " + std::to_string(failing));
    Site site(failing);
    tell_story(site);
    if (!site.has_failed()) break;
    ++failures;
    ASSERT_NO_FATAL_FAILURE(expect_whole(site));
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(failures, 50u);
  std::cout << "count snapshot_disk_failures " << failures << "\n";
}

}  // namespace
}  // namespace prl::sim
