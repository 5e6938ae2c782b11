// What the kit builds in code is what a scenario file can say, and what clients then find.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prlsdk/prl_kit.hpp>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/scenario.h"
#include "tests/faults/names.h"
#include "tests/temporary_folder.h"

namespace prl::kit {
namespace {

// fixtures/scenarios/every_key.toml once more.
Scenario every_key() {
  Scenario scenario;
  scenario.profile("desktop")
      .clock("scaled:2.5")
      .seed(42)
      .verifies_whole()
      .not_durable()
      .delivery("awaited")
      .lock_wait_ms(60000)
      .without_raw_events();
  scenario.host("name", quoted("farm-7"))
      .host("cpus", "64")
      .host("cpu_model", quoted("Some processor"))
      .host("cpu_mhz", "3100")
      .host("ram_mib", "262144")
      .host("disk_gib", "4096")
      .host("os", quoted("macOS 14"))
      .host_setting("NetworkSettings.GlobalNetwork.SearchDomain", "[\"example.org\"]")
      .host_setting("UsbDevices.UsbDevice", "[{ Name = \"key\" }]")
      .preference("LockedOperationsList.LockedOperation", "[3]")
      .preference("RemoteDisplayPreferences.BasePort", "6900")
      .user_profile("UserWorkspace.UserDefaultVmFolder", quoted("/vms"));
  scenario.plain_user("operator", "secret");
  scenario.latencies("desktop-ssd")
      .latency("request", "{ ms = 0.5 }")
      .latency("boot",
               "{ distribution = \"normal\", mean_ms = 18000, deviation_ms = 1500, "
               "per_disk_ms = 200 }")
      .latency("resume",
               "{ distribution = \"uniform\", min_ms = 900, max_ms = 1500, "
               "touched_ms_per_mib = 0.4 }")
      .latency("suspend", "{ dirty_ms_per_mib = 0.45, jitter_percent = 5 }")
      .latency("pause", "{ distribution = \"log_normal\", median_ms = 15, spread = 0.3 }")
      .latency("shutdown", "{ distribution = \"empirical\", values_ms = [4000, 5000.5, 9000] }")
      .latency("flush", "{ distribution = \"constant\", ms = 60 }");
  return scenario;
}

Vm web() {
  Vm vm("web");
  vm.uuid("01234567-89ab-cdef-0123-456789abcdef")
      .os("Ubuntu Linux")
      .owner("operator")
      .shared("run")
      .ram_mib(2048)
      .cpus(4)
      .running()
      .writes(32, 8)
      .tools()
      .ignores_shutdown()
      .asked_to_sleep("ignore")
      .setting("Hardware.Video.VideoMemorySize", "128")
      .setting("Settings.General.VmDescription", quoted("the web server"))
      .setting("Settings.AutoCompress.FreeDiskSpaceRatio", "12.5")
      .setting("Settings.GlobalNetwork.DnsIPAddress", "[\"10.0.0.1\"]")
      .setting("Settings.GlobalNetwork.NetworkRates.NetworkRate", "[{ ClassId = 1, Rate = 1000 }]")
      .setting("Security.LockedOperationsList.LockedOperation", "[1, 4294967295]")
      .setting("Settings.Startup.BootingOrder.BootDevice", "[{ Type = 5 }, { InUse = true }]");
  vm.user("admin", "secret")
      .add(Program("/bin/ls").arguments({"-l", "/tmp"}).writes("total 0\n"))
      .add(Program("/bin/ls").complains("ls: no such file\n").ends_with(2).lasts(100));
  vm.add(Disk(20480)
             .plain()
             .on("scsi", 2)
             .file("system.hdd")
             .without_image()
             .setting("SerialNumber", quoted("WD-123")))
      .add(Disk(65536))
      .add(OpticalDrive()
               .file("/iso/install.iso")
               .on("ide", 1)
               .disconnected()
               .setting("Remote", "true"))
      .add(OpticalDrive().host_device("/dev/cdrom"))
      .add(FloppyDrive().file("floppy.fdd").disabled().setting("Remote", "true"))
      .add(FloppyDrive().host_device("/dev/fd0"))
      .add(NetworkAdapter("shared")
               .card("e1000")
               .mac("001C42A0B1C2")
               .network("Shared")
               .setting("AdapterNumber", "-1")
               .setting("NetAddress", "[\"10.0.0.2/255.255.255.0\"]"))
      .add(NetworkAdapter("host_only"))
      .add(SerialPort().connects_to("/tmp/console").setting("Remote", "true"))
      .add(SerialPort().output_file("console.txt"))
      .add(SerialPort().host_device("/dev/ttyS0"))
      .add(ParallelPort().output_file("printer.txt").setting("Remote", "true"))
      .add(ParallelPort().host_device("/dev/lp0"))
      .add(SoundDevice().disconnected().setting("Mixer", quoted("none")))
      .add(UsbController().setting("AutoConnect", "1"));
  vm.add(Snapshot("fresh").uuid("11234567-89ab-cdef-0123-456789abcdef").description("as installed"))
      .add(Snapshot("updated").below("fresh").of_running().current())
      .add(Snapshot("tried").below("11234567-89ab-cdef-0123-456789abcdef").of_suspended());
  return vm;
}

void add_faults(Scenario& scenario) {
  scenario
      .add(Fault("third start of web fails")
               .call("PrlVm_Start")
               .vm("web")
               .skip(2)
               .times(1)
               .fail(PRL_ERR_TIMEOUT)
               .at_end())
      .add(Fault("suspends hang").call("PrlVm_Suspend").always().hang().at_start())
      .add(Fault("everything of database is slow").vm("database").always().delay(250))
      .add(Fault("one job fails by number").fail(static_cast<PRL_RESULT>(0x80000416)))
      .add(Fault("suspends of web time out, and happen")
               .call("PrlVm_Suspend*")
               .vm("w*")
               .in_state("RUNNING")
               .session(1)
               .after(1000)
               .before(5000)
               .always()
               .every(2)
               .probability(0.5)
               .live(0.25)
               .time_out(60000)
               .parameters({"web"}))
      .add(Fault("a call has no memory for its job").in_calls().call("PrlVm_Start").no_memory())
      .add(Fault("there is no memory for the seventh event")
               .call("PrlVm_*")
               .object("PHT_EVENT")
               .skip(6)
               .no_memory())
      .add(Fault("the guest asks while it starts")
               .entering("STARTING", "STOPPED")
               .ask(faults::kQuestion, {faults::kYes, 16001}))
      .add(Fault("the clock goes back").entering("RUNNING").jump_clock(-3600))
      .add(Fault("events come twice").event("PET_DSP_EVT_VM_STATE_CHANGED").duplicate())
      .add(Fault("the disk is full").storage("write", "*.sav*").at_points({2, 5}).kind("no_space"));
}

// With the codes that the file has as numbers, which the kit writes by name.
faults::ApiNames names_with_codes() {
  faults::ApiNames names = faults::names();
  names.code_by_name = [](std::string_view name) -> std::optional<int32_t> {
    for (const PRL_RESULT code :
         {PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED, PET_ANSWER_OK, PET_ANSWER_CANCEL}) {
      if (name == name_of(code)) return code;
    }
    return faults::code_by_name(name);
  };
  return names;
}

TEST(ScenarioInCode, CanSayAllThatAFileCan) {
  Scenario scenario = every_key();
  scenario.add(web())
      .add(Vm("database").suspended().set("workload", "{ kind = \"random\" }"))
      .add(Vm("spare").paused());
  add_faults(scenario);
  scenario.add(Expect::vm("web").ends("running").snapshots(0))
      .add(Expect::fault("third start of web fails").strikes(0));
  const auto built = faults::parse_scenario(scenario.toml(), "code", names_with_codes());
  ASSERT_TRUE(built) << built.error().text() << "\n" << scenario.toml();
  const auto written = faults::load_scenario(
      std::string(PRLSIM_SOURCE_DIR) + "/fixtures/scenarios/every_key.toml", faults::names());
  ASSERT_TRUE(written) << written.error().text();
  EXPECT_EQ(built->vms, written->vms);
  EXPECT_EQ(built->faults, written->faults);
  EXPECT_EQ(built->expectations, written->expectations);
  EXPECT_EQ(built->latencies, written->latencies);
  EXPECT_EQ(built->host, written->host);
  EXPECT_EQ(*built, *written);
}

// ---- Scenarios of files -------------------------------------------------------------------------

class ScenarioOfAFile : public testing::Test {
 protected:
  std::string write(const std::string& text) const {
    const std::string path = folder_ / "s.toml";
    std::ofstream(path) << text;
    return path;
  }

 private:
  const tests::TemporaryFolder folder_;
};

TEST_F(ScenarioOfAFile, IsAddedToAndOverruledByCode) {
  const std::string path = write(
      "seed = 1 # a comment\n[host]\ncpus = 4\n[[vm]]\nname = \"web\"\nstate = \"running\"\n"
      "[[vm]]\nname = \"db\"\n"
      "[[fault]]\nname = \"once\"\nmatch = { call = \"PrlVm_Suspend\" }\n"
      "effect = { kind = \"fail\", code = \"PRL_ERR_TIMEOUT\" }\n");
  Scenario scenario = Scenario::file(path);
  std::remove(path.c_str());
  {
    World world(scenario);
    EXPECT_EQ(world.seed(), 1u);
    EXPECT_EQ(finish(PrlVm_Suspend(world.vm("web").get())).code, PRL_ERR_TIMEOUT);
    EXPECT_EQ(world.strikes("once"), 1u);
    EXPECT_NO_THROW(world.advance(1)) << "where the file has no clock it is virtual";
  }
  scenario.seed(2)
      .host("ram_mib", "1024")
      .add(Vm("db").suspended())
      .add(Vm("new").paused())
      .add(Fault("once").call("PrlVm_Suspend").fail(PRL_ERR_VM_SUSPEND_FAILED))
      .add(Fault("again").call("PrlVm_Pause").fail(PRL_ERR_TIMEOUT));
  World world(scenario);
  EXPECT_EQ(world.seed(), 2u);
  EXPECT_EQ(world.state("web"), VMS_RUNNING);
  EXPECT_EQ(world.state("db"), VMS_SUSPENDED);
  EXPECT_EQ(world.state("new"), VMS_PAUSED);
  EXPECT_EQ(finish(PrlVm_Suspend(world.vm("web").get())).code, PRL_ERR_VM_SUSPEND_FAILED);
  EXPECT_EQ(finish(PrlVm_Pause(world.vm("web").get(), PRL_FALSE)).code, PRL_ERR_TIMEOUT);
  EXPECT_NE(scenario.toml().find("[host]\ncpus = 4\nram_mib = 1024\n"), std::string::npos)
      << scenario.toml();
}

TEST_F(ScenarioOfAFile, KeepsItsClockUnlessCodeHasAnother) {
  const std::string path = write("clock = \"real\"\n[[vm]]\nname = \"web\"\n");
  EXPECT_THROW(World(Scenario::file(path)).advance(1), std::runtime_error);
  EXPECT_NO_THROW(World(Scenario::file(path).clock("virtual")).advance(1));
}

TEST_F(ScenarioOfAFile, IsAlsoOneThatComesWithPrlsim) {
  World world(Scenario::file("demo").add(Vm("mine").running()));
  EXPECT_EQ(world.state("web"), VMS_RUNNING);
  EXPECT_EQ(world.state("mine"), VMS_RUNNING);
}

// What stderr says meanwhile.
template <class Body>
std::string said_by(Body body) {
  testing::internal::CaptureStderr();
  EXPECT_THROW(body(), std::runtime_error);
  return testing::internal::GetCapturedStderr();
}

TEST_F(ScenarioOfAFile, IsRefusedWithThePlaceOfItsMistake) {
  const std::string path = write("seed = 1\n\n[[vm]]\nname = \"web\"\nram_mb = 8\n");
  EXPECT_EQ(said_by([&] { Scenario::file(path); }),
            "prlsim: " + path + ":5:1: unknown key 'ram_mb' in [[vm]]; did you mean 'ram_mib'?\n");
  const std::string unknown = said_by([&] { Scenario::file("demmo"); });
  EXPECT_TRUE(unknown.starts_with("prlsim: there is no file 'demmo', nor is there /")) << unknown;
  EXPECT_TRUE(unknown.ends_with("/demmo.toml; did you mean 'demo'?\n")) << unknown;
  EXPECT_NE(
      said_by([&] { Scenario::file("demo").add("[[vm]\n").toml(); }).find("prlsim: scenario:"),
      std::string::npos);
}

TEST_F(ScenarioOfAFile, MaySayNothing) {
  Scenario::file(write(""));
  const std::string path = write("# nothing\n");
  World world(Scenario::file(path).add(Vm("web")));
  EXPECT_TRUE(world.vm("web"));
}

// ---- The environment ---------------------------------------------------------------------------

class Variables {
 public:
  void set(const char* name, const std::string& value) {
    ::setenv(name, value.c_str(), 1);
    names_.push_back(name);
  }
  ~Variables() {
    for (const char* name : names_) ::unsetenv(name);
  }

 private:
  std::vector<const char*> names_;
};

// What somebody has set in a shell changes only what the test leaves open.
TEST_F(ScenarioOfAFile, AndTheEnvironmentGoBehindWhatCodeSets) {
  Variables variables;
  variables.set("PRLSIM_CLOCK", "real");
  variables.set("PRLSIM_SEED", "11");
  variables.set("PRLSIM_PROFILE", "virtuozzo");
  variables.set("PRLSIM_DELIVERY", "late");
  {
    World world;
    EXPECT_EQ(world.seed(), 11u);
    EXPECT_NO_THROW(world.advance(1)) << "a Scenario has clock virtual";
  }
  EXPECT_EQ(World(Scenario().seed(7)).seed(), 7u);

  const std::string path = write("seed = 3\nclock = \"virtual\"\n[[vm]]\nname = \"web\"\n");
  {
    World world(Scenario::file(path));
    EXPECT_EQ(world.seed(), 11u) << "the environment goes before the file";
    EXPECT_THROW(world.advance(1), std::runtime_error);
  }
  {
    World world(Scenario::file(path).seed(7).clock("virtual"));
    EXPECT_EQ(world.seed(), 7u);
    EXPECT_NO_THROW(world.advance(1));
  }
}

// Codes of refusals are those of the profile.
TEST_F(ScenarioOfAFile, AndTheEnvironmentGoBehindTheProfileThatCodeSets) {
  const auto code_of = [](const Scenario& scenario) {
    World world(scenario);
    return finish(PrlVm_Suspend(world.vm("web").get())).code;
  };
  const PRL_RESULT desktop = code_of(Scenario().add(Vm("web").suspended()));
  Variables variables;
  variables.set("PRLSIM_PROFILE", "virtuozzo");
  const PRL_RESULT virtuozzo = code_of(Scenario().add(Vm("web").suspended()));
  EXPECT_NE(desktop, virtuozzo);
  EXPECT_EQ(code_of(Scenario().profile("desktop").add(Vm("web").suspended())), desktop);
}

TEST(ScenarioInCode, NeverTouchesAHomeThatTheTestDoesNotAskFor) {
  const tests::TemporaryFolder folder;
  const std::string others = folder / "others";
  const std::string own = folder / "own";
  Variables variables;
  variables.set("PRLSIM_HOME", others);
  // With a login, which opens the host.
  EXPECT_TRUE(World(Scenario().add(Vm("web"))).vm("web"));
  EXPECT_FALSE(World().vm("web"));
  EXPECT_TRUE(World(Scenario().home(own).add(Vm("web"))).vm("web"));
  EXPECT_TRUE(World(Scenario().home(own)).vm("web"));
  EXPECT_NE(::access(others.c_str(), F_OK), 0);
  EXPECT_EQ(::access(own.c_str(), F_OK), 0);

  // Those who do without the kit are not bound by what it wanted.
  ASSERT_EQ(PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0), PRL_ERR_SUCCESS);
  PRL_HANDLE server = PRL_INVALID_HANDLE;
  PrlSrv_Create(&server);
  finish(PrlSrv_LoginLocal(server, "", 0, PSL_HIGH_SECURITY));
  PrlHandle_Free(server);
  PrlApi_Deinit();
  EXPECT_EQ(::access(others.c_str(), F_OK), 0);
}

TEST(ScenarioInCode, CanBeLaidOverEveryOther) {
  const std::string file = std::string(PRLSIM_SOURCE_DIR) + "/fixtures/scenarios/every_key.toml";
  const auto read = faults::parse_scenario(Scenario::file(file).toml(), "kit", names_with_codes());
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, *faults::load_scenario(file, names_with_codes()));
}

// ---- What clients find -------------------------------------------------------------------------

Handle device(const Handle& vm, PRL_DEVICE_TYPE type, PRL_UINT32 position = 0) {
  Handle found;
  EXPECT_EQ(PrlVmCfg_GetDevByType(vm.get(), type, position, found.out()), PRL_ERR_SUCCESS);
  return found;
}

std::string text_of(const Handle& object, PRL_RESULT (*get)(PRL_HANDLE, PRL_STR, PRL_UINT32*)) {
  return text_from(
      [&](PRL_STR text, PRL_UINT32* length) { return get(object.get(), text, length); });
}

template <class Number>
Number number_of(const Handle& object, PRL_RESULT (*get)(PRL_HANDLE, Number*)) {
  Number number{};
  EXPECT_EQ(get(object.get(), &number), PRL_ERR_SUCCESS);
  return number;
}

TEST(ScenarioInCode, GivesVmsDevicesThatClientsFind) {
  World world(Scenario().add(web()));
  const Handle vm = world.vm("web");
  EXPECT_EQ(number_of(vm, PrlVmCfg_GetOsVersion), PRL_UINT32{PVS_GUEST_VER_LIN_UBUNTU});
  EXPECT_EQ(number_of(vm, PrlVmCfg_GetVideoRamSize), 128u);
  EXPECT_EQ(text_of(vm, PrlVmCfg_GetDescription), "the web server");
  EXPECT_EQ(number_of(vm, PrlVmCfg_GetBootDevCount), 2u);
  EXPECT_EQ(number_of(vm, PrlVmCfg_GetDevsCount), 15u);

  const Handle disk = device(vm, PDE_HARD_DISK);
  EXPECT_EQ(number_of(disk, PrlVmDevHd_GetDiskSize), 20480u);
  EXPECT_EQ(number_of(disk, PrlVmDevHd_GetDiskType), PHD_PLAIN_HARD_DISK);
  EXPECT_EQ(number_of(disk, PrlVmDev_GetIfaceType), PMS_SCSI_DEVICE);
  EXPECT_EQ(number_of(disk, PrlVmDev_GetStackIndex), 2u);
  EXPECT_EQ(number_of(disk, PrlVmDev_IsEnabled), PRL_TRUE);
  EXPECT_EQ(text_of(disk, PrlVmDev_GetFriendlyName), "system.hdd");
  EXPECT_EQ(text_of(disk, PrlVmDev_GetSysName), "system.hdd");
  EXPECT_EQ(text_of(disk, PrlVmDevHd_GetSerialNumber), "WD-123");
  const Handle second = device(vm, PDE_HARD_DISK, 1);
  EXPECT_EQ(number_of(second, PrlVmDev_GetIndex), 1u);
  EXPECT_EQ(number_of(second, PrlVmDevHd_GetDiskType), PHD_EXPANDING_HARD_DISK);

  const Handle drive = device(vm, PDE_OPTICAL_DISK);
  EXPECT_EQ(number_of(drive, PrlVmDev_IsConnected), PRL_FALSE);
  EXPECT_EQ(number_of(drive, PrlVmDev_GetEmulatedType), PDT_USE_IMAGE_FILE);
  EXPECT_EQ(number_of(device(vm, PDE_OPTICAL_DISK, 1), PrlVmDev_GetEmulatedType),
            PDT_USE_REAL_CDDVD);

  const Handle adapter = device(vm, PDE_GENERIC_NETWORK_ADAPTER);
  EXPECT_EQ(text_of(adapter, PrlVmDevNet_GetMacAddress), "001C42A0B1C2");
  EXPECT_EQ(number_of(adapter, PrlVmDev_GetEmulatedType), PDT_USE_SHARED_NETWORK);
  EXPECT_EQ(number_of(adapter, PrlVmDevNet_GetAdapterType), PNT_E1000);
  EXPECT_EQ(number_of(adapter, PrlVmDevNet_GetBoundAdapterIndex), -1);

  EXPECT_EQ(number_of(device(vm, PDE_SERIAL_PORT), PrlVmDevSerial_GetSocketMode),
            PSP_SERIAL_SOCKET_CLIENT);
  EXPECT_EQ(text_of(device(vm, PDE_PARALLEL_PORT), PrlVmDev_GetOutputFile), "printer.txt");
  EXPECT_EQ(number_of(device(vm, PDE_FLOPPY_DISK), PrlVmDev_IsEnabled), PRL_FALSE);
  EXPECT_EQ(text_of(device(vm, PDE_SOUND_DEVICE), PrlVmDevSound_GetMixerDev), "none");
  EXPECT_EQ(number_of(device(vm, PDE_USB_DEVICE), PrlVmDevUsb_GetAutoconnectOption),
            PUD_CONNECT_TO_GUEST_OS);
}

TEST(ScenarioInCode, DrawsAddressesFromTheSeed) {
  const auto address = [](uint64_t seed, PRL_UINT32 position) {
    World world(Scenario().seed(seed).add(
        Vm("web").add(NetworkAdapter("bridged")).add(NetworkAdapter("bridged"))));
    return text_of(device(world.vm("web"), PDE_GENERIC_NETWORK_ADAPTER, position),
                   PrlVmDevNet_GetMacAddress);
  };
  EXPECT_EQ(address(1, 0), address(1, 0));
  EXPECT_NE(address(1, 0), address(1, 1));
  EXPECT_NE(address(1, 0), address(2, 0));
  EXPECT_EQ(address(1, 0).substr(0, 6), "001C42");
}

std::string snapshots_of(const Handle& vm) {
  const JobEnd end = finish(PrlVm_GetSnapshotsTree(vm.get()));
  EXPECT_EQ(end.code, PRL_ERR_SUCCESS);
  return text_from([&](PRL_STR text, PRL_UINT32* length) {
    return PrlResult_GetParamAsString(end.result.get(), text, length);
  });
}

TEST(ScenarioInCode, GivesVmsATreeOfSnapshots) {
  World world(Scenario().add(
      Vm("web")
          .add(Snapshot("fresh").uuid("11234567-89ab-cdef-0123-456789abcdef").description("new"))
          .add(Snapshot("updated").below("fresh").of_running().current())
          .add(Snapshot("tried").below("updated").of_paused())
          .add(Snapshot("other"))));
  const std::string tree = snapshots_of(world.vm("web"));
  size_t at = 0;
  for (const char* word :
       {"guid=\"{11234567-89ab-cdef-0123-456789abcdef}\"", "fresh", "new", "updated", "tried",
        "</SavedStateItem>", "</SavedStateItem>", "</SavedStateItem>", "other"}) {
    const size_t found = tree.find(word, at);
    ASSERT_NE(found, std::string::npos) << word << " in\n" << tree;
    at = found + 1;
  }
  for (const char* word : {"current=\"yes\"", "state=\"poweron\"", "state=\"pause\""}) {
    EXPECT_NE(tree.find(word), std::string::npos) << word << " in\n" << tree;
    EXPECT_EQ(tree.find(word), tree.rfind(word));
  }
}

// Every kind of snapshot brings the VM to where it was taken, and can be deleted.
TEST(ScenarioInCode, GivesVmsSnapshotsThatClientsSwitchTo) {
  constexpr const char* kUuids[] = {
      "{00000000-0000-4000-8000-000000000001}", "{00000000-0000-4000-8000-000000000002}",
      "{00000000-0000-4000-8000-000000000003}", "{00000000-0000-4000-8000-000000000004}"};
  constexpr VIRTUAL_MACHINE_STATE kStates[] = {VMS_STOPPED, VMS_RUNNING, VMS_PAUSED, VMS_SUSPENDED};
  for (const char* state : {"stopped", "running", "paused", "suspended"}) {
    World world(Scenario().add(Vm("web")
                                   .ram_mib(4)
                                   .set("state", quoted(state))
                                   .add(Snapshot("a").uuid(kUuids[0]))
                                   .add(Snapshot("b").uuid(kUuids[1]).below("a").of_running())
                                   .add(Snapshot("c").uuid(kUuids[2]).below("b").of_paused())
                                   .add(Snapshot("d").uuid(kUuids[3]).of_suspended())));
    const Handle vm = world.vm("web");
    for (const int one : {1, 3, 2, 0, 1, 0, 2, 3}) {
      EXPECT_EQ(finish(PrlVm_SwitchToSnapshot(vm.get(), kUuids[one])).code, PRL_ERR_SUCCESS);
      EXPECT_EQ(world.state("web"), kStates[one]) << state;
    }
    EXPECT_EQ(finish(PrlVm_Start(vm.get())).code, PRL_ERR_SUCCESS) << "resumes " << state;
    EXPECT_EQ(finish(PrlVm_DeleteSnapshot(vm.get(), kUuids[0], PRL_TRUE)).code, PRL_ERR_SUCCESS);
    const std::string tree = snapshots_of(vm);
    EXPECT_EQ(tree.find(kUuids[1]), std::string::npos) << tree;
    EXPECT_NE(tree.find(kUuids[3]), std::string::npos) << tree;
    EXPECT_EQ(finish(PrlVm_Suspend(vm.get())).code, PRL_ERR_SUCCESS);
  }
}

// What a scenario has made is there for a later host of the same home, which needs no scenario.
TEST(ScenarioInCode, MakesVmsThatLiveOnInAHome) {
  const tests::TemporaryFolder folder;
  const std::string home = folder / "home";
  const std::string uuid = "{00000000-0000-4000-8000-000000000001}";
  {
    World world(Scenario().home(home).add(Vm("web")
                                              .ram_mib(4)
                                              .add(Disk(64).plain())
                                              .add(NetworkAdapter("shared").mac("001c42a0b1c2"))
                                              .add(Snapshot("a").uuid(uuid).of_running())
                                              .add(Snapshot("b").below("a"))));
    EXPECT_TRUE(world.vm("web"));
  }
  {
    World world(Scenario().home(home));
    const Handle vm = world.vm("web");
    EXPECT_EQ(number_of(device(vm, PDE_HARD_DISK), PrlVmDevHd_GetDiskSize), 64u);
    EXPECT_EQ(text_of(device(vm, PDE_GENERIC_NETWORK_ADAPTER), PrlVmDevNet_GetMacAddress),
              "001C42A0B1C2");
    EXPECT_EQ(finish(PrlVm_SwitchToSnapshot(vm.get(), uuid.c_str())).code, PRL_ERR_SUCCESS);
    EXPECT_EQ(world.state("web"), VMS_RUNNING);
  }
  EXPECT_FALSE(World().vm("web")) << "only those who ask for it get it";
}

// The images of disks are there, and those of disks without one are not.
TEST(ScenarioInCode, PutsImagesOfDisksIntoTheFolderOfTheVm) {
  World world(Scenario().add(Vm("web").add(Disk(64)).add(Disk(32).without_image())));
  const Handle vm = world.vm("web");
  std::string home = text_of(vm, PrlVmCfg_GetHomePath);
  home.resize(home.rfind('/') + 1);
  Handle disk;
  ASSERT_EQ(PrlDisk_OpenDisk(disk.out(), (home + "harddisk.hdd").c_str(), PRL_DISK_READ, nullptr),
            PRL_ERR_SUCCESS);
  Handle absent;
  EXPECT_NE(
      PrlDisk_OpenDisk(absent.out(), (home + "harddisk2.hdd").c_str(), PRL_DISK_READ, nullptr),
      PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::kit
