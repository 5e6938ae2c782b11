// A session that hears everything and says nothing, for tests that ask a world without the API.
#pragma once

#include "simulator/session_observer.h"

namespace prl::sim {

struct SilentSession : SessionObserver {
  void on_state_changed(const Uuid&, State) override {}
  void on_tasks_changed(const Uuid&, const VmTasks&) override {}
  void on_config_changed(const Uuid&) override {}
  void on_notice(const Uuid&, VmNotice) override {}
  void on_shutdown(const Uuid&) override {}
  void on_connection_lost() override {}
  void on_vm_added(const Uuid&) override {}
  void on_vm_deleted(const Uuid&) override {}
  void on_vm_unregistered(const Uuid&) override {}
  void on_host_event(const HostEvent&) override {}
  void on_notice(const Uuid&, const Notice&) override {}
};

}  // namespace prl::sim
