// How long a VM has run, and what queries see of it (vm-lifecycle 6.1, 6.3).
#include "simulator/uptime.h"
#include "simulator/vm.h"

namespace prl::sim {

VmView Vm::view() const {
  VmView view{.config = record_.config, .state = told_, .machine_state = state_, .tasks = tasks_};
  view.reported_crash = reported_crash_;
  // Where it stands still the configuration has it.
  if (uptime_since_ms_) set_uptime_seconds(view.config, seconds_up());
  return view;
}

// The clock runs as long as there is a VM process, paused or not (vm-lifecycle 6.3).
void Vm::count_uptime(State state) {
  const bool counts = is_live(state) || (is_about_snapshots(state) && ram_);
  if (counts == uptime_since_ms_.has_value()) return;
  note_uptime();
  uptime_since_ms_.reset();
  if (counts) uptime_since_ms_ = surroundings_.now_ms();
}

uint64_t Vm::seconds_up() const {
  const uint64_t before = uptime_seconds(config());
  return uptime_since_ms_ ? before + (surroundings_.now_ms() - *uptime_since_ms_) / 1000 : before;
}

bool Vm::note_uptime() {
  const uint64_t before = uptime_seconds(config());
  const uint64_t seconds = seconds_up();
  // What is left over of a second counts for the next.
  if (uptime_since_ms_) *uptime_since_ms_ += (seconds - before) * 1000;
  set_uptime_seconds(record_.config, seconds);
  return seconds != before;
}

void Vm::reset_uptime() {
  sim::reset_uptime(record_.config, surroundings_.date());
  if (uptime_since_ms_) uptime_since_ms_ = surroundings_.now_ms();
}

}  // namespace prl::sim
