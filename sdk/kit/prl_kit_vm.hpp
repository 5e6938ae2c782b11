// The VMs of a scenario, with the snapshots that they have and the programs that their guests can
// run. Part of prl_kit.hpp.
#ifndef PRL_KIT_VM_HPP
#define PRL_KIT_VM_HPP

#include <cstdint>
#include <string>
#include <vector>

#include "prl_kit_device.hpp"
#include "prl_kit_toml.hpp"

namespace prl::kit {

// A snapshot that a VM has from the beginning, of the stopped VM unless it says otherwise.
class Snapshot {
 public:
  explicit Snapshot(const std::string& name) { keys_.set_text("name", name); }
  Snapshot& uuid(const std::string& uuid) { return text("uuid", uuid); }
  Snapshot& description(const std::string& words) { return text("description", words); }
  // One that was added before, by name or uuid.
  Snapshot& below(const std::string& parent) { return text("parent", parent); }
  // With memory.
  Snapshot& of_running() { return text("state", "running"); }
  Snapshot& of_paused() { return text("state", "paused"); }
  Snapshot& of_suspended() { return text("state", "suspended"); }
  // The VM stands on it; otherwise on the last one.
  Snapshot& current() {
    keys_.set("current", "true");
    return *this;
  }

  std::string toml() const { return "\n[[vm.snapshot]]\n" + keys_.lines(); }

 private:
  Snapshot& text(const std::string& key, const std::string& value) {
    keys_.set_text(key, value);
    return *this;
  }

  Keys keys_;
};

// A program that a guest can run. Without arguments: whatever they are.
class Program {
 public:
  explicit Program(const std::string& name) { keys_.set_text("name", name); }
  Program& arguments(const std::vector<std::string>& arguments) {
    keys_.set("arguments", array_of(arguments));
    return *this;
  }
  Program& writes(const std::string& output) {
    keys_.set_text("stdout", output);
    return *this;
  }
  Program& complains(const std::string& output) {
    keys_.set_text("stderr", output);
    return *this;
  }
  Program& ends_with(uint32_t exit_code) {
    keys_.set("exit_code", std::to_string(exit_code));
    return *this;
  }
  Program& lasts(uint64_t duration_ms) {
    keys_.set("duration_ms", std::to_string(duration_ms));
    return *this;
  }

  std::string toml() const { return "\n[[vm.program]]\n" + keys_.lines(); }

 private:
  Keys keys_;
};

// A VM that the host has from the beginning (faults/scenario.md, [[vm]]).
class Vm {
 public:
  explicit Vm(const std::string& name) { keys_.set_text("name", name); }
  Vm& uuid(const std::string& uuid) { return text("uuid", uuid); }
  // The guest system: "Ubuntu Linux".
  Vm& os(const std::string& name) { return text("os", name); }
  Vm& ram_mib(uint64_t mib) { return number("ram_mib", mib); }
  Vm& cpus(uint32_t count) { return number("cpus", count); }
  Vm& stopped() { return text("state", "stopped"); }
  Vm& running() { return text("state", "running"); }
  Vm& paused() { return text("state", "paused"); }
  Vm& suspended() { return text("state", "suspended"); }
  // A graceful stop runs into its limit.
  Vm& ignores_shutdown() {
    keys_.set("ignores_shutdown", "true");
    return *this;
  }
  // The user of the host to whom it belongs, and what others may do with it: "no", "view", "run" or
  // "full".
  Vm& owner(const std::string& user) { return text("owner", user); }
  Vm& shared(const std::string& level) { return text("shared", level); }
  // What a pause with bAcpi makes it do: "pause", "suspend", "stop" or "ignore".
  Vm& asked_to_sleep(const std::string& answer) { return text("asked_to_sleep", answer); }
  Vm& tools() {
    keys_.set("tools", "true");
    return *this;
  }
  // While it runs the guest writes so many pages of 4 KiB of its working set in each ms of virtual
  // time: one after the other, at random, or few of them often and most of them seldom.
  Vm& writes(uint64_t working_set_mib, uint64_t pages_per_ms) {
    return workload("writer", working_set_mib, pages_per_ms);
  }
  Vm& writes_at_random(uint64_t working_set_mib, uint64_t pages_per_ms) {
    return workload("random", working_set_mib, pages_per_ms);
  }
  Vm& writes_hot_and_cold(uint64_t working_set_mib, uint64_t pages_per_ms) {
    return workload("zipf", working_set_mib, pages_per_ms);
  }
  // It writes ever more pages, so many in each ms, up to that limit; with a pattern every 8 bytes
  // hold their own address, which begins at 1 MiB.
  Vm& grows(uint64_t limit_mib, uint64_t pages_per_ms) {
    return workload("growing", limit_mib, pages_per_ms);
  }
  Vm& fills_with_pattern(uint64_t limit_mib, uint64_t pages_per_ms) {
    return workload("pattern", limit_mib, pages_per_ms);
  }
  // A user of the guest, whom clients can log in as where it has tools.
  Vm& user(const std::string& name, const std::string& password) {
    Keys keys;
    keys.set_text("name", name);
    keys.set_text("password", password);
    tables_ += "\n[[vm.user]]\n" + keys.lines();
    return *this;
  }
  Vm& add(const Program& program) { return add_table(program.toml()); }
  // A parent comes before what grew out of it.
  Vm& add(const Snapshot& snapshot) { return add_table(snapshot.toml()); }
  // Devices have the order in which they were added.
  template <class Kind>
  Vm& add(const Device<Kind>& device) {
    return add_table(device.toml());
  }
  // A property of its configuration by its path, with a value as TOML writes it:
  // "Hardware.Video.VideoMemorySize", "128".
  Vm& setting(const std::string& path, const std::string& value) {
    return set("settings." + path, value);
  }
  // Any other key, with a value as TOML writes it.
  Vm& set(const std::string& key, const std::string& value) {
    keys_.set(key, value);
    return *this;
  }

  std::string toml() const { return "[[vm]]\n" + keys_.lines() + tables_; }

 private:
  Vm& add_table(const std::string& toml) {
    tables_ += toml;
    return *this;
  }
  Vm& text(const std::string& key, const std::string& value) {
    keys_.set_text(key, value);
    return *this;
  }
  Vm& number(const std::string& key, uint64_t value) {
    keys_.set(key, std::to_string(value));
    return *this;
  }
  Vm& workload(const std::string& kind, uint64_t working_set_mib, uint64_t pages_per_ms) {
    Keys workload;
    workload.set_text("kind", kind);
    workload.set("working_set_mib", std::to_string(working_set_mib));
    workload.set("pages_per_ms", std::to_string(pages_per_ms));
    keys_.set("workload", workload.inline_table());
    return *this;
  }

  Keys keys_;
  std::string tables_;
};

}  // namespace prl::kit

#endif  // PRL_KIT_VM_HPP
