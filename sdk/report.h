// Problem reports: what PrlReport_* read, as text and as an archive. Stateless.
#pragma once

#include <prlsdk/Parallels.h>

#include <string>

#include "simulator/property_tree.h"

namespace prl::sdk {

// Where a report keeps what was collected for it; the rest of its content are properties.
inline constexpr const char* kReportServerPart = "ServerPart";
inline constexpr const char* kReportClientPart = "ClientPart";

bool is_packed(const sim::PropertyTree& report);
// XML with everything that the report holds. The form is ours.
std::string report_text(const sim::PropertyTree& report);
// A tar archive with that text; the text itself where the report is not packed.
std::string report_data(const sim::PropertyTree& report);

}  // namespace prl::sdk
