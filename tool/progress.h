// The line that shows on a terminal how far a sweep is.
#pragma once

#include <chrono>
#include <cstddef>
#include <ostream>
#include <string>

namespace prl::tool {

struct Progress {
  size_t done = 0;
  size_t all = 0;
  size_t findings = 0;
  // On the wall, since the sweep began, its recording included.
  std::chrono::milliseconds elapsed{0};
};

// "[=====>              ] 12 of 39 runs, 3 findings, 8.5 runs/s, 3 s left"
std::string progress_text(const Progress& progress);

// Draws it again and again in one line of a terminal. One thread at a time.
class ProgressLine {
 public:
  // Draws nothing where `is_shown` is false.
  ProgressLine(std::ostream& out, bool is_shown) : out_(out), is_shown_(is_shown) {}
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() { clear(); }

  void show(const Progress& progress);
  // Leaves the line to somebody else.
  void clear();

 private:
  void draw(const std::string& text);

  std::ostream& out_;
  const bool is_shown_;
  size_t width_ = 0;  // of what stands there
};

}  // namespace prl::tool
