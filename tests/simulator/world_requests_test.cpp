// Requests to a world whose way there a client of the API has not: files on the disk of the host,
// settings that the API does not write yet.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <new>
#include <string>

#include "simulator/memory_storage.h"
#include "simulator/storage_files.h"
#include "simulator/world.h"
#include "tests/simulator/silent_session.h"

namespace prl::sim {
namespace {

class Host {
 public:
  explicit Host(const std::string& file = "", const std::string& text = "") {
    auto disk = std::make_unique<MemoryStorage>();
    if (!file.empty()) {
      EXPECT_TRUE(disk->create_folder(file.substr(0, file.rfind('/'))));
      EXPECT_TRUE(write_text_file(*disk, file, text));
    }
    WorldOptions options;
    options.clock = {.mode = ClockSpec::Mode::kVirtual};
    options.storage = std::move(disk);
    world_ = std::make_unique<World>(std::move(options));
    report([this](OperationDone done) { world_->login("login", session_, std::move(done)); });
  }

  World& world() { return *world_; }
  template <class Start>
  Report report(Start start) {
    Report seen{.outcome = OutcomeKind::kStartInterrupted};
    start([&](const Report& finished) { seen = finished; });
    world_->advance(10'000);
    return seen;
  }

 private:
  SilentSession session_;
  std::unique_ptr<World> world_;
};

// However a step ends, the world goes on.
TEST(AStep, ThatThrowsLeavesTheWorldToTheNext) {
  Host host;
  host.world().list("list", [](const Report&) { throw std::bad_alloc(); });
  EXPECT_THROW(host.world().advance(10'000), std::bad_alloc);
  EXPECT_TRUE(host.report([&](OperationDone done) { host.world().list("again", std::move(done)); })
                  .outcome.ok());
}

TEST(RegisterForeign, MakesAVmOfWhatTheFileSays) {
  Host host("/other/guest.vmx", "displayName = \"guest\"\nmemsize = \"64\"\n");
  const Report report = host.report([&](OperationDone done) {
    host.world().registry().register_foreign("register", "/other/guest.vmx", "/vms",
                                             std::move(done));
  });
  ASSERT_TRUE(report.outcome.ok());
  ASSERT_EQ(report.vms.size(), 1u);
  EXPECT_EQ(report.vms[0].config.name, "guest");
  EXPECT_EQ(report.vms[0].config.ram_mib, 64u);
  EXPECT_EQ(report.vms[0].state, State::kStopped);
  EXPECT_EQ(host.world().record(report.vms[0].config.uuid)->folder, "/vms/guest.pvm");
}

TEST(RegisterForeign, RefusesSizesThatNoVmHas) {
  Host host("/other/guest.vmx", "memsize = \"none\"\n");
  const Report report = host.report([&](OperationDone done) {
    host.world().registry().register_foreign("register", "/other/guest.vmx", "", std::move(done));
  });
  EXPECT_EQ(report.outcome.kind, OutcomeKind::kRamIsZero);
}

TEST(ChangeSid, StartsAGuestWithWindowsOnce) {
  Host host;
  VmConfig config{.uuid = host.world().new_uuid(), .name = "vm", .ram_mib = 4};
  config.properties.set("Settings.General.OsNumber", uint64_t{0x0807});
  ASSERT_TRUE(host.report([&](OperationDone done) {
                    host.world().registry().register_vm("register", config, std::move(done));
                  })
                  .outcome.ok());
  const auto change = [&] {
    return host
        .report([&](OperationDone done) {
          host.world().bundles().change_sid("change", config.uuid, std::move(done));
        })
        .outcome.kind;
  };
  EXPECT_EQ(change(), OutcomeKind::kOk);
  EXPECT_EQ(host.world().record(config.uuid)->boot_count, 1u);
  host.report([&](OperationDone done) {
    host.world().command("start", config.uuid, {.command = Command::kStart}, std::move(done));
  });
  EXPECT_EQ(change(), OutcomeKind::kVmNotStopped);
}

// A world that ends while a command is under way lets go of everything, what waits for the end of
// the command included.
TEST(AWorldThatEnds, LeavesNoCommandBehind) {
  using Start = std::function<void(World&, const Uuid&, OperationDone)>;
  const std::map<std::string, Start> commands = {
      {"start",
       [](World& world, const Uuid& vm, OperationDone done) {
         world.command("start", vm, {.command = Command::kStart}, std::move(done));
       }},
      {"snapshot",
       [](World& world, const Uuid& vm, OperationDone done) {
         world.snapshots().create("snapshot", vm, {.name = "s"}, std::move(done));
       }},
      {"linked clone",
       [](World& world, const Uuid& vm, OperationDone done) {
         world.clones().clone("clone", vm, {.name = "c", .is_linked = true}, std::move(done));
       }},
      {"appliance",
       [](World& world, const Uuid&, OperationDone done) {
         Appliance appliance{.name = "a"};
         appliance.config.name = "a";
         world.appliances().install("install", appliance, std::move(done));
       }},
  };
  for (const auto& [name, start] : commands) {
    std::weak_ptr<int> waiting;
    {
      WorldOptions options;
      options.clock = {.mode = ClockSpec::Mode::kVirtual};
      options.vms.push_back({.name = "vm", .ram_mib = 4});
      SilentSession session;
      World world(std::move(options));
      world.login("login", session, [](const Report&) {});
      Uuid vm;
      world.list("list", [&vm](const Report& report) { vm = report.vms.at(0).config.uuid; });
      world.advance(10);
      const auto token = std::make_shared<int>(0);
      waiting = token;
      start(world, vm, [token](const Report&) { ++*token; });
      world.advance(10);
      EXPECT_EQ(*token, 0) << name << " is over already";
    }
    EXPECT_TRUE(waiting.expired()) << name;
  }
}

}  // namespace
}  // namespace prl::sim
