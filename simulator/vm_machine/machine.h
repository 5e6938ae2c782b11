// The two machines that a VM is in the hands of, one at a time: the power machine and the disk
// machine. The one that has it knows its state, the other is in State::kUnknown. Each is a table of
// transitions for Boost.MSM in a .cpp of its own; here is what the compiler need not pay for.
// Used by vm_machine.cpp only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim::machine {

// What the states, guards and actions of a table see.
struct Standing {
  VmActions* actions = nullptr;
  State state = State::kUnknown;
  State origin = State::kUnknown;  // the last state left that a failure may lead back to
  bool is_busy = false;            // an action is being called
};

// Not synchronised. Stays where it is: the tables look at its Standing.
template <class Table>
class Machine {
 public:
  // In State::kUnknown. `actions` must outlive it.
  explicit Machine(VmActions& actions);
  // In the state of `other`, its origin included.
  Machine(const Machine& other, VmActions& actions);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine();

  State state() const { return standing_.state; }
  // False: there is no row for it in this state, and nothing has changed. There is none for
  // kResume.
  bool apply(Command command);
  bool apply(Completion completion);
  // The other machine takes the VM over, so this one knows no more. For states at rest only.
  void let_go();
  // Takes the VM from the other machine, what its process left half done and all.
  void take_dying();

  // Whether there is a row for it.
  static bool accepts(State state, Command command) {
    return kAccepted[static_cast<size_t>(state)] >> static_cast<size_t>(command) & 1;
  }
  // The rows that clients see something of: all but those that hand over.
  static std::span<const Transition> transitions();

 private:
  struct Msm;
  Msm& msm();

  static_assert(kCommandCount <= 16);
  static const std::array<uint16_t, kStateCount> kAccepted;  // a bit for each command

  Standing standing_;
  alignas(void*) std::byte room_[64];  // for the Msm
};

struct PowerTable;
struct DiskTable;
using PowerMachine = Machine<PowerTable>;
using DiskMachine = Machine<DiskTable>;
extern template class Machine<PowerTable>;
extern template class Machine<DiskTable>;

// The states that the disk machine has a VM in: the last ones of State.
constexpr bool is_about_disks(State state) {
  return state >= State::kSnapshoting;
}

}  // namespace prl::sim::machine
