// What scenarios say by `settings` and its kin is what clients read.
#include <dlfcn.h>

#include <map>
#include <set>

#include "properties.h"
#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<PRL_UINT32>;

// The items of a list that the getter hands out.
template <class Get>
Handle list_of(Get get) {
  Handle list;
  EXPECT_EQ(get(list.out()), PRL_ERR_SUCCESS);
  return list;
}

Texts texts_in(PRL_HANDLE list) {
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlStrList_GetItemsCount(list, &count), PRL_ERR_SUCCESS);
  Texts texts;
  for (PRL_UINT32 i = 0; i < count; ++i) {
    texts.push_back(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
      return PrlStrList_GetItem(list, i, text, length);
    }));
  }
  return texts;
}

Numbers numbers_in(PRL_HANDLE list) {
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlOpTypeList_GetItemsCount(list, &count), PRL_ERR_SUCCESS);
  Numbers numbers(count);
  for (PRL_UINT32 i = 0; i < count; ++i) {
    EXPECT_EQ(PrlOpTypeList_GetItem(list, i, &numbers[i]), PRL_ERR_SUCCESS);
  }
  return numbers;
}

std::vector<Handle> records_in(PRL_HANDLE list) {
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlHndlList_GetItemsCount(list, &count), PRL_ERR_SUCCESS);
  std::vector<Handle> records(count);
  for (PRL_UINT32 i = 0; i < count; ++i) {
    EXPECT_EQ(PrlHndlList_GetItem(list, i, records[i].out()), PRL_ERR_SUCCESS);
  }
  return records;
}

PRL_UINT32 number_of(PRL_HANDLE object, PRL_RESULT (*get)(PRL_HANDLE, PRL_UINT32_PTR)) {
  PRL_UINT32 number = 0;
  EXPECT_EQ(get(object, &number), PRL_ERR_SUCCESS);
  return number;
}

std::string text_in(PRL_HANDLE object, PRL_RESULT (*get)(PRL_HANDLE, PRL_STR, PRL_UINT32_PTR)) {
  return text_of([&](PRL_STR text, PRL_UINT32_PTR length) { return get(object, text, length); });
}

struct Host : Session {
  explicit Host(const std::string& settings)
      : Session(std::string(kVirtualClock) + "[[vm]]\nname = \"web\"\n" + settings),
        vm(vm_by_name(server, "web")) {}
  const Handle vm;
};

TEST(SettingsOfAVm, AreListsOfTextsAndOfNumbers) {
  const Host host(
      "settings.Settings.GlobalNetwork.DnsIPAddress = [\"10.0.0.1\", \"10.0.0.2\"]\n"
      "settings.Settings.GlobalNetwork.SearchDomain = [\"example.org\"]\n"
      "settings.Security.LockedOperationsList.LockedOperation = [3, 5]\n");
  EXPECT_EQ(texts_in(list_of([&](auto list) { return PrlVmCfg_GetDnsServers(host.vm, list); })),
            (Texts{"10.0.0.1", "10.0.0.2"}));
  EXPECT_EQ(texts_in(list_of([&](auto list) { return PrlVmCfg_GetSearchDomains(host.vm, list); })),
            (Texts{"example.org"}));
  EXPECT_EQ(
      numbers_in(list_of([&](auto list) { return PrlVmCfg_GetConfirmationsList(host.vm, list); })),
      (Numbers{3, 5}));
}

TEST(SettingsOfAVm, AreRecords) {
  const Host host(
      "settings.Settings.GlobalNetwork.NetworkRates.NetworkRate = [{ ClassId = 1, Rate = 1000 }, "
      "{ ClassId = 2, Rate = 50 }]\n"
      "settings.Settings.Startup.BootingOrder.BootDevice = [{ Type = 6, InUse = true }]\n");
  const auto rates =
      records_in(list_of([&](auto list) { return PrlVmCfg_GetNetworkRateList(host.vm, list); }));
  ASSERT_EQ(rates.size(), 2u);
  EXPECT_EQ(number_of(rates[0], PrlNetworkRate_GetRate), 1000u);
  EXPECT_EQ(number_of(rates[1], PrlNetworkRate_GetClassId), 2u);
  EXPECT_EQ(number_of(host.vm, PrlVmCfg_GetBootDevCount), 1u);
}

TEST(SettingsOfAVm, AreWhatRowsOfTheCatalogueCannotSay) {
  const Host host(
      "settings.Hardware.Cpu.CpuLimitType = 1\nsettings.Hardware.Cpu.CpuLimitValue = 40\n"
      "settings.CtSettings.CtResource1 = { Barrier = 7, Limit = 9 }\n"
      "[[vm.network_adapter]]\n[vm.network_adapter.settings.Firewall.Outgoing.Direction]\n"
      "DefaultPolicy = 1\n"
      "FirewallRules.FirewallRule = [{ Protocol = \"tcp\", LocalPort = 22 }, {}]\n");
  PRL_CPULIMIT_DATA limit{};
  EXPECT_EQ(PrlVmCfg_GetCpuLimitEx(host.vm, &limit), PRL_ERR_SUCCESS);
  EXPECT_EQ(limit.value, 40u);
  EXPECT_EQ(static_cast<int>(limit.type), 1);
  PRL_UINT64 barrier = 0, most = 0;
  EXPECT_EQ(PrlVmCfg_GetResource(host.vm, PCR_KMEMSIZE, &barrier, &most), PRL_ERR_SUCCESS);
  EXPECT_EQ(barrier, 7u);
  EXPECT_EQ(most, 9u);
  Handle adapter;
  ASSERT_EQ(PrlVmCfg_GetNetAdapter(host.vm, 0, adapter.out()), PRL_ERR_SUCCESS);
  PRL_FIREWALL_POLICY policy{};
  EXPECT_EQ(PrlVmDevNet_GetFirewallDefaultPolicy(adapter, PFD_OUTGOING, &policy), PRL_ERR_SUCCESS);
  EXPECT_EQ(policy, PFP_DENY);
  const auto rules = records_in(list_of(
      [&](auto list) { return PrlVmDevNet_GetFirewallRuleList(adapter, PFD_OUTGOING, list); }));
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(text_in(rules[0], PrlFirewallRule_GetProtocol), "tcp");
  EXPECT_EQ(number_of(rules[0], PrlFirewallRule_GetLocalPort), 22u);
}

// ---- The host ----------------------------------------------------------------------------------

// A host of this table [host].
struct HostOf : Session {
  explicit HostOf(const std::string& lines)
      : Session(std::string(kVirtualClock) + "[host]\n" + lines),
        hardware(answer_of(PrlSrv_GetSrvConfig(server))),
        preferences(answer_of(PrlSrv_GetCommonPrefs(server))),
        profile(answer_of(PrlSrv_GetUserProfile(server))) {}

  const Handle hardware;
  const Handle preferences;
  const Handle profile;
};

TEST(SettingsOfTheHost, AreListsAndParts) {
  const HostOf host(
      "settings.NetworkSettings.GlobalNetwork.SearchDomain = [\"a.example\", \"b.example\"]\n"
      "settings.OsVersion.Major = 14\nsettings.Cpu.Features.Word3 = 5\n"
      "settings.UsbDevices.UsbDevice = [{ Name = \"key\", Uuid = \"usb1\" }]\n");
  EXPECT_EQ(
      texts_in(list_of([&](auto list) { return PrlSrvCfg_GetSearchDomains(host.hardware, list); })),
      (Texts{"a.example", "b.example"}));
  EXPECT_EQ(number_of(host.hardware, PrlSrvCfg_GetHostOsMajor), 14u);
  Handle features, key;
  ASSERT_EQ(PrlSrvCfg_GetCpuFeaturesEx(host.hardware, features.out()), PRL_ERR_SUCCESS);
  PRL_UINT32 word = 0;
  EXPECT_EQ(PrlCpuFeatures_GetValue(features, static_cast<PRL_CPU_FEATURES_EX>(3), &word),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(word, 5u);
  ASSERT_EQ(PrlSrvCfg_GetUsbDev(host.hardware, 0, key.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_in(key, PrlSrvCfgDev_GetName), "key");
  PRL_DEVICE_TYPE type = PDE_GENERIC_DEVICE;
  EXPECT_EQ(PrlSrvCfgDev_GetType(key, &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PDE_USB_DEVICE) << "its list says so";
  EXPECT_EQ(number_of(host.hardware, PrlSrvCfg_GetNetAdaptersCount), 2u) << "as every host has";
}

// A host has disks of its own: none of them is left beside those of the file.
TEST(SettingsOfTheHost, PutListsInThePlaceOfItsOwn) {
  const HostOf host(
      "settings.HardDisks.HardDisk = [{ Name = \"sda\", Size = 1000 }, { Name = \"sdb\", "
      "Partition = [{ Name = \"sdb1\" }, { Name = \"sdb2\" }] }]\n"
      "settings.NetworkAdapters.NetworkAdapter = []\n");
  ASSERT_EQ(number_of(host.hardware, PrlSrvCfg_GetHardDisksCount), 2u);
  EXPECT_EQ(number_of(host.hardware, PrlSrvCfg_GetNetAdaptersCount), 0u);
  Handle first, second;
  ASSERT_EQ(PrlSrvCfg_GetHardDisk(host.hardware, 0, first.out()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSrvCfg_GetHardDisk(host.hardware, 1, second.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(number_of(first, PrlSrvCfgHdd_GetPartsCount), 0u);
  EXPECT_EQ(text_in(second, PrlSrvCfgHdd_GetDevName), "sdb");
  EXPECT_EQ(number_of(second, PrlSrvCfgHdd_GetDiskIndex), 1u);
  EXPECT_EQ(number_of(second, PrlSrvCfgHdd_GetPartsCount), 2u);
}

TEST(PreferencesOfTheHost, AreListsAndRecords) {
  const HostOf host(
      "preferences.LockedOperationsList.LockedOperation = [3, 5]\n"
      "preferences.UsbPreferences.UsbIdentity = [{ SystemName = \"usb1\", FriendlyName = \"key\", "
      "Association = \"{00000000-0000-4000-8000-000000000007}\" }]\n");
  EXPECT_EQ(numbers_in(list_of([&](auto list) {
              return PrlDispCfg_GetConfirmationsList(host.preferences, list);
            })),
            (Numbers{3, 5}));
  Handle usb;
  ASSERT_EQ(PrlDispCfg_GetUsbIdentity(host.preferences, 0, usb.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_in(usb, PrlUsbIdent_GetFriendlyName), "key");
  EXPECT_EQ(text_in(usb, PrlUsbIdent_GetVmUuidAssociation),
            "{00000000-0000-4000-8000-000000000007}");
}

// What is said of a host, clients can change: it is the beginning, not a law.
TEST(PreferencesOfTheHost, CanBeChangedByClients) {
  const HostOf host("preferences.RemoteDisplayPreferences.BasePort = 6900\n");
  EXPECT_EQ(finish(PrlSrv_CommonPrefsBeginEdit(host.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDispCfg_SetVNCBasePort(host.preferences, 7000), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_CommonPrefsCommit(host.server, host.preferences)), PRL_ERR_SUCCESS);
  const Handle now = answer_of(PrlSrv_GetCommonPrefs(host.server));
  EXPECT_EQ(number_of(now, PrlDispCfg_GetVNCBasePort), 7000u);
}

TEST(PreferencesOfTheHost, AreWhatTheHostActsOn) {
  Session host(
      std::string(kVirtualClock) +
      "[host]\npreferences.BackupTargetPreferences.DefaultBackupDirectory = \"here\"\n"
      "preferences.WorkspacePreferences.MinimalSecurityLevel = 2\n[[vm]]\nname = \"web\"\n");
  const std::string vm = uuid_of(vm_by_name(host.server, "web"));
  EXPECT_EQ(
      finish(PrlSrv_CreateVmBackup(host.server, vm.c_str(), "", 0, "", "", PBT_FULL, 0, PRL_FALSE)),
      PRL_ERR_VMDIR_PATH_IS_NOT_ABSOLUTE);
  const Handle other = new_server();
  EXPECT_EQ(finish(PrlSrv_LoginLocal(other, nullptr, 0, PSL_LOW_SECURITY)),
            PRL_ERR_WRONG_CONNECTION_SECURITY_LEVEL);
}

// ---- Every row ---------------------------------------------------------------------------------

using sdk::PropertyInfo;
using sdk::PropertyType;

template <class F>
F function_of(sdk::Api api) {
  return reinterpret_cast<F>(dlsym(RTLD_DEFAULT, std::string(sdk::api_info(api).name).c_str()));
}

// Another value than the default, as TOML writes it.
std::string other_value(const PropertyInfo& property) {
  if (property.type == PropertyType::kString) {
    return "\"text of " + std::string(property.path.view()) + "\"";
  }
  if (property.type == PropertyType::kBool) return property.default_number == 0 ? "true" : "false";
  return std::to_string(property.default_number == 1 ? 2 : 1);
}

std::string value_in(PRL_HANDLE object, const PropertyInfo& property) {
  if (property.type == PropertyType::kString) {
    const auto get =
        function_of<PRL_RESULT (*)(PRL_HANDLE, PRL_STR, PRL_UINT32_PTR)>(property.getter);
    return "\"" + text_in(object, get) + "\"";
  }
  PRL_UINT64 number = 0;
  EXPECT_EQ(function_of<PRL_RESULT (*)(PRL_HANDLE, void*)>(property.getter)(object, &number),
            PRL_ERR_SUCCESS);
  if (property.type == PropertyType::kBool) return number == 0 ? "false" : "true";
  return std::to_string(number);
}

// The single values of an object of that type, by path.
std::map<std::string, PropertyInfo> values_of(PRL_HANDLE_TYPE type) {
  // Of these [host] has keys.
  const std::set<std::string_view> keys = {"NetworkSettings.GlobalNetwork.HostName",
                                           "Cpu.Number",
                                           "Cpu.Model",
                                           "Cpu.Speed",
                                           "MemorySettings.HostRamSize",
                                           "OsVersion.StringPresentation"};
  std::map<std::string, PropertyInfo> values;
  for (const PropertyInfo& property : sdk::all_properties()) {
    const bool is_value =
        property.type <= PropertyType::kString && property.getter != sdk::Api::kCount;
    if (!is_value || property.handle_types[0] != static_cast<uint32_t>(type)) continue;
    if (!keys.contains(property.path.view())) {
      values.emplace(std::string(property.path.view()), property);
    }
  }
  return values;
}

TEST(EveryPropertyOfTheHost, IsWhatTheScenarioSays) {
  struct Part {
    const char* key;
    PRL_HANDLE_TYPE type;
    const Handle HostOf::*object;
    size_t least;
  };
  const Part parts[] = {{"settings", PHT_SERVER_CONFIG, &HostOf::hardware, 14},
                        {"preferences", PHT_DISP_CONFIG, &HostOf::preferences, 45},
                        {"user_profile", PHT_USER_PROFILE, &HostOf::profile, 5}};
  std::string lines;
  for (const Part& part : parts) {
    const auto values = values_of(part.type);
    EXPECT_GE(values.size(), part.least) << part.key;
    for (const auto& [path, property] : values) {
      lines += std::string(part.key) + "." + path + " = " + other_value(property) + "\n";
    }
  }
  const HostOf host(lines);
  for (const Part& part : parts) {
    for (const auto& [path, property] : values_of(part.type)) {
      EXPECT_EQ(value_in(host.*part.object, property), other_value(property)) << path;
    }
  }
}

}  // namespace
}  // namespace prl::tests
