// The directory of VMs of one simulated host, in the order in which they were registered.
// Guarded by the world's mutex.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "simulator/uuid.h"
#include "simulator/vm.h"

namespace prl::sim {

class HostRegistry {
 public:
  // Null when there is none.
  std::shared_ptr<Vm> find(const Uuid& uuid) const;
  std::shared_ptr<Vm> find_by_name(std::string_view name) const;
  // REQUIRES: neither uuid nor name is registered yet.
  void add(std::shared_ptr<Vm> vm);
  // REQUIRES: the VM is registered; no other has the new name; the uuid stays.
  void configure(const std::shared_ptr<Vm>& vm, VmConfig config);
  // Puts another VM, of the same uuid, in the place of one.
  // REQUIRES: no other has the name.
  void replace(std::shared_ptr<Vm> vm);
  void remove(const Uuid& uuid);
  void clear();

  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [sequence, vm] : by_sequence_) visit(*vm);
  }

 private:
  struct Entry {
    uint64_t sequence;
    std::shared_ptr<Vm> vm;
  };
  std::unordered_map<Uuid, Entry> by_uuid_;
  std::unordered_map<std::string_view, std::shared_ptr<Vm>> by_name_;  // keys live in the Vm
  std::map<uint64_t, std::shared_ptr<Vm>> by_sequence_;
  uint64_t next_sequence_ = 0;
};

}  // namespace prl::sim
