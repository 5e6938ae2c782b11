// Explores all states without a way back: from each state on to the next, as long as there is
// something in it that has not been tried, and from there to the nearest one in which there is.
// Worlds are seldom brought to a state from the beginning, which is what takes the time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/model/explored_state.h"
#include "tests/model/explorer.h"

namespace prl::model {

class Tour {
 public:
  explicit Tour(const Exploration& exploration);

  // As explore(); the script to a violation is whatever way the tour took.
  Explored run();

 private:
  // A move is named by its place among those of its state.
  struct Edge {
    size_t move = 0;
    size_t to = 0;
    uint32_t cost = 1;
  };
  struct Node {
    std::string key;
    size_t moves = 0;
    size_t tried = 0;
    std::vector<Edge> edges;  // moves that led elsewhere
    // The script that led here first: so much of one of scripts_.
    size_t script = 0;
    size_t script_length = 0;
  };

  void begin_anew();
  void try_next_move();
  bool go(const std::vector<Edge>& path);
  void go_as_before(size_t node);
  bool go_to_unfinished();
  size_t node_of(std::string key);
  bool is_unfinished(size_t node) const { return nodes_[node].tried < nodes_[node].moves; }
  void make_guides();
  bool is_guided(size_t node) const {
    return node < guides_.size() && guides_[node].end < nodes_.size() &&
           is_unfinished(guides_[node].end);
  }
  std::vector<Edge> path_to_unfinished(size_t from);
  uint32_t depth() const;
  void note_violation(const std::string& wrong, const std::vector<Move>& more = {});

  Exploration exploration_;
  Naming naming_;
  std::vector<Node> nodes_;
  std::unordered_map<std::string, size_t> numbers_;  // of the nodes, by their keys
  size_t unfinished_ = 0;
  // The next edge of a way to a node that was unfinished; for those nodes that there were then.
  struct Guide {
    size_t edge = 0;
    size_t end = SIZE_MAX;  // where it leads; SIZE_MAX: there was no way
  };
  std::vector<Guide> guides_;
  // How a node was come to in the last search that came to it.
  struct Way {
    uint64_t search = 0;
    uint32_t cost = 0;
    size_t before = 0;
    const Edge* edge = nullptr;
  };
  std::vector<Way> ways_;
  uint64_t searches_ = 0;
  size_t searched_ = 0;  // nodes, for ways, since then: as many as there are take as long as guides
  std::unique_ptr<Walk> walk_;
  size_t steps_ = 0;                        // of the walk
  std::vector<std::vector<Move>> scripts_;  // of all walks, without moves that changed nothing
  size_t at_ = 0;                           // the node in which the walk is
  std::vector<Move> moves_;                 // from there; empty: not asked for yet
  Explored found_;
};

}  // namespace prl::model
