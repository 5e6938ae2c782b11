// The rows of fixtures/vm_transitions.csv, as they are written there: what a VM in some state does
// with a command, in each profile. What the columns mean stands in tests/README.md. Plain values.
#pragma once

#include <string>
#include <vector>

namespace prl::model {

struct TransitionRow {
  std::string profile;     // "desktop"
  std::string state;       // "STOPPED"
  std::string command;     // "Start"
  std::string code;        // hexadecimal digits; empty: success
  std::string parameters;  // of the message of an error
  std::string announced;   // "STARTING ~> RUNNING"
  std::string events;      // without PET_DSP_EVT_, and JOB where the job ends
  std::string end;         // the state that GetState tells right after the job; GONE: no VM
  std::string spec;        // the paragraphs of the notes
  std::string evidence;    // as the notes mark it
};

// `root` is the folder of the project. Throws std::runtime_error, naming the line, where a row is
// not as wide as the head, and where the head is another one.
std::vector<TransitionRow> read_transition_rows(const std::string& root);

}  // namespace prl::model
