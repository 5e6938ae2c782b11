// One request that the simulated server works on. Made by World::submit, finished exactly once or,
// when a fault says so, never. Guarded by the world's mutex.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/cancellation.h"
#include "simulator/config_problems.h"
#include "simulator/move_only_function.h"
#include "simulator/outcome.h"
#include "simulator/seams.h"
#include "simulator/session_observer.h"
#include "simulator/vm_config.h"

namespace prl::sim {

// A VM whose files a client copies by itself.
struct ClientCopy {
  struct File {
    std::string path;          // in the host's storage
    std::string restore_path;  // relative to the folder of the VM
    uint64_t bytes = 0;
    bool is_whole = true;      // else only the stretches differ from the copy before: first, length
    std::vector<std::pair<uint64_t, uint64_t>> stretches = {};
  };

  Uuid vm;
  std::string folder;
  State state = State::kUnknown;
  Uuid session;                // nil: the files are not held still
  bool is_incremental = false;
  std::vector<File> files;
  std::vector<std::string> disks;  // paths of the images
  bool has_states = false;         // each disk has one with the session's uuid, to be read
};

// How handlers are told of something. Only faults make it twice or behind the next; raw events are
// told on the way to what follows, so that nothing comes behind them.
enum class Telling : uint8_t { kOnce, kTwice, kBehindNext, kOnTheWay };

// What a finished operation has to say.
struct Report {
  Outcome outcome;
  std::vector<VmView> vms;  // the VMs asked for; empty when there is nothing to tell
  std::vector<FoundVm> found;       // by a search
  std::optional<std::string> text;  // what was asked for, where it is a text
  Uuid session;             // of a login: the session that it began
  Uuid host;                // of a login: the host
  std::vector<PropertyTree> documents;  // what a request to the host asked for
  std::vector<std::string> texts;
  std::vector<ConfigProblem> problems;  // of a configuration that was refused
  std::vector<ClientCopy> copies;
  Telling telling = Telling::kOnce;
};

// The name of an API function, or of something that the host does by itself. It is not kept but
// referred to: names last as long as the library, and a text that may not makes none.
class FunctionName : public std::string_view {
 public:
  constexpr FunctionName() = default;
  constexpr FunctionName(const char* name) : std::string_view(name) {}
  constexpr FunctionName(std::string_view name) : std::string_view(name) {}
  FunctionName(const std::string& name) = delete;
};

// Who asks the server for something, and by which API function, for the trace and for faults.
struct Caller {
  Caller(FunctionName api_function, const SessionObserver* asking = nullptr)
      : function(api_function), session(asking), asker(asking) {}
  Caller(const char* api_function) : Caller(FunctionName(api_function)) {}
  Caller(std::string_view api_function) : Caller(FunctionName(api_function)) {}
  // Whom no lock keeps out.
  Caller beside_locks() && {
    session = nullptr;
    return std::move(*this);
  }

  FunctionName function;
  const SessionObserver* session;  // null: nobody whom the lock of another session keeps out
  const SessionObserver* asker;    // null: it does not say
  std::shared_ptr<Cancellation> cancellation;  // closed until there is something; null: none
  uint32_t job = 0;  // by which its asker knows it; 0: nobody is told how far it is
};

// Called once, with the world locked and after all state changes of the operation have been
// announced. Must not block and must not call into the world. May take what the report lists.
using OperationDone = MoveOnlyFunction<void(Report&)>;

class Vm;
struct Operation;
using OperationPtr = std::shared_ptr<Operation>;

struct Operation {
  Operation() = default;
  Operation(Caller&& caller, OperationDone&& when_done, bool with_phases)
      : function(caller.function),
        session(caller.session),
        asker(caller.asker),
        has_phases(with_phases),
        job(caller.job),
        cancellation(std::move(caller.cancellation)),
        done(std::move(when_done)) {}

  FunctionName function;           // the API function that asked
  std::optional<Uuid> vm;          // none when it concerns no VM
  std::string vm_name;             // for the trace and for faults, else empty
  const SessionObserver* session = nullptr;  // that asked, to be compared only; null: none
  const SessionObserver* asker = nullptr;    // likewise, also where no lock keeps it out
  uint64_t number = 0;             // counts the operations of a world from 1
  bool has_phases = false;         // a command of a VM, which is under way for a while
  std::optional<Fault> fault;      // decided when the operation starts
  uint32_t job = 0;                // by which its asker knows it; 0: nobody is told how far it is
  uint32_t percent = 0;            // that was told last
  std::shared_ptr<Cancellation> cancellation;  // null: nobody can ask it to stop
  // What it does, with the VM where it is for one that is there and that nobody else has locked.
  // Empty once it has begun; only one that is refused may be begun again.
  MoveOnlyFunction<void(const OperationPtr&, const std::shared_ptr<Vm>&)> body;
  bool needs_vm = false;           // it ends at once where there is no such VM for its asker
  bool has_waited = false;         // for what kept it from its VM (lock_waits.h)
  OperationDone done;              // empty once the operation is finished or lost
};

// How often whoever has begun an operation is told how far it is, in virtual time.
inline constexpr uint64_t kProgressPeriodMs = 1000;

// Its number, function and VM, "7 <function> vm=web", as the trace names it.
inline std::string describe(const Operation& operation) {
  std::string text = std::to_string(operation.number) + " ";
  text += operation.function;
  if (!operation.vm_name.empty()) text += " vm=" + operation.vm_name;
  return text;
}

inline FollowedJob followed_job(const Operation& operation) {
  return {.asker = operation.asker, .job = operation.job};
}

// How an operation ends that a fault has failed.
inline Outcome injected_outcome(const Fault& fault) {
  Outcome outcome(OutcomeKind::kInjected, fault.parameters);
  outcome.injected_code = fault.result_code;
  return outcome;
}

}  // namespace prl::sim
