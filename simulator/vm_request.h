// A request about one VM whose effect lies outside its lifecycle: its guest, its devices, its
// screen, the questions about it. Value types.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "simulator/notice.h"
#include "simulator/outcome.h"
#include "simulator/vm_config.h"

namespace prl::sim {

struct RequestEnd;

// Looks at the VM and does its work. Called with the world locked: must not block and must not call
// into the world.
using VmRequest = std::function<RequestEnd(const RequestedVm&)>;

// What a request, or the first part of one, came to.
struct RequestEnd {
  RequestEnd() = default;
  RequestEnd(Outcome end) : outcome(std::move(end)) {}
  RequestEnd(OutcomeKind end) : outcome(end) {}

  Outcome outcome;
  std::optional<VmConfig> config;  // what the VM's configuration is from now on
  bool is_told = true;             // that the configuration changed; otherwise the notices say it
  std::vector<Notice> notices;     // told to all sessions before the request ends
  // Where it is not over yet: what follows, with the world unlocked, and then, after that much
  // virtual time, locked again.
  std::function<Outcome()> work;
  uint64_t delay_ms = 0;
  VmRequest then;
};

}  // namespace prl::sim
