// What a host keeps beside its VMs: documents, such as its preferences or its table of virtual
// networks. A document is a property tree with a name; what its leaves mean is known to the API's
// side alone. Guarded by the world's mutex.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulator/access.h"
#include "simulator/host_registry.h"
#include "simulator/host_store.h"
#include "simulator/outcome.h"
#include "simulator/property_tree.h"
#include "simulator/session_observer.h"

namespace prl::sim {

using Documents = std::map<std::string, PropertyTree, std::less<>>;

struct HostStep;

class Host {
 public:
  // `initial` is what a fresh host holds.
  Host(HostStore& store, Documents initial) : store_(store), initial_(std::move(initial)) {}

  // Takes over what the store kept from earlier runs. REQUIRES: the store is open.
  Outcome open();

  // Empty where there is none; before open() that of a fresh host.
  const PropertyTree& document(std::string_view name) const;
  // What a fresh host has under this name.
  const PropertyTree& initial(std::string_view name) const;
  // Durable when it returns; after a failure the old content stays.
  Outcome put(const std::string& name, PropertyTree content);

  // -- Edits by several sessions, merged leaf by leaf (config-model 3.2).
  void begin_edit(const SessionObserver& session, const std::string& name);
  // kEditNotBegun, kEditBegunByOthers and kDocumentWasChanged leave the document as it was.
  Outcome commit_edit(const SessionObserver& session, const std::string& name,
                      const PropertyTree& mine);
  void forget_session(const SessionObserver& session);

  // -- What is done again and again for a session until it ends: statistics, for instance. A
  // session has one of each name.
  using Tick = std::function<void(HostStep&)>;
  void repeat(const SessionObserver& session, const std::string& name, uint64_t period_ms,
              Tick tick);
  // False where there is none.
  bool end_repeat(const SessionObserver& session, const std::string& name);
  // Those that began since this was last asked: number, and when they are due first.
  struct Due {
    uint64_t number = 0;
    uint64_t period_ms = 0;
  };
  std::vector<Due> take_begun() { return std::exchange(begun_, {}); }
  // Does it once more, unless it has ended; when it is due again, then.
  std::optional<Due> run_repeat(uint64_t number, HostStep& step);

  // -- What the sessions of the host are told when the step that says so is over.
  void announce(HostEvent event) { events_.push_back(std::move(event)); }
  std::vector<HostEvent> take_events() { return std::exchange(events_, {}); }

 private:
  struct Repeat {
    const SessionObserver* session;
    std::string name;
    uint64_t period_ms;
    Tick tick;
  };

  HostStore& store_;
  const Documents initial_;
  Documents documents_;
  std::map<std::string, std::map<const SessionObserver*, PropertyTree>> stamps_;
  std::vector<HostEvent> events_;
  std::map<uint64_t, Repeat> repeats_;  // by number
  uint64_t next_repeat_ = 0;
  std::vector<Due> begun_;
};

// What a request to the host has at hand while it is served.
struct HostStep {
  Host& host;
  const HostRegistry& vms;
  Storage& storage;
  uint64_t now_ms = 0;
  const Uuid& host_uuid;
  const std::vector<SessionObserver*>& sessions;
  const Access& access;
};

}  // namespace prl::sim
