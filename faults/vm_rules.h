// The [[vm]] tables of a scenario, and the users that hosts and guests have. Stateless.
#pragma once

#include <vector>

#include "faults/api_names.h"
#include "faults/table_reader.h"
#include "faults/vm_spec.h"

namespace prl::faults {

// What is wrong is reported through the reader, by all of these.
std::vector<VmSpec> read_vms(TableReader& top, const ApiNames& names,
                             const std::vector<HostUser>& users);
// The tables [[user]] of the host.
std::vector<HostUser> read_host_users(TableReader& top);

}  // namespace prl::faults
