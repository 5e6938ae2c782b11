// Which steps make a suspend, a resume and a drop durable, and that there are no others: the image
// under its name is the only record of SUSPENDED.
#include <gtest/gtest.h>

#include <algorithm>

#include "simulator/world.h"
#include "tests/simulator/image_fixture.h"
#include "tests/simulator/silent_session.h"

namespace prl::sim {
namespace {

// Counts what a host writes into its directory.
class CountingStore final : public HostStore {
 public:
  explicit CountingStore(size_t& writes) : writes_(writes) {}
  Expected<std::vector<VmRecord>, Outcome> open() override { return inner_.open(); }
  void close() override { inner_.close(); }
  Expected<HostIdentity, Outcome> identify(const Uuid& fresh) override {
    return inner_.identify(fresh);
  }
  Expected<void, Outcome> put(const VmRecord& record) override {
    ++writes_;
    return inner_.put(record);
  }
  Expected<void, Outcome> note(const VmRecord& record) override {
    ++writes_;
    return inner_.note(record);
  }
  Expected<void, Outcome> erase(const Uuid& uuid) override {
    ++writes_;
    return inner_.erase(uuid);
  }
  Expected<NamedDocuments, Outcome> documents() override { return inner_.documents(); }
  Expected<void, Outcome> put_document(const std::string& name,
                                       const PropertyTree& content) override {
    ++writes_;
    return inner_.put_document(name, content);
  }
  std::string vms_folder() const override { return inner_.vms_folder(); }
  std::string backups_folder() const override { return inner_.backups_folder(); }
  bool is_lasting() const override { return inner_.is_lasting(); }

 private:
  ForgetfulStore inner_;
  size_t& writes_;
};

class Commit : public testing::Test {
 protected:
  Commit() {
    auto recording = std::make_unique<FailingStorage>(disk_, 0);
    storage_ = recording.get();
    WorldOptions options;
    options.clock = {.mode = ClockSpec::Mode::kVirtual};
    options.vms = {
        {.uuid = vm_, .name = "vm", .ram_mib = 64, .cpu_count = 1, .state = State::kRunning}};
    options.storage = std::move(recording);
    options.store = std::make_unique<CountingStore>(store_writes_);
    world_ = std::make_unique<World>(std::move(options));
    world_->login("login", session_, [](const Report&) {});
    world_->advance(10'000);
  }

  // The steps on the disk that the command takes.
  std::vector<std::string> steps_of(Command command) {
    const size_t before = storage_->steps().size();
    const size_t writes = store_writes_;
    Outcome outcome = OutcomeKind::kStartInterrupted;
    world_->command("command", vm_, {.command = command},
                    [&](const Report& report) { outcome = report.outcome; });
    world_->advance(10'000);
    EXPECT_TRUE(outcome.ok()) << outcome_name(outcome.kind);
    EXPECT_EQ(store_writes_, writes) << "the registry has been written to";
    return {storage_->steps().begin() + static_cast<ptrdiff_t>(before), storage_->steps().end()};
  }
  static size_t count(const std::vector<std::string>& steps, std::string_view step) {
    return static_cast<size_t>(std::ranges::count(steps, step));
  }

  const Uuid vm_ = *Uuid::parse("12345678-9abc-4def-8123-456789abcdef");
  MemoryStorage disk_;
  SilentSession session_;
  size_t store_writes_ = 0;
  FailingStorage* storage_ = nullptr;
  std::unique_ptr<World> world_;
};

TEST_F(Commit, OfASuspendIsOneSyncOneRenameAndOneSyncOfTheFolder) {
  EXPECT_EQ(steps_of(Command::kSuspend),
            (std::vector<std::string>{"create", "write", "fsync", "rename", "sync_folder"}));
}

TEST_F(Commit, OfALargeSuspendIsTheSameButForMoreWrites) {
  const std::vector<std::byte> content(40 * kMiB, std::byte{1});
  ASSERT_EQ(world_->write_memory(vm_, kMiB, content), GuestAccess::kOk);
  const auto steps = steps_of(Command::kSuspend);
  EXPECT_GT(count(steps, "write"), 4u);
  for (const char* step : {"create", "reserve", "fsync", "rename", "sync_folder"}) {
    EXPECT_EQ(count(steps, step), 1u) << step;
  }
  EXPECT_EQ(count(steps, "write") + 5, steps.size());
}

TEST_F(Commit, OfADropIsOneSyncOfTheFolder) {
  steps_of(Command::kSuspend);
  const auto steps = steps_of(Command::kDropSuspendedState);
  EXPECT_EQ(count(steps, "fsync"), 0u);
  EXPECT_EQ(count(steps, "sync_folder"), 1u);
}

TEST_F(Commit, OfAResumeIsOneSyncOfTheFolder) {
  steps_of(Command::kSuspend);
  const auto steps = steps_of(Command::kStart);
  EXPECT_EQ(count(steps, "fsync"), 0u);
  EXPECT_EQ(count(steps, "sync_folder"), 1u);
}

}  // namespace
}  // namespace prl::sim
