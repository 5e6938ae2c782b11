// What a cell of fixtures/vm_transitions.csv needs: a host with one VM that has been brought to a
// state by calls of the API and virtual time, and the commands that clients give. A stage is for
// one command. One thread.
#pragma once

#include <string>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {

class Stage {
 public:
  // `state` and `command` as the table spells them. The command is known because some need
  // something before the VM gets to its state: snapshots to name, an edit to commit.
  Stage(const std::string& profile, const std::string& state, const std::string& command);
  Stage(const Stage&) = delete;
  ~Stage();

  PRL_HANDLE server() const { return session_.server; }
  PRL_HANDLE vm() const { return vm_; }
  // What GetState says: STOPPED, or GONE where the host knows no such VM.
  std::string told() const;
  // What it must say before the command. In profile virtuozzo that is where an operation began.
  std::string expected() const;
  // Nothing else is being done to the VM.
  bool is_quiet() const { return under_way_.empty(); }
  // The command, whose job is the caller's.
  PRL_HANDLE give() const;

 private:
  void prepare();
  void bring();
  // Begins the operation and stops in its middle.
  void begin(PRL_HANDLE job);
  void start_and(PRL_HANDLE (*next)(PRL_HANDLE vm));
  Handle disk() const;

  const std::string profile_;
  const std::string state_;
  const std::string command_;
  const Session session_;
  PRL_UINT32 world_ = 0;  // where a VM can migrate to; 0: none
  Handle there_;
  Handle other_;  // the session that has locked the VM
  Handle other_vm_;
  Handle vm_;
  std::vector<Handle> under_way_;
};

// "STOPPED"; a number where it is no state.
std::string state_text(PRL_INT32 state);

// A snapshot that no VM has.
inline constexpr const char* kUnknownSnapshot = "{00000000-0000-0000-0000-00000000000f}";

// The names of the commands that can be given.
std::vector<std::string> stage_commands();

}  // namespace prl::tests
