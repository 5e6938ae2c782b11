// The files of a VM's folder as a backup keeps them: cut into blocks, of which it stores those that
// no earlier backup of its chain has. Pure but for the Storage; used by one thread at a time.
//
// A backup stands in a folder of its own, <chain>/<number>, and its blocks in one file there,
// `data`, one behind the other. Blocks of zeros are nowhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulator/property_tree.h"
#include "simulator/seams.h"

namespace prl::sim {

inline constexpr uint64_t kBackupBlockBytes = uint64_t{64} << 10;

// Where a block is: at `offset` in the data of the backup `number`.
struct BackupBlock {
  static constexpr uint32_t kZeros = UINT32_MAX;  // in place of the number

  uint64_t digest = 0;
  uint32_t number = kZeros;
  uint64_t offset = 0;
};

struct BackupFile {
  std::string path;  // relative to the folder of the VM
  uint64_t bytes = 0;
  std::vector<BackupBlock> blocks;  // the last one may be short
};

using BackupFiles = std::vector<BackupFile>;  // in order of path

std::string serialise(const BackupFiles& files);
// Empty for what serialise() does not write.
std::optional<BackupFiles> parse_backup_files(std::string_view text);

// Names in the folder of a VM that are not part of what it is at present.
bool is_left_out_of_backups(const std::string& name);

// What the folder of a VM holds, with digests and without places.
StorageResult<BackupFiles> scan_folder(Storage& storage, const std::string& vm_folder);

struct StoredFiles {
  BackupFiles files;
  uint64_t bytes = 0;  // that were stored
};
// Copies what the folder holds into the data of the backup `number`, which has a folder already,
// but for the blocks that `base` has too. Durable when it returns.
StorageResult<StoredFiles> store_files(Storage& storage, const std::string& vm_folder,
                                       const std::string& chain_folder, uint32_t number,
                                       const BackupFiles& base);

// Makes the files anew below `target`. EILSEQ where a block is not what was stored.
StorageResult<void> restore_files(Storage& storage, const std::string& chain_folder,
                                  const BackupFiles& files, const std::string& target);

// A stretch of a file: first byte and length.
using Stretch = std::pair<uint64_t, uint64_t>;
// Where `now` differs from `before`, in order, neighbours joined.
std::vector<Stretch> changed_stretches(const BackupFile& before, const BackupFile& now);

const BackupFile* find_file(const BackupFiles& files, std::string_view path);

}  // namespace prl::sim
