#include "sdk/backup.h"

#include <string>
#include <string_view>
#include <vector>

#include "sdk/records.h"

namespace prl::sdk {

namespace {

constexpr std::string_view kSession = "SessionUuid";

// By the names that the host gives its files.
PRL_BACKUP_FILE_KIND kind_of(std::string_view path) {
  if (path == "config.pvs") return PBFK_VM_CONFIG;
  if (path.ends_with("DiskDescriptor.xml")) return PBFK_DISK_CONFIG;
  if (path.ends_with(".hds")) return PBFK_DISK_IMAGE;
  return PBFK_UNKNOWN;
}

sim::PropertyTree show_file(const sim::ClientCopy::File& file) {
  sim::PropertyTree record;
  record.set("Kind", static_cast<uint64_t>(kind_of(file.restore_path)));
  record.set("Level", static_cast<uint64_t>(file.is_whole ? PBL_FULL : PBL_INCREMENTAL));
  record.set("Type", static_cast<uint64_t>(PBFT_MANDATORY));
  record.set("Path", file.path);
  record.set("RestorePath", file.restore_path);
  record.set("Size", file.bytes);
  std::vector<sim::PropertyTree> differences;
  for (const auto& [offset, bytes] : file.stretches) {
    sim::PropertyTree difference;
    difference.set("Offset", offset);
    difference.set("Size", bytes);
    differences.push_back(std::move(difference));
  }
  replace_children(record, "DifferencesList", differences);
  return record;
}

}  // namespace

void show_copy(sim::PropertyTree& tree, const sim::ClientCopy& copy) {
  tree.set("Info.VmPath", copy.folder);
  tree.set("Info.State", uint64_t{sim::vms_value(copy.state)});
  std::vector<sim::PropertyTree> files;
  for (const sim::ClientCopy::File& file : copy.files) files.push_back(show_file(file));
  replace_children(tree, "FilesList", files);
  std::vector<sim::PropertyTree> disks;
  for (const std::string& path : copy.disks) {
    sim::PropertyTree disk;
    disk.set("Path", path);
    if (copy.has_states) disk.set("State", copy.session.format());
    disks.push_back(std::move(disk));
  }
  replace_children(tree, "Disk", disks);
  if (copy.session.is_nil()) return;
  tree.set(kSession, copy.session.format());
  tree.set("Uuid", copy.session.format());
  tree.set("Params.Level", static_cast<uint64_t>(copy.is_incremental ? PBL_INCREMENTAL : PBL_FULL));
}

sim::Uuid Backup::session() const {
  const sim::PropertyTree content = tree();
  const auto* text = std::get_if<std::string>(content.find(kSession));
  return text ? sim::Uuid::parse(*text).value_or(sim::Uuid()) : sim::Uuid();
}

}  // namespace prl::sdk
