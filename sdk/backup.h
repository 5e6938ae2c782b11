// A PHT_BACKUP object: a VM whose files a client copies by itself, and what the host has said of
// them (config-model 2, 10). Thread-safe.
#pragma once

#include <prlsdk/Parallels.h>

#include <utility>

#include "sdk/server.h"
#include "sdk/tree.h"
#include "simulator/operation.h"

namespace prl::sdk {

// The content of the object; parameters that a client has set stay as they are.
void show_copy(sim::PropertyTree& tree, const sim::ClientCopy& copy);

class Backup final : public TreeOwner {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_BACKUP;
  Backup(Ref<Server> backup_server, const sim::ClientCopy& copy)
      : TreeOwner(kType, content_), server(std::move(backup_server)), vm(copy.vm) {
    show_copy(content_, copy);
  }
  // Nil until the host holds the files still.
  sim::Uuid session() const;

  const Ref<Server> server;
  const sim::Uuid vm;

 private:
  sim::PropertyTree content_;  // guarded by lock_
};

}  // namespace prl::sdk
