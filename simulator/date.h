// Dates of the simulated host. There is no clock on a wall behind them, so that a run can be
// repeated: they follow virtual time from a fixed day on. Pure functions.
#pragma once

#include <cstdint>
#include <string>

namespace prl::sim {

// "YYYY-MM-DD HH:MM:SS" in UTC. Each process that opens a lasting host begins one day after the
// process before it, so that what one did is older than what the next does.
std::string date_text(uint64_t openings, uint64_t now_ms);

// The same of a moment in seconds since 1970, and the moment that it has at such a time.
std::string date_text(int64_t seconds);
int64_t date_seconds(uint64_t openings, uint64_t now_ms);

}  // namespace prl::sim
