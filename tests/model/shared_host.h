// A host of the library that several threads use at the same time, each with a login of its own or
// one that it shares, and the history that comes of it. Clock `virtual`, requests take no time.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/model/history.h"

namespace prl::model {

// What a thread asks for next. Where it does not wait, the next request is sent while this one is
// under way; what is left is waited for in the end.
struct Task {
  Act act = Act::kStart;
  uint8_t vm = 0;
  bool waits = true;
  uint8_t snapshot = 0;  // of those that anybody has heard of, the last is 0
};

struct Plan {
  Profile profile = Profile::kDesktop;
  bool has_neighbour = false;            // otherwise VMs can migrate to nobody but the host itself
  std::vector<State> beginnings;         // of the VMs: stopped, running, paused or suspended
  std::vector<uint8_t> logins;           // of each thread; those with the same number share one
  std::vector<std::vector<Task>> tasks;  // of each thread
  std::map<Act, Fault> faults;           // of all jobs of these acts
};
std::string plan_text(const Plan& plan);
void showValue(State state, std::ostream& out);
void showValue(const Task& task, std::ostream& out);

// The acts that a task can be. What names a snapshot names one that a job has answered with, of any
// thread, or one that there never was. A Cancel is of the last job that the thread has begun, and
// nothing where there is none. Threads that share a login share the local copies of configurations
// too, so they must not edit.
const std::vector<Act>& shared_acts();

// The function of the API that a task calls, which others may call as well; empty: none.
std::string_view function_of(Act act);

// Lets the threads do what is planned, in a fresh library. Throws std::runtime_error where not even
// the login succeeds.
History run_together(const Plan& plan);

}  // namespace prl::model
