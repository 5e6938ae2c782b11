// RapidCheck for clients: scenarios and faults drawn at random, and a property that most clients
// should have: what an operation of the client says is what has happened to the VM. Header only,
// C++17; link rapidcheck. For RC_GTEST_PROP include <gtest/gtest.h> and then <rapidcheck/gtest.h>.
//
//   RC_GTEST_PROP(Nightly, TellsTheTruth, ()) {
//     prl::kit::Client client;
//     client.suspend = [](const std::string& vm) { return suspend(vm); };
//     client.resume = [](const std::string& vm) { return resume(vm); };
//     prl::kit::check_truthful(client);
//   }
#ifndef PRL_RAPIDCHECK_HPP
#define PRL_RAPIDCHECK_HPP

#include <rapidcheck.h>
#include <rapidcheck/detail/Configuration.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <ostream>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "prl_kit.hpp"

namespace prl::kit {

// ---- Generators -------------------------------------------------------------------------------

inline void showValue(const Scenario& scenario, std::ostream& out) {
  out << scenario.toml();
}
inline void showValue(const Vm& vm, std::ostream& out) {
  out << vm.toml();
}
inline void showValue(const Fault& fault, std::ostream& out) {
  out << fault.toml();
}

// A VM of this name in a state in which it can be at the beginning. Small, so that images are
// quick. Shrinks towards a stopped VM of 4 MiB with one processor.
inline rc::Gen<Vm> any_vm(const std::string& name) {
  return rc::gen::map(rc::gen::tuple(rc::gen::inRange(0, 4), rc::gen::inRange<uint64_t>(4, 65),
                                     rc::gen::inRange<uint32_t>(1, 5)),
                      [name](const std::tuple<int, uint64_t, uint32_t>& drawn) {
                        Vm vm(name);
                        vm.ram_mib(std::get<1>(drawn)).cpus(std::get<2>(drawn));
                        switch (std::get<0>(drawn)) {
                          case 1:
                            return vm.running();
                          case 2:
                            return vm.paused();
                          case 3:
                            return vm.suspended();
                          default:
                            return vm.stopped();
                        }
                      });
}

// The same with up to three disks, three adapters and four snapshots, "s0" and so on, each below
// one before it or below none; those of a VM that was not stopped have memory. Shrinks towards a VM
// without any.
inline rc::Gen<Vm> any_equipped_vm(const std::string& name) {
  return rc::gen::exec([name] {
    Vm vm = *any_vm(name);
    const int disks = *rc::gen::inRange(0, 4);
    for (int i = 0; i < disks; ++i) {
      Disk disk(*rc::gen::inRange<uint64_t>(1, 129));
      if (*rc::gen::inRange(0, 2) == 1) disk.plain();
      vm.add(disk.on(*rc::gen::element<std::string>("sata", "scsi", "ide", "nvme")));
    }
    const int adapters = *rc::gen::inRange(0, 4);
    for (int i = 0; i < adapters; ++i) {
      vm.add(NetworkAdapter(*rc::gen::element<std::string>("shared", "bridged", "host_only")));
    }
    const int snapshots = *rc::gen::inRange(0, 5);
    for (int i = 0; i < snapshots; ++i) {
      Snapshot snapshot("s" + std::to_string(i));
      const int parent = *rc::gen::inRange(-1, i);
      if (parent >= 0) snapshot.below("s" + std::to_string(parent));
      switch (*rc::gen::inRange(0, 4)) {
        case 1:
          snapshot.of_running();
          break;
        case 2:
          snapshot.of_paused();
          break;
        case 3:
          snapshot.of_suspended();
          break;
        default:
          break;
      }
      vm.add(snapshot);
    }
    return vm;
  });
}

// What a fault does to a job of one of these functions: it fails, hangs or comes late, at its
// start, in its middle or at its end, the first time or the second. Shrinks towards a failure of
// the first job at its start.
inline rc::Gen<Fault> any_fault(const std::string& name,
                                const std::vector<std::string>& functions) {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange<size_t>(0, functions.size()), rc::gen::inRange(0, 3),
                     rc::gen::inRange(0, 3), rc::gen::inRange<uint64_t>(0, 2)),
      [name, functions](const std::tuple<size_t, int, int, uint64_t>& drawn) {
        Fault fault(name);
        fault.call(functions[std::get<0>(drawn)]).skip(std::get<3>(drawn));
        const int phase = std::get<1>(drawn);
        if (phase == 0) fault.at_start();
        if (phase == 2) fault.at_end();
        switch (std::get<2>(drawn)) {
          case 1:
            return fault.hang();
          case 2:
            return fault.delay(100'000);
          default:
            return fault.fail(PRL_ERR_OPERATION_FAILED);
        }
      });
}

// One VM, and up to `faults_max` faults on jobs of these functions.
inline rc::Gen<Scenario> any_scenario(const std::string& vm,
                                      const std::vector<std::string>& functions,
                                      int faults_max = 2) {
  return rc::gen::exec([=] {
    Scenario scenario;
    scenario.add(*any_vm(vm));
    const int count = functions.empty() ? 0 : *rc::gen::inRange(0, faults_max + 1);
    for (int i = 0; i < count; ++i) scenario.add(*any_fault("f" + std::to_string(i), functions));
    return scenario;
  });
}

// ---- What a client can do with a VM -----------------------------------------------------------

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

// What draws the same operations and the same host again.
inline std::string seeds(const World& world) {
  return "RC_PARAMS=seed=" + std::to_string(rc::detail::configuration().testParams.seed) +
         " PRLSIM_SEED=" + std::to_string(world.seed());
}

// RC_PARAMS for command_again(): what the environment says, with the seed that was drawn where it
// says none.
inline std::string rapidcheck_parameters() {
  const char* said = std::getenv("RC_PARAMS");
  const std::string text = said ? said : "";
  if (text.find("seed=") != std::string::npos) return text;
  return text + (text.empty() ? "" : " ") +
         "seed=" + std::to_string(rc::detail::configuration().testParams.seed);
}
inline const bool kTellsItsParameters =
    drawn_variables().emplace("RC_PARAMS", rapidcheck_parameters).second;

// What a client did to a world, as a counterexample shows it.
inline std::string story(const World& world, const std::vector<std::string>& said) {
  std::string text = "the client\n";
  for (const std::string& line : said) text += "  " + line + "\n";
  text += "drawn with " + seeds(world) + "\nAgain: " + command_again() + "\nin the host\n" +
          world.toml() + "\nThe last of the trace:\n";
  const std::vector<TraceLine> trace = world.trace();
  for (size_t i = trace.size() > 20 ? trace.size() - 20 : 0; i < trace.size(); ++i) {
    text += "  " + trace[i].line() + "\n";
  }
  return text;
}

// ---- Properties -------------------------------------------------------------------------------

// In a property of RapidCheck: the client does what is drawn, in a host with faults that are drawn.
// When an operation says that it has done its work, the VM is in the state that the operation is
// for, whatever went wrong on the way; and in the end no handle is leaked or was misused. After
// shrinking a counterexample is the few operations and faults that it takes.
inline void check_truthful(const Client& client, int faults_max = 2) {
  const std::string vm = "web";
  const Scenario scenario = *any_scenario(vm, functions_of(client), faults_max);
  const auto operations = *rc::gen::container<std::vector<Operation>>(any_operation(client));
  World world(scenario);
  std::vector<std::string> said;
  for (const Operation operation : operations) {
    const OperationFacts& facts = facts_of(operation);
    const bool is_done = client[operation](vm);
    const VIRTUAL_MACHINE_STATE state = world.state(vm);
    said.push_back(std::string(is_done ? "says that it did " : "says that it did not ") +
                   facts.name + "; the VM is in " + name_of(state));
    if (is_done && state != facts.target) RC_FAIL("a wrong success: " + story(world, said));
  }
  world.end();
  if (world.inits_left() > 0) RC_FAIL("PrlApi_Init without PrlApi_Deinit:\n" + story(world, said));
  const LedgerCounts handles = ledger_counts();
  if (handles.live > 0) RC_FAIL("leaked handles:\n" + ledger_text() + story(world, said));
  if (handles.misuses > 0) RC_FAIL("misused handles:\n" + ledger_text() + story(world, said));
}

// What one thread did, and between which moments of all threads.
struct Done {
  Operation operation;
  bool is_done = false;
  uint64_t begin = 0;
  uint64_t end = 0;
};

// Whether there is an order of all that was done in which each operation that said so had an effect
// at one moment between its begin and its end, each that did not had none, and the VM came from
// `before` to `after`. One that failed needs a reason: the state, or another operation beside it,
// which may have kept it out. Of at most 63 operations.
class Linearization {
 public:
  explicit Linearization(std::vector<Done> history) : history_(std::move(history)) {}

  bool exists(VIRTUAL_MACHINE_STATE before, VIRTUAL_MACHINE_STATE after) const {
    return goes_on(before, after, 0);
  }

 private:
  bool goes_on(VIRTUAL_MACHINE_STATE state, VIRTUAL_MACHINE_STATE after, uint64_t taken) const {
    if (taken == (uint64_t{1} << history_.size()) - 1) return state == after;
    for (size_t i = 0; i < history_.size(); ++i) {
      if ((taken >> i & 1) != 0 || !can_be_next(i, taken)) continue;
      const OperationFacts& facts = facts_of(history_[i].operation);
      const bool fits = std::find(facts.from.begin(), facts.from.end(), state) != facts.from.end();
      if (history_[i].is_done != fits && (history_[i].is_done || !is_beside_another(i))) continue;
      const VIRTUAL_MACHINE_STATE next = history_[i].is_done ? facts.target : state;
      if (goes_on(next, after, taken | uint64_t{1} << i)) return true;
    }
    return false;
  }
  // Nothing that is left ended before it began.
  bool can_be_next(size_t candidate, uint64_t taken) const {
    for (size_t i = 0; i < history_.size(); ++i) {
      if ((taken >> i & 1) == 0 && history_[i].end < history_[candidate].begin) return false;
    }
    return true;
  }
  bool is_beside_another(size_t one) const {
    for (size_t i = 0; i < history_.size(); ++i) {
      const bool overlaps =
          history_[i].begin < history_[one].end && history_[one].begin < history_[i].end;
      if (i != one && overlaps) return true;
    }
    return false;
  }

  const std::vector<Done> history_;
};

// In a property of RapidCheck: several threads let the client do what is drawn, to one VM of a host
// without faults. What they were told must be what they could have been told one after the other.
// Leave `stop` out where it kills: a kill cuts into a start, and the two have no order then.
// Which thread comes first is the system's choice, so a counterexample may need several runs.
inline void check_linearizable(const Client& client, int threads = 2) {
  const std::string vm = "web";
  Scenario scenario;
  scenario.add(*any_vm(vm));
  const auto any_script =
      rc::gen::resize(4, rc::gen::container<std::vector<Operation>>(any_operation(client)));
  std::vector<std::vector<Operation>> scripts;
  for (int i = 0; i < threads; ++i) scripts.push_back(*any_script);

  World world(scenario);
  const VIRTUAL_MACHINE_STATE before = world.state(vm);
  std::atomic<uint64_t> moment{0};
  std::vector<std::vector<Done>> done(scripts.size());
  std::vector<std::thread> running;
  for (size_t i = 0; i < scripts.size(); ++i) {
    running.emplace_back([&, i] {
      for (const Operation operation : scripts[i]) {
        Done one{operation};
        one.begin = moment.fetch_add(1);
        one.is_done = client[operation](vm);
        one.end = moment.fetch_add(1);
        done[i].push_back(one);
      }
    });
  }
  for (std::thread& thread : running) thread.join();

  std::vector<Done> history;
  std::vector<std::string> said = {"finds the VM in " + name_of(before)};
  for (size_t i = 0; i < done.size(); ++i) {
    for (const Done& one : done[i]) {
      history.push_back(one);
      said.push_back("thread " + std::to_string(i + 1) + " from " + std::to_string(one.begin) +
                     " to " + std::to_string(one.end) + ": " + facts_of(one.operation).name +
                     (one.is_done ? " was done" : " was not done"));
    }
  }
  const VIRTUAL_MACHINE_STATE after = world.state(vm);
  said.push_back("leaves the VM in " + name_of(after));
  if (!Linearization(history).exists(before, after)) {
    RC_FAIL("no order of these explains what was said: " + story(world, said));
  }
}

}  // namespace prl::kit

#endif  // PRL_RAPIDCHECK_HPP
