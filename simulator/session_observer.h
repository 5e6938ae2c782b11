// What a session is told without having asked. Called with the world locked; must not block and
// must not call into the world.
#pragma once

#include "simulator/uuid.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim {

class SessionObserver {
 public:
  virtual ~SessionObserver() = default;
  virtual void on_state_changed(const Uuid& vm, State state) = 0;
  virtual void on_config_changed(const Uuid& vm) = 0;
  virtual void on_vm_added(const Uuid& vm) = 0;
  virtual void on_vm_deleted(const Uuid& vm) = 0;
  virtual void on_vm_unregistered(const Uuid& vm) = 0;
};

}  // namespace prl::sim
