// What becomes of jobs, transitions, events and calls that a fault plan strikes, and the faults
// that are about more than the job that they strike.
#include <algorithm>
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/world.h"

namespace prl::sim {

namespace {

bool cuts_connections(FaultKind kind) {
  return kind == FaultKind::kDisconnect || kind == FaultKind::kRestartService ||
         kind == FaultKind::kPowerCut;
}

// What their delay says is how long the service is away.
bool takes_service_down(FaultKind kind) {
  return kind == FaultKind::kRestartService || kind == FaultKind::kPowerCut;
}

uint64_t delay_before(const Fault& fault) {
  return takes_service_down(fault.kind) ? 0 : fault.delay_ms;
}

// " rule=slow delay 250 ms"
std::string effect_text(const Fault& fault, std::string_view at) {
  std::string text = " rule=" + fault.rule + " " + std::string(fault_word(fault.kind));
  if (!at.empty()) text += " at " + std::string(at);
  if (fault.delay_ms > 0) text += " " + std::to_string(fault.delay_ms) + " ms";
  if (fault.kind == FaultKind::kJumpClock) text += " " + std::to_string(fault.jump_s) + " s";
  return text;
}

std::string vm_text(const std::string& name) {
  return name.empty() ? "" : " vm=" + name;
}

}  // namespace

// ---- Jobs ------------------------------------------------------------------------------------

// Requests that do not say whose they are must be of the only session, if there is but one.
const SessionObserver* World::asker(const Operation& operation) const {
  if (operation.asker) return operation.asker;
  return sessions_.size() == 1 ? sessions_.front() : nullptr;
}

uint64_t World::session_number(const SessionObserver* session) const {
  for (const auto& [observer, number] : session_numbers_) {
    if (observer == session) return number;
  }
  return 0;
}

void World::consult_about(Operation& operation, const Vm* vm) {
  if (!interventions_->watches(Layer::kJob, operation.function)) return;
  if (vm) operation.vm_name = vm->config().name;
  const std::string uuid = vm ? vm->uuid().format() : "";
  operation.fault = interventions_->consult({.layer = Layer::kJob,
                                             .name = operation.function,
                                             .vm_name = operation.vm_name,
                                             .vm_uuid = uuid,
                                             .state = vm ? state_name(vm->state()) : "",
                                             .session = session_number(asker(operation)),
                                             .now_ms = now_ms()});
  if (operation.fault) note_draw(*operation.fault, now_ms());
  // What happens in one step has no middle: it is struck before that step.
  if (operation.fault && operation.fault->phase == JobPhase::kMiddle && !operation.has_phases) {
    operation.fault->phase = JobPhase::kStart;
  }
}

// REQUIRES: the operation has a fault at its start.
void World::strike_start(const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
  note_fault(*operation);
  const Fault& fault = *operation->fault;
  switch (fault.kind) {
    case FaultKind::kHang:
      return;
    case FaultKind::kFail:
      return deliver(operation, {.outcome = injected_outcome(fault)});
    case FaultKind::kTimeOut:
      deliver(operation, {.outcome = injected_outcome(fault)});
      [[fallthrough]];
    case FaultKind::kDelay:
      return run_body_later(operation, fault.delay_ms);
    default:
      break;
  }
  if (delay_before(fault) > 0) {
    act_later(*operation, 0);
    return run_body(operation, found);
  }
  act(fault, operation->vm, asker(*operation));
  // The request is lost with the connection that it came over; a login has none yet.
  if (cuts_connections(fault.kind)) {
    return deliver(operation, {.outcome = OutcomeKind::kHostUnreachable});
  }
  run_body(operation, operation->vm ? vms_.find(*operation->vm) : nullptr);
}

// REQUIRES: the operation has a fault at its end, and has succeeded.
void World::strike_end(const OperationPtr& operation, Report report) {
  note_fault(*operation);
  const Fault& fault = *operation->fault;
  switch (fault.kind) {
    case FaultKind::kHang:
    case FaultKind::kLose:
      return;
    case FaultKind::kDelay:
      return after(fault.delay_ms, [this, operation, report]() mutable {
        deliver(operation, std::move(report));
      });
    case FaultKind::kFail:
    case FaultKind::kTimeOut:
      report = {.outcome = injected_outcome(fault)};  // a failure has nothing else to say
      break;
    case FaultKind::kDuplicate:
      report.telling = Telling::kTwice;
      break;
    case FaultKind::kReorder:
      report.telling = Telling::kBehindNext;
      break;
    default:
      if (delay_before(fault) > 0) {
        act_later(*operation, 0);
      } else {
        act(fault, operation->vm, asker(*operation));
      }
  }
  deliver(operation, std::move(report));
}

void World::note_fault(const Operation& operation) {
  if (!trace_.enabled()) return;
  const std::string effect = effect_text(*operation.fault, phase_word(operation.fault->phase));
  trace_.line(now_ms(), "fault", describe(operation) + effect);
  unfinished_.strike(operation, effect);
}

void World::act_later(const Operation& operation, uint64_t delay_ms) {
  const Fault& fault = *operation.fault;
  after(delay_ms + delay_before(fault),
        [this, fault, vm = operation.vm, session = asker(operation)] { act(fault, vm, session); });
}

void World::report_later(const OperationPtr& operation, uint64_t delay_ms) {
  after(delay_ms, [this, operation, outcome = injected_outcome(*operation->fault)] {
    deliver(operation, {.outcome = outcome});
  });
}

// ---- Transitions, events, calls --------------------------------------------------------------

void World::strike_transition(const Vm& vm, State from, State to) {
  if (!interventions_->watches(Layer::kTransition, state_name(to))) return;
  const auto found = vms_.find(vm.uuid());
  if (!found) return;
  const std::string uuid = vm.uuid().format();
  const auto fault = interventions_->consult({.layer = Layer::kTransition,
                                              .name = state_name(to),
                                              .vm_name = vm.config().name,
                                              .vm_uuid = uuid,
                                              .state = state_name(from),
                                              .begins_phase = is_transitional(to),
                                              .now_ms = now_ms()});
  if (!fault) return;
  note_draw(*fault, now_ms());
  trace_.line(now_ms(), "fault",
              "transition " + std::string(state_name(to)) + vm_text(vm.config().name) +
                  effect_text(*fault, ""));
  if (fault->kind == FaultKind::kFail || fault->kind == FaultKind::kHang ||
      fault->kind == FaultKind::kDelay) {
    return found->strike_phase(*fault);
  }
  // Not at once: the machine is in the middle of this transition.
  after(delay_before(*fault), [this, fault = *fault, vm = vm.uuid()] { act(fault, vm, nullptr); });
}

std::optional<Fault> World::strike_event(std::string_view type, const Uuid& vm,
                                         const SessionObserver& session) {
  if (!is_disturbed() || !interventions_->watches(Layer::kEvent, type)) return std::nullopt;
  const auto found = vms_.find(vm);
  const std::string name = found ? found->config().name : "";
  const std::string uuid = vm.is_nil() ? "" : vm.format();
  auto fault = interventions_->consult({.layer = Layer::kEvent,
                                        .name = type,
                                        .vm_name = name,
                                        .vm_uuid = uuid,
                                        .session = session_number(&session),
                                        .now_ms = now_ms()});
  if (fault) {
    note_draw(*fault, now_ms());
    trace_.line(now_ms(), "fault",
                "event " + std::string(type) + vm_text(name) + effect_text(*fault, ""));
  }
  return fault;
}

// In the order in which the rules are asked, heard or not.
void World::note_told(std::string_view type, const Uuid& vm, const SessionObserver& session,
                      bool is_heard) {
  if (!trace_.enabled()) return;
  const auto found = vms_.find(vm);
  trace_.line(now_ms(), "told",
              std::string(type) + " session=" + std::to_string(session_number(&session)) +
                  (is_heard ? "" : " unheard") + vm_text(found ? found->config().name : ""));
}

std::optional<Fault> World::strike_call(std::string_view function) {
  const uint64_t now_ms = time_ms();
  auto fault = interventions_->consult({.layer = Layer::kCall, .name = function, .now_ms = now_ms});
  if (fault) {
    note_draw(*fault, now_ms);
    trace_.line(now_ms, "fault", "call " + std::string(function) + effect_text(*fault, ""));
  }
  return fault;
}

bool World::strike_memory(std::string_view function, std::string_view object) {
  const uint64_t now_ms = time_ms();
  const auto fault = interventions_->consult(
      {.layer = Layer::kMemory, .name = function, .state = object, .now_ms = now_ms});
  if (!fault) return false;
  note_draw(*fault, now_ms);
  trace_.line(now_ms, "fault",
              "call " + std::string(function) + " object=" + std::string(object) +
                  effect_text(*fault, ""));
  return true;
}

// Where lots are drawn the trace says what was drawn, so that a run can be had again without them.
void World::note_draw(const Fault& fault, uint64_t now_ms) {
  if (fault.drawn_point == 0) return;
  trace_.line(now_ms, "drawn", drawn_text(fault));
}

void World::pass(uint64_t delay_ms) {
  if (clock_.spec().is_virtual() && !clock_.spec().is_manual()) return advance(delay_ms);
  LateCondition nothing;
  const double factor = clock_.spec().is_manual() ? 1 : clock_.spec().factor;
  wait(
      nothing, [] { return false; }, static_cast<uint64_t>(static_cast<double>(delay_ms) / factor));
}

// ---- Faults of the site ----------------------------------------------------------------------

// The stored mode; where it cannot be stored the next crash counts as the first (vm-lifecycle 4.6).
void World::leave_paused_on_crash(const std::shared_ptr<Vm>& vm) {
  VmConfig config = vm->config();
  config.properties.set(kCrashMode, uint64_t{0});
  (void)reconfigure(vm, config, /*is_told=*/true).ok();
}

void World::act(const Fault& fault, const std::optional<Uuid>& vm, const SessionObserver* session) {
  const auto found = vm ? vms_.find(*vm) : nullptr;
  switch (fault.kind) {
    case FaultKind::kDisconnect:
      return cut_off(session);
    case FaultKind::kRestartService:
    case FaultKind::kPowerCut:
      return lose_service(fault);
    case FaultKind::kKillVm:
      if (found) found->die(true);
      return;
    case FaultKind::kPanic:
      if (found) found->panic();
      if (found && found->has_given_up()) leave_paused_on_crash(found);
      return;
    case FaultKind::kGuestLeaves:
      if (found) found->guest_leaves();
      return;
    case FaultKind::kGuestReboots:
      if (found) found->guest_reboots();
      return;
    case FaultKind::kGuestSleeps:
      if (found) found->freeze(Vm::Freeze::kByGuestSleep);
      return;
    case FaultKind::kGuestHibernates:
      if (found) found->guest_hibernates();
      return;
    case FaultKind::kGuestWakes:
      if (found) found->thaw(Vm::Freeze::kByGuestSleep);
      return;
    case FaultKind::kFreeze:
      if (found) found->freeze(Vm::Freeze::kByDisk);
      return;
    case FaultKind::kUnfreeze:
      if (found) found->thaw(Vm::Freeze::kByDisk);
      return;
    case FaultKind::kSleep:
    case FaultKind::kWake:
      return sleep(fault.kind == FaultKind::kSleep);
    case FaultKind::kAsk:
      if (!found) return;
      return ask_locked({.vm = *vm,
                         .code = fault.result_code,
                         .choices = fault.choices,
                         .parameters = fault.parameters.empty()
                                           ? std::vector<std::string>{found->config().name}
                                           : fault.parameters});
    case FaultKind::kJumpClock:
      date_shift_seconds_ += fault.jump_s;
      return;
    default:
      return;
  }
}

// Null: every session.
void World::cut_off(const SessionObserver* session) {
  const std::vector<SessionObserver*> connected = sessions_;
  for (SessionObserver* one : connected) {
    if (session && one != session) continue;
    std::erase(sessions_, one);
    forget_session(*one);
    one->on_connection_lost();
  }
}

// VMs live on without the service that watches them, but not without power.
void World::lose_service(const Fault& fault) {
  cut_off(nullptr);
  down_until_ms_ = now_ms() + fault.delay_ms;
  trace_.line(
      now_ms(), "world",
      fault.kind == FaultKind::kPowerCut ? "the host loses its power" : "the service restarts");
  note_running();
  end_mounts();
  after(fault.delay_ms, [this, service = ++services_] {
    if (service == services_ && !shutting_down_) begin_service();
  });
  if (fault.kind != FaultKind::kPowerCut) return;
  for (const auto& vm : all_vms()) vm->die(false);
  if (interventions_) interventions_->lose_power();
}

// A copy, since what happens to a VM may change the list.
std::vector<std::shared_ptr<Vm>> World::all_vms() {
  std::vector<std::shared_ptr<Vm>> all;
  vms_.for_each([&](Vm& vm) { all.push_back(vm.shared_from_this()); });
  return all;
}

// The notes know nothing of it in V (vm-lifecycle 2.5).
void World::sleep(bool begins) {
  if (profile() == Profile::kVirtuozzo) return;
  for (const auto& vm : all_vms()) {
    if (begins) {
      vm->freeze(Vm::Freeze::kByHostSleep);
    } else {
      vm->thaw(Vm::Freeze::kByHostSleep);
    }
  }
}

bool World::strike_now(const Fault& fault, std::string_view vm) {
  {
    std::lock_guard lock(mutex_);
    const auto found = vm.empty() ? nullptr : find_named(vm);
    if (!vm.empty() && !found) return false;
    const std::optional<Uuid> uuid = found ? std::optional(found->uuid()) : std::nullopt;
    trace_.line(now_ms(), "fault",
                "site" + vm_text(found ? found->config().name : "") + effect_text(fault, ""));
    after(delay_before(fault), [this, fault, uuid] { act(fault, uuid, nullptr); });
  }
  if (clock_.spec().is_virtual()) advance(0);
  return true;
}

// While the disk is busy the server does nothing else, so that its time passes within the step.
void World::settle_mishaps() {
  const Mishaps mishaps = interventions_->take_mishaps();
  for (const std::string& draw : mishaps.draws) trace_.line(now_ms(), "drawn", draw);
  for (const std::string& note : mishaps.notes) trace_.line(now_ms(), "fault", note);
  if (mishaps.delay_ms > 0) clock_.advance_to(now_ms() + mishaps.delay_ms);
}

}  // namespace prl::sim
