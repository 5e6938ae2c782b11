// Virtual disks hold what was written, state by state, whatever is done to their files, and refuse
// bundles that are damaged. Held to a model that keeps every sector in memory.
#include "simulator/virtual_disk.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "simulator/disks.h"
#include "simulator/memory_storage.h"
#include "simulator/random.h"
#include "tests/simulator/image_fixture.h"

namespace prl::sim {
namespace {

constexpr const char* kFolder = "/vms/disk.hdd";
constexpr uint64_t kSectors = 200;
constexpr uint32_t kBlockSectors = 16;

struct Bench {
  explicit Bench(Storage* other = nullptr)
      : surroundings{other ? *other : memory, [this] { return draw(); }} {}

  Uuid draw() {
    const uint64_t high = random.next();
    return Uuid::from_random(high, random.next());
  }
  static DiskSpec spec(DiskImageType type = DiskImageType::kExpanding) {
    DiskSpec spec;
    spec.descriptor.sectors = kSectors;
    spec.descriptor.block_sectors = kBlockSectors;
    spec.type = type;
    return spec;
  }
  std::unique_ptr<VirtualDisk> create(DiskImageType type = DiskImageType::kExpanding) {
    auto disk = VirtualDisk::create(surroundings, kFolder, spec(type));
    EXPECT_TRUE(disk);
    return disk ? std::move(*disk) : nullptr;
  }
  std::unique_ptr<VirtualDisk> open() {
    auto disk = VirtualDisk::open(surroundings, kFolder);
    EXPECT_TRUE(disk);
    return disk ? std::move(*disk) : nullptr;
  }

  MemoryStorage memory;
  RandomStream random{7, "disk"};
  DiskSurroundings surroundings;
};

using Sectors = std::vector<uint8_t>;  // one byte stands for each sector

std::vector<std::byte> bytes_of(uint8_t value, uint64_t sectors) {
  return std::vector<std::byte>(sectors * kSectorBytes, std::byte{value});
}

Sectors content_of(VirtualDisk& disk, const Uuid& state) {
  const uint64_t count = disk.descriptor().sectors;
  std::vector<std::byte> bytes(count * kSectorBytes);
  EXPECT_TRUE(disk.read_state(state, 0, bytes));
  Sectors sectors(count);
  for (uint64_t i = 0; i < count; ++i) {
    sectors[i] = static_cast<uint8_t>(bytes[i * kSectorBytes]);
    EXPECT_EQ(bytes[i * kSectorBytes], bytes[(i + 1) * kSectorBytes - 1]);
  }
  return sectors;
}

// -- The model.

struct Model {
  std::map<Uuid, Sectors> states;
  std::map<Uuid, Uuid> parents;

  bool rests_on(Uuid state, const Uuid& base) const {
    while (parents.contains(state)) {
      if (state == base) return true;
      state = parents.at(state);
    }
    return false;
  }
};

struct Pair {
  Bench bench;
  std::unique_ptr<VirtualDisk> disk = bench.create();
  Model model{{{current_state(), Sectors(kSectors)}}, {{current_state(), Uuid()}}};

  Uuid any_state() const {
    auto found = model.states.begin();
    std::advance(found, *rc::gen::inRange<size_t>(0, model.states.size()));
    return found->first;
  }
  void write() {
    Sectors& now = model.states[current_state()];
    const auto first = *rc::gen::inRange<uint64_t>(0, now.size());
    const auto count = *rc::gen::inRange<uint64_t>(0, std::min<uint64_t>(now.size() - first, 40));
    const auto value = *rc::gen::element<uint8_t>(0, 0, 1, 2, 3);
    RC_ASSERT(disk->write(first, bytes_of(value, count)).has_value());
    std::fill_n(now.begin() + static_cast<ptrdiff_t>(first), count, value);
  }
  void create_state() {
    const Uuid guid = bench.draw();
    RC_ASSERT(disk->create_state(guid).has_value());
    model.states[guid] = model.states[current_state()];
    model.parents[guid] = model.parents[current_state()];
    model.parents[current_state()] = guid;
  }
  void switch_to(const Uuid& guid) {
    if (guid == current_state()) return;
    RC_ASSERT(disk->switch_to(guid).has_value());
    model.states[current_state()] = model.states[guid];
    model.parents[current_state()] = guid;
  }
  void merge(const Uuid& guid) {
    if (guid == current_state()) return;
    RC_ASSERT(disk->delete_state(guid, true).has_value());
    for (auto& [state, parent] : model.parents) {
      if (parent == guid) parent = model.parents[guid];
    }
    model.states.erase(guid);
    model.parents.erase(guid);
  }
  void take_back(const Uuid& guid) {
    if (guid == current_state()) return;
    RC_ASSERT(disk->take_back(guid).has_value());
    model.states[current_state()] = model.states[guid];
    model.parents[current_state()] = model.parents[guid];
    for (auto& [state, parent] : model.parents) {
      if (parent == guid) parent = model.parents[guid];
    }
    model.states.erase(guid);
    model.parents.erase(guid);
  }
  void drop(const Uuid& guid) {
    if (guid == current_state()) return;
    const bool is_in_use = model.rests_on(current_state(), guid);
    RC_ASSERT(disk->delete_state(guid, false).has_value() == !is_in_use);
    if (is_in_use) return;
    const Model before = model;
    std::erase_if(model.states, [&](auto& one) { return before.rests_on(one.first, guid); });
    std::erase_if(model.parents, [&](auto& one) { return before.rests_on(one.first, guid); });
  }
  void grow() {
    const uint64_t sectors = disk->descriptor().sectors + 50;
    RC_ASSERT(disk->resize(sectors).has_value());
    for (auto& [state, content] : model.states) content.resize(sectors);
  }

  void step() {
    switch (*rc::gen::inRange(0, 13)) {
      case 0: return create_state();
      case 1: return switch_to(any_state());
      case 2: return merge(any_state());
      case 3: return drop(any_state());
      case 4: RC_ASSERT(disk->compact().has_value()); return;
      case 5: disk = bench.open(); return;
      case 6: return grow();
      case 7: return take_back(any_state());
      default: return write();
    }
  }
};

RC_GTEST_PROP(AVirtualDisk, HoldsWhatTheModelHoldsInEveryState, ()) {
  Pair pair;
  const auto steps = *rc::gen::inRange(1, 25);
  for (int i = 0; i < steps; ++i) pair.step();
  RC_ASSERT(pair.disk->descriptor().states.size() == pair.model.states.size());
  for (const auto& [state, content] : pair.model.states) {
    RC_ASSERT(content_of(*pair.disk, state) == content);
  }
  const Sectors now = pair.model.states[current_state()];
  RC_ASSERT(pair.disk->merge_all().has_value());
  RC_ASSERT(content_of(*pair.disk, current_state()) == now);
  RC_ASSERT(pair.disk->descriptor().states.size() == 1u);
}

RC_GTEST_PROP(ADescriptor, ComesBackFromItsText, ()) {
  DiskDescriptor descriptor = Bench::spec().descriptor;
  descriptor.uid = Uuid::from_random(1, 2);
  descriptor.name = *rc::gen::container<std::string>(rc::gen::inRange(' ', '\x7f'));
  descriptor.states = {{Uuid::from_random(3, 4), Uuid(), DiskImageType::kPlain, "a & b", true},
                       {current_state(), Uuid::from_random(3, 4), {}, "c", false}};
  descriptor.parameters["key"] = "<value>";
  const auto read = disk_descriptor_from_xml(to_xml(descriptor));
  RC_ASSERT(read.has_value());
  descriptor.name = read->name.empty() ? "" : descriptor.name;  // blanks alone are no text
  RC_ASSERT(*read == descriptor);
}

// -- Space.

TEST(AnExpandingDisk, TakesSpaceOnlyForWhatWasWritten) {
  Bench bench;
  const auto disk = bench.create();
  EXPECT_EQ(disk->bytes_used(), 0u);
  ASSERT_TRUE(disk->write(40, bytes_of(1, 1)));
  EXPECT_EQ(disk->bytes_used(), kBlockSectors * kSectorBytes);
  ASSERT_TRUE(disk->write(40, bytes_of(0, 1)));
  const auto freed = disk->compact();
  ASSERT_TRUE(freed);
  EXPECT_EQ(*freed, kBlockSectors * kSectorBytes);
  EXPECT_EQ(disk->bytes_used(), 0u);
}

TEST(APlainDisk, HoldsTheSameAndBecomesExpanding) {
  Bench bench;
  const auto disk = bench.create(DiskImageType::kPlain);
  ASSERT_TRUE(disk->write(kSectors - 1, bytes_of(9, 1)));
  const Sectors before = content_of(*disk, current_state());
  EXPECT_EQ(disk->bytes_used() / kSectorBytes, 208u);  // whole blocks
  ASSERT_FALSE(disk->compact());
  ASSERT_TRUE(disk->convert(DiskImageType::kExpanding));
  EXPECT_EQ(disk->bytes_used(), kBlockSectors * kSectorBytes);
  EXPECT_EQ(content_of(*disk, current_state()), before);
}

TEST(APlainDisk, IsOneAgainWhenItIsTakenBack) {
  Bench bench;
  const auto disk = bench.create(DiskImageType::kPlain);
  ASSERT_TRUE(disk->write(0, bytes_of(1, 1)));
  const Uuid before = Uuid::from_random(1, 1);
  ASSERT_TRUE(disk->create_state(before));
  ASSERT_TRUE(disk->write(0, bytes_of(2, 1)));
  ASSERT_TRUE(disk->take_back(before));
  EXPECT_EQ(disk->type(), DiskImageType::kPlain);
  EXPECT_EQ(disk->descriptor().states.size(), 1u);
  EXPECT_EQ(content_of(*disk, current_state())[0], 1);
  ASSERT_TRUE(disk->write(0, bytes_of(3, 1)));
  EXPECT_EQ(content_of(*bench.open(), current_state())[0], 3);
  EXPECT_EQ(disk->take_back(before).error(), DiskError::kNoState);
}

TEST(AVirtualDisk, ShrinksOnlyWhereNothingIsLost) {
  Bench bench;
  const auto disk = bench.create();
  ASSERT_TRUE(disk->write(100, bytes_of(1, 1)));
  const auto refused = disk->resize(100);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), DiskError::kDataBeyondEnd);
  EXPECT_TRUE(disk->resize(101));
  EXPECT_EQ(content_of(*disk, current_state())[100], 1);
  EXPECT_EQ(content_of(*bench.open(), current_state()).size(), 101u);
}

// Two processes with one seed draw the same identities.
TEST(AVirtualDisk, KeepsItsFilesWhenIdentitiesComeAgain) {
  Bench first;
  const Uuid a = Uuid::from_random(1, 1), b = Uuid::from_random(2, 2);
  {
    const auto disk = first.create();
    ASSERT_TRUE(disk->write(0, bytes_of(1, 1)));
    ASSERT_TRUE(disk->create_state(a));
    ASSERT_TRUE(disk->write(0, bytes_of(2, 1)));
  }
  Bench second(&first.memory);
  second.draw();  // as creating the disk did
  const auto disk = second.open();
  ASSERT_TRUE(disk->create_state(b));
  ASSERT_TRUE(disk->write(0, bytes_of(3, 1)));
  EXPECT_EQ(content_of(*disk, a)[0], 1);
  EXPECT_EQ(content_of(*disk, b)[0], 2);
  EXPECT_EQ(content_of(*disk, current_state())[0], 3);
}

TEST(AVirtualDisk, LeavesNoFilesBehind) {
  Bench bench;
  const auto disk = bench.create();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(disk->create_state(bench.draw()));
    ASSERT_TRUE(disk->write(0, bytes_of(1, 1)));
    ASSERT_TRUE(disk->compact());
  }
  ASSERT_TRUE(disk->merge_all());
  const auto names = bench.memory.list(kFolder);
  ASSERT_TRUE(names);
  EXPECT_EQ(names->size(), 3u);  // descriptor, image and the empty file of the bundle's name
}

TEST(AVirtualDisk, RefusesPlacesThatItDoesNotHave) {
  Bench bench;
  const auto disk = bench.create();
  std::vector<std::byte> two = bytes_of(0, 2);
  for (const uint64_t sector : {kSectors - 1, kSectors + 1, UINT64_MAX}) {
    EXPECT_EQ(disk->read(sector, two).error(), DiskError::kOutside);
    EXPECT_EQ(disk->write(sector, two).error(), DiskError::kOutside);
  }
  EXPECT_EQ(disk->read(0, std::span(two).first(100)).error(), DiskError::kUnaligned);
  EXPECT_TRUE(disk->read(kSectors, {}));
}

// -- Damage.

std::string read_file(Storage& storage, const std::string& path) {
  auto file = storage.open(path);
  std::string text(*storage.file_size(path), '\0');
  EXPECT_TRUE((*file)->read_at(0, std::as_writable_bytes(std::span(text))));
  return text;
}

void write_file(Storage& storage, const std::string& path, const std::string& text) {
  auto file = storage.create(path);
  EXPECT_TRUE((*file)->write_at(0, std::as_bytes(std::span(text))));
}

TEST(ADamagedDescriptor, IsRefusedWhereverItIsCut) {
  Bench bench;
  bench.create();
  const std::string path = std::string(kFolder) + "/" + VirtualDisk::kDescriptorName;
  const std::string good = read_file(bench.memory, path);
  for (size_t length = 0; length + 3 < good.size(); length += 7) {
    write_file(bench.memory, path, good.substr(0, length));
    EXPECT_FALSE(VirtualDisk::open(bench.surroundings, kFolder)) << length;
  }
  write_file(bench.memory, path, good);
  EXPECT_TRUE(VirtualDisk::open(bench.surroundings, kFolder));
}

TEST(ADescriptorWhoseStatesGoInACircle, IsRefused) {
  DiskDescriptor descriptor = Bench::spec().descriptor;
  const Uuid a = Uuid::from_random(1, 1), b = Uuid::from_random(2, 2);
  descriptor.states = {{a, b, {}, "a", false}, {b, a, {}, "b", false},
                       {current_state(), a, {}, "c", false}};
  EXPECT_FALSE(disk_descriptor_from_xml(to_xml(descriptor)));
  descriptor.states = {{current_state(), a, {}, "c", false}};
  EXPECT_FALSE(disk_descriptor_from_xml(to_xml(descriptor)));
}

// Whatever byte of header and table is wrong: the disk is refused or reads without harm.
RC_GTEST_PROP(ADamagedImage, IsRefusedOrReadWithoutHarm, ()) {
  Bench bench;
  std::string path;
  {
    const auto disk = bench.create();
    RC_ASSERT(disk->write(0, bytes_of(1, kSectors)).has_value());
    path = std::string(kFolder) + "/" + disk->descriptor().states[0].file;
  }
  std::string bytes = read_file(bench.memory, path);
  const auto at = *rc::gen::inRange<size_t>(0, 64 + 4 * 13);
  bytes[at] = *rc::gen::arbitrary<char>();
  if (*rc::gen::arbitrary<bool>()) bytes.resize(*rc::gen::inRange<size_t>(0, bytes.size()));
  write_file(bench.memory, path, bytes);
  const auto disk = VirtualDisk::open(bench.surroundings, kFolder);
  std::vector<std::byte> content = bytes_of(0, kSectors);
  if (disk) RC_ASSERT((*disk)->read(0, content).has_value());
}

// Every operation on storage fails once: the disk is as before or as after, never neither.
TEST(AStepThatFails, LeavesTheDiskAsItWasOrAsItWasToBe) {
  using Step = std::function<DiskResult<void>(VirtualDisk&)>;
  const Uuid state = Uuid::from_random(5, 5);
  const std::vector<Step> steps = {
      [](VirtualDisk& disk) { return disk.create_state(Uuid::from_random(6, 6)); },
      [&](VirtualDisk& disk) { return disk.delete_state(state, true); },
      [](VirtualDisk& disk) { return disk.merge_all(); },
      [](VirtualDisk& disk) { return disk.resize(kSectors + 10); },
      [](VirtualDisk& disk) -> DiskResult<void> {
        if (auto done = disk.compact(); !done) return Unexpected{done.error()};
        return {};
      }};
  for (const Step& step : steps) {
    for (uint64_t failing = 1;; ++failing) {
      Bench bench;
      {
        const auto disk = bench.create();
        ASSERT_TRUE(disk->write(3, bytes_of(1, 30)));
        ASSERT_TRUE(disk->create_state(state));
        ASSERT_TRUE(disk->write(20, bytes_of(2, 30)));
      }
      const Sectors before = content_of(*bench.open(), current_state());
      FailingStorage storage(bench.memory, failing);
      auto disk = VirtualDisk::open({storage, bench.surroundings.new_uuid}, kFolder);
      if (disk) (void)step(**disk).has_value();
      Sectors after = content_of(*bench.open(), current_state());
      after.resize(kSectors);
      EXPECT_EQ(after, before) << failing;
      if (!storage.has_failed()) break;
    }
  }
}

// Whether it is taken back or not, nothing is in between.
TEST(AChangeThatIsTakenBack, IsThereOrGoneWhereAStepFails) {
  const Uuid state = Uuid::from_random(5, 5);
  for (const bool rests_other : {false, true}) {
    for (uint64_t failing = 1;; ++failing) {
      Bench bench;
      {
        const auto disk = bench.create();
        ASSERT_TRUE(disk->write(3, bytes_of(1, 30)));
        ASSERT_TRUE(disk->create_state(state));
        if (rests_other) {
          ASSERT_TRUE(disk->create_state(Uuid::from_random(6, 6)));
        }
        ASSERT_TRUE(disk->write(20, bytes_of(2, 30)));
      }
      const Sectors changed = content_of(*bench.open(), current_state());
      const Sectors before = content_of(*bench.open(), state);
      FailingStorage storage(bench.memory, failing);
      auto disk = VirtualDisk::open({storage, bench.surroundings.new_uuid}, kFolder);
      if (disk) (void)(*disk)->take_back(state).has_value();
      const auto found = bench.open();
      const Sectors after = content_of(*found, current_state());
      const bool is_over = !found->descriptor().find(state);
      EXPECT_TRUE(after == before || (after == changed && !is_over)) << failing;
      if (!storage.has_failed()) break;
    }
  }
}

// -- Several openings.

struct AShelf : testing::Test {
  AShelf() { EXPECT_TRUE(disks.create(kFolder, Bench::spec())); }
  Bench bench;
  Disks disks{bench.surroundings};
};

TEST_F(AShelf, LetsOneWriteAndManyRead) {
  auto writer = disks.open(kFolder, true);
  ASSERT_TRUE(writer);
  EXPECT_EQ(disks.open(std::string(kFolder) + "/", true).error(), DiskError::kShared);
  auto reader = disks.open(kFolder, false);
  ASSERT_TRUE(reader);
  EXPECT_TRUE((*writer)->with([](VirtualDisk& disk) { return disk.write(0, bytes_of(4, 1)); }));
  std::vector<std::byte> sector = bytes_of(0, 1);
  EXPECT_TRUE((*reader)->with([&](VirtualDisk& disk) { return disk.read(0, sector); }));
  EXPECT_EQ(sector[0], std::byte{4});
  writer->reset();
  EXPECT_TRUE(disks.open(kFolder, true));
  EXPECT_EQ(disks.remove(kFolder).error(), DiskError::kShared);
  reader->reset();
  EXPECT_TRUE(disks.remove(kFolder));
  EXPECT_EQ(disks.open(kFolder, false).error(), DiskError::kNotFound);
}

TEST_F(AShelf, CopiesADiskWithItsStates) {
  const Uuid state = bench.draw();
  {
    auto disk = disks.open(kFolder, true);
    (*disk)->with([&](VirtualDisk& content) {
      EXPECT_TRUE(content.write(0, bytes_of(1, 5)));
      EXPECT_TRUE(content.create_state(state));
      EXPECT_TRUE(content.write(0, bytes_of(2, 2)));
      return true;
    });
  }
  ASSERT_TRUE(disks.copy(kFolder, "/vms/copy.hdd"));
  EXPECT_EQ(disks.copy(kFolder, "/vms/copy.hdd").error(), DiskError::kExists);
  ASSERT_TRUE(disks.remove(kFolder));
  auto copy = disks.open("/vms/copy.hdd", false);
  ASSERT_TRUE(copy);
  (*copy)->with([&](VirtualDisk& content) {
    EXPECT_EQ(content_of(content, current_state())[0], 2);
    EXPECT_EQ(content_of(content, state)[0], 1);
    return true;
  });
}

TEST_F(AShelf, LinksADiskToAStateOfAnother) {
  const Uuid state = bench.draw();
  auto base = disks.open(kFolder, true);
  (*base)->with([&](VirtualDisk& content) {
    EXPECT_TRUE(content.write(0, bytes_of(1, 5)));
    EXPECT_TRUE(content.create_state(state));
    EXPECT_TRUE(content.write(0, bytes_of(2, 2)));
    return true;
  });
  EXPECT_EQ(disks.link(kFolder, current_state(), "/vms/link.hdd").error(), DiskError::kNoState);
  ASSERT_TRUE(disks.link(kFolder, state, "/vms/link.hdd"));
  auto link = disks.open("/vms/link.hdd", true);
  ASSERT_TRUE(link);
  (*link)->with([&](VirtualDisk& content) {
    EXPECT_EQ(content_of(content, current_state())[0], 1);
    EXPECT_TRUE(content.write(1, bytes_of(7, 1)));
    EXPECT_EQ(content_of(content, current_state())[1], 7);
    EXPECT_EQ(content.resize(kSectors * 2).error(), DiskError::kStateInUse);
    return true;
  });
  (*base)->with([&](VirtualDisk& content) {
    EXPECT_EQ(content_of(content, state)[1], 1);
    return true;
  });
}

}  // namespace
}  // namespace prl::sim
