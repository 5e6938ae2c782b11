#include "tests/model/walk.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

#include "simulator/memory_storage.h"
#include "tests/model/outcome_codes.h"
#include "tests/model/walk_texts.h"
#include "tests/simulator/silent_session.h"

namespace prl::model {
namespace {

constexpr uint32_t kRamMib = 4;
constexpr size_t kSnapshotsMax = 3;
constexpr size_t kVmsMax = 4;
constexpr uint64_t kLongMs = 10'000;  // in which everything would end
constexpr uint32_t kNumbersOfHost = 1'000'000;

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

// Names of functions last as long as the program. There are never as many jobs that have not begun.
std::string_view job_name(uint32_t job) {
  constexpr size_t kNames = 256;
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made(kNames);
    for (size_t i = 0; i < kNames; ++i) made[i] = "job " + std::to_string(i);
    return made;
  }();
  return names[job % kNames];
}

bool agrees(const Event& expected, const Event& seen) {
  if (expected.kind != seen.kind) return false;
  if (expected.kind != Event::Kind::kJobDone) {
    return expected.vm == seen.vm && expected.state == seen.state &&
           expected.percent == seen.percent;
  }
  const bool has_right_code =
      expected.code == kSomeRefusal ? seen.code != 0 : seen.code == expected.code;
  return expected.job == seen.job && has_right_code;
}

}  // namespace

State state_of(sim::State state) {
  static const auto states = [] {
    std::array<State, sim::kStateCount> found{};  // unknown
    for (size_t i = 0; i < found.size(); ++i) {
      for (uint8_t k = 0; k < kStateCount; ++k) {
        const bool is_same = state_name(State{k}) == sim::state_name(static_cast<sim::State>(i));
        if (is_same) found[i] = State{k};
      }
    }
    return found;
  }();
  return states[static_cast<size_t>(state)];
}

static std::string text_of(const Move& move) {
  switch (move.kind) {
    case Move::Kind::kOrder:
      return order_text(move.order);
    case Move::Kind::kWait:
      return "wait " + std::to_string(move.wait_ms) + " ms";
    case Move::Kind::kWaitForNext:
      return "wait for what happens next";
  }
  return "";
}

std::string move_text(const Move& move) {
  return move.host == 0 ? text_of(move)
                        : "on host " + std::to_string(move.host) + " " + text_of(move);
}

std::string script_text(const std::vector<Move>& script) {
  std::string text;
  for (const Move& move : script) text += "  " + move_text(move) + "\n";
  return text;
}

void showValue(const Move& move, std::ostream& out) {
  out << move_text(move);
}

void showValue(AutoStart when, std::ostream& out) {
  constexpr std::array kNames = {"no automatic start", "starts on load", "starts on reload"};
  out << kNames[static_cast<size_t>(when)];
}

// ---- What the world calls ---------------------------------------------------------------------

// Writes down what it is told; the first of a walk also for the walk itself.
class Walk::Session final : public sim::SilentSession {
 public:
  Session(std::vector<Event>& events, std::vector<sim::Uuid>& uuids, bool is_first)
      : events_(events), uuids_(uuids), is_first_(is_first) {}

  void on_state_changed(const sim::Uuid& vm, sim::State state) override {
    note(Event::Kind::kState, vm, state_of(state));
  }
  void on_config_changed(const sim::Uuid& vm) override { note(Event::Kind::kConfigChanged, vm); }
  void on_vm_deleted(const sim::Uuid& vm) override { note(Event::Kind::kDeleted, vm); }
  void on_vm_unregistered(const sim::Uuid& vm) override { note(Event::Kind::kUnregistered, vm); }
  void on_vm_added(const sim::Uuid& vm) override {
    const bool comes_back = std::ranges::find(uuids_, vm) != uuids_.end();
    if (is_first_ && !comes_back) uuids_.push_back(vm);
    note(Event::Kind::kAdded, vm);
  }
  void on_notice(const sim::Uuid& vm, sim::VmNotice notice) override {
    using Kind = Event::Kind;
    switch (notice) {
      case sim::VmNotice::kSnapshotTaken:
        return note(Kind::kSnapshotTaken, vm);
      case sim::VmNotice::kSnapshotRestored:
        return note(Kind::kSnapshotRestored, vm);
      case sim::VmNotice::kSnapshotDeleted:
        return note(Kind::kSnapshotDeleted, vm);
      case sim::VmNotice::kSnapshotsChanged:
        return note(Kind::kTreeChanged, vm);
      case sim::VmNotice::kMemoryWritten:
        return note(Kind::kMemoryWritten, vm);
      case sim::VmNotice::kAborted:
        return note(Kind::kAborted, vm);
      case sim::VmNotice::kFrozen:
        return note(Kind::kFrozen, vm);
      case sim::VmNotice::kUnfrozen:
        return note(Kind::kUnfrozen, vm);
      case sim::VmNotice::kPausedByHostSleep:
      case sim::VmNotice::kContinuedByHostWakeup:
        return;  // hosts do not sleep in walks
      case sim::VmNotice::kCompactBegun:
        return note(Kind::kCompactBegun, vm);
      case sim::VmNotice::kCompactFinished:
        return note(Kind::kCompactFinished, vm);
    }
  }
  void on_notice(const sim::Uuid& vm, const sim::Notice& notice) override {
    const auto* migration = std::get_if<sim::MigrationNotice>(&notice);
    if (!migration) return;
    switch (migration->kind) {
      case sim::MigrationNotice::Kind::kStarted:
        return note(Event::Kind::kMigrateStarted, vm);
      case sim::MigrationNotice::Kind::kProgress:
        return note({.kind = Event::Kind::kMigrateProgress,
                     .vm = place_of(vm),
                     .percent = migration->percent});
      case sim::MigrationNotice::Kind::kFinished:
        return note(Event::Kind::kMigrateFinished, vm);
      case sim::MigrationNotice::Kind::kCancelled:
        return note(Event::Kind::kMigrateCancelled, vm);
    }
  }
  void on_connection_lost() override {
    is_connected_ = false;
    note({.kind = Event::Kind::kCutOff});
  }
  void connect() { is_connected_ = true; }
  bool is_connected() const { return is_connected_; }
  const std::vector<std::string>& told() const { return told_; }

 private:
  void note(Event::Kind kind, const sim::Uuid& vm, State state = State::kUnknown) {
    note({.kind = kind, .vm = place_of(vm), .state = state});
  }
  uint8_t place_of(const sim::Uuid& vm) const {
    return static_cast<uint8_t>(std::ranges::find(uuids_, vm) - uuids_.begin());
  }
  void note(const Event& event) {
    told_.push_back(event_text(event));
    if (is_first_) events_.push_back(event);
  }

  std::vector<Event>& events_;
  std::vector<sim::Uuid>& uuids_;
  const bool is_first_;
  bool is_connected_ = false;
  std::vector<std::string> told_;
};

static sim::Fault::Kind kind_of(Act happening) {
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
    case Act::kRestartService:
      return sim::Fault::Kind::kRestartService;
    case Act::kPowerCut:
      return sim::Fault::Kind::kPowerCut;
    default:
      return sim::Fault::Kind::kKillVm;
  }
}

class Walk::FaultPlan final : public sim::Interventions {
 public:
  void expect(uint32_t job, Fault fault) { planned_[std::string(job_name(job))] = fault; }
  bool watches(sim::Layer layer, std::string_view /*name*/) override {
    return layer == sim::Layer::kJob;
  }
  std::optional<sim::Fault> consult(const sim::FaultPoint& job) override {
    const auto found = planned_.find(job.name);
    if (found == planned_.end() || found->second == Fault::kNone) return std::nullopt;
    sim::Fault fault;
    fault.result_code = static_cast<int32_t>(0x80000000 | kInjected);
    fault.phase = found->second == Fault::kStart    ? sim::JobPhase::kStart
                  : found->second == Fault::kMiddle ? sim::JobPhase::kMiddle
                                                    : sim::JobPhase::kEnd;
    return fault;
  }

 private:
  std::map<std::string, Fault, std::less<>> planned_;
};

Walk::Walk(const WalkSetting& setting)
    : setting_(setting),
      model_(make_host(setting.profile, {}, setting.vms, setting.host * kNumbersOfHost)) {
  auto faults = std::make_unique<FaultPlan>();
  faults_ = faults.get();
  sim::WorldOptions options;
  options.clock = {.mode = sim::ClockSpec::Mode::kVirtual};
  options.profile =
      setting.profile == Profile::kVirtuozzo ? sim::Profile::kVirtuozzo : sim::Profile::kDesktop;
  options.latencies[static_cast<size_t>(sim::Timed::kRequest)] = {};
  options.interventions = std::move(faults);
  options.rules = setting.rules;
  options.seed = setting.host;
  for (uint64_t i = 0; i < setting.vms; ++i) {
    uuids_.push_back(sim::Uuid::from_random(i + 1, setting.host * kNumbersOfHost + i + 1));
    options.vms.push_back({.uuid = uuids_.back(),
                           .name = "vm" + std::to_string(model_.vms[i].identity),
                           .ram_mib = kRamMib,
                           .cpu_count = 1});
  }
  world_ = std::make_unique<sim::World>(std::move(options));
  for (Vm& vm : model_.vms) {
    vm.auto_start = setting.auto_start;
    vm.is_killed_at_shutdown = setting.is_killed_at_shutdown;
  }
  for (uint8_t i = 0; i < setting.sessions; ++i) {
    sessions_.push_back(std::make_unique<Session>(events_, uuids_, i == 0));
  }
  log_in();
  for (const sim::Uuid& vm : uuids_) configure(vm);
  events_.clear();
}

void Walk::log_in() {
  for (const auto& session : sessions_) {
    world_->login("login", *session, [&](const sim::Report& report) {
      if (report.outcome.ok()) session->connect();
    });
  }
  world_->advance(0);
}

void Walk::log_in_again() {
  if (sessions_[0]->is_connected()) return;
  log_in();
  prl::model::log_in(model_);
  // Clones may have ended while nobody was told.
  world_->list("list", [this](const sim::Report& report) {
    for (const sim::VmView& vm : report.vms) {
      if (std::ranges::find(uuids_, vm.config.uuid) == uuids_.end()) {
        uuids_.push_back(vm.config.uuid);
      }
    }
  });
  world_->advance(0);
}

// Its disk can be compacted, but is as small as it can get: the model has configurations differ in
// their descriptions only.
void Walk::configure(const sim::Uuid& vm) {
  sim::VmConfig config = world_->view(vm)->config;
  const uint32_t disk = config.properties.add_child("Hardware.Hdd");
  const std::string path = sim::PropertyTree::child_path("Hardware.Hdd", disk);
  config.properties.set(path + ".StackIndex", uint64_t{0});
  config.properties.set(path + ".SizeOnDisk", uint64_t{0});
  config.properties.set("Settings.Startup.AutoStart", static_cast<uint64_t>(setting_.auto_start));
  config.properties.set("Settings.Shutdown.AutoStop",
                        uint64_t{setting_.is_killed_at_shutdown ? 0u : 1u});
  const auto changed = [config](const sim::VmView&) {
    sim::RequestEnd end;
    end.config = config;
    end.is_told = false;
    return end;
  };
  world_->request("configure", vm, changed, [](const sim::Report&) {});
  world_->advance(0);
}

Walk::~Walk() {
  world_.reset();
}

// ---- Moves ------------------------------------------------------------------------------------

Order Walk::resolve(Order order) const {
  order.vm = static_cast<uint8_t>(order.vm % model_.vms.size());
  order.session = static_cast<uint8_t>(order.session % sessions_.size());
  // One place more than there are snapshots: the one that there is not.
  order.snapshot =
      static_cast<uint8_t>(order.snapshot % (model_.vms[order.vm].snapshots.size() + 1));
  const Vm& vm = model_.vms[order.vm];
  // The bounds: where there is no room for more, the order is one that is refused.
  const auto vms = static_cast<size_t>(std::ranges::count(model_.vms, true, &Vm::is_registered));
  const bool is_full =
      (order.act == Act::kCreateSnapshot && vm.snapshots.size() >= kSnapshotsMax) ||
      (order.act == Act::kClone && vms + model_.clones.size() >= kVmsMax);
  if (is_full) order.fault = Fault::kStart;
  if (is_of_itself(order.act)) order.fault = Fault::kNone;  // that is one already
  if (is_of_service(order.act)) order.vm = 0;
  return order;
}

void Walk::wait(uint64_t wait_ms) {
  advance(model_, wait_ms);
  world_->advance(wait_ms);
}

void Walk::make(const Move& move) {
  if (move.kind == Move::Kind::kOrder) {
    give(move.order);
  } else {
    const auto due_ms = next_due_ms(model_);
    const uint64_t next_ms = due_ms ? *due_ms - model_.now_ms : kLongMs;
    wait(move.kind == Move::Kind::kWait ? move.wait_ms : next_ms);
  }
  log_in_again();
}

void Walk::give(const Order& unresolved) {
  const Order order = resolve(unresolved);
  const uint32_t job = model_.jobs;
  faults_->expect(job, order.fault);
  const auto view = world_->view(uuids_[order.vm]);
  asked_.push_back({order, view ? view->state : sim::State::kUnknown});
  cancellations_.push_back(
      std::make_shared<sim::Cancellation>(sim::Cancellation{.is_open = false}));
  // First: what it names are things of the moment before.
  if (is_of_itself(order.act)) {
    strike_world(order, job);
  } else {
    ask_world(order, job);
  }
  submit(model_, order);
  world_->advance(0);
}

std::string Walk::take(const Move& move) {
  compared_ = model_.events.size();
  if (events_.size() != compared_) return "the walk has gone astray before";
  make(move);
  return compare();
}

std::string Walk::look_again() {
  return compared_ == model_.events.size() && compared_ == events_.size() ? "" : compare();
}

std::string Walk::compare() {
  const size_t since = std::exchange(compared_, model_.events.size());
  std::string difference = compare_events(since);
  if (difference.empty()) difference = compare_sessions();
  if (difference.empty()) difference = compare_sights(since);
  return difference;
}

void Walk::meet(Walk& other) {
  model_.neighbour = &other.model_;
  target_ = other.world_.get();
}

void Walk::repeat(const Move& move) {
  make(move);
  sights_.clear();
}

void Walk::strike_world(const Order& order, uint32_t job) {
  sim::Fault fault;
  fault.kind = kind_of(order.act);
  const std::string vm = is_of_service(order.act) ? "" : uuids_[order.vm].format();
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

void Walk::ask_world(const Order& order, uint32_t job) {
  const auto done = [this, order, job](const sim::Report& report) {
    if (order.act == Act::kBeginEdit && !report.vms.empty()) {
      begun_[{order.session, order.vm}] = report.vms[0].config;
    }
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
      return clone(order, job, done);
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
    if (!snapshots_.contains(name)) tree_of(vm);
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

// ---- Events -----------------------------------------------------------------------------------

std::string Walk::compare_events(size_t since) const {
  const auto& expected = model_.events;
  for (size_t i = since; i < std::max(expected.size(), events_.size()); ++i) {
    const bool has_both = i < expected.size() && i < events_.size();
    if (has_both && agrees(expected[i], events_[i])) continue;
    const std::string wanted = i < expected.size() ? event_text(expected[i]) : "nothing";
    const std::string seen = i < events_.size() ? event_text(events_[i]) : "nothing";
    return "the model expects " + wanted + ", the world does " + seen;
  }
  return "";
}

std::string Walk::compare_sessions() {
  const std::vector<std::string>& first = sessions_[0]->told();
  for (const auto& session : sessions_) {
    const std::vector<std::string>& told = session->told();
    const auto since = static_cast<ptrdiff_t>(told_compared_);
    if (!std::equal(told.begin() + since, told.end(), first.begin() + since, first.end())) {
      return "a session is told what others are not";
    }
  }
  told_compared_ = first.size();
  return "";
}

size_t Walk::jobs_ended() {
  for (; events_counted_ < events_.size(); ++events_counted_) {
    jobs_ended_ += events_[events_counted_].kind == Event::Kind::kJobDone;
  }
  return jobs_ended_;
}

}  // namespace prl::model
