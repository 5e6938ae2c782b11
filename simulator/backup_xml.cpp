// The tree of backups as XML, in the form that the product's clients read: the VMs, below each of
// them its full backups, and below each of those what builds on it (config-model 10).
#include <pugixml.hpp>
#include <unordered_map>

#include "simulator/backup_store.h"
#include "simulator/xml_text.h"

namespace prl::sim {

namespace {

constexpr const char* kVm = "0";  // neither a container nor a backup of one

void add(pugi::xml_node item, const char* name, const std::string& text) {
  item.append_child(name).append_child(pugi::node_pcdata).set_value(text.c_str());
}

void describe(pugi::xml_node item, const Backup& backup) {
  add(item, "Id", backup.id.format());
  add(item, "Host", backup.host);
  add(item, "ServerUuid", backup.server.format());
  add(item, "DateTime", backup.created);
  add(item, "Creator", backup.creator);
  add(item, "Size", std::to_string(backup.bytes));
  add(item, "Type", kVm);
  add(item, "Description", backup.description);
  pugi::xml_node disks = item.append_child("BackupDisks");
  for (const Backup::Disk& disk : backup.disks) {
    pugi::xml_node entry = disks.append_child("BackupDisk");
    add(entry, "Name", disk.name);
    add(entry, "Size", std::to_string(disk.bytes));
  }
}

pugi::xml_node add_vm(pugi::xml_node root, const Backup& backup) {
  pugi::xml_node item = root.append_child("VmItem");
  add(item, "Uuid", backup.vm.format());
  add(item, "Name", backup.vm_name);
  add(item, "VmType", kVm);
  return item;
}

}  // namespace

// The name of a VM is that of its newest backup: names change.
std::string BackupStore::to_xml(const std::vector<Backup>& backups) {
  if (backups.empty()) return {};
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("BackupTree");
  std::unordered_map<Uuid, pugi::xml_node> vms;
  std::unordered_map<Uuid, pugi::xml_node> chains;
  for (const Backup& backup : backups) {  // full ones come before what builds on them
    pugi::xml_node& vm = vms[backup.vm];
    if (!vm) vm = add_vm(root, backup);
    vm.child("Name").text().set(backup.vm_name.c_str());
    if (backup.is_full()) {
      pugi::xml_node item = vm.append_child("BackupItem");
      add(item, "Uuid", backup.id.chain.format());
      describe(item, backup);
      chains[backup.id.chain] = item;
    } else if (pugi::xml_node chain = chains[backup.id.chain]) {
      pugi::xml_node item = chain.append_child("PartialBackupItem");
      describe(item, backup);
      add(item, "Number", std::to_string(backup.id.number));
    }
  }
  return xml_text(document);
}

}  // namespace prl::sim
