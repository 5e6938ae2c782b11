// What the library has written down: the trace, and the ledger of handles. Part of prl_kit.hpp.
#ifndef PRL_KIT_TRACE_HPP
#define PRL_KIT_TRACE_HPP

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "prl_kit_handle.hpp"
#include "prl_sim.h"

namespace prl::kit {

// A line of the trace.
struct TraceLine {
  uint64_t time_ms = 0;
  std::string kind;  // "call", "handler" (a call made by a handler), "job", "state", "fault", ...
  std::string text;  // "PrlVm_Start = job"

  std::string line() const { return std::to_string(time_ms) + " ms " + kind + " " + text; }
};

inline std::vector<TraceLine> parse_trace(const std::string& text) {
  std::vector<TraceLine> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    TraceLine found;
    if (!(words >> found.time_ms)) words.clear();  // what a handler does has no time of its own
    words >> found.kind >> std::ws;
    std::getline(words, found.text);
    lines.push_back(std::move(found));
  }
  return lines;
}

// How often a function of the API was called, by handlers too.
inline size_t calls_in(const std::vector<TraceLine>& lines, const std::string& function) {
  const std::string beginning = function + " = ";
  return static_cast<size_t>(std::count_if(lines.begin(), lines.end(), [&](const auto& line) {
    return (line.kind == "call" || line.kind == "handler") &&
           line.text.compare(0, beginning.size(), beginning) == 0;
  }));
}
// How often a fault rule has struck.
inline size_t strikes_in(const std::vector<TraceLine>& lines, const std::string& rule) {
  return static_cast<size_t>(std::count_if(lines.begin(), lines.end(), [&](const auto& line) {
    return line.kind == "fault" && line.text.find("rule=" + rule + " ") != std::string::npos;
  }));
}

// The handles that are alive, or were never freed, and the misuses of handles: a line for each.
inline std::string ledger_text() {
  return text_from(
      [](PRL_STR text, PRL_UINT32* length) { return PrlSim_GetLedgerText(text, length); });
}

// Those of these lines that begin with `kind`, "live" or "misuse", with the stack below each.
inline std::string lines_of_ledger(const std::string& ledger, const std::string& kind) {
  std::string text;
  bool is_wanted = false;
  std::istringstream in(ledger);
  for (std::string line; std::getline(in, line);) {
    const std::string first = line.substr(0, line.find(' '));
    if (first == "live" || first == "misuse") is_wanted = first == kind;
    if (is_wanted) text += line + "\n";
  }
  return text;
}
inline std::string leaks_text() {
  return lines_of_ledger(ledger_text(), "live");
}
inline std::string misuses_text() {
  return lines_of_ledger(ledger_text(), "misuse");
}

struct LedgerCounts {
  PRL_UINT32 live = 0;
  PRL_UINT32 misuses = 0;
};
inline LedgerCounts ledger_counts() {
  LedgerCounts counts;
  PrlSim_GetLedgerCounts(&counts.live, &counts.misuses);
  return counts;
}

// The last lines of the trace of the world that is there; empty where there is none.
inline std::vector<TraceLine> current_trace() {
  return parse_trace(
      text_from([](PRL_STR text, PRL_UINT32* length) { return PrlSim_GetTrace(text, length); }));
}

}  // namespace prl::kit

#endif  // PRL_KIT_TRACE_HPP
