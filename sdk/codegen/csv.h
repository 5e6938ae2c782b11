// Reads one CSV file of the catalogue. Fields may be quoted; a quote inside a quoted field is
// doubled; a field never holds a line break, so that a row is a line and every complaint can name
// it. Used by the generator only, from one thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace prl::codegen {

// Collects complaints as "file:line: text". The generator writes nothing while there are any.
class Problems {
 public:
  void add(const std::string& file, int line, const std::string& text);
  bool empty() const { return messages_.empty(); }
  const std::vector<std::string>& messages() const { return messages_; }

 private:
  std::vector<std::string> messages_;
};

// Where a row stands, for complaints.
struct Place {
  std::string file;
  int line = 0;
};

struct CsvRow {
  Place place;
  std::vector<std::string> fields;
};

class CsvTable {
 public:
  // Reads the file and checks that its head is exactly `columns` and that every row is as wide.
  // A faulty row is reported and left out.
  static CsvTable read(const std::filesystem::path& path, const std::vector<std::string>& columns,
                       Problems& problems);

  const std::vector<CsvRow>& rows() const { return rows_; }
  // The field of the named column, which must be one of those given to read().
  const std::string& at(const CsvRow& row, std::string_view column) const;

 private:
  std::vector<std::string> columns_;
  std::vector<CsvRow> rows_;
};

}  // namespace prl::codegen
