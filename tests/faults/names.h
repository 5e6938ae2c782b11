// As much of the API as the scenarios of these tests name.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "faults/api_names.h"
#include "simulator/latency.h"

namespace prl::faults {

inline constexpr int32_t kTimeout = -2147483627;
inline constexpr int32_t kSuspendFailed = -2147352571;
inline constexpr int32_t kQuestion = 13050;
inline constexpr int32_t kYes = 16000;
inline constexpr uint32_t kUbuntu = 2307;

inline std::optional<int32_t> code_by_name(std::string_view name) {
  if (name == "PRL_ERR_SUCCESS") return 0;
  if (name == "PRL_ERR_TIMEOUT") return kTimeout;
  if (name == "PRL_ERR_VM_SUSPEND_FAILED") return kSuspendFailed;
  if (name == "PET_QUESTION_SUSPEND_STATE_INCOMPATIBLE_CPU") return kQuestion;
  if (name == "PET_ANSWER_YES") return kYes;
  return std::nullopt;
}

inline const std::map<std::string_view, SettingForm>& setting_forms() {
  using Kind = SettingForm::Kind;
  constexpr SettingForm kCount{.kind = Kind::kInteger, .max = 4'294'967'295};
  constexpr SettingForm kFlag{.kind = Kind::kFlag};
  constexpr SettingForm kText{.kind = Kind::kText};
  static const std::map<std::string_view, SettingForm> forms = {
      {"Hardware.CdRom[].Remote", kFlag},
      {"Hardware.Fdd[].Remote", kFlag},
      {"Hardware.Hdd[].SerialNumber", kText},
      {"Hardware.NetworkAdapter[].AdapterNumber",
       {.kind = Kind::kInteger, .min = -2'147'483'648, .max = 2'147'483'647}},
      {"Hardware.NetworkAdapter[].NetAddress[]", {.kind = Kind::kTexts, .range = "an address"}},
      {"Hardware.Printer[].Remote", kFlag},
      {"Hardware.Serial[].Remote", kFlag},
      {"Hardware.Sound[].Mixer", kText},
      {"Hardware.USB[].AutoConnect", kCount},
      {"Hardware.Video.VideoMemorySize", kCount},
      {"Settings.AutoCompress.FreeDiskSpaceRatio", {.kind = Kind::kReal}},
      {"Settings.General.VmDescription", kText},
      {"Security.LockedOperationsList.LockedOperation[]",
       {.kind = Kind::kIntegers, .max = 4'294'967'295}},
      {"Settings.GlobalNetwork.DnsIPAddress[]", {.kind = Kind::kTexts}},
      {"Settings.GlobalNetwork.NetworkRates.NetworkRate[]", {.kind = Kind::kList}},
      {"Settings.GlobalNetwork.NetworkRates.NetworkRate[].ClassId", kCount},
      {"Settings.GlobalNetwork.NetworkRates.NetworkRate[].Rate", kCount},
      {"Settings.Startup.BootingOrder.BootDevice[]", {.kind = Kind::kList}},
      {"Settings.Startup.BootingOrder.BootDevice[].InUse", kFlag},
      {"Settings.Startup.BootingOrder.BootDevice[].Type", kCount},
  };
  return forms;
}

inline const std::map<std::string_view, SettingForm>& host_setting_forms() {
  using Kind = SettingForm::Kind;
  static const std::map<std::string_view, SettingForm> forms = {
      {"Cpu.Number", {.kind = Kind::kInteger, .max = 4'294'967'295}},
      {"HardDisks.HardDisk[]", {.kind = Kind::kList}},
      {"HardDisks.HardDisk[].Name", {.kind = Kind::kText}},
      {"NetworkSettings.GlobalNetwork.SearchDomain[]", {.kind = Kind::kTexts}},
      {"UsbDevices.UsbDevice[]", {.kind = Kind::kList}},
      {"UsbDevices.UsbDevice[].Name", {.kind = Kind::kText}},
  };
  return forms;
}

inline const std::map<std::string_view, SettingForm>& preference_forms() {
  using Kind = SettingForm::Kind;
  static const std::map<std::string_view, SettingForm> forms = {
      {"LockedOperationsList.LockedOperation[]", {.kind = Kind::kIntegers, .max = 4'294'967'295}},
      {"RemoteDisplayPreferences.BasePort", {.kind = Kind::kInteger, .max = 4'294'967'295}},
  };
  return forms;
}

inline const std::map<std::string_view, SettingForm>& profile_forms() {
  static const std::map<std::string_view, SettingForm> forms = {
      {"UserWorkspace.UserDefaultVmFolder", {.kind = SettingForm::Kind::kText}},
  };
  return forms;
}

inline SettingNames setting_names(const std::map<std::string_view, SettingForm>& forms,
                                  std::span<const std::string_view> paths) {
  return {.form = [&forms](std::string_view path) -> std::optional<SettingForm> {
            const auto found = forms.find(path);
            if (found == forms.end()) return std::nullopt;
            return found->second;
          },
          .takes_text =
              [](std::string_view path, std::string_view text) {
                return !path.ends_with("NetAddress[]") || text.find('/') != std::string_view::npos;
              },
          .paths = paths};
}

inline ApiNames names() {
  static constexpr std::array<std::string_view, 3> kCodes = {"PRL_ERR_SUCCESS", "PRL_ERR_TIMEOUT",
                                                             "PRL_ERR_VM_SUSPEND_FAILED"};
  static constexpr std::array<std::string_view, 3> kFunctions = {"PrlVm_Start", "PrlVm_Suspend",
                                                                 "PrlVmCfg_SetName"};
  static constexpr std::array<std::string_view, 2> kJobFunctions = {"PrlVm_Start", "PrlVm_Suspend"};
  static constexpr std::array<std::string_view, 1> kEvents = {"PET_DSP_EVT_VM_STATE_CHANGED"};
  static constexpr std::array<std::string_view, 2> kObjects = {"PHT_JOB", "PHT_EVENT"};
  static constexpr std::array<std::string_view, 3> kStates = {"STOPPED", "STARTING", "RUNNING"};
  static constexpr std::array<std::string_view, 1> kPhases = {"STARTING"};
  static constexpr std::array<std::string_view, 3> kSettings = {"Hardware.Hdd[].SerialNumber",
                                                                "Hardware.Video.VideoMemorySize",
                                                                "Settings.General.VmDescription"};
  static constexpr std::array<std::string_view, 1> kHostSettings = {
      "NetworkSettings.GlobalNetwork.SearchDomain[]"};
  static constexpr std::array<std::string_view, 1> kPreferences = {
      "RemoteDisplayPreferences.BasePort"};
  static constexpr std::array<std::string_view, 1> kSystems = {"Ubuntu Linux"};
  return {.code_by_name = code_by_name,
          .is_function =
              [](std::string_view name) {
                return std::ranges::find(kFunctions, name) != kFunctions.end();
              },
          .codes = kCodes,
          .functions = kFunctions,
          .job_functions = kJobFunctions,
          .events = kEvents,
          .states = kStates,
          .objects = kObjects,
          .phases = kPhases,
          .preset = sim::latency_preset,
          .presets = sim::latency_preset_names(),
          .settings = setting_names(setting_forms(), kSettings),
          .host_settings = setting_names(host_setting_forms(), kHostSettings),
          .preferences = setting_names(preference_forms(), kPreferences),
          .user_profile = setting_names(profile_forms(), {}),
          .guest_system = [](std::string_view name) -> std::optional<uint32_t> {
            if (name != "Ubuntu Linux") return std::nullopt;
            return kUbuntu;
          },
          .guest_systems = kSystems};
}

}  // namespace prl::faults
