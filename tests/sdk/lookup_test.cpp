// Hosts that are looked for without a login, and what a connection tells of itself.
#include <condition_variable>
#include <cstring>
#include <mutex>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr const char* kHostName = "prlsim-host";

std::string host_name_of(PRL_HANDLE info) {
  return text_of([info](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlSrvInfo_GetHostName(info, text, length);
  });
}

std::string server_uuid_of(PRL_HANDLE info) {
  return text_of([info](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlSrvInfo_GetServerUuid(info, text, length);
  });
}

PRL_UINT32 answers_of(PRL_HANDLE started) {
  const Handle job(started);
  Handle result;
  PRL_UINT32 count = UINT32_MAX;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlResult_GetParamsCount(result, &count), PRL_ERR_SUCCESS);
  return count;
}

// -- Signs of life.

bool is_alive(const char* host, PRL_UINT32 timeout_ms = 1000) {
  PRL_BOOL alive = 77;
  Handle info;
  EXPECT_EQ(PrlSrv_CheckParallelsServerAlive(timeout_ms, host, &alive, info.out()),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(alive != PRL_FALSE, info.get() != kNoHandle);
  if (alive) {
    EXPECT_EQ(host_name_of(info), kHostName);
  }
  return alive != PRL_FALSE;
}

TEST(AHost, GivesASignOfLifeWithoutALogin) {
  const Library library;
  EXPECT_TRUE(is_alive("localhost"));
  EXPECT_TRUE(is_alive(kHostName));
  EXPECT_TRUE(is_alive("127.0.0.1", 0));
  EXPECT_FALSE(is_alive("elsewhere"));
  EXPECT_FALSE(is_alive(""));
  const Handle server = new_server();
  EXPECT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(is_alive(kHostName));
}

TEST(AHost, GivesItWithTheClockOfTheWall) {
  const Library library("clock = \"scaled:10\"\n");
  EXPECT_TRUE(is_alive("localhost"));
  EXPECT_FALSE(is_alive("elsewhere"));
}

TEST(AHost, IsNotAliveWhereItsAnswerIsLost) {
  const Library library(std::string(kVirtualClock) + R"([[fault]]
name = "lost"
match = { call = "PrlSrv_CheckParallelsServerAlive" }
effect = { kind = "hang" }
)");
  EXPECT_FALSE(is_alive("localhost", 500));
  EXPECT_GE(time_ms(), 500u);
}

PRL_HANDLE check(const char* host, PRL_EVENT_HANDLER_PTR handler = nullptr,
                 PRL_VOID_PTR data = nullptr) {
  return PrlSrv_CheckParallelsServerAliveEx(host, 64000, 1000, handler, data, 0);
}

TEST(AHost, DescribesItselfAsTheResultOfAJob) {
  const Session session;
  const Handle info = answer_of(check("localhost"));
  Handle own;
  EXPECT_EQ(PrlSrv_GetServerInfo(session.server, own.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(host_name_of(info), kHostName);
  EXPECT_EQ(server_uuid_of(info), server_uuid_of(own));
  EXPECT_EQ(finish(check("elsewhere")), PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
  const Handle job(check("localhost"));
  EXPECT_EQ(operation_of(job), PJOC_SRV_CHECK_ALIVE);
}

// Waits for one call of a callback, which owns the job that it gets.
struct Told {
  static PRL_RESULT PRL_CALL tell(PRL_HANDLE job, PRL_VOID_PTR data) {
    const Handle owned(job);
    auto& told = *static_cast<Told*>(data);
    std::lock_guard lock(told.mutex);
    told.code = code_of(job);
    ++told.times;
    told.changed.notify_all();
    return PRL_ERR_SUCCESS;
  }
  void wait() {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::minutes(1), [&] { return times > 0; }));
  }

  std::mutex mutex;
  std::condition_variable changed;
  int times = 0;
  PRL_RESULT code = PRL_ERR_UNEXPECTED;
};

TEST(ALookup, TellsItsCallback) {
  Told alive, looked_up;
  {
    const Library library;
    EXPECT_EQ(finish(check("elsewhere", &Told::tell, &alive)), PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
    alive.wait();
    EXPECT_EQ(finish(PrlSrv_LookupParallelsServers(100, &Told::tell, &looked_up)), PRL_ERR_SUCCESS);
    looked_up.wait();
  }
  EXPECT_EQ(alive.times, 1);
  EXPECT_EQ(alive.code, PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
  EXPECT_EQ(looked_up.times, 1);
}

TEST(ALookup, FindsTheHostWhenItsTimeIsOver) {
  const Library library;
  const PRL_UINT64 begun_ms = time_ms();
  const Handle info = answer_of(PrlSrv_LookupParallelsServers(5000, nullptr, nullptr));
  EXPECT_EQ(host_name_of(info), kHostName);
  EXPECT_GE(time_ms(), begun_ms + 5000);
  EXPECT_EQ(answers_of(PrlSrv_LookupParallelsServers(1, nullptr, nullptr)), 1u);
}

TEST(ALookup, LeavesNoObjectBehind) {
  const Library library;
  const PRL_UINT32 before = live_handles();
  EXPECT_EQ(answers_of(PrlSrv_LookupParallelsServers(1, nullptr, nullptr)), 1u);
  EXPECT_TRUE(is_alive("localhost"));
  EXPECT_EQ(live_handles(), before);
}

// -- Access from outside.

PRL_HANDLE hosts_of(const char* account) {
  static PRL_PROXY_CLIENT_INFO client{};
  client.structSize = sizeof(client);
  return PrlSrv_GetRegisteredHostsOnProxy(account, "secret", &client, 1000, nullptr, nullptr);
}

PRL_PROXY_CONNECTION_STATUS status_of_proxy(PRL_HANDLE server) {
  const Handle preferences = answer_of(PrlSrv_GetCommonPrefs(server));
  PRL_PROXY_CONNECTION_STATUS status = PCS_CONNECTING;
  PRL_RESULT error = PRL_ERR_UNEXPECTED;
  EXPECT_EQ(PrlDispCfg_GetProxyConnectionStatus(preferences, &status, &error), PRL_ERR_SUCCESS);
  EXPECT_EQ(error, PRL_ERR_SUCCESS);
  return status;
}

TEST(AnAccount, HasTheHostThatIsRegisteredUnderIt) {
  const Session session;
  EXPECT_EQ(status_of_proxy(session.server), PCS_DISCONNECTED);
  EXPECT_EQ(answers_of(hosts_of("me@example.org")), 0u);
  EXPECT_EQ(finish(PrlSrv_CommonPrefsBeginEdit(session.server)), PRL_ERR_SUCCESS);
  const Handle preferences = answer_of(PrlSrv_GetCommonPrefs(session.server));
  EXPECT_EQ(PrlDispCfg_SetProxyConnectionCreds(preferences, "me@example.org", "secret", 0),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_CommonPrefsCommit(session.server, preferences)), PRL_ERR_SUCCESS);
  EXPECT_EQ(status_of_proxy(session.server), PCS_CONNECTED);
  EXPECT_EQ(host_name_of(answer_of(hosts_of("me@example.org"))), kHostName);
  EXPECT_EQ(answers_of(hosts_of("you@example.org")), 0u);
  EXPECT_EQ(finish(hosts_of("")), PRL_ERR_AUTHENTICATION_FAILED);
}

PRL_BOOL is_proxy(PRL_HANDLE server) {
  PRL_BOOL proxy = 77;
  EXPECT_EQ(PrlSrv_IsProxyConnection(server, &proxy), PRL_ERR_SUCCESS);
  return proxy;
}

PRL_HANDLE log_in(PRL_HANDLE server, PRL_PROXY_HOST_INFO host, const char* user = "root") {
  return PrlSrv_ProxyLogin(server, user, "", nullptr, 0, PSL_LOW_SECURITY, &host);
}

TEST(AProxy, LeadsToAHostByItsNameOrIdentity) {
  const Library library;
  const Handle server = new_server();
  PRL_PROXY_HOST_INFO host{};
  EXPECT_EQ(finish(log_in(server, host)), PRL_ERR_INVALID_ARG) << "neither";
  std::strcpy(host.info.hostName, kHostName);
  ASSERT_EQ(finish(log_in(server, host)), PRL_ERR_SUCCESS);
  EXPECT_EQ(is_proxy(server), PRL_BOOL(PRL_TRUE));
  EXPECT_EQ(finish(PrlSrv_Logoff(server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(is_proxy(server), PRL_BOOL(PRL_FALSE));
  host.hostUUID[3] = 7;
  EXPECT_EQ(finish(log_in(server, host)), PRL_ERR_CANT_CONNECT_TO_DISPATCHER) << "another's";
  PRL_BOOL alive = PRL_FALSE;
  Handle info;
  ASSERT_EQ(PrlSrv_CheckParallelsServerAlive(0, kHostName, &alive, info.out()), PRL_ERR_SUCCESS);
  const std::string uuid = server_uuid_of(info);
  std::string digits;
  for (const char letter : uuid) {
    if (std::isxdigit(static_cast<unsigned char>(letter))) digits += letter;
  }
  ASSERT_EQ(digits.size(), 32u);
  for (size_t i = 0; i < 16; ++i) {
    host.hostUUID[i] = static_cast<PRL_UINT8>(std::stoul(digits.substr(i * 2, 2), nullptr, 16));
  }
  std::strcpy(host.info.hostName, "another name");
  EXPECT_EQ(finish(PrlSrv_ProxyLoginEx(server, "root", "", nullptr, 0, PSL_LOW_SECURITY, &host, 0)),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(is_proxy(server), PRL_BOOL(PRL_TRUE));
  EXPECT_EQ(finish(log_in(server, host, "")), PRL_ERR_AUTHENTICATION_FAILED);
  EXPECT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(is_proxy(server), PRL_BOOL(PRL_FALSE));
}

// -- Moments.

constexpr PRL_UINT64 kMoment = 1935817689;  // 2031-05-06 07:08:09

TEST(TheTrustedTime, IsThatOfTheHostsDates) {
  const Session session;
  const Handle vm = new_vm(session.server, "box");
  EXPECT_EQ(PrlSrv_SetGlobalDateTime(session.server, UINT64_MAX), PRL_ERR_INVALID_ARG);
  ASSERT_EQ(PrlSrv_SetGlobalDateTime(session.server, kMoment), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSim_AdvanceTime(3'600'000), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(vm, "now", "")), PRL_ERR_SUCCESS);
  const std::string tree = text_result_of(PrlVm_GetSnapshotsTree(vm));
  EXPECT_NE(tree.find("2031-05-06 08:08:"), std::string::npos) << tree;
}

TEST(ASession, ReportsTheMomentsThatItWasTold) {
  const Session session;
  const auto report = [&] { return text_result_of(PrlSrv_GetProblemReport(session.server)); };
  EXPECT_EQ(report().find("revocation lists"), std::string::npos);
  ASSERT_EQ(PrlSrv_SetCertificateRevocationDateTime(session.server, kMoment), PRL_ERR_SUCCESS);
  EXPECT_NE(report().find("revocation lists 2031-05-06 07:08:09"), std::string::npos);
  EXPECT_EQ(finish(PrlSrv_Logoff(session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSrv_SetCertificateRevocationDateTime(session.server, kMoment),
            PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
  EXPECT_EQ(PrlSrv_SetGlobalDateTime(session.server, kMoment), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
}

// -- Traffic.

TEST(AConnection, CountsWhatGoesOverIt) {
  const Session session;
  const Handle vm = new_vm(session.server, "box");
  const auto traffic = [](PRL_HANDLE object) {
    PRL_IO_CHANNEL_STAT found{};
    EXPECT_EQ(PrlHandle_GetChannelStatistics(object, &found), PRL_ERR_SUCCESS);
    return found;
  };
  const PRL_IO_CHANNEL_STAT before = traffic(session.server);
  EXPECT_EQ(before.delay, 1u);
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  const PRL_IO_CHANNEL_STAT after = traffic(vm);
  EXPECT_EQ(after.upload, before.upload + 256);
  EXPECT_GE(after.download, before.download + 3 * 256) << "two states and the end of the job";
  PRL_IO_CHANNEL_STAT none{};
  const Handle list = answer_of(PrlVm_GetState(vm));
  EXPECT_EQ(PrlHandle_GetChannelStatistics(list, &none), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(finish(PrlSrv_Logoff(session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlHandle_GetChannelStatistics(vm, &none), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
}

}  // namespace
}  // namespace prl::tests
