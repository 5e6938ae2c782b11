// What a host tells all sessions about a VM, beside its state and the directory. Value types.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "simulator/property_tree.h"
#include "simulator/questions.h"

namespace prl::sim {

struct QuestionAnswered {
  int32_t choice = 0;
};

// A device as it is now: the leaves of a configuration that are about it.
struct DeviceChanged {
  PropertyTree device;
};

// The tools of the guest have begun to answer.
struct ToolsAnswer {};

// What others may do with the VM.
struct SecurityChanged {
  PropertyTree rights;
};

using Notice =
    std::variant<Question, QuestionAnswered, DeviceChanged, ToolsAnswer, SecurityChanged>;

}  // namespace prl::sim
