// The actions of both machines, one type per line. They only ask: each passes one request to
// VmActions, which says what it means. Used by the tables only; stateless.
#pragma once

#include <string_view>

#include "simulator/vm_machine/name.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim::machine {

template <void (VmActions::*request)(), Name name>
struct Ask {
  static constexpr std::string_view kName = name.view();
  template <class On, class Fsm, class From, class To>
  void operator()(const On&, Fsm& machine, From&, To&) const {
    (machine.actions().*request)();
  }
};

// A dead process cannot return to where it came from, so the origin is forgotten as well.
template <void (VmActions::*request)(), Name name>
struct AskAndForgetOrigin {
  static constexpr std::string_view kName = name.view();
  template <class On, class Fsm, class From, class To>
  void operator()(const On&, Fsm& machine, From&, To&) const {
    machine.left_origin(State::kUnknown);
    (machine.actions().*request)();
  }
};

struct forget_origin {
  static constexpr std::string_view kName = "forget_origin";
  template <class On, class Fsm, class From, class To>
  void operator()(const On&, Fsm& machine, From&, To&) const {
    machine.left_origin(State::kUnknown);
  }
};

// clang-format off
struct begin_boot        : Ask<&VmActions::begin_boot,        "begin_boot">        {};
struct begin_image_write : Ask<&VmActions::begin_image_write, "begin_image_write"> {};
struct begin_image_flush : Ask<&VmActions::begin_image_flush, "begin_image_flush"> {};
struct begin_image_read  : Ask<&VmActions::begin_image_read,  "begin_image_read">  {};
struct begin_freeze      : Ask<&VmActions::begin_freeze,      "begin_freeze">      {};
struct begin_thaw        : Ask<&VmActions::begin_thaw,        "begin_thaw">        {};
struct begin_power_off   : Ask<&VmActions::begin_power_off,   "begin_power_off">   {};
struct begin_shutdown    : Ask<&VmActions::begin_shutdown,    "begin_shutdown">    {};
struct begin_reset       : Ask<&VmActions::begin_reset,       "begin_reset">       {};
struct begin_snapshot    : Ask<&VmActions::begin_snapshot,    "begin_snapshot">    {};
struct begin_restore     : Ask<&VmActions::begin_restore,     "begin_restore">     {};
struct begin_removal     : Ask<&VmActions::begin_snapshot_removal, "begin_snapshot_removal"> {};
struct begin_compact     : Ask<&VmActions::begin_compact,     "begin_compact">     {};
struct compact_now       : Ask<&VmActions::compact_now,       "compact_now">       {};
struct reboot_guest      : Ask<&VmActions::reboot_guest,      "reboot_guest">      {};
struct end_process       : Ask<&VmActions::end_process,       "end_process">       {};
struct drop_image        : Ask<&VmActions::drop_image,        "drop_image">        {};
struct abandon_image     : Ask<&VmActions::abandon_image,     "abandon_image">     {};
struct begin_clean_up    : AskAndForgetOrigin<&VmActions::begin_clean_up, "begin_clean_up"> {};
// clang-format on

}  // namespace prl::sim::machine
