// The message for VMs, users, devices, snapshots and settings that make no sense.
#include <gtest/gtest.h>

#include <string>

#include "tests/faults/scenario_text.h"

namespace prl::faults {
namespace {

TEST(ScenarioError, IsGivenForGuestsThatMakeNoSense) {
  EXPECT_EQ(vm_refusal("tools = 1"), "s.toml:3:9: 'tools' in [[vm]] must be true or false");
  EXPECT_EQ(vm_refusal("program = [{ name = \"a\", arguments = [1] }]"),
            "s.toml:3:38: 'arguments' in [[vm.program]] must be a list of texts");
  EXPECT_EQ(vm_refusal("user = [{ name = \"a\" }, { name = \"a\" }]"),
            "s.toml:3:34: a second user named 'a'");
}

TEST(ScenarioError, IsGivenForUsersAndOwnersThatMakeNoSense) {
  const std::string users = "[[user]]\nname = \"ann\"\n[[user]]\nname = \"operator\"\n[[vm]]\n";
  EXPECT_EQ(refusal(users + "name = \"vm\"\nowner = \"operator\""), "(accepted)");
  EXPECT_EQ(refusal(users + "name = \"vm\"\nowner = \"oparator\""),
            "s.toml:7:9: no [[user]] is named 'oparator'; did you mean 'operator'?");
  EXPECT_EQ(vm_refusal("owner = \"anybody\""), "(accepted)") << "without users anybody may log in";
  EXPECT_EQ(vm_refusal("owner = \"\""), "s.toml:3:9: 'owner' in [[vm]] must not be empty");
  EXPECT_EQ(vm_refusal("shared = \"all\""),
            "s.toml:3:10: 'shared' in [[vm]] is 'all', not one of 'no', 'view', 'run', 'full'");
  EXPECT_EQ(refusal("[[user]]\nname = \"a\"\nadministrator = 1"),
            "s.toml:3:17: 'administrator' in [[user]] must be true or false");
  EXPECT_EQ(vm_refusal("user = [{ name = \"a\", administrator = true }]"),
            "s.toml:3:23: unknown key 'administrator' in [[vm.user]]");
}

TEST(ScenarioError, IsGivenForDevicesThatMakeNoSense) {
  EXPECT_EQ(vm_refusal("disk = [{ sise_mib = 1 }]"),
            "s.toml:3:11: unknown key 'sise_mib' in [[vm.disk]]; did you mean 'size_mib'?");
  EXPECT_EQ(vm_refusal("[[vm.disk]]\nsize_mib = 16777217"),
            "s.toml:4:12: 'size_mib' in [[vm.disk]] is 16777217, not between 1 and 16777216");
  EXPECT_EQ(vm_refusal("[[vm.disk]]\ninterface = \"ide\"\nslot = 4"),
            "s.toml:5:8: 'slot' in [[vm.disk]] is 4, but 'ide' has slots from 0 to 3");
  EXPECT_EQ(vm_refusal("disk = [{ slot = 1 }]\noptical_drive = [{ slot = 1 }]"),
            "s.toml:4:27: a second device at slot 1 of 'sata'");
  EXPECT_EQ(vm_refusal("disk = [{}, {}, {}, {}, {}, {}]"), "(accepted)");
  EXPECT_EQ(vm_refusal("disk = [{}, {}, {}, {}, {}, {}, {}]"),
            "s.toml:3:33: no slot of 'sata' is left for this [[vm.disk]]");
  EXPECT_EQ(vm_refusal("disk = [{ file = \"a\" }, { file = \"a\" }]"),
            "s.toml:3:34: a second disk with the file 'a'");
  EXPECT_EQ(vm_refusal("network_adapter = [{ mac = \"00:1c\" }]"),
            "s.toml:3:28: 'mac' in [[vm.network_adapter]] is '00:1c', not like "
            "'00:1c:42:a0:b1:c2'");
  EXPECT_EQ(vm_refusal("network_adapter = [{ mac = \"00:1c:42:a0:b1:c2\" }, "
                       "{ mac = \"001C42A0B1C2\" }]"),
            "s.toml:3:59: a second adapter with the address '001C42A0B1C2'");
  EXPECT_EQ(vm_refusal("serial_port = [{ output_file = \"a\", socket = \"b\" }]"),
            "s.toml:3:46: 'socket' has no meaning beside 'output_file'");
  EXPECT_EQ(vm_refusal("serial_port = [{ socket_mode = \"client\" }]"),
            "s.toml:3:32: 'socket_mode' in [[vm.serial_port]] belongs to 'socket'");
  EXPECT_EQ(vm_refusal("sound_device = [{}, {}]"),
            "s.toml:3:21: a VM can have no more than 1 tables [[vm.sound_device]]");
  EXPECT_EQ(vm_refusal("os = \"Ubuntu Linus\""),
            "s.toml:3:6: unknown guest system 'Ubuntu Linus'; did you mean 'Ubuntu Linux'?");
  EXPECT_EQ(vm_refusal("os = 65536"),
            "s.toml:3:6: 'os' in [[vm]] is 65536, not between 0 and 65535");
  EXPECT_EQ(vm_refusal("os = 2307"), "(accepted)");
}

TEST(ScenarioError, IsGivenForSnapshotsThatMakeNoSense) {
  const auto refusal_of = [](const std::string& snapshots) {
    return vm_refusal("snapshot = [" + snapshots + "]");
  };
  EXPECT_EQ(refusal_of("{}"), "s.toml:3:13: missing key 'name' in [[vm.snapshot]]");
  EXPECT_EQ(refusal_of("{ name = \"first\" }, { name = \"b\", parent = \"frist\" }"),
            "s.toml:3:56: there is no snapshot 'frist' before this one; did you mean 'first'?");
  EXPECT_EQ(refusal_of("{ name = \"a\", parent = \"a\" }"),
            "s.toml:3:36: there is no snapshot 'a' before this one");
  EXPECT_EQ(refusal_of("{ name = \"a\" }, { name = \"a\" }, { name = \"b\", parent = \"a\" }"),
            "s.toml:3:68: there are several snapshots named 'a'");
  EXPECT_EQ(refusal_of("{ name = \"a\", current = true }, { name = \"b\", current = true }"),
            "s.toml:3:69: a second snapshot that is the current one");
  EXPECT_NE(refusal_of("{ name = \"a\", state = \"absent\" }"), "(accepted)");
  EXPECT_NE(refusal_of("{ name = \"a\", uuid = \"1\" }"), "(accepted)");
  EXPECT_NE(refusal_of("{ name = \"\" }"), "(accepted)");
}

TEST(ScenarioError, IsGivenForSettingsThatMakeNoSense) {
  EXPECT_EQ(vm_refusal("settings.Hardware.Video.VideoMemSize = 1"),
            "s.toml:3:40: unknown property 'Hardware.Video.VideoMemSize'; did you mean "
            "'Hardware.Video.VideoMemorySize'?");
  EXPECT_EQ(vm_refusal("settings.Hardware.Video.VideoMemorySize = \"x\""),
            "s.toml:3:43: 'VideoMemorySize' in 'settings.Hardware.Video' of [[vm]] must "
            "be an integer");
  EXPECT_EQ(vm_refusal("settings.Hardware.Video.VideoMemorySize = 4294967296"),
            "s.toml:3:43: 'VideoMemorySize' in 'settings.Hardware.Video' of [[vm]] is "
            "4294967296, not between 0 and 4294967295");
  EXPECT_EQ(vm_refusal("settings.Hardware.Memory.RAM = 1"),
            "s.toml:3:32: 'Hardware.Memory.RAM' has the key 'ram_mib'");
  EXPECT_EQ(vm_refusal("settings.Hardware.Hdd = [{ SerialNumber = \"x\" }]"),
            "s.toml:3:25: 'Hardware.Hdd' has tables [[vm.disk]]");
  EXPECT_EQ(vm_refusal("network_adapter = [{ settings = { NetAddress = [\"x\"] } }]"),
            "s.toml:3:48: 'NetAddress' in 'settings' of [[vm.network_adapter]] is 'x', but must "
            "be: an address");
  EXPECT_EQ(vm_refusal("settings.Hardware.Video = [{}]"),
            "s.toml:3:27: unknown property 'Hardware.Video'");
  EXPECT_EQ(vm_refusal("settings.Hardware.Video.VideoMemorySize = [{}]"),
            "s.toml:3:43: 'VideoMemorySize' in 'settings.Hardware.Video' of [[vm]] must "
            "be an integer");
  EXPECT_EQ(vm_refusal("settings = 1"),
            "s.toml:3:12: 'settings' in [[vm]] must be a table, { ... }");
}

TEST(ScenarioError, IsGivenForListsThatAreOfSomethingElse) {
  const std::string locks = "settings.Security.LockedOperationsList.LockedOperation = ";
  const auto refusal_of_locks = [&](const std::string& value) { return vm_refusal(locks + value); };
  const std::string where =
      "s.toml:3:58: 'LockedOperation' in 'settings.Security.LockedOperationsList' of "
      "[[vm]] must be a list of integers";
  EXPECT_EQ(refusal_of_locks("[1, \"a\"]"), where + " from 0 to 4294967295");
  EXPECT_EQ(refusal_of_locks("[4294967296]"), where + " from 0 to 4294967295");
  EXPECT_EQ(refusal_of_locks("[-1]"), where + " from 0 to 4294967295");
  EXPECT_EQ(refusal_of_locks("1"), where + " from 0 to 4294967295");
  EXPECT_EQ(refusal_of_locks("[{}]"), where);
  EXPECT_EQ(refusal_of_locks("[]"), "(accepted)");
  const auto refusal_of_boots = [&](const std::string& value) {
    return vm_refusal("settings.Settings.Startup.BootingOrder.BootDevice = " + value);
  };
  const std::string boots =
      "s.toml:3:53: 'BootDevice' in 'settings.Settings.Startup.BootingOrder' of "
      "[[vm]] must be a list of tables, [{ ... }]";
  EXPECT_EQ(refusal_of_boots("[1]"), boots);
  EXPECT_EQ(refusal_of_boots("\"hdd\""), boots);
  EXPECT_EQ(refusal_of_boots("[]"), "(accepted)");
  EXPECT_EQ(refusal_of_boots("[{ Typ = 5 }]"),
            "s.toml:3:62: unknown property 'Settings.Startup.BootingOrder.BootDevice[].Typ'");
  EXPECT_EQ(vm_refusal("settings.Settings.GlobalNetwork.DnsIPAddress = [{}]"),
            "s.toml:3:48: 'DnsIPAddress' in 'settings.Settings.GlobalNetwork' of [[vm]] "
            "must be a list of texts");
}

TEST(ScenarioError, IsGivenForSettingsOfTheHostThatMakeNoSense) {
  const auto refusal_of = [](const std::string& lines) { return refusal("[host]\n" + lines); };
  EXPECT_EQ(refusal_of("settings.Cpu.Number = 4"), "s.toml:2:23: 'Cpu.Number' has the key 'cpus'");
  EXPECT_EQ(refusal_of("settings.NetworkSettings.GlobalNetwork.SearchDomian = [\"a\"]"),
            "s.toml:2:55: unknown property 'NetworkSettings.GlobalNetwork.SearchDomian'; did you "
            "mean 'NetworkSettings.GlobalNetwork.SearchDomain[]'?");
  EXPECT_EQ(refusal_of("settings.UsbDevices.UsbDevice = 1"),
            "s.toml:2:33: 'UsbDevice' in 'host.settings.UsbDevices' of the scenario must "
            "be a list of tables, [{ ... }]");
  EXPECT_EQ(refusal_of("preferences.RemoteDisplayPreferences.BasePrt = 1"),
            "s.toml:2:48: unknown property 'RemoteDisplayPreferences.BasePrt'; did you mean "
            "'RemoteDisplayPreferences.BasePort'?");
  EXPECT_EQ(refusal_of("user_profile.UserWorkspace.UserDefaultVmFolder = 1"),
            "s.toml:2:50: 'UserDefaultVmFolder' in 'host.user_profile.UserWorkspace' of "
            "the scenario must be a text");
  EXPECT_EQ(refusal_of("user_profile = 1"),
            "s.toml:2:16: 'user_profile' in 'host' of the scenario must be a table, { ... }");
  EXPECT_EQ(refusal_of("disk_gib = 64\nsettings.HardDisks.HardDisk = [{ Name = \"a\" }]"),
            "s.toml:2:12: 'disk_gib' in 'host' of the scenario has no meaning beside 'HardDisks' "
            "of its 'settings'");
  EXPECT_EQ(refusal_of("settings.HardDisks.HardDisk = []"), "(accepted)");
}

}  // namespace
}  // namespace prl::faults
