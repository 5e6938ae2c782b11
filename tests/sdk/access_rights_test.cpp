// What users may do with VMs that are not theirs (vm-lifecycle 2.1 step 6, 6.2; config-model 3.1).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "tests/sdk/session.h"
#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

constexpr const char* kUsers = R"(
[[user]]
name = "root"
[[user]]
name = "ann"
administrator = false
[[user]]
name = "bob"
administrator = false
)";

std::string scenario(const std::string& vms, const std::string& profile = "desktop") {
  return "profile = \"" + profile + "\"\n" + kVirtualClock + kUsers + vms;
}

std::string vm_of_ann(const std::string& shared) {
  return "[[vm]]\nname = \"vm\"\nram_mib = 4\nowner = \"ann\"\nshared = \"" + shared + "\"\n";
}

Handle log_in_as(const std::string& user) {
  Handle server = new_server();
  EXPECT_EQ(
      finish(PrlSrv_Login(server, "localhost", user.c_str(), "", nullptr, 0, 0, PSL_HIGH_SECURITY)),
      PRL_ERR_SUCCESS);
  return server;
}

Handle rights_of(PRL_HANDLE vm) {
  Handle rights;
  EXPECT_EQ(PrlVmCfg_GetAccessRights(vm, rights.out()), PRL_ERR_SUCCESS);
  return rights;
}

PRL_RESULT share(PRL_HANDLE vm, PRL_VM_ACCESS_FOR_OTHERS level) {
  const Handle rights = rights_of(vm);
  EXPECT_EQ(PrlAcl_SetAccessForOthers(rights, level), PRL_ERR_SUCCESS);
  return finish(PrlVm_UpdateSecurity(vm, rights));
}

bool is_allowed(PRL_HANDLE rights, PRL_ALLOWED_VM_COMMAND command) {
  PRL_BOOL allowed = PRL_FALSE;
  EXPECT_EQ(PrlAcl_IsAllowed(rights, command, &allowed), PRL_ERR_SUCCESS);
  return allowed != PRL_FALSE;
}

bool is_owner(PRL_HANDLE rights) {
  PRL_BOOL owner = PRL_FALSE;
  EXPECT_EQ(PrlAcl_IsCurrentSessionOwner(rights, &owner), PRL_ERR_SUCCESS);
  return owner != PRL_FALSE;
}

std::string owner_of(PRL_HANDLE rights) {
  return text_of([rights](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlAcl_GetOwnerName(rights, text, length);
  });
}

std::vector<std::string> names_in_list(PRL_HANDLE server) {
  const Handle job(PrlSrv_GetVmList(server));
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  Handle result;
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  PRL_UINT32 count = 0;
  PrlResult_GetParamsCount(result, &count);
  std::vector<std::string> names;
  for (PRL_UINT32 i = 0; i < count; ++i) {
    Handle vm;
    EXPECT_EQ(PrlResult_GetParamByIndex(result, i, vm.out()), PRL_ERR_SUCCESS);
    names.push_back(name_of(vm));
  }
  return names;
}

// ---- The table of 6.2 ------------------------------------------------------------------------

struct Level {
  const char* name;
  PRL_VM_ACCESS_FOR_OTHERS level;
  std::string granted;  // of r, w, x
};
const Level kLevels[] = {{"no", PAO_VM_NOT_SHARED, ""},
                         {"view", PAO_VM_SHARED_ON_VIEW, "r"},
                         {"run", PAO_VM_SHARED_ON_VIEW_AND_RUN, "rx"},
                         {"full", PAO_VM_SHARED_ON_FULL_ACCESS, "rwx"}};

struct Request {
  const char* name;
  std::string needed;  // of r, w, x and o, what the owner keeps
  PRL_ALLOWED_VM_COMMAND command;
  std::function<PRL_HANDLE(PRL_HANDLE vm)> start;
  bool is_free_in_virtuozzo = false;
};

const char* const kNowhere = "{01234567-89ab-cdef-0123-456789abcdef}";

const std::vector<Request>& requests() {
  constexpr bool kFree = true;
  static const std::vector<Request> all = {
      {"RefreshConfig", "r", PAR_VM_GETCONFIG_ACCESS, PrlVm_RefreshConfig},
      {"GetState", "r", PAR_VM_GET_VMINFO_ACCESS, PrlVm_GetState},
      {"GetStatistics", "r", PAR_VM_GETSTATISTICS_ACCESS, PrlVm_GetStatistics},
      {"SubscribeToGuestStatistics", "r", PAR_VM_SUBSCRIBETOGUESTSTATISTICS_ACCESS,
       PrlVm_SubscribeToGuestStatistics},
      {"GetPerfStats", "r", PAR_VM_PERFSTAT_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_GetPerfStats(vm, ""); }},
      {"GetSuspendedScreen", "r", PAR_VM_GET_SUSPENDED_SCREEN_ACCESS, PrlVm_GetSuspendedScreen},
      {"Clone", "r", PAR_VM_CLONE_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_Clone(vm, "copy", "", PRL_FALSE); }},
      {"GetToolsState", "r", PAR_VM_GET_TOOLS_INFO, PrlVm_GetToolsState},
      {"GetProblemReport", "r", PAR_VM_GETPROBLEMREPORT_ACCESS, PrlVm_GetProblemReport},
      {"Start", "rx", PAR_VM_START_ACCESS, PrlVm_Start, kFree},
      {"Resume", "rx", PAR_VM_RESUME_ACCESS, PrlVm_Resume, kFree},
      {"Stop", "rx", PAR_VM_STOP_ACCESS, [](PRL_HANDLE vm) { return PrlVm_Stop(vm, PRL_FALSE); },
       kFree},
      {"Pause", "rx", PAR_VM_PAUSE_ACCESS, [](PRL_HANDLE vm) { return PrlVm_Pause(vm, PRL_FALSE); },
       kFree},
      {"Suspend", "rx", PAR_VM_SUSPEND_ACCESS, PrlVm_Suspend, kFree},
      {"Reset", "rx", PAR_VM_RESET_ACCESS, PrlVm_Reset, kFree},
      {"Restart", "rx", PAR_VM_RESTART_GUEST_ACCESS, PrlVm_Restart, kFree},
      {"DropSuspendedState", "rx", PAR_VM_DROPSUSPENDEDSTATE_ACCESS, PrlVm_DropSuspendedState,
       kFree},
      {"ChangeSid", "rx", PAR_VM_CHANGE_SID_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_ChangeSid(vm, 0); }},
      {"BeginEdit", "rw", PAR_VM_BEGINEDIT_ACCESS, PrlVm_BeginEdit},
      {"Commit", "rw", PAR_VM_COMMIT_ACCESS, PrlVm_Commit},
      {"Unreg", "rw", PAR_VM_UNREG_ACCESS, PrlVm_Unreg},
      {"Delete", "rw", PAR_VM_DELETE_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_Delete(vm, kNoHandle); }},
      {"ConvertDisks", "rw", PAR_VM_CONVERT_DISKS_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_ConvertDisks(vm, PHD_EXPANDING_HARD_DISK, 0); }},
      {"StartEx", "rwx", PAR_VM_START_EX_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_StartEx(vm, PSM_VM_START, 0); }, kFree},
      {"CreateSnapshot", "rwx", PAR_VM_CREATE_SNAPSHOT_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_CreateSnapshot(vm, "one", ""); }, kFree},
      {"SwitchToSnapshot", "rwx", PAR_VM_SWITCH_TO_SNAPSHOT_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_SwitchToSnapshot(vm, kNowhere); }, kFree},
      {"DeleteSnapshot", "rwx", PAR_VM_DELETE_SNAPSHOT_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_DeleteSnapshot(vm, kNowhere, PRL_FALSE); }, kFree},
      {"InstallTools", "rwx", PAR_VM_INSTALL_TOOLS_ACCESS, PrlVm_InstallTools},
      {"MigrateCancel", "rwx", PAR_VM_MIGRATE_CANCEL_ACCESS_OBSOLETE, PrlVm_MigrateCancel},
      {"Move", "rwx", PAR_VM_MOVE_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_Move(vm, "/prlsim/elsewhere", 0); }},
      {"Mount", "rwx", PAR_VM_MOUNT_ACCESS_OBSOLETE,
       [](PRL_HANDLE vm) { return PrlVm_Mount(vm, "", 0); }},
      {"Lock", "rwx", PAR_VM_LOCK_ACCESS, [](PRL_HANDLE vm) { return PrlVm_Lock(vm, 0); }},
      {"Unlock", "rwx", PAR_VM_UNLOCK_ACCESS, [](PRL_HANDLE vm) { return PrlVm_Unlock(vm, 0); }},
      {"Compact", "rwx", PAR_VM_COMPACT_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_Compact(vm, 1, 0); }},
      {"StartVncServer", "rwx", PAR_VM_START_STOP_VNC_SERVER,
       [](PRL_HANDLE vm) { return PrlVm_StartVncServer(vm, 0); }},
      {"InternalCommand", "rwx", PAR_VM_INTERNAL_CMD_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_InternalCommand(vm, "anything", kNoHandle); }},
      {"UpdateSecurity", "rwxo", PAR_VM_UPDATE_SECURITY_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_UpdateSecurity(vm, rights_of(vm)); }},
      {"ResetUptime", "rwxo", PAR_VM_RESET_UPTIME_ACCESS,
       [](PRL_HANDLE vm) { return PrlVm_ResetUptime(vm, 0); }},
  };
  return all;
}

bool covers(const std::string& granted, const std::string& needed) {
  return needed.find_first_not_of(granted) == needed.npos;
}

// The library with sessions of ann, whose VM it is, and of bob, who got to know it while it was
// shared in full.
struct TwoUsers {
  explicit TwoUsers(const std::string& profile = "desktop")
      : library(scenario(vm_of_ann("full"), profile)),
        ann(log_in_as("ann")),
        bob(log_in_as("bob")),
        hers(vm_by_name(ann, "vm")),
        his(vm_by_name(bob, "vm")) {}

  Library library;
  Handle ann, bob;
  Handle hers, his;  // handles of the one VM
};

class AccessRights : public testing::TestWithParam<const char*> {};

TEST_P(AccessRights, OfOthersAreThoseOfTheSharingLevel) {
  const std::string profile = GetParam();
  for (const Level& level : kLevels) {
    for (const Request& request : requests()) {
      const TwoUsers site(profile);
      ASSERT_EQ(share(site.hers, level.level), PRL_ERR_SUCCESS);
      const bool is_free = request.is_free_in_virtuozzo && profile == "virtuozzo";
      const PRL_RESULT code = finish(request.start(site.his));
      EXPECT_EQ(code != PRL_ERR_ACCESS_TO_VM_DENIED,
                is_free || covers(level.granted, request.needed))
          << request.name << ", shared " << level.name << ": " << prl_result_to_string(code);
    }
  }
}

TEST_P(AccessRights, OfOwnerAndAdministratorsAreAll) {
  for (const char* user : {"ann", "root"}) {
    for (const Request& request : requests()) {
      const TwoUsers site(GetParam());
      ASSERT_EQ(share(site.hers, PAO_VM_NOT_SHARED), PRL_ERR_SUCCESS);
      const Handle session = log_in_as(user);
      const Handle vm = vm_by_name(session, "vm");
      EXPECT_NE(finish(request.start(vm)), PRL_ERR_ACCESS_TO_VM_DENIED)
          << request.name << " by " << user;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Profiles, AccessRights, testing::Values("desktop", "virtuozzo"));

// vm-lifecycle 8, invariant 37: the answers are those of the level, also after changes of state.
TEST(AllowedCommands, AreThoseThatTheHostServes) {
  for (const Level& level : kLevels) {
    const TwoUsers site;
    ASSERT_EQ(share(site.hers, level.level), PRL_ERR_SUCCESS);
    const bool can_see = !level.granted.empty();
    ASSERT_EQ(finish(PrlVm_RefreshConfig(site.his)),
              can_see ? PRL_ERR_SUCCESS : PRL_ERR_ACCESS_TO_VM_DENIED);
    const Handle rights = rights_of(site.his);
    const std::string known = can_see ? level.granted : "rwx";  // of the last look
    for (const auto& change : {PrlVm_Start, PrlVm_Suspend, PrlVm_Resume}) {
      ASSERT_EQ(finish(change(site.hers)), PRL_ERR_SUCCESS);
      if (can_see) {
        ASSERT_EQ(finish(PrlVm_RefreshConfig(site.his)), PRL_ERR_SUCCESS);
      }
      for (const Request& request : requests()) {
        EXPECT_EQ(is_allowed(rights, request.command), covers(known, request.needed))
            << request.name << ", shared " << level.name;
        EXPECT_TRUE(is_allowed(rights_of(site.hers), request.command)) << request.name;
      }
    }
  }
}

TEST(AllowedCommands, OfANumberThatNamesNoCommandAreTheOwners) {
  const TwoUsers site;
  const auto unknown = static_cast<PRL_ALLOWED_VM_COMMAND>(30);
  EXPECT_FALSE(is_allowed(rights_of(site.his), unknown));
  EXPECT_TRUE(is_allowed(rights_of(site.hers), unknown));
}

// ---- The order of the checks -----------------------------------------------------------------

TEST(ARefusalForRights, ComesAfterTheExclusiveLock) {
  const TwoUsers site;
  ASSERT_EQ(share(site.hers, PAO_VM_NOT_SHARED), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Lock(site.hers, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(site.his)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(finish(PrlVm_BeginEdit(site.his)), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  EXPECT_EQ(share(site.his, PAO_VM_NOT_SHARED), PRL_ERR_VM_IS_EXCLUSIVELY_LOCKED);
  ASSERT_EQ(finish(PrlVm_Unlock(site.hers, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(site.his)), PRL_ERR_ACCESS_TO_VM_DENIED);
}

TEST(ARefusalForRights, ComesBeforeTheStateAndTheOperationLock) {
  const TwoUsers site;
  ASSERT_EQ(share(site.hers, PAO_VM_SHARED_ON_VIEW), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Suspend(site.hers)), PRL_ERR_DISP_VM_IS_NOT_STARTED);
  EXPECT_EQ(finish(PrlVm_Suspend(site.his)), PRL_ERR_ACCESS_TO_VM_DENIED);
  const Handle cloning(PrlVm_Clone(site.hers, "copy", "", PRL_FALSE));
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(finish(PrlVm_Delete(site.his, kNoHandle)), PRL_ERR_ACCESS_TO_VM_DENIED);
}

TEST(ARefusalForRights, IsNoneForAVmThatIsGone) {
  const TwoUsers site;
  ASSERT_EQ(share(site.hers, PAO_VM_NOT_SHARED), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Unreg(site.hers)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(site.his)), PRL_ERR_VM_UUID_NOT_FOUND);
}

// In V nobody looks at the rights, but at the state (vm-lifecycle 2.1).
TEST(ARefusalForRights, IsNoneForPowerCommandsInVirtuozzo) {
  const TwoUsers site("virtuozzo");
  ASSERT_EQ(share(site.hers, PAO_VM_NOT_SHARED), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(site.his)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_CreateSnapshot(site.his, "one", "")), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Lock(site.his, 0)), PRL_ERR_ACCESS_TO_VM_DENIED);
}

// vm-lifecycle 8, invariant 5
TEST(ARefusalForRights, ChangesNothingAndTellsNobody) {
  const TwoUsers site;
  ASSERT_EQ(share(site.hers, PAO_VM_SHARED_ON_VIEW), PRL_ERR_SUCCESS);
  Recorder recorder(site.ann);
  EXPECT_EQ(finish(PrlVm_Start(site.his)), PRL_ERR_ACCESS_TO_VM_DENIED);
  EXPECT_EQ(share(site.his, PAO_VM_SHARED_ON_FULL_ACCESS), PRL_ERR_ACCESS_TO_VM_DENIED);
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(site.hers));
  EXPECT_TRUE(std::ranges::all_of(seen, [](const Seen& one) { return one.kind == PHT_JOB; }));
  EXPECT_EQ(state_of(site.hers), VMS_STOPPED);
  EXPECT_EQ(finish(PrlVm_Start(site.his)), PRL_ERR_ACCESS_TO_VM_DENIED) << "as before";
}

// ---- VMs that a user does not know of ----------------------------------------------------------

TEST(AVmThatIsNotShared, IsInNoListOfOthersAndTheirQuestionsAreDenied) {
  const Library library(scenario(vm_of_ann("no")));
  const Handle ann = log_in_as("ann");
  const Handle bob = log_in_as("bob");
  const Handle root = log_in_as("root");
  EXPECT_EQ(names_in_list(ann), std::vector<std::string>{"vm"});
  EXPECT_EQ(names_in_list(root), std::vector<std::string>{"vm"});
  EXPECT_EQ(names_in_list(bob), std::vector<std::string>{});
  const std::string uuid = uuid_of(vm_by_name(ann, "vm"));
  EXPECT_EQ(finish(PrlSrv_GetVmConfig(bob, "vm", PGVC_SEARCH_BY_NAME)),
            PRL_ERR_ACCESS_TO_VM_DENIED);
  EXPECT_EQ(finish(PrlSrv_GetVmConfig(bob, uuid.c_str(), PGVC_SEARCH_BY_UUID)),
            PRL_ERR_ACCESS_TO_VM_DENIED);
}

TEST(AVmThatIsNotShared, AppearsWhenItsOwnerSharesIt) {
  const Library library(scenario(vm_of_ann("no")));
  const Handle ann = log_in_as("ann");
  const Handle bob = log_in_as("bob");
  const Handle hers = vm_by_name(ann, "vm");
  Recorder recorder(bob);
  ASSERT_EQ(finish(PrlVm_Start(hers)), PRL_ERR_SUCCESS);
  EXPECT_EQ(recorder.up_to_end_of(PrlSrv_GetVmList(bob)).size(), 1u) << "but the job";
  ASSERT_EQ(share(hers, PAO_VM_SHARED_ON_VIEW), PRL_ERR_SUCCESS);
  EXPECT_EQ(names_in_list(bob), std::vector<std::string>{"vm"});
  ASSERT_EQ(finish(PrlVm_Pause(hers, PRL_FALSE)), PRL_ERR_SUCCESS);
  const auto seen = recorder.up_to_end_of(PrlSrv_GetVmList(bob));
  EXPECT_EQ(states_in(seen), (std::vector<PRL_INT32>{VMS_PAUSING, VMS_PAUSED}));
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_SECURITY_CHANGED, &Seen::event), 1);

  ASSERT_EQ(share(hers, PAO_VM_NOT_SHARED), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Start(hers)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Stop(hers, PRL_FALSE)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Delete(hers, kNoHandle)), PRL_ERR_SUCCESS);
  EXPECT_EQ(states_in(recorder.up_to_end_of(PrlSrv_GetVmList(bob))).size(), 2u) << "as before";
}

TEST(AVmThatIsNotShared, TellsItsOwnerAndAdministratorsTheSame) {
  const Library library(scenario(vm_of_ann("no")));
  const Handle ann = log_in_as("ann");
  const Handle root = log_in_as("root");
  const Handle hers = vm_by_name(ann, "vm");
  Recorder told_ann(ann);
  Recorder told_root(root);
  ASSERT_EQ(finish(PrlVm_Start(hers)), PRL_ERR_SUCCESS);
  const auto states = states_in(told_ann.up_to_end_of(PrlVm_GetState(hers)));
  EXPECT_EQ(states, (std::vector<PRL_INT32>{VMS_STARTING, VMS_RUNNING}));
  EXPECT_EQ(states_in(told_root.up_to_end_of(PrlSrv_GetVmList(root))), states);
}

// ---- Owners ------------------------------------------------------------------------------------

TEST(TheOwner, IsWhoMadeTheVm) {
  const Library library(scenario(vm_of_ann("view")));
  const Handle bob = log_in_as("bob");
  const Handle made = unregistered_vm(bob, "made");
  EXPECT_TRUE(is_owner(rights_of(made)));
  EXPECT_EQ(finish(PrlVm_Reg(made, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(owner_of(rights_of(made)), "bob@prlsim-host");
  EXPECT_TRUE(is_owner(rights_of(made)));
  const Handle hers = vm_by_name(bob, "vm");
  EXPECT_EQ(owner_of(rights_of(hers)), "ann@prlsim-host");
  EXPECT_FALSE(is_owner(rights_of(hers)));
  const Handle copy = answer_of(PrlVm_Clone(hers, "copy", "", PRL_FALSE));
  EXPECT_EQ(owner_of(rights_of(copy)), "bob@prlsim-host");

  const Handle ann = log_in_as("ann");
  EXPECT_EQ(names_in_list(ann), std::vector<std::string>{"vm"}) << "copies are not shared";
}

TEST(TheOwner, IsTheFirstUserUnlessTheScenarioSaysOtherwise) {
  const Library library(scenario("[[vm]]\nname = \"vm\"\n"));
  const Handle local = new_server();
  ASSERT_EQ(finish(start_login(local)), PRL_ERR_SUCCESS);
  const Handle rights = rights_of(vm_by_name(local, "vm"));
  EXPECT_EQ(owner_of(rights), "root@prlsim-host");
  EXPECT_TRUE(is_owner(rights));
  EXPECT_EQ(names_in_list(log_in_as("ann")), std::vector<std::string>{});
}

TEST(TheOwner, StaysWhenTheVmGoesBackToASnapshot) {
  const TwoUsers site;
  const std::string snapshot = text_result_of(PrlVm_CreateSnapshot(site.hers, "one", ""));
  ASSERT_EQ(share(site.hers, PAO_VM_SHARED_ON_VIEW), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_SwitchToSnapshot(site.hers, snapshot.c_str())), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(site.his)), PRL_ERR_ACCESS_TO_VM_DENIED);
}

TEST(TheOwner, OfAVmThatIsRegisteredAgainIsWhoDoesThat) {
  const TwoUsers site;
  ASSERT_EQ(finish(PrlVm_Unreg(site.hers)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlSrv_RegisterVm(site.bob, "/prlsim/vms/vm.pvm", PRL_TRUE)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(is_owner(rights_of(vm_by_name(site.bob, "vm"))));
}

TEST(TheOwner, AndTheSharingOutliveTheProcess) {
  const TemporaryFolder home;
  ASSERT_EQ(setenv("PRLSIM_HOME", home.path().c_str(), 1), 0);
  {
    const TwoUsers site;
    ASSERT_EQ(share(site.hers, PAO_VM_SHARED_ON_VIEW), PRL_ERR_SUCCESS);
  }
  {
    const Library library(scenario(""));  // the home knows of the VM
    const Handle bob = log_in_as("bob");
    const Handle his = vm_by_name(bob, "vm");
    EXPECT_EQ(owner_of(rights_of(his)), "ann@prlsim-host");
    EXPECT_EQ(finish(PrlVm_Start(his)), PRL_ERR_ACCESS_TO_VM_DENIED);
  }
  unsetenv("PRLSIM_HOME");
}

// ---- Backups
// -------------------------------------------------------------------------------------

TEST(Backups, AreMadeByWhoMayLookAndBroughtBackByWhoMayDoEverything) {
  const TwoUsers site;
  const std::string uuid = uuid_of(site.hers);
  const auto back_up = [&] {
    return finish(
        PrlSrv_CreateVmBackup(site.bob, uuid.c_str(), "", 0, "", "", PBT_FULL, 0, PRL_FALSE));
  };
  const auto restore = [&] {
    return finish(
        PrlSrv_RestoreVmBackup(site.bob, uuid.c_str(), "", "", 0, "", "", "", 0, 0, PRL_FALSE));
  };
  ASSERT_EQ(share(site.hers, PAO_VM_SHARED_ON_VIEW), PRL_ERR_SUCCESS);
  EXPECT_EQ(back_up(), PRL_ERR_SUCCESS);
  EXPECT_EQ(restore(), PRL_ERR_ACCESS_TO_VM_DENIED);
  ASSERT_EQ(share(site.hers, PAO_VM_SHARED_ON_FULL_ACCESS), PRL_ERR_SUCCESS);
  EXPECT_EQ(restore(), PRL_ERR_SUCCESS);
  EXPECT_EQ(owner_of(rights_of(vm_by_name(site.bob, "vm"))), "ann@prlsim-host");
  ASSERT_EQ(share(site.hers, PAO_VM_NOT_SHARED), PRL_ERR_SUCCESS);
  EXPECT_EQ(back_up(), PRL_ERR_ACCESS_TO_VM_DENIED);
}

// ---- What users are told of themselves
// -----------------------------------------------------------

bool is_administrator(PRL_HANDLE server) {
  const Handle profile = answer_of(PrlSrv_GetUserProfile(server));
  PRL_BOOL administrator = PRL_FALSE;
  EXPECT_EQ(PrlUsrCfg_IsLocalAdministrator(profile, &administrator), PRL_ERR_SUCCESS);
  return administrator != PRL_FALSE;
}

TEST(TheUserProfile, TellsWhetherTheUserIsAnAdministrator) {
  const Library library(scenario(""));
  const Handle root = log_in_as("root");
  const Handle ann = log_in_as("ann");
  EXPECT_TRUE(is_administrator(root));
  EXPECT_FALSE(is_administrator(ann));
  ASSERT_EQ(finish(PrlSrv_UserProfileBeginEdit(ann)), PRL_ERR_SUCCESS);
  const Handle profile = answer_of(PrlSrv_GetUserProfile(ann));
  ASSERT_EQ(finish(PrlSrv_UserProfileCommit(ann, profile)), PRL_ERR_SUCCESS);
  EXPECT_TRUE(is_administrator(root));
}

TEST(TheRecordOfAVm, TellsTheRightsOfTheSessionThatAsked) {
  const TwoUsers site;
  ASSERT_EQ(share(site.hers, PAO_VM_SHARED_ON_VIEW_AND_RUN), PRL_ERR_SUCCESS);
  for (const bool is_hers : {true, false}) {
    const Handle info = answer_of(PrlVm_GetState(is_hers ? site.hers : site.his));
    Handle rights;
    ASSERT_EQ(PrlVmInfo_GetAccessRights(info, rights.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(owner_of(rights), "ann@prlsim-host");
    EXPECT_EQ(is_owner(rights), is_hers);
    EXPECT_TRUE(is_allowed(rights, PAR_VM_START_ACCESS));
    EXPECT_EQ(is_allowed(rights, PAR_VM_DELETE_ACCESS), is_hers);
    PRL_VM_ACCESS_FOR_OTHERS level = PAO_VM_NOT_SHARED;
    EXPECT_EQ(PrlAcl_GetAccessForOthers(rights, &level), PRL_ERR_SUCCESS);
    EXPECT_EQ(level, PAO_VM_SHARED_ON_VIEW_AND_RUN);
  }
}

TEST(TheRecordOfAVm, TellsNothingToWhoMayNotLook) {
  const TwoUsers site;
  const auto seen_at_once = [](PRL_HANDLE vm) {
    Handle info;
    EXPECT_EQ(PrlVmCfg_GetVmInfo(vm, info.out()), PRL_ERR_SUCCESS);
    VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
    EXPECT_EQ(PrlVmInfo_GetState(info, &state), PRL_ERR_SUCCESS);
    return state;
  };
  EXPECT_EQ(seen_at_once(site.his), VMS_STOPPED);
  ASSERT_EQ(share(site.hers, PAO_VM_NOT_SHARED), PRL_ERR_SUCCESS);
  EXPECT_EQ(seen_at_once(site.his), VMS_UNKNOWN);
  EXPECT_EQ(seen_at_once(site.hers), VMS_STOPPED);
}

// Whose VM it is does not change with its host, where other users may have that name, or nobody.
TEST(AMigratedVm, KeepsItsOwnerAndWhatOthersMay) {
  const Session here(scenario(vm_of_ann("view")));
  PRL_UINT32 world = 0;
  const std::string other = scenario("") + "[host]\nname = \"there\"\n";
  ASSERT_EQ(PrlSim_CreateWorld(other.c_str(), &world), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlSim_UseWorld(world), PRL_ERR_SUCCESS);
  const Handle there = log_in_as("root");
  const Handle ann = log_in_as("ann");
  const Handle bob = log_in_as("bob");
  ASSERT_EQ(PrlSim_UseWorld(0), PRL_ERR_SUCCESS);
  const Handle vm = vm_by_name(here.server, "vm");
  ASSERT_EQ(finish(PrlVm_Migrate(vm, there, "", 0, 0, PRL_FALSE)), PRL_ERR_SUCCESS);
  const Handle hers = vm_by_name(ann, "vm");
  EXPECT_EQ(owner_of(rights_of(hers)), "ann@there");
  EXPECT_TRUE(is_owner(rights_of(hers)));
  const Handle his = vm_by_name(bob, "vm");
  EXPECT_EQ(finish(PrlVm_GetState(his)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(his)), PRL_ERR_ACCESS_TO_VM_DENIED);
  EXPECT_EQ(finish(PrlVm_Start(hers)), PRL_ERR_SUCCESS);
}

// Whoever names a user where the host knows none is an administrator.
TEST(AHostWithoutUsers, LetsEverybodyDoEverything) {
  const Session session;
  const Handle vm = new_vm(session.server, "vm");
  EXPECT_EQ(owner_of(rights_of(vm)), "root@prlsim-host");
  const Handle guest = log_in_as("guest");
  const Handle seen = vm_by_name(guest, "vm");
  EXPECT_FALSE(is_owner(rights_of(seen)));
  EXPECT_TRUE(is_allowed(rights_of(seen), PAR_VM_UPDATE_SECURITY_ACCESS));
  EXPECT_EQ(finish(PrlVm_Delete(seen, kNoHandle)), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
