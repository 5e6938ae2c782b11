// The client's view of one VM on one server object: a local copy of its configuration and the
// handlers registered on it. All handles to a VM that come from one server are this one object
// (core-api 4, config-model 3.1).
#pragma once

#include <prlsdk/Parallels.h>

#include <mutex>

#include "sdk/desktop.h"
#include "sdk/handlers.h"
#include "sdk/tree.h"
#include "simulator/vm_config.h"

namespace prl::sdk {

class Server;

class VmHandle final : public TreeOwner {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_VIRTUAL_MACHINE;
  VmHandle(Ref<Server> server, sim::VmConfig config);
  ~VmHandle() override;

  sim::VmConfig config() const;
  template <class T>
  T get(T sim::VmConfig::*field) const {
    std::lock_guard lock(lock_);
    return config_.*field;
  }
  // Returns what `read` makes of the local copy, which is locked.
  template <class Read>
  auto read(Read read_config) const {
    std::lock_guard lock(lock_);
    return read_config(config_);
  }
  sim::Uuid uuid() const;
  // Replaces the local copy; edits that were not committed are lost.
  void load(const sim::VmConfig& config);
  // The same, unless that is of another VM: false.
  bool load_same(const sim::VmConfig& config);
  template <class Edit>
  void edit(Edit change) {
    std::lock_guard lock(lock_);
    change(config_);
  }

 private:
  sim::VmConfig config_;  // guarded by lock_; in front, with what else most calls look at

 public:
  const Ref<Server> server;
  Handlers handlers;
  Desktop desktop;
};

}  // namespace prl::sdk
