#include <algorithm>
#include <map>
#include <tuple>

#include "emit.h"

namespace prl::codegen {
namespace {

const std::vector<std::string> kColumns = {"profile",   "state",  "command", "code", "parameters",
                                           "announced", "events", "end",     "spec", "evidence"};

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

// The first public name of the edition; the number where the edition has none.
std::string name_of(const Catalogue& catalogue, const std::string& digits, Editions edition) {
  const auto value = static_cast<uint32_t>(0x80000000u + std::stoul(digits, nullptr, 16));
  const bool is_desktop = edition == Editions::kDesktop;
  for (const ResultCode& code : catalogue.result_codes) {
    const bool is_there = (static_cast<int>(code.editions) & static_cast<int>(edition)) != 0;
    const auto its = static_cast<uint32_t>(is_desktop ? code.value : code.value_virtuozzo);
    if (is_there && code.is_public && its == value) return code.name + " (" + digits + ")";
  }
  return digits;
}

// What the cell answers and announces, as one reads it.
std::string answer(const Catalogue& catalogue, const CsvTable& table, const CsvRow& row) {
  const Editions edition =
      table.at(row, "profile") == "desktop" ? Editions::kDesktop : Editions::kVirtuozzo;
  const std::string& code = table.at(row, "code");
  if (!code.empty()) return name_of(catalogue, code, edition);
  const std::string& announced = table.at(row, "announced");
  return announced.empty() ? "succeeds, and the VM stays what it is" : "succeeds: " + announced;
}

struct Group {
  std::vector<std::string> commands;
  std::vector<std::string> states;
};

}  // namespace

std::string inferred_cells(const Catalogue& catalogue, const std::filesystem::path& transitions,
                           Problems& problems) {
  const CsvTable table = CsvTable::read(transitions, kColumns, problems);
  // By profile, command, answer and source: the states; then the commands that agree in all of it.
  using Key = std::tuple<std::string, std::string, std::string, std::string>;
  std::map<Key, std::vector<std::string>> states;
  std::vector<Key> order;
  size_t count = 0;
  for (const CsvRow& row : table.rows()) {
    if (table.at(row, "evidence").find("[I]") == std::string::npos) continue;
    ++count;
    const Key key = {table.at(row, "profile"), table.at(row, "command"),
                     answer(catalogue, table, row),
                     table.at(row, "spec") + " " + table.at(row, "evidence")};
    if (!states.contains(key)) order.push_back(key);
    states[key].push_back(table.at(row, "state"));
  }
  std::vector<std::pair<Key, Group>> groups;
  for (const Key& key : order) {
    const std::string& command = std::get<1>(key);
    const auto agrees = [&](const auto& group) {
      Key of_group = group.first;
      std::get<1>(of_group) = command;
      return of_group == key && group.second.states == states[key];
    };
    const auto found = std::ranges::find_if(groups, agrees);
    if (found != groups.end()) {
      found->second.commands.push_back(command);
    } else {
      groups.push_back({key, {{command}, states[key]}});
    }
  }
  std::string text =
      "\n## Cells of the tables that are inferred: " + std::to_string(count) +
      "\n\nOf `fixtures/vm_transitions.csv`, where the answers of all cells are.\n\n" +
      "| commands | profile | states | answer | source |\n|---|---|---|---|---|\n";
  for (const auto& [key, group] : groups) {
    const auto& [profile, command, told, source] = key;
    text += "| " + joined(group.commands) + " | " + profile + " | " + joined(group.states) + " | " +
            told + " | " + source + " |\n";
  }
  return text;
}

}  // namespace prl::codegen
