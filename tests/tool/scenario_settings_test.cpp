// What the reader of scenarios knows of configurations, with the names of the whole API.
#include "sdk/scenario_names.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "faults/document.h"
#include "faults/scenario.h"

namespace prl::tool {
namespace {

namespace fs = std::filesystem;
using faults::SettingForm;
using Kind = SettingForm::Kind;

std::string value_of(const SettingForm& form, std::string_view path) {
  switch (form.kind) {
    case Kind::kFlag:
      return "true";
    case Kind::kInteger:
      return std::to_string(form.max);
    case Kind::kReal:
      return "0.5";
    case Kind::kTexts:
      return path.ends_with("NetAddress[]") ? "[\"10.0.0.2/255.255.255.0\"]" : "[\"a\"]";
    case Kind::kText:
      if (form.range.find("IPv4") != std::string_view::npos) return "\"10.0.0.1\"";
      if (form.range.find("IPv6") != std::string_view::npos) return "\"fd00::1\"";
      return path.ends_with("Mask") ? "\"0-1\"" : "\"a\"";
    case Kind::kIntegers:
      return "[0, " + std::to_string(form.max) + "]";
    case Kind::kList:
      break;
  }
  return "[{}]";
}

// The table that the device of that list has in a scenario; empty for the others.
std::string table_of(std::string_view element) {
  static const std::map<std::string_view, const char*> tables = {
      {"Hardware.Hdd[]", "disk"},           {"Hardware.CdRom[]", "optical_drive"},
      {"Hardware.Fdd[]", "floppy_drive"},   {"Hardware.NetworkAdapter[]", "network_adapter"},
      {"Hardware.Serial[]", "serial_port"}, {"Hardware.Printer[]", "parallel_port"},
      {"Hardware.Sound[]", "sound_device"}, {"Hardware.USB[]", "usb_controller"},
  };
  const auto found = tables.find(element);
  return found == tables.end() ? "" : found->second;
}

// "A[].B = 1" as "A = [{ B = 1 }]".
std::string assignment(std::string path, std::string value) {
  if (path.ends_with("[]")) path.resize(path.size() - 2);
  for (size_t at = path.rfind("[]."); at != std::string::npos; at = path.rfind("[].")) {
    value = "[{ " + path.substr(at + 3) + " = " + value + " }]";
    path.resize(at);
  }
  return path + " = " + value + "\n";
}

std::string refusal_of(const std::string& text) {
  const auto scenario = faults::parse_scenario(text, "s.toml", sdk::scenario_names());
  return scenario ? std::string() : scenario.error().text() + "\n" + text;
}

TEST(EverySetting, CanBeSaidInAScenario) {
  size_t of_devices = 0;
  const faults::SettingNames names = sdk::scenario_names().settings;
  for (const std::string_view path : names.paths) {
    const SettingForm form = *names.form(path);
    const size_t element = path.find("[]");
    const std::string table =
        element == std::string_view::npos ? "" : table_of(path.substr(0, element + 2));
    std::string text = "[[vm]]\nname = \"web\"\n";
    if (!table.empty()) {
      if (path.size() == element + 2) continue;  // the device itself
      text += "[[vm." + table + "]]\nsettings." +
              assignment(std::string(path.substr(element + 3)), value_of(form, path));
      ++of_devices;
    } else {
      text += "settings." + assignment(std::string(path), value_of(form, path));
    }
    EXPECT_EQ(refusal_of(text), "");
  }
  EXPECT_GT(of_devices, 80u);
  EXPECT_GT(names.paths.size(), 300u);
}

TEST(EverySetting, OfAHostCanBeSaidInAScenario) {
  const auto check = [](const char* key, const faults::SettingNames& names, size_t least) {
    for (const std::string_view path : names.paths) {
      const std::string text = std::string("[host]\n") + key + "." +
                               assignment(std::string(path), value_of(*names.form(path), path));
      const std::string refusal = refusal_of(text);
      const bool has_a_key = refusal.find("has the key") != std::string::npos;
      EXPECT_TRUE(refusal.empty() || has_a_key) << refusal;
    }
    EXPECT_GE(names.paths.size(), least) << key;
  };
  const faults::ApiNames names = sdk::scenario_names();
  check("settings", names.host_settings, 130);
  check("preferences", names.preferences, 75);
  check("user_profile", names.user_profile, 5);
}

TEST(ASetting, IsHeldAgainstWhatItsSetterTakes) {
  const auto message_of = [](const std::string& device) {
    const auto scenario = faults::parse_scenario("[[vm]]\nname = \"web\"\n" + device, "s.toml",
                                                 sdk::scenario_names());
    return scenario ? std::string() : scenario.error().message;
  };
  EXPECT_EQ(message_of("network_adapter = [{ settings = { DefaultGateway = \"x\" } }]"),
            "'DefaultGateway' in 'settings' of [[vm.network_adapter]] is 'x', but must be: empty "
            "or IPv4");
  EXPECT_EQ(message_of("settings.Hardware.Cpu.CpuMask = \"1-\""),
            "'CpuMask' in 'settings.Hardware.Cpu' of [[vm]] is '1-', but must be: list of "
            "CPU numbers and ranges");
  EXPECT_EQ(message_of("settings.Security.LockedOperationsList.LockedOperation = [-1]"),
            "'LockedOperation' in 'settings.Security.LockedOperationsList' of [[vm]] must be a "
            "list of integers from 0 to 4294967295");
  EXPECT_EQ(message_of("settings.Settings.GlobalNetwork.NetworkRates.NetworkRate = [{ Rat = 1 }]"),
            "unknown property 'Settings.GlobalNetwork.NetworkRates.NetworkRate[].Rat'");
  EXPECT_EQ(message_of("settings.Hardware.GenericPciDevice = [{ Enabled = true }]"), "");
}

TEST(EveryScenario, MeansTheSameWhenItIsWrittenAgain) {
  size_t count = 0;
  for (const auto& entry :
       fs::directory_iterator(std::string(PRLSIM_SOURCE_DIR) + "/fixtures/scenarios")) {
    std::ifstream file(entry.path());
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto scenario = faults::parse_scenario(text, "s.toml", sdk::scenario_names());
    if (entry.path().stem().string().starts_with("unknown_")) continue;
    ASSERT_TRUE(scenario) << scenario.error().text();
    const std::string written = faults::to_toml(*faults::parse_document(text, "s.toml"));
    const auto again = faults::parse_scenario(written, "s.toml", sdk::scenario_names());
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(*again, *scenario) << entry.path();
    ++count;
  }
  EXPECT_GT(count, 50u);
}

}  // namespace
}  // namespace prl::tool
