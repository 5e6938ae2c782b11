// Values that travel as structs, in pairs or under a key (config-model 4).
#include <gtest/gtest.h>
#include <prlsdk/prl_sim.h>

#include <cstring>
#include <string>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

class Structure : public ::testing::Test {
 protected:
  Structure() : vm_(session_.new_vm()) {}
  ~Structure() override { PrlHandle_Free(vm_); }

  InitialisedLibrary library_;
  ApiSession session_;
  PRL_HANDLE vm_;
};

// The client prints what the call leaves unwritten (clients 5.4).
TEST_F(Structure, OfALimitIsWrittenCompletely) {
  PRL_CPULIMIT_DATA cpu{0xAAAAAAAA, static_cast<PRL_CPULIMIT_TYPE>(0x55)};
  EXPECT_EQ(PrlVmCfg_GetCpuLimitEx(vm_, &cpu), PRL_ERR_SUCCESS);
  EXPECT_EQ(cpu.value, 0u);
  EXPECT_EQ(cpu.type, PRL_CPULIMIT_MHZ);
  cpu = {150, PRL_CPULIMIT_PERCENTS};
  EXPECT_EQ(PrlVmCfg_SetCpuLimitEx(vm_, &cpu), PRL_ERR_SUCCESS);
  PRL_CPULIMIT_DATA read{};
  EXPECT_EQ(PrlVmCfg_GetCpuLimitEx(vm_, &read), PRL_ERR_SUCCESS);
  EXPECT_EQ(read.value, 150u);
  EXPECT_EQ(read.type, PRL_CPULIMIT_PERCENTS);
  PRL_IOLIMIT_DATA io{0xAAAAAAAA, static_cast<PRL_IOLIMIT_TYPE>(0x55)};
  EXPECT_EQ(PrlVmCfg_GetIoLimit(vm_, &io), PRL_ERR_SUCCESS);
  EXPECT_EQ(io.value, 0u);
  EXPECT_EQ(io.type, PRL_IOLIMIT_BS);
}

TEST_F(Structure, OfAGuaranteeIsCheckedWhenSet) {
  PRL_MEMGUARANTEE_DATA guarantee{101, PRL_MEMGUARANTEE_PERCENTS};
  EXPECT_EQ(PrlVmCfg_SetMemGuaranteeSize(vm_, &guarantee), PRL_ERR_INVALID_MEMORY_GUARANTEE);
  guarantee.type = static_cast<PRL_MEMGUARANTEE_TYPE>(7);
  EXPECT_EQ(PrlVmCfg_SetMemGuaranteeSize(vm_, &guarantee), PRL_ERR_INVALID_MEMORY_GUARANTEE);
  guarantee = {100, PRL_MEMGUARANTEE_PERCENTS};
  EXPECT_EQ(PrlVmCfg_SetMemGuaranteeSize(vm_, &guarantee), PRL_ERR_SUCCESS);
  PRL_MEMGUARANTEE_DATA read{};
  EXPECT_EQ(PrlVmCfg_GetMemGuaranteeSize(vm_, &read), PRL_ERR_SUCCESS);
  EXPECT_EQ(read.value, 100u);
  EXPECT_EQ(read.type, PRL_MEMGUARANTEE_PERCENTS);
}

TEST_F(Structure, OfTheLeastQuotaFollowsTheMemoryUntilItIsSet) {
  PRL_UINT32 quota = 0;
  PrlVmCfg_SetRamSize(vm_, 512);
  EXPECT_EQ(PrlVmCfg_GetHostMemQuotaMin(vm_, &quota), PRL_ERR_SUCCESS);
  EXPECT_EQ(quota, 256u);
  PrlVmCfg_SetRamSize(vm_, 4096);
  EXPECT_EQ(PrlVmCfg_GetHostMemQuotaMin(vm_, &quota), PRL_ERR_SUCCESS);
  EXPECT_EQ(quota, 512u);
  EXPECT_EQ(PrlVmCfg_SetHostMemQuotaMin(vm_, 100), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_GetHostMemQuotaMin(vm_, &quota), PRL_ERR_SUCCESS);
  EXPECT_EQ(quota, 100u);
}

TEST_F(Structure, OfAMaskOfProcessorsTakesNoneForAll) {
  EXPECT_EQ(PrlVmCfg_SetCpuMask(vm_, "0,2-3"), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(vm_, PrlVmCfg_GetCpuMask), "0,2-3");
  EXPECT_EQ(PrlVmCfg_SetCpuMask(vm_, "0-"), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(text_of(vm_, PrlVmCfg_GetCpuMask), "0,2-3");
  EXPECT_EQ(PrlVmCfg_SetCpuMask(vm_, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(vm_, PrlVmCfg_GetCpuMask), "");
}

TEST_F(Structure, OfAResourceHasNoDataUntilItIsSet) {
  PRL_UINT64 barrier = 1;
  PRL_UINT64 limit = 2;
  EXPECT_EQ(PrlVmCfg_GetResource(vm_, PCR_NUMPROC, &barrier, &limit), PRL_ERR_NO_DATA);
  EXPECT_EQ(barrier, 1u);
  EXPECT_EQ(PrlVmCfg_SetResource(vm_, PCR_NUMPROC, 100, 200), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmCfg_GetResource(vm_, PCR_NUMPROC, &barrier, &limit), PRL_ERR_SUCCESS);
  EXPECT_EQ(barrier, 100u);
  EXPECT_EQ(limit, 200u);
  EXPECT_EQ(PrlVmCfg_GetResource(vm_, PCR_NUMPTY, &barrier, &limit), PRL_ERR_NO_DATA);
}

TEST_F(Structure, OfAPacketFilterIsPerDirection) {
  PRL_HANDLE adapter = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_CreateVmDev(vm_, PDE_GENERIC_NETWORK_ADAPTER, &adapter), PRL_ERR_SUCCESS);
  PRL_FIREWALL_POLICY policy = PFP_DENY;
  EXPECT_EQ(PrlVmDevNet_GetFirewallDefaultPolicy(adapter, PFD_INCOMING, &policy),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(policy, PFP_ACCEPT);
  EXPECT_EQ(PrlVmDevNet_SetFirewallDefaultPolicy(adapter, PFD_INCOMING, PFP_DENY),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevNet_GetFirewallDefaultPolicy(adapter, PFD_INCOMING, &policy),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(policy, PFP_DENY);
  EXPECT_EQ(PrlVmDevNet_GetFirewallDefaultPolicy(adapter, PFD_OUTGOING, &policy),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(policy, PFP_ACCEPT);

  PRL_HANDLE rule = PRL_INVALID_HANDLE;
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PRL_HANDLE read = PRL_INVALID_HANDLE;
  PRL_HANDLE item = PRL_INVALID_HANDLE;
  PrlFirewallRule_Create(&rule);
  PrlFirewallRule_SetProtocol(rule, "tcp");
  PrlApi_CreateHandlesList(&list);
  PrlHndlList_AddItem(list, rule);
  EXPECT_EQ(PrlVmDevNet_SetFirewallRuleList(adapter, PFD_OUTGOING, list), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevNet_GetFirewallRuleList(adapter, PFD_OUTGOING, &read), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlHndlList_GetItem(read, 0, &item), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(item, PrlFirewallRule_GetProtocol), "tcp");
  PrlHndlList_AddItem(list, adapter);  // no rule
  EXPECT_EQ(PrlVmDevNet_SetFirewallRuleList(adapter, PFD_OUTGOING, list), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlVmDev_Remove(adapter), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDevNet_GetFirewallDefaultPolicy(adapter, PFD_INCOMING, &policy),
            PRL_ERR_OBJECT_WAS_REMOVED);
  for (const PRL_HANDLE handle : {adapter, rule, list, read, item}) PrlHandle_Free(handle);
}

TEST_F(Structure, OfFeatureWordsIsTheSameByStructAndByWord) {
  PRL_HANDLE preferences = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlSim_CreateObject(PHT_DISP_CONFIG, &preferences), PRL_ERR_SUCCESS);
  PRL_CPU_FEATURES_MASK mask;
  std::memset(&mask, 0, sizeof mask);
  mask.nFEATURES_MASK = 0xF0F0F0F0;
  mask.nEXT_0000000D_EAX_MASK = 7;
  EXPECT_EQ(PrlDispCfg_SetCpuFeaturesMask(preferences, &mask), PRL_ERR_SUCCESS);
  PRL_HANDLE words = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlDispCfg_GetCpuFeaturesMaskEx(preferences, &words), PRL_ERR_SUCCESS);
  PRL_UINT32 value = 0;
  EXPECT_EQ(PrlCpuFeatures_GetValue(words, PCFE_FEATURES, &value), PRL_ERR_SUCCESS);
  EXPECT_EQ(value, 0xF0F0F0F0);
  EXPECT_EQ(PrlCpuFeatures_SetValue(words, PCFE_EXT_FEATURES, 5), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDispCfg_SetCpuFeaturesMaskEx(preferences, words), PRL_ERR_SUCCESS);
  std::memset(&mask, 0, sizeof mask);
  EXPECT_EQ(PrlDispCfg_GetCpuFeaturesMask(preferences, &mask), PRL_ERR_SUCCESS);
  EXPECT_EQ(mask.nEXT_FEATURES_MASK, 5u);
  EXPECT_EQ(mask.nEXT_0000000D_EAX_MASK, 7u);
  PrlHandle_Free(words);
  PrlHandle_Free(preferences);
}

TEST_F(Structure, OfAnAdapterOfThePreferencesCanBeRemoved) {
  PRL_HANDLE preferences = PRL_INVALID_HANDLE;
  PRL_HANDLE adapter = PRL_INVALID_HANDLE;
  PRL_UINT32 count = 0;
  ASSERT_EQ(PrlSim_CreateObject(PHT_DISP_CONFIG, &preferences), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlDispCfg_CreateDispNet(preferences, &adapter), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDispNet_SetName(adapter, "lan"), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDispCfg_GetDispNetCount(preferences, &count), PRL_ERR_SUCCESS);
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(PrlDispNet_Remove(adapter), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlDispNet_SetName(adapter, "lan"), PRL_ERR_OBJECT_WAS_REMOVED);
  EXPECT_EQ(PrlDispCfg_GetDispNetCount(preferences, &count), PRL_ERR_SUCCESS);
  EXPECT_EQ(count, 0u);
  PrlHandle_Free(adapter);
  PrlHandle_Free(preferences);
}

}  // namespace
}  // namespace prl::tests
