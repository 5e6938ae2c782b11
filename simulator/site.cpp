#include "simulator/site.h"

#include <utility>

#include "simulator/config_rules.h"
#include "simulator/record_text.h"
#include "simulator/storage_files.h"

namespace prl::sim {

void Site::run_task(const std::shared_ptr<Vm>& vm, VmTask task, uint64_t duration_ms,
                    std::function<void()> then) {
  vm->tasks().begin(task);
  tell_tasks_changed(*vm);
  after(duration_ms, [this, vm, task, then = std::move(then)] {
    vm->tasks().end(task);
    tell_tasks_changed(*vm);
    then();
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
