// Who edits which VM: for each session that began an edit, the configuration at that moment
// (config-model 3.2). Nothing is locked by it. Guarded by the world's mutex.
#pragma once

#include <map>
#include <unordered_map>

#include "simulator/session_observer.h"
#include "simulator/vm_config.h"

namespace prl::sim {

class EditStamps {
 public:
  // Replaces the session's earlier stamp of the VM.
  void begin(const SessionObserver& session, const VmConfig& config) {
    stamps_[config.uuid][&session] = config;
  }
  bool is_edited(const Uuid& vm) const { return stamps_.contains(vm); }
  // Null where this session began no edit. Valid until the next change.
  const VmConfig* find(const SessionObserver& session, const Uuid& vm) const {
    const auto of_vm = stamps_.find(vm);
    if (of_vm == stamps_.end()) return nullptr;
    const auto found = of_vm->second.find(&session);
    return found == of_vm->second.end() ? nullptr : &found->second;
  }
  void end(const SessionObserver& session, const Uuid& vm) {
    const auto of_vm = stamps_.find(vm);
    if (of_vm == stamps_.end()) return;
    of_vm->second.erase(&session);
    if (of_vm->second.empty()) stamps_.erase(of_vm);
  }
  void forget_vm(const Uuid& vm) { stamps_.erase(vm); }
  void forget_session(const SessionObserver& session) {
    for (auto of_vm = stamps_.begin(); of_vm != stamps_.end();) {
      of_vm->second.erase(&session);
      of_vm = of_vm->second.empty() ? stamps_.erase(of_vm) : std::next(of_vm);
    }
  }

 private:
  std::unordered_map<Uuid, std::map<const SessionObserver*, VmConfig>> stamps_;
};

}  // namespace prl::sim
