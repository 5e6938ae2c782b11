// How a test acts in the place of a VM's guest, in virtual time.
#include <utility>

#include "simulator/vm.h"

namespace prl::sim {

namespace {

// The first one after `value`.
uint64_t next_multiple(uint64_t factor, uint64_t value) {
  return (value / factor + 1) * factor;
}

}  // namespace

std::shared_ptr<GuestDriver> Vm::drive(std::shared_ptr<GuestDriver> driver) {
  std::swap(driver, driver_);
  driven_ms_ = steps_now();
  schedule_drive();
  return driver;
}

uint64_t Vm::steps_now() const {
  if (!runs_guest(state_)) return guest_steps_;
  return guest_steps_ + (surroundings_.now_ms() - run_start_ms_);
}

// The driver's time is that of the guest: it stands still with it, and a guest that is resumed goes
// on in the middle of a period.
void Vm::schedule_drive() {
  ++drive_;
  if (!driver_ || !ram_ || !runs_guest(state_)) return;
  const uint64_t steps = steps_now();
  uint64_t due = next_multiple(driver_->period_ms(), driven_ms_);
  // Another guest than the last time, or one that was taken back or is late: it begins anew.
  if (steps < driven_ms_ || steps > due) due = next_multiple(driver_->period_ms(), steps);
  surroundings_.after_in_background(due - steps, [weak = weak_from_this(), number = drive_] {
    const auto self = weak.lock();
    if (self && self->drive_ == number) self->drive_guest();
  });
}

// A guest that runs as on the wall may be late: then several periods are one call.
void Vm::drive_guest() {
  catch_guest_up();
  driven_ms_ = guest_steps_;
  surroundings_.unlocked(
      [driver = driver_, ran_ms = guest_steps_] {
        driver->call(ran_ms);
        return Outcome();
      },
      [self = shared_from_this(), number = drive_](const Outcome&) {
        if (self->drive_ == number) self->schedule_drive();
      });
}

}  // namespace prl::sim
