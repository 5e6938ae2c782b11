// The directory of VMs of one simulated host, in the order in which they were registered.
// Guarded by the world's mutex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "simulator/uuid.h"
#include "simulator/uuid_map.h"
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
  size_t size() const { return by_uuid_.size(); }

  // A long list is as quick as memory: the VMs to come are fetched while one is visited.
  template <class Visit>
  void for_each(Visit visit) const {
    for (size_t i = 0; i < in_order_.size(); ++i) {
      if (i + kAhead < in_order_.size()) Vm::prefetch(in_order_[i + kAhead].get());
      const Vm* near =
          i + kAhead / 2 < in_order_.size() ? in_order_[i + kAhead / 2].get() : nullptr;
      if (near) near->config().properties.prefetch();
      if (in_order_[i]) visit(*in_order_[i]);
    }
  }

 private:
  static constexpr size_t kAhead = 8;

  void close_gaps();

  UuidMap<uint32_t> by_uuid_;  // places in in_order_
  std::unordered_map<std::string_view, std::shared_ptr<Vm>> by_name_;  // keys live in the Vm
  std::vector<std::shared_ptr<Vm>> in_order_;  // null where one has gone; half of them at most
};

}  // namespace prl::sim
