#include "tests/model/explored_state.h"

#include <algorithm>

namespace prl::model {
namespace {

// ---- What makes two states the same -----------------------------------------------------------

// Numbers that only tell things apart, renamed in the order in which they are met.
class Names {
 public:
  std::string of(uint32_t number) {
    if (number == 0) return "0";
    const auto place = std::ranges::find(met_, number);
    const auto name = place - met_.begin() + 1;
    if (place == met_.end()) met_.push_back(number);
    return std::to_string(name);
  }

 private:
  std::vector<uint32_t> met_;
};

// Which of all that is under way ends when; not the moment, of which there are too many.
std::string turn_text(const Host& host, const Operation& operation) {
  size_t earlier = 0;
  const auto count = [&](const Operation& other) {
    earlier += std::pair(other.due_ms, other.turn) < std::pair(operation.due_ms, operation.turn);
  };
  for (const Vm& vm : host.vms) {
    if (vm.operation) count(*vm.operation);
  }
  for (const Operation& clone : host.clones) count(clone);
  return "." + std::to_string(earlier);
}

// VMs that have gone are passed over: how many there were does not matter.
std::string operation_text(const Host& host, const Operation& operation) {
  Order order = operation.order;
  order.vm = 0;
  for (size_t i = 0; i < operation.order.vm; ++i) order.vm += host.vms[i].is_registered;
  return order_text(order) + std::string(state_name(operation.before)) +
         (operation.fails ? "!" : "") + (operation.job == kJobOfShutdown ? "D" : "") +
         (operation.code != 0 ? std::to_string(operation.code) : "") + turn_text(host, operation);
}

}  // namespace

std::string key_of(const Exploration& exploration, Walk& walk) {
  const Host& host = walk.model();
  const std::vector<Sight>& sights = walk.sights();
  Names descriptions;
  std::string key;
  for (size_t i = 0; i < host.vms.size(); ++i) {
    const Vm& vm = host.vms[i];
    const Sight& sight = sights[i];
    if (!sight.is_registered) continue;
    Names snapshots;
    key.append(i < exploration.setting.vms ? "|" : "|c");
    key.append(sim::state_name(sight.state)).append(state_name(vm.state));
    key.append(sight.has_image ? "I" : "").append(sight.is_being_cloned ? "C" : "");
    key.append(vm.frozen == Freeze::kByDisk ? "F" : vm.frozen == Freeze::kByGuest ? "G" : "");
    key.append(vm.is_started_by_ex ? "X" : "").append(descriptions.of(vm.description));
    if (vm.locked_by) key.append("L").append(std::to_string(*vm.locked_by));
    for (const Snapshot& snapshot : vm.snapshots) {
      key.append(" ").append(snapshots.of(snapshot.number)).append("<");
      key.append(snapshots.of(snapshot.parent)).append(state_name(snapshot.power));
      key.append(descriptions.of(snapshot.description));
    }
    key.append("@").append(snapshots.of(vm.current));
    for (const Stamp& stamp : vm.stamps) {
      key.append("S").append(std::to_string(stamp.session)).append(":");
      key.append(descriptions.of(stamp.description));
    }
    key.append(vm.starts_when_down ? "W" : "");
    if (host.shutdown) key.append(vm.ran_before ? "R" : "");
    if (vm.operation) key.append(operation_text(host, *vm.operation));
  }
  if (host.shutdown) key.append("D").append(std::to_string(host.shutdown->vms_at_work));
  key.append(host.has_sessions ? "" : "N").append(host.is_down ? "B" : "");
  for (const Operation& clone : host.clones) key.append("+").append(operation_text(host, clone));
  return key;
}

// ---- What can be done -------------------------------------------------------------------------

namespace {

bool names_snapshot(Act act) {
  return act == Act::kSwitch || act == Act::kSwitchToImage || act == Act::kDeleteSnapshot ||
         act == Act::kDeleteSubtree;
}

// One that has gone has none, whatever it had.
size_t snapshots_of(const Vm& vm) {
  return vm.is_registered ? vm.snapshots.size() : 0;
}

bool has_room(const Exploration& exploration, const Host& host, size_t vm, Act act) {
  if (act == Act::kCreateSnapshot) {
    return snapshots_of(host.vms[vm]) < exploration.snapshots_max;
  }
  if (act != Act::kClone) return true;
  const auto vms = std::ranges::count(host.vms, true, &Vm::is_registered);
  const size_t bound = exploration.setting.vms + exploration.clones_max;
  return static_cast<size_t>(vms) + host.clones.size() < bound;
}

void add_orders(const Exploration& exploration, const Host& host, Order order,
                std::vector<Move>& moves) {
  if (!has_room(exploration, host, order.vm, order.act)) return;
  const bool is_clone = order.vm >= exploration.setting.vms;
  if (is_clone && order.act != Act::kDelete) return;
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
  if (next_due_ms(host)) moves.push_back({.kind = Move::Kind::kWaitForNext});
  for (size_t vm = 0; vm < host.vms.size(); ++vm) {
    // One that has gone answers all with the same; the first VM stands for all of them.
    if (!host.vms[vm].is_registered && vm != 0) continue;
    for (const Act act : exploration.acts) {
      if (is_of_service(act) && vm != 0) continue;
      for (uint8_t session = 0; session < exploration.setting.sessions; ++session) {
        add_orders(exploration, host,
                   {.act = act, .vm = static_cast<uint8_t>(vm), .session = session}, moves);
      }
    }
  }
  return moves;
}

}  // namespace prl::model
