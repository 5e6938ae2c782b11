// The operations of a world that have begun and not ended, in words: what a wait that nothing can
// end is waiting for. Guarded by the world's mutex.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "simulator/operation.h"

namespace prl::sim {

class Unfinished {
 public:
  void begin(const Operation& operation) {
    entries_[operation.number] = {describe(operation), operation.vm, operation.asker};
  }
  // What has struck it: " rule=x hang at middle".
  void strike(const Operation& operation, const std::string& fault) {
    const auto found = entries_.find(operation.number);
    if (found != entries_.end()) found->second.text += fault;
  }
  void end(const Operation& operation) { entries_.erase(operation.number); }
  // Their answers can never come.
  void forget_session(const SessionObserver& session, bool is_last) {
    std::erase_if(entries_,
                  [&](const auto& entry) { return is_last || entry.second.asker == &session; });
  }

  // "3 <function> vm=web rule=x hang at middle, the VM is SUSPENDING; 4 ..."; state_of(vm) is a
  // text, empty where there is none.
  template <class StateOf>
  std::string text(StateOf state_of) const {
    std::string text;
    for (const auto& [number, entry] : entries_) {
      if (!text.empty()) text += "; ";
      text += entry.text;
      const std::string state = entry.vm ? state_of(*entry.vm) : "";
      if (!state.empty()) text += ", the VM is " + state;
    }
    return text;
  }

 private:
  struct Entry {
    std::string text;
    std::optional<Uuid> vm;
    const SessionObserver* asker = nullptr;
  };
  std::map<uint64_t, Entry> entries_;  // by number
};

}  // namespace prl::sim
