// How a world carries out what it is asked for: from the request to its answer.
#include <utility>

#include "simulator/spare_blocks.h"
#include "simulator/world.h"

namespace prl::sim {

namespace {

OperationPtr make_operation(Caller&& caller, OperationDone&& done, bool has_phases) {
  return std::allocate_shared<Operation>(SpareAllocator<Operation>(), std::move(caller),
                                         std::move(done), has_phases);
}

// Before it could be begun.
bool has_lost_session(const Operation& operation) {
  const auto& cancellation = operation.cancellation;
  return cancellation && cancellation->ends_with_session && cancellation->is_wanted;
}

}  // namespace

void World::submit(Caller caller, std::optional<Uuid> vm, OperationDone done, Body body,
                   bool has_phases) {
  OperationPtr operation = make_operation(std::move(caller), std::move(done), has_phases);
  operation->vm = vm;
  operation->body = [body = std::move(body)](const OperationPtr& begun,
                                             const std::shared_ptr<Vm>&) mutable { body(begun); };
  send(std::move(operation));
}

void World::with_vm(Caller&& caller, const Uuid& vm, OperationDone&& done, VmBody&& body,
                    bool has_phases) {
  OperationPtr operation = make_operation(std::move(caller), std::move(done), has_phases);
  operation->vm = vm;
  operation->body = std::move(body);
  operation->needs_vm = true;
  send(std::move(operation));
}

void World::send(OperationPtr operation) {
  std::lock_guard lock(mutex_);
  operation->number = ++operations_;
  if (operation->cancellation && operation->cancellation->ends_with_session) {
    std::erase_if(of_sessions_, [](const auto& weak) { return weak.expired(); });
    of_sessions_.push_back(operation);
  }
  // Only in a world that has ended before its process.
  if (stopping_) return deliver(operation, {.outcome = OutcomeKind::kHostUnreachable});
  after(duration_ms(Timed::kRequest),
        [this, operation = std::move(operation)] { begin(operation); });
}

void World::begin(const OperationPtr& operation) {
  const auto found = operation->vm ? vms_.find(*operation->vm) : nullptr;
  // For the trace, and for faults that watch it: nobody else needs it.
  if (found && trace_.enabled()) operation->vm_name = found->config().name;
  if (trace_.enabled()) {
    trace_.line(now_ms(), "job", describe(*operation));
    unfinished_.begin(*operation);
  }
  if (is_disturbed()) consult_about(*operation, found.get());
  if (has_lost_session(*operation)) return finish(operation, OutcomeKind::kCancelled);
  if (shutting_down_) return finish(operation, OutcomeKind::kShuttingDown);
  if (now_ms() < down_until_ms_) return finish(operation, OutcomeKind::kHostUnreachable);
  if (operation->fault && operation->fault->phase == JobPhase::kStart) {
    return strike_start(operation, found);
  }
  run_body(operation, found);
}

// Does what the operation is for. `found` is the VM that it is about; null: there is none.
void World::run_body(const OperationPtr& operation, const std::shared_ptr<Vm>& found) {
  if (operation->needs_vm) {
    if (!found) return finish(operation, {OutcomeKind::kVmNotFound, {operation->vm->format()}});
    if (edits_.keeps_out(operation->session, *operation->vm)) {
      return finish(operation, {OutcomeKind::kExclusivelyLocked, {found->config().name}});
    }
    if (!access_.is_open()) {
      if (Outcome denied = check_access(*operation, *found); !denied.ok()) {
        return finish(operation, std::move(denied));
      }
    }
  }
  operation->body(operation, found);
  // The operation may be the VM's for a long time.
  const bool waits = operation->has_waited && lock_waits_.is_waiting(*operation);
  if (!waits) operation->body = nullptr;
}

// For one that has waited for what kept it from its VM.
void World::run_body_again(const OperationPtr& operation) {
  if (shutting_down_) return finish(operation, OutcomeKind::kShuttingDown);
  run_body(operation, operation->vm ? vms_.find(*operation->vm) : nullptr);
}

void World::run_body_later(const OperationPtr& operation, uint64_t delay_ms) {
  after(delay_ms, [this, operation] {
    run_body(operation, operation->vm ? vms_.find(*operation->vm) : nullptr);
  });
}

void World::finish(const OperationPtr& operation, Outcome outcome) {
  finish_with(operation, {.outcome = std::move(outcome)});
}

// Making an empty report takes longer than the rest.
void World::finish_well(const OperationPtr& operation) {
  if (operation->fault) return finish(operation, Outcome());
  tell_done(operation, nothing_to_report_);
}

void World::finish_with(const OperationPtr& operation, Report&& report) {
  const auto& fault = operation->fault;
  if (fault && fault->phase == JobPhase::kEnd && report.outcome.ok()) {
    return strike_end(operation, std::move(report));
  }
  if (!report.outcome.ok() && lock_waits_.hold(operation, report.outcome)) return;
  deliver(operation, std::move(report));
}

void World::tell_done(const OperationPtr& operation, Report& report) {
  if (!operation->done) return;
  // Nor can what goes on unseen be taken back (a fault of kind time_out).
  const bool is_cancellable = operation->cancellation != nullptr;
  if (is_cancellable) std::exchange(operation->cancellation, nullptr)->close();
  if (trace_.enabled() && operation->number != 0) {
    const bool has_code = code_name_ && !report.outcome.ok();
    trace_.line(now_ms(), "job",
                describe(*operation) + " -> " + std::string(outcome_name(report.outcome.kind)) +
                    (has_code ? " (" + code_name_(report.outcome) + ")" : ""));
    unfinished_.end(*operation);
  }
  operation->done(report);
  operation->done = nullptr;
  // What is over at once and cannot be cancelled has kept nobody out.
  const bool has_kept_out = operation->has_phases || is_cancellable;
  if (has_kept_out && operation->vm) lock_waits_.note_change(*operation->vm);
}

void World::when_at_rest(const std::shared_ptr<Vm>& vm, Step&& step) {
  if (!is_transitional(vm->state())) return step();
  until_rest_.emplace_back(vm, std::move(step));
}

// Each in a step of its own: the one that brings the VM to rest has more to say, and may have it
// leave again.
void World::rouse_at_rest(const Vm& vm) {
  for (auto& [waiting, step] : std::exchange(until_rest_, {})) {
    if (waiting.get() == &vm) {
      after(0, [this, waiting = std::move(waiting), step = std::move(step)]() mutable {
        when_at_rest(waiting, std::move(step));
      });
    } else {
      until_rest_.emplace_back(std::move(waiting), std::move(step));
    }
  }
}

// In a step of its own: a session may end in the middle of another, or in none.
void World::end_with_session(const SessionObserver& session) {
  for (const auto& weak : of_sessions_) {
    const OperationPtr operation = weak.lock();
    if (!operation || operation->asker != &session || !operation->cancellation) continue;
    operation->cancellation->is_wanted = true;
    after(0, [cancellation = operation->cancellation] { cancellation->carry_out(); });
  }
}

}  // namespace prl::sim
