#include "tool/trace_convert.h"

#include <fmt/ostream.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <system_error>

#include "tool/client_run.h"
#include "tool/json_text.h"
#include "tool/trace_reader.h"

namespace prl::tool {

namespace {

constexpr int kVms = 1;  // the process of that number, as the viewers call it
constexpr int kJobs = 2;

// A list of events. Times are microseconds there.
class ChromeEvents {
 public:
  explicit ChromeEvents(std::ostream& out) : out_(out) { out_ << "{\"traceEvents\": ["; }
  ~ChromeEvents() { out_ << "\n]}\n"; }
  ChromeEvents(const ChromeEvents&) = delete;
  ChromeEvents& operator=(const ChromeEvents&) = delete;

  void name(const char* what, int process, uint64_t row, const std::string& name) {
    add(
        fmt::format("\"ph\": \"M\", \"name\": \"{}\", \"pid\": {}, \"tid\": {}, \"args\": "
                    "{{\"name\": {}}}",
                    what, process, row, json(name)));
  }
  void span(int process, uint64_t row, const std::string& name, uint64_t begin_ms,
            uint64_t end_ms) {
    add(
        fmt::format("\"ph\": \"X\", \"name\": {}, \"pid\": {}, \"tid\": {}, \"ts\": {}, "
                    "\"dur\": {}",
                    json(name), process, row, begin_ms * 1000, (end_ms - begin_ms) * 1000));
  }
  void mark(const std::string& name, uint64_t time_ms) {
    add(
        fmt::format("\"ph\": \"i\", \"s\": \"g\", \"name\": {}, \"pid\": {}, \"tid\": 0, "
                    "\"ts\": {}",
                    json(name), kJobs, time_ms * 1000));
  }

 private:
  void add(const std::string& fields) {
    out_ << (is_first_ ? "\n" : ",\n") << "{" << fields << "}";
    is_first_ = false;
  }

  std::ostream& out_;
  bool is_first_ = true;
};

void add_vms(const TracedRun& run, ChromeEvents& events) {
  std::map<std::string, std::vector<TracedState>> vms;
  for (const TracedState& state : run.states) vms[state.vm].push_back(state);
  uint64_t row = 0;
  for (const auto& [vm, states] : vms) {
    events.name("thread_name", kVms, ++row, vm);
    for (size_t i = 0; i < states.size(); ++i) {
      if (states[i].state.empty()) continue;
      const bool is_last = i + 1 == states.size();
      const uint64_t end_ms = is_last ? run.end_ms : states[i + 1].begin_ms;
      events.span(kVms, row, states[i].state, states[i].begin_ms, end_ms);
    }
  }
}

void add_jobs(const TracedRun& run, ChromeEvents& events) {
  for (const TracedJob& job : run.jobs) {
    std::string name = job.vm.empty() ? job.function : job.function + " " + job.vm;
    events.name("thread_name", kJobs, job.number, fmt::format("{} {}", job.number, name));
    if (!job.has_ended) name += " (unfinished)";
    if (job.has_ended && !job.has_succeeded) name += " (failed)";
    events.span(kJobs, job.number, name, job.begin_ms, job.has_ended ? job.end_ms : run.end_ms);
  }
}

}  // namespace

void print_trace_json(std::istream& trace, std::ostream& out) {
  for (std::string text; std::getline(trace, text);) {
    const auto line = split_line(text);
    if (!line) continue;
    fmt::print(out, "{{\"time_ms\": {}, \"kind\": {}, \"text\": {}}}\n", line->time_ms,
               json(line->kind), json(line->text));
  }
}

void print_trace_chrome(std::istream& trace, std::ostream& out) {
  const std::string text(std::istreambuf_iterator<char>(trace), {});
  std::istringstream first(text);
  const TracedRun run = read_trace(first);
  ChromeEvents events(out);
  events.name("process_name", kVms, 0, "VMs");
  events.name("process_name", kJobs, 0, "jobs");
  add_vms(run, events);
  add_jobs(run, events);
  std::istringstream second(text);
  for (std::string words; std::getline(second, words);) {
    const auto line = split_line(words);
    if (!line || (line->kind != "fault" && line->kind != "hang")) continue;
    events.mark(line->kind + " " + line->text, line->time_ms);
  }
}

namespace {

// What is said of lines that are none of a trace; empty: all are.
std::string strange_lines(const std::string& text, std::string_view fate) {
  std::istringstream trace(text);
  size_t number = 0, first = 0, others = 0;
  for (std::string line; std::getline(trace, line);) {
    ++number;
    if (line.empty() || split_line(line)) continue;
    first == 0 ? first = number : ++others;
  }
  if (first == 0) return "";
  const std::string more =
      others == 0 ? " is" : fmt::format(" and {} other{} are", others, others == 1 ? "" : "s");
  return fmt::format("line {}{} none of a trace and {}", first, more, fate);
}

}  // namespace

int convert_trace(const std::string& path, const std::string& format, std::ostream& out,
                  std::ostream& err) {
  // A pipe may be given as well, as in `prlsim trace <(zcat a.gz)`.
  std::error_code error;
  std::string text = text_of_file(path);
  if (std::filesystem::is_fifo(path, error)) {
    std::ifstream pipe(path);
    text.assign(std::istreambuf_iterator<char>(pipe), {});
  }
  if (!split_line(text.substr(0, text.find('\n')))) {
    fmt::print(err, "prlsim: {}\n", no_trace(path));
    return 2;
  }
  std::istringstream trace(text);
  if (format == "json") {
    print_trace_json(trace, out);
  } else if (format == "chrome") {
    print_trace_chrome(trace, out);
  } else {
    out << text;
  }
  const bool is_text = format != "json" && format != "chrome";
  const std::string strange = strange_lines(text, is_text ? "printed as it is" : "left out");
  if (!strange.empty()) fmt::print(err, "prlsim: {}: {}\n", path, strange);
  return 0;
}

}  // namespace prl::tool
