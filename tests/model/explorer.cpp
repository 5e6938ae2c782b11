#include "tests/model/explorer.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_set>

#include "tests/model/explored_state.h"
#include "tests/model/invariants.h"
#include "tests/model/tour.h"

namespace prl::model {
namespace {

// Worlds that wait to be gone on with; each takes some hundred KiB.
constexpr size_t kKeptMax = 1000;

class Explorer {
 public:
  explicit Explorer(const Exploration& exploration) : exploration_(exploration) {
    exploration_.setting.is_thorough = false;  // random walks look at that
  }

  Explored run() {
    auto start = walk_to({});
    std::string key = key_of(exploration_, *start);
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
    const std::string key = key_of(exploration_, *walk);
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
      std::string reached = key_of(exploration_, *walk);
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

// A tour is quicker where everything is wanted, and does not come by the shortest ways.
Explored explore(const Exploration& exploration) {
  if (exploration.depth_max < UINT32_MAX) return Explorer(exploration).run();
  const Explored toured = Tour(exploration).run();
  if (toured.violation.empty()) return toured;
  const Explored explored = Explorer(exploration).run();
  return explored.violation.empty() ? toured : explored;
}

}  // namespace prl::model
