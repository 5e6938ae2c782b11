// Properties that have no key of their own: tables whose tables are the elements of a path. What is
// wrong is reported through the reader. Stateless.
#pragma once

#include <string_view>

#include "faults/api_names.h"
#include "faults/table_reader.h"
#include "faults/vm_spec.h"

namespace prl::faults {

// The table `settings` of a VM or of a device; properties of a device are those below `element`,
// such as "Hardware.Hdd[]", those of a VM begin with no other.
Settings read_settings(TableReader& owner, std::string_view element, const ApiNames& names);

// Of the table [host].
Settings read_host_settings(TableReader& host, const ApiNames& names);
Settings read_preferences(TableReader& host, const ApiNames& names);
Settings read_user_profile(TableReader& host, const ApiNames& names);

}  // namespace prl::faults
