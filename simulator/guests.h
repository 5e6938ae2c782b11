// What the guests of a host's VMs can be asked for: their tools, their users, the programs that
// they would run. It is what a scenario, a test and clients said of them. Thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "simulator/guest_spec.h"
#include "simulator/uuid.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim {

struct Guest {
  bool has_tools = false;
  bool ignores_shutdown = false;  // a graceful stop runs into its time limit
  SleepAnswer asked_to_sleep = SleepAnswer::kPause;
  std::map<std::string, std::string> passwords;  // by user
  std::vector<GuestProgram> programs;
  uint64_t boots = 0;  // a session ends with the boot in which it began

  // The first program of the name that takes the arguments; null where none does.
  const GuestProgram* find(const std::string& name,
                           const std::vector<std::string>& arguments) const {
    const auto found = std::ranges::find_if(programs, [&](const GuestProgram& program) {
      return program.name == name && (!program.arguments || *program.arguments == arguments);
    });
    return found == programs.end() ? nullptr : &*found;
  }
};

// The tools answer while the guest has a process to answer from.
inline bool answers(const Guest& guest, State state) {
  return guest.has_tools && state == State::kRunning;
}

class Guests {
 public:
  Guest get(const Uuid& vm) const {
    std::lock_guard lock(mutex_);
    const auto found = guests_.find(vm);
    return found == guests_.end() ? Guest() : found->second;
  }
  template <class Change>
  void change(const Uuid& vm, Change change_guest) {
    std::lock_guard lock(mutex_);
    change_guest(guests_[vm]);
  }
  void forget_vm(const Uuid& vm) {
    std::lock_guard lock(mutex_);
    guests_.erase(vm);
  }

  // True where the tools of the guest begin to answer with the change.
  bool on_state_changed(const Uuid& vm, State from, State to) {
    const bool boots = to == State::kStarting || to == State::kResetting;
    const bool is_new = from == State::kStarting || from == State::kResetting ||
                        from == State::kResuming;
    if (!boots && !is_new) return false;
    std::lock_guard lock(mutex_);
    const auto found = guests_.find(vm);
    if (found == guests_.end()) return false;
    if (boots) ++found->second.boots;
    return is_new && answers(found->second, to);
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<Uuid, Guest> guests_;  // guarded by mutex_
};

}  // namespace prl::sim
