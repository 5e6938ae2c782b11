// The table of functions that the library reads.
#include <gtest/gtest.h>

#include "Parallels.h"
#include "api.h"

namespace prl::sdk {
namespace {

TEST(ApiTable, FindsEachFunctionByItsName) {
  for (size_t i = 0; i < static_cast<size_t>(Api::kCount); ++i) {
    const Api api = static_cast<Api>(i);
    EXPECT_EQ(find_api(api_info(api).name), api) << api_info(api).name;
  }
}

TEST(ApiTable, FindsNothingByAnUnknownName) {
  EXPECT_EQ(find_api(""), std::nullopt);
  EXPECT_EQ(find_api("PrlVm_Suspen"), std::nullopt);
  EXPECT_EQ(find_api("Zzz"), std::nullopt);
}

TEST(ApiTable, TellsHowAFunctionIsBound) {
  const ApiInfo& suspend = api_info(Api::kPrlVm_Suspend);
  EXPECT_EQ(suspend.kind, Kind::kAsync);
  EXPECT_EQ(suspend.binding, Binding::kBody);
  EXPECT_EQ(suspend.job_operation, PJOC_VM_SUSPEND);
  EXPECT_EQ(suspend.editions, Edition::kBoth);
  EXPECT_TRUE(suspend.needs_init);
  const ApiInfo& refused = api_info(Api::kPrlVm_SSOSendEventLockState);
  EXPECT_EQ(refused.binding, Binding::kNone);
  EXPECT_FALSE(refused.reason.empty());
  EXPECT_EQ(refused.editions, Edition::kVirtuozzo);
  EXPECT_EQ(api_info(Api::kPrlVmCfg_GetName).kind, Kind::kSync);
  EXPECT_FALSE(api_info(Api::kPrlBuffer_Free).needs_init);
}

// Variants share the operation of the plain call, with one exception (core-api 3.3).
TEST(ApiTable, GivesVariantsTheOperationOfThePlainCall) {
  EXPECT_EQ(api_info(Api::kPrlVm_StopEx).job_operation, PJOC_VM_STOP);
  EXPECT_EQ(api_info(Api::kPrlSrv_GetVmListEx).job_operation, PJOC_SRV_GET_VM_LIST);
  EXPECT_EQ(api_info(Api::kPrlSrv_LoginLocalEx).job_operation, PJOC_SRV_LOGIN_LOCAL);
  EXPECT_EQ(api_info(Api::kPrlVm_Resume).job_operation, PJOC_VM_START);
  EXPECT_EQ(api_info(Api::kPrlVm_StartEx).job_operation, 94);
}

}  // namespace
}  // namespace prl::sdk
