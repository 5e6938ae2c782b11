// What a VM asks of the world around it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "simulator/clock.h"
#include "simulator/date.h"
#include "simulator/disks.h"
#include "simulator/displays.h"
#include "simulator/image_reader.h"
#include "simulator/latency_spec.h"
#include "simulator/move_only_function.h"
#include "simulator/operation.h"
#include "simulator/outcome.h"
#include "simulator/power_rules.h"
#include "simulator/profile.h"
#include "simulator/seams.h"
#include "simulator/session_observer.h"
#include "simulator/vm_config.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim {

// What a VM asks of the world around it. All calls with the world locked. What it asks at every
// turn is not virtual.
class Vm;
class VmSurroundings {
 public:
  virtual ~VmSurroundings() = default;
  Profile profile() const { return profile_; }
  const PowerRules& rules() const { return *rules_; }
  // Whether those are the product's, of profile desktop: clients are told every state, and only the
  // machine refuses commands.
  bool has_plain_rules() const { return has_plain_rules_; }
  // Whether clients are told what a VM process says of a change, before the state.
  bool tells_raw_events() const { return tells_raw_events_; }
  uint64_t now_ms() const { return clock_.now_ms(); }
  virtual int64_t date_seconds() const = 0;  // of now, since 1970
  std::string date() const { return date_text(date_seconds()); }
  // Draws how long it takes this time; where it is about a VM, with what that VM has to do.
  virtual uint64_t duration_ms(Timed what, const Vm* vm = nullptr) = 0;
  virtual Storage& storage() = 0;
  virtual Disks& disks() = 0;  // used with the world unlocked
  // Of images that VMs are resumed from.
  virtual Verification verification() const = 0;
  // Whether the guest of the VM does not shut down when it is asked to.
  virtual bool ignores_shutdown(const Vm& vm) const = 0;
  // What it does when it is asked to sleep.
  virtual SleepAnswer asked_to_sleep(const Vm& vm) const = 0;
  // Runs the step at now + delay_ms.
  virtual void after(uint64_t delay_ms, Step&& step) = 0;
  // The same for a step that comes again and again: with no others nothing is left to happen.
  virtual void after_in_background(uint64_t delay_ms, Step&& step) = 0;
  // Runs `work` with the world unlocked, then `then` locked again. Only from within a step; no
  // other step runs in between.
  virtual void unlocked(MoveOnlyFunction<Outcome()> work, MoveOnlyFunction<void(Outcome)> then) = 0;
  // The machine went from one state to another, of which clients are told so much.
  virtual void state_changed(const Vm& vm, State from, State to, std::optional<State> told) = 0;
  virtual void notice(const Vm& vm, VmNotice notice) = 0;
  // Of the screens of this VM; as Displays::freeze_of().
  virtual ScreenFreezePtr screen_freeze(const Vm& vm, bool makes) = 0;
  // Asks the clients what is to become of the changes of its disks; a question of that kind that
  // is open is no longer.
  virtual void ask_about_changes(const Vm& vm) = 0;
  virtual void withdraw_question(const Vm& vm) = 0;
  // Gives the VM another configuration, with the same uuid and a name that no other VM has.
  virtual void configure(const Vm& vm, VmConfig config) = 0;
  // Writes the record into the host's directory, at once or when that suits the host.
  virtual Outcome store_record(const VmRecord& record) = 0;
  virtual void record_changed(const VmRecord& record) = 0;
  virtual void note_fault(const Operation& operation) = 0;
  // Lets the fault of the operation, one that is about more than its job, happen so much later, and
  // later still where it says so itself.
  virtual void act_later(const Operation& operation, uint64_t delay_ms) = 0;
  // Reports what the fault of the operation says, while the operation itself goes on unseen.
  virtual void report_later(const OperationPtr& operation, uint64_t delay_ms) = 0;
  // Tells the session that has begun the operation how far it is.
  virtual void tell_progress(const Operation& operation, Progress::Kind kind,
                             uint32_t percent) = 0;
  // What the guest is asked, or what its process has died of, for the trace.
  virtual void note_guest(const Vm& vm, const std::string& text) = 0;
  // Ends the operation, unless a fault at its end decides otherwise.
  virtual void finish(const OperationPtr& operation, Outcome outcome) = 0;
  // The same for a success.
  virtual void finish_well(const OperationPtr& operation) = 0;

 protected:
  // `rules` null: those of the product. `clock` outlives this object, and may be made after it.
  VmSurroundings(Profile profile, std::shared_ptr<const PowerRules> rules, bool tells_raw_events,
                 const Clock& clock)
      : profile_(profile),
        rules_(rules ? std::move(rules) : std::make_shared<PowerRules>()),
        has_plain_rules_(profile == Profile::kDesktop && are_the_products(*rules_)),
        tells_raw_events_(tells_raw_events && profile == Profile::kDesktop),
        clock_(clock) {}

 private:
  const Profile profile_;
  const std::shared_ptr<const PowerRules> rules_;
  const bool has_plain_rules_;
  const bool tells_raw_events_;
  const Clock& clock_;
};

}  // namespace prl::sim
