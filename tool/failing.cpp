#include "tool/failing.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <sstream>
#include <utility>

namespace prl::tool {

namespace {

// Each once, in the order of the alphabet.
Words sorted(const std::set<std::string>& words) {
  return {words.begin(), words.end()};
}

// "[  FAILED  ] Nightly.Retries (3 ms)", which the summary of GoogleTest says once more.
std::set<std::string> failed_tests_in(const std::string& output) {
  constexpr std::string_view kFailed = "[  FAILED  ] ";
  std::set<std::string> names;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(kFailed)) continue;
    const size_t end = line.find_first_of(" ,", kFailed.size());
    const std::string name = line.substr(kFailed.size(), end - kFailed.size());
    if (name.find('.') != std::string::npos) names.insert(name);  // "3 tests, listed below:"
  }
  return names;
}

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
constexpr std::string_view kHex = "0123456789abcdefABCDEF";

// How many letters from there on are in the set.
size_t length_of(const std::string& line, size_t at, std::string_view letters) {
  return std::min(line.find_first_not_of(letters, at), line.size()) - at;
}

// The code of an error that begins there, "PRL_ERR_TIMEOUT" or "0x80000015"; empty where none does.
std::string code_at(const std::string& line, size_t at) {
  constexpr size_t kHexLength = 10;
  if (line.compare(at, 8, "PRL_ERR_") == 0) {
    const std::string name = line.substr(at, length_of(line, at, kLetters));
    return name == "PRL_ERR_SUCCESS" ? "" : name;
  }
  const bool is_code =
      line.compare(at, 3, "0x8") == 0 && 2 + length_of(line, at + 2, kHex) == kHexLength;
  return is_code ? line.substr(at, kHexLength) : "";
}

// "{01234567-89ab-cdef-0123-456789abcdef}"
bool is_identity_at(const std::string& line, size_t at) {
  constexpr size_t kLength = 36;
  return line[at] == '{' && at + 1 + kLength < line.size() && line[at + 1 + kLength] == '}' &&
         line.find_first_not_of("0123456789abcdefABCDEF-", at + 1) == at + 1 + kLength;
}

struct Masked {
  std::string line;
  bool has_code = false;
};

// A line without what may differ from run to run: times, addresses, identities. Codes stay.
Masked masked(const std::string& line) {
  Masked masked;
  for (size_t at = 0; at < line.size(); ++at) {
    if (const std::string code = code_at(line, at); !code.empty()) {
      masked.line += code;
      masked.has_code = true;
      at += code.size() - 1;
    } else if (is_identity_at(line, at)) {
      masked.line += "{}";
      at += 37;
    } else if (line.compare(at, 2, "0x") == 0) {
      masked.line += "x";
      at += 1 + length_of(line, at + 2, kHex);
    } else if (std::isdigit(static_cast<unsigned char>(line[at])) == 0) {
      masked.line += line[at];
    }
  }
  return masked;
}

// The last line that has a code of an error, or else the last one. Empty where nothing was printed.
std::string telling_line_in(const std::string& output) {
  Masked last;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    Masked next = masked(line);
    const bool is_empty = next.line.find_first_not_of(" \t\r") == std::string::npos;
    if (!is_empty && (next.has_code || !last.has_code)) last = std::move(next);
  }
  return last.line;
}

Words said_in(const std::string& output) {
  const std::set<std::string> tests = failed_tests_in(output);
  if (!tests.empty()) return sorted(tests);
  const std::string line = telling_line_in(output);
  return line.empty() ? Words() : Words{line};
}

// "#2 JOB from PrlVm_Suspend (call 9) at 3 ms" without its numbers.
std::string leaked(const std::string& remark) {
  const size_t begin = remark.find(' ');
  const size_t end = remark.find(" (call ");
  if (begin == remark.npos || end == remark.npos || end <= begin) return remark;
  return remark.substr(begin + 1, end - begin - 1);
}

// "PrlHandle_Free (call 14): frees a second time #3": the function.
std::string misused(const std::string& remark) {
  return remark.substr(0, remark.find(' '));
}

template <class Shorten>
Words shortened(const Words& remarks, Shorten shorten) {
  std::set<std::string> words;
  for (const std::string& remark : remarks) words.insert(shorten(remark));
  return sorted(words);
}

constexpr std::array<std::string_view, 6> kWords = {"crash", "timeout", "exit",
                                                    "unmet", "misuse",  "leak"};

}  // namespace

std::string Failing::text() const {
  std::string text;
  for (const std::string& word : said) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::optional<Failing> failing_of(const Outcome& outcome, uint64_t patience_ms) {
  const Ending& ending = outcome.ending;
  // What has been cut off anywhere may have said anything.
  if (ending.is_endless()) return Failing{Failing::Kind::kTimeout};
  const int code = ending.exit_code();
  if (ending.is_crash()) return Failing{Failing::Kind::kCrash, code - 128, said_in(outcome.output)};
  if (outcome.run.end_ms > patience_ms) return Failing{Failing::Kind::kTimeout};
  if (code != 0) return Failing{Failing::Kind::kExit, code, said_in(outcome.output)};
  if (!outcome.unmet.empty()) return Failing{Failing::Kind::kUnmet, 0, outcome.unmet};
  const Words misuses = shortened(outcome.run.misuses, misused);
  if (!misuses.empty()) return Failing{Failing::Kind::kMisuse, 0, misuses};
  const Words leaks = shortened(outcome.run.leaks, leaked);
  if (!leaks.empty()) return Failing{Failing::Kind::kLeak, 0, leaks};
  return std::nullopt;
}

bool is_expectation(std::string_view text) {
  const auto code = number_in(text);
  return text == "any" || std::ranges::find(kWords, text) != kWords.end() ||
         (code && *code >= 1 && *code <= 255);
}

bool is_expected(const Failing& failing, std::string_view expectation) {
  if (expectation == "any" || expectation == kWords[static_cast<size_t>(failing.kind)]) return true;
  return failing.kind == Failing::Kind::kExit &&
         number_in(expectation) == static_cast<uint64_t>(failing.value);
}

}  // namespace prl::tool
