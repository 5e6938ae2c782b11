// The kit as people use it: worlds, matchers, and what a failure says.
#include <gtest/gtest-spi.h>
#include <prlsdk/prl_gtest.hpp>

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "tests/kit/sample_client.h"
#include "tests/temporary_folder.h"

namespace prl::kit {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::Not;
using tests::Mistake;
using tests::SampleClient;

class Kit : public SimTest {};

TEST_F(Kit, HasTheVmsOfItsScenario) {
  start(Scenario().seed(7).add(Vm("web").running().ram_mib(64)).add(Vm("db").suspended()));
  EXPECT_EQ(world().state("web"), VMS_RUNNING);
  EXPECT_EQ(world().state("none"), VMS_UNKNOWN);
  EXPECT_EQ(world().time_ms(), 0u) << "nobody has asked the host for anything";
  EXPECT_EQ(world().seed(), 7u);
  EXPECT_THAT(world().vm("db"), HasState(VMS_SUSPENDED));
  EXPECT_THAT(world().vm("db"), Not(HasState(VMS_STOPPED)));
}

TEST_F(Kit, LetsAClientComeAndGo) {
  start(Scenario().add(Vm("web").running()));
  EXPECT_TRUE(SampleClient().suspend("web"));
  EXPECT_EQ(world().state("web"), VMS_SUSPENDED);
  EXPECT_TRUE(SampleClient().resume("web"));
  EXPECT_EQ(world().state("web"), VMS_RUNNING);
}

TEST_F(Kit, StrikesWithFaultsAndCountsThem) {
  start(Scenario()
            .add(Vm("web").running())
            .add(Fault("once").call("PrlVm_Suspend").vm("web").fail(PRL_ERR_VM_SUSPEND_FAILED))
            .add(Fault("on").call("PrlVm_Pause").hang()));
  const SampleClient client;
  EXPECT_FALSE(client.suspend("web"));
  EXPECT_TRUE(client.suspend("web"));
  EXPECT_THAT(world(), WasCalled("PrlVm_Suspend", 2));
  EXPECT_THAT(world(), WasCalled("PrlVm_Resume", 0));
  EXPECT_THAT(world(), WasCalled("PrlJob_Wait", Ge(4)));
  EXPECT_THAT(world(), HasStruck("once", 1));
  EXPECT_THAT(world(), Not(HasStruck("on", Ge(1))));
}

TEST_F(Kit, WaitsForJobs) {
  start(Scenario().add(Vm("web")).add(Fault("stuck").call("PrlVm_Suspend").always().hang()));
  const Handle web = world().vm("web");
  EXPECT_THAT(PrlVm_Start(web.get()), JobSucceeds());
  EXPECT_THAT(PrlVm_Start(web.get()), JobFailsWith(PRL_ERR_DISP_VM_IS_NOT_STOPPED));
  EXPECT_THAT(PrlVm_Suspend(web.get()), Not(JobSucceeds()));
}

TEST_F(Kit, TellsOfAWaitThatNothingCanEnd) {
  start(Scenario()
            .add(Vm("web").running())
            .add(Fault("stuck").call("PrlVm_Suspend").hang())
            .add(Fault("late").call("PrlVm_Pause").delay(5000)));
  const SampleClient client;
  EXPECT_EQ(world().hangs().size(), 0u);
  EXPECT_FALSE(client.suspend("web"));
  ASSERT_EQ(world().hangs().size(), 1u);
  EXPECT_THAT(world().hangs()[0].text,
              HasSubstr("nothing is left to happen; unfinished: 3 PrlVm_Suspend vm=web rule=stuck "
                        "hang at middle, the VM is SUSPENDING"));
  client.stop("web");
  EXPECT_EQ(world().hangs().size(), 1u) << "a job that is under way ends";
}

uint64_t word_at(PRL_HANDLE vm, uint64_t address) {
  uint64_t word = 0;
  EXPECT_EQ(PrlSim_ReadGuestMemory(vm, address, &word, sizeof(word)), PRL_ERR_SUCCESS);
  return word;
}

TEST_F(Kit, HasGuestsThatUseTheirMemoryInTheirOwnWay) {
  constexpr uint64_t kMib = 1 << 20;
  start(Scenario()
            .add(Vm("quiet").running().ram_mib(4))
            .add(Vm("pattern").running().ram_mib(4).fills_with_pattern(2, 256))
            .add(Vm("growing").running().ram_mib(4).grows(2, 1))
            .add(Vm("hot").running().ram_mib(4).writes_hot_and_cold(2, 256)));
  const Handle quiet = world().vm("quiet");
  const Handle pattern = world().vm("pattern");
  const Handle growing = world().vm("growing");
  const Handle hot = world().vm("hot");
  world().advance(10);
  EXPECT_EQ(word_at(quiet.get(), kMib), 0u);
  EXPECT_NE(word_at(growing.get(), kMib), 0u);
  EXPECT_EQ(word_at(growing.get(), 3 * kMib - 8), 0u) << "it has not come so far";
  EXPECT_EQ(word_at(pattern.get(), 3 * kMib - 8), 3 * kMib - 8);
  world().advance(512);
  const uint64_t grown = word_at(growing.get(), 3 * kMib - 8);
  EXPECT_NE(grown, 0u);
  world().advance(1000);
  EXPECT_EQ(word_at(growing.get(), 3 * kMib - 8), grown) << "it writes nothing twice";
  EXPECT_NE(word_at(hot.get(), 2 * kMib), 0u);
}

TEST_F(Kit, GivesAPointerToAGuestsMemory) {
  start(Scenario().add(Vm("web").running().ram_mib(4)));
  const Handle web = world().vm("web");
  const PinnedMemory words(web.get(), 1 << 20, 4096);
  EXPECT_EQ(words.size(), 4096u);
  words.as<uint64_t>()[1] = 42;
  EXPECT_EQ(words.data()[8], 42);
  EXPECT_TRUE(SampleClient().suspend("web"));
  EXPECT_TRUE(SampleClient().resume("web"));
  EXPECT_EQ(word_at(web.get(), (1 << 20) + 8), 42u);
  EXPECT_THROW(PinnedMemory(web.get(), 4 << 20, 1), std::runtime_error);
}

TEST_F(Kit, LetsATestActInTheGuestsPlace) {
  start(Scenario().add(Vm("web").running().ram_mib(4)));
  std::vector<uint64_t> seen;
  {
    const GuestWorkload counter(world().vm("web"), 100, [&](const Guest& guest) {
      seen.push_back(guest.ran_ms());
      const uint64_t calls = seen.size();
      EXPECT_TRUE(guest.write(4096, &calls, sizeof(calls)));
      EXPECT_FALSE(guest.write(uint64_t{4} << 20, &calls, sizeof(calls)));
    });
    world().advance(250);
  }
  world().advance(1000);
  EXPECT_EQ(seen, (std::vector<uint64_t>{100, 200}));
  EXPECT_EQ(word_at(world().vm("web").get(), 4096), 2u);
  EXPECT_THROW(GuestWorkload(Handle(), 1, [](const Guest&) {}), std::runtime_error);
}

TEST_F(Kit, MakesWhatTimesOutHappenAllTheSame) {
  start(Scenario()
            .add(Vm("web").running())
            .add(Fault("late").call("PrlVm_Suspend").time_out(5000))
            .add(Fault("lost").call("PrlVm_Resume").lose())
            .add(Fault("dead").call("PrlVm_Pause").kill_vm()));
  const Handle web = world().vm("web");
  EXPECT_THAT(PrlVm_Suspend(web.get()), JobFailsWith(PRL_ERR_TIMEOUT));
  EXPECT_EQ(world().state("web"), VMS_SUSPENDING);
  world().advance(6000);
  EXPECT_EQ(world().state("web"), VMS_SUSPENDED);
  EXPECT_THAT(PrlVm_Resume(web.get()), Not(JobSucceeds()));
  EXPECT_EQ(world().state("web"), VMS_RUNNING);
  EXPECT_THAT(PrlVm_Pause(web.get(), PRL_FALSE), JobFailsWith(PRL_ERR_VM_ABORT));
  EXPECT_EQ(world().state("web"), VMS_STOPPED);
  EXPECT_THAT(world(), HasStruck("late", 1));
  EXPECT_THAT(world(), HasStruck("lost", 1));
  EXPECT_THAT(world(), HasStruck("dead", 1));
}

TEST_F(Kit, CountsWhatHandlersCall) {
  start(Scenario().add(Vm("web").running()));
  std::atomic<int> handled{0};
  const auto look = [](PRL_HANDLE event, PRL_VOID_PTR data) -> PRL_RESULT {
    PRL_HANDLE_TYPE type = PHT_ERROR;
    PrlHandle_GetType(event, &type);
    PrlHandle_Free(event);
    ++*static_cast<std::atomic<int>*>(data);
    return PRL_ERR_SUCCESS;
  };
  PrlSrv_RegEventHandler(world().server(), look, &handled);
  finish(PrlSrv_GetVmList(world().server()));
  while (handled == 0) std::this_thread::yield();
  PrlSrv_UnregEventHandler(world().server(), look, &handled);
  EXPECT_THAT(world(), WasCalled("PrlHandle_GetType", handled.load()));
}

TEST_F(Kit, MovesTime) {
  start();
  const uint64_t before_ms = world().time_ms();
  world().advance(86'400'000);
  EXPECT_EQ(world().time_ms(), before_ms + 86'400'000);
}

TEST_F(Kit, EscapesWhatTomlWouldTakeForSomethingElse) {
  const std::string name = "a \"b\" \\ c\td \xc3\xa9";
  start(Scenario().add(Vm(name)));
  EXPECT_TRUE(world().vm(name));
}

TEST_F(Kit, TakesTheSecondValueOfAKey) {
  EXPECT_EQ(Scenario().seed(1).seed(2).toml(), "clock = \"virtual\"\nseed = 2\n");
  EXPECT_EQ(Fault("x").call("PrlVm_Stop").delay(5).hang().toml(),
            "[[fault]]\nname = \"x\"\nmatch = { call = \"PrlVm_Stop\" }\n"
            "effect = { kind = \"hang\", delay_ms = 5 }\n");
}

TEST_F(Kit, WritesCodesByName) {
  const std::string text =
      Fault("x")
          .call("PrlVm_Stop")
          .ask(PET_QUESTION_UNDO_DISKS_MODE, {PET_ANSWER_COMMIT, PET_ANSWER_REVERT})
          .toml();
  EXPECT_THAT(text, HasSubstr("code = \"PET_QUESTION_UNDO_DISKS_MODE\""));
  EXPECT_THAT(text, HasSubstr("choices = [\"PET_ANSWER_COMMIT\", \"PET_ANSWER_REVERT\"]"));
  EXPECT_THAT(Fault("x").fail(PRL_ERR_VM_SUSPEND_FAILED).toml(),
              HasSubstr("code = \"PRL_ERR_VM_SUSPEND_FAILED\""));
  const PRL_RESULT nameless = static_cast<PRL_RESULT>(0x8fffffff);
  EXPECT_THAT(Fault("x").fail(nameless).toml(), HasSubstr("code = -1879048193"));
  start(Scenario().add(Vm("web").running()).add(Fault("x").call("PrlVm_StopEx").fail(nameless)));
  EXPECT_THAT(PrlVm_StopEx(world().vm("web").get(), PSM_KILL, 0), JobFailsWith(nameless));
}

TEST_F(Kit, ThrowsWhereAScenarioHasAMistake) {
  EXPECT_THROW(World(Scenario().set("sede", "1")), std::runtime_error);
}

TEST_F(Kit, TellsLeaksAndMisuse) {
  start();
  tolerate_leaks();
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PrlApi_CreateHandlesList(&list);
  EXPECT_THAT(world(), Not(HasNoLeakedHandles()));
  EXPECT_THAT(world(), HasNoMisuse());
  PrlHandle_Free(list);
  PrlHandle_Free(list);
  EXPECT_THAT(world(), HasNoLeakedHandles());
  EXPECT_THAT(world(), NoLeakedHandles());
  EXPECT_THAT(world(), Not(HasNoMisuse()));
}

TEST_F(Kit, KeepsTheTraceOfAWorldThatHasEnded) {
  start();
  world().server();
  world().end();
  EXPECT_THAT(world(), WasCalled("PrlSrv_LoginLocal", 1));
}

// Otherwise the tests behind it would run in its host.
TEST_F(Kit, EndsAWorldThatTheClientHasLeftOpen) {
  start(Scenario().add(Vm("web").running()));
  ASSERT_EQ(PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0), PRL_ERR_SUCCESS);
  EXPECT_THROW(World(), std::runtime_error);
  EXPECT_EQ(world().state("web"), VMS_RUNNING);
  world().end();
  EXPECT_EQ(world().inits_left(), 1u);
  tolerate_leaks();
  start(Scenario().add(Vm("db")));
  EXPECT_EQ(world().state("web"), VMS_UNKNOWN);
  EXPECT_EQ(world().state("db"), VMS_STOPPED);
  EXPECT_EQ(world().inits_left(), 0u);
}

// The failures of another test, as text.
template <class Body>
std::string failures_of(Body body) {
  testing::TestPartResultArray results;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &results);
    body();
  }
  std::string text;
  for (int i = 0; i < results.size(); ++i) text += results.GetTestPartResult(i).message();
  return text;
}

TEST_F(Kit, SaysWhatIsWrongInWords) {
  start(Scenario().add(Vm("web").running()));
  const std::string state =
      failures_of([&] { EXPECT_THAT(world().vm("web"), HasState(VMS_PAUSED)); });
  EXPECT_THAT(state, HasSubstr("Expected: is in VMS_PAUSED"));
  EXPECT_THAT(state, HasSubstr("Actual: a handle of type PHT_VIRTUAL_MACHINE in VMS_RUNNING"));
  EXPECT_THAT(
      failures_of([&] { EXPECT_THAT(world(), WasCalled("PrlVm_Stop", 1)); }),
      AllOf(HasSubstr("Expected: has had 1 call of PrlVm_Stop\n"),
            HasSubstr("Actual: the world at "), HasSubstr("which has had 0 calls of PrlVm_Stop")));
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(world(), WasCalled("PrlVm_Stop", Ge(4))); }),
              HasSubstr("Expected: has had a number of calls of PrlVm_Stop that is >= 4\n"));
  const Handle web = world().vm("web");
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(PrlVm_Start(web.get()), JobSucceeds()); }),
              HasSubstr("which ended with PRL_ERR_DISP_VM_IS_NOT_STOPPED"));
}

TEST_F(Kit, SaysWhichJobItWas) {
  start(Scenario().add(Vm("web").running()).add(Fault("stuck").call("PrlVm_Suspend").hang()));
  const Handle web = world().vm("web");
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(PrlVm_Start(web.get()), JobSucceeds()); }),
              HasSubstr("Actual: PrlVm_Start of VM web, which is RUNNING (of type "));
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(PrlVm_Start(web.get()), JobSucceeds()); }),
              testing::EndsWith(", which ended with PRL_ERR_DISP_VM_IS_NOT_STOPPED"));
  EXPECT_THAT(
      failures_of([&] { EXPECT_THAT(PrlVm_Suspend(web.get()), JobFailsWith(PRL_ERR_TIMEOUT)); }),
      AllOf(HasSubstr("Actual: PrlVm_Suspend of VM web, which is SUSPENDING"),
            HasSubstr("which did not end: PRL_ERR_TIMEOUT")));
  EXPECT_THAT(
      failures_of(
          [&] { EXPECT_THAT(PrlSrv_GetVmList(world().server()), JobFailsWith(PRL_ERR_TIMEOUT)); }),
      AllOf(HasSubstr("Actual: PrlSrv_GetVmList"), HasSubstr("which ended with PRL_ERR_SUCCESS")));
  EXPECT_EQ(finish(PrlVm_Reset(PRL_INVALID_HANDLE)).job, "PrlVm_Reset");
  tolerate_leaks();  // no handle was given where one belongs
}

TEST_F(Kit, FreesNothingThatIsNoJob) {
  start(Scenario().add(Vm("web").running()));
  const Handle web = world().vm("web");
  const std::string sentence = "Failed\na job is wanted, and this is VM web, which is RUNNING";
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(web.get(), JobSucceeds()); }),
              AllOf(testing::StartsWith(sentence), testing::EndsWith(", which is no job")));
  EXPECT_EQ(failures_of([&] { EXPECT_THAT(web.get(), Not(JobSucceeds())); }), sentence);
  EXPECT_THAT(web, HasState(VMS_RUNNING)) << "it is alive";
  PRL_HANDLE freed = PrlSrv_GetVmList(world().server());
  finish(freed);
  EXPECT_EQ(failures_of([&] { EXPECT_THAT(freed, Not(JobFailsWith(PRL_ERR_FAILURE))); }),
            "Failed\na job is wanted, and this is a handle that is not alive");
  const PRL_HANDLE none = PRL_INVALID_HANDLE;
  EXPECT_EQ(failures_of([&] { EXPECT_THAT(none, Not(JobSucceeds())); }),
            "Failed\na job is wanted, and this is no handle");
  EXPECT_THAT(world(), HasNoMisuse());
}

TEST_F(Kit, LeavesAJobToTheHandleThatOwnsIt) {
  start(Scenario().add(Vm("web")));
  const Handle job(PrlVm_Start(world().vm("web").get()));
  EXPECT_THAT(job, JobSucceeds());
  EXPECT_THAT(job, Not(JobFailsWith(PRL_ERR_TIMEOUT)));
  EXPECT_THAT(words_for(job.get()), testing::StartsWith("PrlVm_Start of VM web")) << "it is alive";
}

TEST_F(Kit, SaysThatAVmIsNotThere) {
  start(Scenario().add(Vm("web")));
  const std::string none =
      failures_of([&] { EXPECT_THAT(world().vm("wbe"), HasState(VMS_RUNNING)); });
  EXPECT_THAT(none, HasSubstr("Actual: no handle"));
  EXPECT_THAT(none, testing::EndsWith(", so there is no such VM"));
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(world().server(), HasState(VMS_RUNNING)); }),
              testing::EndsWith(", which is no VM"));
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(world().vm("wbe"), Not(HasState(VMS_RUNNING))); }),
              HasSubstr("HasState(VMS_RUNNING) is asked of what is no VM"));
  EXPECT_THAT(world().vm("wbe"), HasState(VMS_UNKNOWN));
  EXPECT_THAT(world(), HasNoMisuse()) << "it was asked for nothing";
}

TEST_F(Kit, FailsATestThatWantsLessThanNothing) {
  start(Scenario().add(Fault("hang").call("PrlVm_Suspend").hang()));
  const std::string sentence = "Failed\nnothing has happened -1 times";
  EXPECT_EQ(failures_of([&] { EXPECT_THAT(world(), Not(HasStruck("hang", -1))); }), sentence);
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(world(), WasCalled("PrlVm_Stop", -1)); }),
              AllOf(testing::StartsWith(sentence),
                    HasSubstr("Expected: has had -1 calls of PrlVm_Stop\n")));
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(world(), HasStruck("hang", 1)); }),
              AllOf(HasSubstr("Expected: has had 1 fault of hang\n"),
                    testing::EndsWith(", which has had 0 faults of hang")));
}

TEST_F(Kit, KnowsWhenAWorldEnded) {
  start();
  world().server();
  world().advance(60'000);
  const uint64_t end_ms = world().time_ms();
  ASSERT_GE(end_ms, 60'000u);
  world().end();
  EXPECT_EQ(world().time_ms(), end_ms);
  EXPECT_EQ(testing::PrintToString(world()), "the world at " + std::to_string(end_ms) + " ms");
}

TEST_F(Kit, ListsLeaksAndMisusesApart) {
  start();
  tolerate_leaks();
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PrlApi_CreateHandlesList(&list);
  PRL_HANDLE freed = PRL_INVALID_HANDLE;
  PrlApi_CreateHandlesList(&freed);
  PrlHandle_Free(freed);
  PrlHandle_Free(freed);
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(world(), HasNoLeakedHandles()); }),
              AllOf(HasSubstr("live #1 PHT_HANDLES_LIST"), Not(HasSubstr("misuse"))));
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(world(), HasNoMisuse()); }),
              AllOf(HasSubstr("misuse PrlHandle_Free"), Not(HasSubstr("live"))));
  EXPECT_EQ(lines_of_ledger("live a\n  at f\nmisuse b\nlive c\n  at g\n", "live"),
            "live a\n  at f\nlive c\n  at g\n");
}

TEST_F(Kit, PrintsWhatAHandleStandsFor) {
  start(Scenario().add(Vm("web").running()));
  const Handle web = world().vm("web");
  EXPECT_THAT(testing::PrintToString(web.get()), HasSubstr("VM web, which is RUNNING (handle 0x"));
  EXPECT_THAT(testing::PrintToString(world().server()), HasSubstr("PHT_SERVER (handle 0x"));
  PRL_HANDLE job = PrlVm_Suspend(web.get());
  EXPECT_THAT(testing::PrintToString(job), HasSubstr("PrlVm_Suspend of VM web, which is "));
  finish(job);
  EXPECT_EQ(testing::PrintToString(job), "a handle that is not alive");
  EXPECT_EQ(testing::PrintToString(PRL_HANDLE(PRL_INVALID_HANDLE)), "no handle");
  EXPECT_THAT(world(), HasNoMisuse());
  finish(PrlVm_Unreg(web.get()));
  EXPECT_EQ(words_for(web.get()), "VM web, which is not registered");
}

// A name with a mistake has never been called, so that a test which wants that would hold for ever.
TEST_F(Kit, FailsATestThatNamesAFunctionWhichThereIsNot) {
  start(Scenario().add(Vm("web").running()));
  const std::string sentence =
      "Failed\nthere is no function 'PrlVm_Suspnd'; did you mean 'PrlVm_Suspend'?";
  EXPECT_EQ(failures_of([&] { EXPECT_THAT(world(), WasCalled("PrlVm_Suspnd", Times(0))); }),
            sentence);
  EXPECT_EQ(failures_of([&] { EXPECT_THAT(world(), Not(WasCalled("PrlVm_Suspnd", Ge(1)))); }),
            sentence);
  EXPECT_EQ(failures_of([&] {
              EXPECT_THAT(world(), AllOf(HasNoMisuse(), Not(WasCalled("PrlVm_Suspnd", 1))));
            }),
            sentence);
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(world(), WasCalled("PrlVm_Suspnd", 1)); }),
              testing::StartsWith(sentence));
  EXPECT_EQ(failures_of([&] { EXPECT_THAT(world(), WasCalled("suspend_all", 0)); }),
            "Failed\nthere is no function 'suspend_all'");
  EXPECT_EQ(failures_of([&] { EXPECT_THAT(world(), WasCalled("PrlVm_Suspend", 0)); }), "");
  EXPECT_THROW(world().calls("PrlVm_Suspnd"), std::runtime_error);
}

TEST_F(Kit, SaysWhereAFunctionWasMistyped) {
  start();
  testing::TestPartResultArray results;
  int line = 0;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &results);
    line = __LINE__ + 1;
    EXPECT_THAT(world(), WasCalled("PrlVm_Suspnd", 0));
  }
  ASSERT_EQ(results.size(), 1);
  EXPECT_EQ(results.GetTestPartResult(0).line_number(), line);
  EXPECT_THAT(results.GetTestPartResult(0).file_name(), HasSubstr("gtest_kit_test.cpp"));
}

TEST_F(Kit, FailsATestThatNamesARuleWhichThereIsNot) {
  start(Scenario().add(Vm("web")).add(Fault("name").call("PrlVm_Suspend").hang()));
  world().add(Fault("added later").call("PrlVm_Pause").hang());
  const std::string sentence = "Failed\nthere is no fault rule 'nam'; did you mean 'name'?";
  EXPECT_EQ(failures_of([&] { EXPECT_THAT(world(), HasStruck("nam", Times(0))); }), sentence);
  EXPECT_EQ(failures_of([&] { EXPECT_THAT(world(), Not(HasStruck("nam", 1))); }), sentence);
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(world(), HasStruck("nam", 1)); }),
              testing::StartsWith(sentence));
  EXPECT_EQ(failures_of([&] { EXPECT_THAT(world(), HasStruck("", 0)); }),
            "Failed\nthere is no fault rule ''");
  EXPECT_THROW(world().strikes("nam"), std::runtime_error);
  for (const char* known : {"name", "added later", "PrlSim_Strike"}) {
    EXPECT_THAT(world(), HasStruck(known, 0));
  }
  world().clear_faults();
  EXPECT_THAT(world(), HasStruck("name", 0)) << "it was there";
  world().end();
  EXPECT_THAT(world(), HasStruck("added later", 0));
  EXPECT_EQ(failures_of([&] { EXPECT_THAT(world(), HasStruck("nam", 0)); }), sentence);
}

TEST_F(Kit, PrintsStatesAndCodesByName) {
  start(Scenario().add(Vm("web").running()));
  EXPECT_THAT(failures_of([&] { EXPECT_EQ(world().state("web"), VMS_PAUSED); }),
              HasSubstr("VMS_RUNNING"));
  EXPECT_EQ(testing::PrintToString(VMS_SUSPENDED), "VMS_SUSPENDED");
  EXPECT_EQ(testing::PrintToString(finish(PrlVm_Start(world().vm("web").get()))),
            "a job that ended with PRL_ERR_DISP_VM_IS_NOT_STOPPED: PrlVm_Start of VM web, which is "
            "RUNNING");
  EXPECT_THAT(PRL_ERR_TIMEOUT, IsCode(PRL_ERR_TIMEOUT));
  EXPECT_THAT(failures_of([&] { EXPECT_THAT(PRL_ERR_TIMEOUT, IsCode(PRL_ERR_FAILURE)); }),
              HasSubstr("PRL_ERR_TIMEOUT"));
  EXPECT_THAT(world(), WasCalled("PrlVm_Start", Times(1)));
  EXPECT_THAT(world(), Not(WasCalled("PrlVm_Start", Times(2))));
}

TEST_F(Kit, ReportsTheSeedAndTheStatesOfTheVms) {
  start(Scenario().seed(7).add(Vm("web").running()).add(Vm("my db")).add(Vm("spare").suspended()));
  EXPECT_TRUE(SampleClient().suspend("web"));
  EXPECT_TRUE(SampleClient().resume("my db"));
  const std::string text = report(0);
  EXPECT_THAT(text, HasSubstr("Seed: 7\n"));
  EXPECT_THAT(text, HasSubstr("VM my db is RUNNING\nVM spare is SUSPENDED\nVM web is SUSPENDED\n"));
}

TEST_F(Kit, SaysThatTimeCannotBeMoved) {
  start(Scenario().clock("real"));
  EXPECT_THROW(world().advance(1), std::runtime_error);
}

// What is wrong with handles is known only then.
TEST_F(Kit, ReportsOfAWorldThatHasEnded) {
  start(Scenario().seed(7).add(Vm("web").running()));
  EXPECT_TRUE(SampleClient().suspend("web"));
  world().end();
  const std::string text = report(world());
  EXPECT_THAT(text, HasSubstr("Seed: 7\nVM web is SUSPENDED\nThe last of the trace:\n"));
  EXPECT_THAT(text, HasSubstr("PrlVm_Suspend vm=web -> Ok\n"));
}

TEST_F(Kit, ReachesMemoryAndRegistersOfGuestsByName) {
  start(Scenario().add(Vm("web").paused().ram_mib(4).cpus(2)));
  const uint64_t word = 0x0123456789abcdef;
  world().write_memory("web", 4096, &word, sizeof(word));
  uint64_t read = 0;
  world().read_memory("web", 4096, &read, sizeof(read));
  EXPECT_EQ(read, word);
  PrlSim_Registers registers = world().registers("web", 1);
  registers.general[3] = 42;
  world().set_registers("web", registers, 1);
  EXPECT_EQ(world().registers("web", 1).general[3], 42u);
  EXPECT_NE(world().registers("web", 0).general[3], 42u);
  EXPECT_THROW(world().registers("web", 2), std::runtime_error);
  EXPECT_THROW(world().read_memory("web", uint64_t{4} << 20, &read, 1), std::runtime_error);
  EXPECT_THROW(world().read_memory("none", 0, &read, 1), std::runtime_error);
}

TEST_F(Kit, StrikesGuestsByName) {
  start(Scenario().add(Vm("web").running()).add(Vm("db").running()));
  world().freeze("web");
  EXPECT_EQ(world().state("web"), VMS_PAUSED);
  world().strike("unfreeze", "web");
  EXPECT_EQ(world().state("web"), VMS_RUNNING);
  world().fall_asleep("web");
  EXPECT_EQ(world().state("web"), VMS_PAUSED);
  world().wake_up("web");
  EXPECT_EQ(world().state("web"), VMS_RUNNING);
  world().crash("web");
  world().panic("db");
  world().advance(10'000);
  EXPECT_EQ(world().state("web"), VMS_STOPPED);
  EXPECT_EQ(world().state("db"), VMS_STOPPED);
}

TEST_F(Kit, ReportsTheEndOfTheTraceAndTheHandles) {
  start();
  world().server();
  const std::string text = report(3);
  EXPECT_THAT(text, HasSubstr("ms call PrlHandle_Free = PRL_ERR_SUCCESS"));
  EXPECT_THAT(text, HasSubstr("live #1 PHT_SERVER from PrlSrv_Create"));
}

PRL_RESULT PRL_CALL look_often(PRL_HANDLE event, PRL_VOID_PTR) {
  PRL_HANDLE_TYPE type = PHT_ERROR;
  for (int i = 0; i < 30; ++i) PrlHandle_GetType(event, &type);
  return PrlHandle_Free(event);
}

// What handlers call has no time, and there may be much of it.
TEST_F(Kit, ReportsWhatHandlersCalledApart) {
  start(Scenario().add(Vm("web")));
  PRL_HANDLE server = world().server();
  PrlSrv_RegEventHandler(server, look_often, nullptr);
  EXPECT_THAT(PrlVm_Start(world().vm("web").get()), JobSucceeds());
  world().await_handlers(60'000);
  PrlSrv_UnregEventHandler(server, look_often, nullptr);
  const std::string text = report(20);
  EXPECT_THAT(text, HasSubstr("ms call PrlVm_Start = job"));
  EXPECT_THAT(text, HasSubstr("\nThe last that handlers called:\n"
                              "  PrlHandle_GetType = PRL_ERR_SUCCESS\n"));
  EXPECT_THAT(text, HasSubstr("  PrlHandle_Free = PRL_ERR_SUCCESS\nHandles:\n"));
  EXPECT_THAT(text, Not(HasSubstr("ms handler")));
}

TEST(ShellWord, IsQuotedWhereAShellWouldTakeItForSomethingElse) {
  EXPECT_EQ(shell_word("/a/b-c.d_e=1,2:3@4%5+6"), "/a/b-c.d_e=1,2:3@4%5+6");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("$x's"), "'$x'\\''s'");
}

// Fails, for the test below.
TEST_F(Kit, DISABLED_Fails) {
  start(Scenario().add(Vm("web")));
  EXPECT_EQ(world().seed(), 0u);
}

// The same.
TEST_F(Kit, DISABLED_StartsWithAMistake) {
  start(Scenario().seed(3).set("sede", "1"));
}
TEST_F(Kit, DISABLED_StartsWithNoFile) {
  start(Scenario::file("/no/such.toml"));
}

// What a command writes, without its stderr.
std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>/dev/null").c_str(), "r");
  std::string text;
  char block[4096];
  for (size_t count = 0; (count = std::fread(block, 1, sizeof(block), pipe)) > 0;) {
    text.append(block, count);
  }
  ::pclose(pipe);
  return text;
}

std::string command_in(const std::string& output) {
  const size_t begin = output.find("Again: ");
  if (begin == std::string::npos) return "no command in\n" + output;
  return output.substr(begin + 7, output.find('\n', begin) - begin - 7);
}

// What it needs is in the line, wherever that is pasted.
TEST(Again, IsACommandThatRepeatsTheFailure) {
  char program[4096] = {};
  ASSERT_GT(::readlink("/proc/self/exe", program, sizeof(program) - 1), 0);
  const std::string first =
      output_of("PRLSIM_SEED=5 RC_PARAMS='seed=3 max_size=7' " + shell_word(program) +
                " --gtest_also_run_disabled_tests --gtest_filter='Kit.*Fails' --gtest_brief=1 "
                "'an argument'");
  const std::string command = command_in(first);
  EXPECT_THAT(command, HasSubstr(" PRLSIM_SEED=5 RC_PARAMS='seed=3 max_size=7' "));
  EXPECT_THAT(command, HasSubstr(" 'an argument' --gtest_filter=Kit.DISABLED_Fails)"));
  EXPECT_THAT(first, HasSubstr("\nThe scenario:\nclock = \"virtual\"\n"));

  const std::string second = output_of("cd / && unset PRLSIM_SEED RC_PARAMS && " + command);
  EXPECT_THAT(second, HasSubstr("Running 1 test from 1 test suite"));
  EXPECT_THAT(second, HasSubstr("[  FAILED  ] Kit.DISABLED_Fails"));
  EXPECT_THAT(second, HasSubstr("Seed: 5\n"));
  EXPECT_THAT(second, HasSubstr("Again: " + command + "\n"));
}

// Not where the tool that ran it wanted a trace: those folders are gone when the line is pasted.
TEST(Again, HasTheVariablesThatDecideARunAndNoOthers) {
  char program[4096] = {};
  ASSERT_GT(::readlink("/proc/self/exe", program, sizeof(program) - 1), 0);
  const tests::TemporaryFolder temporary;
  const std::string folder = temporary.path();
  const std::string command = command_in(output_of(
      "PRLSIM_LEAKS=" + folder + "/leaks PRLSIM_TRACE=" + folder +
      "/trace PRLSIM_VERIFY=whole PRLSIM_SEED=5 " +
      "GTEST_ALSO_RUN_DISABLED_TESTS=1 GTEST_REPEAT=1 GTEST_RANDOM_SEED=7 GTEST_BRIEF=1 " +
      "GTEST_FILTER='Kit.*Fails' GTEST_TOTAL_SHARDS=1 GTEST_SHARD_INDEX=0 " + shell_word(program) +
      " --gtest_shuffle --gtest_brief=1"));
  EXPECT_THAT(command, Not(HasSubstr(folder)));
  EXPECT_THAT(command, HasSubstr("GTEST_ALSO_RUN_DISABLED_TESTS=1 GTEST_RANDOM_SEED=7 "
                                 "GTEST_REPEAT=1 "));
  EXPECT_THAT(command, HasSubstr(" PRLSIM_SEED=5 PRLSIM_VERIFY=whole "));
  EXPECT_THAT(command, HasSubstr(" --gtest_shuffle --gtest_filter=Kit.DISABLED_Fails)"));
  EXPECT_THAT(command, Not(HasSubstr("SHARD")));
  EXPECT_THAT(command, Not(HasSubstr("BRIEF")));
  EXPECT_THAT(output_of("cd / && " + command), HasSubstr("[  FAILED  ] Kit.DISABLED_Fails"));
}

// What the command of a RapidCheck property says: that names no test.
TEST(Again, ChoosesAmongTestsAsTheRunDidWhereItNamesNone) {
  ::setenv("GTEST_FILTER", "A.*", 1);
  const std::string all = command_again();
  const std::string one = command_again("B.C");
  ::unsetenv("GTEST_FILTER");
  EXPECT_THAT(all, HasSubstr("GTEST_FILTER='A.*' "));
  EXPECT_THAT(one, Not(HasSubstr("GTEST_FILTER")));
}

// Who repeats it in a console has what stderr said far above, or in another file.
TEST(Again, IsSaidWithTheReasonWhereAWorldCannotStart) {
  char program[4096] = {};
  ASSERT_GT(::readlink("/proc/self/exe", program, sizeof(program) - 1), 0);
  const std::string run = shell_word(program) + " --gtest_also_run_disabled_tests --gtest_filter=";
  const std::string mistake = output_of(run + "Kit.DISABLED_StartsWithAMistake");
  EXPECT_THAT(mistake, HasSubstr("from Init: scenario:3:1: unknown key 'sede' in the scenario; did "
                                 "you mean 'seed'?\nThe scenario:\n"));
  EXPECT_THAT(command_in(mistake), HasSubstr("--gtest_filter=Kit.DISABLED_StartsWithAMistake)"));
  EXPECT_THAT(output_of(command_in(mistake)), HasSubstr("unknown key 'sede'"));
  const std::string no_file = output_of(run + "Kit.DISABLED_StartsWithNoFile");
  EXPECT_THAT(no_file, HasSubstr("no scenario from '/no/such.toml': "));
  EXPECT_THAT(command_in(no_file), HasSubstr("--gtest_filter=Kit.DISABLED_StartsWithNoFile)"));
}

template <class Body>
std::string exception_of(Body body) {
  try {
    body();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST_F(Kit, ThrowsWithTheReasonThatTheLibraryGave) {
  const std::string mistake = exception_of([] { World(Scenario().set("sede", "1")); });
  EXPECT_THAT(mistake, HasSubstr(": scenario:2:1: unknown key 'sede'"));
  start();
  const std::string there = exception_of([] { World(); });
  EXPECT_THAT(there, HasSubstr("there is a host already"));
  const std::string fault =
      exception_of([&] { world().add(Fault("x").call("PrlVm_Suspnd").hang()); });
  EXPECT_THAT(fault, HasSubstr("did you mean 'PrlVm_Suspend'?"));
  PRL_UINT32 length = 0;
  EXPECT_EQ(PrlSim_TakeComplaint(nullptr, &length), PRL_ERR_NO_DATA) << "it has been taken";
  EXPECT_EQ(PrlSim_TakeComplaint(nullptr, nullptr), PRL_ERR_INVALID_ARG);
}

}  // namespace
}  // namespace prl::kit
