#include "sdk/scenario_settings.h"

#include <prlsdk/Parallels.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "properties.h"
#include "sdk/value_check.h"

namespace prl::sdk {

namespace {

using faults::SettingForm;

struct Entry {
  SettingForm form;
  ValueCheck check = ValueCheck::kNone;
};
using FormEntries = std::map<std::string, Entry, std::less<>>;

SettingForm integer_form(const PropertyInfo& property) {
  SettingForm form{.kind = SettingForm::Kind::kInteger};
  if (property.type == PropertyType::kUint16) form.max = std::numeric_limits<uint16_t>::max();
  if (property.type == PropertyType::kUint32) form.max = std::numeric_limits<uint32_t>::max();
  if (property.type == PropertyType::kUint64) form.max = std::numeric_limits<int64_t>::max();
  if (property.type == PropertyType::kInt32) {
    form.min = std::numeric_limits<int32_t>::min();
    form.max = std::numeric_limits<int32_t>::max();
  }
  if (property.check == ValueCheck::kNotZero) form.min = 1;
  if (property.check == ValueCheck::kPort) {
    form.min = 1;
    form.max = std::numeric_limits<uint16_t>::max();
  }
  return form;
}

constexpr SettingForm kNumber{.kind = SettingForm::Kind::kInteger,
                              .max = std::numeric_limits<uint32_t>::max()};
constexpr SettingForm kLongNumber{.kind = SettingForm::Kind::kInteger,
                                  .max = std::numeric_limits<int64_t>::max()};

// None for a part of the object: its properties say what it has.
std::optional<SettingForm> form_of(const PropertyInfo& property) {
  switch (property.type) {
    case PropertyType::kBool:
      return SettingForm{.kind = SettingForm::Kind::kFlag};
    case PropertyType::kUint16:
    case PropertyType::kUint32:
    case PropertyType::kInt32:
    case PropertyType::kUint64:
      return integer_form(property);
    case PropertyType::kDouble:
      return SettingForm{.kind = SettingForm::Kind::kReal};
    case PropertyType::kString:
      return SettingForm{.kind = SettingForm::Kind::kText, .range = property.range.view()};
    case PropertyType::kStrings:
      return SettingForm{.kind = SettingForm::Kind::kTexts, .range = property.range.view()};
    case PropertyType::kNumbers:
      return SettingForm{.kind = SettingForm::Kind::kIntegers, .max = kNumber.max};
    case PropertyType::kChildren:
    case PropertyType::kRecords:
      return SettingForm{.kind = SettingForm::Kind::kList};
    case PropertyType::kNode:
      break;
  }
  return std::nullopt;
}

// Devices are the lists right below the hardware; they share properties that name no type.
bool is_device(std::string_view prefix) {
  constexpr std::string_view kHardware = "Hardware.";
  return prefix.starts_with(kHardware) && prefix.ends_with("[].") &&
         prefix.find('.', kHardware.size()) == prefix.size() - 1;
}

void add_properties(FormEntries& entries, uint32_t type, const std::string& prefix);

// What functions keep that rows cannot say: pairs, numbered words, one leaf for each direction
// (sdk/calls/structure.cpp).
void add_structures(FormEntries& entries, uint32_t type, const std::string& prefix) {
  const auto add = [&](const std::string& path, const SettingForm& form) {
    entries.try_emplace(prefix + path, Entry{form});
  };
  if (type == PHT_VM_CONFIGURATION) {
    for (const char* path :
         {"CtSettings.FeaturesOnMask", "CtSettings.FeaturesOffMask", "Hardware.Chipset.Type",
          "Hardware.Cpu.CpuLimitType", "Hardware.Cpu.CpuLimitValue",
          "Hardware.Memory.HostMemQuotaMin", "Hardware.Memory.MemGuarantee",
          "Hardware.Memory.MemGuaranteeType", "Settings.General.Profile.Type",
          "Settings.Runtime.IoLimit", "Settings.Runtime.IoLimitType"}) {
      add(path, kNumber);
    }
    for (uint32_t resource = PCR_KMEMSIZE; resource <= PCR_LAST; ++resource) {
      const std::string path = "CtSettings.CtResource" + std::to_string(resource);
      add(path + ".Barrier", kLongNumber);
      add(path + ".Limit", kLongNumber);
    }
  }
  if (type == PHT_CPU_FEATURES) {
    constexpr uint32_t kWords = 10;  // of both editions together
    for (uint32_t word = 0; word < kWords; ++word) add("Word" + std::to_string(word), kNumber);
  }
  constexpr std::array kHostDevices = {PHT_HW_GENERIC_DEVICE, PHT_HW_HARD_DISK, PHT_HW_NET_ADAPTER,
                                       PHT_HW_GENERIC_PCI_DEVICE};
  if (std::ranges::find(kHostDevices, type) != kHostDevices.end()) {
    add("VmUuid[]", {.kind = SettingForm::Kind::kTexts});
  }
  if (type == PHT_VIRTUAL_DEV_NET_ADAPTER) {
    for (const char* direction : {"Incoming", "Outgoing"}) {
      const std::string path = std::string("Firewall.") + direction + ".Direction.";
      add(path + "DefaultPolicy", kNumber);
      add(path + "FirewallRules.FirewallRule[]", {.kind = SettingForm::Kind::kList});
      add_properties(entries, PHT_FIREWALL_RULE, prefix + path + "FirewallRules.FirewallRule[].");
    }
  }
}

// What objects of the type have, below the prefix. Where two share a path the first counts.
void add_properties(FormEntries& entries, uint32_t type, const std::string& prefix) {
  for (const PropertyInfo& property : all_properties()) {
    const auto& types = property.handle_types;
    const bool is_shared = types[0] == 0 && property.object.starts_with("PrlVmDev");
    if (!(is_shared && is_device(prefix)) && std::ranges::find(types, type) == types.end()) {
      continue;
    }
    std::string path = prefix + std::string(property.path.view());
    if (property.type == PropertyType::kRecords && !path.ends_with("[]")) path += "[]";
    if (const auto form = form_of(property)) {
      entries.try_emplace(path, Entry{*form, property.check});
    }
    const bool has_more = property.type == PropertyType::kChildren ||
                          property.type == PropertyType::kNode ||
                          property.type == PropertyType::kRecords;
    if (has_more) add_properties(entries, property.child_type, path + ".");
  }
  add_structures(entries, type, prefix);
}

struct Named {
  FormEntries entries;
  std::vector<std::string_view> paths;
};

const Named& named(uint32_t type) {
  static const std::map<uint32_t, Named> all = [] {
    std::map<uint32_t, Named> made;
    for (const uint32_t known :
         {PHT_VM_CONFIGURATION, PHT_SERVER_CONFIG, PHT_DISP_CONFIG, PHT_USER_PROFILE}) {
      Named& one = made[known];
      add_properties(one.entries, known, "");
      for (const auto& [path, entry] : one.entries) one.paths.push_back(path);
    }
    return made;
  }();
  return all.at(type);
}

}  // namespace

faults::SettingNames setting_names(uint32_t type) {
  const Named& known = named(type);
  return {.form = [&entries = known.entries](std::string_view path) -> std::optional<SettingForm> {
            const auto found = entries.find(path);
            if (found == entries.end()) return std::nullopt;
            return found->second.form;
          },
          .takes_text =
              [&entries = known.entries](std::string_view path, std::string_view text) {
                return passes(entries.find(path)->second.check, text);
              },
          .paths = known.paths};
}

}  // namespace prl::sdk
