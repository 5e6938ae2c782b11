#include "simulator/trace.h"

#include <array>
#include <cinttypes>
#include <utility>

namespace prl::sim {

Trace::Trace(const std::string& path, size_t kept_lines)
    : file_(path.empty() ? nullptr : std::fopen(path.c_str(), "we")), kept_lines_(kept_lines) {}

void Trace::line(uint64_t time_ms, std::string_view kind, std::string_view text) {
  if (!enabled()) return;
  std::array<char, 64> head{};
  std::snprintf(head.data(), head.size(), "%10" PRIu64 " %-5.*s ", time_ms,
                static_cast<int>(kind.size()), kind.data());
  std::string line = head.data();
  line.append(text).append("\n");
  std::lock_guard lock(mutex_);
  if (file_) {
    std::fwrite(line.data(), 1, line.size(), file_.get());
    std::fflush(file_.get());
  }
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

}  // namespace prl::sim
