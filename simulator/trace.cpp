#include "simulator/trace.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <system_error>
#include <utility>

namespace prl::sim {

Trace::Trace(const std::string& path, size_t kept_lines, Complain complain)
    : path_(path),
      file_(path.empty() ? nullptr : std::fopen(path.c_str(), "we")),
      kept_lines_(kept_lines),
      complain_(std::move(complain)) {}

void Trace::line(uint64_t time_ms, std::string_view kind, std::string_view text) {
  if (!enabled()) return;
  std::array<char, 64> head{};
  std::snprintf(head.data(), head.size(), "%10" PRIu64 " %-5.*s ", time_ms,
                static_cast<int>(kind.size()), kind.data());
  std::string line = head.data();
  line.append(text);
  std::ranges::replace(line, '\n', ' ');  // a VM can be called anything
  line += '\n';
  std::lock_guard lock(mutex_);
  if (file_) write(file_.get(), line);
  keep(std::move(line));
}

// REQUIRES: the lock is held.
void Trace::write(std::FILE* file, const std::string& line) {
  errno = 0;
  const bool is_whole =
      std::fwrite(line.data(), 1, line.size(), file) == line.size() && std::fflush(file) == 0;
  if (is_whole || std::exchange(has_lost_lines_, true) || !complain_) return;
  complain_("the trace '" + path_ +
            "' lacks lines from here on: " + std::generic_category().message(errno));
}

// REQUIRES: the lock is held.
void Trace::keep(std::string line) {
  if (kept_lines_ == 0) return;
  if (kept_.size() == kept_lines_) kept_.pop_front();
  kept_.push_back(std::move(line));
}

std::string Trace::kept() const {
  std::lock_guard lock(mutex_);
  std::string text;
  for (const std::string& line : kept_) text += line;
  return text;
}

void Trace::handler_line(uint64_t place, std::string_view text) {
  if (!enabled()) return;
  const std::string line = std::string(text) + "\n";
  std::lock_guard lock(mutex_);
  keep(std::string(11, ' ') + "handler " + line);
  if (!file_) return;
  File& file = handlers_[place];
  if (!file) file.reset(std::fopen((path_ + ".handlers-" + std::to_string(place)).c_str(), "we"));
  if (!file) return;
  write(file.get(), line);
}

}  // namespace prl::sim
