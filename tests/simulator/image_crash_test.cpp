// A machine that loses its power, or a process that is killed, at every step of the disk while a VM
// is suspended, resumed, suspended again, merged, dropped and has snapshots taken. Whoever opens
// what is left finds the VM as it was before the command or as it is after it, and nothing else.
#include <algorithm>
#include <iostream>
#include <map>

#include "simulator/checksum.h"
#include "simulator/snapshot_files.h"
#include "simulator/world.h"
#include "tests/simulator/image_fixture.h"
#include "tests/simulator/silent_session.h"

namespace prl::sim {
namespace {

// How much of what was not synced is there after the power is back.
struct Loss {
  bool keeps_all = false;  // a kill: the system still has everything
  bool keeps_nothing = false;
  uint64_t seed = 0;  // otherwise each name and each 512 bytes by themselves, as the seed decides
};

// A disk that knows what has been made durable.
class VolatileDisk final : public Storage {
 public:
  // Called after each step that changes something.
  void watch(std::function<void()> see) { see_ = std::move(see); }
  size_t steps() const { return steps_; }

  // What a machine finds that begins now.
  std::unique_ptr<MemoryStorage> after(const Loss& loss) const {
    RandomStream random(loss.seed, "loss");
    const auto keeps = [&] {
      return loss.keeps_all || (!loss.keeps_nothing && random.next() % 2 == 0);
    };
    Names names = durable_;
    for (const NameStep& step : pending_) {
      if (keeps()) step.apply(names);
    }
    auto found = std::make_unique<MemoryStorage>();
    for (const std::string& folder : folders_) EXPECT_TRUE(found->create_folder(folder));
    for (const auto& [path, content] : names) put_bytes(*found, content->after(keeps), path);
    return found;
  }

  StorageResult<std::unique_ptr<File>> create(const std::string& path) override {
    const auto content = std::make_shared<Content>();
    change({.path = path, .content = content});
    return std::unique_ptr<File>(std::make_unique<VolatileFile>(*this, content));
  }
  StorageResult<std::unique_ptr<File>> open(const std::string& path) override {
    const auto found = names_.find(path);
    if (found == names_.end()) return Unexpected{StorageError{"open", path, ENOENT}};
    return std::unique_ptr<File>(std::make_unique<VolatileFile>(*this, found->second));
  }
  StorageResult<std::unique_ptr<File>> open_for_update(const std::string& path) override {
    return open(path);
  }
  StorageResult<void> rename(const std::string& from, const std::string& to) override {
    const auto found = names_.find(from);
    if (found == names_.end()) return Unexpected{StorageError{"rename", from, ENOENT}};
    change({.path = to, .content = found->second, .from = from});
    return {};
  }
  StorageResult<void> remove(const std::string& path) override {
    if (!names_.contains(path)) return Unexpected{StorageError{"unlink", path, ENOENT}};
    change({.path = path, .content = nullptr});
    return {};
  }
  StorageResult<void> create_folder(const std::string& path) override {
    folders_.push_back(path);
    return {};
  }
  StorageResult<void> remove_folder(const std::string&) override { return {}; }
  StorageResult<void> sync_folder(const std::string& path) override {
    std::erase_if(pending_, [&](const NameStep& step) {
      const bool is_in_it = step.path.substr(0, step.path.rfind('/')) == path;
      if (is_in_it) step.apply(durable_);
      return is_in_it;
    });
    step_done();
    return {};
  }
  StorageResult<std::vector<std::string>> list(const std::string& path) override {
    std::vector<std::string> names;
    for (const auto& [name, content] : names_) {
      if (name.substr(0, name.rfind('/')) == path) names.push_back(name.substr(path.size() + 1));
    }
    return names;
  }
  bool exists(const std::string& path) override {
    return names_.contains(path) || std::ranges::find(folders_, path) != folders_.end();
  }
  StorageResult<uint64_t> file_size(const std::string& path) override {
    const auto found = names_.find(path);
    if (found == names_.end()) return Unexpected{StorageError{"stat", path, ENOENT}};
    return found->second->now.size();
  }

 private:
  using Bytes = std::vector<std::byte>;

  struct Content {
    Bytes now;
    Bytes durable;
    std::vector<std::pair<uint64_t, Bytes>> pending;  // writes that no sync has followed

    static void put(Bytes& bytes, uint64_t offset, std::span<const std::byte> part) {
      bytes.resize(std::max<size_t>(bytes.size(), offset + part.size()));
      std::ranges::copy(part, bytes.begin() + static_cast<ptrdiff_t>(offset));
    }
    template <class Keeps>
    Bytes after(Keeps keeps) const {
      constexpr size_t kSectorBytes = 512;
      Bytes bytes = durable;
      for (const auto& [offset, part] : pending) {
        for (size_t at = 0; at < part.size(); at += kSectorBytes) {
          const auto sector = std::span(part).subspan(at, std::min(kSectorBytes, part.size() - at));
          if (keeps()) put(bytes, offset + at, sector);
        }
      }
      return bytes;
    }
  };
  using Names = std::map<std::string, std::shared_ptr<Content>>;

  // A name that was given, moved (from) or taken (no content).
  struct NameStep {
    std::string path;
    std::shared_ptr<Content> content;
    std::string from = {};

    void apply(Names& names) const {
      names.erase(from);
      if (content) {
        names[path] = content;
      } else {
        names.erase(path);
      }
    }
  };

  class VolatileFile final : public File {
   public:
    VolatileFile(VolatileDisk& disk, std::shared_ptr<Content> content)
        : disk_(disk), content_(std::move(content)) {}
    StorageResult<void> write_at(uint64_t offset, std::span<const std::byte> bytes) override {
      const std::lock_guard lock(disk_.mutex_);  // images are written in several threads
      Content::put(content_->now, offset, bytes);
      content_->pending.emplace_back(offset, Bytes(bytes.begin(), bytes.end()));
      disk_.step_done();
      return {};
    }
    // All of it is one step.
    StorageResult<void> write_gathered(uint64_t offset, Gather pieces) override {
      Bytes bytes;
      for (const auto& piece : pieces) bytes.insert(bytes.end(), piece.begin(), piece.end());
      return write_at(offset, bytes);
    }
    StorageResult<size_t> read_at(uint64_t offset, std::span<std::byte> bytes) override {
      const Bytes& now = content_->now;
      const size_t count = offset < now.size() ? std::min(now.size() - offset, bytes.size()) : 0;
      std::copy_n(now.begin() + static_cast<ptrdiff_t>(offset), count, bytes.begin());
      return count;
    }
    StorageResult<uint64_t> size() override { return content_->now.size(); }
    StorageResult<void> sync() override {
      content_->durable = content_->now;
      content_->pending.clear();
      disk_.step_done();
      return {};
    }

   private:
    VolatileDisk& disk_;
    const std::shared_ptr<Content> content_;
  };

  void change(NameStep step) {
    step.apply(names_);
    pending_.push_back(std::move(step));
    step_done();
  }
  void step_done() {
    ++steps_;
    if (see_) see_();
  }

  std::mutex mutex_;
  Names names_;
  Names durable_;
  std::vector<NameStep> pending_;
  std::vector<std::string> folders_;
  std::function<void()> see_;
  size_t steps_ = 0;
};

constexpr uint64_t kRamMib = 4;
constexpr char kFolder[] = "/vms/vm.pvm";
const Uuid kVm = *Uuid::parse("12345678-9abc-4def-8123-456789abcdef");

// The directory of a host that has always had this VM.
class OneVm final : public HostStore {
 public:
  Expected<std::vector<VmRecord>, Outcome> open() override {
    return std::vector<VmRecord>{
        {.config = {.uuid = kVm, .name = "vm", .ram_mib = kRamMib}, .folder = kFolder}};
  }
  void close() override {}
  Expected<HostIdentity, Outcome> identify(const Uuid& fresh) override {
    return HostIdentity{.uuid = fresh};
  }
  Expected<void, Outcome> put(const VmRecord&) override { return {}; }
  Expected<void, Outcome> note(const VmRecord&) override { return {}; }
  Expected<void, Outcome> erase(const Uuid&) override { return {}; }
  Expected<NamedDocuments, Outcome> documents() override { return NamedDocuments(); }
  Expected<void, Outcome> put_document(const std::string&, const PropertyTree&) override {
    return {};
  }
  std::string vms_folder() const override { return "/vms"; }
  std::string backups_folder() const override { return "/backups"; }
  bool is_lasting() const override { return false; }
};

// A host with one VM, which it finds in its folder on the disk.
class Site {
 public:
  explicit Site(std::unique_ptr<Storage> storage) : storage_(storage.get()) {
    WorldOptions options;
    options.clock = {.mode = ClockSpec::Mode::kVirtual};
    options.store = std::make_unique<OneVm>();
    EXPECT_TRUE(storage->create_folder(kFolder));
    options.storage = std::move(storage);
    world_ = std::make_unique<World>(std::move(options));
    run([this](OperationDone done) { world_->login("login", session_, std::move(done)); });
  }

  Storage& storage() { return *storage_; }
  State state() { return world_->view(kVm)->state; }
  OutcomeKind command(Command command) {
    return run([&](OperationDone done) {
      world_->command("command", kVm, {.command = command}, std::move(done));
    });
  }
  OutcomeKind snapshot() {
    return run([&](OperationDone done) {
      world_->snapshots().create("create", kVm, {.name = "one"}, std::move(done));
    });
  }
  // Fills so many pages from one on with content that depends on the seed.
  void store(uint64_t first_page, uint64_t pages, uint64_t seed) {
    for (uint64_t page = first_page; page < first_page + pages; ++page) {
      EXPECT_EQ(world_->write_memory(kVm, page * kPageBytes, quick_page(seed * 10'000 + page)),
                GuestAccess::kOk);
    }
  }
  // A checksum of all of it; 0 where it cannot be had.
  uint64_t memory() {
    std::vector<std::byte> bytes(kRamMib * kMiB);
    return world_->read_memory(kVm, 0, bytes) == GuestAccess::kOk ? checksum(bytes) : 0;
  }
  std::vector<std::string> files() { return storage_->list(kFolder).value(); }

 private:
  template <class Start>
  OutcomeKind run(Start start) {
    OutcomeKind kind = OutcomeKind::kStartInterrupted;
    start([&](const Report& report) { kind = report.outcome.kind; });
    world_->advance(10'000);
    return kind;
  }

  Storage* storage_;
  SilentSession session_;
  std::unique_ptr<World> world_;
};

// How the VM may be found: stopped, or suspended with this memory.
struct Found {
  State state = State::kStopped;
  uint64_t memory = 0;

  friend bool operator==(const Found&, const Found&) = default;
};

// What is wrong with a snapshot, if anything.
std::string snapshot_problem(Storage& storage) {
  SnapshotFiles files(storage, kFolder);
  const auto tree = files.load();
  if (!tree) return "no tree";
  for (const Snapshot& snapshot : tree->all()) {
    if (!files.load_record(snapshot.uuid)) return "no record";
    if (!snapshot.has_image()) continue;
    const auto image = read_image(storage, files.image_path(snapshot.uuid), kVm);
    if (!image) return image.error().message;
  }
  return "";
}

// What is wrong with a disk after a crash, if anything.
std::string problem_of(std::unique_ptr<Storage> disk, const std::vector<Found>& allowed) {
  Site site(std::move(disk));
  Found found{.state = site.state()};
  for (const std::string& name : site.files()) {
    if (name.ends_with(".tmp")) return name + " is left";
  }
  if (found.state == State::kSuspended) {
    if (site.command(Command::kResume) != OutcomeKind::kOk) return "the image cannot be resumed";
    found.memory = site.memory();
  }
  if (std::ranges::find(allowed, found) == allowed.end()) {
    return "found " + std::string(state_name(found.state)) + " with another memory";
  }
  if (const std::string lost = snapshot_problem(site.storage()); !lost.empty()) {
    return lost;
  }
  if (found.state == State::kSuspended) (void)site.command(Command::kStopKill);
  for (const std::string& name : site.files()) {
    if (name.ends_with(".sav") || name.ends_with(".base")) return name + " is left";
  }
  return "";
}

// One VM on a disk that may lose its power at any step.
class Story {
 public:
  Story() {
    auto disk = std::make_unique<VolatileDisk>();
    disk_ = disk.get();
    site_ = std::make_unique<Site>(std::move(disk));
    disk_->watch([this] { crash(); });
  }

  size_t points() const { return points_; }
  size_t lost() const { return lost_; }

  void start_with_content() {
    ASSERT_EQ(site_->command(Command::kStart), OutcomeKind::kOk);
    site_->store(100, 300, 1);
  }
  void store(uint64_t first_page, uint64_t pages, uint64_t seed) {
    site_->store(first_page, pages, seed);
  }
  void suspend() {
    const Found after{State::kSuspended, site_->memory()};
    allow({Found(), after}, "suspend");
    EXPECT_EQ(site_->command(Command::kSuspend), OutcomeKind::kOk);
    settle({after});
    memory_ = after.memory;
  }
  void resume() {
    allow({{State::kSuspended, memory_}, Found()}, "resume");
    EXPECT_EQ(site_->command(Command::kResume), OutcomeKind::kOk);
    settle({Found()});
    EXPECT_EQ(site_->memory(), memory_);
  }
  void drop() {
    allow({{State::kSuspended, memory_}, Found()}, "drop");
    EXPECT_EQ(site_->command(Command::kDropSuspendedState), OutcomeKind::kOk);
    settle({Found()});
  }
  void stop() {
    allow({Found()}, "stop");
    EXPECT_EQ(site_->command(Command::kStopKill), OutcomeKind::kOk);
    settle({Found()});
  }
  // The state does not change.
  void snapshot() {
    command_ = "snapshot";
    EXPECT_EQ(site_->snapshot(), OutcomeKind::kOk);
    settle(allowed_);
  }
  size_t count_of(const std::string& ending) {
    return static_cast<size_t>(std::ranges::count_if(
        site_->files(), [&](const std::string& name) { return name.ends_with(ending); }));
  }

 private:
  void allow(std::vector<Found> found, std::string command) {
    allowed_ = std::move(found);
    command_ = std::move(command);
  }
  void settle(std::vector<Found> found) {
    allowed_ = std::move(found);
    crash();
  }
  void crash() {
    std::vector<Loss> losses = {{.keeps_all = true}, {.keeps_nothing = true}};
    for (uint64_t seed = 0; seed < 6; ++seed) losses.push_back({.seed = seed * 1000 + points_});
    for (const Loss& loss : losses) {
      ++points_;
      const std::string problem = problem_of(disk_->after(loss), allowed_);
      if (problem.empty()) continue;
      ++lost_;
      ADD_FAILURE() << command_ << " at step " << disk_->steps() << ", loss " << loss.seed
                    << (loss.keeps_all       ? " none"
                        : loss.keeps_nothing ? " all"
                                             : "")
                    << ": " << problem;
    }
  }

  VolatileDisk* disk_ = nullptr;
  std::unique_ptr<Site> site_;
  std::vector<Found> allowed_ = {Found()};
  std::string command_ = "start";
  uint64_t memory_ = 0;
  size_t points_ = 0;
  size_t lost_ = 0;
};

TEST(PowerLoss, LeavesTheVmAsBeforeTheCommandOrAsAfterIt) {
  Story story;
  ASSERT_NO_FATAL_FAILURE(story.start_with_content());
  story.suspend();
  story.resume();
  story.suspend();  // a delta without pages
  story.resume();
  story.store(200, 5, 2);
  story.store(900, 2, 2);
  story.suspend();  // with some
  story.snapshot();
  story.resume();
  story.store(201, 3, 3);
  story.suspend();  // on the one before
  EXPECT_EQ(story.count_of(".base"), 2u);
  story.resume();
  story.snapshot();
  story.store(100, 200, 4);
  story.suspend();  // merged
  EXPECT_EQ(story.count_of(".base"), 0u);
  story.resume();
  story.suspend();
  story.drop();
  ASSERT_NO_FATAL_FAILURE(story.start_with_content());
  story.suspend();
  story.resume();
  story.stop();
  EXPECT_GT(story.points(), 500u);
  std::cout << "count crash_points " << story.points() << "\n"
            << "count crash_points_lost " << story.lost() << "\n";
}

// A VM on a disk that fails at one step, or from one step on. Its guest is lost only where a page
// of it cannot be read when it is wanted.
class FailingStory {
 public:
  FailingStory(uint64_t step, bool is_persistent) {
    auto failing = std::make_unique<FailingStorage>(disk_, step, is_persistent);
    failing_ = failing.get();
    site_ = std::make_unique<Site>(std::move(failing));
  }

  bool has_failed() const { return failing_->has_failed(); }

  void tell() {
    if (site_->command(Command::kStart) != OutcomeKind::kOk) return;
    site_->store(100, 300, 1);
    content_ = site_->memory();
    for (uint64_t round = 0; round < 6 && !is_lost_; ++round) {
      if (site_->state() == State::kRunning) {
        site_->store(100 + 20 * round, 1 + 60 * (round / 3), round);
        look();
      }
      if (!is_lost_) take_turn();
    }
  }

 private:
  // Suspends what runs, resumes what is suspended.
  void take_turn() {
    const bool was_running = site_->state() == State::kRunning;
    const auto outcome = site_->command(was_running ? Command::kSuspend : Command::kResume);
    const bool is_done = outcome == OutcomeKind::kOk;
    const State expected = was_running != is_done ? State::kRunning : State::kSuspended;
    EXPECT_EQ(state_name(site_->state()), state_name(expected));
    if (expected != State::kRunning) return;
    const uint64_t before = content_;
    look();
    if (!is_lost_) {
      EXPECT_EQ(content_, before);
    }
  }
  void look() {
    content_ = site_->memory();
    is_lost_ = content_ == 0;
    if (!is_lost_) return;
    ASSERT_TRUE(has_failed());
    EXPECT_EQ(failing_->steps().back(), "read");
  }

  MemoryStorage disk_;
  FailingStorage* failing_ = nullptr;
  std::unique_ptr<Site> site_;
  uint64_t content_ = 0;
  bool is_lost_ = false;
};

TEST(FailingDisk, LosesNoMemoryAtAnyStepOfSuspendAndResume) {
  size_t cases = 0;
  for (const bool is_persistent : {false, true}) {
    bool has_failed = true;
    for (uint64_t step = 1; has_failed; ++step) {
      SCOPED_TRACE("step " + std::to_string(step) + (is_persistent ? " and all later" : ""));
      FailingStory story(step, is_persistent);
      story.tell();
      has_failed = story.has_failed();
      if (testing::Test::HasFailure()) return;
      cases += has_failed ? 1 : 0;
    }
  }
  EXPECT_GT(cases, 60u);
  std::cout << "count image_disk_failures " << cases << "\n";
}

}  // namespace
}  // namespace prl::sim
