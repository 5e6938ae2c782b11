#include "tests/tidy/source_rules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <regex>

namespace prl::tidy {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxColumns = 100;
constexpr std::array<std::string_view, 7> kFolders = {"sdk",   "simulator", "faults", "bench",
                                                      "tests", "tool",      "samples"};
constexpr std::array<std::string_view, 5> kExtensions = {".h", ".hpp", ".c", ".cpp", ".cc"};
// This folder names what it looks for.
constexpr std::string_view kOwnFolder = "tests/tidy/";

bool in(std::string_view path, std::string_view folder) {
  return path.starts_with(folder);
}

bool in_product(std::string_view path) {
  return in(path, "sdk/") || in(path, "simulator/") || in(path, "faults/");
}

// The files of vm_machine/ that see Boost: what makes a table a machine, and the two tables.
bool sees_boost(std::string_view path) {
  constexpr std::string_view kMachine = "simulator/vm_machine/";
  for (const char* plain : {"vm_machine.h", "vm_machine.cpp", "machine.h", "names.cpp"}) {
    if (path == std::string(kMachine) + plain) return false;
  }
  return in(path, kMachine);
}

bool is_within_vm_machine(std::string_view path) {
  return in(path, "simulator/vm_machine/") && path != "simulator/vm_machine/vm_machine.h";
}

// What the file at `path` does wrong by including `included`, if anything.
std::optional<std::string> forbidden_arrow(std::string_view path, std::string_view included) {
  const bool wires = in(path, "sdk/library.") || in(path, "sdk/environment.") ||
                     in(path, "sdk/scenario_") || in(path, "sdk/kit/");
  if (in_product(path) && (in(included, "tests/") || in(included, "bench/"))) {
    return "the product may not include tests/ or bench/";
  }
  if (in(path, "simulator/") && (in(included, "sdk/") || in(included, "faults/"))) {
    return "simulator/ may include neither sdk/ nor faults/";
  }
  if (in(path, "faults/") && in(included, "sdk/")) return "faults/ may not include sdk/";
  if (in(path, "faults/") && in(included, "simulator/") && included != "simulator/seams.h" &&
      included != "simulator/expected.h" && included != "simulator/random.h" &&
      included != "simulator/latency_spec.h" && included != "simulator/guest_spec.h") {
    return "faults/ may include only plain values and the seams from simulator/";
  }
  if (in(path, "sdk/") && in(included, "faults/") && !wires) {
    return "only sdk/library.*, environment.*, scenario_* and kit/ may include faults/";
  }
  if (in(included, "boost/") && !sees_boost(path)) {
    return "only the machines in simulator/vm_machine/ may include Boost";
  }
  if (included == "simulator/vm_machine/msm_machine.h" && !sees_boost(path)) {
    return "only the machines may include what Boost makes of them";
  }
  if (is_within_vm_machine(included) && !in(path, "simulator/vm_machine/")) {
    return "only vm_machine.h is for the world outside simulator/vm_machine/";
  }
  if (in(included, "toml++/") && path != "faults/table_reader.cpp") {
    return "only faults/table_reader.cpp may include toml++";
  }
  return std::nullopt;
}

// An include that names no folder of the project may mean a file beside the one that has it.
std::string resolve(const fs::path& root, const std::string& path, const std::string& included) {
  if (fs::exists(root / included)) return fs::path(included).lexically_normal().string();
  const fs::path beside = (fs::path(path).parent_path() / included).lexically_normal();
  return fs::exists(root / beside) ? beside.string() : included;
}

struct ForbiddenText {
  std::regex pattern;
  bool in_comments;
  bool (*applies)(std::string_view path);
  std::string_view message;
};

const std::vector<ForbiddenText>& forbidden_texts() {
  static const std::vector<ForbiddenText> texts = {
      {std::regex(R"(\b(PRL_|Prl[A-Z])\w*)"), false,
       [](std::string_view path) { return in(path, "simulator/"); },
       "simulator/ may not know names of the API"},
      {std::regex(R"(\b(TODO|FIXME|XXX)\b)"), true, [](std::string_view) { return true; },
       "unfinished work is not left behind in a remark"},
      {std::regex(R"(\b(sleep_for|sleep_until|system_clock|random_device)\b|\bs?rand\s*\()"
                  R"(|\b(usleep|nanosleep|gettimeofday)\s*\(|\btime\s*\(\s*(nullptr|NULL|0)\s*\))"),
       false, in_product, "the product uses neither the wall clock nor chance without a seed"},
      {std::regex(R"(\b(secure_)?getenv\s*\()"), false,
       [](std::string_view path) { return in(path, "simulator/") || in(path, "faults/"); },
       "only sdk/ reads the environment"},
      {std::regex(R"(^\s*using\s+namespace\b)"), false,
       // The wrapper opens one as the product's does, because its clients count on that.
       [](std::string_view path) {
         return (path.ends_with(".h") || path.ends_with(".hpp")) && !in(path, "sdk/wrap/");
       },
       "a header may not open a namespace for its users"},
  };
  return texts;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// Bytes that continue a UTF-8 letter take no column.
size_t columns_of(std::string_view line) {
  return static_cast<size_t>(std::ranges::count_if(
      line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// The end of the string or character literal that begins at `begin`, behind its closing quote.
size_t end_of_literal(std::string_view text, size_t begin) {
  const char quote = text[begin];
  if (quote == '"' && begin > 0 && text[begin - 1] == 'R') {
    const size_t open = text.find('(', begin);
    if (open == std::string_view::npos) return text.size();
    const std::string close = ")" + std::string(text.substr(begin + 1, open - begin - 1)) + "\"";
    const size_t end = text.find(close, open);
    return end == std::string_view::npos ? text.size() : end + close.size();
  }
  size_t i = begin + 1;
  while (i < text.size() && text[i] != quote && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
  return std::min(i + 1, text.size());
}

// 1'000 holds no character literal.
bool is_digit_separator(std::string_view text, size_t at) {
  return text[at] == '\'' && at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0;
}

}  // namespace

std::string Finding::text() const {
  return path + ":" + std::to_string(line) + ": " + message;
}

std::string without_comments(std::string_view text) {
  std::string code;
  size_t i = 0;
  while (i < text.size()) {
    if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.substr(i, 2) == "/*") {
      const size_t end = std::min(text.find("*/", i + 2), text.size());
      code.append(static_cast<size_t>(std::ranges::count(text.substr(i, end - i), '\n')), '\n');
      i = std::min(end + 2, text.size());
    } else if (text[i] == '"' || (text[i] == '\'' && !is_digit_separator(text, i))) {
      const size_t end = end_of_literal(text, i);
      code.append(text.substr(i, end - i));
      i = end;
    } else {
      code += text[i++];
    }
  }
  return code;
}

std::vector<Finding> check_source(const fs::path& root, const std::string& path,
                                  std::string_view text) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*["<]([^">]+)[">])");
  std::vector<Finding> findings;
  const std::vector<std::string> lines = lines_of(text);
  std::vector<std::string> code = lines_of(without_comments(text));
  code.resize(lines.size());
  for (size_t i = 0; i < lines.size(); ++i) {
    if (columns_of(lines[i]) > kMaxColumns) findings.push_back({path, i + 1, "over 100 columns"});
    std::smatch match;
    if (std::regex_search(code[i], match, kInclude)) {
      const auto wrong = forbidden_arrow(path, resolve(root, path, match[1]));
      if (wrong) findings.push_back({path, i + 1, *wrong});
    }
    if (in(path, kOwnFolder)) continue;
    for (const ForbiddenText& forbidden : forbidden_texts()) {
      if (!forbidden.applies(path)) continue;
      if (!std::regex_search(forbidden.in_comments ? lines[i] : code[i], forbidden.pattern))
        continue;
      findings.push_back({path, i + 1, std::string(forbidden.message)});
    }
  }
  return findings;
}

std::vector<std::string> list_sources(const fs::path& root) {
  std::vector<std::string> sources;
  for (std::string_view folder : kFolders) {
    if (!fs::is_directory(root / folder)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string extension = entry.path().extension().string();
      if (!entry.is_regular_file() ||
          std::ranges::find(kExtensions, extension) == kExtensions.end()) {
        continue;
      }
      sources.push_back(entry.path().lexically_relative(root).generic_string());
    }
  }
  std::ranges::sort(sources);
  return sources;
}

}  // namespace prl::tidy
