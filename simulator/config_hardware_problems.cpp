#include "simulator/config_checker.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "simulator/config_rules.h"

namespace prl::sim {

namespace {

constexpr uint32_t kCpusMax = 256;
constexpr uint64_t kVideoMibMin = 2, kVideoMibMax = 1024;

std::optional<uint32_t> parse_processor(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole ? std::optional(number) : std::nullopt;
}

// The highest number of "0-3, 7"; nothing where that is no such list.
std::optional<uint32_t> highest_in(std::string_view ranges) {
  uint32_t highest = 0;
  while (true) {
    const size_t comma = ranges.find(',');
    const std::string_view item = ranges.substr(0, comma);
    const size_t dash = item.find('-');
    const auto first = parse_processor(item.substr(0, dash));
    const auto last = dash == item.npos ? first : parse_processor(item.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    highest = std::max(highest, *last);
    if (comma == ranges.npos) return highest;
    ranges.remove_prefix(comma + 1);
  }
}

}  // namespace

void ConfigChecker::check_cpu() {
  const uint64_t sockets = number("Hardware.Cpu.Sockets", 1);
  const uint64_t cpus = config_.cpu_count * sockets;
  if (cpus == 0) add(ProblemKind::kCpuCountIsZero, true);
  const uint64_t most = std::min(kCpusMax, setting_.host_cpus);
  if (cpus > most) {
    add(ProblemKind::kTooManyCpus, true, {std::to_string(cpus), std::to_string(most)});
  }
  if (cpus > setting_.host_cpus && !is_template(config_)) {
    add(ProblemKind::kMoreCpusThanHost, true,
        {std::to_string(cpus), std::to_string(setting_.host_cpus)});
  }
  const std::string mask = text("Hardware.Cpu.CpuMask");
  if (!mask.empty()) {
    const auto highest = highest_in(mask);
    if (!highest) add(ProblemKind::kCpuMaskBad, false, {mask});
    if (highest && *highest >= setting_.host_cpus) {
      add(ProblemKind::kCpuMaskBeyondHost, true, {mask, std::to_string(setting_.host_cpus)});
    }
  }
  if (!is_virtuozzo()) return;
  const std::string nodes = text("Hardware.Cpu.NodeMask");
  if (!nodes.empty() && !highest_in(nodes)) add(ProblemKind::kNodeMaskBad, false, {nodes});
  check_numa(sockets);
}

// Profile V only: desktop has no numbers for these.
void ConfigChecker::check_numa(uint64_t sockets) {
  const uint64_t nodes = number("Hardware.Cpu.NumaNodes", 0);
  if (nodes < 2) return;
  if (number("Hardware.Cpu.EnableHotplug", 0) != 0) add(ProblemKind::kNumaWithCpuHotplug, true);
  if (number("Hardware.Memory.EnableHotplug", 0) != 0) {
    add(ProblemKind::kNumaWithMemoryHotplug, true);
  }
  if ((nodes & (nodes - 1)) != 0) {
    add(ProblemKind::kNumaCountUnsupported, true, {std::to_string(nodes)});
  } else if (sockets % nodes != 0) {
    add(ProblemKind::kNumaSocketsUneven, true, {std::to_string(nodes), std::to_string(sockets)});
  }
}

void ConfigChecker::check_memory() {
  const uint32_t ram = config_.ram_mib;
  if (ram == 0) {
    add(ProblemKind::kRamIsZero, true);
  } else if (ram < kRamMibMin || ram > kRamMibMax) {
    add(ProblemKind::kRamOutOfRange, true,
        {std::to_string(kRamMibMin), std::to_string(kRamMibMax)});
  } else if (ram % 4 != 0) {
    add(ProblemKind::kRamNotOfFour, true, {std::to_string(ram)});
  } else if (ram > setting_.recommended_ram_mib) {
    add(ProblemKind::kRamNotRecommended, false,
        {std::to_string(ram), std::to_string(setting_.recommended_ram_mib)});
  }
  constexpr uint64_t kPercents = 1;
  if (number("Hardware.Memory.MemGuaranteeType", 0) == kPercents &&
      number("Hardware.Memory.MemGuarantee", 0) > 100) {
    add(ProblemKind::kMemoryGuaranteeBad, true);
  }
  if (number("Hardware.Memory.MaxBalloonSize", 70) > 100) add(ProblemKind::kBalloonTooLarge, true);
  const uint64_t priority = number("Hardware.Memory.HostMemQuotaPriority", 50);
  if (priority == 0) add(ProblemKind::kQuotaPriorityZero, true);
  if (priority > 100) add(ProblemKind::kQuotaPriorityTooLarge, true);
  const uint64_t quota = number("Hardware.Memory.HostMemQuotaMax", UINT32_MAX);
  if (number("Hardware.Memory.HostMemQuotaMin", 0) > quota) add(ProblemKind::kQuotaRangeBad, true);
}

void ConfigChecker::check_video() {
  const uint64_t video = number("Hardware.Video.VideoMemorySize", 16);
  if (video < kVideoMibMin || video > kVideoMibMax) {
    add(ProblemKind::kVideoOutOfRange, true,
        {std::to_string(kVideoMibMin), std::to_string(kVideoMibMax)});
  }
}

}  // namespace prl::sim
