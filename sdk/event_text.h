// The XML text of an event (core-api 5.4). The form is ours: what it holds is in event_text.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sdk/event.h"

namespace prl::sdk {

std::string to_xml(const EventContent& event);
// Empty for text that is no event. What the text leaves out has the default of EventContent.
std::optional<EventContent> event_from_xml(std::string_view text);

}  // namespace prl::sdk
