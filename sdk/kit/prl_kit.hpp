// Tests of clients in C++: worlds built in code, faults added to them, time moved, and what has
// happened asked for. Header only, C++17, over prl_sim.h; include it in test code alone, and link
// the library as the client does.
//
//   prl::kit::World world(prl::kit::Scenario()
//                             .add(prl::kit::Vm("web").running())
//                             .add(prl::kit::Fault("late").call("PrlVm_Suspend").time_out(5000)));
//   EXPECT_EQ(suspend_all(), 1);              // the client under test
//   EXPECT_EQ(world.calls("PrlVm_Suspend"), 2u);
//
// A process has one world at a time. Calls of one world may come from any thread, as those of the
// API; the builders are plain values.
#ifndef PRL_KIT_HPP
#define PRL_KIT_HPP

#include "prl_kit_again.hpp"
#include "prl_kit_device.hpp"
#include "prl_kit_fault.hpp"
#include "prl_kit_guest.hpp"
#include "prl_kit_handle.hpp"
#include "prl_kit_names.hpp"
#include "prl_kit_scenario.hpp"
#include "prl_kit_toml.hpp"
#include "prl_kit_trace.hpp"
#include "prl_kit_vm.hpp"
#include "prl_kit_world.hpp"
#include "prl_sim.h"

#endif  // PRL_KIT_HPP
