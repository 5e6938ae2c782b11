// Where a host keeps its directory of VMs between runs. One implementation forgets (memory), one
// is a folder of the user's (home.h). Guarded by the world's mutex.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "simulator/expected.h"
#include "simulator/outcome.h"
#include "simulator/vm_config.h"

namespace prl::sim {

// Who a host is, over all runs.
struct HostIdentity {
  Uuid uuid;
  uint64_t openings = 1;  // how often the host has been opened, this time included
};

using NamedDocuments = std::vector<std::pair<std::string, PropertyTree>>;

class HostStore {
 public:
  virtual ~HostStore() = default;

  // Takes hold of the store and returns its VMs in the order in which they were registered. An
  // error leaves nothing held. May be called again after an error or after close().
  virtual Expected<std::vector<VmRecord>, Outcome> open() = 0;
  virtual void close() = 0;
  // The identity of the host, which is `fresh` the first time, and counts this opening. REQUIRES:
  // open, once per open().
  virtual Expected<HostIdentity, Outcome> identify(const Uuid& fresh) = 0;
  // Inserts the record, or replaces the one with the same uuid; durable when it returns. REQUIRES:
  // open, as of all that follow.
  virtual Expected<void, Outcome> put(const VmRecord& record) = 0;
  // The same, at once for whoever opens the store next, but a power cut may undo it.
  virtual Expected<void, Outcome> note(const VmRecord& record) = 0;
  // Durable when it returns.
  virtual Expected<void, Outcome> erase(const Uuid& uuid) = 0;
  // The documents that were put, in order of name. REQUIRES: open, as of the next.
  virtual Expected<NamedDocuments, Outcome> documents() = 0;
  // Replaces the document of this name; durable when it returns.
  virtual Expected<void, Outcome> put_document(const std::string& name,
                                               const PropertyTree& content) = 0;
  // The folder under which each VM has one of its own.
  virtual std::string vms_folder() const = 0;
  // Where the host keeps backups unless it is told another place.
  virtual std::string backups_folder() const = 0;
  // Whether an open() to come, perhaps in another process, returns what was put.
  virtual bool is_lasting() const = 0;
};

// Remembers nothing: the world is the only copy.
class ForgetfulStore final : public HostStore {
 public:
  Expected<std::vector<VmRecord>, Outcome> open() override { return std::vector<VmRecord>{}; }
  void close() override {}
  Expected<HostIdentity, Outcome> identify(const Uuid& fresh) override {
    return HostIdentity{.uuid = fresh};
  }
  Expected<void, Outcome> put(const VmRecord&) override { return {}; }
  Expected<void, Outcome> note(const VmRecord&) override { return {}; }
  Expected<void, Outcome> erase(const Uuid&) override { return {}; }
  Expected<NamedDocuments, Outcome> documents() override { return NamedDocuments(); }
  Expected<void, Outcome> put_document(const std::string&, const PropertyTree&) override {
    return {};
  }
  std::string vms_folder() const override { return "/prlsim/vms"; }
  std::string backups_folder() const override { return "/prlsim/backups"; }
  bool is_lasting() const override { return false; }
};

}  // namespace prl::sim
