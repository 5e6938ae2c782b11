#include "simulator/site.h"

#include <memory>
#include <utility>

#include "simulator/config_rules.h"
#include "simulator/record_text.h"
#include "simulator/storage_files.h"

namespace prl::sim {

namespace {

// Whether the additional state of its VM changes when the first of its kind begins, and the last
// ends (vm-lifecycle 1).
bool shows(const Vm& vm, VmTask task) {
  return task != VmTask::kConvertDisks && !vm.tasks().has(task);
}

}  // namespace

void Site::run_task(const OperationPtr& operation, const std::shared_ptr<Vm>& vm, VmTask task,
                    uint64_t duration_ms, std::function<void()> then, TaskEnd task_end) {
  const bool is_news = shows(*vm, task);
  vm->tasks().begin(task);
  if (is_news) tell_tasks_changed(*vm);
  const auto is_over = std::make_shared<bool>(false);
  const auto end = [this, task, is_over](Vm& busy) {
    *is_over = true;
    busy.tasks().end(task);
    if (shows(busy, task)) tell_tasks_changed(busy);
  };
  if (operation->cancellation) {
    operation->cancellation->allow(
        [this, end, weak = std::weak_ptr(operation), busy = std::weak_ptr(vm)] {
          const auto cancelled = weak.lock();
          const auto alive = busy.lock();
          if (!cancelled || !alive) return;
          end(*alive);
          finish(cancelled, {OutcomeKind::kCancelled, {alive->config().name}});
        });
  }
  follow_task(operation, Progress::Kind::kFiles, duration_ms, 0, is_over);
  std::function<void()> conclude = [operation, vm, end, is_over, then = std::move(then)] {
    if (*is_over) return;
    if (operation->cancellation) operation->cancellation->close();
    end(*vm);
    then();
  };
  if (task_end == TaskEnd::kInTime) return after(duration_ms, std::move(conclude));
  after(duration_ms, [this, vm, conclude = std::move(conclude)]() mutable {
    when_at_rest(vm, std::move(conclude));
  });
}

void Site::follow_task(const OperationPtr& operation, Progress::Kind kind, uint64_t duration_ms,
                       uint64_t passed_ms, const std::shared_ptr<bool>& is_over) {
  const uint64_t next_ms = passed_ms + kProgressPeriodMs;
  if (operation->job == 0 || next_ms >= duration_ms) return;
  after(kProgressPeriodMs, [this, operation, kind, duration_ms, next_ms, is_over] {
    if (*is_over) return;
    operation->percent = static_cast<uint32_t>(next_ms * 100 / duration_ms);
    tell_progress(*operation, kind, operation->percent);
    follow_task(operation, kind, duration_ms, next_ms, is_over);
  });
}

Outcome Site::apply_sample(VmConfig& config) const {
  const auto* name = std::get_if<std::string>(config.properties.find(kSampleName));
  if (!name) return {};
  const ConfigSample* found = sample(*name);
  if (!found) return {OutcomeKind::kSampleNotFound, {*name}};
  config.properties.erase(kSampleName);
  sim::apply_sample(*found, config);
  return {};
}

Outcome Site::write_config_file(const VmRecord& record) {
  const std::string path = record.folder + "/" + std::string(kConfigFile);
  const auto written = write_text_file(storage(), path, to_text(record, schema()));
  return written ? Outcome() : Outcome(OutcomeKind::kConfigNotWritten, {written.error().message()});
}

}  // namespace prl::sim
