#include "tests/model/explorer.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <unordered_set>
#include <utility>

#include "tests/model/explored_state.h"
#include "tests/model/invariants.h"
#include "tests/model/tour.h"

namespace prl::model {
namespace {

// So many states are gone on from before what they led to is sorted out.
constexpr size_t kTogether = 256;

class Explorer {
 public:
  explicit Explorer(const Exploration& exploration) : exploration_(exploration) {
    exploration_.setting.is_thorough = false;  // random walks look at that
    namings_ = all_namings(exploration.setting);
    if (!exploration.is_symmetric) namings_.resize(1);
  }

  Explored run() {
    const auto start = walk_to({});
    enter(std::nullopt, {.move = {}, .key = key_of_class(*start)});
    for (size_t done = 0; done < nodes_.size() && found_.violation.empty();) {
      if (nodes_[done].depth == exploration_.depth_max) break;
      done += expand_some(done);
    }
    found_.states = nodes_.size();
    return found_;
  }

 private:
  struct Node {
    std::optional<size_t> from;
    Move move;  // that led here
    uint32_t depth = 0;
  };
  struct Reached {
    Move move;
    std::string key;
  };
  // All that can be done in one node.
  struct Expansion {
    std::vector<Reached> reached;  // that was not known before
    uint64_t transitions = 0;
    std::string violation;
  };

  // The least of its keys stands for a state.
  std::string key_of_class(Walk& walk) const {
    std::string least = key_of(exploration_, walk, namings_[0]);
    for (const Naming& naming : std::span(namings_).subspan(1)) {
      least = std::min(std::move(least), key_of(exploration_, walk, naming));
    }
    return least;
  }

  void enter(std::optional<size_t> from, Reached reached) {
    if (!known_.insert(std::move(reached.key)).second) return;
    const uint32_t depth = from ? nodes_[*from].depth + 1 : 0;
    nodes_.push_back({from, reached.move, depth});
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

  // The threads change nothing but their own expansions. Returns how many nodes there were.
  size_t expand_some(size_t first) {
    const size_t count = std::min(kTogether, nodes_.size() - first);
    std::vector<Expansion> expansions(count);
    std::atomic<size_t> next{0};
    const auto work = [&] {
      for (size_t i = next++; i < count; i = next++) expansions[i] = expand(first + i);
    };
    {
      std::vector<std::jthread> others;
      for (size_t i = 1; i < exploration_.threads; ++i) others.emplace_back(work);
      work();
    }
    for (size_t i = 0; i < count && found_.violation.empty(); ++i) {
      found_.transitions += expansions[i].transitions;
      found_.violation = std::move(expansions[i].violation);
      for (Reached& reached : expansions[i].reached) enter(first + i, std::move(reached));
    }
    return count;
  }

  // An order that leads nowhere leaves the walk where it is, for the next one.
  Expansion expand(size_t node) const {
    Expansion expansion;
    if (nodes_[node].depth == exploration_.depth_max) return expansion;
    const std::vector<Move> script = script_to(node);
    auto walk = walk_to(script);
    const std::string key = key_of_class(*walk);
    const std::vector<Move> moves = possible_moves(exploration_, walk->model());
    for (const Move& move : moves) {
      if (!walk) walk = walk_to(script);
      ++expansion.transitions;
      const size_t since = walk->world_events().size();
      std::string wrong = walk->take(move);
      if (wrong.empty()) {
        wrong = broken_invariant(*walk, exploration_.setting.profile, since);
      }
      if (!wrong.empty()) {
        expansion.violation = wrong + ", after\n" + script_text(script) + script_text({move});
        break;
      }
      if (is_refused(*walk, move, since)) continue;
      std::string reached = key_of_class(*walk);
      if (reached == key && move.kind == Move::Kind::kOrder) continue;
      walk.reset();
      if (!known_.contains(reached)) expansion.reached.push_back({move, std::move(reached)});
    }
    return expansion;
  }

  std::unique_ptr<Walk> walk_to(const std::vector<Move>& script) const {
    auto walk = std::make_unique<Walk>(exploration_.setting);
    for (const Move& move : script) walk->repeat(move);
    return walk;
  }

  Exploration exploration_;
  std::vector<Naming> namings_;
  std::deque<Node> nodes_;  // the nearest first
  std::unordered_set<std::string> known_;
  Explored found_;
};

}  // namespace

std::vector<Act> all_acts() {
  std::vector<Act> acts;
  for (uint8_t i = 0; i < kActCount; ++i) acts.push_back(static_cast<Act>(i));
  return acts;
}

// A tour is quicker where everything is wanted, and does not come by the shortest ways.
Explored explore(const Exploration& exploration) {
  if (exploration.depth_max < UINT32_MAX) return Explorer(exploration).run();
  const Explored toured = Tour(exploration).run();
  if (toured.violation.empty()) return toured;
  const Explored explored = Explorer(exploration).run();
  return explored.violation.empty() ? toured : explored;
}

}  // namespace prl::model
