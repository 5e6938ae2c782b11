// Makes a scenario smaller while it keeps a property: delta debugging over the tree of the file,
// from whole tables down to single keys. One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "faults/document.h"

namespace prl::tool {

enum class Try : uint8_t {
  kKeeps,  // the property
  kLoses,
  kStop,  // nothing more is to be tried
};

// Whether a smaller scenario has the property still. `without` says what it lacks:
// "fault 'slow', vm 'db'".
using Trying = std::function<Try(const faults::Node& smaller, const std::string& without)>;

struct Minimised {
  faults::Node document;
  bool is_minimal = true;  // nothing that is in it can be left out alone
};

// REQUIRES: the document has the property. What is tried may be no scenario at all; the same may be
// tried more than once.
Minimised minimise(faults::Node document, const Trying& has_property);

// Of VMs, of rules, and of values in all.
struct Sizes {
  size_t vms = 0;
  size_t faults = 0;
  size_t values = 0;
  bool operator==(const Sizes&) const = default;
};
Sizes sizes_of(const faults::Node& document);

}  // namespace prl::tool
