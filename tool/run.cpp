#include "tool/run.h"

#include <fcntl.h>
#include <fmt/ostream.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "tool/client_run.h"
#include "tool/expectations.h"
#include "tool/home_check.h"
#include "tool/json_text.h"
#include "tool/process.h"
#include "tool/scenarios.h"
#include "tool/scratch_folder.h"

namespace prl::tool {

namespace {

constexpr int kUsage = 2;
constexpr int kUnmet = 3;
constexpr size_t kShownLeaks = 5;

int complain(std::ostream& err, const std::string& sentence) {
  fmt::print(err, "prlsim: {}\n", sentence);
  return kUsage;
}

bool is_no_regular_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error);
}

// What is said of a run besides what the client says itself.
struct Report {
  Ending ending;
  int exit_code = 0;
  Words unmet;  // of what the scenario expects
  Words leaks;  // handles that were never freed
};

// The file of leaks, which may be one of the user's that has lines already. Of a device or a pipe
// nothing is read.
class Leaks {
 public:
  explicit Leaks(const std::optional<std::string>& path)
      : path_(path.value_or("")), begin_(text().size()) {}

  // Those of this run.
  Words read() const {
    Words leaks;
    const std::string all = text();
    std::istringstream lines(all.substr(std::min(begin_, all.size())));
    for (std::string line; std::getline(lines, line);) leaks.push_back(line);
    return leaks;
  }

 private:
  std::string text() const { return path_.empty() ? "" : text_of_file(path_); }

  const std::string path_;
  const size_t begin_;
};

void print_text(const Report& report, const RunOptions& options, std::ostream& err) {
  if (report.ending.kind == Ending::Kind::kTimedOut) {
    complain(err, "the client did not end within " + seconds_text(*options.timeout) +
                      " s (--timeout) and was killed with its process group");
  }
  const Words& leaks = report.leaks;
  if (!leaks.empty()) {
    fmt::print(err, "prlsim: {}never freed:\n",
               leaks.size() == 1 ? "1 handle was " : fmt::format("{} handles were ", leaks.size()));
  }
  const size_t shown = leaks.size() == kShownLeaks + 1 ? leaks.size() : kShownLeaks;
  for (size_t i = 0; i < std::min(leaks.size(), shown); ++i) fmt::print(err, "  {}\n", leaks[i]);
  if (leaks.size() > shown) fmt::print(err, "  and {} more\n", leaks.size() - shown);
  for (const std::string& problem : report.unmet) {
    fmt::print(err, "prlsim: not as expected: {}\n", problem);
  }
}

// Whether the next byte on stdout begins a line; of what is no regular file nobody can know it.
bool begins_line() {
  struct stat status = {};
  if (::fstat(STDOUT_FILENO, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  const bool is_appended = (::fcntl(STDOUT_FILENO, F_GETFL) & O_APPEND) != 0;
  const off_t at = is_appended ? status.st_size : ::lseek(STDOUT_FILENO, 0, SEEK_CUR);
  if (at <= 0) return at == 0;
  const int file = ::open("/proc/self/fd/1", O_RDONLY | O_CLOEXEC);
  char last = 0;
  const bool is_read = file >= 0 && ::pread(file, &last, 1, at - 1) == 1;
  if (file >= 0) ::close(file);
  return is_read && last == '\n';
}

// In a line of its own, whatever the client has printed last.
void print_json(const Report& report, std::ostream& out) {
  fmt::print(out, "{}{{\"exit_code\": {}, \"said\": {}, \"unmet\": {}, \"leaks\": {}}}\n",
             begins_line() ? "" : "\n", report.exit_code,
             json("the client " + report.ending.text()), json_list(report.unmet),
             json_list(report.leaks));
}

}  // namespace

int run_command(const RunOptions& options, std::ostream& out, std::ostream& err) {
  Settings settings = options.settings;
  std::vector<faults::Expectation> expectations;
  const auto file = settings.scenario ? settings.scenario : variable("PRLSIM_SCENARIO");
  if (file) {
    auto scenario = read_scenario(*file);
    if (!scenario) return complain(err, scenario.error().text());
    expectations = std::move(scenario->expectations);
  }
  // A home that another process holds may be free in a moment.
  if (const auto home = variable("PRLSIM_HOME")) {
    const std::string trouble = trouble_with_home_folder(*home);
    if (!trouble.empty()) return complain(err, "PRLSIM_HOME '" + *home + "' " + trouble);
  }
  // Without a place for it nobody hears of leaks.
  const ScratchFolder scratch;
  settings.leaks = variable("PRLSIM_LEAKS");
  if (settings.leaks) {
    const std::string trouble = trouble_with_file(*settings.leaks);
    if (!trouble.empty()) return complain(err, "PRLSIM_LEAKS '" + *settings.leaks + "' " + trouble);
  }
  if (!settings.leaks && scratch.is_made()) settings.leaks = scratch / "leaks";
  if (!expectations.empty()) {
    // They are held against a trace, which is thrown away where nobody wants one.
    if (!settings.trace) settings.trace = variable("PRLSIM_TRACE");
    if (!settings.trace && !scratch.is_made()) {
      return complain(err, "there is no place for temporary files");
    }
    if (!settings.trace) settings.trace = scratch / "trace";
    if (is_no_regular_file(*settings.trace)) {
      return complain(err, "trace '" + *settings.trace +
                               "' is no regular file: what the scenario expects could not be "
                               "held against it");
    }
    remove_trace(*settings.trace);
  }
  const Leaks leaks(settings.leaks);
  const Ending ending =
      run_in_foreground(options.command, environment_for(settings), options.timeout);
  if (ending.kind == Ending::Kind::kNotStarted) {
    complain(err, "'" + options.command.front() + "' " + ending.text());
    return ending.exit_code();
  }
  Report report{ending, ending.exit_code(), {}, leaks.read()};
  if (!expectations.empty()) report.unmet = unmet(expectations, trace_in(*settings.trace));
  if (report.exit_code == 0 && !report.unmet.empty()) report.exit_code = kUnmet;
  if (options.json) {
    print_json(report, out);
  } else {
    print_text(report, options, err);
  }
  return report.exit_code;
}

}  // namespace prl::tool
