#include "tests/model/transition_rows.h"

#include <array>
#include <fstream>
#include <stdexcept>

namespace prl::model {
namespace {

constexpr std::string_view kHead =
    "profile,state,command,code,parameters,announced,events,end,spec,evidence";

// No field holds a comma.
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == ',') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

}  // namespace

std::vector<TransitionRow> read_transition_rows(const std::string& root) {
  const std::string path = root + "/fixtures/vm_transitions.csv";
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line != kHead) {
    throw std::runtime_error(path + " does not begin with " + std::string(kHead));
  }
  constexpr std::array kColumns = {&TransitionRow::profile,    &TransitionRow::state,
                                   &TransitionRow::command,    &TransitionRow::code,
                                   &TransitionRow::parameters, &TransitionRow::announced,
                                   &TransitionRow::events,     &TransitionRow::end,
                                   &TransitionRow::spec,       &TransitionRow::evidence};
  std::vector<TransitionRow> rows;
  while (std::getline(file, line)) {
    const std::vector<std::string> fields = split(line);
    if (fields.size() != kColumns.size()) throw std::runtime_error(path + ": " + line);
    TransitionRow& row = rows.emplace_back();
    for (size_t i = 0; i < kColumns.size(); ++i) row.*kColumns[i] = fields[i];
  }
  return rows;
}

}  // namespace prl::model
