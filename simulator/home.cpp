#include "simulator/home.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include "simulator/posix_storage.h"
#include "simulator/sqlite.h"

namespace prl::sim {

namespace {

constexpr int64_t kSchemaVersion = 3;
// The sequence is the order of registration; AUTOINCREMENT uses no number twice.
constexpr std::string_view kCreateTable =
    "CREATE TABLE vms ("
    "sequence INTEGER PRIMARY KEY AUTOINCREMENT, "
    "uuid TEXT NOT NULL UNIQUE, "
    "name TEXT NOT NULL, "
    "ram_mib INTEGER NOT NULL, "
    "cpu_count INTEGER NOT NULL, "
    "workload_kind TEXT NOT NULL, "
    "workload_working_set_bytes INTEGER NOT NULL, "
    "workload_pages_per_ms INTEGER NOT NULL, "
    "workload_seed INTEGER NOT NULL, "
    "folder TEXT NOT NULL, "
    "boot_count INTEGER NOT NULL, "
    "image_generation INTEGER NOT NULL, "
    "properties TEXT NOT NULL)";
// Version 1 had no properties: none were set.
constexpr std::string_view kAddProperties =
    "ALTER TABLE vms ADD COLUMN properties TEXT NOT NULL DEFAULT 'properties 1 0\n'";
constexpr std::string_view kCreateHostTable =
    "CREATE TABLE host (uuid TEXT NOT NULL, openings INTEGER NOT NULL)";
// Version 2 had no documents: the host was a fresh one.
constexpr std::string_view kCreateDocumentTable =
    "CREATE TABLE documents (name TEXT PRIMARY KEY, content TEXT NOT NULL)";
constexpr std::string_view kSelect =
    "SELECT uuid, name, ram_mib, cpu_count, workload_kind, workload_working_set_bytes, "
    "workload_pages_per_ms, workload_seed, folder, boot_count, image_generation, "
    "properties FROM vms ORDER BY sequence";
constexpr std::string_view kUpsert =
    "INSERT INTO vms (uuid, name, ram_mib, cpu_count, workload_kind, workload_working_set_bytes, "
    "workload_pages_per_ms, workload_seed, folder, boot_count, image_generation, "
    "properties) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
    "ON CONFLICT (uuid) DO UPDATE SET name = ?2, ram_mib = ?3, cpu_count = ?4, "
    "workload_kind = ?5, workload_working_set_bytes = ?6, workload_pages_per_ms = ?7, "
    "workload_seed = ?8, folder = ?9, boot_count = ?10, image_generation = ?11, "
    "properties = ?12";

using Failure = Unexpected<std::string>;
using Checked = Expected<void, std::string>;

std::string program_name() {
#ifdef __APPLE__
  return ::getprogname();
#else
  return ::program_invocation_short_name;
#endif
}

// The lock of a home: a file that its holder has locked and that says who that is. The kernel lets
// go of it when the last descriptor is closed, so also when the process is killed.
class HomeLock {
 public:
  HomeLock(HomeLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  HomeLock& operator=(HomeLock&&) = delete;
  ~HomeLock() {
    if (descriptor_ < 0) return;
    (void)!::ftruncate(descriptor_, 0);
    ::close(descriptor_);
  }

  static Expected<HomeLock, Outcome> take(const std::string& home) {
    const std::string path = home + "/lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return failure(home, {"open", path, errno});
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      const std::string holder = read_holder(descriptor);
      ::close(descriptor);
      if (error != EWOULDBLOCK) return failure(home, {"flock", path, error});
      return Unexpected{Outcome(OutcomeKind::kHomeHeldByAnother,
                                {"the home " + home + " is held by " + holder + "."})};
    }
    HomeLock lock(descriptor);
    const std::string text = std::to_string(::getpid()) + " (" + program_name() + ")\n";
    if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, text.data(), text.size(), 0) < 0) {
      return failure(home, {"write", path, errno});
    }
    return lock;
  }

 private:
  explicit HomeLock(int descriptor) : descriptor_(descriptor) {}

  static Unexpected<Outcome> failure(const std::string& home, const StorageError& error) {
    return Unexpected{Outcome(OutcomeKind::kHomeUnusable, {"the home " + home +
                                                           " cannot be used: " + error.message() +
                                                           "."})};
  }

  // The holder may not have written its name yet.
  static std::string read_holder(int descriptor) {
    std::array<char, 256> text;
    const ssize_t count = ::pread(descriptor, text.data(), text.size(), 0);
    if (count <= 0) return "another process";
    std::string holder(text.data(), static_cast<size_t>(count));
    return "process " + holder.substr(0, holder.find('\n'));
  }

  int descriptor_;
};

class HomeStore final : public HostStore {
 public:
  HomeStore(std::string folder, bool is_durable)
      : named_folder_(std::move(folder)), is_durable_(is_durable) {}

  Expected<std::vector<VmRecord>, Outcome> open() override;
  void close() override;
  Expected<HostIdentity, Outcome> identify(const Uuid& fresh) override;
  Expected<void, Outcome> put(const VmRecord& record) override { return write(record, "FULL"); }
  Expected<void, Outcome> note(const VmRecord& record) override { return write(record, "NORMAL"); }
  Expected<void, Outcome> erase(const Uuid& uuid) override;
  Expected<NamedDocuments, Outcome> documents() override;
  Expected<void, Outcome> put_document(const std::string& name,
                                       const PropertyTree& content) override;
  std::string vms_folder() const override { return folder_ + "/vms"; }
  std::string backups_folder() const override { return folder_ + "/backups"; }
  bool is_lasting() const override { return true; }

 private:
  Expected<std::vector<VmRecord>, Outcome> unusable(const std::string& reason);
  Checked open_registry();
  Checked check_schema();
  Checked create_schema();
  Checked migrate_schema(int64_t from);
  Expected<std::vector<VmRecord>, std::string> read_records();
  Expected<VmRecord, std::string> read_record(const Statement& row) const;
  Expected<void, Outcome> write(const VmRecord& record, std::string_view synchronous);
  Checked try_write(const VmRecord& record, std::string_view synchronous);
  std::string set_synchronous(std::string_view synchronous) const;
  Checked try_erase(const Uuid& uuid);
  Expected<HostIdentity, std::string> try_identify(const Uuid& fresh);
  std::string relative(const std::string& folder) const;

  const std::string named_folder_;
  const bool is_durable_;
  std::string folder_;  // absolute; known from open() on
  std::optional<HomeLock> lock_;
  std::optional<Database> registry_;
};

Expected<std::vector<VmRecord>, Outcome> HomeStore::unusable(const std::string& reason) {
  close();
  return Unexpected{Outcome(OutcomeKind::kHomeUnusable,
                            {"the home " + folder_ + " cannot be used: " + reason + "."})};
}

Expected<std::vector<VmRecord>, Outcome> HomeStore::open() {
  std::error_code error;
  folder_ = std::filesystem::absolute(named_folder_, error).lexically_normal().string();
  if (error) {
    folder_ = named_folder_;
    return unusable("the working directory is not known: " + error.message());
  }
  if (folder_.size() > 1 && folder_.ends_with('/')) folder_.pop_back();
  if (const auto made = PosixStorage().create_folder(vms_folder()); !made) {
    return unusable(made.error().message());
  }
  auto lock = HomeLock::take(folder_);
  if (!lock) return Unexpected{lock.error()};
  lock_.emplace(std::move(*lock));
  if (const auto opened = open_registry(); !opened) return unusable(opened.error());
  auto records = read_records();
  if (!records) return unusable(records.error());
  return std::move(*records);
}

void HomeStore::close() {
  registry_.reset();
  lock_.reset();
}

Checked HomeStore::open_registry() {
  auto sqlite = Sqlite::load();
  if (!sqlite) return Failure{sqlite.error()};
  auto registry = Database::open(*sqlite, folder_ + "/registry.sqlite");
  if (!registry) return Failure{registry.error()};
  registry_.emplace(std::move(*registry));
  // The home has one user at a time, so the database needs neither locks nor a shared index.
  if (auto set = registry_->run("PRAGMA locking_mode = EXCLUSIVE"); !set) return set;
  return check_schema();
}

// Nothing is written before the file has turned out to be ours.
Checked HomeStore::check_schema() {
  const auto version = registry_->number("PRAGMA user_version");
  if (!version) return Failure{version.error()};
  if (*version > kSchemaVersion) {
    return Failure{registry_->path() + " has schema version " + std::to_string(*version) +
                   ", but this library knows versions up to " + std::to_string(kSchemaVersion)};
  }
  const auto tables = registry_->number("SELECT count(*) FROM sqlite_master");
  if (!tables) return Failure{tables.error()};
  const bool is_new = *version == 0 && *tables == 0;
  if (*version <= 0 && !is_new) {
    return Failure{registry_->path() + " is a database, but not the registry of a home"};
  }
  if (!is_new) {
    auto check = registry_->prepare("PRAGMA quick_check(1)");
    if (!check) return Failure{check.error()};
    const auto row = check->step();
    if (!row) return Failure{row.error()};
    if (check->text(0) != "ok") return Failure{registry_->path() + ": " + check->text(0)};
  }
  // Before anything is written; from then on each statement says how durable it is to be.
  if (!is_durable_) {
    if (auto set = registry_->run(set_synchronous("OFF")); !set) return set;
  }
  // With a log, a commit costs one sync, or none where note() asks for none, and is still whole.
  if (auto set = registry_->run("PRAGMA journal_mode = WAL"); !set) return set;
  if (is_new) return create_schema();
  return *version < kSchemaVersion ? migrate_schema(*version) : Checked();
}

// The pragma that lets a commit of SQLite be as durable as that says, where anything is.
std::string HomeStore::set_synchronous(std::string_view synchronous) const {
  return "PRAGMA synchronous = " + std::string(is_durable_ ? synchronous : "OFF");
}

// In one transaction, so that a home is of one version or of the other.
Checked HomeStore::migrate_schema(int64_t from) {
  const std::string set_version = "PRAGMA user_version = " + std::to_string(kSchemaVersion);
  const std::string synchronous = set_synchronous("FULL");
  std::vector<std::string_view> statements = {synchronous, "BEGIN"};
  if (from < 2) statements.push_back(kAddProperties);
  if (from < 3) statements.push_back(kCreateDocumentTable);
  statements.insert(statements.end(), {set_version, "COMMIT"});
  for (const std::string_view statement : statements) {
    if (auto done = registry_->run(statement); !done) return done;
  }
  return {};
}

Checked HomeStore::create_schema() {
  const std::string set_version = "PRAGMA user_version = " + std::to_string(kSchemaVersion);
  const std::string synchronous = set_synchronous("FULL");
  const std::array<std::string_view, 7> statements = {
      synchronous, "BEGIN", kCreateTable, kCreateHostTable, kCreateDocumentTable, set_version,
      "COMMIT"};
  for (const std::string_view statement : statements) {
    if (auto done = registry_->run(statement); !done) return done;
  }
  return {};
}

Expected<std::vector<VmRecord>, std::string> HomeStore::read_records() {
  auto select = registry_->prepare(kSelect);
  if (!select) return Failure{select.error()};
  std::vector<VmRecord> records;
  for (;;) {
    const auto row = select->step();
    if (!row) return Failure{row.error()};
    if (!*row) return records;
    auto record = read_record(*select);
    if (!record) return Failure{record.error()};
    records.push_back(std::move(*record));
  }
}

Expected<VmRecord, std::string> HomeStore::read_record(const Statement& row) const {
  const auto uuid = Uuid::parse(row.text(0));
  const auto kind = parse_workload_kind(row.text(4));
  const std::string folder = row.text(8);
  auto properties = PropertyTree::parse(row.text(11));
  if (!uuid || !kind || folder.empty() || !properties) {
    return Failure{registry_->path() + ": the entry of VM '" + row.text(1) + "' is damaged"};
  }
  VmRecord record;
  record.config = {.uuid = *uuid,
                   .name = row.text(1),
                   .ram_mib = static_cast<uint32_t>(row.number(2)),
                   .cpu_count = static_cast<uint32_t>(row.number(3)),
                   .properties = std::move(*properties)};
  record.workload = {.kind = *kind,
                     .working_set_bytes = static_cast<uint64_t>(row.number(5)),
                     .pages_per_ms = static_cast<uint32_t>(row.number(6)),
                     .seed = static_cast<uint64_t>(row.number(7))};
  record.folder = folder.starts_with('/') ? folder : folder_ + "/" + folder;
  record.boot_count = static_cast<uint64_t>(row.number(9));
  record.image_generation = static_cast<uint64_t>(row.number(10));
  return record;
}

Expected<HostIdentity, Outcome> HomeStore::identify(const Uuid& fresh) {
  auto identity = try_identify(fresh);
  if (!identity) return Unexpected{Outcome(OutcomeKind::kRegistryFailed, {identity.error()})};
  return *identity;
}

Expected<HostIdentity, std::string> HomeStore::try_identify(const Uuid& fresh) {
  if (auto set = registry_->run(set_synchronous("NORMAL")); !set) return Failure{set.error()};
  auto insert =
      registry_->prepare("INSERT INTO host SELECT ?1, 0 WHERE NOT EXISTS (SELECT 1 FROM host)");
  if (!insert) return Failure{insert.error()};
  insert->bind(1, fresh.format());
  if (const auto row = insert->step(); !row) return Failure{row.error()};
  if (auto counted = registry_->run("UPDATE host SET openings = openings + 1"); !counted) {
    return Failure{counted.error()};
  }
  auto select = registry_->prepare("SELECT uuid, openings FROM host");
  if (!select) return Failure{select.error()};
  if (const auto row = select->step(); !row) return Failure{row.error()};
  const auto uuid = Uuid::parse(select->text(0));
  if (!uuid) return Failure{registry_->path() + ": the identity of the host is damaged"};
  return HostIdentity{.uuid = *uuid, .openings = static_cast<uint64_t>(select->number(1))};
}

Expected<void, Outcome> HomeStore::write(const VmRecord& record, std::string_view synchronous) {
  if (const auto done = try_write(record, synchronous); !done) {
    return Unexpected{Outcome(OutcomeKind::kRegistryFailed, {done.error()})};
  }
  return {};
}

Checked HomeStore::try_write(const VmRecord& record, std::string_view synchronous) {
  if (auto set = registry_->run(set_synchronous(synchronous)); !set) {
    return set;
  }
  auto upsert = registry_->prepare(kUpsert);
  if (!upsert) return Failure{upsert.error()};
  upsert->bind(1, record.config.uuid.format());
  upsert->bind(2, record.config.name);
  upsert->bind(3, static_cast<int64_t>(record.config.ram_mib));
  upsert->bind(4, static_cast<int64_t>(record.config.cpu_count));
  upsert->bind(5, std::string(format_workload_kind(record.workload.kind)));
  upsert->bind(6, static_cast<int64_t>(record.workload.working_set_bytes));
  upsert->bind(7, static_cast<int64_t>(record.workload.pages_per_ms));
  upsert->bind(8, static_cast<int64_t>(record.workload.seed));
  upsert->bind(9, relative(record.folder));
  upsert->bind(10, static_cast<int64_t>(record.boot_count));
  upsert->bind(11, static_cast<int64_t>(record.image_generation));
  upsert->bind(12, record.config.properties.serialise());
  const auto row = upsert->step();
  if (!row) return Failure{row.error()};
  return {};
}

Expected<void, Outcome> HomeStore::erase(const Uuid& uuid) {
  if (const auto done = try_erase(uuid); !done) {
    return Unexpected{Outcome(OutcomeKind::kRegistryFailed, {done.error()})};
  }
  return {};
}

Checked HomeStore::try_erase(const Uuid& uuid) {
  if (auto set = registry_->run(set_synchronous("FULL")); !set) return set;
  auto statement = registry_->prepare("DELETE FROM vms WHERE uuid = ?1");
  if (!statement) return Failure{statement.error()};
  statement->bind(1, uuid.format());
  const auto row = statement->step();
  if (!row) return Failure{row.error()};
  return {};
}

Expected<NamedDocuments, Outcome> HomeStore::documents() {
  const auto failed = [](std::string reason) {
    return Unexpected{Outcome(OutcomeKind::kRegistryFailed, {std::move(reason)})};
  };
  auto select = registry_->prepare("SELECT name, content FROM documents ORDER BY name");
  if (!select) return failed(select.error());
  NamedDocuments documents;
  for (;;) {
    const auto row = select->step();
    if (!row) return failed(row.error());
    if (!*row) return documents;
    auto content = PropertyTree::parse(select->text(1));
    if (!content) {
      return failed(registry_->path() + ": the document '" + select->text(0) + "' is damaged");
    }
    documents.emplace_back(select->text(0), std::move(*content));
  }
}

Expected<void, Outcome> HomeStore::put_document(const std::string& name,
                                                const PropertyTree& content) {
  const auto try_put = [&]() -> Checked {
    if (auto set = registry_->run(set_synchronous("FULL")); !set) return set;
    auto upsert = registry_->prepare(
        "INSERT INTO documents VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET content = ?2");
    if (!upsert) return Failure{upsert.error()};
    upsert->bind(1, name);
    upsert->bind(2, content.serialise());
    const auto row = upsert->step();
    if (!row) return Failure{row.error()};
    return {};
  };
  if (const auto done = try_put(); !done) {
    return Unexpected{Outcome(OutcomeKind::kRegistryFailed, {done.error()})};
  }
  return {};
}

std::string HomeStore::relative(const std::string& folder) const {
  const std::string prefix = folder_ + "/";
  return folder.starts_with(prefix) ? folder.substr(prefix.size()) : folder;
}

}  // namespace

std::unique_ptr<HostStore> make_home_store(std::string folder, bool is_durable) {
  return std::make_unique<HomeStore>(std::move(folder), is_durable);
}

}  // namespace prl::sim
