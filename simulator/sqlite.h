// SQLite without linking it: programs that never name a home folder must not need the library. It
// is loaded by Sqlite::load and unloaded with the last object that uses it. One thread at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "simulator/expected.h"

namespace prl::sim {

// The loaded library.
class Sqlite {
  // Only load() makes one.
  struct Key {};

 public:
  Sqlite(void* library, Key) : library_(library) {}
  // An error says in a sentence what is missing.
  static Expected<std::shared_ptr<const Sqlite>, std::string> load();
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  ~Sqlite();

  decltype(&::sqlite3_open_v2) open_v2 = nullptr;
  decltype(&::sqlite3_close) close = nullptr;
  decltype(&::sqlite3_db_readonly) db_readonly = nullptr;
  decltype(&::sqlite3_errmsg) errmsg = nullptr;
  decltype(&::sqlite3_errstr) errstr = nullptr;
  decltype(&::sqlite3_prepare_v2) prepare_v2 = nullptr;
  decltype(&::sqlite3_step) step = nullptr;
  decltype(&::sqlite3_finalize) finalize = nullptr;
  decltype(&::sqlite3_bind_int64) bind_int64 = nullptr;
  decltype(&::sqlite3_bind_text) bind_text = nullptr;
  decltype(&::sqlite3_column_int64) column_int64 = nullptr;
  decltype(&::sqlite3_column_text) column_text = nullptr;
  decltype(&::sqlite3_column_bytes) column_bytes = nullptr;

 private:
  template <class Function>
  bool resolve(Function& function, const char* name);
  const char* resolve_all();

  void* const library_;
};

class Statement;

// An open database file. Errors are what SQLite says, preceded by the path.
class Database {
 public:
  // Creates the file when it is absent. A file that can only be read is an error.
  static Expected<Database, std::string> open(std::shared_ptr<const Sqlite> sqlite,
                                              const std::string& path);
  Database(Database&& other) noexcept;
  Database& operator=(Database&&) = delete;
  ~Database();

  const std::string& path() const { return path_; }
  Expected<Statement, std::string> prepare(std::string_view sql);
  // Runs one statement; the rows that it yields are dropped.
  Expected<void, std::string> run(std::string_view sql);
  // The first column of the first row; 0 when there is no row.
  Expected<int64_t, std::string> number(std::string_view sql);
  std::string last_error() const;

 private:
  friend class Statement;
  Database(std::shared_ptr<const Sqlite> sqlite, sqlite3* handle, std::string path);

  std::shared_ptr<const Sqlite> sqlite_;
  sqlite3* handle_;
  std::string path_;
};

// A prepared statement. REQUIRES: does not outlive its database. Parameters count from 1, columns
// from 0, as in SQLite.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  void bind(int parameter, int64_t value);
  void bind(int parameter, const std::string& text);
  // True when there is a row to read, false at the end.
  Expected<bool, std::string> step();
  int64_t number(int column) const;
  std::string text(int column) const;

 private:
  friend class Database;
  Statement(Database& database, sqlite3_stmt* handle) : database_(database), handle_(handle) {}

  Database& database_;
  sqlite3_stmt* handle_;
};

}  // namespace prl::sim
