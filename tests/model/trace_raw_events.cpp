#include "tests/model/trace_raw_events.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace prl::model {
namespace {

using States = std::vector<State>;

// The change that the event brings about; no states: whatever they are.
struct Cause {
  std::string_view type;
  States from;
  States to;
  // Every such change has it, unless the process has died. Otherwise some have another cause, as a
  // reset that fails and leaves the VM running has none.
  bool is_always_told = true;
};

const std::vector<Cause>& causes() {
  using enum State;
  static const std::vector<Cause> kCauses = {
      // A kill that fails on the way up lets the VM come up from the beginning.
      {"VM_ABOUT_TO_START_INIT", {kStopped, kStopping}, {kStarting}},
      {"VM_RESUMING", {kSuspended, kStopping}, {kResuming}},
      {"VM_STARTED", {kStarting}, {kRunning}},
      {"VM_STARTED", {kResetting}, {kRunning}, false},
      {"VM_CONTINUED", {kResuming, kContinuing}, {kRunning}},
      {"VM_PAUSED", {kPausing}, {kPaused}},
      {"VM_SUSPENDING", {}, {kSuspending}},
      {"VM_SUSPENDED", {}, {kSuspendingSync}},
      {"VM_RESETED", {}, {kResetting}},
      {"VM_ABOUT_TO_START_DEINIT", {}, {kStopping}},
      {"VM_STOPPED", {kStopping}, {kStopped, kSuspended}},
      {"VM_SNAPSHOTING", {}, {kSnapshoting}},
      {"VM_RESTORING", {}, {kRestoring}},
      {"VM_DELETING_STATE", {}, {kDeletingState}},
  };
  return kCauses;
}

// Those that say that something has gone wrong, or is right again; a host tells them that sends no
// others.
const std::vector<Cause>& troubles() {
  using enum State;
  static const std::vector<Cause> kTroubles = {
      {"VM_ABORTED", {}, {kStopping, kStopped, kSuspended}},
      {"VM_FROZEN", {kRunning}, {kPaused}},
      {"VM_PAUSED_BY_HOST_SLEEP", {kRunning}, {kPaused}},
      {"VM_UNFROZEN", {kPaused}, {kRunning}},
      {"VM_CONTINUED_BY_HOST_WAKEUP", {kPaused}, {kRunning}},
  };
  return kTroubles;
}

constexpr std::string_view kAboutToReset = "VM_ABOUT_TO_RESET";
constexpr std::string_view kReset = "VM_RESETED";
constexpr std::string_view kAborted = "VM_ABORTED";

bool is_among(const States& states, State state) {
  return states.empty() || std::ranges::find(states, state) != states.end();
}
bool fits(const Cause& cause, State from, State to) {
  return is_among(cause.from, from) && is_among(cause.to, to);
}
bool brings_about(const std::vector<Cause>& all, std::string_view type, State from, State to) {
  return std::ranges::any_of(
      all, [&](const Cause& cause) { return cause.type == type && fits(cause, from, to); });
}
bool is_trouble(std::string_view type) {
  return std::ranges::find(troubles(), type, &Cause::type) != troubles().end();
}

}  // namespace

bool TracedRawEvents::knows(std::string_view type) {
  return type == kAboutToReset || is_trouble(type) ||
         std::ranges::find(causes(), type, &Cause::type) != causes().end();
}

std::string TracedRawEvents::take_event(Profile profile, const std::string& vm,
                                        std::string_view type) {
  if (profile == Profile::kVirtuozzo) return "this product tells nothing of its VM processes";
  if (!is_trouble(type)) {
    if (!are_sent_.value_or(true)) return "this host sends no raw events";
    are_sent_ = true;
  }
  if (dead_.contains(vm)) return "the process of the VM has died";
  const auto told = told_.find(vm);
  // A guest boots anew, and its VM stays what it is.
  if (told != told_.end() && told->second == kAboutToReset && type == kReset) {
    told_.erase(told);
    return "";
  }
  if (told != told_.end()) return told->second + " has brought nothing about";
  told_.emplace(vm, type);
  return "";
}

std::string TracedRawEvents::take_change(Profile profile, const std::string& vm, State from,
                                         State to) {
  if (profile == Profile::kVirtuozzo) return "";
  const auto told = told_.find(vm);
  const std::string type = told == told_.end() ? "" : told->second;
  if (told != told_.end()) told_.erase(told);
  if (type == kAborted) dead_.insert(vm);
  const bool is_dead = dead_.contains(vm);
  if (is_stable(to)) dead_.erase(vm);
  if (!type.empty()) {
    const bool is_cause =
        brings_about(causes(), type, from, to) || brings_about(troubles(), type, from, to);
    return is_cause ? "" : type + " does not bring that about";
  }
  if (is_dead) return "";
  const auto missing = std::ranges::find_if(
      causes(), [&](const Cause& cause) { return cause.is_always_told && fits(cause, from, to); });
  if (missing == causes().end()) return "";
  if (!are_sent_) are_sent_ = false;
  return *are_sent_ ? "it comes without " + std::string(missing->type) : "";
}

void TracedRawEvents::forget() {
  told_.clear();
  dead_.clear();
}

}  // namespace prl::model
