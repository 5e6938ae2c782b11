#include "csv.h"

#include <algorithm>
#include <cassert>
#include <fstream>

namespace prl::codegen {
namespace {

// Splits one line. Returns false where a quoted field does not end.
bool split_line(const std::string& line, std::vector<std::string>& fields) {
  fields.assign(1, "");
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return !quoted;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

}  // namespace

void Problems::add(const std::string& file, int line, const std::string& text) {
  messages_.push_back(file + ":" + std::to_string(line) + ": " + text);
}

CsvTable CsvTable::read(const std::filesystem::path& path, const std::vector<std::string>& columns,
                        Problems& problems) {
  CsvTable table;
  table.columns_ = columns;
  const std::string file = path.string();
  std::ifstream stream(path);
  if (!stream) {
    problems.add(file, 0, "cannot be read");
    return table;
  }
  std::string text;
  for (int line = 1; std::getline(stream, text); ++line) {
    if (!text.empty() && text.back() == '\r') text.pop_back();
    CsvRow row{{file, line}, {}};
    if (!split_line(text, row.fields)) {
      problems.add(file, line, "a quoted field does not end on its line");
    } else if (line == 1 && row.fields != columns) {
      problems.add(file, line, "the columns must be " + joined(columns));
      return table;
    } else if (row.fields.size() != columns.size()) {
      problems.add(file, line,
                   "has " + std::to_string(row.fields.size()) + " fields, not " +
                       std::to_string(columns.size()));
    } else if (line > 1) {
      table.rows_.push_back(std::move(row));
    }
  }
  return table;
}

const std::string& CsvTable::at(const CsvRow& row, std::string_view column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  assert(found != columns_.end());
  return row.fields[static_cast<size_t>(found - columns_.begin())];
}

}  // namespace prl::codegen
