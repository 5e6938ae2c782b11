// The backups that a folder of the host holds, all on its disk:
//   <folder>/{vm}/{chain}/0/           the full backup of a chain
//   <folder>/{vm}/{chain}/<number>/    what has changed since another backup of the chain
//     data, files                      content (backup_files.h)
//     backup                           what is known of it: a backup exists exactly when it is
//     there
// Nothing is kept in memory, so whoever looks sees what is there. Used by one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/backup_files.h"
#include "simulator/expected.h"
#include "simulator/outcome.h"
#include "simulator/seams.h"
#include "simulator/uuid.h"

namespace prl::sim {

// "{chain}" of a full backup, "{chain}.2" of a partial one.
struct BackupId {
  Uuid chain;
  uint32_t number = 0;

  std::string format() const;
  static std::optional<BackupId> parse(std::string_view text);
  bool operator==(const BackupId&) const = default;
};

struct Backup {
  struct Disk {
    std::string name;
    uint64_t bytes = 0;
  };

  BackupId id;
  uint32_t base = 0;      // the number of the backup that a partial one builds on
  uint64_t sequence = 0;  // the later of two backups has the larger one
  Uuid vm;
  std::string vm_name;
  std::string host;
  Uuid server;
  std::string created;
  std::string creator;
  std::string description;
  uint64_t bytes = 0;  // of its data
  std::vector<Disk> disks;
  std::string folder;  // that the VM had
  std::string record;  // what the host's directory had about it, as text

  bool is_full() const { return id.number == 0; }
};

class BackupStore {
 public:
  BackupStore(Storage& storage, std::string folder)
      : storage_(&storage), folder_(std::move(folder)) {}

  // In order of sequence. What makes no sense is no backup; what cannot be read is a failure.
  Expected<std::vector<Backup>, Outcome> list();

  std::string chain_folder(const Uuid& vm, const Uuid& chain) const;
  Expected<BackupFiles, Outcome> files(const Backup& backup);

  // First begin(), which makes room and throws away what a killed process left there; then the
  // data; then complete(), after which the backup exists.
  Outcome begin(const Uuid& vm, const BackupId& id);
  Outcome write(const Uuid& vm, const BackupId& id, const std::string& vm_folder,
                const BackupFiles& base, uint64_t& bytes);
  Outcome complete(const Backup& backup);
  // Nothing is left of a backup, complete or not; nor of the folders around it that are empty then.
  Outcome remove(const Uuid& vm, const BackupId& id);

  // The tree of backups (config-model 10); the empty text for none.
  static std::string to_xml(const std::vector<Backup>& backups);

 private:
  std::string path_of(const Uuid& vm, const BackupId& id) const;
  Outcome add_chain(const Uuid& vm, const Uuid& chain, std::vector<Backup>& backups);

  Storage* storage_;
  std::string folder_;
};

}  // namespace prl::sim
