#include "tool/home_check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "simulator/home.h"
#include "simulator/image_chain.h"
#include "simulator/image_reader.h"
#include "simulator/posix_storage.h"
#include "simulator/record_text.h"
#include "tool/client_run.h"
#include "tool/scratch_folder.h"

namespace prl::tool {

namespace {

namespace fs = std::filesystem;

constexpr const char* kRegistry = "registry.sqlite";
constexpr const char* kRegistryLog = "registry.sqlite-wal";

fs::path nearest_existing(fs::path path) {
  std::error_code error;
  while (!fs::exists(path, error) && path.has_parent_path() && path != path.parent_path()) {
    path = path.parent_path();
  }
  return path;
}

bool can_write(const fs::path& folder) {
  return ::access(folder.c_str(), W_OK | X_OK) == 0;
}

// Some folders let nobody make another one, whatever their rights say: /proc.
bool can_hold_folders(const fs::path& folder) {
  std::string made = (folder / ".prlsim-XXXXXX").string();
  if (!::mkdtemp(made.data())) return false;
  ::rmdir(made.c_str());
  return true;
}

// The first part of the path that is a link to what does not exist; empty: there is none.
fs::path dangling_link_in(const fs::path& path) {
  fs::path part;
  std::error_code error;
  for (const fs::path& word : path) {
    part /= word;
    if (fs::is_symlink(part, error) && !fs::exists(part, error)) return part;
  }
  return {};
}

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

// Opens a copy of the registry as the library would open it, which writes to it.
class CopiedHome {
 public:
  explicit CopiedHome(fs::path home) : home_(std::move(home)), copy_(scratch_ / "home") {}

  std::vector<sim::VmRecord> open(Words& damage) {
    std::error_code error;
    fs::create_directories(copy_, error);
    for (const char* name : {kRegistry, kRegistryLog}) {
      if (!fs::exists(home_ / name, error)) continue;
      if (!fs::copy_file(home_ / name, copy_ / name, error)) {
        damage.push_back((home_ / name).string() + " cannot be read");
        return {};
      }
    }
    const auto store = sim::make_home_store(copy_.string(), /*is_durable=*/false);
    auto records = store->open();
    if (!records) {
      damage.push_back(named(records.error().parameters.front()));
      return {};
    }
    if (const auto documents = store->documents(); !documents) {
      damage.push_back(named(documents.error().parameters.front()));
    }
    for (sim::VmRecord& record : *records) record.folder = named(record.folder);
    return std::move(*records);
  }

 private:
  std::string named(std::string text) const {
    replace_all(text, copy_.string(), home_.string());
    return text;
  }

  const fs::path home_;
  const ScratchFolder scratch_;
  const fs::path copy_;
};

void look_at_configurations(const fs::path& vms, Words& damage) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(vms, error)) {
    const fs::path file = entry.path() / sim::kConfigFile;
    if (fs::is_regular_file(file, error)) files.push_back(file);
  }
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    const auto record = sim::parse_record(text_of_file(file.string()));
    if (!record) damage.push_back(file.string() + ": " + record.error().message);
  }
}

void look_at_image(const sim::VmRecord& record, Words& damage) {
  const std::string path = sim::image_path(record.folder, record.config.uuid);
  std::error_code error;
  if (!fs::exists(path, error)) return;
  sim::PosixStorage storage;
  const auto image = sim::open_image(storage, path, record.config.uuid);
  if (!image) damage.push_back(image.error().message);
}

// The holder of a home writes "<number> (<program>)" into its lock, when it has it.
std::string holder_in(const std::string& lock) {
  const std::string text = text_of_file(lock);
  const std::string line = text.substr(0, text.find('\n'));
  return number_in(line.substr(0, line.find(' '))) ? "process " + line : "another process";
}

}  // namespace

std::string trouble_with_home_folder(const std::string& folder) {
  const fs::path path = fs::absolute(folder);
  std::error_code error;
  if (const fs::path link = dangling_link_in(path); !link.empty()) {
    if (link == path) return "is a link to what does not exist";
    return "is below '" + link.string() + "', a link to what does not exist";
  }
  if (!fs::exists(path, error)) {
    const fs::path parent = nearest_existing(path);
    if (fs::is_directory(parent, error) && can_hold_folders(parent)) return "";
    return "does not exist and cannot be made in '" + parent.string() + "'";
  }
  if (!fs::is_directory(path, error)) return "is no folder";
  return can_write(path) ? "" : "cannot be written";
}

std::string trouble_with_home(const std::string& folder) {
  const std::string trouble = trouble_with_home_folder(folder);
  const fs::path path = fs::absolute(folder);
  std::error_code error;
  if (!trouble.empty() || !fs::exists(path, error)) return trouble;
  const int lock = ::open((path / "lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0) return errno == ENOENT ? "" : "has a lock that cannot be opened";
  const bool is_free = ::flock(lock, LOCK_EX | LOCK_NB) == 0;
  ::close(lock);
  if (is_free) return "";
  return "is held by " + holder_in((path / "lock").string()) + " at this moment";
}

Words damage_in_home(const std::string& folder) {
  Words damage;
  const fs::path home = fs::absolute(folder).lexically_normal();
  std::error_code error;
  if (!fs::exists(home / kRegistry, error)) return damage;
  // A host would take it for a new one, and none of its VMs would be there.
  if (fs::file_size(home / kRegistry, error) == 0) {
    damage.push_back((home / kRegistry).string() + " is empty");
    return damage;
  }
  for (const sim::VmRecord& record : CopiedHome(home).open(damage)) look_at_image(record, damage);
  look_at_configurations(home / "vms", damage);
  return damage;
}

}  // namespace prl::tool
