// The tables of a scenario about the devices of a VM. Stateless.
#pragma once

#include <string>
#include <string_view>

#include "faults/api_names.h"
#include "faults/table_reader.h"
#include "faults/vm_spec.h"

namespace prl::faults {

// What is wrong is reported through the reader.
Devices read_devices(TableReader& vm, const ApiNames& names);

}  // namespace prl::faults
