#include "simulator/sqlite.h"

#include <dlfcn.h>

#include <utility>

namespace prl::sim {

namespace {

#ifdef __APPLE__
constexpr const char* kLibrary = "libsqlite3.dylib";
#else
constexpr const char* kLibrary = "libsqlite3.so.0";
#endif

using Failure = Unexpected<std::string>;

}  // namespace

// ---- The library -----------------------------------------------------------------------------

template <class Function>
bool Sqlite::resolve(Function& function, const char* name) {
  function = reinterpret_cast<Function>(::dlsym(library_, name));
  return function != nullptr;
}

// The name of the first function that is missing; null when all are there.
const char* Sqlite::resolve_all() {
  if (!resolve(open_v2, "sqlite3_open_v2")) return "sqlite3_open_v2";
  if (!resolve(close, "sqlite3_close")) return "sqlite3_close";
  if (!resolve(db_readonly, "sqlite3_db_readonly")) return "sqlite3_db_readonly";
  if (!resolve(errmsg, "sqlite3_errmsg")) return "sqlite3_errmsg";
  if (!resolve(errstr, "sqlite3_errstr")) return "sqlite3_errstr";
  if (!resolve(prepare_v2, "sqlite3_prepare_v2")) return "sqlite3_prepare_v2";
  if (!resolve(step, "sqlite3_step")) return "sqlite3_step";
  if (!resolve(finalize, "sqlite3_finalize")) return "sqlite3_finalize";
  if (!resolve(bind_int64, "sqlite3_bind_int64")) return "sqlite3_bind_int64";
  if (!resolve(bind_text, "sqlite3_bind_text")) return "sqlite3_bind_text";
  if (!resolve(column_int64, "sqlite3_column_int64")) return "sqlite3_column_int64";
  if (!resolve(column_text, "sqlite3_column_text")) return "sqlite3_column_text";
  if (!resolve(column_bytes, "sqlite3_column_bytes")) return "sqlite3_column_bytes";
  return nullptr;
}

Expected<std::shared_ptr<const Sqlite>, std::string> Sqlite::load() {
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (!library) return Failure{std::string("SQLite is not installed: ") + ::dlerror()};
  const auto sqlite = std::make_shared<Sqlite>(library, Key());
  if (const char* missing = sqlite->resolve_all()) {
    return Failure{std::string(kLibrary) + " is too old: it has no " + missing};
  }
  return std::shared_ptr<const Sqlite>(sqlite);
}

// No sqlite3_shutdown: the program may be using the same library.
Sqlite::~Sqlite() { ::dlclose(library_); }

// ---- The database ----------------------------------------------------------------------------

Database::Database(std::shared_ptr<const Sqlite> sqlite, sqlite3* handle, std::string path)
    : sqlite_(std::move(sqlite)), handle_(handle), path_(std::move(path)) {}

Database::Database(Database&& other) noexcept
    : sqlite_(std::move(other.sqlite_)),
      handle_(std::exchange(other.handle_, nullptr)),
      path_(std::move(other.path_)) {}

Database::~Database() {
  if (handle_) sqlite_->close(handle_);
}

Expected<Database, std::string> Database::open(std::shared_ptr<const Sqlite> sqlite,
                                               const std::string& path) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite->open_v2(path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (!handle) return Failure{path + ": " + sqlite->errstr(code)};
  Database database(sqlite, handle, path);
  if (code != SQLITE_OK) return Failure{database.last_error()};
  // SQLite falls back to reading when it may not write.
  if (sqlite->db_readonly(handle, "main") == 1) return Failure{path + ": the file is read-only"};
  return database;
}

std::string Database::last_error() const { return path_ + ": " + sqlite_->errmsg(handle_); }

Expected<Statement, std::string> Database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code =
      sqlite_->prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &handle, nullptr);
  if (code != SQLITE_OK) return Failure{last_error()};
  return Statement(*this, handle);
}

Expected<void, std::string> Database::run(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return Failure{statement.error()};
  auto row = statement->step();
  while (row && *row) row = statement->step();
  if (!row) return Failure{row.error()};
  return {};
}

Expected<int64_t, std::string> Database::number(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return Failure{statement.error()};
  const auto row = statement->step();
  if (!row) return Failure{row.error()};
  return *row ? statement->number(0) : int64_t{0};
}

// ---- Statements ------------------------------------------------------------------------------

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), handle_(std::exchange(other.handle_, nullptr)) {}

Statement::~Statement() {
  if (handle_) database_.sqlite_->finalize(handle_);
}

void Statement::bind(int parameter, int64_t value) {
  database_.sqlite_->bind_int64(handle_, parameter, value);
}

void Statement::bind(int parameter, const std::string& text) {
  // The macro SQLITE_TRANSIENT makes SQLite copy the text.
  database_.sqlite_->bind_text(handle_, parameter, text.data(), static_cast<int>(text.size()),
                               SQLITE_TRANSIENT);
}

Expected<bool, std::string> Statement::step() {
  switch (database_.sqlite_->step(handle_)) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: return Failure{database_.last_error()};
  }
}

int64_t Statement::number(int column) const {
  return database_.sqlite_->column_int64(handle_, column);
}

std::string Statement::text(int column) const {
  // The text first: asking for its length before may convert it twice.
  const unsigned char* text = database_.sqlite_->column_text(handle_, column);
  if (!text) return std::string();
  const int bytes = database_.sqlite_->column_bytes(handle_, column);
  return std::string(reinterpret_cast<const char*>(text), static_cast<size_t>(bytes));
}

}  // namespace prl::sim
