// What a client under test can do with a VM. Part of prl_rapidcheck.hpp.
#ifndef PRL_RAPIDCHECK_CLIENT_HPP
#define PRL_RAPIDCHECK_CLIENT_HPP

#include <rapidcheck.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "prl_kit.hpp"

namespace prl::kit {

enum class Operation { kStart, kStop, kPause, kResume, kSuspend, kDrop };

// The client under test: each operation gets the name of a VM and says whether it has done it. What
// is left out is not called.
struct Client {
  using Does = std::function<bool(const std::string& vm)>;
  Does start, stop, pause, resume, suspend, drop;

  const Does& operator[](Operation operation) const {
    switch (operation) {
      case Operation::kStart:
        return start;
      case Operation::kStop:
        return stop;
      case Operation::kPause:
        return pause;
      case Operation::kResume:
        return resume;
      case Operation::kSuspend:
        return suspend;
      case Operation::kDrop:
        break;
    }
    return drop;
  }
};

// What is to be known of an operation: the function of the API that does it, the state to which it
// brings a VM, and the states from which a host without faults lets it do so (vm-lifecycle 2.2).
struct OperationFacts {
  Operation operation;
  const char* name;
  const char* function;
  VIRTUAL_MACHINE_STATE target;
  std::vector<VIRTUAL_MACHINE_STATE> from;
};
inline const std::vector<OperationFacts>& operation_facts() {
  static const std::vector<OperationFacts> facts = {
      {Operation::kStart,
       "start",
       "PrlVm_Start",
       VMS_RUNNING,
       {VMS_STOPPED, VMS_PAUSED, VMS_SUSPENDED}},
      {Operation::kStop, "stop", "PrlVm_Stop", VMS_STOPPED, {VMS_RUNNING, VMS_PAUSED}},
      {Operation::kPause, "pause", "PrlVm_Pause", VMS_PAUSED, {VMS_RUNNING}},
      {Operation::kResume,
       "resume",
       "PrlVm_Resume",
       VMS_RUNNING,
       {VMS_STOPPED, VMS_PAUSED, VMS_SUSPENDED}},
      {Operation::kSuspend, "suspend", "PrlVm_Suspend", VMS_SUSPENDED, {VMS_RUNNING, VMS_PAUSED}},
      {Operation::kDrop, "drop", "PrlVm_DropSuspendedState", VMS_STOPPED, {VMS_SUSPENDED}}};
  return facts;
}
inline const OperationFacts& facts_of(Operation operation) {
  return operation_facts()[static_cast<size_t>(operation)];
}
inline void showValue(Operation operation, std::ostream& out) {
  out << facts_of(operation).name;
}

// One of the operations that the client has.
inline rc::Gen<Operation> any_operation(const Client& client) {
  std::vector<Operation> known;
  for (const OperationFacts& facts : operation_facts()) {
    if (client[facts.operation]) known.push_back(facts.operation);
  }
  return rc::gen::elementOf(known);
}

// The functions behind them, with the longer forms of their names.
inline std::vector<std::string> functions_of(const Client& client) {
  std::vector<std::string> functions;
  for (const OperationFacts& facts : operation_facts()) {
    if (!client[facts.operation]) continue;
    functions.push_back(facts.function);
    if (facts.operation == Operation::kStart) functions.push_back("PrlVm_StartEx");
    if (facts.operation == Operation::kStop) functions.push_back("PrlVm_StopEx");
  }
  return functions;
}

}  // namespace prl::kit

#endif  // PRL_RAPIDCHECK_CLIENT_HPP
