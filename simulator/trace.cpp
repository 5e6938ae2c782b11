#include "simulator/trace.h"

#include <cinttypes>

namespace prl::sim {

Trace::Trace(const std::string& path) : file_(std::fopen(path.c_str(), "we")) {}

void Trace::line(uint64_t time_ms, std::string_view kind, std::string_view text) {
  if (!enabled()) return;
  std::lock_guard lock(mutex_);
  std::fprintf(file_.get(), "%10" PRIu64 " %-5.*s %.*s\n", time_ms, static_cast<int>(kind.size()),
               kind.data(), static_cast<int>(text.size()), text.data());
  std::fflush(file_.get());
}

}  // namespace prl::sim
