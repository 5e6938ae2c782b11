// The tables of a scenario about the configuration of a VM: its devices, and what has no key of
// its own. Stateless.
#pragma once

#include <string>
#include <string_view>

#include "faults/api_names.h"
#include "faults/table_reader.h"
#include "faults/vm_spec.h"

namespace prl::faults {

// What is wrong is reported through the reader, by both.
Devices read_devices(TableReader& vm, const ApiNames& names);
// The table `settings` of the owner; properties of a device are those below `element`, such as
// "Hardware.Hdd[]", those of a VM begin with no other.
Settings read_settings(TableReader& owner, std::string_view element, const ApiNames& names);

}  // namespace prl::faults
