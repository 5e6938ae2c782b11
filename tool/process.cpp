#include "tool/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

namespace prl::tool {

namespace {

constexpr std::array kEndSignals = {SIGINT, SIGTERM, SIGHUP};

std::atomic<bool> is_asked_to_end{false};
std::atomic<pid_t> foreground{0};  // a program, or, negative, a process group

void ask_to_end(int) {
  is_asked_to_end.store(true);
}

void pass_on(int signal) {
  const pid_t program = foreground.load();
  if (program != 0) ::kill(program, signal);
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  ::sigaction(signal, &action, nullptr);
}

std::vector<char*> pointers_to(Words& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// What posix_spawnp() is told besides the words; frees what it holds.
class Launch {
 public:
  Launch() {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t defaults;
    ::sigemptyset(&defaults);
    for (const int signal : kEndSignals) ::sigaddset(&defaults, signal);
    ::sigaddset(&defaults, SIGQUIT);
    ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
    ask_for(POSIX_SPAWN_SETSIGDEF);
  }
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;
  ~Launch() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  void set_apart(const std::string& output_path) {
    ::posix_spawn_file_actions_addopen(&files_, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files_, 1, output_path.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::posix_spawn_file_actions_adddup2(&files_, 1, 2);
    set_own_group();
  }
  void set_own_group() {
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ask_for(POSIX_SPAWN_SETPGROUP);
  }
  void set_mask(const sigset_t& mask) {
    ::posix_spawnattr_setsigmask(&attributes_, &mask);
    ask_for(POSIX_SPAWN_SETSIGMASK);
  }

  // 0 or errno.
  int start(pid_t& pid, Words command, Words environment) const {
    return ::posix_spawnp(&pid, command.front().c_str(), &files_, &attributes_,
                          pointers_to(command).data(), pointers_to(environment).data());
  }

 private:
  void ask_for(int flag) {
    flags_ |= flag;
    ::posix_spawnattr_setflags(&attributes_, static_cast<short>(flags_));
  }

  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
  int flags_ = 0;
};

Ending take_status(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) return {Ending::Kind::kKilled, WTERMSIG(status)};
  return {Ending::Kind::kExited, WEXITSTATUS(status)};
}

// It stays there to be waited for, so that its number is nobody else's.
bool has_ended(pid_t pid) {
  siginfo_t info = {};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid;
}

// Tells of each stop once.
bool has_stopped(pid_t pid) {
  siginfo_t info = {};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, WSTOPPED | WNOHANG) == 0 &&
         info.si_pid == pid;
}

// The terminal as a process group of its own has it, as long as this lives. Does nothing where the
// terminal is not ours to give.
class LentTerminal {
 public:
  explicit LentTerminal(pid_t group)
      : group_(group), is_ours_(::tcgetpgrp(STDIN_FILENO) == ::getpgrp()) {
    lend();
  }
  LentTerminal(const LentTerminal&) = delete;
  LentTerminal& operator=(const LentTerminal&) = delete;
  ~LentTerminal() { give_to(::getpgrp()); }

  // The group was stopped at the terminal (Ctrl-Z): so are we, until a shell lets us go on.
  void stop_too() {
    if (!is_ours_) return;
    give_to(::getpgrp());
    ::kill(0, SIGTSTP);
    lend();
  }

 private:
  void lend() {
    give_to(group_);
    // It may have been stopped because it read from the terminal too early.
    if (is_ours_) ::kill(-group_, SIGCONT);
  }
  void give_to(pid_t group) {
    if (!is_ours_) return;
    sigset_t output, before;  // that would stop who is in the background
    ::sigemptyset(&output);
    ::sigaddset(&output, SIGTTOU);
    ::pthread_sigmask(SIG_BLOCK, &output, &before);
    ::tcsetpgrp(STDIN_FILENO, group);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  const pid_t group_;
  const bool is_ours_;
};

// Of a program that leads a process group of its own, in the foreground.
Ending await(pid_t pid, std::chrono::milliseconds timeout) {
  using Clock = std::chrono::steady_clock;
  LentTerminal terminal(pid);
  const Clock::time_point end = Clock::now() + timeout;
  while (!has_ended(pid)) {
    if (Clock::now() >= end) {
      ::kill(-pid, SIGKILL);
      take_status(pid);
      return {Ending::Kind::kTimedOut, SIGKILL};
    }
    if (has_stopped(pid)) terminal.stop_too();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return take_status(pid);
}

}  // namespace

int Ending::exit_code() const {
  switch (kind) {
    case Kind::kExited:
      return value;
    case Kind::kKilled:
      return 128 + value;
    case Kind::kTimedOut:
    case Kind::kTooMuch:
    case Kind::kInterrupted:
      return 128 + SIGKILL;
    case Kind::kNotStarted:
      return value == ENOENT ? 127 : 126;
  }
  return 126;
}

bool Ending::is_crash() const {
  constexpr std::array kSignals = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};
  if (kind != Kind::kExited) return kind == Kind::kKilled;
  return std::ranges::find(kSignals, value - 128) != kSignals.end();
}

std::string Ending::text() const {
  switch (kind) {
    case Kind::kExited:
      return fmt::format("ended with {}", value);
    case Kind::kKilled:
      return fmt::format("was killed by signal {} ({})", value, ::strsignal(value));
    case Kind::kTimedOut:
      return "did not end in time";
    case Kind::kTooMuch:
      return "did not end, and filled its trace or its output";
    case Kind::kInterrupted:
      return "was interrupted";
    case Kind::kNotStarted:
      return fmt::format("could not be started ({})", ::strerror(value));
  }
  return "";
}

Ending run_in_foreground(const Words& command, const Words& environment,
                         std::optional<std::chrono::milliseconds> timeout) {
  // A signal that comes before there is a program to pass it on to waits.
  sigset_t ends, before;
  ::sigemptyset(&ends);
  for (const int signal : kEndSignals) ::sigaddset(&ends, signal);
  ::pthread_sigmask(SIG_BLOCK, &ends, &before);
  // A signal of the terminal reaches a program of our group too, which decides what it means.
  handle(SIGINT, timeout ? pass_on : SIG_IGN);
  handle(SIGQUIT, timeout ? pass_on : SIG_IGN);
  handle(SIGTERM, pass_on);
  handle(SIGHUP, pass_on);
  Launch launch;
  launch.set_mask(before);
  if (timeout) launch.set_own_group();
  pid_t pid = 0;
  const int error = launch.start(pid, command, environment);
  if (!error) foreground.store(timeout ? -pid : pid);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error) return {Ending::Kind::kNotStarted, error};
  return timeout ? await(pid, *timeout) : take_status(pid);
}

Ending run_apart(const Words& command, const Words& environment, const std::string& output_path,
                 std::chrono::milliseconds timeout, const std::function<bool()>& writes_too_much) {
  using Clock = std::chrono::steady_clock;
  constexpr uint64_t kLooks = 32;  // one of so many is at what it writes
  Launch launch;
  launch.set_apart(output_path);
  pid_t pid = 0;
  if (const int error = launch.start(pid, command, environment)) {
    return {Ending::Kind::kNotStarted, error};
  }
  const Clock::time_point end = Clock::now() + timeout;
  bool is_over = has_ended(pid);
  bool is_too_much = false;
  for (uint64_t look = 1; !is_over && !is_too_much; ++look) {
    if (Clock::now() >= end || is_asked_to_end.load()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    is_over = has_ended(pid);
    is_too_much = look % kLooks == 0 && writes_too_much && writes_too_much();
  }
  ::kill(-pid, SIGKILL);  // with whatever the program has started and left behind
  const Ending ending = take_status(pid);
  if (is_over) return ending;
  if (is_too_much) return {Ending::Kind::kTooMuch, SIGKILL};
  return {is_asked_to_end.load() ? Ending::Kind::kInterrupted : Ending::Kind::kTimedOut, SIGKILL};
}

void end_runs_on_signals() {
  for (const int signal : kEndSignals) handle(signal, ask_to_end);
}

}  // namespace prl::tool
