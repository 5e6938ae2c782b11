#include "tests/model/shared_host.h"

#include <prlsdk/Parallels.h>
#include <prlsdk/prl_kit.hpp>

#include <algorithm>
#include <atomic>
#include <latch>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/model/shared_client.h"

namespace prl::model {
namespace {

using kit::Handle;

constexpr uint64_t kLongMs = 100'000;  // in which everything ends

std::string_view state_word(State state) {
  switch (state) {
    case State::kRunning:
      return "running";
    case State::kPaused:
      return "paused";
    case State::kSuspended:
      return "suspended";
    default:
      return "stopped";
  }
}

kit::Scenario scenario_without_vms(Profile profile) {
  kit::Scenario scenario;
  if (profile == Profile::kVirtuozzo) scenario.profile("virtuozzo");
  return scenario;
}

kit::Fault rule_of(const std::string& function, Fault fault) {
  kit::Fault rule(function + " fails");
  rule.call(function).always().fail(static_cast<PRL_RESULT>(0x80000000 | kInjected));
  if (fault == Fault::kStart) rule.at_start();
  if (fault == Fault::kEnd) rule.at_end();
  return rule;
}

kit::Scenario scenario_of(const Plan& plan) {
  kit::Scenario scenario = scenario_without_vms(plan.profile);
  for (size_t i = 0; i < plan.beginnings.size(); ++i) {
    kit::Vm vm("vm" + std::to_string(i));
    vm.uuid(uuid_of(i)).ram_mib(4).cpus(1).add(kit::Disk(1));
    scenario.add(vm.set("state", kit::quoted(std::string(state_word(plan.beginnings[i])))));
  }
  std::map<std::string, Fault> faults;
  for (const auto& [act, fault] : plan.faults) faults[std::string(function_of(act))] = fault;
  for (const auto& [function, fault] : faults) scenario.add(rule_of(function, fault));
  return scenario.add("[latency]\nrequest = { ms = 0 }");
}

State state_of(VIRTUAL_MACHINE_STATE state) {
  const std::string name = kit::name_of(state);
  for (uint8_t i = 0; i < kStateCount; ++i) {
    const auto known = static_cast<State>(i);
    if (name == "VMS_" + std::string(state_name(known))) return known;
  }
  return state == VMS_MOUNTED ? State::kMounted : State::kUnknown;
}

// Without the ledger and the trace of kit::World, in which threads would wait for each other.
class Library {
 public:
  explicit Library(const kit::Scenario& scenario) {
    PrlSim_SetScenario(scenario.toml().c_str());
    const PRL_RESULT code = PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0);
    PrlSim_SetScenario(nullptr);
    if (PRL_FAILED(code)) throw std::runtime_error("no library: " + kit::name_of(code));
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() { PrlApi_Deinit(); }
};

Handle log_in() {
  Handle server;
  PrlSrv_Create(server.out());
  const kit::JobEnd end = kit::finish(PrlSrv_LoginLocal(server.get(), "", 0, PSL_HIGH_SECURITY));
  if (PRL_FAILED(end.code)) throw std::runtime_error("no login: " + kit::name_of(end.code));
  return server;
}

// Another world of the library, and a login there.
struct Neighbour {
  explicit Neighbour(Profile profile) {
    PrlSim_CreateWorld(scenario_without_vms(profile).toml().c_str(), &world);
    PrlSim_UseWorld(world);
    server = log_in();
    PrlSim_UseWorld(0);
  }

  PRL_UINT32 world = 0;
  Handle server;
};

// ---- How it ends ------------------------------------------------------------------------------

size_t times_in(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

bool is_locked(PRL_HANDLE vm) {
  const Handle info = first_of(kit::finish(PrlVm_GetState(vm)));
  PRL_BOOL is_invalid = PRL_FALSE;
  PRL_RESULT why = PRL_ERR_SUCCESS;
  PrlVmInfo_IsInvalidEx(info.get(), &is_invalid, &why);
  return why == PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED;
}

size_t snapshots_of(PRL_HANDLE vm) {
  const kit::JobEnd end = kit::finish(PrlVm_GetSnapshotsTree(vm));
  if (PRL_FAILED(end.code)) throw std::runtime_error("no snapshots: " + kit::name_of(end.code));
  return times_in(text_of(end), "<Name>");
}

// As Ending::edited_by.
size_t writer_of(const std::string& description, const std::vector<Request>& requests) {
  size_t made = 0;  // by this thread
  for (size_t i = 0; i < requests.size(); ++i) {
    made = i > 0 && requests[i - 1].thread == requests[i].thread ? made + 1 : 1;
    if (description == commit_text(requests[i].thread, made)) return i + 1;
  }
  return 0;
}

// Looks on from a session of its own.
class Witness {
 public:
  explicit Witness(size_t vms) : server_(log_in()) {
    for (size_t i = 0; i < vms; ++i) vms_.push_back(first_of(find(i)));
  }

  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { kit::finish(PrlSrv_Logoff(server_.get())); }

  // Ends the other logins in between, since what they have locked tells others nothing else.
  std::vector<Ending> look(const std::vector<Handle>& servers,
                           const std::vector<Request>& requests) const {
    std::vector<Ending> endings;
    for (size_t i = 0; i < vms_.size(); ++i) endings.push_back(look_at(i));
    for (const Handle& server : servers) kit::finish(PrlSrv_Logoff(server.get()));
    for (size_t i = 0; i < vms_.size(); ++i) {
      Ending& ending = endings[i];
      if (!ending.is_registered) continue;
      ending.snapshots = snapshots_of(vms_[i].get());
      ending.edited_by = writer_of(description_of(i), requests);
    }
    return endings;
  }

  void count(History& history) const {
    const kit::JobEnd list = kit::finish(PrlSrv_GetVmList(server_.get()));
    PRL_UINT32 count = 0;
    PrlResult_GetParamsCount(list.result.get(), &count);
    history.vms = count;
    for (PRL_UINT32 i = 0; i < count; ++i) {
      Handle vm;
      PRL_BOOL is_template = PRL_FALSE;
      PrlResult_GetParamByIndex(list.result.get(), i, vm.out());
      PrlVmCfg_IsTemplate(vm.get(), &is_template);
      history.templates += is_template == PRL_TRUE;
    }
  }

 private:
  kit::JobEnd find(size_t vm) const {
    return kit::finish(PrlSrv_GetVmConfig(server_.get(), uuid_of(vm).c_str(), PGVC_SEARCH_BY_UUID));
  }

  std::string description_of(size_t vm) const {
    const Handle found = first_of(find(vm));
    return kit::text_from([&](PRL_STR text, PRL_UINT32_PTR length) {
      return PrlVmCfg_GetDescription(found.get(), text, length);
    });
  }

  Ending look_at(size_t vm) const {
    Ending ending;
    VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
    ending.is_registered = PRL_SUCCEEDED(PrlSim_GetVmState(uuid_of(vm).c_str(), &state));
    if (!ending.is_registered) return ending;
    PRL_UINT64 bytes = 0;
    PrlSim_GetImageSize(vms_[vm].get(), &bytes);
    ending.state = state_of(state);
    ending.has_image = bytes > 0;
    ending.is_locked = is_locked(vms_[vm].get());
    return ending;
  }

  Handle server_;
  std::vector<Handle> vms_;
};

void run_all(std::vector<Client>& clients, const Plan& plan) {
  std::latch ready(static_cast<std::ptrdiff_t>(clients.size()));
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < clients.size(); ++i) {
    threads.emplace_back([&, i] {
      ready.arrive_and_wait();
      clients[i].run(plan.tasks[i]);
    });
  }
}

}  // namespace

std::string plan_text(const Plan& plan) {
  std::string text;
  for (const auto& [act, fault] : plan.faults) {
    text += order_text({.act = act, .fault = fault}) + " always\n";
  }
  for (size_t i = 0; i < plan.tasks.size(); ++i) {
    text += "thread " + std::to_string(i) + ", login " + std::to_string(plan.logins[i]) + ":";
    for (const Task& task : plan.tasks[i]) {
      text += " " + std::string(act_name(task.act)) + " vm=" + std::to_string(task.vm) +
              (task.waits ? ";" : ",");
    }
    text += "\n";
  }
  return text;
}

void showValue(State state, std::ostream& out) {
  out << state_name(state);
}

void showValue(const Task& task, std::ostream& out) {
  out << act_name(task.act) << " vm=" << static_cast<int>(task.vm)
      << (task.waits ? "" : " and goes on");
}

const std::vector<Act>& shared_acts() {
  static const std::vector<Act> acts = {
      Act::kStart,          Act::kStartEx,        Act::kResume,
      Act::kKill,           Act::kShutdown,       Act::kPause,
      Act::kSuspend,        Act::kDrop,           Act::kReset,
      Act::kRestart,        Act::kLock,           Act::kUnlock,
      Act::kMount,          Act::kUmount,         Act::kClone,
      Act::kUnregister,     Act::kDelete,         Act::kDie,
      Act::kCreateSnapshot, Act::kGuestLeave,     Act::kFreeze,
      Act::kGuestReboot,    Act::kUnfreeze,       Act::kGuestSleep,
      Act::kGuestWake,      Act::kGuestHibernate, Act::kAskToPause,
      Act::kBeginEdit,      Act::kCommit,         Act::kCompact,
      Act::kCancel,         Act::kMigrate,        Act::kMigrateAsleep,
      Act::kSwitch,         Act::kDeleteSnapshot, Act::kDeleteSubtree,
      Act::kSwitchToImage,  Act::kCloneLinked,    Act::kCloneToTemplate,
      Act::kMove,           Act::kConvert};
  return acts;
}

History run_together(const Plan& plan) {
  const Library library(scenario_of(plan));
  std::vector<Handle> servers;
  for (size_t i = 0; i < plan.logins.size(); ++i) servers.push_back(log_in());
  std::optional<Neighbour> neighbour;
  if (plan.has_neighbour) neighbour.emplace(plan.profile);
  const Handle& there = neighbour ? neighbour->server : servers[0];
  const Witness witness(plan.beginnings.size());
  std::atomic<uint64_t> moment{0};
  Board board;
  std::vector<Client> clients;
  clients.reserve(plan.tasks.size());
  for (size_t i = 0; i < plan.tasks.size(); ++i) {
    clients.emplace_back(servers[plan.logins[i]], there, static_cast<uint8_t>(i), plan.logins[i],
                         plan.beginnings.size(), moment, board, plan.faults);
  }
  run_all(clients, plan);
  PrlSim_AdvanceTime(kLongMs);
  History history{
      .profile = plan.profile, .has_neighbour = plan.has_neighbour, .beginnings = plan.beginnings};
  std::vector<uint32_t> first;  // the place of each thread's first request
  uint32_t count = 0;
  for (const Client& client : clients) {
    first.push_back(count);
    count += static_cast<uint32_t>(client.requests().size());
  }
  for (const Client& client : clients) {
    for (size_t i = 0; i < client.requests().size(); ++i) {
      Request request = client.requests()[i];
      if (request.order.about) *request.order.about += first[client.about()[i]];
      history.requests.push_back(request);
    }
  }
  history.endings = witness.look(servers, history.requests);
  witness.count(history);
  if (neighbour) {
    PrlSim_UseWorld(neighbour->world);
    history.arrived = Witness(plan.beginnings.size()).look({}, history.requests);
    PrlSim_UseWorld(0);
  }
  return history;
}

}  // namespace prl::model
