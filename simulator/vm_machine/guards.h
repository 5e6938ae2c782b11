// The guards of both machines, one type per line. They only look: at the image, or at the
// origin of the operation under way. Used by the tables only; stateless.
#pragma once

#include <string_view>

#include "simulator/vm_machine/name.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim::machine {

template <State origin, Name name>
struct CameFrom {
  static constexpr std::string_view kName = name.view();
  template <class On, class Fsm, class From, class To>
  bool operator()(const On&, Fsm& machine, From&, To&) const {
    return machine.origin() == origin;
  }
};

template <bool expected, Name name>
struct ImageIs {
  static constexpr std::string_view kName = name.view();
  template <class On, class Fsm, class From, class To>
  bool operator()(const On&, Fsm& machine, From&, To&) const {
    return machine.actions().image_exists() == expected;
  }
};

// clang-format off
struct image_exists  : ImageIs<true,  "image_exists">                {};
struct no_image      : ImageIs<false, "no_image">                    {};
struct from_starting : CameFrom<State::kStarting, "from_starting">   {};
struct from_running  : CameFrom<State::kRunning,  "from_running">    {};
struct from_paused   : CameFrom<State::kPaused,   "from_paused">     {};
struct from_resuming : CameFrom<State::kResuming, "from_resuming">   {};
// clang-format on

}  // namespace prl::sim::machine
