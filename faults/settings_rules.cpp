#include "faults/settings_rules.h"

#include <array>
#include <limits>
#include <span>
#include <utility>

#include "faults/nearest.h"

namespace prl::faults {
namespace {

// What the keys of the tables around them say.
struct Reserved {
  std::string_view path;
  std::string_view by;
};
constexpr std::array kReservedOfVms = {
    Reserved{"Identification.VmName", "the key 'name'"},
    Reserved{"Identification.VmUuid", "the key 'uuid'"},
    Reserved{"Hardware.Memory.RAM", "the key 'ram_mib'"},
    Reserved{"Hardware.Cpu.Number", "the key 'cpus'"},
    Reserved{"Settings.General.OsType", "the key 'os'"},
    Reserved{"Settings.General.OsNumber", "the key 'os'"},
    Reserved{"Hardware.Hdd", "tables [[vm.disk]]"},
    Reserved{"Hardware.CdRom", "tables [[vm.optical_drive]]"},
    Reserved{"Hardware.Fdd", "tables [[vm.floppy_drive]]"},
    Reserved{"Hardware.NetworkAdapter", "tables [[vm.network_adapter]]"},
    Reserved{"Hardware.Serial", "tables [[vm.serial_port]]"},
    Reserved{"Hardware.Printer", "tables [[vm.parallel_port]]"},
    Reserved{"Hardware.Sound", "tables [[vm.sound_device]]"},
    Reserved{"Hardware.USB", "tables [[vm.usb_controller]]"},
};
constexpr std::array kReservedOfHosts = {
    Reserved{"NetworkSettings.GlobalNetwork.HostName", "the key 'name'"},
    Reserved{"Cpu.Number", "the key 'cpus'"},
    Reserved{"Cpu.Model", "the key 'cpu_model'"},
    Reserved{"Cpu.Speed", "the key 'cpu_mhz'"},
    Reserved{"MemorySettings.HostRamSize", "the key 'ram_mib'"},
    Reserved{"OsVersion.StringPresentation", "the key 'os'"},
};

// Kinds of values in words, in their order.
constexpr std::array<std::string_view, 7> kExpected = {"true or false",
                                                       "an integer",
                                                       "a number",
                                                       "a text",
                                                       "a list of texts",
                                                       "a list of integers",
                                                       "a list of tables, [{ ... }]"};
static_assert(static_cast<size_t>(SettingForm::Kind::kList) + 1 == kExpected.size());

class SettingsReader {
 public:
  SettingsReader(const SettingNames& names, std::span<const Reserved> reserved, Settings& settings)
      : names_(names), reserved_(reserved), settings_(settings) {}

  // `form` is the place of the table in the catalogue, "Hardware.Hdd[]", and `path` in the object.
  void read(TableReader& table, const std::string& form, const std::string& path) {
    for (const std::string& key : table.keys()) {
      const std::string inner_form = form.empty() ? key : form + "." + key;
      const std::string inner_path = path.empty() ? key : path + "." + key;
      if (is_reserved(table, key, inner_form)) continue;
      if (table.is_table(key)) {
        if (auto inner = table.table(key)) read(*inner, inner_form, inner_path);
      } else if (table.is_list_of_tables(key)) {
        read_list(table, key, inner_form, inner_path);
      } else {
        read_value(table, key, inner_form, inner_path);
      }
    }
  }

 private:
  bool is_reserved(TableReader& table, const std::string& key, const std::string& form) const {
    for (const Reserved& reserved : reserved_) {
      if (reserved.path != form) continue;
      table.fail(key, quoted(form) + " has " + std::string(reserved.by));
      return true;
    }
    return false;
  }

  std::optional<SettingForm> find(const std::string& form) const {
    return names_.form ? names_.form(form) : std::nullopt;
  }

  void fail_unknown(TableReader& table, const std::string& key, const std::string& form) const {
    table.fail(key, "unknown property " + quoted(form), nearest(form, names_.paths));
  }

  void fail_expected(TableReader& table, const std::string& key, const SettingForm& known) const {
    table.fail_type(key, kExpected[static_cast<size_t>(known.kind)]);
  }

  void read_list(TableReader& table, const std::string& key, const std::string& form,
                 const std::string& path) {
    const auto known = find(form + "[]");
    const auto single = find(form);
    if (!known && single) return fail_expected(table, key, *single);
    if (!known) return fail_unknown(table, key, form);
    if (known->kind != SettingForm::Kind::kList) return fail_expected(table, key, *known);
    size_t child = 0;
    for (TableReader& item : table.tables(key)) {
      const std::string item_path = path + "[" + std::to_string(child++) + "]";
      settings_.push_back({item_path, true});
      read(item, form + "[]", item_path);
    }
  }

  void read_value(TableReader& table, const std::string& key, const std::string& form,
                  const std::string& path) {
    if (const auto known = find(form)) return read_single(table, key, *known, form, path);
    const auto known = find(form + "[]");
    if (!known) return fail_unknown(table, key, form);
    if (known->kind == SettingForm::Kind::kList) {
      if (!table.is_empty_list(key)) return fail_expected(table, key, *known);
      settings_.push_back({path + "[]", false});
      return;
    }
    if (known->kind != SettingForm::Kind::kTexts && known->kind != SettingForm::Kind::kIntegers) {
      return read_single(table, key, *known, form + "[]", path + "[]");  // of at most one
    }
    auto texts = known->kind == SettingForm::Kind::kTexts ? table.texts(key)
                                                          : read_integers(table, key, *known);
    if (!texts) return;
    if (known->kind == SettingForm::Kind::kTexts) {
      for (const std::string& text : *texts) check_text(table, key, text, form + "[]", *known);
    }
    settings_.push_back({path + "[]", std::move(*texts)});
  }

  // Configurations keep them as texts.
  static std::optional<std::vector<std::string>> read_integers(TableReader& table,
                                                               const std::string& key,
                                                               const SettingForm& known) {
    const auto integers =
        table.integers(key, static_cast<uint64_t>(known.min), static_cast<uint64_t>(known.max));
    if (!integers) return std::nullopt;
    std::vector<std::string> texts;
    for (const uint64_t integer : *integers) texts.push_back(std::to_string(integer));
    return texts;
  }

  void read_single(TableReader& table, const std::string& key, const SettingForm& known,
                   const std::string& form, const std::string& path) {
    if (known.kind == SettingForm::Kind::kFlag) {
      if (const auto value = table.boolean(key)) settings_.push_back({path, *value});
    } else if (known.kind == SettingForm::Kind::kInteger) {
      const auto value = table.signed_integer(key, known.min, known.max);
      if (!value) return;
      if (known.is_signed()) settings_.push_back({path, *value});
      if (!known.is_signed()) settings_.push_back({path, static_cast<uint64_t>(*value)});
    } else if (known.kind == SettingForm::Kind::kReal) {
      constexpr double kMost = 1e300;
      if (const auto value = table.number(key, -kMost, kMost)) settings_.push_back({path, *value});
    } else if (auto value = table.text(key)) {
      check_text(table, key, *value, form, known);
      settings_.push_back({path, std::move(*value)});
    }
  }

  void check_text(TableReader& table, const std::string& key, const std::string& text,
                  const std::string& form, const SettingForm& known) const {
    if (!names_.takes_text || names_.takes_text(form, text)) return;
    table.fail(key, quoted(key) + " in " + table.where() + " is " + quoted(text) +
                        (known.range.empty() ? ", which the API refuses"
                                             : ", but must be: " + std::string(known.range)));
  }

  const SettingNames& names_;
  const std::span<const Reserved> reserved_;
  Settings& settings_;
};

Settings read(TableReader& owner, std::string_view key, std::string_view element,
              const SettingNames& names, std::span<const Reserved> reserved) {
  Settings settings;
  if (auto table = owner.table(key)) {
    SettingsReader(names, reserved, settings).read(*table, std::string(element), "");
  }
  return settings;
}

}  // namespace

Settings read_settings(TableReader& owner, std::string_view element, const ApiNames& names) {
  return read(owner, "settings", element, names.settings, kReservedOfVms);
}

Settings read_host_settings(TableReader& host, const ApiNames& names) {
  return read(host, "settings", "", names.host_settings, kReservedOfHosts);
}

Settings read_preferences(TableReader& host, const ApiNames& names) {
  return read(host, "preferences", "", names.preferences, {});
}

Settings read_user_profile(TableReader& host, const ApiNames& names) {
  return read(host, "user_profile", "", names.user_profile, {});
}

}  // namespace prl::faults
