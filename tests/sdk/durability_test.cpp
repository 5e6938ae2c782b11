// Whether anything waits for the disk. The functions below stand before those of the system, also
// for the libraries.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

#include "tests/sdk/home_session.h"
#include "tests/temporary_folder.h"

namespace {

std::atomic<int> syncs = 0;

using Sync = int (*)(int);
Sync next(const char* name) {
  return reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int fsync(int file) {
  static const Sync system_function = next("fsync");
  ++syncs;
  return system_function(file);
}
extern "C" __attribute__((visibility("default"))) int fdatasync(int file) {
  static const Sync system_function = next("fdatasync");
  ++syncs;
  return system_function(file);
}

namespace prl::tests {
namespace {

constexpr const char* kClock = "clock = \"virtual\"\n";

class Durability : public testing::Test {
 protected:
  Durability() {
    ::setenv("PRLSIM_HOME", folder_.path().c_str(), 1);
    PrlSim_KeepTrace(100);
  }
  ~Durability() override {
    ::unsetenv("PRLSIM_HOME");
    ::unsetenv("PRLSIM_DURABLE");
    PrlSim_SetDurable(PRL_TRUE);
    PrlSim_SetScenario(nullptr);
    PrlSim_KeepTrace(0);
  }

  // With what the host does right after it.
  static int syncs_of(HomeSession& session, const std::string& command) {
    const int before = syncs;
    EXPECT_EQ(session.run(command), PRL_ERR_SUCCESS) << command << ": " << session.message();
    PrlSim_AdvanceTime(1);
    return syncs - before;
  }
  static bool trace_says_so() {
    std::string text(10'000, '\0');
    auto length = static_cast<PRL_UINT32>(text.size());
    EXPECT_EQ(PrlSim_GetTrace(text.data(), &length), PRL_ERR_SUCCESS);
    return text.find("world is not durable\n") != std::string::npos;
  }
  // Of everything that a session does, from its beginning to its end.
  int syncs_of_a_session() {
    const int before = syncs;
    HomeSession session;
    EXPECT_EQ(session.open(), PRL_ERR_SUCCESS) << session.message();
    says_so_ = trace_says_so();
    const std::string name = "vm" + std::to_string(++sessions_);
    for (const std::string& command :
         {"create " + name, std::string("start"), std::string("fill 1"), std::string("suspend"),
          std::string("resume"), std::string("fill 2"), std::string("snapshot one"),
          std::string("suspend"), std::string("drop"), std::string("start")}) {
      EXPECT_EQ(session.run(command), PRL_ERR_SUCCESS) << command << ": " << session.message();
    }
    session.close();  // parks the VM
    return syncs - before;
  }

  const TemporaryFolder folder_;
  bool says_so_ = false;
  int sessions_ = 0;
};

TEST_F(Durability, IsTheDefaultAndHasItsPrice) {
  PrlSim_SetScenario(kClock);
  HomeSession session;
  ASSERT_EQ(session.open(), PRL_ERR_SUCCESS) << session.message();
  EXPECT_FALSE(trace_says_so());
  EXPECT_GT(syncs_of(session, "create vm"), 0);
  EXPECT_EQ(syncs_of(session, "start"), 0);
  EXPECT_EQ(syncs_of(session, "suspend"), 2) << "the image and its folder";
  EXPECT_EQ(syncs_of(session, "resume"), 1) << "the folder";
  EXPECT_EQ(syncs_of(session, "fill 1"), 0);
  EXPECT_EQ(syncs_of(session, "suspend"), 2);
  EXPECT_EQ(syncs_of(session, "drop"), 1);
}

TEST_F(Durability, CanBeGivenUpInTheScenario) {
  PrlSim_SetScenario("durable = false\nclock = \"virtual\"\n");
  EXPECT_EQ(syncs_of_a_session(), 0);
  EXPECT_TRUE(says_so_);
}

TEST_F(Durability, CanBeGivenUpInTheEnvironment) {
  PrlSim_SetScenario(kClock);
  ::setenv("PRLSIM_DURABLE", "no", 1);
  EXPECT_EQ(syncs_of_a_session(), 0);
  EXPECT_TRUE(says_so_);
}

TEST_F(Durability, CanBeGivenUpByTheTest) {
  PrlSim_SetScenario(kClock);
  PrlSim_SetDurable(PRL_FALSE);
  EXPECT_EQ(syncs_of_a_session(), 0);
  EXPECT_TRUE(says_so_);
  PrlSim_SetDurable(PRL_TRUE);
  EXPECT_GT(syncs_of_a_session(), 0);
  EXPECT_FALSE(says_so_);
}

// The environment goes before the scenario, and that before the call.
TEST_F(Durability, IsDecidedByWhoeverIsNearestToTheRun) {
  PrlSim_SetDurable(PRL_FALSE);
  PrlSim_SetScenario("durable = true\nclock = \"virtual\"\n");
  EXPECT_GT(syncs_of_a_session(), 0);
  ::setenv("PRLSIM_DURABLE", "yes", 1);
  PrlSim_SetScenario("durable = false\nclock = \"virtual\"\n");
  EXPECT_GT(syncs_of_a_session(), 0);
  ::setenv("PRLSIM_DURABLE", "maybe", 1);
  EXPECT_EQ(HomeSession().open(), PRL_ERR_OPERATION_FAILED);
}

TEST_F(Durability, IsNotNeededToFindEverythingAgain) {
  PrlSim_SetScenario(kClock);
  PrlSim_SetDurable(PRL_FALSE);
  HomeSession session;
  ASSERT_EQ(session.open(), PRL_ERR_SUCCESS);
  for (const char* command :
       {"create vm", "start", "fill 1", "suspend", "resume", "fill 2", "suspend"}) {
    ASSERT_EQ(session.run(command), PRL_ERR_SUCCESS) << command;
  }
  session.close();
  PrlSim_SetDurable(PRL_TRUE);
  HomeSession later;
  ASSERT_EQ(later.open(), PRL_ERR_SUCCESS) << later.message();
  ASSERT_EQ(later.run("select vm"), PRL_ERR_SUCCESS);
  EXPECT_EQ(later.state(), "suspended");
  ASSERT_EQ(later.run("resume"), PRL_ERR_SUCCESS);
  EXPECT_EQ(later.run("check 2"), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
