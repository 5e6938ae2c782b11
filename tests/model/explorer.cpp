#include "tests/model/explorer.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_set>

#include "tests/model/invariants.h"

namespace prl::model {
namespace {

// ---- What makes two states the same -----------------------------------------------------------

// Numbers that only tell things apart, renamed in the order in which they are met.
class Names {
 public:
  std::string of(uint32_t number) {
    if (number == 0) return "0";
    return std::to_string(names_.emplace(number, names_.size() + 1).first->second);
  }

 private:
  std::map<uint32_t, size_t> names_;
};

// Which of all that is under way ends when; not the moment.
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

std::string operation_text(const Host& host, const Operation& operation) {
  return order_text(operation.order) + std::string(state_name(operation.before)) +
         (operation.fails ? "!" : "") +
         (operation.code != 0 ? std::to_string(operation.code) : "") + turn_text(host, operation);
}

// What the world shows, and of the model what cannot be seen. Without identities, times and
// counters.
std::string key_of(const Host& host, const std::vector<Sight>& sights) {
  Names descriptions;
  std::string key;
  for (size_t i = 0; i < host.vms.size(); ++i) {
    const Vm& vm = host.vms[i];
    const Sight& sight = sights[i];
    if (!sight.is_registered) continue;
    Names snapshots;
    key.append("|").append(sim::state_name(sight.state)).append(state_name(vm.state));
    key.append(sight.has_image ? "I" : "").append(sight.is_being_cloned ? "C" : "");
    key.append(vm.is_frozen ? "F" : "");
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
  if (host.shutdown) key.append("D").append(host.has_sessions ? "" : "N");
  for (const Operation& clone : host.clones) key.append("+").append(operation_text(host, clone));
  return key;
}

// ---- What can be done -------------------------------------------------------------------------

bool names_snapshot(Act act) {
  return act == Act::kSwitch || act == Act::kSwitchToImage || act == Act::kDeleteSnapshot ||
         act == Act::kDeleteSubtree;
}

bool has_room(const Exploration& exploration, const Host& host, size_t vm, Act act) {
  if (act == Act::kCreateSnapshot) {
    return host.vms[vm].snapshots.size() < exploration.snapshots_max;
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
  const size_t places =
      names_snapshot(order.act) ? host.vms[order.vm].snapshots.size() + 1 : size_t{1};
  for (const Fault fault : exploration.faults) {
    order.fault = fault;
    for (size_t place = 0; place < places; ++place) {
      order.snapshot = static_cast<uint8_t>(place);
      moves.push_back({.kind = Move::Kind::kOrder, .order = order});
    }
  }
}

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

// ---- The walk through all of it ---------------------------------------------------------------

// Worlds that wait to be gone on with; each takes some hundred KiB.
constexpr size_t kKeptMax = 1000;

class Explorer {
 public:
  explicit Explorer(const Exploration& exploration) : exploration_(exploration) {
    exploration_.setting.is_thorough = false;  // random walks look at that
  }

  Explored run() {
    auto start = walk_to({});
    std::string key = key_of(start->model(), start->sights());
    enter(std::move(key), std::nullopt, {}, std::move(start));
    for (size_t i = 0; i < nodes_.size() && found_.violation.empty(); ++i) {
      if (nodes_[i].depth < exploration_.depth_max) expand(i);
    }
    found_.states = nodes_.size();
    return found_;
  }

 private:
  struct Node {
    std::optional<size_t> from;
    Move move;  // that led here
    uint32_t depth = 0;
    std::unique_ptr<Walk> walk;  // that came here first, where there was room to keep it
  };

  void enter(std::string key, std::optional<size_t> from, const Move& move,
             std::unique_ptr<Walk> walk) {
    if (!known_.insert(std::move(key)).second) return;
    const uint32_t depth = from ? nodes_[*from].depth + 1 : 0;
    if (kept_ < kKeptMax) {
      ++kept_;
    } else {
      walk.reset();
    }
    nodes_.push_back({from, move, depth, std::move(walk)});
    found_.depth = std::max(found_.depth, depth);
  }

  std::vector<Move> script_to(size_t node) const {
    std::vector<Move> script;
    for (size_t at = node; nodes_[at].from; at = *nodes_[at].from) {
      script.push_back(nodes_[at].move);
    }
    std::ranges::reverse(script);
    return script;
  }

  // A move that leads nowhere leaves the walk where it is, for the next one.
  void expand(size_t node) {
    const std::vector<Move> script = script_to(node);
    auto walk = std::move(nodes_[node].walk);
    if (walk) {
      --kept_;
    } else {
      walk = walk_to(script);
    }
    const std::string key = key_of(walk->model(), walk->sights());
    const std::vector<Move> moves = possible_moves(exploration_, walk->model());
    for (const Move& move : moves) {
      if (!walk) walk = walk_to(script);
      ++found_.transitions;
      const size_t since = walk->world_events().size();
      std::string wrong = walk->take(move);
      if (wrong.empty()) {
        wrong = broken_invariant(*walk, exploration_.setting.profile, since);
      }
      if (!wrong.empty()) {
        found_.violation = wrong + ", after\n" + script_text(script) + script_text({move});
        return;
      }
      std::string reached = key_of(walk->model(), walk->sights());
      if (reached == key) continue;
      enter(std::move(reached), node, move, std::move(walk));
    }
  }

  std::unique_ptr<Walk> walk_to(const std::vector<Move>& script) const {
    auto walk = std::make_unique<Walk>(exploration_.setting);
    for (const Move& move : script) walk->repeat(move);
    return walk;
  }

  Exploration exploration_;
  std::deque<Node> nodes_;
  size_t kept_ = 0;  // of the walks
  std::unordered_set<std::string> known_;
  Explored found_;
};

}  // namespace

std::vector<Act> all_acts() {
  std::vector<Act> acts;
  for (uint8_t i = 0; i < kActCount; ++i) acts.push_back(static_cast<Act>(i));
  return acts;
}

Explored explore(const Exploration& exploration) {
  return Explorer(exploration).run();
}

}  // namespace prl::model
