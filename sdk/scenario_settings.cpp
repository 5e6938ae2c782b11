#include "sdk/scenario_settings.h"

#include <prlsdk/Parallels.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "properties.h"
#include "sdk/value_check.h"

namespace prl::sdk {

namespace {

using faults::SettingForm;
using Kind = SettingForm::Kind;

struct Entry {
  SettingForm form;
  ValueCheck check = ValueCheck::kNone;
};
using Entries = std::map<std::string, Entry, std::less<>>;

SettingForm integer_form(const PropertyInfo& property) {
  SettingForm form{.kind = Kind::kInteger};
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

// None for what no file can say: lists of numbers and of records.
std::optional<SettingForm> form_of(const PropertyInfo& property) {
  switch (property.type) {
    case PropertyType::kBool:
      return SettingForm{.kind = Kind::kFlag};
    case PropertyType::kUint16:
    case PropertyType::kUint32:
    case PropertyType::kInt32:
    case PropertyType::kUint64:
      return integer_form(property);
    case PropertyType::kDouble:
      return SettingForm{.kind = Kind::kReal};
    case PropertyType::kString:
      return SettingForm{.kind = Kind::kText, .range = property.range.view()};
    case PropertyType::kStrings:
      return SettingForm{.kind = Kind::kTexts, .range = property.range.view()};
    case PropertyType::kChildren:
      return SettingForm{.kind = Kind::kList};
    case PropertyType::kNode:
    case PropertyType::kNumbers:
    case PropertyType::kRecords:
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

// What objects of the type have, below the prefix. Where two share a path the first counts.
void add_properties(Entries& entries, uint32_t type, const std::string& prefix) {
  for (const PropertyInfo& property : all_properties()) {
    const auto& types = property.handle_types;
    const bool is_shared = types[0] == 0 && property.object.starts_with("PrlVmDev");
    if (!(is_shared && is_device(prefix)) && std::ranges::find(types, type) == types.end()) {
      continue;
    }
    const std::string path = prefix + std::string(property.path.view());
    if (const auto form = form_of(property)) {
      entries.try_emplace(path, Entry{*form, property.check});
    }
    const bool has_more =
        property.type == PropertyType::kChildren || property.type == PropertyType::kNode;
    if (has_more) add_properties(entries, property.child_type, path + ".");
  }
}

const Entries& all_entries() {
  static const Entries entries = [] {
    Entries made;
    add_properties(made, PHT_VM_CONFIGURATION, "");
    return made;
  }();
  return entries;
}

}  // namespace

std::span<const std::string_view> setting_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> made;
    for (const auto& [path, entry] : all_entries()) made.push_back(path);
    return made;
  }();
  return names;
}

std::optional<faults::SettingForm> setting_form(std::string_view path) {
  const auto found = all_entries().find(path);
  if (found == all_entries().end()) return std::nullopt;
  return found->second.form;
}

bool setting_takes(std::string_view path, std::string_view text) {
  return passes(all_entries().find(path)->second.check, text);
}

}  // namespace prl::sdk
