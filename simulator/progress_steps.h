// When those are told that follow an operation whose events are of a kind of its own: every period,
// like all others, but at least so many times. Value type.
#pragma once

#include <cstdint>

#include "simulator/operation.h"

namespace prl::sim {

struct ProgressSteps {
  uint64_t duration_ms = 0;
  uint32_t parts = 1;  // at least

  bool is_long() const { return duration_ms > parts * kProgressPeriodMs; }
  // The last step is the end.
  uint64_t count() const {
    return is_long() ? (duration_ms + kProgressPeriodMs - 1) / kProgressPeriodMs : parts;
  }
  // Since the beginning, which is step 0.
  uint64_t moment_ms(uint64_t step) const {
    if (step >= count()) return duration_ms;
    return is_long() ? step * kProgressPeriodMs : duration_ms * step / parts;
  }
  uint64_t wait_ms(uint64_t step) const { return moment_ms(step + 1) - moment_ms(step); }
  uint32_t percent(uint64_t step) const {
    if (step >= count()) return 100;
    return static_cast<uint32_t>(is_long() ? moment_ms(step) * 100 / duration_ms
                                           : step * 100 / parts);
  }
};

}  // namespace prl::sim
