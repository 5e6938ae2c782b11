// What the lifecycle allows a trace to say: which functions ask for what, and which states follow
// upon which (vm-lifecycle 2). Written from the notes. Pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "tests/model/reference_model.h"

namespace prl::model {

// All that a function of the API may ask of a VM; empty where it is no business of the lifecycle.
std::vector<Act> acts_of(std::string_view function);
// What a pause is to whose question the guest has answered so; empty where that is no answer.
std::optional<Act> act_of_answer(std::string_view word);
// A function whose jobs change states of VMs by the way.
bool may_do_anything(std::string_view function);

// Whether a VM can go from one state to the other by itself, as the end of what was under way.
bool is_end(State from, State to);
// Whether a client's act can take it there.
bool is_begun_by(State from, State to, Act act);
// Whether the death of its process can.
bool is_death(State from, State to);
// Where a VM is when the act has succeeded; empty: anywhere.
std::vector<State> ends_of(Act act);

std::optional<State> state_called(std::string_view name);
// Of an outcome as the trace names it; empty where there is no outcome of that name.
std::optional<Code> code_called(std::string_view outcome);
// Whether the profile carries the act out whatever the rights of the user (2.1).
bool is_free_of_rights(Profile profile, Act act);
// A refusal of which the notes say in which states it is given, so that no other cause is possible.
bool is_about_states(Code code);

}  // namespace prl::model
