// Outcomes of the simulator as codes of the API, and codes as text. The only such translation.
// Stateless; usable before Init and from any thread.
#pragma once

#include <prlsdk/Parallels.h>

#include <span>
#include <string>
#include <string_view>

#include "sdk/table_text.h"
#include "simulator/disk_error.h"
#include "simulator/outcome.h"

namespace prl::sdk {

PRL_RESULT to_result(const sim::Outcome& outcome);
PRL_RESULT to_result(sim::DiskError error);

struct ResultText {
  PRL_RESULT code;
  PRL_MESSAGE_TYPE_ENUM type;
  bool can_be_ignored;
  TableText brief;     // a headline
  TableText detailed;  // the headline, its background and the remedy
};

// One per number of a public code, sorted by it.
std::span<const ResultText> all_result_texts();

// Null for a code without text.
const ResultText* find_result_text(PRL_RESULT code);

// The text of the code, or its symbolic name, or "Unknown" (core-api 8). Placeholders %1, %2, ...
// are replaced by the parameters that are given, escaped for HTML, and stay where there is none.
std::string describe_result(PRL_RESULT code, bool brief, std::span<const std::string> parameters);

PRL_MESSAGE_TYPE_ENUM message_type(PRL_RESULT code);

}  // namespace prl::sdk
