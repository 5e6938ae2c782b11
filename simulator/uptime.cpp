#include "simulator/uptime.h"

#include <string_view>

namespace prl::sim {

namespace {

constexpr std::string_view kSeconds = "Identification.VmUptimeInSeconds";
constexpr std::string_view kStartDate = "Identification.VmUptimeStartDateTime";

}  // namespace

uint64_t uptime_seconds(const VmConfig& config) {
  const PropertyValue* value = config.properties.find(kSeconds);
  const auto* seconds = value ? std::get_if<uint64_t>(value) : nullptr;
  return seconds ? *seconds : 0;
}

void set_uptime_seconds(VmConfig& config, uint64_t seconds) {
  if (seconds != uptime_seconds(config)) config.properties.set(kSeconds, seconds);
}

void reset_uptime(VmConfig& config, const std::string& date) {
  config.properties.erase(kSeconds);
  config.properties.set(kStartDate, date);
}

void keep_uptime(VmConfig& config, const VmConfig& stored) {
  for (const std::string_view path : {kSeconds, kStartDate}) {
    if (const PropertyValue* value = stored.properties.find(path)) {
      config.properties.set(path, *value);
    } else {
      config.properties.erase(path);
    }
  }
}

}  // namespace prl::sim
