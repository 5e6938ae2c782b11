// What the reference model would answer to a request of which a trace says so much.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "tests/model/reference_model.h"

namespace prl::model {

struct TracedVm {
  std::optional<State> state;            // unknown until a line says it
  State origin = State::kUnknown;        // before what is under way
  std::optional<bool> is_started_by_ex;  // unknown likewise
  bool may_be_locked = false;            // by a session of which the trace does not say which
};

using Codes = std::set<Code>;

// Gives the model every host that the trace may be about, as far as it matters to the answer.
class Answers {
 public:
  // REQUIRES: the state of the VM is known. `vm` outlives this object.
  Answers(Profile profile, const TracedVm& vm, bool may_be_cloned)
      : profile_(profile), vm_(vm), may_be_cloned_(may_be_cloned) {}

  Codes to(const std::vector<Act>& acts) const;

 private:
  void ask(Act act, bool is_cloned, bool is_locked, Codes& codes) const;
  static void ask_about_snapshots(Host& host, Act act, Codes& codes);
  static void ask_about_edits(Host& host, Act act, Codes& codes);

  const Profile profile_;
  const TracedVm& vm_;
  const bool may_be_cloned_;
};

}  // namespace prl::model
