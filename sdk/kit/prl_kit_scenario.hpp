// Scenarios: what a host is like at the beginning, what strikes it, and what a run should come to.
// Part of prl_kit.hpp.
#ifndef PRL_KIT_SCENARIO_HPP
#define PRL_KIT_SCENARIO_HPP

#include <cstdint>
#include <stdexcept>
#include <string>

#include "prl_kit_fault.hpp"
#include "prl_kit_handle.hpp"
#include "prl_kit_names.hpp"
#include "prl_kit_toml.hpp"
#include "prl_kit_vm.hpp"
#include "prl_sim_kit.h"

namespace prl::kit {

// What a run should come to (faults/scenario.md, [[expect]]). Only `prlsim run` looks at it.
class Expect {
 public:
  static Expect vm(const std::string& name) { return Expect("vm", name); }
  static Expect fault(const std::string& name) { return Expect("fault", name); }
  // "stopped", "running", "paused", "suspended" or "absent".
  Expect& ends(const std::string& state) {
    keys_.set_text("state", state);
    return *this;
  }
  Expect& snapshots(uint64_t count) {
    keys_.set("snapshots", std::to_string(count));
    return *this;
  }
  Expect& strikes(uint64_t times) {
    keys_.set("struck", std::to_string(times));
    return *this;
  }

  std::string toml() const { return "[[expect]]\n" + keys_.lines(); }

 private:
  Expect(const std::string& key, const std::string& name) { keys_.set_text(key, name); }

  Keys keys_;
};

// What a host is like at the beginning. The clock is `virtual`, in which no wait takes real time.
class Scenario {
 public:
  Scenario() { keys_.set_text("clock", "virtual"); }
  // What a TOML file says, or the scenario that comes with prlsim under that name ("demo"), for
  // more to be set and added. What is said in code goes before what the file says: keys, also those
  // of the host and the latencies, and users, VMs and rules with the name of one in the file, whose
  // place they take. Where the file has no clock it is `virtual`. Throws std::runtime_error where
  // there is no such file or it has a mistake: it says where.
  static Scenario file(const std::string& path) {
    Scenario scenario;
    PRL_RESULT code = PRL_ERR_SUCCESS;
    forget_complaint();
    const std::string text = text_from([&](PRL_STR toml, PRL_UINT32* length) {
      return code = PrlSim_ReadScenario(path.c_str(), toml, length);
    });
    if (PRL_FAILED(code)) {
      throw std::runtime_error("prlsim: no scenario from '" + path + "'" + complaint());
    }
    scenario.base_ = merged(text, "");
    const std::string top = "\n" + scenario.base_.substr(0, scenario.base_.find("\n["));
    if (top.find("\nclock = ") != std::string::npos) scenario.keys_ = Keys();
    return scenario;
  }
  Scenario& profile(const std::string& profile) { return text("profile", profile); }
  Scenario& clock(const std::string& clock) { return text("clock", clock); }
  Scenario& seed(uint64_t seed) { return set("seed", std::to_string(seed)); }
  // Host, VMs and images live in this folder from one world to the next; it is made where it is not
  // there. Otherwise a world is in memory, whatever PRLSIM_HOME says. No part of toml().
  Scenario& home(const std::string& folder) {
    home_ = folder;
    return *this;
  }
  // With home(): does not wait for the disk.
  Scenario& not_durable() { return set("durable", "false"); }
  // When handlers run: "free", "awaited" or "late".
  Scenario& delivery(const std::string& delivery) { return text("delivery", delivery); }
  // Resumes read all of an image before the VM runs.
  Scenario& verifies_whole() { return text("verify", "whole"); }
  // Lets requests wait so long, in virtual time, for what is being done to their VM.
  Scenario& lock_wait_ms(uint64_t ms) { return set("lock_wait_ms", std::to_string(ms)); }
  // Desktop sends states only, not what its VM processes say before them.
  Scenario& without_raw_events() { return set("raw_events", "false"); }
  // How long things take: "instant", "desktop-ssd", and for an operation as TOML has it: "boot",
  // "{ ms = 5 }".
  Scenario& latencies(const std::string& preset) {
    latencies_.set_text("preset", preset);
    return *this;
  }
  Scenario& latency(const std::string& operation, const std::string& value) {
    latencies_.set(operation, value);
    return *this;
  }
  Scenario& set(const std::string& key, const std::string& value) {
    keys_.set(key, value);
    return *this;
  }
  // A user of the host; without any it lets in whoever names one.
  Scenario& user(const std::string& name, const std::string& password) {
    return add("[[user]]\n" + login(name, password).lines());
  }
  // One who may do with VMs only what their owners allow.
  Scenario& plain_user(const std::string& name, const std::string& password) {
    Keys keys = login(name, password);
    keys.set("administrator", "false");
    return add("[[user]]\n" + keys.lines());
  }
  // A key of [host], with a value as TOML writes it.
  Scenario& host(const std::string& key, const std::string& value) {
    host_.set(key, value);
    return *this;
  }
  // A property of the host, of the preferences of its service or of the user's profile by its path,
  // with a value as TOML writes it: "OsVersion.Major", "14".
  Scenario& host_setting(const std::string& path, const std::string& value) {
    return host("settings." + path, value);
  }
  Scenario& preference(const std::string& path, const std::string& value) {
    return host("preferences." + path, value);
  }
  Scenario& user_profile(const std::string& path, const std::string& value) {
    return host("user_profile." + path, value);
  }
  Scenario& add(const Vm& vm) {
    tables_ += "\n" + vm.toml();
    return *this;
  }
  // Rules are asked in the order in which they were added.
  Scenario& add(const Fault& fault) {
    tables_ += "\n" + fault.toml();
    return *this;
  }
  Scenario& add(const Expect& expectation) {
    tables_ += "\n" + expectation.toml();
    return *this;
  }
  // More of a scenario, as TOML, behind what there is: tables, and not the keys of the top, of
  // which a Scenario has its own (clock() and so on), so no whole file.
  Scenario& add(const std::string& toml) {
    tables_ += "\n" + toml + "\n";
    return *this;
  }

  // Empty: in memory.
  const std::string& home_folder() const { return home_; }
  // The keys at the top that were set in code, a blank between two. They go before the environment,
  // and that goes before those of a file.
  std::string keys_of_code() const { return keys_.names(); }

  // The whole scenario file: saved, it gives `prlsim run --scenario` the same host. Throws where
  // there is a file below what was added in code, and that is no TOML.
  std::string toml() const {
    const std::string own = keys_.lines() + (host_.empty() ? "" : "[host]\n" + host_.lines()) +
                            (latencies_.empty() ? "" : "[latency]\n" + latencies_.lines()) +
                            tables_;
    return base_.empty() ? own : merged(base_, own);
  }

 private:
  static std::string merged(const std::string& base, const std::string& over) {
    PRL_RESULT code = PRL_ERR_SUCCESS;
    forget_complaint();
    const std::string text = text_from([&](PRL_STR toml, PRL_UINT32* length) {
      return code = PrlSim_MergeScenarios(base.c_str(), over.c_str(), toml, length);
    });
    if (PRL_FAILED(code)) {
      throw std::runtime_error("prlsim: this is no TOML" + complaint() + "\n" + over);
    }
    return text;
  }
  Scenario& text(const std::string& key, const std::string& value) {
    return set(key, quoted(value));
  }
  static Keys login(const std::string& name, const std::string& password) {
    Keys keys;
    keys.set_text("name", name);
    keys.set_text("password", password);
    return keys;
  }

  std::string base_;  // of a file
  std::string home_;
  Keys keys_;
  Keys host_;
  Keys latencies_;
  std::string tables_;
};

}  // namespace prl::kit

#endif  // PRL_KIT_SCENARIO_HPP
