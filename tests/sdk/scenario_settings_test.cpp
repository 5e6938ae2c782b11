// What scenarios say by `settings` is what clients read.
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

}  // namespace
}  // namespace prl::tests
