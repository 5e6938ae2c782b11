// What becomes of writes to the disks of a VM that can be undone (vm-lifecycle 4.1). Guests write
// to no disk here; clients do, while the VM lives.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "tests/sdk/session.h"
#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

constexpr PRL_UINT32 kSectorBytes = 512;

std::string host_with(PRL_UNDO_DISKS_MODE mode, const std::string& state,
                      const std::string& more = "") {
  return "clock = \"virtual\"\n[[vm]]\nname = \"vm\"\nram_mib = 4\nstate = \"" + state +
         "\"\nsettings.Settings.Runtime.UndoDisks = " + std::to_string(mode) + "\n" +
         "[[vm.disk]]\nsize_mib = 8\n" + more;
}

// The first disk of the VM, as files of the host.
std::string disk_of(PRL_HANDLE vm) {
  const std::string config = text_of(
      [vm](PRL_STR text, PRL_UINT32_PTR length) { return PrlVmCfg_GetHomePath(vm, text, length); });
  return config.substr(0, config.rfind('/')) + "/harddisk.hdd";
}

void write_to(PRL_HANDLE vm, char value) {
  Handle disk;
  ASSERT_EQ(PrlDisk_OpenDisk(disk.out(), disk_of(vm).c_str(), PRL_DISK_WRITE, nullptr),
            PRL_ERR_SUCCESS);
  const std::vector<char> sector(kSectorBytes, value);
  ASSERT_EQ(PrlDisk_Write(disk, sector.data(), kSectorBytes, 3), PRL_ERR_SUCCESS);
}

char content_of(PRL_HANDLE vm) {
  Handle disk;
  EXPECT_EQ(PrlDisk_OpenDisk(disk.out(), disk_of(vm).c_str(), PRL_DISK_READ, nullptr),
            PRL_ERR_SUCCESS);
  std::vector<char> sector(kSectorBytes);
  EXPECT_EQ(PrlDisk_Read(disk, sector.data(), kSectorBytes, 3), PRL_ERR_SUCCESS);
  return sector.front();
}

PRL_UINT32 states_of(PRL_HANDLE vm) {
  Handle disk;
  EXPECT_EQ(PrlDisk_OpenDisk(disk.out(), disk_of(vm).c_str(), PRL_DISK_READ, nullptr),
            PRL_ERR_SUCCESS);
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlDisk_GetSnapshotsCount(disk, &count), PRL_ERR_SUCCESS);
  return count;
}

struct Host {
  explicit Host(PRL_UNDO_DISKS_MODE mode, const std::string& state = "stopped",
                const std::string& more = "")
      : session(host_with(mode, state, more)), vm(vm_by_name(session.server, "vm")) {
    states_before = states_of(vm);
    write_to(vm, 'a');
  }

  PRL_RESULT set_mode(PRL_UNDO_DISKS_MODE mode) const {
    EXPECT_EQ(finish(PrlVm_BeginEdit(vm)), PRL_ERR_SUCCESS);
    PrlVmCfg_SetUndoDisksMode(vm, mode);
    return finish(PrlVm_Commit(vm));
  }
  void start_and_write() const {
    ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
    write_to(vm, 'b');
    ASSERT_EQ(content_of(vm), 'b');
  }
  void stop() const { ASSERT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS); }
  void strike(const char* kind, PRL_CONST_STR whom) const {
    ASSERT_EQ(PrlSim_Strike(kind, whom, 0), PRL_ERR_SUCCESS);
    ASSERT_EQ(PrlSim_AdvanceTime(10'000), PRL_ERR_SUCCESS);
  }

  Session session;
  Handle vm;
  PRL_UINT32 states_before = 0;
};

TEST(UndoDisks, LoseWhatWasWrittenWhenTheVmIsStopped) {
  const Host host(PUD_REVERSE_CHANGES);
  for (const PRL_BOOL by_guest : {PRL_FALSE, PRL_TRUE}) {
    host.start_and_write();
    ASSERT_EQ(finish(PrlVm_Stop(host.vm, by_guest)), PRL_ERR_SUCCESS);
    EXPECT_EQ(content_of(host.vm), 'a');
    EXPECT_EQ(states_of(host.vm), host.states_before);
  }
}

TEST(UndoDisks, KeepWhatWasWrittenToAStoppedVm) {
  const Host host(PUD_REVERSE_CHANGES);
  host.start_and_write();
  host.stop();
  write_to(host.vm, 'c');
  host.start_and_write();
  host.stop();
  EXPECT_EQ(content_of(host.vm), 'c');
}

TEST(UndoDisks, KeepEverythingWhereTheyAreToldTo) {
  for (const auto mode : {PUD_DISABLE_UNDO_DISKS, PUD_COMMIT_CHANGES}) {
    const Host host(mode);
    host.start_and_write();
    host.stop();
    EXPECT_EQ(content_of(host.vm), 'b') << mode;
    EXPECT_EQ(states_of(host.vm), host.states_before);
  }
}

TEST(UndoDisks, StayPlainWhereTheyAre) {
  for (const auto mode : {PUD_REVERSE_CHANGES, PUD_COMMIT_CHANGES}) {
    const Host host(mode, "stopped", "kind = \"plain\"\n");
    host.start_and_write();
    host.stop();
    EXPECT_EQ(content_of(host.vm), mode == PUD_COMMIT_CHANGES ? 'b' : 'a');
    Handle disk;
    ASSERT_EQ(PrlDisk_OpenDisk(disk.out(), disk_of(host.vm).c_str(), PRL_DISK_WRITE, nullptr),
              PRL_ERR_SUCCESS);
    EXPECT_NE(PrlDisk_Compact(disk, nullptr, nullptr), PRL_ERR_SUCCESS) << "it is expanding";
  }
}

// The mode is that of the moment at which the VM is stopped.
TEST(UndoDisks, CanBeKeptAfterAll) {
  const Host host(PUD_REVERSE_CHANGES);
  host.start_and_write();
  EXPECT_EQ(host.set_mode(PUD_COMMIT_CHANGES), PRL_ERR_SUCCESS);
  host.stop();
  EXPECT_EQ(content_of(host.vm), 'b');
}

TEST(UndoDisks, StayAsTheyAreInASuspendedVm) {
  const Host host(PUD_REVERSE_CHANGES);
  host.start_and_write();
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(host.vm), 'b');
  ASSERT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(host.vm), 'b');
  ASSERT_EQ(finish(PrlVm_Reset(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(host.vm), 'b');
  host.stop();
  EXPECT_EQ(content_of(host.vm), 'a');
}

TEST(UndoDisks, LoseWhatWasWrittenWithTheSuspendedState) {
  const Host host(PUD_REVERSE_CHANGES);
  host.start_and_write();
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_DropSuspendedState(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(host.vm), 'a');
}

// The VM comes back to SUSPENDED, where nothing is decided.
TEST(UndoDisks, OutliveAResumeThatIsKilled) {
  const Host host(PUD_REVERSE_CHANGES);
  host.start_and_write();
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  const Handle resume(PrlVm_Resume(host.vm));
  ASSERT_EQ(state_of(host.vm), VMS_RESUMING);
  host.stop();
  ASSERT_EQ(state_of(host.vm), VMS_SUSPENDED);
  EXPECT_EQ(content_of(host.vm), 'b');
}

TEST(UndoDisks, LoseWhatWasWrittenWhenTheVmGoesDownByItself) {
  for (const char* kind : {"kill_vm", "guest_power_off"}) {
    const Host host(PUD_REVERSE_CHANGES);
    host.start_and_write();
    host.strike(kind, "vm");
    EXPECT_EQ(content_of(host.vm), 'a') << kind;
  }
}

// It is in the middle of stopping when its process dies, and nothing is left to wait for.
TEST(UndoDisks, LoseWhatWasWrittenWhenTheVmDiesWhileItStops) {
  const Host host(PUD_REVERSE_CHANGES);
  host.start_and_write();
  const Handle stop(PrlVm_Stop(host.vm, PRL_FALSE));
  ASSERT_EQ(state_of(host.vm), VMS_STOPPING);
  host.strike("kill_vm", "vm");
  ASSERT_EQ(state_of(host.vm), VMS_STOPPED);
  EXPECT_EQ(content_of(host.vm), 'a');
}

TEST(UndoDisks, OutliveTheServiceButNoPowerCut) {
  const Host host(PUD_REVERSE_CHANGES);
  host.start_and_write();
  host.strike("restart_service", nullptr);
  ASSERT_EQ(finish(start_login(host.session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(host.vm), 'b');
  host.strike("power_cut", nullptr);
  ASSERT_EQ(finish(start_login(host.session.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(host.vm), 'a');
}

TEST(UndoDisks, BeginWithTheHostWhereItsVmLives) {
  for (const char* state : {"running", "paused", "suspended"}) {
    const Session session(host_with(PUD_REVERSE_CHANGES, state));
    const Handle vm = vm_by_name(session.server, "vm");
    write_to(vm, 'b');
    ASSERT_EQ(finish(std::string(state) == "suspended" ? PrlVm_DropSuspendedState(vm)
                                                       : PrlVm_Stop(vm, PRL_FALSE)),
              PRL_ERR_SUCCESS);
    EXPECT_EQ(content_of(vm), 0) << state;
  }
}

TEST(UndoDisks, MayStayOpenAllTheWhile) {
  const Host host(PUD_REVERSE_CHANGES);
  Handle disk;
  ASSERT_EQ(PrlDisk_OpenDisk(disk.out(), disk_of(host.vm).c_str(), PRL_DISK_WRITE, nullptr),
            PRL_ERR_SUCCESS);
  std::vector<char> sector(kSectorBytes, 'b');
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlDisk_Write(disk, sector.data(), kSectorBytes, 3), PRL_ERR_SUCCESS);
  host.stop();
  ASSERT_EQ(PrlDisk_Read(disk, sector.data(), kSectorBytes, 3), PRL_ERR_SUCCESS);
  EXPECT_EQ(sector.front(), 'a');
  sector.assign(kSectorBytes, 'c');
  EXPECT_EQ(PrlDisk_Write(disk, sector.data(), kSectorBytes, 3), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(host.vm), 'c');
}

TEST(UndoDisks, LeaveNothingBehindWhereTheStartFails) {
  const Host host(PUD_REVERSE_CHANGES, "stopped",
                  "[[fault]]\nname = \"full\"\nmatch = { layer = \"storage\", step = \"create\", "
                  "path = \"*.hds\" }\neffect = { kind = \"no_space\" }\n");
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_DISK_INSUFFICIENT_SPACE);
  EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
  EXPECT_EQ(states_of(host.vm), host.states_before);
  host.start_and_write();
  host.stop();
  EXPECT_EQ(content_of(host.vm), 'a');
}

// ---- The question ----------------------------------------------------------------------------

Handle question_of(PRL_HANDLE vm) {
  Handle list;
  EXPECT_EQ(PrlVm_GetQuestions(vm, list.out()), PRL_ERR_SUCCESS);
  PRL_UINT32 count = 0;
  PrlHndlList_GetItemsCount(list, &count);
  Handle question;
  if (count > 0) PrlHndlList_GetItem(list, 0, question.out());
  return question;
}

PRL_RESULT answer(const Host& host, PRL_RESULT choice) {
  const Handle question = question_of(host.vm);
  EXPECT_NE(question.get(), kNoHandle);
  Handle event;
  EXPECT_EQ(PrlEvent_CreateAnswerEvent(question, event.out(), choice), PRL_ERR_SUCCESS);
  return finish(PrlSrv_SendAnswer(host.session.server, event));
}

TEST(UndoDisks, AskTheClientWhenTheVmIsStopped) {
  for (const bool keeps : {true, false}) {
    const Host host(PUD_PROMPT_BEHAVIOUR);
    host.start_and_write();
    EXPECT_EQ(question_of(host.vm).get(), kNoHandle);
    host.stop();
    PRL_RESULT code = 0;
    EXPECT_EQ(PrlEvent_GetErrCode(question_of(host.vm), &code), PRL_ERR_SUCCESS);
    EXPECT_EQ(code, PET_QUESTION_UNDO_DISKS_MODE);
    EXPECT_EQ(content_of(host.vm), 'b') << "nobody has decided yet";
    EXPECT_EQ(answer(host, PET_ANSWER_YES), PRL_ERR_INVALID_ARG);
    EXPECT_EQ(answer(host, keeps ? PET_ANSWER_COMMIT : PET_ANSWER_REVERT), PRL_ERR_SUCCESS);
    EXPECT_EQ(content_of(host.vm), keeps ? 'b' : 'a');
    EXPECT_EQ(states_of(host.vm), host.states_before);
    EXPECT_EQ(question_of(host.vm).get(), kNoHandle);
  }
}

// What was asked is asked again, about both sessions.
TEST(UndoDisks, GoOnWhereTheVmIsStartedBeforeAnybodyAnswers) {
  const Host host(PUD_PROMPT_BEHAVIOUR);
  host.start_and_write();
  host.stop();
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(question_of(host.vm).get(), kNoHandle);
  EXPECT_EQ(content_of(host.vm), 'b');
  host.stop();
  EXPECT_EQ(answer(host, PET_ANSWER_REVERT), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(host.vm), 'a');
}

TEST(UndoDisks, AskAgainWhenTheVmIsRegisteredAgain) {
  const Host host(PUD_PROMPT_BEHAVIOUR);
  host.start_and_write();
  host.stop();
  const std::string disk = disk_of(host.vm);
  ASSERT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(question_of(host.vm).get(), kNoHandle);
  ASSERT_EQ(finish(PrlSrv_RegisterVm(host.session.server, disk.substr(0, disk.rfind('/')).c_str(),
                                     PRL_TRUE)),
            PRL_ERR_SUCCESS);
  ASSERT_EQ(state_of(host.vm), VMS_STOPPED);
  EXPECT_EQ(answer(host, PET_ANSWER_REVERT), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(host.vm), 'a');
}

// ---- Beside other things ---------------------------------------------------------------------

TEST(UndoDisks, GoToAnotherHost) {
  const Host host(PUD_REVERSE_CHANGES);
  host.start_and_write();
  PRL_UINT32 world = 0;
  ASSERT_EQ(PrlSim_CreateWorld("clock = \"virtual\"\nseed = 2\n", &world), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_UseWorld(world), PRL_ERR_SUCCESS);
  const Handle there = new_server();
  ASSERT_EQ(finish(start_login(there)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Migrate(host.vm, there, "", 0, 0, PRL_FALSE)), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_UseWorld(world), PRL_ERR_SUCCESS);
  const Handle vm = vm_by_name(there, "vm");
  EXPECT_EQ(content_of(vm), 'b');
  ASSERT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(vm), 'a');
  ASSERT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
}

TEST(UndoDisks, DoNotGoWithSnapshots) {
  const Host host(PUD_REVERSE_CHANGES);
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "one", "")),
            PRL_ERR_VM_SNAPSHOT_IN_UNDO_DISKS_MODE);
  host.start_and_write();
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "one", "")),
            PRL_ERR_VM_SNAPSHOT_IN_UNDO_DISKS_MODE);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  host.stop();
  ASSERT_EQ(host.set_mode(PUD_DISABLE_UNDO_DISKS), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "one", "")), PRL_ERR_SUCCESS);
  EXPECT_EQ(host.set_mode(PUD_COMMIT_CHANGES), PRL_ERR_VM_EDIT_UNABLE_SWITCH_ON_UNDO_DISKS_MODE);
}

TEST(UndoDisks, AreSwitchedOnForAStoppedVmAndOffWhereNothingIsKeptApart) {
  const Host host(PUD_DISABLE_UNDO_DISKS);
  host.start_and_write();
  EXPECT_EQ(host.set_mode(PUD_REVERSE_CHANGES), PRL_ERR_VM_EDIT_UNABLE_SWITCH_ON_UNDO_DISKS_MODE);
  host.stop();
  ASSERT_EQ(host.set_mode(PUD_PROMPT_BEHAVIOUR), PRL_ERR_SUCCESS);
  for (int round = 0; round < 2; ++round) {
    host.start_and_write();
    EXPECT_EQ(host.set_mode(PUD_DISABLE_UNDO_DISKS),
              PRL_ERR_VM_EDIT_UNABLE_SWITCH_OFF_UNDO_DISKS_MODE);
    host.stop();
  }
  EXPECT_EQ(host.set_mode(PUD_DISABLE_UNDO_DISKS),
            PRL_ERR_VM_EDIT_UNABLE_SWITCH_OFF_UNDO_DISKS_MODE);
  ASSERT_EQ(answer(host, PET_ANSWER_COMMIT), PRL_ERR_SUCCESS);
  EXPECT_EQ(host.set_mode(PUD_DISABLE_UNDO_DISKS), PRL_ERR_SUCCESS);
}

TEST(UndoDisks, AreBackedUpOnlyWhereNothingIsKeptApart) {
  const Host host(PUD_REVERSE_CHANGES);
  const std::string uuid = uuid_of(host.vm);
  const auto back_up = [&] {
    return finish(
        PrlSrv_CreateVmBackup(host.session.server, uuid.c_str(), "", 0, "", "", 0, 0, PRL_FALSE));
  };
  EXPECT_EQ(back_up(), PRL_ERR_SUCCESS);
  host.start_and_write();
  EXPECT_EQ(back_up(), PRL_ERR_BACKUP_VM_IS_RUNNING_IN_UNDO_MODE);
  host.stop();
  EXPECT_EQ(back_up(), PRL_ERR_SUCCESS);
}

// The client's own states stay, with what they hold.
TEST(UndoDisks, LeaveStatesThatAClientHasMadeAlone) {
  const Host host(PUD_REVERSE_CHANGES);
  const PRL_GUID mine = {0x11111111, 0x2222, 0x3333, {4, 4, 5, 5, 6, 6, 7, 7}};
  host.start_and_write();
  {
    Handle disk;
    ASSERT_EQ(PrlDisk_OpenDisk(disk.out(), disk_of(host.vm).c_str(), PRL_DISK_WRITE, nullptr),
              PRL_ERR_SUCCESS);
    ASSERT_EQ(PrlDisk_CreateState(disk, nullptr, &mine, nullptr, nullptr), PRL_ERR_SUCCESS);
  }
  write_to(host.vm, 'c');
  host.stop();
  EXPECT_EQ(content_of(host.vm), 'a');
  Handle disk;
  ASSERT_EQ(PrlDisk_OpenDisk(disk.out(), disk_of(host.vm).c_str(), PRL_DISK_WRITE, nullptr),
            PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlDisk_SwitchToState(disk, nullptr, &mine, nullptr, nullptr), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(host.vm), 'b');
}

TEST(UndoDisks, CannotBeSwitchedOnInVirtuozzoButOff) {
  const Session session("profile = \"virtuozzo\"\n" + host_with(PUD_DISABLE_UNDO_DISKS, "stopped") +
                        "[[vm]]\nname = \"old\"\nsettings.Settings.Runtime.UndoDisks = 1\n");
  const auto set_mode = [](PRL_HANDLE vm, PRL_UNDO_DISKS_MODE mode) {
    EXPECT_EQ(finish(PrlVm_BeginEdit(vm)), PRL_ERR_SUCCESS);
    PrlVmCfg_SetUndoDisksMode(vm, mode);
    return finish(PrlVm_Commit(vm));
  };
  EXPECT_EQ(set_mode(vm_by_name(session.server, "vm"), PUD_REVERSE_CHANGES), PRL_ERR_UNIMPLEMENTED);
  EXPECT_EQ(set_mode(vm_by_name(session.server, "old"), PUD_DISABLE_UNDO_DISKS), PRL_ERR_SUCCESS);
}

TEST(UndoDisks, DoNothingInVirtuozzo) {
  const Session session("profile = \"virtuozzo\"\n" + host_with(PUD_REVERSE_CHANGES, "running"));
  const Handle vm = vm_by_name(session.server, "vm");
  write_to(vm, 'b');
  ASSERT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(vm), 'b');
}

// ---- One process after the other -------------------------------------------------------------

class UndoDisksOfAHome : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("PRLSIM_HOME", (folder_ / "home").c_str(), 1); }
  void TearDown() override { ::unsetenv("PRLSIM_HOME"); }

  // Another process writes to the disk of the running VM, and ends in an orderly way or not.
  static void write_elsewhere(PRL_UNDO_DISKS_MODE mode, bool is_killed) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      {
        const Host host(mode);
        host.start_and_write();
        if (is_killed) ::kill(::getpid(), SIGKILL);
      }
      ::_exit(HasFailure() ? 1 : 0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(WIFSIGNALED(status), is_killed);
    ASSERT_TRUE(is_killed || WEXITSTATUS(status) == 0);
  }

  const TemporaryFolder folder_;
};

TEST_F(UndoDisksOfAHome, LoseWhatWasWrittenWhenTheProcessIsKilled) {
  write_elsewhere(PUD_REVERSE_CHANGES, true);
  const Session session;
  const Handle vm = vm_by_name(session.server, "vm");
  ASSERT_EQ(state_of(vm), VMS_STOPPED);
  EXPECT_EQ(content_of(vm), 'a');
}

TEST_F(UndoDisksOfAHome, KeepWhatWasWrittenWhenTheProcessIsKilled) {
  write_elsewhere(PUD_COMMIT_CHANGES, true);
  const Session session;
  const Handle vm = vm_by_name(session.server, "vm");
  EXPECT_EQ(content_of(vm), 'b');
  EXPECT_EQ(states_of(vm), 1u);
}

TEST_F(UndoDisksOfAHome, AskTheNextProcessWhenOneIsKilled) {
  write_elsewhere(PUD_PROMPT_BEHAVIOUR, true);
  const Session session;
  const Handle vm = vm_by_name(session.server, "vm");
  ASSERT_EQ(state_of(vm), VMS_STOPPED);
  EXPECT_NE(question_of(vm).get(), kNoHandle);
  EXPECT_EQ(content_of(vm), 'b');
}

TEST_F(UndoDisksOfAHome, GoOnAsTheVmDoesAfterAnOrderlyEnd) {
  write_elsewhere(PUD_REVERSE_CHANGES, false);
  const Session session;
  const Handle vm = vm_by_name(session.server, "vm");
  ASSERT_EQ(state_of(vm), VMS_RUNNING);
  EXPECT_EQ(content_of(vm), 'b');
  ASSERT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(content_of(vm), 'a');
}

}  // namespace
}  // namespace prl::tests
