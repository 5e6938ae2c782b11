// Replays the trace of a world (simulator/trace.h) through the reference model: every change of a
// VM's state must be one that the notes have, with a job under way that asks for it; every job must
// be answered as the model would answer it in that state, and an end that is a success must find
// the VM where the command leads. A trace says neither which session asked nor what the arguments
// were; where that matters, any of the answers that the model has for it will do. Kinds of lines
// that say nothing of the lifecycle are counted and passed over. From a fault of a
// transition, of the storage or of the site on, from one of a job that does more than fail, hang,
// delay or change its report, and from a restart or a power cut on, anything may become of the VMs:
// of what follows only the form is checked. Stateless, any thread.
#pragma once

#include <cstdint>
#include <istream>
#include <string>

namespace prl::model {

struct TraceVerdict {
  std::string violation;  // with the number of the line and the line; empty: none
  uint64_t lines = 0;
  uint64_t jobs = 0;    // that ended
  uint64_t judged = 0;  // of those, whose answer the model has an opinion about
  uint64_t states = 0;  // changes
  uint64_t passed_over = 0;
};

// A trace that is empty, or does not end as a world ends, is a violation.
TraceVerdict check_trace(std::istream& trace);

}  // namespace prl::model
