// A VM's record as the text of a file: what the folder of a VM says about it where no directory
// does. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "simulator/expected.h"
#include "simulator/property_schema.h"
#include "simulator/property_xml.h"
#include "simulator/vm_config.h"

namespace prl::sim {

// The file of a VM's folder that has this text.
inline constexpr std::string_view kConfigFile = "config.pvs";

// Everything but the folder, as an XML document (config-model 11) that the reader of any schema
// takes: the configuration, and what the host keeps about the VM in the element Record.
std::string to_text(const VmRecord& record, const PropertySchema& schema = {});
// A configuration that the product or a test has written has no Record; the host then knows nothing
// else about the VM. Also takes the form of PropertyTree::serialise(), which older versions wrote.
// The folder is empty.
Expected<VmRecord, XmlMistake> parse_record(std::string_view text,
                                            const PropertySchema& schema = {});

// The same document without Record.
std::string to_text(const VmConfig& config, const PropertySchema& schema = {});
Expected<VmConfig, XmlMistake> parse_config(std::string_view text,
                                            const PropertySchema& schema = {});

}  // namespace prl::sim
