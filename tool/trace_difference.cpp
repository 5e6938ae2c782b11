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

// A line without what is said of time: "#2 PHT_JOB from PrlVm_Start (call 9) at 3 ms" of handles.
std::string timeless(const TraceLine& line) {
  constexpr std::string_view kAt = " at ";
  std::string text = line.kind + " " + line.text;
  if (line.kind != "leak" && line.kind != "misuse") return text;
  for (size_t at = text.find(kAt); at != text.npos; at = text.find(kAt, at + 1)) {
    const size_t begin = at + kAt.size();
    const size_t end = text.find_first_not_of("0123456789", begin);
    if (end != text.npos && text.compare(end, 3, " ms") == 0) text.erase(begin, end - begin);
  }
  return text;
}

// Which lines of a trace: what the client calls and what happens on the host come from threads that
// run side by side where time passes by itself.
enum class Part : uint8_t { kAll, kCalls, kHost };

// Only where times are compared the order of both parts is no matter of chance.
std::vector<NumberedLine> lines_of(const std::string& trace, Times times, Part part = Part::kAll) {
  std::vector<NumberedLine> lines;
  Identities identities;
  std::istringstream in(trace);
  size_t number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    const auto line = split_line(text);
    if (line && line->kind == "drawn") continue;
    const bool is_call = line && (line->kind == "call" || line->kind == "misuse");
    if (part != Part::kAll && is_call != (part == Part::kCalls)) continue;
    const bool has_times = times == Times::kCompared || !line;
    if (!has_times && line->kind == "world" && line->text.starts_with("clock ")) continue;
    lines.push_back({number, text, identities.numbered(has_times ? text : timeless(*line))});
  }
  return lines;
}

bool has_ended(const std::vector<NumberedLine>& lines) {
  return !lines.empty() && lines.back().text.ends_with(" world ends");
}

std::optional<TraceDifference> first_difference_of(const std::vector<NumberedLine>& before,
                                                   const std::vector<NumberedLine>& after,
                                                   bool counts_to_the_end) {
  size_t i = 0;
  while (i < before.size() && i < after.size() && before[i].compared == after[i].compared) ++i;
  const bool is_at_an_end = i == before.size() || i == after.size();
  if (i == before.size() && i == after.size()) return std::nullopt;
  if (!counts_to_the_end && !after.empty() && is_at_an_end) return std::nullopt;
  const size_t last = before.empty() ? 0 : before.back().number;
  return TraceDifference{.line = i < before.size() ? before[i].number : last + 1,
                         .recorded = i < before.size() ? before[i].text : "",
                         .now = i < after.size() ? after[i].text : ""};
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

size_t count_compared_lines(const std::string& trace, Times times) {
  return lines_of(trace, times).size();
}

bool has_end(const std::string& trace) {
  return has_ended(lines_of(trace, Times::kCompared));
}

std::optional<TraceDifference> first_difference(const std::string& recorded, const std::string& now,
                                                bool is_cut, Times times) {
  const bool counts_to_the_end = !is_cut || has_end(recorded);
  const auto in_part = [&](Part part) {
    return first_difference_of(lines_of(recorded, times, part), lines_of(now, times, part),
                               counts_to_the_end);
  };
  if (times == Times::kCompared) return in_part(Part::kAll);
  const auto calls = in_part(Part::kCalls);
  const auto host = in_part(Part::kHost);
  if (!calls || !host) return calls ? calls : host;
  return calls->line < host->line ? calls : host;
}

}  // namespace prl::tool
