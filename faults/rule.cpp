#include "faults/rule.h"

namespace prl::faults {

// Goes back to the last '*' where the rest does not fit, so that the time is at most the product of
// the lengths.
bool matches_pattern(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string normal_uuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  if (text.size() != kShape.size()) return {};
  std::string uuid = "{";
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] + 32) : text[i];
    if (kShape[i] == '-' ? c != '-' : kDigits.find(c) == std::string_view::npos) return {};
    uuid += c;
  }
  return uuid + "}";
}

bool needs_phase(sim::Fault::Kind kind) {
  using Kind = sim::Fault::Kind;
  return kind == Kind::kFail || kind == Kind::kHang || kind == Kind::kDelay;
}

bool can_strike(sim::Fault::Kind kind, sim::Layer layer) {
  using Kind = sim::Fault::Kind;
  using sim::Layer;
  switch (kind) {
    case Kind::kFail:
      return layer == Layer::kCall || layer == Layer::kJob || layer == Layer::kTransition;
    case Kind::kDelay:
      return layer != Layer::kStorage && layer != Layer::kMemory;
    case Kind::kHang:
    case Kind::kDisconnect:
    case Kind::kRestartService:
    case Kind::kPowerCut:
    case Kind::kKillVm:
    case Kind::kPanic:
    case Kind::kGuestLeaves:
    case Kind::kGuestReboots:
    case Kind::kGuestSleeps:
    case Kind::kGuestHibernates:
    case Kind::kGuestWakes:
    case Kind::kFreeze:
    case Kind::kUnfreeze:
    case Kind::kSleep:
    case Kind::kWake:
    case Kind::kAsk:
    case Kind::kJumpClock:
      return layer == Layer::kJob || layer == Layer::kTransition;
    case Kind::kTimeOut:
    case Kind::kNewerImage:
    case Kind::kForeignImage:
    case Kind::kOtherCpuImage:
      return layer == Layer::kJob;
    case Kind::kLose:
    case Kind::kDuplicate:
    case Kind::kReorder:
      return layer == Layer::kJob || layer == Layer::kEvent;
    case Kind::kNoMemory:
      return layer == Layer::kCall || layer == Layer::kMemory;
    case Kind::kNoSpace:
    case Kind::kIoError:
    case Kind::kShortWrite:
    case Kind::kTornWrite:
    case Kind::kFlipBit:
    case Kind::kLoseSync:
    case Kind::kSlow:
    case Kind::kReadOnly:
      return layer == Layer::kStorage;
  }
  return false;
}

}  // namespace prl::faults
