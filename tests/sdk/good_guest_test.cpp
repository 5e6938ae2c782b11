// The library is a guest in the client's process: what it needs, what it starts and what it leaves.
#include <fcntl.h>
#include <SdkWrap.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "tests/temporary_folder.h"

namespace prl::tests {
namespace {

using namespace PrlSdkWrapNamespace;
namespace fs = std::filesystem;

size_t count_threads() {
  const fs::directory_iterator tasks("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

// A thread that has been joined may still be on its way out of the kernel's list.
size_t count_threads_down_to(size_t expected) {
  constexpr int kLooks = 100'000;
  size_t threads = count_threads();
  for (int i = 0; i < kLooks && threads > expected; ++i) {
    std::this_thread::yield();
    threads = count_threads();
  }
  return threads;
}

bool is_mapped(const std::string& library) {
  std::ifstream maps("/proc/self/maps");
  std::ostringstream text;
  text << maps.rdbuf();
  return text.str().find(library) != std::string::npos;
}

// What the loader lists for the library, by the names in its own entries.
std::set<std::string> needed_libraries() {
  std::set<std::string> names;
  const std::string command = std::string("LC_ALL=C ldd ") + PRLSIM_LIBRARY;
  std::FILE* lines = ::popen(command.c_str(), "r");
  std::array<char, 1024> line;
  while (lines && std::fgets(line.data(), line.size(), lines)) {
    std::string name;
    std::istringstream(line.data()) >> name;
    names.insert(fs::path(name).filename());
  }
  if (lines) ::pclose(lines);
  return names;
}

// Sends the two output streams into a file while it lives.
class Capture {
 public:
  explicit Capture(const std::string& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ::dup2(file, 1);
    ::dup2(file, 2);
    ::close(file);
  }
  ~Capture() {
    ::dup2(output_, 1);
    ::dup2(error_, 2);
    ::close(output_);
    ::close(error_);
  }

 private:
  const int output_ = ::dup(1);
  const int error_ = ::dup(2);
};

PRL_RESULT finish(PRL_HANDLE job) {
  PRL_RESULT code = PRL_ERR_UNEXPECTED;
  PrlJob_Wait(job, 60'000);
  PrlJob_GetRetCode(job, &code);
  PrlHandle_Free(job);
  return code;
}

struct Threads {
  size_t after_load = 0;
  size_t after_init = 0;
  size_t after_login = 0;
  size_t after_deinit = 0;
};

// Loads the library, lets a VM live through a suspend and unloads the library again.
void run_a_client(Threads& threads) {
  ASSERT_EQ(SdkWrap_Load(PRLSIM_LIBRARY), PRL_ERR_SUCCESS);
  threads.after_load = count_threads();
  ASSERT_EQ(PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0), PRL_ERR_SUCCESS);
  threads.after_init = count_threads();
  PRL_HANDLE server = PRL_INVALID_HANDLE;
  PRL_HANDLE vm = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlSrv_Create(&server), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_LoginLocal(server, "", 0, PSL_HIGH_SECURITY)), PRL_ERR_SUCCESS);
  threads.after_login = count_threads();
  ASSERT_EQ(PrlSrv_CreateVm(server, &vm), PRL_ERR_SUCCESS);
  PrlVmCfg_SetName(vm, "guest");
  PrlVmCfg_SetRamSize(vm, 16);
  EXPECT_EQ(finish(PrlVm_Reg(vm, "", PRL_TRUE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Suspend(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Resume(vm)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_Pause(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlSrv_Logoff(server)), PRL_ERR_SUCCESS);
  PrlHandle_Free(vm);
  PrlHandle_Free(server);
  EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_SUCCESS);
  threads.after_deinit = count_threads_down_to(threads.after_load);
  EXPECT_EQ(SdkWrap_Unload(), PRL_ERR_SUCCESS);
}

TEST(GoodGuest, NeedsTheRuntimeOfCxxOnly) {
  if (PRLSIM_IS_SANITIZED) GTEST_SKIP() << "the sanitizers bring libraries of their own";
  const std::set<std::string> allowed = {"libc.so.6",      "libm.so.6",
                                         "libstdc++.so.6", "libgcc_s.so.1",
                                         "linux-vdso.so.1", "ld-linux-x86-64.so.2"};
  const std::set<std::string> needed = needed_libraries();
  EXPECT_GE(needed.size(), 4u);
  for (const std::string& name : needed) EXPECT_TRUE(allowed.contains(name)) << name;
}

TEST(GoodGuest, LeavesNoThreadNoMappingAndNoWord) {
  const TemporaryFolder folder;
  ::setenv("PRLSIM_HOME", (folder / "home").c_str(), 1);
  ::setenv("PRLSIM_CLOCK", "scaled:1000", 1);
  // The thread sanitizer starts a thread of its own beside the first one of the program.
  std::thread([] {}).join();
  const size_t threads_before = count_threads_down_to(PRLSIM_IS_SANITIZED ? 2 : 1);
  const bool had_sqlite = is_mapped("libsqlite3");
  Threads threads;
  {
    const Capture capture(folder / "words");
    run_a_client(threads);
  }
  EXPECT_EQ(threads.after_load, threads_before);
  EXPECT_EQ(threads.after_init, threads_before);
  EXPECT_GT(threads.after_login, threads_before);
  EXPECT_EQ(threads.after_deinit, threads_before);
  EXPECT_EQ(fs::file_size(folder / "words"), 0u);
  EXPECT_FALSE(had_sqlite);
  EXPECT_FALSE(is_mapped("libsqlite3"));
  // The sanitizers' runtime of g++ keeps libraries that were loaded.
  if (!PRLSIM_IS_SANITIZED) {
    EXPECT_FALSE(is_mapped("libprl_sdk"));
  }
  ::unsetenv("PRLSIM_HOME");
}

TEST(GoodGuest, DoesNotLoadSqliteWithoutAHome) {
  ::setenv("PRLSIM_CLOCK", "virtual", 1);
  ASSERT_EQ(SdkWrap_Load(PRLSIM_LIBRARY), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0), PRL_ERR_SUCCESS);
  PRL_HANDLE server = PRL_INVALID_HANDLE;
  PrlSrv_Create(&server);
  EXPECT_EQ(finish(PrlSrv_LoginLocal(server, "", 0, PSL_HIGH_SECURITY)), PRL_ERR_SUCCESS);
  EXPECT_FALSE(is_mapped("libsqlite3"));
  PrlHandle_Free(server);
  EXPECT_EQ(PrlApi_Deinit(), PRL_ERR_SUCCESS);
  EXPECT_EQ(SdkWrap_Unload(), PRL_ERR_SUCCESS);
}

}  // namespace
}  // namespace prl::tests
