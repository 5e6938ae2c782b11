// The ledger of handles, and the trace that is kept in memory.
#include <gtest/gtest.h>
#include <prlsdk/prl_sim.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/sdk/api_session.h"
#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

std::string whole_text(PRL_RESULT (*get)(PRL_STR, PRL_UINT32_PTR)) {
  PRL_UINT32 length = 0;
  if (get(nullptr, &length) != PRL_ERR_SUCCESS) return "";
  std::string text(length, '\0');
  EXPECT_EQ(get(text.data(), &length), PRL_ERR_SUCCESS);
  text.resize(length - 1);
  return text;
}

std::string text_in(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Time stands still until somebody waits.
constexpr const char* kStill = "clock = \"virtual\"\n";

struct Counts {
  PRL_UINT32 live = 0;
  PRL_UINT32 misuses = 0;
};

Counts counts() {
  Counts counts;
  EXPECT_EQ(PrlSim_GetLedgerCounts(&counts.live, &counts.misuses), PRL_ERR_SUCCESS);
  return counts;
}

class ALedger : public testing::Test {
 protected:
  ALedger() {
    PrlSim_SetScenario(kStill);
    PrlSim_KeepLedger(1);
  }
  ~ALedger() override {
    PrlSim_SetScenario(nullptr);
    PrlSim_KeepLedger(0);
    PrlSim_KeepTrace(0);
  }

  void expect_misuse(const std::string& words) {
    EXPECT_EQ(counts().misuses, 1u);
    EXPECT_NE(whole_text(PrlSim_GetLedgerText).find("misuse " + words), std::string::npos)
        << whole_text(PrlSim_GetLedgerText);
  }
};

TEST_F(ALedger, IsEmptyWhereEverythingWasFreed) {
  {
    const InitialisedLibrary library;
    const ApiSession session;
    PrlHandle_Free(session.registered_vm("web"));
    EXPECT_EQ(counts().live, 1u) << "the server";
  }
  EXPECT_EQ(counts().live, 0u);
  EXPECT_EQ(counts().misuses, 0u);
  EXPECT_EQ(whole_text(PrlSim_GetLedgerText), "");
}

TEST_F(ALedger, NamesTheCallThatMadeAHandleThatWasNeverFreed) {
  {
    const InitialisedLibrary library;
    PRL_HANDLE list = PRL_INVALID_HANDLE;
    PrlApi_CreateHandlesList(&list);
    PrlApi_CreateStringsList(&list);
    PrlHandle_AddRef(list);
  }
  EXPECT_EQ(counts().live, 2u);
  EXPECT_EQ(whole_text(PrlSim_GetLedgerText),
            "live #1 PHT_HANDLES_LIST from PrlApi_CreateHandlesList (call 1) at 0 ms, thread 1\n"
            "live #2 PHT_STRINGS_LIST from PrlApi_CreateStringsList (call 2) at 0 ms, 2 "
            "references, thread 1\n");
}

TEST_F(ALedger, TellsAHandleThatIsFreedTwice) {
  const InitialisedLibrary library;
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PrlApi_CreateHandlesList(&list);
  PrlHandle_Free(list);
  EXPECT_EQ(PrlHandle_Free(list), PRL_ERR_INVALID_ARG);
  expect_misuse(
      "PrlHandle_Free (call 3): frees a second time #1 PHT_HANDLES_LIST from "
      "PrlApi_CreateHandlesList (call 1) at 0 ms, freed by PrlHandle_Free (call 2)");
}

TEST_F(ALedger, TellsAHandleThatIsUsedAfterItWasFreed) {
  const InitialisedLibrary library;
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PRL_UINT32 count = 0;
  PrlApi_CreateHandlesList(&list);
  PrlHandle_Free(list);
  EXPECT_EQ(PrlHndlList_GetItemsCount(list, &count), PRL_ERR_INVALID_ARG);
  expect_misuse("PrlHndlList_GetItemsCount (call 3): uses after it was freed #1");
}

TEST_F(ALedger, TellsAHandleOfAnotherType) {
  const InitialisedLibrary library;
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PrlApi_CreateHandlesList(&list);
  PrlHandle_Free(PrlVm_Start(list));
  expect_misuse("PrlVm_Start (call 2): takes no handle of this type: #1 PHT_HANDLES_LIST");
  PrlHandle_Free(list);
}

TEST_F(ALedger, TellsAValueThatWasNeverAHandle) {
  const InitialisedLibrary library;
  EXPECT_EQ(PrlHandle_Free(reinterpret_cast<PRL_HANDLE>(0x12345678)), PRL_ERR_INVALID_ARG);
  expect_misuse("PrlHandle_Free (call 1): was given a value that was never a handle");
}

TEST_F(ALedger, SaysNothingOfArgumentsThatAreWrongInAnotherWay) {
  const InitialisedLibrary library;
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PrlApi_CreateHandlesList(&list);
  EXPECT_EQ(PrlHndlList_GetItemsCount(list, nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlHandle_Free(PRL_INVALID_HANDLE), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(counts().misuses, 0u);
  PrlHandle_Free(list);
}

TEST_F(ALedger, ShowsTheStackWhereItIsAskedFor) {
  PrlSim_KeepLedger(2);
  const InitialisedLibrary library;
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PrlApi_CreateHandlesList(&list);
  const std::string text = whole_text(PrlSim_GetLedgerText);
  EXPECT_NE(text.find("\n  "), std::string::npos) << text;
  EXPECT_NE(text.find("libprl_sdk"), std::string::npos) << text;
  PrlHandle_Free(list);
}

TEST_F(ALedger, RefusesAnUnknownMode) {
  EXPECT_EQ(PrlSim_KeepLedger(3), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSim_GetLedgerCounts(nullptr, nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlSim_GetLedgerText(nullptr, nullptr), PRL_ERR_INVALID_ARG);
}

TEST_F(ALedger, ShowsInTheTrace) {
  PrlSim_KeepLedger(0);
  PrlSim_KeepTrace(100);
  const InitialisedLibrary library;
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PrlApi_CreateHandlesList(&list);
  PrlHandle_Free(list);
  PrlHandle_Free(list);
  const std::string trace = whole_text(PrlSim_GetTrace);
  EXPECT_NE(trace.find(" misuse PrlHandle_Free (call 3): frees a second time #1"),
            std::string::npos)
      << trace;
}

// For `prlsim run`, which has no trace of what may run for days.
TEST(AFileOfLeaks, GetsALinePerHandleThatWasNeverFreed) {
  const TemporaryFolder folder;
  const std::string file = folder / "leaks";
  PrlSim_SetScenario(kStill);
  ::setenv("PRLSIM_LEAKS", file.c_str(), 1);
  const auto run = [](bool is_freed) {
    const InitialisedLibrary library;
    PRL_HANDLE list = PRL_INVALID_HANDLE;
    PrlApi_CreateHandlesList(&list);
    if (is_freed) PrlHandle_Free(list);
  };
  run(true);
  EXPECT_EQ(text_in(file), "");
  run(false);
  const std::string line = "#1 PHT_HANDLES_LIST from PrlApi_CreateHandlesList (call 1) at 0 ms\n";
  EXPECT_EQ(text_in(file), line);
  run(false);
  EXPECT_EQ(text_in(file), line + line) << "what is there stays";
  ::setenv("PRLSIM_LEAKS", (folder / "none/leaks").c_str(), 1);
  EXPECT_EQ(PrlApi_Init(PARALLELS_API_VER), PRL_ERR_OPERATION_FAILED);
  ::unsetenv("PRLSIM_LEAKS");
  PrlSim_SetScenario(nullptr);
}

TEST(AKeptTrace, HoldsTheLastLines) {
  PrlSim_SetScenario(kStill);
  PrlSim_KeepTrace(2);
  {
    const InitialisedLibrary library;
    PRL_HANDLE list = PRL_INVALID_HANDLE;
    PrlApi_CreateHandlesList(&list);
    PrlHandle_AddRef(list);
    PrlHandle_Free(list);
    EXPECT_EQ(whole_text(PrlSim_GetTrace),
              "         0 call  PrlHandle_AddRef = PRL_ERR_SUCCESS\n"
              "         0 call  PrlHandle_Free = PRL_ERR_SUCCESS\n");
    PrlHandle_Free(list);
  }
  PrlSim_SetScenario(nullptr);
  PrlSim_KeepTrace(0);
  const InitialisedLibrary library;
  PRL_UINT32 length = 0;
  EXPECT_EQ(PrlSim_GetTrace(nullptr, &length), PRL_ERR_NO_DATA);
}

}  // namespace
}  // namespace prl::tests
