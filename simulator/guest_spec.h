// What a guest does where clients ask it for something. Plain values, which whoever describes a
// world writes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prl::sim {

// How a program ends when a client runs it.
struct GuestProgram {
  std::string name;
  std::optional<std::vector<std::string>> arguments;  // none: whatever they are
  std::string output;
  std::string error_output;
  uint32_t exit_code = 0;
  uint64_t duration_ms = 0;

  bool operator==(const GuestProgram&) const = default;
};

// What a guest does that is asked to sleep (vm-lifecycle 4.1).
enum class SleepAnswer : uint8_t { kPause, kSuspend, kStop, kIgnore };
// As scenarios, the trace and control calls spell them.
inline constexpr std::array<std::string_view, 4> kSleepWords = {"pause", "suspend", "stop",
                                                                "ignore"};
constexpr std::string_view sleep_word(SleepAnswer answer) {
  return kSleepWords[static_cast<size_t>(answer)];
}

}  // namespace prl::sim
