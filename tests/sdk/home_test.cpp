// One process and its home: what the login says of a home that cannot be used, and what is found in
// one that was damaged or tampered with.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string>
#include <vector>

#include "simulator/home.h"
#include "simulator/sqlite.h"
#include "tests/sdk/api_session.h"
#include "tests/sdk/home_session.h"
#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

namespace fs = std::filesystem;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

void run_sql(const std::string& path, const std::string& sql) {
  auto sqlite = sim::Sqlite::load();
  ASSERT_TRUE(sqlite) << sqlite.error();
  auto database = sim::Database::open(*sqlite, path);
  ASSERT_TRUE(database) << database.error();
  const auto done = database->run(sql);
  ASSERT_TRUE(done) << done.error();
}

class Home : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("PRLSIM_HOME", home_.c_str(), 1);
    ::setenv("PRLSIM_CLOCK", "virtual", 1);
  }
  void TearDown() override { ::unsetenv("PRLSIM_HOME"); }

  // Carries the commands out in a session of their own.
  static void run(std::initializer_list<const char*> commands) {
    HomeSession session;
    ASSERT_EQ(session.open(), PRL_ERR_SUCCESS) << session.message();
    for (const char* command : commands) {
      ASSERT_EQ(session.run(command), PRL_ERR_SUCCESS) << command << " " << session.message();
    }
  }
  static std::string state_of(const std::string& vm) {
    HomeSession session;
    if (session.open() != PRL_ERR_SUCCESS) return session.message();
    return session.run("select " + vm) == PRL_ERR_SUCCESS ? session.state() : "none";
  }
  // The text of a login that fails as it should.
  static std::string refusal() {
    HomeSession session;
    EXPECT_EQ(session.open(), PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
    return session.message();
  }
  // The only file of the VM's folder whose name ends so.
  std::string file_of(const std::string& vm, const std::string& ending) const {
    for (const auto& entry : fs::directory_iterator(home_ + "/vms/" + vm + ".pvm")) {
      if (entry.path().string().ends_with(ending)) return entry.path().string();
    }
    return "";
  }

  const TemporaryFolder folder_;
  const std::string home_ = folder_ / "parent/home";
  const std::string registry_ = home_ + "/registry.sqlite";
};

// ---- Homes that cannot be used ---------------------------------------------------------------

TEST_F(Home, WithADamagedRegistryIsRefusedAndLeftAlone) {
  run({"create web"});
  for (const std::string& damaged :
       {std::string(5000, 'x'), read_file(registry_).substr(0, 5000)}) {
    write_file(registry_, damaged);
    const std::string text = refusal();
    EXPECT_NE(text.find("the home " + home_ + " cannot be used: " + registry_ + ": "),
              std::string::npos) << text;
    EXPECT_EQ(read_file(registry_), damaged);
  }
}

TEST_F(Home, WithADamagedPageIsRefusedAndLeftAlone) {
  run({"create web"});
  std::string bytes = read_file(registry_);
  bytes.replace(4096, 4096, 4096, '\xff');
  write_file(registry_, bytes);
  EXPECT_NE(refusal().find(registry_), std::string::npos);
  EXPECT_EQ(read_file(registry_), bytes);
}

TEST_F(Home, OfANewerVersionIsRefusedAndLeftAlone) {
  run({"create web"});
  run_sql(registry_, "PRAGMA user_version = 4");
  const std::string bytes = read_file(registry_);
  const std::string text = refusal();
  EXPECT_NE(text.find(registry_ + " has schema version 4, but this library knows versions up to 3"),
            std::string::npos) << text;
  EXPECT_EQ(read_file(registry_), bytes);
}

// What version 1 had: no column for properties.
TEST_F(Home, OfTheFirstVersionIsTakenOver) {
  run({"create web"});
  run_sql(registry_, "ALTER TABLE vms DROP COLUMN properties");
  run_sql(registry_, "DROP TABLE documents");
  run_sql(registry_, "PRAGMA user_version = 1");
  EXPECT_EQ(state_of("web"), "stopped");
  run({"create db"});
  EXPECT_EQ(state_of("web"), "stopped");
  EXPECT_EQ(state_of("db"), "stopped");
}

TEST_F(Home, KeepsTheSettingsOfAVm) {
  std::string uuid;
  {
    const InitialisedLibrary library;
    const ApiSession session;
    const PRL_HANDLE vm = session.registered_vm("web");
    uuid = text_of(vm, PrlVmCfg_GetUuid);
    ASSERT_EQ(code_of(PrlVm_BeginEdit(vm)), PRL_ERR_SUCCESS);
    PrlVmCfg_SetDescription(vm, "tab\tand\nline");
    PrlVmCfg_SetRamSize(vm, 8);
    ASSERT_EQ(code_of(PrlVm_Commit(vm)), PRL_ERR_SUCCESS);
    PrlHandle_Free(vm);
  }
  const InitialisedLibrary library;
  const ApiSession session;
  const PRL_HANDLE vm = session.find_vm(uuid);
  EXPECT_EQ(text_of(vm, PrlVmCfg_GetDescription), "tab\tand\nline");
  PRL_UINT32 ram_mib = 0;
  EXPECT_EQ(PrlVmCfg_GetRamSize(vm, &ram_mib), PRL_ERR_SUCCESS);
  EXPECT_EQ(ram_mib, 8u);
  PrlHandle_Free(vm);
}

TEST_F(Home, WithDamagedSettingsIsRefused) {
  run({"create web"});
  run_sql(registry_, "UPDATE vms SET properties = 'properties 1 1'");
  EXPECT_NE(refusal().find("the entry of VM 'web' is damaged"), std::string::npos);
}

TEST_F(Home, WithADatabaseOfSomebodyElseIsRefusedAndLeftAlone) {
  fs::create_directories(home_);
  run_sql(registry_, "CREATE TABLE stamps (country TEXT)");
  const std::string bytes = read_file(registry_);
  EXPECT_NE(refusal().find("not the registry of a home"), std::string::npos);
  EXPECT_EQ(read_file(registry_), bytes);
}

TEST_F(Home, WithADamagedEntryNamesIt) {
  run({"create web"});
  run_sql(registry_, "UPDATE vms SET uuid = 'web'");
  EXPECT_NE(refusal().find("the entry of VM 'web' is damaged"), std::string::npos);
}

TEST_F(Home, WithAFileInItsPlaceNamesIt) {
  fs::create_directories(folder_ / "parent");
  write_file(home_, "a letter");
  const std::string text = refusal();
  EXPECT_NE(text.find("mkdir " + home_), std::string::npos) << text;
  EXPECT_EQ(read_file(home_), "a letter");
}

TEST_F(Home, WithoutPermissionNamesTheStep) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may do everything";
  fs::create_directories(folder_ / "parent");
  ::chmod((folder_ / "parent").c_str(), 0500);
  const std::string text = refusal();
  EXPECT_NE(text.find("Permission denied"), std::string::npos) << text;
  ::chmod((folder_ / "parent").c_str(), 0700);
}

TEST_F(Home, IsHeldOnceInAProcessToo) {
  const auto holder = sim::make_home_store(home_);
  ASSERT_TRUE(holder->open());
  const std::string text = refusal();
  EXPECT_NE(text.find("is held by process " + std::to_string(::getpid()) + " ("),
            std::string::npos) << text;
  holder->close();
  EXPECT_EQ(state_of("web"), "none");
}

TEST_F(Home, CanBeLoggedInToOnceTheObstacleIsGone) {
  HomeSession session;
  {
    const auto holder = sim::make_home_store(home_);
    ASSERT_TRUE(holder->open());
    EXPECT_EQ(session.open(), PRL_ERR_CANT_CONNECT_TO_DISPATCHER);
  }
  session.close();
  EXPECT_EQ(session.open(), PRL_ERR_SUCCESS) << session.message();
}

TEST_F(Home, IsTakenFromTheWorkingDirectory) {
  const fs::path before = fs::current_path();
  fs::create_directories(folder_ / "here");
  fs::current_path(folder_ / "here");
  ::setenv("PRLSIM_HOME", "relative/", 1);
  HomeSession session;
  EXPECT_EQ(session.open(), PRL_ERR_SUCCESS) << session.message();
  fs::current_path(before);
  EXPECT_EQ(session.run("create web"), PRL_ERR_SUCCESS);
  EXPECT_TRUE(fs::exists(folder_ / "here/relative/vms/web.pvm"));
}

// ---- What is found in a folder ---------------------------------------------------------------

TEST_F(Home, FindsAParkedVmWithoutImage) {
  run({"create web", "start", "fill 1", "pause"});
  ASSERT_NE(file_of("web", ".paused"), "");
  {
    HomeSession session;
    ASSERT_EQ(session.open(), PRL_ERR_SUCCESS);
    ASSERT_EQ(session.run("select web"), PRL_ERR_SUCCESS);
    EXPECT_EQ(session.state(), "paused");
    EXPECT_EQ(session.run("check 1"), PRL_ERR_SUCCESS);
    // Taken out of the folder: a process that dies now leaves no moment behind.
    EXPECT_EQ(file_of("web", ".paused"), "");
    EXPECT_EQ(session.boot_count(), 1u);
  }
  EXPECT_NE(file_of("web", ".paused"), "");
}

TEST_F(Home, SetsADamagedParkedVmAside) {
  run({"create web", "start"});
  const std::string parked = file_of("web", ".running");
  ASSERT_NE(parked, "");
  write_file(parked, read_file(parked).substr(0, 5000));
  EXPECT_EQ(state_of("web"), "stopped");
  EXPECT_FALSE(fs::exists(parked));
  EXPECT_EQ(fs::file_size(parked + ".damaged"), 5000u);
  run({"select web", "start", "suspend"});
  // With an image the VM is suspended, whatever was to be parked beside it.
  write_file(parked, "damaged");
  EXPECT_EQ(state_of("web"), "suspended");
}

TEST_F(Home, DropsAnImageBesideAParkedVm) {
  run({"create web", "start", "suspend"});
  const std::string image = file_of("web", ".sav");
  const std::string kept = folder_ / "kept";
  fs::copy_file(image, kept);
  run({"select web", "resume"});
  fs::copy_file(kept, image);
  EXPECT_EQ(state_of("web"), "running");
  EXPECT_FALSE(fs::exists(image));
}

TEST_F(Home, RemovesWhatKilledProcessesLeftHalfWritten) {
  run({"create web", "start", "suspend"});
  const std::string image = file_of("web", ".sav");
  const std::string stem = image.substr(0, image.size() - 4);
  for (const char* ending : {".sav.tmp", ".running.tmp", ".paused.tmp"}) {
    write_file(stem + ending, "half");
  }
  EXPECT_EQ(state_of("web"), "suspended");
  EXPECT_EQ(file_of("web", ".tmp"), "");
}

// ---- Deleting --------------------------------------------------------------------------------

TEST_F(Home, CompletesADeleteThatStoppedAfterTheRename) {
  run({"create web", "create other"});
  fs::rename(home_ + "/vms/web.pvm", home_ + "/vms/web.pvm.deleted");
  EXPECT_EQ(state_of("web"), "none");
  EXPECT_FALSE(fs::exists(home_ + "/vms/web.pvm.deleted"));
  EXPECT_EQ(state_of("other"), "stopped");
}

TEST_F(Home, NeverRemovesAFolderThatNobodyNames) {
  run({"create web", "start", "suspend", "unreg"});
  fs::create_directories(home_ + "/vms/notes");
  EXPECT_EQ(state_of("web"), "none");
  EXPECT_NE(file_of("web", ".sav"), "");
  EXPECT_TRUE(fs::exists(home_ + "/vms/notes"));
  // A VM of the same name gets a folder of its own.
  run({"create web", "start"});
  EXPECT_NE(file_of("web", ".sav"), "");
  EXPECT_EQ(file_of("web", ".running"), "");
}

TEST_F(Home, TakesUpTheEmptyFolderOfAVmThatWasNeverRegistered) {
  fs::create_directories(home_ + "/vms/web.pvm");
  run({"create web", "start", "suspend"});
  EXPECT_NE(file_of("web", ".sav"), "");
}

TEST_F(Home, KeepsTheOrderOfRegistration) {
  run({"create c", "create a", "create b", "select c", "start", "stop"});
  run({"select a", "delete", "create a"});
  HomeSession session;
  ASSERT_EQ(session.open(), PRL_ERR_SUCCESS);
  EXPECT_EQ(session.list(), (std::vector<std::string>{"c", "b", "a"}));
}

}  // namespace
}  // namespace prl::tests
