// `prlsim trace`: a trace in the form that other programs read. Stateless, any thread.
#pragma once

#include <istream>
#include <ostream>
#include <string>

namespace prl::tool {

// One object a line: time_ms, kind, text. Lines that are none of a trace are left out.
void print_trace_json(std::istream& trace, std::ostream& out);

// Trace events as chrome://tracing and Perfetto show them: a row for each VM with its states, a row
// for each job, and a mark for each fault and for each wait that nothing can end.
void print_trace_chrome(std::istream& trace, std::ostream& out);

// Exit code: 0, or 2 for a file that cannot be read or whose first line is none of a trace.
// `format` is "text", "json" or "chrome".
int convert_trace(const std::string& path, const std::string& format, std::ostream& out,
                  std::ostream& err);

}  // namespace prl::tool
