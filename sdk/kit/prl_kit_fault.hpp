// The fault rules of a scenario, or of a world that is there. Part of prl_kit.hpp.
#ifndef PRL_KIT_FAULT_HPP
#define PRL_KIT_FAULT_HPP

#include <cstdint>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string>
#include <vector>

#include "prl_kit_handle.hpp"
#include "prl_kit_toml.hpp"
#include "prl_sim.h"

namespace prl::kit {

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
    return trigger("points", array_of(points));
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
    effect_.set("code", value_of(code));
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
    effect_.set("code", value_of(question));
    std::string values;
    for (const PRL_RESULT choice : choices) {
      values += (values.empty() ? "" : ", ") + value_of(choice);
    }
    if (!choices.empty()) effect_.set("choices", "[" + values + "]");
    return kind("ask");
  }
  Fault& jump_clock(int64_t seconds) {
    return kind("jump_clock").effect("jump_s", std::to_string(seconds));
  }
  // Of the message of the code.
  Fault& parameters(const std::vector<std::string>& texts) {
    return effect("parameters", array_of(texts));
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
  // Of a code: its name, or the number where it has none.
  static std::string value_of(PRL_RESULT code) {
    const std::string name = name_of(code);
    return name.compare(0, 2, "0x") == 0 ? std::to_string(code) : quoted(name);
  }
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

}  // namespace prl::kit

#endif  // PRL_KIT_FAULT_HPP
