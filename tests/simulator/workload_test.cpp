#include "simulator/workload.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "simulator/little_endian.h"
#include "simulator/random.h"

namespace prl::sim {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr auto kWriter = WorkloadKind::kSequentialWriter;
constexpr auto kRandom = WorkloadKind::kRandomWriter;
constexpr auto kZipf = WorkloadKind::kZipfWriter;
constexpr auto kGrowing = WorkloadKind::kGrowing;
constexpr auto kPattern = WorkloadKind::kPattern;
constexpr uint64_t kFirstPage = kWorkloadStart / kPageBytes;

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
  for (const auto kind : kWorkloadKinds) {
    EXPECT_EQ(parse_workload_kind(format_workload_kind(kind)), kind);
  }
  EXPECT_EQ(format_workload_kind(kRandom), "random");
  EXPECT_EQ(format_workload_kind(kZipf), "zipf");
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
  for (const auto kind : {kWriter, kRandom, kZipf, kGrowing, kPattern}) {
    Guest guest;
    Workload({kind, 3 * kMiB, 100, 1}).run(guest.ram, guest.vcpus, 0, 1000);
    const auto pages = touched(guest.ram);
    EXPECT_EQ(pages.size(), 3 * kPagesPerLeaf);
    EXPECT_EQ(*pages.begin(), kFirstPage);
    EXPECT_EQ(*pages.rbegin(), kFirstPage + 3 * kPagesPerLeaf - 1);
  }
}

TEST(Workload, WritesEveryPageOncePerPass) {
  for (const auto kind : {kWriter, kRandom, kGrowing, kPattern}) {
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
    for (const auto kind : {kRandom, kZipf, kGrowing, kPattern}) {
      Ram ram(ram_bytes);
      Workload({kind, 64 * kMiB, 50, 1}).run(ram, {}, 0, 1000);
      EXPECT_EQ(ram.touched_pages(), ram_bytes > kMiB ? (ram_bytes - kMiB) / kPageBytes : 0);
    }
  }
}

// 49 days are 4.2e11 writes; if none was skipped, this test
// would not end.
TEST(Workload, CatchesUpFortyNineDaysAtOnce) {
  constexpr uint64_t kDays49Ms = uint64_t{49} * 24 * 3600 * 1000;
  for (const auto kind : {kWriter, kRandom, kZipf}) {
    Guest guest;
    const Workload workload({kind, 4 * kMiB, 100, 9});
    workload.run(guest.ram, guest.vcpus, 0, kDays49Ms);
    EXPECT_EQ(guest.ram.touched_pages(), 4 * kPagesPerLeaf);
    const uint64_t digest = guest.ram.digest();
    workload.run(guest.ram, guest.vcpus, kDays49Ms, kDays49Ms + 1);
    EXPECT_NE(guest.ram.digest(), digest);
  }
}

// How often each page of the working set is written, the most frequent first.
std::vector<uint64_t> write_counts(const Workload& workload, uint64_t writes) {
  Guest guest;
  std::map<uint64_t, uint64_t> counts;
  for (uint64_t step = 0; step < writes; ++step) {
    guest.ram.clear_dirty();
    workload.run(guest.ram, {}, step, step + 1);
    guest.ram.for_each_dirty_page([&](uint64_t page, PageBytes) { ++counts[page]; });
  }
  std::vector<uint64_t> sorted;
  for (const auto& [page, count] : counts) sorted.push_back(count);
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  return sorted;
}

// By Zipf's law the page of rank r gets 1 / r of what the first one gets. The steps of the groups
// are less than a factor of 2 off.
TEST(Workload, FollowsZipfsLawWithinAFactorOfTwo) {
  constexpr uint64_t kPages = 1000;  // no power of two: the groups are not all twice as large
  const auto counts = write_counts(Workload({kZipf, kPages * kPageBytes, 1, 5}), 40'000);
  ASSERT_EQ(counts.size(), kPages);
  const auto top = static_cast<double>(counts[0]);
  for (size_t rank = 1; rank <= kPages; ++rank) {
    const double share = static_cast<double>(counts[rank - 1]) * static_cast<double>(rank) / top;
    EXPECT_GT(share, 0.9) << rank;
    EXPECT_LT(share, 2.1) << rank;
  }
}

TEST(Workload, ScattersItsHotPagesOverTheWorkingSet) {
  constexpr uint64_t kPages = 1024;
  constexpr uint64_t kRounds = 2;  // of 11 writes, one to each group
  Guest guest;
  Workload({kZipf, kPages * kPageBytes, 11, 5}).run(guest.ram, {}, 0, kRounds);
  const auto first = touched(guest.ram);
  EXPECT_EQ(first.size(), 2 * 11 - 2u) << "the two groups of one page are written twice";
  EXPECT_GT(*first.rbegin() - *first.begin(), kPages / 2);
}

TEST(Workload, HasOtherHotPagesWithAnotherSeed) {
  Guest a;
  Guest b;
  Workload({kZipf, 4 * kMiB, 20, 5}).run(a.ram, {}, 0, 1);
  Workload({kZipf, 4 * kMiB, 20, 6}).run(b.ram, {}, 0, 1);
  EXPECT_NE(touched(a.ram), touched(b.ram));
}

TEST(Workload, GrowsAtItsRateUpToItsLimitAndLeavesThePagesBehindAlone) {
  Guest guest;
  const Workload workload({kGrowing, 100 * kPageBytes, 3, 5});
  workload.run(guest.ram, guest.vcpus, 0, 10);
  EXPECT_EQ(guest.ram.touched_pages(), 30u);
  guest.ram.clear_dirty();
  workload.run(guest.ram, guest.vcpus, 10, 20);
  EXPECT_EQ(guest.ram.touched_pages(), 60u);
  EXPECT_EQ(guest.ram.dirty_pages(), 30u);
  workload.run(guest.ram, guest.vcpus, 20, 1000);
  EXPECT_EQ(guest.ram.touched_pages(), 100u);
  guest.ram.clear_dirty();
  workload.run(guest.ram, guest.vcpus, 1000, 2000);
  EXPECT_EQ(guest.ram.dirty_pages(), 0u);
}

TEST(Workload, FillsWithAPatternThatIsTheAddressOfEachWord) {
  Guest guest;
  Workload({kPattern, 2 * kMiB, 100, 5}).run(guest.ram, guest.vcpus, 0, 1000);
  for (uint64_t address = kMiB; address < 3 * kMiB; address += 8) {
    std::array<std::byte, 8> word;
    ASSERT_TRUE(guest.ram.read(address, word));
    ASSERT_EQ(load_u64(word, 0), address);
  }
}

// The same in every build, or images and traces of one could not be compared with those of another.
TEST(Workload, WritesTheSameBytesInEveryBuild) {
  const std::map<WorkloadKind, uint64_t> digests = {{WorkloadKind::kIdle, 15021588569973963762u},
                                                    {kWriter, 17449497953876222817u},
                                                    {kRandom, 7060181549884848922u},
                                                    {kZipf, 15750810819737159666u},
                                                    {kGrowing, 15351551780140757171u},
                                                    {kPattern, 1381315016738373952u}};
  for (const auto kind : kWorkloadKinds) {
    Guest guest;
    Workload({kind, 3 * kMiB - kPageBytes, 7, 11}).run(guest.ram, guest.vcpus, 0, 250);
    ASSERT_TRUE(digests.contains(kind)) << format_workload_kind(kind);
    EXPECT_EQ(guest.ram.digest(), digests.at(kind)) << format_workload_kind(kind);
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
  const WorkloadSpec spec{*rc::gen::elementOf(kWorkloadKinds),
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
