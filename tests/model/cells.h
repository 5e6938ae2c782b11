// The cells of fixtures/vm_transitions.csv (state, command, profile) that are the lifecycle's, and
// the check that rules of power keep to them. The oracle is written from docs/behaviour; nothing
// here looks at the rules' table.
#pragma once

#include <string>
#include <vector>

#include "simulator/power_rules.h"
#include "tests/model/reference_model.h"

namespace prl::model {

struct Cell {
  sim::Profile profile = sim::Profile::kDesktop;
  sim::State state = sim::State::kUnknown;
  sim::Command command = sim::Command::kStart;
  Code code = 0;                      // 0: accepted
  std::string refusal;                // as the notes abbreviate it; of profile D only
  sim::State next = {};               // right after the command; of profile D only
  std::vector<sim::State> announced;  // to clients, until the VM is at rest
  std::string spec;                   // the paragraph of the notes, and what its evidence is
  std::string evidence;

  bool is_accepted() const { return code == 0; }
};
std::string cell_text(const Cell& cell);  // "desktop STOPPED + Start"

// The commands of the lifecycle's machines, in profile D in every state, in V in those in which
// nothing is under way: there it is not the machine that answers. `root` is the folder of the
// project. Throws std::runtime_error where the table makes no sense.
std::vector<Cell> read_cells(const std::string& root, sim::Profile profile);

// How the rules differ from the cell; empty: not at all.
std::string check_cell(const sim::PowerRules& rules, const Cell& cell);

}  // namespace prl::model
