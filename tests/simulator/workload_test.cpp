#include "simulator/workload.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <set>

#include "simulator/random.h"

namespace prl::sim {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr auto kWriter = WorkloadKind::kSequentialWriter;
constexpr auto kRandom = WorkloadKind::kRandomWriter;

struct Guest {
  Ram ram{64 * kMiB};
  std::array<Vcpu, 2> vcpus;
};

std::set<uint64_t> touched(const Ram& ram) {
  std::set<uint64_t> pages;
  ram.for_each_touched_page([&](uint64_t page, PageBytes) { pages.insert(page); });
  return pages;
}

// The reference: every step on its own, nothing skipped.
void run_step_by_step(const Workload& workload, Guest& guest, uint64_t steps) {
  for (uint64_t step = 0; step < steps; ++step) {
    workload.run(guest.ram, guest.vcpus, step, step + 1);
  }
}

TEST(Workload, NamesItsKindsBothWays) {
  for (const auto kind : {WorkloadKind::kIdle, kWriter, kRandom}) {
    EXPECT_EQ(parse_workload_kind(format_workload_kind(kind)), kind);
  }
  EXPECT_EQ(format_workload_kind(kRandom), "random");
  EXPECT_EQ(parse_workload_kind("Writer"), std::nullopt);
}

TEST(Workload, BootsWithResetRegistersAndARecord) {
  Guest guest;
  guest.vcpus[1].rip = 5;
  boot(guest.ram, guest.vcpus, 17);
  EXPECT_EQ(guest.vcpus[1], Vcpu());
  EXPECT_EQ(read_boot_count(guest.ram), 17u);
  EXPECT_EQ(guest.ram.touched_pages(), 1u);
}

TEST(Workload, FindsNoRecordInMemoryThatNeverBooted) {
  EXPECT_EQ(read_boot_count(Ram(kMiB)), std::nullopt);
  EXPECT_EQ(read_boot_count(Ram(0)), std::nullopt);
}

TEST(Workload, LeavesMemoryAloneWhenIdle) {
  Guest guest;
  Workload({WorkloadKind::kIdle}).run(guest.ram, guest.vcpus, 0, 1000);
  EXPECT_EQ(guest.ram.touched_pages(), 0u);
  EXPECT_EQ(guest.vcpus[0].general[kRax], 1000u);
  EXPECT_EQ(guest.vcpus[0].tsc, 1000 * kTscTicksPerMs);
}

TEST(Workload, WritesTheWorkingSetAndNothingElse) {
  for (const auto kind : {kWriter, kRandom}) {
    Guest guest;
    Workload({kind, 3 * kMiB, 100, 1}).run(guest.ram, guest.vcpus, 0, 1000);
    const auto pages = touched(guest.ram);
    EXPECT_EQ(pages.size(), 3 * kPagesPerLeaf);
    EXPECT_EQ(*pages.begin(), kWorkloadStart / kPageBytes);
    EXPECT_EQ(*pages.rbegin(), kWorkloadStart / kPageBytes + 3 * kPagesPerLeaf - 1);
  }
}

TEST(Workload, WritesEveryPageOncePerPass) {
  for (const auto kind : {kWriter, kRandom}) {
    Guest guest;
    Workload({kind, 10 * kPageBytes, 1, 1}).run(guest.ram, guest.vcpus, 0, 10);
    EXPECT_EQ(touched(guest.ram).size(), 10u) << format_workload_kind(kind);
  }
}

TEST(Workload, WritesInADifferentOrderWhenRandom) {
  Guest guest;
  Workload({kRandom, 256 * kPageBytes, 1, 1}).run(guest.ram, guest.vcpus, 0, 64);
  const auto pages = touched(guest.ram);
  EXPECT_EQ(pages.size(), 64u);
  EXPECT_GT(*pages.rbegin() - *pages.begin(), 128u);
}

TEST(Workload, KeepsWithinMemoryThatIsSmallerThanTheWorkingSet) {
  for (const uint64_t ram_bytes : {uint64_t{0}, kMiB, kMiB + kPageBytes, 2 * kMiB}) {
    Ram ram(ram_bytes);
    Workload({kRandom, 64 * kMiB, 50, 1}).run(ram, {}, 0, 1000);
    EXPECT_EQ(ram.touched_pages(), ram_bytes > kMiB ? (ram_bytes - kMiB) / kPageBytes : 0);
  }
}

// 49 days are 4.2e11 writes; if none was skipped, this test
// would not end.
TEST(Workload, CatchesUpFortyNineDaysAtOnce) {
  constexpr uint64_t kDays49Ms = uint64_t{49} * 24 * 3600 * 1000;
  for (const auto kind : {kWriter, kRandom}) {
    Guest guest;
    const Workload workload({kind, 4 * kMiB, 100, 9});
    workload.run(guest.ram, guest.vcpus, 0, kDays49Ms);
    EXPECT_EQ(guest.ram.touched_pages(), 4 * kPagesPerLeaf);
    const uint64_t digest = guest.ram.digest();
    workload.run(guest.ram, guest.vcpus, kDays49Ms, kDays49Ms + 1);
    EXPECT_NE(guest.ram.digest(), digest);
  }
}

TEST(Workload, EntersSixtyFourBitModeWithTheFirstStep) {
  Guest guest;
  const Workload workload({WorkloadKind::kIdle});
  workload.run(guest.ram, guest.vcpus, 0, 0);
  EXPECT_EQ(guest.vcpus[0], Vcpu());
  workload.run(guest.ram, guest.vcpus, 0, 1);
  EXPECT_NE(guest.vcpus[0].efer & 0x400, 0u);
  EXPECT_NE(guest.vcpus[0].cr0 & 0x80000001, 0u);
}

TEST(Workload, LeavesControlRegistersToOthersAfterTheFirstStep) {
  Guest guest;
  const Workload workload({WorkloadKind::kIdle});
  workload.run(guest.ram, guest.vcpus, 0, 1);
  guest.vcpus[0].cr3 = 0xABC000;
  workload.run(guest.ram, guest.vcpus, 1, 2);
  EXPECT_EQ(guest.vcpus[0].cr3, 0xABC000u);
}

TEST(Workload, GivesEachVcpuAndEachStepItsOwnRegisters) {
  Guest guest;
  const Workload workload({kWriter});
  workload.run(guest.ram, guest.vcpus, 0, 10);
  EXPECT_NE(guest.vcpus[0].rip, guest.vcpus[1].rip);
  const auto before = guest.vcpus;
  workload.run(guest.ram, guest.vcpus, 10, 11);
  EXPECT_NE(guest.vcpus[0].general[kRbx], before[0].general[kRbx]);
  EXPECT_GT(guest.vcpus[0].tsc, before[0].tsc);
}

RC_GTEST_PROP(Workload, DependsOnTheTotalAndNotOnTheCuts, ()) {
  const WorkloadSpec spec{*rc::gen::element(WorkloadKind::kIdle, kWriter, kRandom),
                          *rc::gen::inRange<uint64_t>(0, 40) * kPageBytes,
                          *rc::gen::inRange<uint32_t>(0, 9), *rc::gen::arbitrary<uint64_t>()};
  const Workload workload(spec);
  const uint64_t steps = *rc::gen::inRange<uint64_t>(1, 120);
  const auto cuts = *rc::gen::container<std::set<uint64_t>>(rc::gen::inRange<uint64_t>(0, steps));

  Guest stepped;
  Guest whole;
  Guest cut;
  run_step_by_step(workload, stepped, steps);
  workload.run(whole.ram, whole.vcpus, 0, steps);
  uint64_t from_step = 0;
  for (const uint64_t to_step : cuts) {
    workload.run(cut.ram, cut.vcpus, from_step, to_step);
    from_step = to_step;
  }
  workload.run(cut.ram, cut.vcpus, from_step, steps);

  RC_ASSERT(whole.ram.digest() == stepped.ram.digest());
  RC_ASSERT(cut.ram.digest() == stepped.ram.digest());
  RC_ASSERT(whole.vcpus == stepped.vcpus);
  RC_ASSERT(cut.vcpus == stepped.vcpus);
  RC_ASSERT(touched(whole.ram) == touched(stepped.ram));
}

}  // namespace
}  // namespace prl::sim
