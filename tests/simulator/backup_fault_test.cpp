// A disk that fails once, at every step in turn, while backups are made, restored and removed: what
// failed has changed nothing, and what succeeded is whole (config-model 10).
#include <iostream>

#include "simulator/storage_files.h"
#include "simulator/world.h"
#include "tests/simulator/image_fixture.h"
#include "tests/simulator/silent_session.h"

namespace prl::sim {
namespace {

BackupChoice newest_of(const Uuid& vm) {
  return {.place = [](const HostStep&) -> Expected<BackupPlace, Outcome> { return BackupPlace(); },
          .vm = vm};
}

// A host with one stopped VM, in whose folder is a file, on a disk that fails at one of its steps.
class Site {
 public:
  explicit Site(uint64_t failing_step) {
    auto failing = std::make_unique<FailingStorage>(disk_, failing_step);
    storage_ = failing.get();
    WorldOptions options;
    options.clock = {.mode = ClockSpec::Mode::kVirtual};
    options.vms = {
        {.uuid = vm_, .name = "vm", .ram_mib = 4, .cpu_count = 1, .state = State::kStopped}};
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
  Outcome create() {
    return report([&](OperationDone done) {
             world_->backups().create("create", vm_, {.place = newest_of(vm_).place},
                                      std::move(done));
           })
        .outcome;
  }
  Outcome restore() {
    return report([&](OperationDone done) {
             world_->backups().restore("restore", {.choice = newest_of(vm_)}, std::move(done));
           })
        .outcome;
  }
  Outcome remove() {
    return report([&](OperationDone done) {
             world_->backups().remove("remove", {.choice = newest_of(vm_)}, std::move(done));
           })
        .outcome;
  }
  // Of the disk as it is, whatever it fails at.
  size_t backups() { return BackupStore(disk_, "/prlsim/backups").list()->size(); }

  // The content of the file, past the disk's failures.
  void write(const std::string& text) { ASSERT_TRUE(write_text_file(disk_, file(), text)); }
  std::string read() {
    const auto text = read_text_file(disk_, file());
    return text ? *text : "no file";
  }
  Outcome start_and_stop() {
    for (const Command command : {Command::kStart, Command::kStopKill}) {
      const Report seen = report([&](OperationDone done) {
        world_->command("command", vm_, {.command = command}, std::move(done));
      });
      if (!seen.outcome.ok()) return seen.outcome;
    }
    return {};
  }

  size_t steps() const { return storage_->steps().size(); }
  bool has_failed() const { return storage_->has_failed(); }

 private:
  std::string file() { return world_->record(vm_)->folder + "/content"; }

  const Uuid vm_ = *Uuid::parse("12345678-9abc-4def-8123-456789abcdef");
  MemoryStorage disk_;
  SilentSession session_;
  FailingStorage* storage_ = nullptr;
  std::unique_ptr<World> world_;
};

std::string long_text(char letter) {
  return std::string(3 * kBackupBlockBytes / 2, letter);
}

// Makes two backups of different content and brings them back. `newest` is what the newest one has.
void tell_story(Site& site) {
  std::string newest;
  const auto create = [&](char letter) {
    site.write(long_text(letter));
    const size_t before = site.backups();
    const bool is_made = site.create().ok();
    EXPECT_EQ(site.backups(), before + (is_made ? 1 : 0));
    if (is_made) newest = long_text(letter);
  };
  const auto restore = [&] {
    site.write("present");
    const bool is_restored = site.restore().ok();
    EXPECT_EQ(site.read() == "present", !is_restored);
    if (is_restored) {
      EXPECT_TRUE(site.read() == newest);
    }
    EXPECT_TRUE(site.start_and_stop().ok());
  };
  create('a');
  create('b');
  restore();
  restore();
  (void)site.remove().ok();
}

TEST(Backups, SurviveADiskThatFailsOnceAtAnyStep) {
  const size_t before = Site(0).steps();
  size_t failures = 0;
  for (uint64_t failing = before + 1;; ++failing) {
    SCOPED_TRACE("step " + std::to_string(failing));
    Site site(failing);
    tell_story(site);
    if (!site.has_failed()) break;
    ++failures;
    // With the disk in order again all of it works.
    site.write("last");
    ASSERT_TRUE(site.create().ok());
    site.write("later");
    ASSERT_TRUE(site.restore().ok());
    EXPECT_EQ(site.read(), "last");
    EXPECT_TRUE(site.remove().ok());
    EXPECT_EQ(site.backups(), 0u);
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(failures, 40u);
  std::cout << "count backup_disk_failures " << failures << "\n";
}

}  // namespace
}  // namespace prl::sim
