// Knowledge about the API and the model that this folder must not have itself. A value type; what
// the spans show belongs to whoever made it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "simulator/latency_spec.h"

namespace prl::faults {

// What a property of a configuration takes.
struct SettingForm {
  // kList: of tables.
  enum class Kind : uint8_t { kFlag, kInteger, kReal, kText, kTexts, kIntegers, kList };
  Kind kind = Kind::kFlag;
  int64_t min = 0;  // of kInteger and kIntegers; unsigned where it is 0
  int64_t max = 0;
  std::string_view range = {};  // of texts, in words; empty: any

  bool is_signed() const { return min < 0; }
};

// The properties of one kind of object, by path.
struct SettingNames {
  std::function<std::optional<SettingForm>(std::string_view path)> form = {};
  // REQUIRES: a property of texts.
  std::function<bool(std::string_view path, std::string_view text)> takes_text = {};
  std::span<const std::string_view> paths = {};
};

using CodeByName = std::function<std::optional<int32_t>(std::string_view)>;
using IsFunction = std::function<bool(std::string_view)>;
struct ApiNames {
  CodeByName code_by_name;  // "PRL_ERR_TIMEOUT" -> the number
  IsFunction is_function;
  // For suggestions and patterns.
  std::span<const std::string_view> codes = {};
  std::span<const std::string_view> functions = {};
  std::span<const std::string_view> job_functions = {};  // those of them that start a job
  std::span<const std::string_view> events = {};  // "PET_DSP_EVT_VM_STATE_CHANGED"
  std::span<const std::string_view> states = {};  // "RUNNING"
  std::span<const std::string_view> objects = {};  // types of handles: "PHT_JOB"
  std::span<const std::string_view> phases = {};  // those of them that do not last: "STARTING"
  // What takes how long on a host of the kind.
  std::function<std::optional<sim::Latencies>(std::string_view)> preset = {};
  std::span<const std::string_view> presets = {};  // "desktop-ssd"
  SettingNames settings = {};  // of a VM; those of devices begin with it: "Hardware.Hdd[]."
  SettingNames host_settings = {};
  SettingNames preferences = {};
  SettingNames user_profile = {};
  std::function<std::optional<uint32_t>(std::string_view)> guest_system = {};  // "Ubuntu Linux"
  std::span<const std::string_view> guest_systems = {};
};

}  // namespace prl::faults
