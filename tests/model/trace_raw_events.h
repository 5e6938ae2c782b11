// What a VM process of profile desktop says of itself, as a trace has it: each raw event stands
// right before the change that it brings about, and a change that has one is told of so
// (vm-lifecycle 2.5, 3.2, 3.3). Written from the notes and from what docs/fidelity.md says of those
// that they leave open.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "tests/model/reference_model.h"

namespace prl::model {

class TracedRawEvents {
 public:
  // Whether an event of this name is one of them.
  static bool knows(std::string_view type);

  // What is wrong with it; empty: nothing.
  std::string take_event(Profile profile, const std::string& vm, std::string_view type);
  // The same of a change.
  std::string take_change(Profile profile, const std::string& vm, State from, State to);
  // Something happens after which the VMs may be anything.
  void forget();

 private:
  std::map<std::string, std::string> told_;  // of which VM what, and its change is yet to come
  std::set<std::string> dead_;               // of whose process nothing more is told
  std::optional<bool> are_sent_;             // a host sends all or none
};

}  // namespace prl::model
