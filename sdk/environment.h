// The environment variables of prlsim, and the world that they ask for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sdk/ledger.h"
#include "sdk/worlds.h"
#include "simulator/expected.h"

namespace prl::sdk {

// find_scenario() among the scenarios that come with this library.
sim::Expected<std::string, std::string> find_named_scenario(const std::string& given);

// Replaces PRLSIM_SCENARIO for the Inits to come; empty text goes back to the environment.
void set_scenario_text(std::string toml);

// For the worlds to come: the keys at the top of their scenario, with a blank between two, that go
// before the variables of the environment.
void prefer_scenario(const std::string& keys);
// For the Inits to come, in the place of PRLSIM_HOME: this folder, or none where it is empty;
// nothing goes back to the environment.
void set_home(std::optional<std::string> folder);

// For the Inits to come: the last lines of the trace that are kept in memory, and what is written
// down of handles.
void keep_trace(size_t lines);
void keep_ledger(LedgerMode mode);
// For the Inits to come, whether worlds are durable where neither PRLSIM_DURABLE nor their scenario
// says.
void set_durable(bool is_durable);
// What was asked for; kOn at least where there is a trace or a file of leaks to show it.
LedgerOptions ledger_options(const sim::WorldOptions& options);

// Of a world with this scenario, or the one of the environment where the text is empty. Number 0 is
// the first world of a library; others are in memory, and have a trace of their own,
// <PRLSIM_TRACE>.world-<number>. The error is a sentence for a person: which variable or which line
// of which file is wrong.
sim::Expected<PlaceOptions, std::string> world_options(const std::string& scenario_toml,
                                                       uint64_t number);

// Says on stderr why there is no world, the one thing that prlsim ever prints: a run with half a
// scenario would mislead.
void complain(const std::string& why);
// What was said last, until it is forgotten; empty: nothing.
std::string complaint();
void forget_complaint();

}  // namespace prl::sdk
