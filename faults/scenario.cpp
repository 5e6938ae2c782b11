#include "faults/scenario.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <set>
#include <utility>

#include "faults/nearest.h"

// toml++ 3.3 asserts that a table header begins with a letter of a key, and under NDEBUG it even
// tells the compiler so; "[=" refutes it. The code behind the assertion reports that properly.
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
// The parser reports through its result, and nothing is ever written with it.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace prl::faults {
namespace {

constexpr uint64_t kMaxRamMib = uint64_t{1} << 20;  // 1 TiB, as much as a simulated VM can have
constexpr uint64_t kMaxCpus = 256;
constexpr uint64_t kMaxPagesPerMs = 1'000'000;
constexpr uint64_t kMaxDelayMs = 1'000'000'000'000;  // 31 years
constexpr uint64_t kMaxInteger = std::numeric_limits<int64_t>::max();
constexpr uint64_t kDefaultWorkingSetMib = 64;
constexpr uint64_t kDefaultPagesPerMs = 4;

using Texts = std::initializer_list<std::string_view>;

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

std::string joined(Texts texts) {
  std::string all;
  for (std::string_view text : texts) all += (all.empty() ? "" : ", ") + quoted(text);
  return all;
}

// Keeps the first error. Reading goes on after it, with default values that nobody will see.
class FirstError {
 public:
  explicit FirstError(std::string_view file) : file_(file) {}

  void report(const toml::source_position& at, std::string message, std::string nearest = {}) {
    if (error_) return;
    error_ = ScenarioError{file_, at.line, at.column, std::move(message), std::move(nearest)};
  }
  const std::optional<ScenarioError>& error() const { return error_; }

 private:
  std::string file_;
  std::optional<ScenarioError> error_;
};

// Reads the keys of one table; every complaint names the table as the user writes it.
class TableReader {
 public:
  TableReader(const toml::table& table, std::string where, FirstError& errors)
      : table_(table), where_(std::move(where)), errors_(errors) {}

  // Complains about the first key in the file that is none of `keys`.
  void allow_only(Texts keys) {
    const toml::key* unknown = nullptr;
    for (auto&& [key, value] : table_) {
      if (std::ranges::find(keys, key.str()) != keys.end()) continue;
      if (unknown == nullptr || comes_before(key, *unknown)) unknown = &key;
    }
    if (unknown == nullptr) return;
    errors_.report(unknown->source().begin,
                   "unknown key " + quoted(unknown->str()) + " in " + where_,
                   nearest(unknown->str(), std::span(keys.begin(), keys.size())));
  }

  bool has(std::string_view key) const { return table_.contains(key); }

  void require(std::string_view key) {
    if (!has(key)) fail_here("missing key " + quoted(key) + " in " + where_);
  }

  // Complains when `key` is present although another value makes it meaningless.
  void forbid(std::string_view key, const std::string& reason) {
    if (has(key)) fail(key, quoted(key) + " in " + where_ + " " + reason);
  }

  // Absent keys and wrong values give nullopt; the latter are reported.
  std::optional<std::string> text(std::string_view key) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    if (const auto* value = node->as_string()) return value->get();
    fail_type(key, "a text");
    return std::nullopt;
  }

  std::optional<std::string> text_not_empty(std::string_view key) {
    std::optional<std::string> value = text(key);
    if (value && value->empty()) fail(key, quoted(key) + " in " + where_ + " must not be empty");
    return value;
  }

  std::optional<uint64_t> integer(std::string_view key, uint64_t min, uint64_t max) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    const auto* value = node->as_integer();
    if (value == nullptr) {
      fail_type(key, "an integer");
      return std::nullopt;
    }
    if (value->get() < 0 || static_cast<uint64_t>(value->get()) < min ||
        static_cast<uint64_t>(value->get()) > max) {
      fail(key, quoted(key) + " in " + where_ + " is " + std::to_string(value->get()) +
                    ", not between " + std::to_string(min) + " and " + std::to_string(max));
      return std::nullopt;
    }
    return static_cast<uint64_t>(value->get());
  }

  // The index of the value in `choices`.
  std::optional<size_t> choice(std::string_view key, Texts choices) {
    const std::optional<std::string> value = text(key);
    if (!value) return std::nullopt;
    const auto found = std::ranges::find(choices, *value);
    if (found != choices.end()) return static_cast<size_t>(found - choices.begin());
    fail(
        key,
        quoted(key) + " in " + where_ + " is " + quoted(*value) + ", not one of " + joined(choices),
        nearest(*value, std::span(choices.begin(), choices.size())));
    return std::nullopt;
  }

  std::optional<TableReader> table(std::string_view key) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    if (const auto* inner = node->as_table()) {
      return TableReader(*inner, quoted(key) + " of " + where_, errors_);
    }
    fail_type(key, "a table, { ... }");
    return std::nullopt;
  }

  // The tables written [[key]], in the order of the file.
  std::vector<TableReader> tables(std::string_view key) {
    std::vector<TableReader> readers;
    const toml::node* node = table_.get(key);
    if (node == nullptr) return readers;
    const std::string heading = "[[" + std::string(key) + "]]";
    const auto* list = node->as_array();
    if (list == nullptr || !std::ranges::all_of(*list, [](auto& n) { return n.is_table(); })) {
      fail(key, quoted(key) + " must be a list of tables, each written " + heading);
      return readers;
    }
    for (const toml::node& inner : *list) {
      readers.emplace_back(*inner.as_table(), heading, errors_);
    }
    return readers;
  }

  const toml::node* node(std::string_view key) const { return table_.get(key); }

  // REQUIRES: has(key).
  void fail(std::string_view key, std::string message, std::string nearest = {}) {
    errors_.report(table_.get(key)->source().begin, std::move(message), std::move(nearest));
  }
  void fail_type(std::string_view key, std::string_view expected) {
    fail(key, quoted(key) + " in " + where_ + " must be " + std::string(expected));
  }

 private:
  static bool comes_before(const toml::key& a, const toml::key& b) {
    const toml::source_position& left = a.source().begin;
    const toml::source_position& right = b.source().begin;
    return std::pair(left.line, left.column) < std::pair(right.line, right.column);
  }

  void fail_here(std::string message) { errors_.report(table_.source().begin, std::move(message)); }

  const toml::table& table_;
  std::string where_;
  FirstError& errors_;
};

// Complains when `name` has been seen before, and remembers it.
void check_unique(TableReader& reader, std::string_view key, const std::string& name,
                  std::string_view what, std::set<std::string>& seen) {
  if (seen.insert(name).second) return;
  reader.fail(key, "a second " + std::string(what) + " " + quoted(name));
}

void check_clock(TableReader& reader, const std::string& clock) {
  constexpr std::string_view kScaled = "scaled:";
  if (clock == "virtual" || clock == "scaled") return;
  if (clock.starts_with(kScaled)) {
    const char* first = clock.data() + kScaled.size();
    const char* last = clock.data() + clock.size();
    double factor = 0;
    const auto [end, problem] = std::from_chars(first, last, factor);
    const bool is_number = problem == std::errc() && end == last && std::isfinite(factor);
    if (is_number && factor > 0) return;
    reader.fail("clock", "the factor of 'clock' is " + quoted({first, last}) +
                             ", not a number greater than 0");
    return;
  }
  constexpr std::array<std::string_view, 2> kClocks = {"virtual", "scaled"};
  reader.fail("clock",
              "'clock' is " + quoted(clock) + ", not 'virtual', 'scaled' or 'scaled:<factor>'",
              nearest(clock, kClocks));
}

// "{01234567-89ab-cdef-0123-456789abcdef}", or empty when `text` is no UUID.
std::string normal_uuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  if (text.size() != kShape.size()) return {};
  std::string uuid = "{";
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] + 32) : text[i];
    if (kShape[i] == '-' ? c != '-' : kDigits.find(c) == std::string_view::npos) return {};
    uuid += c;
  }
  return uuid + "}";
}

Workload read_workload(TableReader reader, uint64_t ram_mib) {
  Workload workload;
  reader.allow_only({"kind", "working_set_mib", "pages_per_ms"});
  reader.require("kind");
  const auto kind = reader.choice("kind", {"idle", "writer", "random"});
  if (kind) workload.kind = static_cast<Workload::Kind>(*kind);
  if (workload.kind == Workload::Kind::kIdle) {
    if (kind) reader.forbid("working_set_mib", "has no meaning for kind 'idle'");
    if (kind) reader.forbid("pages_per_ms", "has no meaning for kind 'idle'");
    return workload;
  }
  workload.working_set_mib = reader.integer("working_set_mib", 1, ram_mib)
                                 .value_or(std::min(kDefaultWorkingSetMib, ram_mib));
  workload.pages_per_ms =
      reader.integer("pages_per_ms", 1, kMaxPagesPerMs).value_or(kDefaultPagesPerMs);
  return workload;
}

std::vector<VmSpec> read_vms(TableReader& top) {
  std::vector<VmSpec> vms;
  std::set<std::string> names;
  std::set<std::string> uuids;
  for (TableReader& reader : top.tables("vm")) {
    reader.allow_only({"name", "uuid", "ram_mib", "cpus", "state", "workload"});
    reader.require("name");
    VmSpec& vm = vms.emplace_back();
    if (auto name = reader.text_not_empty("name")) {
      check_unique(reader, "name", *name, "VM named", names);
      vm.name = std::move(*name);
    }
    if (const auto text = reader.text("uuid")) {
      const std::string uuid = normal_uuid(*text);
      if (uuid.empty()) {
        reader.fail("uuid", "'uuid' in [[vm]] is " + quoted(*text) +
                                ", not like '01234567-89ab-cdef-0123-456789abcdef'");
      } else {
        check_unique(reader, "uuid", uuid, "VM with the uuid", uuids);
      }
      vm.uuid = uuid;
    }
    vm.ram_mib = reader.integer("ram_mib", 1, kMaxRamMib).value_or(vm.ram_mib);
    vm.cpus = static_cast<uint32_t>(reader.integer("cpus", 1, kMaxCpus).value_or(vm.cpus));
    const auto state = reader.choice("state", {"stopped", "running", "paused", "suspended"});
    if (state) vm.state = static_cast<VmSpec::State>(*state);
    if (auto workload = reader.table("workload")) {
      vm.workload = read_workload(*workload, vm.ram_mib);
    }
  }
  return vms;
}

Match read_match(TableReader reader, const ApiNames& names) {
  reader.allow_only({"call", "vm"});
  Match match;
  if (auto call = reader.text_not_empty("call")) {
    if (!names.is_function(*call)) {
      reader.fail("call", "unknown function " + quoted(*call), nearest(*call, names.functions));
    }
    match.function = std::move(*call);
  }
  match.vm = reader.text_not_empty("vm").value_or("");
  return match;
}

Trigger read_trigger(TableReader reader) {
  reader.allow_only({"skip", "count"});
  Trigger trigger;
  trigger.skip = reader.integer("skip", 0, kMaxInteger).value_or(trigger.skip);
  trigger.count = reader.integer("count", 0, kMaxInteger).value_or(trigger.count);
  return trigger;
}

// Codes are written by name, or as the number that the headers show (0x80000015) or that a program
// prints (-2147483627).
int32_t read_code(TableReader& reader, const ApiNames& names) {
  std::optional<int64_t> code;
  if (const auto* number = reader.node("code")->as_integer()) {
    code = number->get();
    if (*code < std::numeric_limits<int32_t>::min() ||
        *code > std::numeric_limits<uint32_t>::max()) {
      reader.fail("code", "'code' is " + std::to_string(*code) + ", which does not fit 32 bits");
      return 0;
    }
  } else if (const auto* name = reader.node("code")->as_string()) {
    code = names.code_by_name(name->get());
    if (!code) {
      reader.fail("code", "unknown code " + quoted(name->get()), nearest(name->get(), names.codes));
    }
  } else {
    reader.fail_type("code", "the name of a code or an integer");
  }
  if (!code) return 0;
  const auto value = static_cast<int32_t>(static_cast<uint32_t>(*code));
  if (value >= 0) {
    reader.fail("code", "'code' must mean a failure, but " + std::to_string(value) +
                            " means success (failures are negative)");
  }
  return value;
}

sim::JobFault read_effect(TableReader reader, const ApiNames& names) {
  using Kind = sim::JobFault::Kind;
  reader.allow_only({"kind", "code", "at", "delay_ms"});
  reader.require("kind");
  sim::JobFault effect;
  const auto kind = reader.choice("kind", {"fail", "hang", "delay"});
  if (!kind) return effect;
  effect.kind = static_cast<Kind>(*kind);
  const auto phase = reader.choice("at", {"start", "middle", "end"});
  if (phase) effect.phase = static_cast<sim::JobPhase>(*phase);
  if (effect.kind == Kind::kFail) {
    reader.require("code");
    if (reader.has("code")) effect.result_code = read_code(reader, names);
  } else {
    reader.forbid("code", "belongs to kind 'fail'");
  }
  if (effect.kind == Kind::kDelay) {
    reader.require("delay_ms");
    effect.delay_ms = reader.integer("delay_ms", 1, kMaxDelayMs).value_or(0);
  } else {
    reader.forbid("delay_ms", "belongs to kind 'delay'");
  }
  return effect;
}

std::vector<Rule> read_faults(TableReader& top, const ApiNames& names) {
  std::vector<Rule> rules;
  std::set<std::string> rule_names;
  for (TableReader& reader : top.tables("fault")) {
    reader.allow_only({"name", "match", "trigger", "effect"});
    reader.require("name");
    reader.require("effect");
    Rule& rule = rules.emplace_back();
    if (auto name = reader.text_not_empty("name")) {
      check_unique(reader, "name", *name, "fault named", rule_names);
      rule.name = std::move(*name);
    }
    if (auto match = reader.table("match")) rule.match = read_match(*match, names);
    if (auto trigger = reader.table("trigger")) rule.trigger = read_trigger(*trigger);
    if (auto effect = reader.table("effect")) rule.effect = read_effect(*effect, names);
  }
  return rules;
}

Scenario read_scenario(TableReader top, const ApiNames& names) {
  Scenario scenario;
  top.allow_only({"version", "clock", "seed", "vm", "fault"});
  const auto version = top.integer("version", 0, kMaxInteger);
  if (version && *version != 1) {
    top.fail("version",
             "version " + std::to_string(*version) + " is not supported; this program reads 1");
  }
  scenario.clock = top.text("clock");
  if (scenario.clock) check_clock(top, *scenario.clock);
  scenario.seed = top.integer("seed", 0, kMaxInteger);
  scenario.vms = read_vms(top);
  scenario.faults = read_faults(top, names);
  return scenario;
}

ScenarioError unreadable(const std::string& path, int errno_value) {
  return {path, 0, 0, std::string("cannot be read: ") + std::strerror(errno_value), {}};
}

}  // namespace

std::string ScenarioError::text() const {
  std::string text = file + ":";
  if (line != 0) text += std::to_string(line) + ":" + std::to_string(column) + ":";
  text += " " + message;
  if (!nearest.empty()) text += "; did you mean " + quoted(nearest) + "?";
  return text;
}

sim::Expected<Scenario, ScenarioError> parse_scenario(std::string_view toml_text,
                                                      std::string_view file_name,
                                                      const ApiNames& names) {
  FirstError errors(file_name);
  const toml::parse_result parsed = toml::parse(toml_text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    errors.report(error.source().begin, std::string(error.description()));
    return sim::Unexpected{*errors.error()};
  }
  const toml::table& top = parsed.table();
  if (top.empty()) errors.report({1, 1}, "the scenario is empty");
  Scenario scenario = read_scenario(TableReader(top, "the scenario", errors), names);
  if (errors.error()) return sim::Unexpected{*errors.error()};
  return scenario;
}

sim::Expected<Scenario, ScenarioError> load_scenario(const std::string& path,
                                                     const ApiNames& names) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return sim::Unexpected{unreadable(path, errno)};
  std::string text;
  std::array<char, 4096> block;
  while (file.read(block.data(), block.size()), file.gcount() > 0) {
    text.append(block.data(), static_cast<size_t>(file.gcount()));
  }
  // Opening a folder succeeds, only reading it fails.
  if (file.bad()) return sim::Unexpected{unreadable(path, errno)};
  return parse_scenario(text, path, names);
}

}  // namespace prl::faults
