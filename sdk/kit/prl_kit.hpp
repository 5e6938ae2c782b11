// Tests of clients in C++: worlds built in code, faults added to them, time moved, and what has
// happened asked for. Header only, C++17, over prl_sim.h; include it in test code alone, and link
// the library as the client does.
//
//   prl::kit::World world(prl::kit::Scenario()
//                             .add(prl::kit::Vm("web").running())
//                             .add(prl::kit::Fault("late").call("PrlVm_Suspend").time_out(5000)));
//   EXPECT_EQ(suspend_all(), 1);              // the client under test
//   EXPECT_EQ(world.calls("PrlVm_Suspend"), 2u);
//
// A process has one world at a time. Calls of one world may come from any thread, as those of the
// API; the builders are plain values.
#ifndef PRL_KIT_HPP
#define PRL_KIT_HPP

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iomanip>
#include <locale>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "prl_sim.h"

namespace prl::kit {

// ---- Words ------------------------------------------------------------------------------------

// "PRL_ERR_TIMEOUT"; a number where there is no name.
inline std::string name_of(PRL_RESULT code) {
  const char* name = prl_result_to_string(code);
  if (name && *name) return name;
  std::ostringstream text;
  text << "0x" << std::hex << static_cast<uint32_t>(code);
  return text.str();
}

// "VMS_SUSPENDED"
inline std::string name_of(VIRTUAL_MACHINE_STATE state) {
  switch (state) {
    case VMS_UNKNOWN:
      return "VMS_UNKNOWN";
    case VMS_STOPPED:
      return "VMS_STOPPED";
    case VMS_STARTING:
      return "VMS_STARTING";
    case VMS_RESTORING:
      return "VMS_RESTORING";
    case VMS_RUNNING:
      return "VMS_RUNNING";
    case VMS_PAUSED:
      return "VMS_PAUSED";
    case VMS_SUSPENDING:
      return "VMS_SUSPENDING";
    case VMS_STOPPING:
      return "VMS_STOPPING";
    case VMS_COMPACTING:
      return "VMS_COMPACTING";
    case VMS_SUSPENDED:
      return "VMS_SUSPENDED";
    case VMS_SNAPSHOTING:
      return "VMS_SNAPSHOTING";
    case VMS_RESETTING:
      return "VMS_RESETTING";
    case VMS_PAUSING:
      return "VMS_PAUSING";
    case VMS_CONTINUING:
      return "VMS_CONTINUING";
    case VMS_DELETING_STATE:
      return "VMS_DELETING_STATE";
    case VMS_RESUMING:
      return "VMS_RESUMING";
    case VMS_SUSPENDING_SYNC:
      return "VMS_SUSPENDING_SYNC";
    default:
      break;
  }
  return "VM state " + std::to_string(static_cast<uint32_t>(state));
}

// What a function that fills a buffer says (core-api 6); empty where it fails.
template <class Get>
std::string text_from(Get get) {
  PRL_UINT32 length = 0;
  if (PRL_FAILED(get(static_cast<PRL_STR>(nullptr), &length)) || length == 0) return {};
  std::string text(length, '\0');
  if (PRL_FAILED(get(text.data(), &length)) || length == 0) return {};
  text.resize(length - 1);
  return text;
}

// ---- Handles and jobs -------------------------------------------------------------------------

// Owns one reference to a handle.
class Handle {
 public:
  Handle() = default;
  explicit Handle(PRL_HANDLE handle) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Handle() { reset(); }

  PRL_HANDLE get() const { return handle_; }
  explicit operator bool() const { return handle_ != PRL_INVALID_HANDLE; }
  // For functions that return a handle through a pointer. Frees what was there.
  PRL_HANDLE* out() {
    reset();
    return &handle_;
  }
  void reset() {
    if (handle_ != PRL_INVALID_HANDLE) PrlHandle_Free(std::exchange(handle_, nullptr));
  }

 private:
  PRL_HANDLE handle_ = PRL_INVALID_HANDLE;
};

// How a job ended.
struct JobEnd {
  PRL_RESULT code = PRL_ERR_UNINITIALIZED;  // its own; that of the wait, where it did not end
  bool has_ended = false;
  Handle result;  // none where it did not end
};

// Waits for the job and frees it. `timeout_ms` in time of the world's clock.
inline JobEnd finish(PRL_HANDLE job, PRL_UINT32 timeout_ms = 60'000) {
  const Handle owner(job);
  JobEnd end;
  end.code = PrlJob_Wait(job, timeout_ms);
  if (PRL_FAILED(end.code)) return end;
  end.has_ended = true;
  PrlJob_GetRetCode(job, &end.code);
  PrlJob_GetResult(job, end.result.out());
  return end;
}

// The state of the VM at this moment, as the library tells it.
inline VIRTUAL_MACHINE_STATE state_of(PRL_HANDLE vm) {
  Handle info;
  VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
  if (PRL_FAILED(PrlVmCfg_GetVmInfo(vm, info.out()))) return VMS_UNKNOWN;
  PrlVmInfo_GetState(info.get(), &state);
  return state;
}

// ---- Scenarios --------------------------------------------------------------------------------

// A text as TOML writes it.
inline std::string quoted(const std::string& text) {
  static const char kDigits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += std::string("\\u00") + kDigits[byte >> 4] + kDigits[byte & 15];
    } else {
      out += letter;
    }
  }
  return out + "\"";
}

// Keys and values of one table, in the order in which they were set. Of a key that is set twice the
// second counts.
class Keys {
 public:
  void set(const std::string& key, std::string value) {
    for (auto& [known, old] : pairs_) {
      if (known == key) {
        old = std::move(value);
        return;
      }
    }
    pairs_.emplace_back(key, std::move(value));
  }
  void set_text(const std::string& key, const std::string& text) { set(key, quoted(text)); }
  bool empty() const { return pairs_.empty(); }
  std::string lines() const {
    std::string text;
    for (const auto& [key, value] : pairs_) text += key + " = " + value + "\n";
    return text;
  }
  std::string inline_table() const {
    std::string text;
    for (const auto& [key, value] : pairs_) {
      text += (text.empty() ? "{ " : ", ") + key + " = " + value;
    }
    return text.empty() ? "{}" : text + " }";
  }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// What all devices of a VM have (faults/scenario.md, Devices).
template <class Self>
class Device {
 public:
  // Part of the machine, but not plugged in.
  Self& disconnected() { return set("connected", "false"); }
  Self& disabled() { return set("enabled", "false"); }
  // A property of it by its path, with a value as TOML writes it: "SerialNumber", "\"WD-1\"".
  Self& setting(const std::string& path, const std::string& value) {
    return set("settings." + path, value);
  }
  // Any other key.
  Self& set(const std::string& key, const std::string& value) {
    keys_.set(key, value);
    return static_cast<Self&>(*this);
  }

  std::string toml() const { return "\n[[vm." + table_ + "]]\n" + keys_.lines(); }

 protected:
  explicit Device(std::string table) : table_(std::move(table)) {}
  Self& text(const std::string& key, const std::string& value) { return set(key, quoted(value)); }
  Self& number(const std::string& key, uint64_t value) { return set(key, std::to_string(value)); }

 private:
  std::string table_;
  Keys keys_;
};

class Disk : public Device<Disk> {
 public:
  explicit Disk(uint64_t size_mib) : Device("disk") { number("size_mib", size_mib); }
  Disk& plain() { return text("kind", "plain"); }
  // "ide", "scsi", "sata" or "nvme"; the first slot that is free.
  Disk& on(const std::string& interface) { return text("interface", interface); }
  Disk& on(const std::string& interface, uint64_t slot) {
    return on(interface).number("slot", slot);
  }
  Disk& file(const std::string& name) { return text("file", name); }
  Disk& without_image() { return set("has_image", "false"); }
};

class OpticalDrive : public Device<OpticalDrive> {
 public:
  OpticalDrive() : Device("optical_drive") {}
  OpticalDrive& file(const std::string& image) { return text("file", image); }
  OpticalDrive& host_device(const std::string& name) { return text("host_device", name); }
  OpticalDrive& on(const std::string& interface) { return text("interface", interface); }
  OpticalDrive& on(const std::string& interface, uint64_t slot) {
    return on(interface).number("slot", slot);
  }
};

class FloppyDrive : public Device<FloppyDrive> {
 public:
  FloppyDrive() : Device("floppy_drive") {}
  FloppyDrive& file(const std::string& image) { return text("file", image); }
  FloppyDrive& host_device(const std::string& name) { return text("host_device", name); }
};

class NetworkAdapter : public Device<NetworkAdapter> {
 public:
  // "host_only", "shared", "bridged", "direct" or "routed".
  explicit NetworkAdapter(const std::string& type) : Device("network_adapter") {
    text("type", type);
  }
  NetworkAdapter& mac(const std::string& address) { return text("mac", address); }
  // "rtl", "e1000", "virtio" or "e1000e".
  NetworkAdapter& card(const std::string& card) { return text("card", card); }
  NetworkAdapter& network(const std::string& identity) { return text("network", identity); }
};

class SerialPort : public Device<SerialPort> {
 public:
  SerialPort() : Device("serial_port") {}
  SerialPort& output_file(const std::string& name) { return text("output_file", name); }
  SerialPort& host_device(const std::string& name) { return text("host_device", name); }
  SerialPort& serves(const std::string& socket) { return text("socket", socket); }
  SerialPort& connects_to(const std::string& socket) {
    return text("socket", socket).text("socket_mode", "client");
  }
};

class ParallelPort : public Device<ParallelPort> {
 public:
  ParallelPort() : Device("parallel_port") {}
  ParallelPort& output_file(const std::string& name) { return text("output_file", name); }
  ParallelPort& host_device(const std::string& name) { return text("host_device", name); }
};

class SoundDevice : public Device<SoundDevice> {
 public:
  SoundDevice() : Device("sound_device") {}
};

class UsbController : public Device<UsbController> {
 public:
  UsbController() : Device("usb_controller") {}
};

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
    std::string list;
    for (const std::string& one : arguments) list += (list.empty() ? "" : ", ") + quoted(one);
    keys_.set("arguments", "[" + list + "]");
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

// A fault rule (faults/scenario.md, [[fault]]): what it watches, when it strikes, what it does.
// Without a trigger it strikes once, the first time.
class Fault {
 public:
  explicit Fault(const std::string& name) { keys_.set_text("name", name); }

  // -- What it watches: jobs, unless a layer is named.
  Fault& call(const std::string& function) { return match_text("call", function); }
  Fault& vm(const std::string& name) { return match_text("vm", name); }
  // Calls of the API, before they do anything.
  Fault& in_calls() { return match_text("layer", "call"); }
  // A VM that enters a state, "STARTING"; from another one, where that is named.
  Fault& entering(const std::string& state) {
    return match_text("layer", "transition").match_text("to", state);
  }
  Fault& entering(const std::string& state, const std::string& from) {
    return entering(state).match_text("from", from);
  }
  // What a session is told, "PET_DSP_EVT_VM_STATE_CHANGED".
  Fault& event(const std::string& type) {
    return match_text("layer", "event").match_text("event", type);
  }
  // A step on files of the host, "write" on "*.sav*".
  Fault& storage(const std::string& step, const std::string& path) {
    return match_text("layer", "storage").match_text("step", step).match_text("path", path);
  }
  // An object of that type that a call hands out: "PHT_JOB", "*".
  Fault& object(const std::string& type) {
    return match_text("layer", "memory").match_text("object", type);
  }
  // Of the VM when the job starts, "RUNNING".
  Fault& in_state(const std::string& state) { return match_text("state", state); }
  // The how-manieth login.
  Fault& session(uint64_t number) { return match("session", std::to_string(number)); }
  Fault& after(uint64_t time_ms) { return match("after_ms", std::to_string(time_ms)); }
  Fault& before(uint64_t time_ms) { return match("before_ms", std::to_string(time_ms)); }
  // Any other key of `match`, with a value as TOML writes it.
  Fault& match(const std::string& key, const std::string& value) {
    match_.set(key, value);
    return *this;
  }

  // -- When it strikes.
  Fault& skip(uint64_t count) { return trigger("skip", std::to_string(count)); }
  Fault& times(uint64_t count) { return trigger("count", std::to_string(count)); }
  Fault& always() { return times(0); }
  Fault& every(uint64_t count) { return trigger("every", std::to_string(count)); }
  // Exactly these points, counted from 1 and rising.
  Fault& at_points(const std::vector<uint64_t>& points) {
    std::string list;
    for (const uint64_t point : points) list += (list.empty() ? "" : ", ") + std::to_string(point);
    return trigger("points", "[" + list + "]");
  }
  // Drawn for each point, and once for the whole run.
  Fault& probability(double probability) { return trigger("probability", number(probability)); }
  Fault& live(double probability) { return trigger("live", number(probability)); }
  Fault& trigger(const std::string& key, const std::string& value) {
    trigger_.set(key, value);
    return *this;
  }

  // -- What it does.
  Fault& fail(PRL_RESULT code) {
    effect_.set("code", std::to_string(code));
    return kind("fail");
  }
  Fault& hang() { return kind("hang"); }
  Fault& delay(uint64_t delay_ms) { return kind("delay").lasting(delay_ms); }
  // The job reports a timeout, and happens all the same, so much later than it would have.
  Fault& time_out(uint64_t delay_ms) { return kind("time_out").lasting(delay_ms); }
  // The job succeeds, and its report never comes; nor does an event.
  Fault& lose() { return kind("lose"); }
  Fault& duplicate() { return kind("duplicate"); }
  Fault& reorder() { return kind("reorder"); }
  Fault& no_memory() { return kind("no_memory"); }
  Fault& kill_vm() { return kind("kill_vm"); }
  Fault& disconnect() { return kind("disconnect"); }
  Fault& restart_service(uint64_t down_ms) { return kind("restart_service").lasting(down_ms); }
  Fault& power_cut(uint64_t down_ms) { return kind("power_cut").lasting(down_ms); }
  // The host asks about the VM; without choices it takes any answer.
  Fault& ask(PRL_RESULT question, const std::vector<PRL_RESULT>& choices = {}) {
    std::string list;
    for (const PRL_RESULT one : choices) list += (list.empty() ? "" : ", ") + std::to_string(one);
    effect_.set("code", std::to_string(question));
    if (!choices.empty()) effect_.set("choices", "[" + list + "]");
    return kind("ask");
  }
  Fault& jump_clock(int64_t seconds) {
    return kind("jump_clock").effect("jump_s", std::to_string(seconds));
  }
  // Of the message of the code.
  Fault& parameters(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + quoted(text);
    return effect("parameters", "[" + list + "]");
  }
  // Where in the job: the default is its middle.
  Fault& at_start() { return at("start"); }
  Fault& at_end() { return at("end"); }
  // Any other kind of effect, such as "guest_panic" or "no_space", and any other key of it.
  Fault& kind(const std::string& kind) { return effect("kind", quoted(kind)); }
  Fault& effect(const std::string& key, const std::string& value) {
    effect_.set(key, value);
    return *this;
  }

  std::string toml() const {
    Keys keys = keys_;
    if (!match_.empty()) keys.set("match", match_.inline_table());
    if (!trigger_.empty()) keys.set("trigger", trigger_.inline_table());
    keys.set("effect", effect_.inline_table());
    return "[[fault]]\n" + keys.lines();
  }

 private:
  Fault& match_text(const std::string& key, const std::string& value) {
    return match(key, quoted(value));
  }
  Fault& at(const std::string& phase) { return effect("at", quoted(phase)); }
  Fault& lasting(uint64_t delay_ms) { return effect("delay_ms", std::to_string(delay_ms)); }
  static std::string number(double value) {
    std::ostringstream text;
    text.imbue(std::locale::classic());
    text << std::setprecision(17) << value;
    return text.str();
  }

  Keys keys_;
  Keys match_;
  Keys trigger_;
  Keys effect_;
};

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
  Scenario& profile(const std::string& profile) { return text("profile", profile); }
  Scenario& clock(const std::string& clock) { return text("clock", clock); }
  Scenario& seed(uint64_t seed) { return set("seed", std::to_string(seed)); }
  // With PRLSIM_HOME: does not wait for the disk.
  Scenario& not_durable() { return set("durable", "false"); }
  // Resumes read all of an image before the VM runs.
  Scenario& verifies_whole() { return text("verify", "whole"); }
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
    Keys keys;
    keys.set_text("name", name);
    keys.set_text("password", password);
    return add("[[user]]\n" + keys.lines());
  }
  // One who may do with VMs only what their owners allow.
  Scenario& plain_user(const std::string& name, const std::string& password) {
    Keys keys;
    keys.set_text("name", name);
    keys.set_text("password", password);
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
  // More of a scenario, as TOML.
  Scenario& add(const std::string& toml) {
    tables_ += "\n" + toml + "\n";
    return *this;
  }

  // The whole scenario file: saved, it gives `prlsim run --scenario` the same host.
  std::string toml() const {
    return keys_.lines() + (host_.empty() ? "" : "[host]\n" + host_.lines()) +
           (latencies_.empty() ? "" : "[latency]\n" + latencies_.lines()) + tables_;
  }

 private:
  Scenario& text(const std::string& key, const std::string& value) {
    return set(key, quoted(value));
  }

  Keys keys_;
  Keys host_;
  Keys latencies_;
  std::string tables_;
};

// ---- Worlds -----------------------------------------------------------------------------------

// A line of the trace.
struct TraceLine {
  uint64_t time_ms = 0;
  std::string kind;  // "call", "handler" (a call made by a handler), "job", "state", "fault", ...
  std::string text;  // "PrlVm_Start = job"

  std::string line() const { return std::to_string(time_ms) + " ms " + kind + " " + text; }
};

inline std::vector<TraceLine> parse_trace(const std::string& text) {
  std::vector<TraceLine> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    TraceLine found;
    if (!(words >> found.time_ms)) words.clear();  // what a handler does has no time of its own
    words >> found.kind >> std::ws;
    std::getline(words, found.text);
    lines.push_back(std::move(found));
  }
  return lines;
}

// The handles that are alive, or were never freed, and the misuses of handles: a line for each.
inline std::string ledger_text() {
  return text_from(
      [](PRL_STR text, PRL_UINT32* length) { return PrlSim_GetLedgerText(text, length); });
}

struct LedgerCounts {
  PRL_UINT32 live = 0;
  PRL_UINT32 misuses = 0;
};
inline LedgerCounts ledger_counts() {
  LedgerCounts counts;
  PrlSim_GetLedgerCounts(&counts.live, &counts.misuses);
  return counts;
}

// The last lines of the trace of the world that is there; empty where there is none.
inline std::vector<TraceLine> current_trace() {
  return parse_trace(
      text_from([](PRL_STR text, PRL_UINT32* length) { return PrlSim_GetTrace(text, length); }));
}

// A simulated host, from construction to the end of the object: one PrlApi_Init of its own, so that
// the host outlives Init and Deinit of the client. Throws std::runtime_error where the scenario has
// a mistake; the library has then said on stderr where.
class World {
 public:
  explicit World(const Scenario& scenario = Scenario(), PRL_UINT32 trace_lines = 100'000)
      : toml_(scenario.toml()) {
    PrlSim_SetScenario(toml_.c_str());
    PrlSim_KeepTrace(trace_lines);
    PrlSim_KeepLedger(1);
    const PRL_RESULT code = PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0);
    if (PRL_FAILED(code)) {
      forget();
      throw std::runtime_error("prlsim: " + name_of(code) + " from Init with the scenario\n" +
                               toml_);
    }
    PrlSim_GetSeed(&seed_);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { end(); }

  // Ends the host, if it has not ended: from then on ledger_text() names what the client never
  // freed. Where the client has an Init of its own still, the host goes on.
  void end() {
    if (has_ended_) return;
    has_ended_ = true;
    last_trace_ = current_trace();
    server_.reset();
    PrlApi_Deinit();
    forget();
  }

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
  uint64_t time_ms() const {
    PRL_UINT64 time_ms = 0;
    PrlSim_GetTime(&time_ms);
    return time_ms;
  }
  // PrlSim_AddFaults: behind the rules that there are. Throws where there is a mistake in it, which
  // has then been said on stderr.
  void add(const Fault& fault) {
    const PRL_RESULT code = PrlSim_AddFaults(fault.toml().c_str());
    if (PRL_FAILED(code)) throw std::runtime_error("prlsim: " + name_of(code) + " from a fault");
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
  // Only with clocks `virtual` and `manual`.
  void advance(uint64_t delta_ms) { PrlSim_AdvanceTime(delta_ms); }

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
  // How often a function of the API was called, by handlers too.
  size_t calls(const std::string& function) const {
    const std::vector<TraceLine> lines = trace();
    const std::string beginning = function + " = ";
    return static_cast<size_t>(std::count_if(lines.begin(), lines.end(), [&](const auto& line) {
      return (line.kind == "call" || line.kind == "handler") &&
             line.text.compare(0, beginning.size(), beginning) == 0;
    }));
  }
  // How often a fault rule has struck.
  size_t strikes(const std::string& rule) const {
    const std::vector<TraceLine> lines = trace();
    return static_cast<size_t>(std::count_if(lines.begin(), lines.end(), [&](const auto& line) {
      return line.kind == "fault" && line.text.find("rule=" + rule + " ") != std::string::npos;
    }));
  }

 private:
  static void check(PRL_RESULT code, const std::string& what) {
    if (PRL_FAILED(code)) throw std::runtime_error("prlsim: " + what + ": " + name_of(code));
  }
  // What was asked for counts for Inits to come, and they are not this world's.
  static void forget() {
    PrlSim_SetScenario(nullptr);
    PrlSim_KeepTrace(0);
    PrlSim_KeepLedger(0);
  }

  const std::string toml_;
  PRL_UINT64 seed_ = 0;
  bool has_ended_ = false;
  Handle server_;
  std::vector<TraceLine> last_trace_;
};

// ---- Guests -----------------------------------------------------------------------------------

// A guest as a workload of the test sees it, in one call of that.
class Guest {
 public:
  Guest(PRL_HANDLE vm, uint64_t ran_ms) : vm_(vm), ran_ms_(ran_ms) {}

  // For how long the guest has run since it was booted.
  uint64_t ran_ms() const { return ran_ms_; }
  // False where the memory does not reach so far, or the guest is gone.
  bool read(uint64_t address, void* bytes, uint64_t count) const {
    return PRL_SUCCEEDED(PrlSim_ReadGuestMemory(vm_, address, bytes, count));
  }
  bool write(uint64_t address, const void* bytes, uint64_t count) const {
    return PRL_SUCCEEDED(PrlSim_WriteGuestMemory(vm_, address, bytes, count));
  }
  // For PrlSim_GetRegisters and what else there is.
  PRL_HANDLE vm() const { return vm_; }

 private:
  PRL_HANDLE vm_;
  uint64_t ran_ms_;
};

// A range of a guest's memory to look at and to store to, for as long as the object is there
// (PrlSim_PinGuestMemory says until when that is the guest's).
class PinnedMemory {
 public:
  PinnedMemory(PRL_HANDLE vm, uint64_t address, uint64_t bytes) : bytes_(bytes) {
    const PRL_RESULT code = PrlSim_PinGuestMemory(vm, address, bytes, &memory_);
    if (PRL_FAILED(code)) throw std::runtime_error("prlsim: pinned memory: " + name_of(code));
  }
  PinnedMemory(const PinnedMemory&) = delete;
  PinnedMemory& operator=(const PinnedMemory&) = delete;
  ~PinnedMemory() { PrlSim_UnpinGuestMemory(memory_); }

  uint64_t size() const { return bytes_; }
  // The first byte, or the first object of a type that suits the address.
  unsigned char* data() const { return static_cast<unsigned char*>(memory_); }
  template <class T>
  T* as() const {
    return static_cast<T*>(memory_);
  }

 private:
  const uint64_t bytes_;
  void* memory_ = nullptr;
};

// Lets `body` act in the place of a VM's guest, each time that this has run for another period, for
// as long as the object is there (PrlSim_SetGuestWorkload says what `body` may do). A VM has one
// such workload at a time.
//
//   GuestWorkload counter(world.vm("web"), 10, [](const Guest& guest) {
//     const uint64_t ran_ms = guest.ran_ms();
//     guest.write(1 << 20, &ran_ms, sizeof(ran_ms));
//   });
class GuestWorkload {
 public:
  GuestWorkload(Handle vm, PRL_UINT32 period_ms, std::function<void(const Guest&)> body)
      : vm_(std::move(vm)), body_(std::move(body)) {
    const PRL_RESULT code = PrlSim_SetGuestWorkload(vm_.get(), period_ms, call, this);
    if (PRL_FAILED(code)) throw std::runtime_error("prlsim: guest workload: " + name_of(code));
  }
  GuestWorkload(const GuestWorkload&) = delete;
  GuestWorkload& operator=(const GuestWorkload&) = delete;
  // Not from within `body`.
  ~GuestWorkload() { PrlSim_SetGuestWorkload(vm_.get(), 0, nullptr, nullptr); }

 private:
  static void PRL_CALL call(PRL_HANDLE vm, PRL_UINT64 ran_ms, void* self) noexcept {
    static_cast<GuestWorkload*>(self)->body_(Guest(vm, ran_ms));
  }

  Handle vm_;
  std::function<void(const Guest&)> body_;
};

}  // namespace prl::kit

#endif  // PRL_KIT_HPP
