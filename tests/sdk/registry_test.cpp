// How folders become VMs of a host, how they are found, and how the service of a host ends
// (vm-lifecycle 2.4, 4.5 and 8).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

std::string folder_of(PRL_HANDLE vm) {
  const std::string path = text_of(
      [vm](PRL_STR text, PRL_UINT32_PTR length) { return PrlVmCfg_GetHomePath(vm, text, length); });
  return path.substr(0, path.rfind('/'));
}

struct Host : Session {
  Host() : vm(new_vm(server, "vm")), folder(folder_of(vm)) {}

  PRL_RESULT register_again() const {
    return finish(PrlSrv_RegisterVm(server, folder.c_str(), PRL_TRUE));
  }

  const Handle vm;
  const std::string folder;
};

void write_word(PRL_HANDLE vm, PRL_UINT64 word) {
  EXPECT_EQ(PrlSim_WriteGuestMemory(vm, 3 << 20, &word, sizeof(word)), PRL_ERR_SUCCESS);
}
PRL_UINT64 read_word(PRL_HANDLE vm) {
  PRL_UINT64 word = 0;
  EXPECT_EQ(PrlSim_ReadGuestMemory(vm, 3 << 20, &word, sizeof(word)), PRL_ERR_SUCCESS);
  return word;
}

TEST(RegisterVm, BringsAnUnregisteredVmBackWithAllItsSettings) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_BeginEdit(host.vm)), PRL_ERR_SUCCESS);
  PrlVmCfg_SetDescription(host.vm, "described");
  PrlVmCfg_SetRamSize(host.vm, 8);
  ASSERT_EQ(finish(PrlVm_Commit(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
  Recorder recorder(host.server);
  const Handle vm = answer_of(PrlSrv_RegisterVm(host.server, host.folder.c_str(), PRL_TRUE));
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(vm));
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_ADDED, &Seen::event), 1);
  EXPECT_EQ(name_of(vm), "vm");
  EXPECT_EQ(uuid_of(vm), uuid_of(host.vm));
  EXPECT_EQ(folder_of(vm), host.folder);
  PRL_UINT32 ram_mib = 0;
  PrlVmCfg_GetRamSize(vm, &ram_mib);
  EXPECT_EQ(ram_mib, 8u);
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlVmCfg_GetDescription(vm, text, length);
            }),
            "described");
}

// vm-lifecycle 8, invariant 25
std::vector<std::string> listed_names(PRL_HANDLE server) {
  const Handle job(PrlSrv_GetVmList(server));
  EXPECT_EQ(PrlJob_Wait(job, 1000), PRL_ERR_SUCCESS);
  PRL_HANDLE given = PRL_INVALID_HANDLE;
  EXPECT_EQ(PrlJob_GetResult(job, &given), PRL_ERR_SUCCESS);
  const Handle result(given);
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlResult_GetParamsCount(result, &count), PRL_ERR_SUCCESS);
  std::vector<std::string> names;
  for (PRL_UINT32 i = 0; i < count; ++i) {
    PRL_HANDLE vm = PRL_INVALID_HANDLE;
    EXPECT_EQ(PrlResult_GetParamByIndex(result, i, &vm), PRL_ERR_SUCCESS);
    names.push_back(name_of(Handle(vm)));
  }
  return names;
}

// With the handles of some of them held, of others freed, and most of them gone in between.
TEST(GetVmList, NamesAllInTheOrderInWhichTheyWereRegistered) {
  const Session session;
  std::vector<Handle> held;
  std::vector<std::string> expected = listed_names(session.server);
  for (int i = 0; i < 60; ++i) {
    const std::string name = "vm" + std::to_string(i);
    Handle vm = new_vm(session.server, name);
    if (i % 5 == 0) {
      expected.push_back(name);
      if (i % 2 == 0) held.push_back(std::move(vm));
    } else {
      ASSERT_EQ(finish(PrlVm_Unreg(vm)), PRL_ERR_SUCCESS);
    }
  }
  EXPECT_EQ(listed_names(session.server), expected);
  ASSERT_EQ(finish(PrlVm_Unreg(vm_by_name(session.server, "vm5"))), PRL_ERR_SUCCESS);
  std::erase(expected, "vm5");
  held.push_back(new_vm(session.server, "last"));
  expected.emplace_back("last");
  EXPECT_EQ(listed_names(session.server), expected);
}

TEST(RegisterVm, FindsImageAndSnapshotsAgain) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  write_word(host.vm, 1);
  ASSERT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "one", "")), PRL_ERR_SUCCESS);
  write_word(host.vm, 2);
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(host.register_again(), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
  ASSERT_EQ(finish(PrlVm_Resume(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(read_word(host.vm), 2u);
}

std::string first_snapshot_of(PRL_HANDLE vm) {
  const Handle job(PrlVm_GetSnapshotsTree(vm));
  Handle result;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  const std::string tree = text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlResult_GetParamAsString(result, text, length);
  });
  return tree.substr(tree.rfind("guid=\"") + 6, 38);
}

// vm-lifecycle 4.1: only these files go, and the VM is unregistered all the same.
PRL_RESULT delete_files(PRL_HANDLE vm, const std::vector<std::string>& files) {
  Handle list;
  EXPECT_EQ(PrlApi_CreateStringsList(list.out()), PRL_ERR_SUCCESS);
  for (const std::string& file : files) {
    EXPECT_EQ(PrlStrList_AddItem(list, file.c_str()), PRL_ERR_SUCCESS);
  }
  return finish(PrlVm_Delete(vm, list));
}

std::string image_of(PRL_HANDLE vm) {
  return text_of(
      [vm](PRL_STR text, PRL_UINT32_PTR length) { return PrlSim_GetImagePath(vm, text, length); });
}

TEST(Delete, OfSomeFilesLeavesTheRestOfTheFolder) {
  for (const bool is_relative : {false, true}) {
    const Host host;
    ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
    ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
    const std::string image = image_of(host.vm);
    ASSERT_TRUE(image.starts_with(host.folder + "/"));
    Recorder recorder(host.server);
    EXPECT_EQ(delete_files(host.vm, {is_relative ? image.substr(host.folder.size() + 1) : image}),
              PRL_ERR_SUCCESS);
    EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_VM_UUID_NOT_FOUND);
    const auto seen = recorder.up_to_end_of(PrlSrv_GetVmList(host.server));
    EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_VM_DELETED, &Seen::event), 1);
    const Handle again = answer_of(PrlSrv_RegisterVm(host.server, host.folder.c_str(), PRL_TRUE));
    EXPECT_EQ(uuid_of(again), uuid_of(host.vm));
    EXPECT_EQ(state_of(again), VMS_STOPPED) << "its image was in the list";
  }
}

TEST(Delete, OfSomeFilesTakesNoneThatAreElsewhere) {
  const Host host;
  const Handle other = new_vm(host.server, "other");
  const std::string elsewhere = folder_of(other);
  const std::string name = elsewhere.substr(elsewhere.rfind('/') + 1);
  ASSERT_EQ(finish(PrlVm_Unreg(other)), PRL_ERR_SUCCESS);
  EXPECT_EQ(delete_files(host.vm, {elsewhere, elsewhere + "/config.pvs", "../" + name, "nowhere",
                                   host.folder + "/../" + name, host.folder + "/..", "", ".",
                                   host.folder + "//"}),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_RegisterVm(host.server, elsewhere.c_str(), PRL_TRUE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(host.register_again(), PRL_ERR_SUCCESS);
}

TEST(Delete, OfAnEmptyListTakesTheWholeFolder) {
  const Host host;
  EXPECT_EQ(delete_files(host.vm, {}), PRL_ERR_SUCCESS);
  EXPECT_NE(host.register_again(), PRL_ERR_SUCCESS);
}

TEST(RegisterVmWithUuid, GivesImageAndSnapshotsTheNewIdentityToo) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  write_word(host.vm, 1);
  ASSERT_EQ(finish(PrlVm_CreateSnapshot(host.vm, "one", "")), PRL_ERR_SUCCESS);
  write_word(host.vm, 2);
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
  const std::string uuid = "{12345678-1234-4234-8234-123456789abc}";
  const Handle vm =
      answer_of(PrlSrv_RegisterVmWithUuid(host.server, host.folder.c_str(), uuid.c_str(), 0));
  EXPECT_EQ(uuid_of(vm), uuid);
  EXPECT_EQ(state_of(vm), VMS_SUSPENDED);
  ASSERT_EQ(finish(PrlVm_Resume(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(read_word(vm), 2u);
  const std::string snapshot = first_snapshot_of(vm);
  ASSERT_EQ(finish(PrlVm_SwitchToSnapshotEx(vm, snapshot.c_str(), PSSF_SKIP_RESUME)),
            PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Resume(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(read_word(vm), 1u);
  ASSERT_EQ(finish(PrlVm_SwitchToSnapshot(vm, snapshot.c_str())), PRL_ERR_SUCCESS);
  EXPECT_EQ(read_word(vm), 1u);
}

TEST(RegisterVmEx, DrawsANewIdentityWhereAskedTo) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
  const Handle vm =
      answer_of(PrlSrv_RegisterVmEx(host.server, host.folder.c_str(), PRVF_REGENERATE_VM_UUID));
  EXPECT_NE(uuid_of(vm), uuid_of(host.vm));
  EXPECT_EQ(name_of(vm), "vm");
}

TEST(RegisterVm, NamesWhyNot) {
  const Host host;
  const auto code = [&](const char* path) {
    return finish(PrlSrv_RegisterVm(host.server, path, PRL_TRUE));
  };
  EXPECT_EQ(code(nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(code(""), PRL_ERR_VMDIR_INVALID_PATH);
  EXPECT_EQ(code("relative"), PRL_ERR_VMDIR_PATH_IS_NOT_ABSOLUTE);
  EXPECT_EQ(code("/nowhere"), PRL_ERR_DIRECTORY_DOES_NOT_EXIST);
  EXPECT_EQ(host.register_again(), PRL_ERR_VM_ALREADY_REGISTERED);
  const std::string parent = host.folder.substr(0, host.folder.rfind('/'));
  EXPECT_EQ(code(parent.c_str()), PRL_ERR_VM_CONFIG_DOESNT_EXIST);
  ASSERT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
  const Handle twin = new_vm(host.server, "vm");
  EXPECT_EQ(host.register_again(), PRL_ERR_VM_ALREADY_REGISTERED_VM_NAME);
  EXPECT_EQ(finish(PrlSrv_RegisterVmWithUuid(host.server, host.folder.c_str(), "no uuid", 0)),
            PRL_ERR_INVALID_ARG);
  EXPECT_EQ(
      finish(PrlSrv_RegisterVmWithUuid(host.server, host.folder.c_str(), uuid_of(twin).c_str(), 0)),
      PRL_ERR_VM_ALREADY_REGISTERED)
      << "its name and its identity are those of one VM";
}

TEST(RegisterVm, AcceptsThePathOfTheConfigurationAndASlashTooMuch) {
  const Host host;
  const std::string detour = host.folder + "/../" + host.folder.substr(host.folder.rfind('/') + 1);
  EXPECT_EQ(finish(PrlSrv_RegisterVm(host.server, detour.c_str(), PRL_TRUE)),
            PRL_ERR_VM_ALREADY_REGISTERED);
  for (const char* ending : {"/", "/config.pvs"}) {
    ASSERT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
    EXPECT_EQ(finish(PrlSrv_RegisterVm(host.server, (host.folder + ending).c_str(), PRL_TRUE)),
              PRL_ERR_SUCCESS);
  }
}

TEST(RegisterVm, BeginsTheUptimeAnew) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  PrlSim_AdvanceTime(9000);
  ASSERT_EQ(finish(PrlVm_Stop(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
  const Handle vm = answer_of(PrlSrv_RegisterVm(host.server, host.folder.c_str(), PRL_TRUE));
  PRL_UINT64 seconds = 1;
  EXPECT_EQ(PrlVmCfg_GetUptime(vm, &seconds), PRL_ERR_SUCCESS);
  EXPECT_EQ(seconds, 0u);
}

TEST(Reg, OfAnUnregisteredVmLeavesItsOldFolderAlone) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Suspend(host.vm)), PRL_ERR_SUCCESS);
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
    ASSERT_EQ(finish(PrlVm_Reg(host.vm, "", PRL_TRUE)), PRL_ERR_SUCCESS);
    EXPECT_EQ(state_of(host.vm), VMS_STOPPED);
    EXPECT_NE(folder_of(host.vm), host.folder);
  }
}

TEST(RegisterVmWithParams, TakesNameUuidAndFolder) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
  Handle params;
  ASSERT_EQ(PrlVmRegisterParams_Create(params.out()), PRL_ERR_SUCCESS);
  const std::string uuid = "{12345678-1234-4234-8234-123456789abc}";
  EXPECT_EQ(PrlVmRegisterParams_SetVmDirPath(params, host.folder.c_str()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmRegisterParams_SetVmName(params, "renamed"), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmRegisterParams_SetVmUuid(params, uuid.c_str()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmRegisterParams_SetFlags(params, PRVF_REGENERATE_VM_UUID), PRL_ERR_SUCCESS);
  PRL_UINT32 flags = 0;
  EXPECT_EQ(PrlVmRegisterParams_GetFlags(params, &flags), PRL_ERR_SUCCESS);
  EXPECT_EQ(flags, PRL_UINT32(PRVF_REGENERATE_VM_UUID));
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlVmRegisterParams_GetVmName(params, text, length);
            }),
            "renamed");
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlVmRegisterParams_GetVmDirPath(params, text, length);
            }),
            host.folder);
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlVmRegisterParams_GetVmUuid(params, text, length);
            }),
            uuid);
  const Handle vm = answer_of(PrlSrv_RegisterVmWithParams(host.server, params));
  EXPECT_EQ(name_of(vm), "renamed");
  EXPECT_EQ(uuid_of(vm), uuid);
}

TEST(Register3rdPartyVm, NamesWhyNot) {
  const Host host;
  const auto code = [&](const char* path) {
    return finish(PrlSrv_Register3rdPartyVm(host.server, path, "", 0));
  };
  EXPECT_EQ(code(nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(code(""), PRL_ERR_VMDIR_INVALID_PATH);
  EXPECT_EQ(code("vm.vmx"), PRL_ERR_VMDIR_PATH_IS_NOT_ABSOLUTE);
  EXPECT_EQ(code("/nowhere/vm.vmx"), PRL_ERR_FILE_NOT_FOUND);
  ASSERT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(code((host.folder + "/config.pvs").c_str()), PRL_ERR_CONVERT_3RD_PARTY_VM_FAILED);
}

// Names and paths of what a search finds.
std::vector<std::pair<std::string, std::string>> search(PRL_HANDLE server, PRL_HANDLE folders) {
  const Handle job(PrlSrv_StartSearchVms(server, folders));
  Handle result;
  EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
  std::vector<std::pair<std::string, std::string>> found;
  PRL_UINT32 count = 0;
  if (PRL_FAILED(PrlJob_GetResult(job, result.out()))) return found;
  PrlResult_GetParamsCount(result, &count);
  for (PRL_UINT32 i = 0; i < count; ++i) {
    Handle info;
    EXPECT_EQ(PrlResult_GetParamByIndex(result, i, info.out()), PRL_ERR_SUCCESS);
    PRL_BOOL is_template = PRL_TRUE, is_old = PRL_TRUE;
    PRL_UINT32 os = 1;
    EXPECT_EQ(PrlFoundVmInfo_IsTemplate(info, &is_template), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlFoundVmInfo_IsOldConfig(info, &is_old), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlFoundVmInfo_GetOSVersion(info, &os), PRL_ERR_SUCCESS);
    EXPECT_EQ(is_template, PRL_BOOL(PRL_FALSE));
    EXPECT_EQ(is_old, PRL_BOOL(PRL_FALSE));
    found.emplace_back(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
                         return PrlFoundVmInfo_GetName(info, text, length);
                       }),
                       text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
                         return PrlFoundVmInfo_GetConfigPath(info, text, length);
                       }));
  }
  return found;
}

TEST(StartSearchVms, FindsWhatNobodyHasRegistered) {
  const Host host;
  const Handle other = new_vm(host.server, "other");
  EXPECT_TRUE(search(host.server, kNoHandle).empty());
  ASSERT_EQ(finish(PrlVm_Unreg(host.vm)), PRL_ERR_SUCCESS);
  const auto found = search(host.server, kNoHandle);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].first, "vm");
  EXPECT_EQ(found[0].second, host.folder + "/config.pvs");
  Handle list;
  PrlApi_CreateStringsList(list.out());
  PrlStrList_AddItem(list, "/nowhere");
  EXPECT_TRUE(search(host.server, list).empty());
  PrlStrList_AddItem(list, host.folder.c_str());
  PrlStrList_AddItem(list, host.folder.substr(0, host.folder.rfind('/')).c_str());
  EXPECT_EQ(search(host.server, list), found) << "once, however often it is met";
  EXPECT_EQ(finish(PrlSrv_RegisterVm(host.server, found[0].second.c_str(), PRL_TRUE)),
            PRL_ERR_SUCCESS);
  EXPECT_TRUE(search(host.server, list).empty());
}

TEST(Shutdown, IsRefusedWhileVmsRunUnlessItIsForced) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_Shutdown(host.server, PRL_FALSE)), PRL_ERR_SOME_VMS_RUNNING);
  EXPECT_EQ(finish(PrlSrv_ShutdownEx(host.server, 0)), PRL_ERR_SOME_VMS_RUNNING);
  EXPECT_EQ(state_of(host.vm), VMS_RUNNING);
  EXPECT_EQ(finish(PrlSrv_ShutdownEx(host.server, PSHF_FORCE_SHUTDOWN)), PRL_ERR_SUCCESS);
}

TEST(Shutdown, EndsEverySessionAndBeginsAgainWithALogin) {
  const Host host;
  const Handle other = new_server();
  ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
  const Handle seen_by_other = vm_by_name(other, "vm");
  ASSERT_EQ(finish(PrlVm_Lock(seen_by_other, 0)), PRL_ERR_SUCCESS);
  Recorder recorder(host.server);
  const auto seen = recorder.up_to_end_of(PrlSrv_Shutdown(host.server, PRL_FALSE));
  EXPECT_EQ(seen.back().code, PRL_ERR_SUCCESS);
  EXPECT_EQ(std::ranges::count(seen, PET_DSP_EVT_DISP_SHUTDOWN, &Seen::event), 1);
  for (PRL_HANDLE server : {host.server.get(), other.get()}) {
    PRL_BOOL is_connected = PRL_TRUE, is_local = PRL_TRUE;
    EXPECT_EQ(PrlSrv_IsConnected(server, &is_connected, &is_local), PRL_ERR_SUCCESS);
    EXPECT_EQ(is_connected, PRL_BOOL(PRL_FALSE));
  }
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
  ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS) << "the lock went with its session";
}

// vm-lifecycle 4.5
TEST(Shutdown, SuspendsOrStopsWhatIsAlive) {
  const Host host;
  const Handle stopping = unregistered_vm(host.server, "stopping");
  PrlVmCfg_SetAutoStop(stopping, PAO_VM_STOP);
  ASSERT_EQ(finish(PrlVm_Reg(stopping, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Pause(host.vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlVm_Start(stopping)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(PrlSrv_Shutdown(host.server, PRL_TRUE)), PRL_ERR_SUCCESS);
  ASSERT_EQ(finish(start_login(host.server)), PRL_ERR_SUCCESS);
  EXPECT_EQ(state_of(host.vm), VMS_SUSPENDED);
  EXPECT_EQ(state_of(stopping), VMS_STOPPED);
}

TEST(Shutdown, RefusesEverythingElseMeanwhile) {
  const Host host;
  ASSERT_EQ(finish(PrlVm_Start(host.vm)), PRL_ERR_SUCCESS);
  const Handle job(PrlSrv_Shutdown(host.server, PRL_TRUE));
  PrlSim_AdvanceTime(10);
  EXPECT_EQ(finish(PrlVm_GetState(host.vm)), PRL_ERR_DISP_SHUTDOWN_IN_PROCESS);
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
