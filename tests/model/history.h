// What several threads have asked of one host at the same time, and what they were answered; and
// whether the reference model could have given these answers. Plain data and functions.
//
// A request is on its way when its call returns, and requests arrive in the order in which they
// were sent. Time passes for the host by leaps to what happens next, as with clock `virtual`. So a
// history is explained by an order of arrivals, of which each lies between begin and end of its
// call, and of leaps in time between them, after which the model has given every answer before it
// was seen, with its code, and ends as the host did (Wing and Gong; states of the search that were
// met before are not searched again).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/reference_model.h"

namespace prl::model {

// What a thread asked for. Moments are counted over all threads.
struct Request {
  // What it is about is the place of a request that came before: what a Cancel is to stop, and what
  // has taken the snapshot that it names, of any thread; none: a snapshot that there is not.
  Order order;
  uint8_t thread = 0;
  uint64_t begun = 0;  // before the call
  uint64_t sent = 0;   // behind it
  uint64_t ended = 0;  // the code is known
  Code code = 0;
};

// A VM when all is over.
struct Ending {
  bool is_registered = false;
  State state = State::kUnknown;
  bool has_image = false;
  bool is_locked = false;
  size_t snapshots = 0;
  size_t edited_by = 0;  // one more than the place of the Commit that has the last word; 0: none
  bool operator==(const Ending&) const = default;
};
std::string ending_text(const Ending& ending);

struct History {
  Profile profile = Profile::kDesktop;
  bool has_neighbour = false;     // to which VMs migrate; nobody uses it
  std::vector<State> beginnings;  // of the VMs; stable ones
  std::vector<Request> requests;  // at most 64, each thread's in the order in which it made them
  std::vector<Ending> endings;    // of those VMs
  std::vector<Ending> arrived;    // likewise, at the neighbour
  size_t vms = 0;                 // in the end, clones too
  size_t templates = 0;           // among them
};

// Side by side, a column for each thread.
std::string history_text(const History& history);

// Empty where there is an explanation; otherwise how far one gets at best.
std::string unexplained(const History& history);

// Whether a request began before another one of another thread had ended, so that more orders than
// one could explain it.
bool has_overlaps(const History& history);

}  // namespace prl::model
