#include "tests/model/walk.h"

#include <algorithm>
#include <string>
#include <utility>

#include "tests/model/walk_texts.h"
#include "tests/model/walk_world.h"

namespace prl::model {
namespace {

constexpr uint32_t kRamMib = 4;
constexpr size_t kSnapshotsMax = 3;
constexpr size_t kWalkedVmsMax = 4;
constexpr uint64_t kLongMs = 10'000;  // in which everything would end
constexpr uint32_t kNumbersOfHost = 1'000'000;

template <class T>
std::optional<T>& place_for(std::vector<std::optional<T>>& by_vm, uint8_t vm) {
  if (by_vm.size() <= vm) by_vm.resize(size_t{vm} + 1);
  return by_vm[vm];
}

bool agrees(const Event& expected, const Event& seen) {
  if (expected.kind != seen.kind) return false;
  if (expected.kind != Event::Kind::kJobDone) {
    return expected.vm == seen.vm && expected.state == seen.state &&
           expected.percent == seen.percent;
  }
  return expected.job == seen.job && is_fit(expected.code, seen.code);
}

}  // namespace

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
  options.lock_wait_ms = model_.lock_wait_ms = setting.lock_wait_ms;
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
// their descriptions and in the sizes of disks only.
void Walk::configure(const sim::Uuid& vm) {
  sim::VmConfig config = world_->view(vm)->config;
  disk_ = config.properties.add_child(kDisks);
  const std::string path = sim::PropertyTree::child_path(kDisks, disk_);
  disk_size_ = path + ".Size";
  config.properties.set(disk_size_, uint64_t{kDiskMib});
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
      (is_clone(order.act) && vms + model_.clones.size() >= kWalkedVmsMax);
  if (is_full) order.fault = Fault::kStart;
  if (is_of_itself(order.act)) order.fault = Fault::kNone;  // that is one already
  if (is_of_host(order.act)) order.vm = 0;
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

// What has been looked at need not be asked for again as long as nothing has happened since.
sim::State Walk::state_seen(uint8_t vm) const {
  if (vm < sights_.size() && compared_ == events_.size()) return sights_[vm].state;
  const auto view = world_->view(uuids_[vm]);
  return view ? view->state : sim::State::kUnknown;
}

void Walk::give(const Order& unresolved) {
  const Order order = resolve(unresolved);
  const uint32_t job = model_.jobs;
  faults_->expect(job, order.fault);
  asked_.push_back({order, state_seen(order.vm), events_.size()});
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

void Walk::meet(Walk& other) {
  model_.neighbour = &other.model_;
  target_ = other.world_.get();
}

void Walk::repeat(const Move& move) {
  make(move);
  sights_.clear();
}

// ---- Comparing --------------------------------------------------------------------------------

std::string Walk::compare() {
  const size_t since = std::exchange(compared_, model_.events.size());
  std::string difference = compare_events(since);
  if (difference.empty()) difference = compare_sessions();
  if (difference.empty()) difference = compare_sights(since);
  return difference;
}

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
  const std::vector<Event>& first = sessions_[0]->told();
  for (const auto& session : sessions_) {
    const std::vector<Event>& told = session->told();
    const auto since = static_cast<ptrdiff_t>(told_compared_);
    if (!std::equal(told.begin() + since, told.end(), first.begin() + since, first.end())) {
      return "a session is told what others are not";
    }
  }
  told_compared_ = first.size();
  return "";
}

void Walk::count_events() {
  using Kind = Event::Kind;
  for (; events_counted_ < events_.size(); ++events_counted_) {
    const Event& event = events_[events_counted_];
    jobs_ended_ += event.kind == Kind::kJobDone;
    if (event.kind == Kind::kCutOff) announced_.clear();
    if (event.kind == Kind::kState) place_for(announced_, event.vm) = event.state;
    if (event.kind == Kind::kDeleted || event.kind == Kind::kUnregistered) {
      auto& place = place_for(gone_, event.vm);
      if (!place) place = events_counted_;
    }
  }
}

size_t Walk::jobs_ended() {
  count_events();
  return jobs_ended_;
}

std::optional<size_t> Walk::gone(uint8_t vm) {
  count_events();
  return vm < gone_.size() ? gone_[vm] : std::nullopt;
}

std::optional<State> Walk::announced(uint8_t vm) {
  count_events();
  return vm < announced_.size() ? announced_[vm] : std::nullopt;
}

}  // namespace prl::model
