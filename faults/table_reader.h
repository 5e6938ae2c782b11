// Reads the tables of a TOML file, with a message and a place for everything that is wrong. The
// only user of toml++ is table_reader.cpp. One thread.
#pragma once

#include <cstdint>
#include <limits>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace prl::faults {

inline constexpr uint64_t kMaxInteger = std::numeric_limits<int64_t>::max();  // that TOML has
inline constexpr uint64_t kMaxDelayMs = 1'000'000'000'000;                      // 31 years

struct Node;

struct ScenarioError {
  std::string file;
  uint32_t line = 0;  // from 1; 0 when the error is about the file as a whole
  uint32_t column = 0;
  std::string message;
  std::string nearest;  // what was probably meant, or empty

  // "a.toml:12:3: unknown key 'ram_mb' in [[vm]]; did you mean 'ram_mib'?"
  std::string text() const;
};

// The keys that a table may have, by the name of the table as messages have it.
using KnownKeys = std::map<std::string, std::vector<std::string>>;

// Keeps the first error. Reading goes on after it, with default values that nobody will see.
class FirstError {
 public:
  explicit FirstError(std::string_view file) : file_(file) {}

  void report(uint32_t line, uint32_t column, std::string message, std::string nearest = {});
  const std::optional<ScenarioError>& error() const { return error_; }
  // Of the tables that have been read.
  KnownKeys keys;

 private:
  std::string file_;
  std::optional<ScenarioError> error_;
};

using Texts = std::span<const std::string_view>;

// What somebody may write who means a key, though no letter is alike: "function" for "call".
struct Synonym {
  std::string_view word;
  std::string_view key;
};
using Synonyms = std::span<const Synonym>;

std::string quoted(std::string_view text);

// Reads the keys of one table; every complaint names the table as the user writes it. Must not
// outlive its TomlText. Getters give nullopt for absent keys and for wrong values, which they
// report.
class TableReader {
 public:
  // Complains about the first key in the file that is none of `keys`, and says which one may be
  // meant. `elsewhere` are paths of keys that belong into another table, "vm.disk".
  void allow_only(Texts keys, Texts elsewhere = {}, Synonyms synonyms = {});
  void allow_only(std::initializer_list<std::string_view> keys) {
    allow_only(Texts(keys.begin(), keys.size()));
  }
  bool has(std::string_view key) const;
  // In the order of the alphabet.
  std::vector<std::string> keys() const;
  // What stands behind a key that may mean several things; false where there is none.
  bool is_table(std::string_view key) const;
  bool is_list_of_tables(std::string_view key) const;
  bool is_empty_list(std::string_view key) const;
  void require(std::string_view key);
  // Complains when `key` is present although another value makes it meaningless.
  void forbid(std::string_view key, const std::string& reason);

  std::optional<std::string> text(std::string_view key);
  std::optional<std::string> text_not_empty(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::vector<std::string>> texts(std::string_view key);
  std::optional<uint64_t> integer(std::string_view key, uint64_t min, uint64_t max);
  // A list, which may be empty.
  std::optional<std::vector<uint64_t>> integers(std::string_view key, uint64_t min, uint64_t max);
  std::optional<int64_t> signed_integer(std::string_view key, int64_t min, int64_t max);
  // An integer is a number too.
  std::optional<double> number(std::string_view key, double min, double max);
  std::optional<std::vector<double>> numbers(std::string_view key, double min, double max);
  // The index of the value in `choices`.
  std::optional<size_t> choice(std::string_view key, Texts choices);
  std::optional<size_t> choice(std::string_view key,
                               std::initializer_list<std::string_view> choices) {
    return choice(key, Texts(choices.begin(), choices.size()));
  }
  // A name or a number.
  std::optional<std::variant<int64_t, std::string>> integer_or_text(std::string_view key,
                                                                    std::string_view expected);
  // The same for each of a list.
  std::vector<std::variant<int64_t, std::string>> integers_or_texts(std::string_view key,
                                                                    std::string_view expected);
  std::optional<TableReader> table(std::string_view key);
  // The tables of a list, written [[vm.disk]], in the order of the file.
  std::vector<TableReader> tables(std::string_view key);

  // REQUIRES: has(key).
  void fail(std::string_view key, std::string message, std::string nearest = {});
  void fail_type(std::string_view key, std::string_view expected);
  // What is wrong with the table as a whole.
  void fail_here(std::string message);

  const std::string& where() const { return where_; }

 private:
  friend class TomlText;
  // What the table is within: the scenario, or an item of a list.
  struct Base {
    std::string name;  // "the scenario", "[[vm]]"
    std::string path;  // "", "vm"
  };
  TableReader(const void* table, Base base, const std::string& path, FirstError& errors)
      : table_(table),
        base_(std::move(base)),
        path_(path),
        where_(path.empty() ? base_.name : faults::quoted(path) + " of " + base_.name),
        errors_(errors) {}
  std::string path_of(std::string_view key) const;

  const void* table_;  // of toml++, owned by the TomlText
  Base base_;
  std::string path_;  // within the base, "settings.Hardware"; empty: it is the base
  std::string where_;
  FirstError& errors_;
};

// A parsed file.
class TomlText {
 public:
  // What is no TOML is reported.
  TomlText(std::string_view text, FirstError& errors);
  ~TomlText();

  // REQUIRES: nothing has been reported yet.
  TableReader top(FirstError& errors) const;
  // REQUIRES: the same.
  Node document() const;

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace prl::faults
