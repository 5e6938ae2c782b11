// Two clients that take the VM "web" of a scenario through some states: one believes what it is
// told and gives up at the first failure, the other looks, tries again and connects again. Both say
// in a few words how that ended, as seen from outside. REQUIRES: clock `virtual`.
#pragma once

#include <string>
#include <vector>

namespace prl::tests {

// Each goal is "suspended", "running", "paused" or "stopped". The result is "done" where the VM has
// come to the last goal and stays there, with no question open.
std::string run_naive_client(const std::vector<std::string>& goals);
std::string run_careful_client(const std::vector<std::string>& goals);

// Starts the VM and goes by the notifications alone: "saw STARTING RUNNING, 1 end".
std::string run_listening_client();

// Starts the VM and tells how long that took by the date of the host: "took time" or "went back".
std::string run_dating_client();

}  // namespace prl::tests
