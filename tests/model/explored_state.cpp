#include "tests/model/explored_state.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

namespace prl::model {
namespace {

// ---- What makes two states the same -----------------------------------------------------------

// Numbers that only tell things apart, renamed in the order in which they are met.
class Names {
 public:
  size_t of(uint32_t number) {
    if (number == 0) return 0;
    const auto place = std::ranges::find(met_, number);
    const auto name = static_cast<size_t>(place - met_.begin()) + 1;
    if (place == met_.end()) met_.push_back(number);
    return name;
  }

 private:
  std::vector<uint32_t> met_;
};

// Keys are many and long, so whatever has few values is one letter.
class KeyWriter {
 public:
  KeyWriter(const Exploration& exploration, Walk& walk, const Naming& naming)
      : host_(walk.model()),
        sights_(walk.sights()),
        naming_(naming),
        tells_time_(exploration.tells_time) {
    key_.reserve(128);
    places_ = naming.vms;
    for (size_t i = exploration.setting.vms; i < host_.vms.size(); ++i) {
      places_.push_back(static_cast<uint8_t>(i));
    }
  }

  std::string write() && {
    for (size_t i = 0; i < places_.size(); ++i) {
      if (sights_[places_[i]].is_registered) put_vm(i < naming_.vms.size(), places_[i]);
    }
    if (host_.shutdown) put('D', host_.shutdown->vms_at_work);
    if (!host_.has_sessions) key_ += 'N';
    if (host_.is_down) key_ += 'B';
    for (const Operation& clone : host_.clones) put_operation(clone);
    for (const Operation& rewriting : host_.rewritings) put_operation(rewriting);
    return std::move(key_);
  }

 private:
  template <class Number>
  void put(Number number) {
    key_ += static_cast<char>('0' + static_cast<int>(number));
  }
  template <class Number>
  void put(char what, Number number) {
    key_ += what;
    put(number);
  }

  void put_vm(bool is_original, uint8_t place) {
    const Vm& vm = host_.vms[place];
    const Sight& sight = sights_[place];
    Names snapshots;
    key_ += is_original ? '|' : '/';
    if (vm.is_template) key_ += 'T';
    put(sight.state);
    put(vm.state);
    if (sight.has_image) key_ += 'I';
    if (sight.is_being_cloned) key_ += 'C';
    if (vm.frozen != Freeze::kNo) put('F', vm.frozen);
    if (vm.is_started_by_ex) key_ += 'X';
    put(descriptions_.of(vm.description));
    put_disk(vm.disk_mib);
    if (vm.locked_by) put('L', name_of_session(*vm.locked_by));
    for (const Snapshot& snapshot : vm.snapshots) {
      put('<', snapshots.of(snapshot.number));
      put(snapshots.of(snapshot.parent));
      put(snapshot.power);
      put(descriptions_.of(snapshot.description));
      put_disk(snapshot.disk_mib);
    }
    put('@', snapshots.of(vm.current));
    put_stamps(vm);
    if (vm.starts_when_down) key_ += 'W';
    if (host_.shutdown && vm.ran_before) key_ += 'R';
    if (vm.operation) put_operation(*vm.operation);
  }

  void put_disk(uint32_t size_mib) {
    if (size_mib != kDiskMib) put('Z', size_mib);
  }

  void put_stamps(const Vm& vm) {
    std::vector<Stamp> stamps = vm.stamps;
    for (Stamp& stamp : stamps) stamp.session = name_of_session(stamp.session);
    std::ranges::sort(stamps, {}, &Stamp::session);  // their order makes no difference
    for (const Stamp& stamp : stamps) {
      put('S', stamp.session);
      put(descriptions_.of(stamp.description));
    }
  }

  void put_operation(const Operation& operation) {
    const Order& order = operation.order;
    put('+', order.act);
    put(place_of(order.vm));
    put(name_of_session(order.session));
    put(order.snapshot);
    put(order.fault);
    put(operation.before);
    put_disk(operation.disk_mib);
    if (operation.fails) key_ += '!';
    if (operation.job == kJobOfShutdown) key_ += 'D';
    if (operation.code != 0) key_.append(std::to_string(operation.code));
    put('.', earlier_than(operation));
    if (!tells_time_) return;
    put_time_left(operation.due_ms);
    if (operation.then) put_time_left(operation.then->first);
  }

  void put_time_left(uint64_t due_ms) {
    key_ += ' ';
    if (due_ms != kNever) key_ += std::to_string(due_ms - host_.now_ms);
  }

  uint8_t name_of_session(uint8_t session) const {
    return session == kSessionOfNobody ? uint8_t{0x20} : naming_.sessions[session];
  }

  // VMs that have gone are passed over: how many there were does not matter.
  size_t place_of(uint8_t vm) const {
    size_t place = 0;
    for (size_t i = 0; places_[i] != vm; ++i) place += sights_[places_[i]].is_registered;
    return place;
  }

  // Which of all that is under way ends when; not the moment, of which there are too many.
  size_t earlier_than(const Operation& operation) const {
    size_t earlier = 0;
    const auto count = [&](const Operation& other) {
      earlier += std::pair(other.due_ms, other.turn) < std::pair(operation.due_ms, operation.turn);
    };
    for (const Vm& vm : host_.vms) {
      if (vm.operation) count(*vm.operation);
    }
    for (const Operation& clone : host_.clones) count(clone);
    for (const Operation& rewriting : host_.rewritings) count(rewriting);
    return earlier;
  }

  const Host& host_;
  const std::vector<Sight>& sights_;
  const Naming& naming_;
  const bool tells_time_;
  std::vector<uint8_t> places_;  // of the VMs, in the order in which they are looked at
  Names descriptions_;
  std::string key_;
};

std::vector<std::vector<uint8_t>> permutations(size_t count) {
  std::vector<uint8_t> places(count);
  std::iota(places.begin(), places.end(), uint8_t{0});
  std::vector<std::vector<uint8_t>> all;
  do {
    all.push_back(places);
  } while (std::ranges::next_permutation(places).found);
  return all;
}

}  // namespace

std::vector<Naming> all_namings(const WalkSetting& setting) {
  std::vector<Naming> namings;
  for (const auto& vms : permutations(setting.vms)) {
    for (const auto& sessions : permutations(setting.sessions)) namings.push_back({vms, sessions});
  }
  return namings;
}

Naming plain_naming(const WalkSetting& setting) {
  return all_namings(setting).front();
}

std::string key_of(const Exploration& exploration, Walk& walk, const Naming& naming) {
  return KeyWriter(exploration, walk, naming).write();
}

// ---- What can be done -------------------------------------------------------------------------

namespace {

// One that has gone has none, whatever it had.
size_t snapshots_of(const Vm& vm) {
  return vm.is_registered ? vm.snapshots.size() : 0;
}

bool has_room(const Exploration& exploration, const Host& host, size_t vm, Act act) {
  if (act == Act::kCreateSnapshot) {
    return snapshots_of(host.vms[vm]) < exploration.snapshots_max;
  }
  if (!is_clone(act)) return true;
  const auto vms = std::ranges::count(host.vms, true, &Vm::is_registered);
  const size_t bound = exploration.setting.vms + exploration.clones_max;
  return static_cast<size_t>(vms) + host.clones.size() < bound;
}

// A clone is deleted again. A template refuses what a VM does not.
bool is_for_clones(const Vm& clone, Act act) {
  const bool is_tried = act == Act::kStart || act == Act::kCreateSnapshot;
  return act == Act::kDelete || (clone.is_template && is_tried);
}

void add_orders(const Exploration& exploration, const Host& host, Order order,
                std::vector<Move>& moves) {
  if (!has_room(exploration, host, order.vm, order.act)) return;
  const bool is_original = order.vm < exploration.setting.vms;
  if (!is_original && !is_for_clones(host.vms[order.vm], order.act)) return;
  const size_t places = names_snapshot(order.act) ? snapshots_of(host.vms[order.vm]) + 1 : 1;
  for (const Fault fault : exploration.faults) {
    order.fault = fault;
    for (size_t place = 0; place < places; ++place) {
      order.snapshot = static_cast<uint8_t>(place);
      moves.push_back({.kind = Move::Kind::kOrder, .order = order});
    }
  }
}

}  // namespace

std::vector<Move> possible_moves(const Exploration& exploration, const Host& host) {
  std::vector<Move> moves;
  moves.reserve(1 + host.vms.size() * exploration.acts.size() * exploration.setting.sessions *
                        exploration.faults.size());
  if (next_due_ms(host)) moves.push_back({.kind = Move::Kind::kWaitForNext});
  for (size_t vm = 0; vm < host.vms.size(); ++vm) {
    // One that has gone answers all with the same; the first VM stands for all of them.
    if (!host.vms[vm].is_registered && vm != 0) continue;
    for (const Act act : exploration.acts) {
      if (is_of_host(act) && vm != 0) continue;
      for (uint8_t session = 0; session < exploration.setting.sessions; ++session) {
        add_orders(exploration, host,
                   {.act = act, .vm = static_cast<uint8_t>(vm), .session = session}, moves);
      }
    }
  }
  if (exploration.is_backwards) std::ranges::reverse(moves);
  return moves;
}

bool is_refused(const Walk& walk, const Move& move, size_t since) {
  const auto& events = walk.world_events();
  return move.kind == Move::Kind::kOrder && move.order.fault != Fault::kEnd &&
         events.size() == since + 1 && events.back().code != 0 &&
         events.back().job + 1 == walk.asked().size();
}

}  // namespace prl::model
