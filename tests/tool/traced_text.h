// A trace that a test has written.
#pragma once

#include <sstream>
#include <string>

#include "tool/trace_reader.h"

namespace prl::tool {

inline TracedRun read(const std::string& text) {
  std::istringstream stream(text);
  return read_trace(stream);
}

}  // namespace prl::tool
