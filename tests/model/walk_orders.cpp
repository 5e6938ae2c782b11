// How the orders of a walk are given to its world.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "tests/model/outcome_codes.h"
#include "tests/model/walk_texts.h"
#include "tests/model/walk_world.h"

namespace prl::model {
namespace {

std::optional<sim::Command> power_command(Act act) {
  switch (act) {
    case Act::kStart:
    case Act::kStartEx:
      return sim::Command::kStart;
    case Act::kResume:
      return sim::Command::kResume;
    case Act::kKill:
      return sim::Command::kStopKill;
    case Act::kShutdown:
      return sim::Command::kStopGraceful;
    case Act::kPause:
    case Act::kAskToPause:
    case Act::kAskToSuspend:
    case Act::kAskToStop:
    case Act::kAskInVain:
      return sim::Command::kPause;
    case Act::kSuspend:
      return sim::Command::kSuspend;
    case Act::kDrop:
      return sim::Command::kDropSuspendedState;
    case Act::kReset:
      return sim::Command::kReset;
    case Act::kRestart:
      return sim::Command::kRestart;
    case Act::kCompact:
      return sim::Command::kCompact;
    case Act::kMount:
      return sim::Command::kMount;
    case Act::kUmount:
      return sim::Command::kUmount;
    default:
      return std::nullopt;
  }
}

// What the guest is to do that a pause asks to sleep; none where it does not.
std::optional<sim::SleepAnswer> sleep_answer(Act act) {
  switch (act) {
    case Act::kAskToPause:
      return sim::SleepAnswer::kPause;
    case Act::kAskToSuspend:
      return sim::SleepAnswer::kSuspend;
    case Act::kAskToStop:
      return sim::SleepAnswer::kStop;
    case Act::kAskInVain:
      return sim::SleepAnswer::kIgnore;
    default:
      return std::nullopt;
  }
}

sim::Fault::Kind kind_of(Act happening) {
  switch (happening) {
    case Act::kGuestLeave:
      return sim::Fault::Kind::kGuestLeaves;
    case Act::kGuestReboot:
      return sim::Fault::Kind::kGuestReboots;
    case Act::kGuestSleep:
      return sim::Fault::Kind::kGuestSleeps;
    case Act::kGuestHibernate:
      return sim::Fault::Kind::kGuestHibernates;
    case Act::kGuestWake:
      return sim::Fault::Kind::kGuestWakes;
    case Act::kFreeze:
      return sim::Fault::Kind::kFreeze;
    case Act::kUnfreeze:
      return sim::Fault::Kind::kUnfreeze;
    case Act::kHostSleep:
      return sim::Fault::Kind::kSleep;
    case Act::kHostWake:
      return sim::Fault::Kind::kWake;
    case Act::kRestartService:
      return sim::Fault::Kind::kRestartService;
    case Act::kPowerCut:
      return sim::Fault::Kind::kPowerCut;
    default:
      return sim::Fault::Kind::kKillVm;
  }
}

}  // namespace

void Walk::strike_world(const Order& order, uint32_t job) {
  sim::Fault fault;
  fault.kind = kind_of(order.act);
  const std::string vm = is_of_host(order.act) ? "" : uuids_[order.vm].format();
  const bool is_there = world_->strike_now(fault, vm);
  const Code code = is_there ? 0 : code_of(sim::OutcomeKind::kVmNotFound);
  events_.push_back({.kind = Event::Kind::kJobDone, .job = job, .code = code});
}

// Of what is under way, or else of the last that has ended, which nobody can take back any more.
std::shared_ptr<sim::Cancellation> Walk::to_cancel(uint8_t vm) const {
  if (const auto target = job_under_way(model_, vm)) return cancellations_[*target];
  for (size_t i = asked_.size() - 1; i-- > 0;) {
    if (asked_[i].order.vm == vm) return cancellations_[i];
  }
  return nullptr;
}

// Whoever asks may cancel what he has asked for.
sim::Caller Walk::caller(const Order& order, uint32_t job) const {
  sim::Caller caller(job_name(job), sessions_[order.session].get());
  caller.cancellation = cancellations_[job];
  return caller;
}

// No two VMs have ever been there.
std::string Walk::new_folder(uint32_t job) const {
  return "/moved/" + std::to_string(number_of(model_, job));
}

// One that is told that it may not edit, though the host lets it, knows what it would edit.
void Walk::note_begun(const Order& order, const sim::Report& report,
                      const std::optional<sim::VmView>& before) {
  const bool is_misled = order.fault == Fault::kEnd && code_of(report.outcome) == kInjected;
  const std::pair edit(order.session, order.vm);
  if (!report.vms.empty()) begun_[edit] = report.vms[0].config;
  if (is_misled && before) begun_[edit] = before->config;
}

void Walk::ask_world(const Order& order, uint32_t job) {
  // Small, as what is called at the end of every job is to be.
  std::shared_ptr<const std::optional<sim::VmView>> before;
  if (order.act == Act::kBeginEdit) {
    before = std::make_shared<const std::optional<sim::VmView>>(world_->view(uuids_[order.vm]));
  }
  const auto done = [this, order, job, before](const sim::Report& report) {
    if (before) note_begun(order, report, *before);
    events_.push_back({.kind = Event::Kind::kJobDone, .job = job, .code = code_of(report.outcome)});
  };
  const sim::Uuid& vm = uuids_[order.vm];
  if (const auto command = power_command(order.act)) {
    sim::CommandRequest request{.command = *command, .disk_mask = 1};
    request.extended_start = order.act == Act::kStartEx;
    if (const auto answer = sleep_answer(order.act)) {
      request.asks_guest = true;
      world_->peripherals().guests.change(
          vm, [&](sim::Guest& guest) { guest.asked_to_sleep = *answer; });
    }
    return world_->command(caller(order, job), vm, request, done);
  }
  switch (order.act) {
    case Act::kClone:
    case Act::kCloneToTemplate:
    case Act::kCloneLinked:
      return clone(order, job, done);
    case Act::kMove:
      return world_->bundles().move(caller(order, job), vm, new_folder(job), done);
    case Act::kConvert:
      return world_->bundles().convert_disks(caller(order, job), vm,
                                             {.mask = 1, .format = uint64_t{1}}, done);
    case Act::kCopyImage:
    case Act::kGrowDisk:
    case Act::kShrinkDisk:
      return ask_about_disk(order, job, done);
    case Act::kMigrate:
    case Act::kMigrateAsleep:
      return migrate(order, job, done);
    case Act::kCancel:
      return world_->cancel(job_name(job), to_cancel(order.vm), done);
    case Act::kShutDown:
    case Act::kShutDownGently:
      return world_->shut_down(job_name(job), order.act == Act::kShutDown, done);
    case Act::kUnregister:
      return world_->registry().unregister_vm(caller(order, job), vm, done);
    case Act::kDelete:
      return world_->registry().delete_vm(caller(order, job), vm, done);
    case Act::kBeginEdit:
    case Act::kCommit:
    case Act::kLock:
    case Act::kUnlock:
      return ask_to_edit(order, job, done);
    default:
      return ask_about_snapshot(order, job, done);
  }
}

void Walk::ask_about_snapshot(const Order& order, uint32_t job, sim::OperationDone done) {
  const sim::Uuid& vm = uuids_[order.vm];
  sim::SnapshotOrder about{.skips_resume = order.act == Act::kSwitchToImage,
                           .with_children = order.act == Act::kDeleteSubtree};
  if (order.act == Act::kCreateSnapshot) {
    about.name = std::to_string(number_of(model_, job));
    return world_->snapshots().create(caller(order, job), vm, about, std::move(done));
  }
  const std::vector<Snapshot>& known = model_.vms[order.vm].snapshots;
  about.uuid = sim::Uuid::from_random(7, 7);
  if (order.snapshot < known.size()) {
    const std::string name = std::to_string(known[order.snapshot].number);
    if (!snapshots_.contains(name)) tree_of(order.vm);
    if (const auto met = snapshots_.find(name); met != snapshots_.end()) about.uuid = met->second;
  }
  if (order.act == Act::kSwitch || order.act == Act::kSwitchToImage) {
    return world_->snapshots().switch_to(caller(order, job), vm, about, std::move(done));
  }
  world_->snapshots().remove(caller(order, job), vm, about, std::move(done));
}

void Walk::ask_to_edit(const Order& order, uint32_t job, sim::OperationDone done) {
  const sim::Uuid& vm = uuids_[order.vm];
  Session& session = *sessions_[order.session];
  sim::EditRequests& edits = world_->edits();
  switch (order.act) {
    case Act::kBeginEdit:
      return edits.begin(job_name(job), session, vm, std::move(done));
    case Act::kLock:
      return edits.lock(job_name(job), session, vm, std::move(done));
    case Act::kUnlock:
      return edits.unlock(job_name(job), session, vm, std::move(done));
    default:
      break;
  }
  edits.commit(job_name(job), session, edited_config(order, job), sim::RemovedDisks::kKeep,
               std::move(done));
}

sim::VmConfig Walk::edited_config(const Order& order, uint32_t job) {
  const auto begun = begun_.find({order.session, order.vm});
  sim::VmConfig config;
  if (begun != begun_.end()) {
    config = begun->second;
  } else if (const auto view = world_->view(uuids_[order.vm])) {
    config = view->config;
  }
  config.uuid = uuids_[order.vm];
  config.properties.set(std::string(kDescription), description_text(number_of(model_, job)));
  return config;
}

void Walk::clone(const Order& order, uint32_t job, sim::OperationDone done) {
  sim::CloneOrder about;
  about.name = "clone " + std::to_string(number_of(model_, job));
  about.is_linked = about.takes_lock = order.act == Act::kCloneLinked;
  about.is_template = order.act == Act::kCloneToTemplate;
  about.make_mac = [](const sim::Uuid&) { return std::string("001C42000000"); };
  world_->clones().clone(caller(order, job), uuids_[order.vm], std::move(about), std::move(done));
}

void Walk::migrate(const Order& order, uint32_t job, sim::OperationDone done) {
  sim::MigrationOrder about;
  about.target = target_;
  about.stays_suspended = order.act == Act::kMigrateAsleep;
  world_->migrations().migrate(caller(order, job), uuids_[order.vm], std::move(about),
                               std::move(done));
}

}  // namespace prl::model
