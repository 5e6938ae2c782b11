// `prlsim doctor`: what it finds wrong with the library, the environment and a home.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/temporary_folder.h"
#include "tests/tool/tool_process.h"
#include "tool/home_check.h"

namespace prl::tests {
namespace {

TEST(Doctor, NamesTheLibrary) {
  const Printed printed = prlsim({"doctor"});
  EXPECT_EQ(printed.exit_code, 0) << printed.out;
  EXPECT_NE(printed.out.find(std::string(PRLSIM_LIBRARY_DIR) + "/libprl_sdk.so.9.0.0\n"),
            std::string::npos)
      << printed.out;
  EXPECT_NE(printed.out.find("API version 9.0"), std::string::npos) << printed.out;
}

TEST(Doctor, FindsWhatIsWrongWithTheEnvironment) {
  const auto finds = [](const std::string& setting, const std::string& word) {
    const Printed printed = prlsim({"doctor"}, setting);
    return printed.exit_code == 1 && printed.out.find(word) != std::string::npos;
  };
  EXPECT_TRUE(finds("PRLSIM_SEDE=1", "PRLSIM_SEDE"));
  EXPECT_TRUE(finds("PRLSIM_CLOCK=fast", "fast"));
  EXPECT_TRUE(finds("PRLSIM_SCENARIO=" + scenario("unknown_key"), ":6:1:"));
  EXPECT_TRUE(finds("PRLSIM_HOME=/dev/null", "is no folder"));
  EXPECT_TRUE(finds("PRLSIM_TRACE=/there/is/none", "is in a folder that does not exist"));
  EXPECT_TRUE(
      finds("PRLSIM_LEAKS=/there/is/none", "PRLSIM_LEAKS: '/there/is/none' is in a folder"));
}

// It is what Init would refuse; the probe has none of them.
TEST(Doctor, SaysOfNothingThatIsWrongThatItIsInOrder) {
  const TemporaryFolder folder;
  for (const std::string setting : {"PRLSIM_TRACE=none/x", "PRLSIM_LEAKS=none/x", "PRLSIM_LEAKS=.",
                                    "PRLSIM_TRACE=.", "PRLSIM_HOME=/dev/null/x"}) {
    for (const tool::Words& words : {tool::Words{"doctor"}, tool::Words{"doctor", "--json"}}) {
      const Printed printed = prlsim(words, setting);
      EXPECT_EQ(printed.exit_code, 1) << setting << printed.out;
      EXPECT_FALSE(contains(printed.out, "is in order")) << setting << printed.out;
      EXPECT_TRUE(contains(printed.out,
                           "API version 9.0; what is wrong with the environment is "
                           "said below."))
          << setting << printed.out;
    }
  }
  EXPECT_TRUE(contains(prlsim({"doctor"}).out, "API version 9.0; the environment is in order.\n"));
}

TEST(Doctor, RefusesAFolderWithoutALibrary) {
  const TemporaryFolder folder;
  const Printed printed = prlsim({"doctor", "--library", folder.path()});
  EXPECT_EQ(printed.exit_code, 2);
  EXPECT_EQ(printed.err, "prlsim: there is no libprl_sdk.so in '" + folder.path() + "'\n");
}

TEST(Doctor, TellsAForeignLibrary) {
  const TemporaryFolder folder;
  write(folder / "libprl_sdk.so", "no library");
  const Printed printed = prlsim({"doctor", "--library", folder.path()});
  EXPECT_EQ(printed.exit_code, 1);
  EXPECT_NE(printed.out.find("none: "), std::string::npos) << printed.out;
}

TEST(Doctor, LeavesATraceAsItIs) {
  const TemporaryFolder folder;
  write(folder / "trace", "precious");
  const Printed printed = prlsim({"doctor"}, "PRLSIM_TRACE=" + (folder / "trace"));
  EXPECT_EQ(printed.exit_code, 0) << printed.out;
  EXPECT_EQ(text_of(folder / "trace"), "precious");
}

TEST(Doctor, MakesNoFileOfLeaks) {
  const TemporaryFolder folder;
  const Printed printed = prlsim({"doctor"}, "PRLSIM_LEAKS=" + (folder / "leaks"));
  EXPECT_EQ(printed.exit_code, 0) << printed.out;
  EXPECT_TRUE(contains(printed.out, "/leaks' can be used.\n")) << printed.out;
  EXPECT_FALSE(std::filesystem::exists(folder / "leaks"));
}

TEST(Home, MayBeAbsentButNotHeld) {
  const TemporaryFolder folder;
  EXPECT_EQ(tool::trouble_with_home(folder / "new/home"), "");
  EXPECT_FALSE(std::filesystem::exists(folder / "new"));
  EXPECT_EQ(tool::trouble_with_home(folder.path()), "");
  const int lock = ::open((folder / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  EXPECT_EQ(tool::trouble_with_home(folder.path()), "");
  ASSERT_EQ(::flock(lock, LOCK_EX), 0);
  EXPECT_EQ(tool::trouble_with_home(folder.path()), "is held by another process at this moment");
  ::close(lock);
}

// Its rights would let root make it.
TEST(Home, MustBeSomewhereWhereFoldersCanBeMade) {
  const TemporaryFolder folder;
  EXPECT_EQ(tool::trouble_with_home("/proc/foo/home"),
            "does not exist and cannot be made in '/proc'");
  std::filesystem::create_symlink(folder / "none", folder / "link");
  EXPECT_EQ(tool::trouble_with_home(folder / "link"), "is a link to what does not exist");
  EXPECT_EQ(tool::trouble_with_home(folder / "link/home"),
            "is below '" + (folder / "link") + "', a link to what does not exist");
  EXPECT_EQ(tool::trouble_with_home(folder / "new/home"), "");
  std::filesystem::create_directory(folder / "none");
  EXPECT_EQ(tool::trouble_with_home(folder / "link"), "");
  std::filesystem::remove(folder / "none");
  std::filesystem::remove(folder / "link");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  const std::string ran = folder / "ran";
  const Printed printed = prlsim({"run", "--", "touch", ran}, "PRLSIM_HOME=/proc/foo");
  EXPECT_EQ(printed.exit_code, 2);
  EXPECT_EQ(printed.err,
            "prlsim: PRLSIM_HOME '/proc/foo' does not exist and cannot be made in '/proc'\n");
  EXPECT_FALSE(std::filesystem::exists(ran));
}

TEST(Doctor, NamesTheProcessThatHoldsTheHome) {
  const TemporaryFolder folder;
  // `exec` so that the number of the shell is that of the client, which is slow.
  const std::string holds = "PRLSIM_HOME=" + (folder / "home") +
                            " LD_LIBRARY_PATH=" + tool::shell_quoted(PRLSIM_LIBRARY_DIR) +
                            " PRLSIM_SCENARIO=" + tool::shell_quoted(folder / "world.toml") +
                            " PRLSIM_CLOCK=scaled:0.01 PRLSIM_TRACE= sh -c 'exec " +
                            client("careful") + "' &\n";
  write(folder / "world.toml", kVm);
  const Printed printed =
      shell(holds + "holder=$!; i=0; while [ ! -s " + (folder / "home/lock") +
            " ] && [ $i -lt 500 ]; do sleep 0.02; i=$((i+1)); done\n" +
            "PRLSIM_HOME=" + (folder / "home") + " " + tool::shell_quoted(PRLSIM_TOOL) +
            " doctor; echo code $?; kill -9 $holder; echo holder $holder");
  const size_t at = printed.out.find("holder ");
  ASSERT_NE(at, std::string::npos) << printed.out << printed.err;
  const std::string number = printed.out.substr(at + 7, printed.out.find('\n', at) - at - 7);
  EXPECT_TRUE(contains(printed.out, "PRLSIM_HOME: '" + (folder / "home") + "' is held by process " +
                                        number + " (sweep_careful) at this moment.\n"))
      << printed.out;
  EXPECT_TRUE(contains(printed.out, "code 1\n")) << printed.out;
}

// A home in which a host has left a suspended VM.
class DamagedHome : public ::testing::Test {
 protected:
  DamagedHome() {
    ::unsetenv("PRLSIM_TRACE");
    write(folder_ / "world.toml", "[[vm]]\nname = \"web\"\nstate = \"running\"\nram_mib = 4\n");
    const Printed printed = prlsim({"run", "--scenario", folder_ / "world.toml", "--clock",
                                    "virtual", "--", client("careful")},
                                   "PRLSIM_HOME=" + home_);
    EXPECT_EQ(printed.exit_code, 0) << printed.err;
    EXPECT_EQ(doctor().exit_code, 0) << doctor().out;
  }

  Printed doctor(const tool::Words& more = {}) const {
    tool::Words words = {"doctor"};
    words.insert(words.end(), more.begin(), more.end());
    return prlsim(words, "PRLSIM_HOME=" + home_);
  }
  // Names the file, in words and in JSON, and leaves it as it is.
  void expect_named(const std::string& file, const std::string& why) const {
    const std::string before = text_of(file);
    const Printed printed = doctor();
    EXPECT_EQ(printed.exit_code, 1) << printed.out;
    EXPECT_NE(printed.out.find("PRLSIM_HOME: '" + home_ + "' is damaged: "), std::string::npos)
        << printed.out;
    EXPECT_NE(printed.out.find(file), std::string::npos) << printed.out;
    EXPECT_NE(printed.out.find(why), std::string::npos) << printed.out;
    const Printed as_json = doctor({"--json"});
    EXPECT_EQ(as_json.exit_code, 1);
    EXPECT_NE(as_json.out.find("\"is_well\": false"), std::string::npos) << as_json.out;
    EXPECT_NE(as_json.out.find(file), std::string::npos) << as_json.out;
    EXPECT_EQ(text_of(file), before);
  }
  // The only file of the VM's folder that ends so.
  std::string image() const {
    for (const auto& entry : std::filesystem::directory_iterator(home_ + "/vms/web.pvm")) {
      if (entry.path().extension() == ".sav") return entry.path().string();
    }
    return "";
  }

  const TemporaryFolder folder_;
  const std::string home_ = folder_ / "home";
  const std::string registry_ = home_ + "/registry.sqlite";
};

TEST_F(DamagedHome, IsTheOneWhoseRegistryIsNoDatabase) {
  write(registry_, std::string(8192, 'x'));
  expect_named(registry_, "not a database");
  EXPECT_FALSE(contains(doctor().out, "..\n")) << doctor().out;
}

TEST_F(DamagedHome, IsTheOneWhoseRegistryIsCut) {
  const std::string whole = text_of(registry_);
  write(registry_, whole.substr(0, whole.size() / 2));
  expect_named(registry_, "malformed");
  write(registry_, "");
  expect_named(registry_, "is empty");
}

TEST_F(DamagedHome, IsTheOneWithAConfigurationThatIsNone) {
  const std::string config = home_ + "/vms/web.pvm/config.pvs";
  write(config, "<ParallelsVirtualMachine><Identification>");
  expect_named(config, ": ");
}

TEST_F(DamagedHome, IsTheOneWithAnImageThatIsNone) {
  std::string bytes = text_of(image());
  bytes[0] = static_cast<char>(~bytes[0]);
  write(image(), bytes);
  expect_named(image(), ": ");
}

}  // namespace
}  // namespace prl::tests
