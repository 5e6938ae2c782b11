// What a client has done with its handles: which are alive, which call made each, and which calls
// were given one that is not good. Objects are named by the order in which clients got them, "#3",
// so that equal runs give equal texts.
//
// Kept where there is a trace, which shows each misuse and, at the end, each handle that was never
// freed, or a file for the latter (PRLSIM_LEAKS), or where a test asks for it (prl_sim.h).
// Thread-safe; calls nothing that takes a lock but the trace.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "simulator/trace.h"

namespace prl::sdk {

enum class LedgerMode : uint8_t { kOff, kOn, kWithStacks };

struct LedgerOptions {
  LedgerMode mode = LedgerMode::kOff;
  std::string leaks_path = {};  // a file; empty: none
};

struct LedgerCounts {
  uint32_t live = 0;
  uint32_t misuses = 0;
};

class Ledger {
 public:
  explicit Ledger(LedgerOptions options) : options_(std::move(options)) {}

  // -- Told by the boundary, on the thread of the call.
  void begin_call(std::string_view function, uint64_t time_ms);
  // The call was given a value that names no object, or one of another type than it needs.
  void note_bad_handle(uint64_t value);
  // `is_bad_argument`: the call said so; then the first bad handle that it met was the reason.
  void end_call(sim::Trace& trace, bool is_bad_argument);

  // -- References of the client. Outside of calls it is a handler that gets them.
  void given(uint32_t value, uint32_t type);
  void taken_back(uint32_t value);

  // No more calls: what is alive now stays so, and is told to the trace and to the file of leaks,
  // at whose end it is put.
  void close(sim::Trace& trace, uint64_t time_ms);

  LedgerCounts counts() const;
  // One line for each handle that is alive and one for each misuse, the oldest first.
  std::string text() const;

 private:
  // A call in progress.
  struct Place {
    std::string_view function = "an event handler";
    uint64_t call = 0;  // counted from 1; 0: not within a call
    uint64_t time_ms = 0;
    uint32_t thread = 0;     // counted from 1, in the order of their first calls
    uint64_t bad_value = 0;  // the first bad handle
  };
  struct Entry {
    uint64_t number = 0;
    uint32_t type = 0;
    uint32_t references = 0;
    Place made;
    Place freed;  // of those that are dead
    std::vector<void*> stack;
  };

  // REQUIRES of all: mutex_ is held.
  Place* call_here();  // null outside of calls
  Place here();
  std::vector<const Entry*> live_entries() const;  // the oldest first
  std::string entry_text(const Entry& entry) const;
  std::string misuse_text(const Place& place) const;

  const LedgerOptions options_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  uint64_t calls_ = 0;
  uint64_t objects_ = 0;
  std::unordered_map<std::thread::id, uint32_t> threads_;
  // A handler that is called by a call, such as that of the progress of a disk, makes calls within
  // it; the innermost is last.
  std::unordered_map<std::thread::id, std::vector<Place>> under_way_;
  uint64_t last_time_ms_ = 0;
  std::map<uint32_t, Entry> live_;  // by handle value
  std::unordered_map<uint32_t, Entry> dead_;
  std::deque<uint32_t> dead_order_;  // the oldest first, so that old ones can be forgotten
  std::vector<std::string> misuses_;
};

}  // namespace prl::sdk
