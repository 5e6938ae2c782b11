// A client program for tests that need several processes. Each argument is a command of HomeSession
// or one of:
//   state, registers, boots, image, list: print a line
//   until-closed: waits until standard input is closed
//   die: ends the process as a crash does
// Prints a line per command, `<command> -> <answer>`, and ends with 0 when all of them succeeded.
//
// With the environment variable HOME_CLIENT_STEPS=<n> the program kills itself instead of taking
// the n-th step that changes a disk, counted from 1 over all of the process: the functions below
// stand before those of the system, also for the libraries.
#include <dlfcn.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/sdk/home_session.h"

namespace {

// Plain memory, so that it is there before main and after it.
long steps_left = 0;  // 0: never

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

void count_step() {
  if (steps_left > 0 && --steps_left == 0) ::kill(::getpid(), SIGKILL);
}

}  // namespace

#define PRLSIM_TEST_STEP(name, parameters, arguments)                       \
  extern "C" __attribute__((visibility("default"))) int name parameters {   \
    static const auto system_function = next<int(*) parameters>(#name);     \
    count_step();                                                           \
    return system_function arguments;                                       \
  }
#define PRLSIM_TEST_WRITE(name, offset_type)                                              \
  extern "C" __attribute__((visibility("default"))) ssize_t name(                         \
      int file, const void* bytes, size_t count, offset_type offset) {                    \
    static const auto system_function =                                                   \
        next<ssize_t (*)(int, const void*, size_t, offset_type)>(#name);                  \
    count_step();                                                                         \
    return system_function(file, bytes, count, offset);                                   \
  }

#define PRLSIM_TEST_GATHERED_WRITE(name, offset_type)                                     \
  extern "C" __attribute__((visibility("default"))) ssize_t name(                         \
      int file, const struct iovec* pieces, int count, offset_type offset) {              \
    static const auto system_function =                                                   \
        next<ssize_t (*)(int, const struct iovec*, int, offset_type)>(#name);             \
    count_step();                                                                         \
    return system_function(file, pieces, count, offset);                                  \
  }

PRLSIM_TEST_STEP(fsync, (int file), (file))
PRLSIM_TEST_STEP(fdatasync, (int file), (file))
PRLSIM_TEST_STEP(rename, (const char* from, const char* to) noexcept, (from, to))
PRLSIM_TEST_STEP(unlink, (const char* path) noexcept, (path))
PRLSIM_TEST_STEP(unlinkat, (int folder, const char* path, int flags) noexcept,
                 (folder, path, flags))
PRLSIM_TEST_STEP(mkdir, (const char* path, mode_t mode) noexcept, (path, mode))
PRLSIM_TEST_STEP(ftruncate, (int file, off_t bytes) noexcept, (file, bytes))
PRLSIM_TEST_STEP(ftruncate64, (int file, off64_t bytes) noexcept, (file, bytes))
PRLSIM_TEST_WRITE(pwrite, off_t)
PRLSIM_TEST_WRITE(pwrite64, off64_t)
PRLSIM_TEST_GATHERED_WRITE(pwritev, off_t)
PRLSIM_TEST_GATHERED_WRITE(pwritev64, off64_t)

namespace {

void print(const std::string& command, const std::string& answer) {
  std::printf("%s -> %s\n", command.c_str(), answer.c_str());
  std::fflush(stdout);
}

void wait_until_closed() {
  while (std::getchar() != EOF) {
  }
}

// True when the command is one that prints.
bool look(prl::tests::HomeSession& session, const std::string& command) {
  if (command == "state") {
    print(command, session.state());
  } else if (command == "registers") {
    print(command, session.registers());
  } else if (command == "boots") {
    print(command, std::to_string(session.boot_count()));
  } else if (command == "image") {
    print(command, session.image_path());
  } else if (command == "list") {
    std::string names;
    for (const std::string& name : session.list()) names += " " + name;
    print(command, names);
  } else if (command == "snapshots") {
    std::string names;
    for (const std::string& name : session.snapshots()) names += " " + name;
    print(command, names);
  } else {
    return false;
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (const char* steps = std::getenv("HOME_CLIENT_STEPS")) steps_left = std::atol(steps);
  bool all_succeeded = true;
  prl::tests::HomeSession session;
  const PRL_RESULT opened = session.open();
  print("open", prl::tests::code_name(opened) + " " + session.message());
  if (opened != PRL_ERR_SUCCESS) return 1;
  for (int i = 1; i < count; ++i) {
    const std::string command = arguments[i];
    if (command == "until-closed") {
      wait_until_closed();
    } else if (command == "die") {
      ::kill(::getpid(), SIGKILL);
    } else if (!look(session, command)) {
      const PRL_RESULT code = session.run(command);
      all_succeeded = all_succeeded && code == PRL_ERR_SUCCESS;
      print(command, prl::tests::code_name(code));
    }
  }
  return all_succeeded ? 0 : 1;
}
