// A trace that a world can have passes the check; one with a line that the lifecycle forbids, or
// that is not whole, does not.
#include "tests/model/trace_check.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "simulator/world.h"
#include "tests/simulator/silent_session.h"
#include "tests/temporary_folder.h"

namespace prl::model {
namespace {

TraceVerdict check(const std::string& text) {
  std::istringstream stream(text);
  return check_trace(stream);
}

const std::string kBegin =
    "         0 world begins: trace 1, profile desktop\n"
    "         1 world vm=a b found STOPPED\n";
const std::string kStart =
    "         1 job   1 PrlVm_Start vm=a b\n"
    "         1 state vm=a b STOPPED -> STARTING\n";
const std::string kStarted =
    "       801 state vm=a b STARTING -> RUNNING\n"
    "       801 job   1 PrlVm_Start vm=a b -> Ok\n";
const std::string kEnd = "       900 world ends\n";

// The number of the line that is wrong, 0 for none, and why.
std::string wrong_in(const std::string& text) {
  const std::string violation = check(text).violation;
  return violation.substr(0, violation.find(":\n"));
}

TEST(ATrace, OfWhatTheNotesAllowConforms) {
  const TraceVerdict verdict =
      check(kBegin + "         1 call  PrlVm_Start = job\n" + kStart + kStarted +
            "       802 job   2 PrlVm_Start vm=a b\n"
            "       802 job   2 PrlVm_Start vm=a b -> VmNotStopped\n"
            "       803 job   3 PrlVm_Suspend vm=a b\n"
            "       803 state vm=a b RUNNING -> SUSPENDING\n"
            "       804 fault 3 PrlVm_Suspend vm=a b rule=one at a time fail at middle\n"
            "       804 state vm=a b SUSPENDING -> RUNNING\n"
            "       804 job   3 PrlVm_Suspend vm=a b -> Injected (PRL_ERR_FAILURE)\n"
            "       805 state vm=c STOPPED -> COMPACTING\n" +
            kEnd);
  // No job of c is there.
  EXPECT_EQ(verdict.violation.substr(0, verdict.violation.find(":\n")),
            "line 15: no job asks for it");
  EXPECT_EQ(check(kBegin + kStart + kStarted + kEnd).violation, "");
  EXPECT_EQ(check(kBegin + kStart + kStarted + kEnd).judged, 1u);
}

TEST(ATrace, MayHaveLinesOfCallersLate) {
  EXPECT_EQ(wrong_in(kBegin + kStart + kStarted + "         2 drawn 1 rule=flaky\n" +
                     "         2 fault call PrlSrv_Create rule=flaky fail\n" + kEnd),
            "");
}

// What only the client is not told changes nothing about the VMs.
TEST(ATrace, IsCheckedOnBehindALostReport) {
  const std::string lost = kBegin +
                           "         1 job   1 PrlVm_Start vm=a b\n"
                           "         1 state vm=a b STOPPED -> STARTING\n"
                           "       801 state vm=a b STARTING -> RUNNING\n"
                           "       801 fault 1 PrlVm_Start vm=a b rule=one lose at end\n";
  EXPECT_EQ(wrong_in(lost + kEnd), "");
  EXPECT_EQ(wrong_in(lost + "       802 state vm=a b RUNNING -> SUSPENDED\n" + kEnd),
            "line 7: no such change is there");
}

TEST(ATrace, ThatIsNotWholeIsRefused) {
  EXPECT_EQ(wrong_in(""), "the trace is empty");
  EXPECT_EQ(wrong_in(kBegin), "the trace is cut: the world does not end");
  EXPECT_EQ(wrong_in(kBegin + kStart + "       801 state vm=a"), "line 5: it is cut");
  EXPECT_EQ(wrong_in(kStart + kEnd), "line 1: a world does not begin so");
  EXPECT_EQ(wrong_in(kBegin + "words\n" + kEnd), "line 3: it is no line of a trace");
  EXPECT_EQ(wrong_in(kBegin + kEnd + kStart), "line 4: something happens after the end");
}

TEST(ATrace, OfAChangeThatIsNotThereIsRefused) {
  const std::string running = kBegin + kStart + kStarted;
  EXPECT_EQ(wrong_in(kBegin + "         2 state vm=a b STOPPED -> STARTING\n" + kEnd),
            "line 3: no job asks for it");
  EXPECT_EQ(wrong_in(running + "       802 state vm=a b PAUSED -> CONTINUING\n" + kEnd),
            "line 7: the VM was RUNNING");
  EXPECT_EQ(wrong_in(running + "       802 state vm=a b RUNNING -> SUSPENDED\n" + kEnd),
            "line 7: no such change is there");
  EXPECT_EQ(wrong_in(running + "       700 state vm=a b RUNNING -> PAUSING\n" + kEnd),
            "line 7: time goes back");
  EXPECT_EQ(wrong_in(kBegin + kStart + "       801 state vm=a b STARTING -> STOPPED\n" +
                     "       801 job   1 PrlVm_Start vm=a b -> Ok\n" + kEnd),
            "line 6: it succeeds and the VM is STOPPED");
}

// Users and their rights are not in the trace: where they count, any job may be denied.
TEST(ATrace, MayHaveJobsThatTheRightsOfUsersForbid) {
  const auto denied = [](std::string begin, const std::string& function) {
    const std::string job = "         2 job   1 " + function + " vm=a b";
    return wrong_in(begin + job + "\n" + job + " -> AccessToVmDenied\n" + kEnd);
  };
  const std::string in_virtuozzo =
      "         0 world begins: trace 1, profile virtuozzo\n"
      "         1 world vm=a b found STOPPED\n";
  EXPECT_EQ(denied(kBegin, "PrlVm_Start"), "");
  EXPECT_EQ(denied(in_virtuozzo, "PrlVm_Lock"), "");
  for (const char* function : {"PrlVm_Start", "PrlVm_Suspend", "PrlVm_DeleteSnapshot"}) {
    EXPECT_EQ(denied(in_virtuozzo, function),
              "line 4: this product does not look at the rights of users there");
  }
}

TEST(ATrace, OfAJobThatIsAnsweredOtherwiseIsRefused) {
  const std::string running = kBegin + kStart + kStarted;
  const std::string job = "       802 job   2 PrlVm_DropSuspendedState vm=a b";
  EXPECT_EQ(wrong_in(running + job + "\n" + job + " -> UnableToDropSuspendedState\n" + kEnd), "");
  EXPECT_EQ(wrong_in(running + job + "\n" + job + " -> VmNotStarted\n" + kEnd),
            "line 8: the lifecycle does not refuse it so in RUNNING");
  EXPECT_EQ(wrong_in(running + job + "\n" + job + " -> Ok\n" + kEnd),
            "line 8: the lifecycle refuses it in RUNNING");
  EXPECT_EQ(wrong_in(running + job + "\n" + job + " -> Injected\n" + kEnd),
            "line 8: no fault has struck it");
  EXPECT_EQ(wrong_in(running + job + "\n" + job + " -> Fine\n" + kEnd),
            "line 8: there is no such outcome");
  EXPECT_EQ(wrong_in(running + "       801 job   1 PrlVm_Start vm=a b -> Ok\n" + kEnd),
            "line 7: a job ends twice");
}

// What a pause may end in depends on what the guest has made of it.
TEST(ATrace, OfAPauseThatEndsOtherwiseThanTheGuestHasAnsweredIsRefused) {
  const std::string job = "       802 job   2 PrlVm_Pause vm=a b";
  const std::string asked = kBegin + kStart + kStarted + job + "\n";
  const std::string answer = "       802 guest vm=a b asked to sleep: ";
  const std::string stops =
      "       802 state vm=a b RUNNING -> STOPPING\n"
      "       832 state vm=a b STOPPING -> STOPPED\n";
  const std::string pauses =
      "       802 state vm=a b RUNNING -> PAUSING\n"
      "       807 state vm=a b PAUSING -> PAUSED\n";
  const std::string ends = "       832" + job.substr(10) + " -> Ok\n" + kEnd;
  EXPECT_EQ(wrong_in(asked + answer + "stop\n" + stops + ends), "");
  EXPECT_EQ(wrong_in(asked + answer + "pause\n" + pauses + ends), "");
  EXPECT_EQ(wrong_in(asked + pauses + ends), "");
  EXPECT_EQ(wrong_in(asked + stops + ends), "line 8: no job asks for it");
  EXPECT_EQ(wrong_in(asked + answer + "pause\n" + stops + ends), "line 9: no job asks for it");
  EXPECT_EQ(wrong_in(asked + answer + "ignore\n" + pauses + ends),
            "line 11: it succeeds and the VM is PAUSED");
  EXPECT_EQ(wrong_in(asked + answer + "dream\n" + stops + ends), "line 8: no guest answers so");
  EXPECT_EQ(wrong_in(kBegin + kStart + kStarted + answer + "stop\n" + stops + kEnd),
            "line 7: no job asks for it");
}

// vm-lifecycle 3.2, 3.3
TEST(ATrace, OfRawEventsThatDoNotBelongToTheChangesIsRefused) {
  const auto event = [](const std::string& type) {
    return "         1 event " + type + " vm=a b\n";
  };
  const auto change = [](const std::string& states) {
    return "         1 state vm=a b " + states + "\n";
  };
  const std::string job = "         1 job   1 PrlVm_Start vm=a b\n";
  const std::string begin = kBegin + job + event("VM_ABOUT_TO_START_INIT");
  const std::string starts = begin + change("STOPPED -> STARTING");
  const std::string runs = starts + event("VM_STARTED") + change("STARTING -> RUNNING");
  EXPECT_EQ(wrong_in(runs + kEnd), "");
  EXPECT_EQ(wrong_in(starts + change("STARTING -> RUNNING") + kEnd),
            "line 6: it comes without VM_STARTED");
  EXPECT_EQ(wrong_in(starts + change("STARTING -> STOPPED") + kEnd), "") << "that is taken back";
  EXPECT_EQ(wrong_in(starts + event("VM_CONTINUED") + change("STARTING -> RUNNING") + kEnd),
            "line 7: VM_CONTINUED does not bring that about");
  EXPECT_EQ(wrong_in(begin + event("VM_ABOUT_TO_START_INIT") + kEnd),
            "line 5: VM_ABOUT_TO_START_INIT has brought nothing about");
  EXPECT_EQ(wrong_in(kBegin + kStart + event("VM_STARTED") + kEnd),
            "line 5: this host sends no raw events");
  // A guest that boots anew.
  const std::string boots = runs + event("VM_ABOUT_TO_RESET");
  EXPECT_EQ(wrong_in(boots + event("VM_RESETED") + kEnd), "");
  EXPECT_EQ(wrong_in(boots + event("VM_STOPPED") + kEnd),
            "line 9: VM_ABOUT_TO_RESET has brought nothing about");
  // A process that dies.
  const std::string dies = runs + "         1 guest vm=a b died: of a page\n" +
                           event("VM_ABORTED") + change("RUNNING -> STOPPING");
  EXPECT_EQ(wrong_in(dies + change("STOPPING -> STOPPED") + kEnd), "");
  EXPECT_EQ(wrong_in(dies + event("VM_STOPPED") + kEnd), "line 11: the process of the VM has died");
  const std::string in_virtuozzo = "         0 world begins: trace 1, profile virtuozzo\n";
  EXPECT_EQ(wrong_in(in_virtuozzo + "         1 world vm=a b found STOPPED\n" + job +
                     event("VM_ABOUT_TO_START_INIT") + kEnd),
            "line 4: this product tells nothing of its VM processes");
}

// A job that waits for the lock of another is asked about anew each time that it tries.
TEST(ATrace, OfAJobThatWaitsIsJudgedWhenItWaitsAndWhenItTriesAgain) {
  const std::string clone =
      "         1 job   1 PrlVm_Clone vm=a b\n"
      "         2 job   2 PrlVm_Delete vm=a b\n";
  const std::string cloned = "       501 job   1 PrlVm_Clone vm=a b -> Ok\n";
  const std::string waits = "         2 wait  2 PrlVm_Delete vm=a b for LockedForClone\n";
  const std::string tries = "       501 wait  2 PrlVm_Delete vm=a b no longer\n";
  const std::string deleted =
      "       501 event VM_DELETED vm=a b\n"
      "       501 job   2 PrlVm_Delete vm=a b -> Ok\n";
  EXPECT_EQ(wrong_in(kBegin + clone + waits + cloned + tries + deleted + kEnd), "");
  EXPECT_EQ(
      wrong_in(kBegin + clone + "         2 wait  2 PrlVm_Delete vm=a b for NotStarted\n" + kEnd),
      "line 5: there is no such outcome");
  EXPECT_EQ(wrong_in(kBegin + clone +
                     "         2 wait  2 PrlVm_Delete vm=a b for LockedForExecute\n" + kEnd),
            "line 5: the lifecycle does not refuse it so in STOPPED");
  EXPECT_EQ(wrong_in(kBegin + clone + tries + kEnd), "line 5: it does not wait");
  EXPECT_EQ(wrong_in(kBegin + clone + "         2 wait  3 PrlVm_Delete vm=a b no longer\n" + kEnd),
            "line 5: a job waits that is not under way");
}

TEST(ATrace, OfAVmThatHasGoneIsRefused) {
  const std::string gone = kBegin +
                           "         2 job   1 PrlVm_Delete vm=a b\n"
                           "         2 event VM_DELETED vm=a b\n";
  EXPECT_EQ(wrong_in(gone + "         2 job   1 PrlVm_Delete vm=a b -> Ok\n" + kEnd), "");
  EXPECT_EQ(wrong_in(gone + "         3 event VM_CONFIG_CHANGED vm=a b\n" + kEnd),
            "line 5: the VM has gone");
  EXPECT_EQ(wrong_in(gone + "         3 event VM_ADDED vm=a b\n" +
                     "         4 event VM_CONFIG_CHANGED vm=a b\n" + kEnd),
            "");
  EXPECT_EQ(wrong_in(kBegin + kStart + "         2 event VM_DELETED vm=a b\n" + kEnd),
            "line 5: a VM goes that is at work");
}

// A VM can be called anything; each line is still one line.
TEST(AWorld, WritesATraceThatConforms) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "trace";
  {
    sim::WorldOptions options;
    options.clock = {.mode = sim::ClockSpec::Mode::kVirtual};
    options.trace_path = path;
    options.vms.push_back({.name = "a\nb -> vm=c", .ram_mib = 4, .cpu_count = 1});
    sim::SilentSession session;
    sim::World world(std::move(options));
    const auto ignore = [](const sim::Report&) {};
    world.login("PrlSrv_LoginLocal", session, ignore);
    sim::Uuid vm;
    world.list("PrlSrv_GetVmList",
               [&](const sim::Report& report) { vm = report.vms.at(0).config.uuid; });
    world.advance(10);
    for (const auto& [function, command] : std::vector<std::pair<sim::FunctionName, sim::Command>>{
             {"PrlVm_Start", sim::Command::kStart},
             {"PrlVm_Suspend", sim::Command::kSuspend},
             {"PrlVm_Pause", sim::Command::kPause},
             {"PrlVm_DropSuspendedState", sim::Command::kDropSuspendedState}}) {
      world.command(function, vm, {.command = command}, ignore);
      world.advance(1000);
    }
  }
  std::ifstream file(path);
  const TraceVerdict verdict = check_trace(file);
  EXPECT_EQ(verdict.violation, "");
  EXPECT_EQ(verdict.judged, 4u);
  EXPECT_EQ(verdict.states, 6u);
}

}  // namespace
}  // namespace prl::model
