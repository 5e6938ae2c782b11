#include "tests/model/invariants.h"

#include <algorithm>
#include <optional>
#include <span>

namespace prl::model {
namespace {

using Events = std::span<const Event>;

bool brings_up(Act act) {
  return act == Act::kStart || act == Act::kStartEx || act == Act::kResume;
}

bool is_stop(Act act) {
  return act == Act::kKill || act == Act::kShutdown;
}

bool is_quiet(Walk& walk) {
  // A process that has gone is cleaned up without a job.
  const bool is_cleaning_up = std::ranges::any_of(walk.model().vms, [](const Vm& vm) {
    return vm.operation && (is_of_itself(vm.operation->order.act) ||
                            vm.operation->order.session == kSessionOfNobody);
  });
  return walk.jobs_ended() == walk.asked().size() && !is_cleaning_up;
}

// The last state that was announced before the event number `end`, to sessions that are there yet.
std::optional<State> last_announced(Events events, size_t end, uint8_t vm) {
  while (end-- > 0) {
    const Event& event = events[end];
    if (event.kind == Event::Kind::kCutOff) return std::nullopt;
    if (event.kind == Event::Kind::kState && event.vm == vm) return event.state;
  }
  return std::nullopt;
}

bool is_in(sim::State state, State expected) {
  return state_of(state) == expected;
}

std::string check_announcement(Profile profile, Events events, size_t place) {
  const Event& event = events[place];
  const auto before = last_announced(events, place, event.vm);
  if (profile == Profile::kDesktop && before == event.state) {
    return "invariant 6: a state is announced twice";
  }
  const bool was_mounted = before == State::kMounted;
  if (event.state == State::kMounted && before && before != State::kStopped) {
    return "invariant 52: a VM is mounted that was not stopped";
  }
  if (was_mounted && event.state != State::kStopped) {
    return "invariant 52: a mounted VM is not unmounted";
  }
  if (profile == Profile::kVirtuozzo && !is_stable(event.state)) {
    return "invariant 2: profile V announces " + std::string(state_name(event.state));
  }
  return "";
}

// What a job that succeeded must have done.
std::string check_success(Profile profile, const Asked& asked, Events events, size_t place) {
  const Act act = asked.order.act;
  const auto now = last_announced(events, place, asked.order.vm);
  const bool is_desktop = profile == Profile::kDesktop;
  const bool has_cuts =
      std::ranges::count(events.first(place), Event::Kind::kCutOff, &Event::kind) > 0;
  if (!now && has_cuts) return "";  // it may have happened while nobody was told
  if (brings_up(act) && now != State::kRunning) return "invariant 11: a start ends elsewhere";
  if (act == Act::kReset && is_desktop && now != State::kRunning) {
    return "invariant 19: a reset ends elsewhere";
  }
  if (act == Act::kDrop) {
    if (!is_in(asked.state, State::kSuspended)) return "invariant 14: dropped without an image";
    if (now != State::kStopped) return "invariant 14: dropped and not stopped";
  }
  if (is_stop(act)) {
    if (is_desktop && is_in(asked.state, State::kSuspended)) {
      return "invariant 15: a suspended VM is stopped";
    }
    if (act == Act::kShutdown && is_in(asked.state, State::kPaused)) {
      return "invariant 16: a paused guest complies";
    }
  }
  if (act == Act::kCreateSnapshot && is_desktop && !(now && is_in(asked.state, *now))) {
    return "invariant 26: a snapshot changes the state";
  }
  return "";
}

std::string check_end(Profile profile, const Walk& walk, size_t place) {
  const Events events = walk.world_events();
  const Event& end = events[place];
  const auto same = [&](const Event& event) {
    return event.kind == Event::Kind::kJobDone && event.job == end.job;
  };
  const Asked& asked = walk.asked()[end.job];
  const size_t since = asked.events_before;
  if (std::ranges::any_of(events.subspan(since, place - since), same)) {
    return "invariant 4: a job ends twice";
  }
  if (end.code == 0) return check_success(profile, asked, events, place);
  const bool is_live = is_in(asked.state, State::kRunning) || is_in(asked.state, State::kPaused);
  const bool has_other_cause = end.code == kInjected || end.code == 0x476 || end.code == 0x404;
  if (asked.order.act == Act::kKill && is_live && !has_other_cause &&
      profile == Profile::kDesktop) {
    return "invariant 16: a live VM cannot be killed";
  }
  return "";
}

std::string check_vm(Profile profile, const Sight& sight, bool is_quiet,
                     std::optional<State> told) {
  if (!sight.is_registered) return "";
  const auto is = [&](State state) { return is_in(sight.state, state); };
  const bool is_stable = is(State::kStopped) || is(State::kRunning) || is(State::kPaused) ||
                         is(State::kSuspended) || is(State::kMounted);
  if (is_quiet && !is_stable) return "invariant 1: nothing is going on in an unstable state";
  // In V what clients are told lags behind while something is going on.
  const bool is_exact = is_quiet || profile == Profile::kDesktop;
  if (is_exact && is_stable && sight.has_image != is(State::kSuspended)) {
    return "invariant 3: the image is not where the state says";
  }
  const bool is_put_away = is(State::kStopped) || is(State::kMounted) || is(State::kCompacting);
  if (sight.is_template && !is_put_away) return "invariant 41: a template has been started";
  if (is_exact && told && !is(*told)) return "invariant 7: the state is not the last announced";
  if (is_quiet && sight.is_being_cloned) return "invariant 51: a mark of a clone is left";
  return "";
}

// Nothing is heard of a VM that has gone.
std::string check_gone(Walk& walk, size_t place) {
  const auto end = walk.gone(walk.world_events()[place].vm);
  return end && *end < place ? "invariant 24: a VM that has gone is heard of" : "";
}

}  // namespace

std::string broken_invariant(Walk& walk, Profile profile, size_t since) {
  const Events events = walk.world_events();
  for (size_t i = since; i < events.size(); ++i) {
    std::string broken;
    if (events[i].kind == Event::Kind::kJobDone) {
      broken = check_end(profile, walk, i);
    } else if (events[i].kind != Event::Kind::kCutOff) {
      broken = check_gone(walk, i);
    }
    if (broken.empty() && events[i].kind == Event::Kind::kState) {
      broken = check_announcement(profile, events, i);
    }
    if (!broken.empty()) return broken;
  }
  const std::vector<Sight>& sights = walk.sights();
  for (size_t i = 0; i < sights.size(); ++i) {
    const auto told = walk.announced(static_cast<uint8_t>(i));
    const std::string broken = check_vm(profile, sights[i], is_quiet(walk), told);
    if (!broken.empty()) return broken;
  }
  return "";
}

}  // namespace prl::model
