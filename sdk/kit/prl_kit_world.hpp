// A simulated host to be built, changed and asked. Part of prl_kit.hpp.
#ifndef PRL_KIT_WORLD_HPP
#define PRL_KIT_WORLD_HPP

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "prl_kit_handle.hpp"
#include "prl_kit_names.hpp"
#include "prl_kit_scenario.hpp"
#include "prl_kit_trace.hpp"
#include "prl_sim.h"

namespace prl::kit {

// A simulated host, from construction to the end of the object: one PrlApi_Init of its own, so that
// the host outlives Init and Deinit of the client. What its scenario sets in code goes before the
// environment, and that (PRLSIM_SEED and so on) before a file of Scenario::file(); PRLSIM_HOME and
// PRLSIM_SCENARIO do not count. Throws std::runtime_error where the scenario has
// a mistake: it says where; and where the process has a host already.
class World {
 public:
  explicit World(const Scenario& scenario = Scenario(), PRL_UINT32 trace_lines = 100'000)
      : toml_(scenario.toml()) {
    if (is_there()) {
      throw std::runtime_error(
          "prlsim: there is a host already: a World that has not ended, or an Init without Deinit");
    }
    PrlSim_SetScenario(toml_.c_str());
    PrlSim_PreferScenario(scenario.keys_of_code().c_str());
    PrlSim_SetHome(scenario.home_folder().c_str());
    PrlSim_KeepTrace(trace_lines);
    PrlSim_KeepLedger(1);
    forget_complaint();
    const PRL_RESULT code = PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0);
    if (PRL_FAILED(code)) {
      forget();
      throw std::runtime_error("prlsim: " + name_of(code) + " from Init" + complaint() +
                               "\nThe scenario:\n" + toml_);
    }
    PrlSim_GetSeed(&seed_);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { end(); }

  // Ends the host, if it has not ended: from then on ledger_text() names what the client never
  // freed. Ends it too where the client has an Init of its own still: nothing of this host is to be
  // found in the next.
  void end() {
    if (has_ended_) return;
    last_time_ms_ = time_ms();
    has_ended_ = true;
    last_trace_ = current_trace();
    last_rules_ = current_rules();
    server_.reset();
    PrlApi_Deinit();
    for (; is_there(); ++inits_left_) {
      if (PRL_FAILED(PrlApi_Deinit())) break;
    }
    forget();
  }
  // How many Inits of the client had no Deinit when the host ended.
  size_t inits_left() const { return inits_left_; }

  const std::string& toml() const { return toml_; }

  // A connection of the test's own, beside those of the client; made at the first use.
  PRL_HANDLE server() {
    if (!server_) {
      if (PRL_FAILED(PrlSrv_Create(server_.out()))) throw std::runtime_error("prlsim: no server");
      const JobEnd end = finish(PrlSrv_LoginLocal(server_.get(), "", 0, PSL_HIGH_SECURITY));
      if (PRL_FAILED(end.code)) throw std::runtime_error("prlsim: login: " + name_of(end.code));
    }
    return server_.get();
  }
  // The VM of this name; none where there is none.
  Handle vm(const std::string& name) {
    const JobEnd end = finish(PrlSrv_GetVmConfig(server(), name.c_str(), PGVC_SEARCH_BY_NAME));
    Handle vm;
    if (end.result) PrlResult_GetParam(end.result.get(), vm.out());
    return vm;
  }
  // Its state, without a trace of the question; VMS_UNKNOWN where there is none of this name.
  VIRTUAL_MACHINE_STATE state(const std::string& name) const {
    VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
    PrlSim_GetVmState(name.c_str(), &state);
    return state;
  }

  // Also when it has ended.
  uint64_t seed() const { return seed_; }
  // When it has ended: the time at its end.
  uint64_t time_ms() const {
    if (has_ended_) return last_time_ms_;
    PRL_UINT64 time_ms = 0;
    PrlSim_GetTime(&time_ms);
    return time_ms;
  }
  // PrlSim_AddFaults: behind the rules that there are. Throws where there is a mistake in it, and
  // says where.
  void add(const Fault& fault) {
    forget_complaint();
    const PRL_RESULT code = PrlSim_AddFaults(fault.toml().c_str());
    if (PRL_FAILED(code)) {
      throw std::runtime_error("prlsim: " + name_of(code) + " from a fault" + complaint());
    }
  }
  void clear_faults() { PrlSim_ClearFaults(); }
  // PrlSim_Strike: what the host or a guest does by itself, now. Throws where that cannot be.
  void strike(const std::string& kind, const std::string& vm = "") {
    const PRL_RESULT code = PrlSim_Strike(kind.c_str(), vm.empty() ? nullptr : vm.c_str(), 0);
    if (PRL_FAILED(code)) {
      throw std::runtime_error("prlsim: " + name_of(code) + " from '" + kind + "' " + vm);
    }
  }
  // Some of them by name.
  void freeze(const std::string& vm) { strike("freeze", vm); }
  void panic(const std::string& vm) { strike("guest_panic", vm); }
  void crash(const std::string& vm) { strike("kill_vm", vm); }
  void fall_asleep(const std::string& vm) { strike("guest_sleep", vm); }
  void wake_up(const std::string& vm) { strike("guest_wake", vm); }
  // Throws where the clock is neither `virtual` nor `manual`.
  void advance(uint64_t delta_ms) { check(PrlSim_AdvanceTime(delta_ms), "no time to move"); }
  // PrlSim_AwaitHandlers: until handlers have returned from all that they were told. Throws where
  // they have not in that time on the wall, and in a handler.
  void await_handlers(PRL_UINT32 timeout_ms = 10'000) {
    check(PrlSim_AwaitHandlers(timeout_ms), "what handlers are told");
  }

  // Memory and registers of a VM's guest, as PrlSim_ReadGuestMemory and its kin have them; they
  // throw where those fail. The VM is looked up by name, which is a job in the trace.
  void read_memory(const std::string& name, uint64_t address, void* bytes, uint64_t count) {
    check(PrlSim_ReadGuestMemory(vm(name).get(), address, bytes, count), "memory of " + name);
  }
  void write_memory(const std::string& name, uint64_t address, const void* bytes, uint64_t count) {
    check(PrlSim_WriteGuestMemory(vm(name).get(), address, bytes, count), "memory of " + name);
  }
  PrlSim_Registers registers(const std::string& name, PRL_UINT32 vcpu = 0) {
    PrlSim_Registers registers;
    check(PrlSim_GetRegisters(vm(name).get(), vcpu, &registers), "registers of " + name);
    return registers;
  }
  void set_registers(const std::string& name, const PrlSim_Registers& registers,
                     PRL_UINT32 vcpu = 0) {
    check(PrlSim_SetRegisters(vm(name).get(), vcpu, &registers), "registers of " + name);
  }

  // The trace so far, the oldest line first. Calls of the test's own connection are in it.
  std::vector<TraceLine> trace() const { return has_ended_ ? last_trace_ : current_trace(); }
  // Each wait that nothing but its own timeout could end (clock `virtual`): when, and which jobs
  // were unfinished, why, and in which state their VMs were. Only the loss of the connection, a
  // logoff or the end of the world ends such a job.
  std::vector<TraceLine> hangs() const {
    std::vector<TraceLine> lines = trace();
    lines.erase(std::remove_if(lines.begin(), lines.end(),
                               [](const TraceLine& line) { return line.kind != "hang"; }),
                lines.end());
    return lines;
  }
  // How often a function of the API was called, by handlers too. Throws where there is none of that
  // name.
  size_t calls(const std::string& function) const {
    refuse(unknown_function(function));
    return calls_in(trace(), function);
  }
  // How often a fault rule has struck. Throws where the host has had none of that name.
  size_t strikes(const std::string& rule) const {
    refuse(unknown_rule(rule, rules()));
    return strikes_in(trace(), rule);
  }
  // The names of all fault rules that the host has had, one a line; also when it has ended.
  std::string rules() const { return has_ended_ ? last_rules_ : current_rules(); }

 private:
  static bool is_there() {
    PRL_UINT64 time_ms = 0;
    return PRL_SUCCEEDED(PrlSim_GetTime(&time_ms));
  }
  static void check(PRL_RESULT code, const std::string& what) {
    if (PRL_FAILED(code)) throw std::runtime_error("prlsim: " + what + ": " + name_of(code));
  }
  static void refuse(const std::string& why) {
    if (!why.empty()) throw std::runtime_error("prlsim: " + why);
  }
  // What was asked for counts for Inits to come, and they are not this world's.
  static void forget() {
    PrlSim_SetScenario(nullptr);
    PrlSim_PreferScenario(nullptr);
    PrlSim_SetHome(nullptr);
    PrlSim_KeepTrace(0);
    PrlSim_KeepLedger(0);
  }

  const std::string toml_;
  PRL_UINT64 seed_ = 0;
  bool has_ended_ = false;
  uint64_t last_time_ms_ = 0;
  size_t inits_left_ = 0;
  Handle server_;
  std::vector<TraceLine> last_trace_;
  std::string last_rules_;
};

}  // namespace prl::kit

#endif  // PRL_KIT_WORLD_HPP
