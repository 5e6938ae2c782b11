// Connecting to a host over the network, and what a client knows of the connection (core-api 7).
#include <gtest/gtest.h>
#include <prlsdk/Parallels.h>

#include <string>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

class Connecting : public ::testing::Test {
 protected:
  Connecting() { EXPECT_EQ(PrlSrv_Create(&server_), PRL_ERR_SUCCESS); }
  ~Connecting() override { PrlHandle_Free(server_); }

  PRL_RESULT log_in(const char* host, const char* user,
                    PRL_SECURITY_LEVEL level = PSL_LOW_SECURITY) {
    return code_of(PrlSrv_Login(server_, host, user, "secret", "", 0, 0, level));
  }

  InitialisedLibrary library_;
  PRL_HANDLE server_ = PRL_INVALID_HANDLE;
};

TEST_F(Connecting, ToTheHostGivesASessionThatIsNotLocal) {
  EXPECT_EQ(log_in("localhost", "root"), PRL_ERR_SUCCESS);
  PRL_BOOL connected = PRL_FALSE;
  PRL_BOOL local = PRL_TRUE;
  EXPECT_EQ(PrlSrv_IsConnected(server_, &connected, &local), PRL_ERR_SUCCESS);
  EXPECT_EQ(connected, PRL_TRUE);
  EXPECT_EQ(local, PRL_FALSE);
  EXPECT_EQ(code_of(PrlSrv_Logoff(server_)), PRL_ERR_SUCCESS);
}

TEST_F(Connecting, TakesAPortBehindTheName) {
  EXPECT_EQ(log_in(" prlsim-host #64001", "root"), PRL_ERR_SUCCESS);
  PRL_HANDLE info = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlSrv_GetServerInfo(server_, &info), PRL_ERR_SUCCESS);
  PRL_UINT32 port = 0;
  EXPECT_EQ(PrlSrvInfo_GetCmdPort(info, &port), PRL_ERR_SUCCESS);
  EXPECT_EQ(port, 64001u);
  EXPECT_EQ(text_of(info, PrlSrvInfo_GetHostName), "prlsim-host");
  PrlHandle_Free(info);
}

TEST_F(Connecting, SaysWhyItFailed) {
  EXPECT_EQ(log_in("nowhere.example", "root"), PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
  EXPECT_EQ(log_in("localhost", ""), PRL_ERR_AUTHENTICATION_FAILED);
  EXPECT_EQ(log_in(nullptr, "root"), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
  EXPECT_EQ(log_in("localhost", nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(log_in("localhost", "root"), PRL_ERR_SUCCESS);
  EXPECT_EQ(log_in(nullptr, "root"), PRL_ERR_USER_IS_ALREADY_LOGGED);
}

TEST_F(Connecting, NeedsTheSecurityLevelOfThePreferences) {
  ASSERT_EQ(log_in("localhost", "root"), PRL_ERR_SUCCESS);
  code_of(PrlSrv_CommonPrefsBeginEdit(server_));
  const PRL_HANDLE preferences = object_of(PrlSrv_GetCommonPrefs(server_));
  PrlDispCfg_SetMinSecurityLevel(preferences, PSL_HIGH_SECURITY);
  ASSERT_EQ(code_of(PrlSrv_CommonPrefsCommit(server_, preferences)), PRL_ERR_SUCCESS);
  PrlHandle_Free(preferences);
  EXPECT_EQ(log_in("localhost", "root", PSL_NORMAL_SECURITY),
            PRL_ERR_WRONG_CONNECTION_SECURITY_LEVEL);
  EXPECT_EQ(code_of(PrlSrv_LoginLocal(server_, "", 0, PSL_LOW_SECURITY)),
            PRL_ERR_WRONG_CONNECTION_SECURITY_LEVEL);
  EXPECT_EQ(log_in("localhost", "root", PSL_HIGH_SECURITY), PRL_ERR_SUCCESS);
}

TEST_F(Connecting, TakesItsArgumentsFromARecord) {
  PRL_HANDLE parameters = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlLoginParams_Create(&parameters), PRL_ERR_SUCCESS);
  PrlLoginParams_SetHost(parameters, "127.0.0.1");
  EXPECT_EQ(code_of(PrlSrv_LoginWithParams(server_, parameters)), PRL_ERR_AUTHENTICATION_FAILED);
  PrlLoginParams_SetUser(parameters, "root");
  EXPECT_EQ(code_of(PrlSrv_LoginWithParams(server_, parameters)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(PrlSrv_LoginLocalWithParams(server_, parameters)), PRL_ERR_SUCCESS);
  PrlHandle_Free(parameters);
}

TEST_F(Connecting, TellsNothingOfAServerBeforeIt) {
  PRL_HANDLE info = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlSrv_GetServerInfo(server_, &info), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(info, PrlSrvInfo_GetServerUuid), "");
  EXPECT_EQ(text_of(info, PrlSrvInfo_GetHostName), "");
  PRL_APPLICATION_MODE mode = PAM_SERVER;
  EXPECT_EQ(PrlSrvInfo_GetApplicationMode(info, &mode), PRL_ERR_SUCCESS);
  EXPECT_EQ(mode, PAM_UNKNOWN);
  PrlHandle_Free(info);
}

TEST_F(Connecting, KeepsTheConfirmationModeOfTheSession) {
  ASSERT_EQ(log_in("localhost", "root"), PRL_ERR_SUCCESS);
  const auto is_on = [this] {
    PRL_BOOL enabled = PRL_FALSE;
    EXPECT_EQ(PrlSrv_IsConfirmationModeEnabled(server_, &enabled), PRL_ERR_SUCCESS);
    return enabled != PRL_FALSE;
  };
  EXPECT_FALSE(is_on());
  EXPECT_EQ(code_of(PrlSrv_EnableConfirmationMode(server_, 0)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(is_on());
  EXPECT_EQ(code_of(PrlSrv_DisableConfirmationMode(server_, "", "", 0)),
            PRL_ERR_AUTHENTICATION_FAILED);
  EXPECT_TRUE(is_on());
  EXPECT_EQ(code_of(PrlSrv_DisableConfirmationMode(server_, "root", "", 0)), PRL_ERR_SUCCESS);
  EXPECT_FALSE(is_on());
}

}  // namespace
}  // namespace prl::tests
