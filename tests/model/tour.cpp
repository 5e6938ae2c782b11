#include "tests/model/tour.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <numeric>
#include <optional>
#include <queue>
#include <utility>

#include "tests/model/explored_state.h"
#include "tests/model/invariants.h"

namespace prl::model {
namespace {

// A walk gets slower with what it has behind it.
constexpr size_t kStepsMax = 500;
constexpr size_t kTouredVmsMax = 8;
// A way that is longer takes more than a new world and a way from there.
constexpr size_t kPathMax = 40;

// Of a move, among others: the end of a snapshot, of its restoring or of a suspend writes or reads
// files.
uint32_t cost_of(const Host& host, const Move& move) {
  constexpr uint32_t kFiles = 10;
  const bool has_files = std::ranges::any_of(host.vms, [](const Vm& vm) {
    return vm.state == State::kSnapshoting || vm.state == State::kRestoring ||
           vm.state == State::kSuspending;
  });
  return has_files && move.kind != Move::Kind::kOrder ? kFiles : 1;
}

}  // namespace

Tour::Tour(const Exploration& exploration)
    : exploration_(exploration), naming_(plain_naming(exploration.setting)) {
  exploration_.setting.is_thorough = false;  // random walks look at that
}

Explored Tour::run() {
  begin_anew();
  do {
    while (nodes_[at_].tried < nodes_[at_].moves && found_.violation.empty()) try_next_move();
  } while (found_.violation.empty() && go_to_unfinished());
  found_.states = nodes_.size();
  found_.depth = depth();
  return found_;
}

void Tour::begin_anew() {
  walk_ = std::make_unique<Walk>(exploration_.setting);
  steps_ = 0;
  scripts_.emplace_back();
  moves_.clear();
  at_ = node_of(key_of(exploration_, *walk_, naming_));
}

size_t Tour::node_of(std::string key) {
  const auto [place, is_new] = numbers_.try_emplace(std::move(key), nodes_.size());
  if (is_new) {
    const size_t moves = possible_moves(exploration_, walk_->model()).size();
    nodes_.push_back({.key = place->first,
                      .moves = moves,
                      .script = scripts_.size() - 1,
                      .script_length = scripts_.back().size()});
    ++unfinished_;
  }
  return place->second;
}

void Tour::try_next_move() {
  const size_t place = nodes_[at_].tried++;
  if (nodes_[at_].tried == nodes_[at_].moves) --unfinished_;
  if (moves_.empty()) moves_ = possible_moves(exploration_, walk_->model());
  const Move move = moves_.at(place);
  ++found_.transitions;
  ++steps_;
  const uint32_t cost = cost_of(walk_->model(), move);
  const size_t since = walk_->world_events().size();
  std::string wrong = walk_->take(move);
  if (wrong.empty()) wrong = broken_invariant(*walk_, exploration_.setting.profile, since);
  if (!wrong.empty()) return note_violation(wrong, {move});
  if (is_refused(*walk_, move, since)) return;
  std::string key = key_of(exploration_, *walk_, naming_);
  const bool leads_on = key != nodes_[at_].key;
  // Time has passed all the same, where that is not told.
  if (leads_on || move.kind != Move::Kind::kOrder) scripts_.back().push_back(move);
  if (!leads_on) return;
  const size_t to = node_of(std::move(key));
  nodes_[at_].edges.push_back({place, to, cost});
  at_ = to;
  moves_.clear();
}

// False when there is no more to try.
bool Tour::go_to_unfinished() {
  if (unfinished_ == 0) return false;
  std::vector<Edge> path;
  if (steps_ < kStepsMax && walk_->model().vms.size() <= kTouredVmsMax)
    path = path_to_unfinished(at_);
  if (path.empty() || path.size() > kPathMax) {
    begin_anew();
    path = path_to_unfinished(at_);
  }
  // The first one, where the path is empty: whatever has been found can be reached from there.
  if (!path.empty() && !go(path)) go_as_before(path.back().to);
  return true;
}

// False where it leads elsewhere than it did before: what two states that look alike will do may
// depend on moments.
bool Tour::go(const std::vector<Edge>& path) {
  moves_.clear();
  for (const Edge& edge : path) {
    const std::vector<Move> moves = possible_moves(exploration_, walk_->model());
    if (edge.move >= moves.size()) return false;
    scripts_.back().push_back(moves[edge.move]);
    walk_->repeat(moves[edge.move]);
    ++steps_;
    at_ = edge.to;
  }
  return key_of(exploration_, *walk_, naming_) == nodes_[at_].key;
}

// From the beginning, with every move that came before.
void Tour::go_as_before(size_t node) {
  begin_anew();
  const std::vector<Move>& script = scripts_[nodes_[node].script];
  for (size_t i = 0; i < nodes_[node].script_length; ++i) {
    scripts_.back().push_back(script[i]);
    walk_->repeat(script[i]);
    ++steps_;
  }
  at_ = node;
  const std::string key = key_of(exploration_, *walk_, naming_);
  if (key != nodes_[node].key) {
    note_violation("the same script leads to " + key + " and to " + nodes_[node].key);
  }
}

namespace {

// Nodes by what it costs to come to them, the cheapest first.
class Coming {
 public:
  void add(uint32_t cost, size_t node) { nodes_.push(uint64_t{cost} << kNodeBits | node); }
  bool is_empty() const { return nodes_.empty(); }
  std::pair<uint32_t, size_t> take() {
    const uint64_t next = nodes_.top();
    nodes_.pop();
    return {static_cast<uint32_t>(next >> kNodeBits), static_cast<uint32_t>(next)};
  }

 private:
  static constexpr int kNodeBits = 32;  // cost and node are one number, which is compared at once
  std::priority_queue<uint64_t, std::vector<uint64_t>, std::greater<>> nodes_;
};

}  // namespace

// Finds the way to the nearest unfinished node from each.
void Tour::make_guides() {
  searched_ = 0;
  guides_.assign(nodes_.size(), {});
  // Of all edges, those that lead to one node side by side: where they come from.
  struct Before {
    size_t node = 0;
    size_t edge = 0;
  };
  std::vector<size_t> first_before(nodes_.size() + 2);
  for (const Node& node : nodes_) {
    for (const Edge& edge : node.edges) ++first_before[edge.to + 2];
  }
  std::partial_sum(first_before.begin(), first_before.end(), first_before.begin());
  std::vector<Before> before(first_before.back());
  for (size_t node = 0; node < nodes_.size(); ++node) {
    const std::vector<Edge>& edges = nodes_[node].edges;
    for (size_t i = 0; i < edges.size(); ++i) before[first_before[edges[i].to + 1]++] = {node, i};
  }
  std::vector<uint32_t> costs(nodes_.size(), UINT32_MAX);
  Coming coming;
  for (size_t node = 0; node < nodes_.size(); ++node) {
    if (!is_unfinished(node)) continue;
    guides_[node].end = node;
    costs[node] = 0;
    coming.add(0, node);
  }
  while (!coming.is_empty()) {
    const auto [cost, node] = coming.take();
    if (cost > costs[node]) continue;
    for (size_t i = first_before[node]; i < first_before[node + 1]; ++i) {
      const Before& way = before[i];
      const uint32_t cost_there = cost + nodes_[way.node].edges[way.edge].cost;
      if (cost_there >= costs[way.node]) continue;
      costs[way.node] = cost_there;
      guides_[way.node] = {.edge = way.edge, .end = guides_[node].end};
      coming.add(cost_there, way.node);
    }
  }
}

// A cheap one. Empty: none, or it is that one. The guides are of a time before; where one leads to
// a node that has been finished since, it is gone on from there to where one is still right.
std::vector<Tour::Edge> Tour::path_to_unfinished(size_t from) {
  ++searches_;
  ways_.resize(nodes_.size());
  Coming coming;
  ways_[from] = {.search = searches_, .cost = 0};
  coming.add(0, from);
  while (!coming.is_empty()) {
    const auto [cost, node] = coming.take();
    if (cost > ways_[node].cost) continue;
    if (is_unfinished(node) || is_guided(node)) {
      std::vector<Edge> path;
      for (size_t at = node; at != from; at = ways_[at].before) path.push_back(*ways_[at].edge);
      std::ranges::reverse(path);
      for (size_t at = node; !is_unfinished(at); at = path.back().to) {
        path.push_back(nodes_[at].edges[guides_[at].edge]);
      }
      return path;
    }
    if (++searched_ > nodes_.size()) {
      make_guides();
      return is_guided(from) ? path_to_unfinished(from) : std::vector<Edge>();
    }
    for (const Edge& edge : nodes_[node].edges) {
      const uint32_t cost_there = cost + edge.cost;
      Way& way = ways_[edge.to];
      if (way.search == searches_ && cost_there >= way.cost) continue;
      way = {searches_, cost_there, node, &edge};
      coming.add(cost_there, edge.to);
    }
  }
  return {};
}

// How far the farthest state is from the first.
uint32_t Tour::depth() const {
  std::vector<std::optional<uint32_t>> depths(nodes_.size());
  std::deque<size_t> coming{0};
  depths[0] = 0;
  uint32_t deepest = 0;
  for (; !coming.empty(); coming.pop_front()) {
    const size_t node = coming.front();
    deepest = std::max(deepest, *depths[node]);
    for (const Edge& edge : nodes_[node].edges) {
      if (depths[edge.to]) continue;
      depths[edge.to] = *depths[node] + 1;
      coming.push_back(edge.to);
    }
  }
  return deepest;
}

void Tour::note_violation(const std::string& wrong, const std::vector<Move>& more) {
  found_.violation = wrong + ", after\n" + script_text(scripts_.back()) + script_text(more);
}

}  // namespace prl::model
