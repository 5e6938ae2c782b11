// Which rule of a plan takes which job, and what the injector remembers of it.
#include "faults/injector.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cerrno>

#include "simulator/image_writer.h"
#include "simulator/memory_storage.h"

namespace prl::faults {
namespace {

constexpr sim::FaultPoint kSuspendWeb{.name = "PrlVm_Suspend", .vm_name = "web"};
constexpr sim::FaultPoint kStartWeb{.name = "PrlVm_Start", .vm_name = "web"};
constexpr sim::FaultPoint kSuspendDatabase{.name = "PrlVm_Suspend", .vm_name = "database"};
constexpr sim::FaultPoint kLogin{.name = "PrlSrv_LoginLocal", .vm_name = ""};

Rule failing(std::string name, Match match, Trigger trigger = {}) {
  Rule rule{std::move(name), std::move(match), trigger, {}};
  rule.effect.result_code = -1;
  return rule;
}

// The name of the rule that takes the job, or "".
std::string strike(Injector& injector, const sim::FaultPoint& job) {
  const std::optional<sim::Fault> fault = injector.consult(job);
  return fault ? fault->rule : "";
}

TEST(Match, IsByFunctionAndVmAndEmptyMeansAny) {
  Injector by_function(Plan({failing("rule", {.name = "PrlVm_Suspend"}, {.count = 0})}));
  EXPECT_EQ(strike(by_function, kSuspendWeb), "rule");
  EXPECT_EQ(strike(by_function, kSuspendDatabase), "rule");
  EXPECT_EQ(strike(by_function, kStartWeb), "");

  Injector by_vm(Plan({failing("rule", {.vm = "web"}, {.count = 0})}));
  EXPECT_EQ(strike(by_vm, kStartWeb), "rule");
  EXPECT_EQ(strike(by_vm, kSuspendDatabase), "");
  EXPECT_EQ(strike(by_vm, kLogin), "");

  Injector any(Plan({failing("rule", {}, {.count = 0})}));
  EXPECT_EQ(strike(any, kLogin), "rule");
}

TEST(Trigger, StrikesOnceByDefault) {
  Injector injector(Plan({failing("rule", {})}));
  EXPECT_EQ(strike(injector, kStartWeb), "rule");
  EXPECT_EQ(strike(injector, kStartWeb), "");
}

TEST(Plan, GivesAJobToTheFirstRuleThatFiresAndHidesItFromTheOthers) {
  Injector injector(Plan({failing("first", {}), failing("second", {.name = "PrlVm_Suspend"})}));
  EXPECT_EQ(strike(injector, kSuspendWeb), "first");
  EXPECT_EQ(injector.counters("second")->seen, 0u);
  EXPECT_EQ(strike(injector, kSuspendWeb), "second");
  EXPECT_EQ(strike(injector, kSuspendWeb), "");
  EXPECT_EQ(injector.counters("first")->seen, 3u);
  EXPECT_EQ(injector.counters("second")->seen, 2u);
  EXPECT_EQ(injector.counters("second")->fired, 1u);
}

TEST(Plan, TakesRulesAtRunTimeAndForgetsThem) {
  Plan plan({}, 7);
  plan.add(failing("added", {}));
  EXPECT_TRUE(plan.consult(kStartWeb));
  plan.clear();
  EXPECT_TRUE(plan.rules().empty());
  EXPECT_FALSE(plan.consult(kStartWeb));
}

TEST(Injector, PassesTheEffectOnUnderTheNameOfTheRule) {
  Rule rule = failing("slow", {});
  rule.effect = {.kind = sim::Fault::Kind::kDelay, .phase = sim::JobPhase::kEnd, .delay_ms = 250};
  Injector injector(Plan({rule}));
  const auto fault = injector.consult(kStartWeb);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, sim::Fault::Kind::kDelay);
  EXPECT_EQ(fault->phase, sim::JobPhase::kEnd);
  EXPECT_EQ(fault->delay_ms, 250u);
  EXPECT_EQ(fault->rule, "slow");
}

TEST(Injector, TakesRulesAtRunTimeAndForgetsThem) {
  Injector injector(Plan({}, 7));
  EXPECT_FALSE(injector.is_active());
  EXPECT_EQ(injector.add({failing("late", {.vm = "web"}, {.skip = 1})}), "");
  EXPECT_TRUE(injector.is_active());
  EXPECT_EQ(injector.add({failing("other", {}), failing("late", {})}),
            "a second fault named 'late'");
  EXPECT_FALSE(injector.counters("other")) << "all of them or none";
  EXPECT_EQ(strike(injector, kStartWeb), "");
  EXPECT_EQ(strike(injector, kSuspendWeb), "late");
  EXPECT_EQ(injector.counters("late")->seen, 2u);
  EXPECT_EQ(injector.counters("late")->fired, 1u);
  injector.clear();
  EXPECT_FALSE(injector.is_active());
  EXPECT_FALSE(injector.counters("late"));
  EXPECT_EQ(strike(injector, kStartWeb), "");
}

TEST(Injector, RefusesRulesAboutAStorageThatItDoesNotDisturb) {
  Injector injector{Plan()};
  Rule rule = failing("disk", {.layer = sim::Layer::kStorage});
  EXPECT_NE(injector.add({rule}), "");
  EXPECT_FALSE(injector.is_active());
}

TEST(Match, TakesPatternsOfFunctionsAndVms) {
  EXPECT_TRUE(matches_pattern("PrlSrv_Login*", "PrlSrv_LoginLocal"));
  EXPECT_TRUE(matches_pattern("*a*b*", "xxaxxbxx"));
  EXPECT_TRUE(matches_pattern("a?c", "abc"));
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_FALSE(matches_pattern("a?c", "ac"));
  EXPECT_FALSE(matches_pattern("a*b", "abc"));
  EXPECT_FALSE(matches_pattern("", "a"));
  EXPECT_FALSE(matches_pattern("*" + std::string(50, 'a') + "b", std::string(10'000, 'a')));
}

TEST(Match, IsByLayerStateSessionTimeAndUuid) {
  const auto strikes = [](const Match& match, const sim::FaultPoint& point) {
    return Plan({failing("rule", match)}).consult(point).has_value();
  };
  const sim::FaultPoint point{.name = "PrlVm_Start",
                              .vm_name = "web",
                              .vm_uuid = "{01}",
                              .state = "RUNNING",
                              .session = 2,
                              .now_ms = 100};
  EXPECT_TRUE(strikes({.vm = "{01}"}, point));
  EXPECT_FALSE(strikes({.vm = "{02}"}, point));
  EXPECT_TRUE(strikes({.state = "RUNNING"}, point));
  EXPECT_FALSE(strikes({.state = "PAUSED"}, point));
  EXPECT_TRUE(strikes({.session = 2}, point));
  EXPECT_FALSE(strikes({.session = 1}, point));
  EXPECT_TRUE(strikes({.after_ms = 100, .before_ms = 101}, point));
  EXPECT_FALSE(strikes({.after_ms = 101}, point));
  EXPECT_FALSE(strikes({.before_ms = 100}, point));
  EXPECT_FALSE(strikes({.layer = sim::Layer::kCall}, point));
}

TEST(Plan, SaysWhichNamesItIsNotAbout) {
  Plan plan({failing("rule", {.name = "PrlVm_S*"})});
  EXPECT_TRUE(plan.watches(sim::Layer::kJob, "PrlVm_Start"));
  EXPECT_FALSE(plan.watches(sim::Layer::kJob, "PrlVm_Pause"));
  EXPECT_FALSE(plan.watches(sim::Layer::kCall, "PrlVm_Start"));
  plan.add(failing("more", {.name = "PrlVm_Pause"}));
  EXPECT_TRUE(plan.watches(sim::Layer::kJob, "PrlVm_Pause")) << "after it has been asked before";
}

TEST(Trigger, ConsidersEveryNthPoint) {
  Injector injector(Plan({failing("rule", {}, {.skip = 1, .count = 2, .every = 3})}));
  std::string struck;
  for (int i = 0; i < 12; ++i) struck += strike(injector, kStartWeb).empty() ? '.' : 'x';
  EXPECT_EQ(struck, ".x..x.......");
}

std::string strikes_of(const Trigger& trigger, uint64_t seed, const std::string& name = "rule") {
  Injector injector(Plan({failing(name, {}, trigger)}, seed));
  std::string struck;
  for (int i = 0; i < 1000; ++i) struck += strike(injector, kStartWeb).empty() ? '.' : 'x';
  return struck;
}

// Probability 0 never fires and 1 always does; between them the share lies within 5 standard
// errors.
TEST(Trigger, FiresWithItsProbability) {
  const auto count = [](double probability) {
    const std::string struck = strikes_of({.count = 0, .probability = probability}, 7);
    return std::ranges::count(struck, 'x');
  };
  EXPECT_EQ(count(0), 0);
  EXPECT_EQ(count(1), 1000);
  EXPECT_NEAR(static_cast<double>(count(0.25)), 250, 5 * 13.7);
}

TEST(Trigger, DrawsTheSameFromTheSameSeedAndNameOnly) {
  const Trigger half{.count = 0, .probability = 0.5};
  EXPECT_EQ(strikes_of(half, 7), strikes_of(half, 7));
  EXPECT_NE(strikes_of(half, 7), strikes_of(half, 8));
  EXPECT_NE(strikes_of(half, 7), strikes_of(half, 7, "another"));
}

// What one rule draws does not depend on the others.
TEST(Trigger, DrawsFromAStreamOfItsOwn) {
  const Rule half = failing("rule", {.name = "PrlVm_Start"}, {.count = 0, .probability = 0.5});
  const Rule other = failing("other", {.name = "PrlVm_Pause"}, {.count = 0, .probability = 0.5});
  Injector injector(Plan({other, half}, 7));
  std::string struck;
  for (int i = 0; i < 1000; ++i) {
    strike(injector, {.name = "PrlVm_Pause"});
    struck += strike(injector, kStartWeb) == "rule" ? 'x' : '.';
  }
  EXPECT_EQ(struck, strikes_of({.count = 0, .probability = 0.5}, 7));
}

// Two steps: whether a rule takes part is decided once, and then it fires as it would anyway.
TEST(Trigger, TakesPartInSomeRunsOnly) {
  int live = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    const std::string struck = strikes_of({.count = 0, .live = 0.25}, seed);
    const bool is_live = struck == std::string(1000, 'x');
    EXPECT_TRUE(is_live || struck == std::string(1000, '.')) << seed;
    live += is_live ? 1 : 0;
  }
  EXPECT_NEAR(live, 250, 5 * 13.7);
}

TEST(Trigger, StrikesExactlyThePointsOfItsList) {
  EXPECT_EQ(strikes_of({.points = {{2, 4, 1000}}}, 7), ".x.x" + std::string(995, '.') + "x");
  EXPECT_EQ(strikes_of({.points = std::vector<uint64_t>()}, 7), std::string(1000, '.'));
}

// What a rule has drawn, as a list of points, strikes the same.
TEST(Trigger, SaysWhichOfItsPointsWereDrawn) {
  const Rule drawing = failing("rule", {.name = "PrlVm_Start"},
                               {.skip = 10, .count = 0, .every = 3, .probability = 0.3});
  Plan plan({drawing}, 7);
  std::vector<uint64_t> drawn;
  std::string struck;
  for (int i = 0; i < 1000; ++i) {
    const auto hit = plan.consult(kStartWeb);
    struck += hit ? 'x' : '.';
    if (hit) drawn.push_back(hit->fault.drawn_point);
  }
  EXPECT_GT(drawn.size(), 50u);
  EXPECT_EQ(strikes_of({.points = drawn}, 8), struck);
  Plan exact({failing("rule", {}, {.points = drawn}), failing("sure", {}, {})}, 7);
  EXPECT_EQ(exact.consult(kStartWeb)->fault.drawn_point, 0u);
}

// ---- Storage ---------------------------------------------------------------------------------

struct Disk {
  explicit Disk(const Match& match, sim::Fault::Kind kind, const Trigger& trigger = {})
      : injector(Plan({Rule{"rule", match, trigger, {.kind = kind, .delay_ms = 7}}})),
        storage(injector.disturb(std::make_unique<sim::MemoryStorage>())) {
    injector.arm();
  }

  // 0 or the errno.
  int put(const std::string& path) {
    const auto file = storage->create(path);
    if (!file) return file.error().errno_value;
    const std::vector<std::byte> bytes(8, std::byte{1});
    const auto written = (*file)->write_at(0, bytes);
    if (!written) return written.error().errno_value;
    const auto synced = (*file)->sync();
    return synced ? 0 : synced.error().errno_value;
  }
  std::vector<std::byte> get(const std::string& path) {
    std::vector<std::byte> bytes(8);
    const auto file = storage->open(path);
    EXPECT_TRUE(file);
    const auto count = (*file)->read_at(0, bytes);
    EXPECT_TRUE(count);
    bytes.resize(*count);
    return bytes;
  }

  Injector injector;
  std::unique_ptr<sim::Storage> storage;
};

Match at_storage(const std::string& step, const std::string& path = "") {
  return {.name = step, .layer = sim::Layer::kStorage, .path = path};
}

TEST(FaultyStorage, FailsTheStepThatTheRuleNames) {
  using Kind = sim::Fault::Kind;
  EXPECT_EQ(Disk(at_storage("create"), Kind::kReadOnly).put("/a"), EROFS);
  EXPECT_EQ(Disk(at_storage("write"), Kind::kNoSpace).put("/a"), ENOSPC);
  EXPECT_EQ(Disk(at_storage("sync"), Kind::kIoError).put("/a"), EIO);
  EXPECT_EQ(Disk(at_storage("write", "*.sav"), Kind::kIoError).put("/a"), 0);
  EXPECT_EQ(Disk(at_storage("write", "*.sav"), Kind::kIoError).put("/a.sav"), EIO);
}

TEST(FaultyStorage, WritesHalfAndTellsOrDoesNot) {
  Disk short_disk(at_storage("write"), sim::Fault::Kind::kShortWrite);
  EXPECT_EQ(short_disk.put("/a"), EIO);
  EXPECT_EQ(short_disk.get("/a").size(), 4u);
  Disk torn(at_storage("write"), sim::Fault::Kind::kTornWrite);
  EXPECT_EQ(torn.put("/a"), 0);
  EXPECT_EQ(torn.get("/a").size(), 4u);
}

TEST(FaultyStorage, FlipsOneBitOfWhatIsWrittenOrRead) {
  for (const char* step : {"write", "read"}) {
    Disk disk(at_storage(step), sim::Fault::Kind::kFlipBit);
    EXPECT_EQ(disk.put("/a"), 0);
    const auto bytes = disk.get("/a");
    EXPECT_EQ(std::ranges::count(bytes, std::byte{1}), 7) << step;
    const bool is_lasting = disk.get("/a") == bytes;
    EXPECT_EQ(is_lasting, std::string(step) == "write");
  }
}

TEST(FaultyStorage, EmptiesUnsyncedFilesWhenThePowerFails) {
  Disk disk(at_storage("sync"), sim::Fault::Kind::kLoseSync);
  EXPECT_EQ(disk.put("/a"), 0);
  EXPECT_EQ(disk.put("/b"), 0) << "the rule has fired";
  ASSERT_TRUE(disk.storage->rename("/a", "/c"));
  EXPECT_EQ(disk.get("/c").size(), 8u);
  disk.injector.lose_power();
  EXPECT_EQ(disk.get("/c").size(), 0u);
  EXPECT_EQ(disk.get("/b").size(), 8u);
}

TEST(FaultyStorage, FollowsUnsyncedFilesIntoAMovedFolder) {
  Disk disk(at_storage("sync"), sim::Fault::Kind::kLoseSync);
  ASSERT_TRUE(disk.storage->create_folder("/old"));
  EXPECT_EQ(disk.put("/old/a"), 0);
  ASSERT_TRUE(disk.storage->rename("/old", "/new"));
  disk.injector.lose_power();
  EXPECT_EQ(disk.get("/new/a").size(), 0u);
}

TEST(FaultyStorage, HandsOnEachDrawOfARuleThatDraws) {
  Disk disk(at_storage("write"), sim::Fault::Kind::kSlow, {.count = 0, .probability = 0.5});
  for (int i = 0; i < 100; ++i) disk.put("/a");
  const sim::Mishaps mishaps = disk.injector.take_mishaps();
  EXPECT_EQ(mishaps.notes.size(), 1u);
  ASSERT_EQ(mishaps.draws.size(), disk.injector.counters("rule")->fired);
  uint64_t last = 0;
  for (const std::string& draw : mishaps.draws) {
    const uint64_t point = std::stoull(draw);
    EXPECT_EQ(draw, std::to_string(point) + " rule=rule");
    EXPECT_GT(point, last);
    EXPECT_LE(point, 100u);
    last = point;
  }
  EXPECT_TRUE(disk.injector.take_mishaps().draws.empty());
}

TEST(FaultyStorage, ForgetsUnsyncedFilesWithTheirFolder) {
  Disk disk(at_storage("sync"), sim::Fault::Kind::kLoseSync);
  ASSERT_TRUE(disk.storage->create_folder("/old"));
  EXPECT_EQ(disk.put("/old/a"), 0);
  ASSERT_TRUE(disk.storage->remove_folder("/old"));
  ASSERT_TRUE(disk.storage->create_folder("/old"));
  EXPECT_EQ(disk.put("/old/a"), 0) << "the rule has fired";
  disk.injector.lose_power();
  EXPECT_EQ(disk.get("/old/a").size(), 8u);
}

// The content of an image of many pages, of which the rule spoils some.
std::vector<std::byte> spoilt_image() {
  constexpr uint64_t kPages = 4096;
  Disk disk(at_storage("write"), sim::Fault::Kind::kFlipBit, {.skip = 3, .count = 5, .every = 2});
  sim::Ram ram(kPages * sim::kPageBytes);
  std::vector<std::byte> page(sim::kPageBytes, std::byte{1});
  for (uint64_t i = 0; i < kPages; ++i) EXPECT_TRUE(ram.write(i * sim::kPageBytes, page));
  sim::MachineImage machine;
  machine.vcpus.resize(1);
  machine.config = {"vm", ram.size_bytes(), 1};
  EXPECT_TRUE(sim::write_image(*disk.storage, "/image", machine, ram));
  EXPECT_EQ(disk.injector.counters("rule")->fired, 5u);
  const auto file = disk.storage->open("/image");
  EXPECT_TRUE(file);
  std::vector<std::byte> bytes((*file)->size().value());
  EXPECT_TRUE((*file)->read_at(0, bytes));
  return bytes;
}

TEST(FaultyStorage, StrikesTheSameWritesOfAnImageEachTime) {
  const std::vector<std::byte> first = spoilt_image();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(spoilt_image() == first) << i;
}

TEST(FaultyStorage, TellsWhatItDidAndHowLongThatTook) {
  Disk disk(at_storage("write"), sim::Fault::Kind::kSlow, {.count = 0});
  EXPECT_EQ(disk.put("/a"), 0);
  EXPECT_EQ(disk.put("/a"), 0);
  const sim::Mishaps mishaps = disk.injector.take_mishaps();
  EXPECT_EQ(mishaps.notes, std::vector<std::string>{"storage write /a rule=rule slow"});
  EXPECT_EQ(mishaps.delay_ms, 14u);
  EXPECT_TRUE(disk.injector.take_mishaps().notes.empty());
}

TEST(FaultyStorage, SparesWhatComesBeforeTheHostIsOpen) {
  Injector injector(
      Plan({Rule{"rule", at_storage(""), {.count = 0}, {.kind = sim::Fault::Kind::kIoError}}}));
  const auto storage = injector.disturb(std::make_unique<sim::MemoryStorage>());
  EXPECT_TRUE(storage->create("/a"));
  injector.arm();
  EXPECT_FALSE(storage->create("/a"));
}

TEST(FaultyStorage, IsNotThereWhereNoRuleIsAboutStorage) {
  Injector injector(Plan({failing("rule", {})}));
  auto storage = std::make_unique<sim::MemoryStorage>();
  const sim::Storage* plain = storage.get();
  EXPECT_EQ(injector.disturb(std::move(storage)).get(), plain);
}

RC_GTEST_PROP(Trigger, StrikesExactlyTheJobsAfterSkipUpToCount, ()) {
  const auto skip = *rc::gen::inRange<uint64_t>(0, 20);
  const auto count = *rc::gen::inRange<uint64_t>(0, 20);
  const auto jobs = *rc::gen::inRange<uint64_t>(0, 60);
  Injector injector(
      Plan({failing("rule", {.name = "PrlVm_Start"}, {.skip = skip, .count = count})}));
  uint64_t struck = 0;
  for (uint64_t i = 0; i < jobs; ++i) {
    const bool expected = i >= skip && (count == 0 || i < skip + count);
    RC_ASSERT((strike(injector, kStartWeb) == "rule") == expected);
    struck += expected ? 1 : 0;
    RC_ASSERT(strike(injector, kSuspendWeb).empty());
  }
  RC_ASSERT(injector.counters("rule")->seen == jobs);
  RC_ASSERT(injector.counters("rule")->fired == struck);
}

}  // namespace
}  // namespace prl::faults
