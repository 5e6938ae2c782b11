#include "tool/progress.h"

#include <fmt/ostream.h>

#include <algorithm>

namespace prl::tool {

namespace {

std::string bar(size_t done, size_t all) {
  constexpr size_t kWidth = 20;
  const size_t full = all == 0 ? kWidth : done * kWidth / all;
  std::string cells(full, '=');
  if (full < kWidth) cells += '>';
  cells.resize(kWidth, ' ');
  return "[" + cells + "]";
}

}  // namespace

std::string progress_text(const Progress& progress) {
  std::string text = fmt::format("{} {} of {} runs, {} findings", bar(progress.done, progress.all),
                                 progress.done, progress.all, progress.findings);
  const auto elapsed_ms = static_cast<double>(progress.elapsed.count());
  if (progress.done == 0 || elapsed_ms <= 0) return text;
  const double per_ms = static_cast<double>(progress.done) / elapsed_ms;
  const double left_s = static_cast<double>(progress.all - progress.done) / per_ms / 1000;
  return text + fmt::format(", {:.1f} runs/s, {:.0f} s left", per_ms * 1000, left_s);
}

void ProgressLine::show(const Progress& progress) {
  if (is_shown_) draw(progress_text(progress));
}

void ProgressLine::clear() {
  if (width_ == 0) return;
  draw("");
  fmt::print(out_, "\r");
  out_.flush();
}

// Blanks cover what was longer.
void ProgressLine::draw(const std::string& text) {
  fmt::print(out_, "\r{:{}}", text, std::max(width_, text.size()));
  out_.flush();
  width_ = text.size();
}

}  // namespace prl::tool
