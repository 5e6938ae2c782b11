#include "tool/trace_difference.h"

#include <fmt/format.h>

#include <map>
#include <sstream>
#include <vector>

#include "tool/client_run.h"
#include "tool/trace_reader.h"

namespace prl::tool {

namespace {

struct NumberedLine {
  size_t number = 0;
  std::string text;
  std::string compared;
};

// Identities are drawn: which is which counts, not what they are.
class Identities {
 public:
  std::string numbered(const std::string& line) {
    constexpr std::string_view kHex = "0123456789abcdef-";
    constexpr size_t kLength = 38;  // of "{01234567-89ab-cdef-0123-456789abcdef}"
    std::string text;
    for (size_t i = 0; i < line.size(); ++i) {
      const std::string word = line.substr(i, kLength);
      const bool is_uuid = word.size() == kLength && word.front() == '{' && word.back() == '}' &&
                           word.find_first_not_of(kHex, 1) == kLength - 1;
      if (!is_uuid) {
        text += line[i];
        continue;
      }
      text += fmt::format("{{{}}}", numbers_.try_emplace(word, numbers_.size()).first->second);
      i += kLength - 1;
    }
    return text;
  }

 private:
  std::map<std::string, size_t> numbers_;
};

std::vector<NumberedLine> lines_of(const std::string& trace) {
  std::vector<NumberedLine> lines;
  Identities identities;
  std::istringstream in(trace);
  size_t number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    const auto line = split_line(text);
    if (!line || line->kind != "drawn") {
      lines.push_back({number, text, identities.numbered(text)});
    }
  }
  return lines;
}

bool has_ended(const std::vector<NumberedLine>& lines) {
  return !lines.empty() && lines.back().text.ends_with(" world ends");
}

}  // namespace

std::optional<TraceDifference> first_difference_of_handlers(const std::string& recorded_path,
                                                            const std::string& path, bool is_cut) {
  const auto recorded = handler_files(recorded_path);
  const auto now = handler_files(path);
  auto all = recorded;
  all.insert(now.begin(), now.end());
  for (const auto& entry : all) {
    const std::string& name = entry.first;
    const auto text_in = [&name](const std::map<std::string, std::string>& files) {
      const auto found = files.find(name);
      return found == files.end() ? std::string() : text_of_file(found->second);
    };
    const std::string before = text_in(recorded);
    const std::string after = text_in(now);
    if (is_cut && (before.empty() || after.empty())) continue;
    auto difference = first_difference(before, after, is_cut);
    if (!difference) continue;
    difference->file = name;
    return difference;
  }
  return std::nullopt;
}

size_t count_compared_lines(const std::string& trace) {
  return lines_of(trace).size();
}

bool has_end(const std::string& trace) {
  return has_ended(lines_of(trace));
}

std::optional<TraceDifference> first_difference(const std::string& recorded, const std::string& now,
                                                bool is_cut) {
  const std::vector<NumberedLine> before = lines_of(recorded);
  const std::vector<NumberedLine> after = lines_of(now);
  size_t i = 0;
  while (i < before.size() && i < after.size() && before[i].compared == after[i].compared) ++i;
  const bool is_at_an_end = i == before.size() || i == after.size();
  if (i == before.size() && i == after.size()) return std::nullopt;
  if (is_cut && !after.empty() && is_at_an_end && !has_ended(before)) return std::nullopt;
  const size_t last = before.empty() ? 0 : before.back().number;
  return TraceDifference{.line = i < before.size() ? before[i].number : last + 1,
                         .recorded = i < before.size() ? before[i].text : "",
                         .now = i < after.size() ? after[i].text : ""};
}

}  // namespace prl::tool
