// Several processes and one home: what one leaves behind, however it ends, the next one finds.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/temporary_folder.h"

extern char** environ;

namespace prl::tests {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

// A process is killed at each step, and with a sanitizer, which makes processes slow, at some.
constexpr int kStride = PRLSIM_STRIDE;

// A home_client. Its answers are read when it has ended, or line by line.
class Client {
 public:
  Client(const Words& variables, const Words& commands) {
    std::array<int, 2> input{};
    std::array<int, 2> output{};
    if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input[0], 0);
    ::posix_spawn_file_actions_adddup2(&actions, output[1], 1);
    std::vector<char*> arguments = {program_.data()};
    Words words = commands;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    Words settings = variables;
    std::vector<char*> environment;
    for (char** entry = environ; *entry; ++entry) {
      if (!std::string_view(*entry).starts_with("PRLSIM_")) environment.push_back(*entry);
    }
    for (std::string& setting : settings) environment.push_back(setting.data());
    environment.push_back(nullptr);
    ::posix_spawn(&pid_, program_.c_str(), &actions, nullptr, arguments.data(),
                  environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(input[0]);
    ::close(output[1]);
    input_ = input[1];
    output_ = output[0];
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { wait(); }

  pid_t pid() const { return pid_; }
  void kill() { ::kill(pid_, SIGKILL); }
  bool is_alive() {
    if (!ended_) ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
    return !ended_;
  }
  // Closes the client's input and waits for its end.
  Client& wait() {
    if (input_ >= 0) ::close(std::exchange(input_, -1));
    while (read_more()) {
    }
    if (output_ >= 0) ::close(std::exchange(output_, -1));
    if (!ended_) ended_ = ::waitpid(pid_, &status_, 0) == pid_;
    return *this;
  }
  // Waits until the client has answered the command.
  Client& wait_for(const std::string& command) {
    while (answer(command).empty() && read_more()) {
    }
    return *this;
  }

  bool succeeded() { return WIFEXITED(wait().status_) && WEXITSTATUS(status_) == 0; }
  bool was_killed() { return WIFSIGNALED(wait().status_) && WTERMSIG(status_) == SIGKILL; }
  const std::string& output() const { return text_; }
  // The last answer to a command; empty when there is none.
  std::string answer(const std::string& command) const {
    const std::string start = command + " -> ";
    std::string found;
    std::string_view rest = text_;
    for (size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      if (rest.starts_with(start)) found = rest.substr(start.size(), end - start.size());
      rest.remove_prefix(end + 1);
    }
    return found;
  }

 private:
  bool read_more() {
    std::array<char, 4096> buffer;
    const ssize_t count = output_ < 0 ? 0 : ::read(output_, buffer.data(), buffer.size());
    if (count > 0) text_.append(buffer.data(), static_cast<size_t>(count));
    return count > 0;
  }

  std::string program_ = PRLSIM_HOME_CLIENT;
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  int status_ = 0;
  bool ended_ = false;
  std::string text_;
};

// Nothing runs in a guest between two commands.
Words in_home(const std::string& home) {
  return {"PRLSIM_HOME=" + home, "PRLSIM_CLOCK=virtual"};
}

TEST(TwoProcesses, ShareASuspendedGuest) {
  const TemporaryFolder folder;
  Client first(in_home(folder / "home"),
               {"create web", "start", "pause", "fill 7", "mark 4711", "registers", "boots",
                "suspend", "image", "state"});
  ASSERT_TRUE(first.succeeded()) << first.output();
  EXPECT_EQ(first.answer("state"), "suspended");
  EXPECT_TRUE(fs::exists(first.answer("image")));

  Client second(in_home(folder / "home"),
                {"select web", "state", "boots", "resume", "registers", "check 7"});
  ASSERT_TRUE(second.succeeded()) << second.output();
  EXPECT_EQ(second.answer("state"), "suspended");
  EXPECT_EQ(second.answer("registers"), first.answer("registers"));
  EXPECT_EQ(second.answer("boots"), "1");
  EXPECT_FALSE(fs::exists(first.answer("image")));
}

TEST(TwoProcesses, ShareARunningAndAPausedGuest) {
  const TemporaryFolder folder;
  Client first(in_home(folder / "home"),
               {"create running", "start", "stop", "start", "fill 1", "mark 5", "registers",
                "create paused", "start", "pause", "fill 2"});
  ASSERT_TRUE(first.succeeded()) << first.output();

  Client second(in_home(folder / "home"),
                {"list", "select running", "state", "boots", "check 1"});
  ASSERT_TRUE(second.succeeded()) << second.output();
  EXPECT_EQ(second.answer("list"), " running paused");
  EXPECT_EQ(second.answer("state"), "running");
  EXPECT_EQ(second.answer("boots"), "2");

  Client third(in_home(folder / "home"),
               {"select paused", "state", "check 2", "resume", "suspend", "select running",
                "check 1", "stop"});
  ASSERT_TRUE(third.succeeded()) << third.output();
  EXPECT_EQ(third.answer("state"), "paused");

  Client fourth(in_home(folder / "home"), {"select running", "state"});
  ASSERT_TRUE(fourth.succeeded()) << fourth.output();
  EXPECT_EQ(fourth.answer("state"), "stopped");
}

TEST(TwoProcesses, RegisterVmsOfDifferentIdentityWithTheSameSeed) {
  const TemporaryFolder folder;
  for (const char* command : {"create first", "create second", "create third"}) {
    Client client(in_home(folder / "home"), {command});
    EXPECT_TRUE(client.succeeded()) << client.output();
  }
}

TEST(TwoProcesses, DoNotHoldAHomeAtTheSameTime) {
  const TemporaryFolder folder;
  Client holder(in_home(folder / "home"), {"create web", "until-closed"});
  holder.wait_for("create web");
  Client other(in_home(folder / "home"), {"list"});
  EXPECT_FALSE(other.succeeded());
  const std::string answer = other.answer("open");
  EXPECT_TRUE(answer.starts_with("PRL_ERR_CANT_CONNECT_TO_DISPATCHER ")) << answer;
  EXPECT_NE(answer.find("process " + std::to_string(holder.pid()) + " (home_client)"),
            std::string::npos) << answer;
  EXPECT_NE(answer.find(folder / "home"), std::string::npos) << answer;

  holder.kill();
  EXPECT_TRUE(holder.was_killed());
  Client heir(in_home(folder / "home"), {"list"});
  EXPECT_TRUE(heir.succeeded()) << heir.output();
  EXPECT_EQ(heir.answer("list"), " web");
}

TEST(MovedHome, KeepsItsVms) {
  const TemporaryFolder folder;
  Client first(in_home(folder / "home"), {"create web", "start", "fill 3", "suspend"});
  ASSERT_TRUE(first.succeeded()) << first.output();
  fs::create_directories(folder / "elsewhere");
  fs::rename(folder / "home", folder / "elsewhere/moved");
  Client second(in_home(folder / "elsewhere/moved"), {"select web", "resume", "check 3", "suspend",
                                                      "image"});
  ASSERT_TRUE(second.succeeded()) << second.output();
  EXPECT_TRUE(second.answer("image").starts_with(folder / "elsewhere/moved/"));
}

TEST(KilledProcess, LeavesARunningVmStopped) {
  const TemporaryFolder folder;
  Client first(in_home(folder / "home"), {"create web", "start", "boots", "die"});
  EXPECT_TRUE(first.was_killed());
  Client second(in_home(folder / "home"), {"select web", "state", "boots", "start"});
  ASSERT_TRUE(second.succeeded()) << second.output();
  EXPECT_EQ(second.answer("state"), "stopped");
  EXPECT_EQ(second.answer("boots"), "1");
}

// Every state is passed, and every memory that is suspended has the pattern 1.
const Words kStory = {"create web", "start",   "fill 1",     "suspend", "resume", "check 1",
                      "suspend",    "drop",    "start",      "fill 1",  "pause",  "suspend",
                      "resume",     "pause",   "create old", "start",   "stop",   "start",
                      "fill 1",     "suspend", "delete",     "select web", "resume", "suspend",
                      "resume"};

// A process that opens the home after a kill must find stable states and VMs that work.
void expect_healthy(const std::string& home) {
  Client survey(in_home(home), {"list"});
  ASSERT_TRUE(survey.succeeded()) << survey.output();
  std::istringstream names(survey.answer("list"));
  for (std::string name; names >> name;) {
    Client look(in_home(home), {"select " + name, "state"});
    ASSERT_TRUE(look.succeeded()) << look.output();
    const std::string state = look.answer("state");
    SCOPED_TRACE(name + " is " + state);
    Words commands = {"select " + name};
    if (state == "suspended") {
      commands.insert(commands.end(), {"resume", "check 1"});
    } else if (state == "stopped") {
      commands.insert(commands.end(), {"start", "fill 1"});
    } else if (state == "paused") {
      commands.insert(commands.end(), {"check 1", "resume"});
    } else {
      EXPECT_EQ(state, "running");
    }
    commands.insert(commands.end(), {"suspend", "resume", "stop", "delete"});
    Client use(in_home(home), commands);
    EXPECT_TRUE(use.succeeded()) << use.output();
  }
  // All VMs are deleted now. Only the folder of one that was never registered may be left.
  for (const auto& entry : fs::directory_iterator(home + "/vms")) {
    EXPECT_TRUE(fs::is_empty(entry.path())) << entry.path();
  }
}

// The n-th step of the disk for n = 1, 2, ... until the story ends before it gets there.
TEST(KilledProcess, LeavesAHealthyHomeAtEveryStepOfTheDisk) {
  int kills = 0;
  for (int step = 1; step < 1000; step += kStride) {
    SCOPED_TRACE("step " + std::to_string(step));
    const TemporaryFolder folder;
    Words variables = in_home(folder / "home");
    variables.push_back("HOME_CLIENT_STEPS=" + std::to_string(step));
    Client victim(variables, kStory);
    if (!victim.was_killed()) {
      EXPECT_TRUE(victim.succeeded()) << victim.output();
      break;
    }
    ++kills;
    ASSERT_NO_FATAL_FAILURE(expect_healthy(folder / "home"));
    if (HasFailure()) break;
  }
  EXPECT_GT(kills * kStride, 40);
  std::cout << "count crash_kills_at_disk_steps " << kills << "\n";
}

// Every memory in a snapshot has the pattern 1.
const Words kSnapshotStory = {
    "create web",     "start",          "fill 1",        "snapshot running", "pause",
    "snapshot paused", "suspend",       "snapshot asleep", "switch running", "stop",
    "snapshot off",   "switch asleep",  "switch off",    "switch paused",    "forget paused",
    "switch asleep",  "forget running", "forget off",    "forget asleep"};

// Whoever opens the home after a kill must be able to switch to each snapshot that is there, and
// after the last one is deleted nothing of them may be left.
void expect_healthy_snapshots(const std::string& home) {
  Client survey(in_home(home), {"list"});
  ASSERT_TRUE(survey.succeeded()) << survey.output();
  if (survey.answer("list").empty()) return;
  Client tree(in_home(home), {"select web", "snapshots", "state"});
  ASSERT_TRUE(tree.succeeded()) << tree.output();
  if (tree.answer("state") == "suspended") {
    Client use(in_home(home), {"select web", "resume", "check 1"});
    EXPECT_TRUE(use.succeeded()) << use.output();
  }
  Words commands = {"select web"};
  std::istringstream names(tree.answer("snapshots"));
  for (std::string name; names >> name;) {
    commands.push_back("switch " + name);
    // Each of these fails, or finds another memory, in any state but the one that it is for.
    if (name == "asleep") commands.push_back("resume");
    commands.push_back(name == "off" ? "start" : "check 1");
  }
  for (std::istringstream again(tree.answer("snapshots")); !again.eof();) {
    std::string name;
    if (again >> name) commands.push_back("forget " + name);
  }
  Client use(in_home(home), commands);
  EXPECT_TRUE(use.succeeded()) << use.output();
  for (const auto& entry : fs::directory_iterator(home + "/vms/web.pvm")) {
    EXPECT_EQ(entry.path().string().find("Snapshots"), std::string::npos) << entry.path();
    EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
  }
}

TEST(KilledProcess, LosesNoSnapshotAtAnyStepOfTheDisk) {
  int kills = 0;
  for (int step = 1; step < 1000; step += kStride) {
    SCOPED_TRACE("step " + std::to_string(step));
    const TemporaryFolder folder;
    Words variables = in_home(folder / "home");
    variables.push_back("HOME_CLIENT_STEPS=" + std::to_string(step));
    Client victim(variables, kSnapshotStory);
    if (!victim.was_killed()) {
      EXPECT_TRUE(victim.succeeded()) << victim.output();
      break;
    }
    ++kills;
    // A job that ended before the kill has done what it said.
    const bool has_taken = !victim.answer("snapshot running").empty();
    const bool has_begun_to_forget = !victim.answer("switch paused").empty();
    if (has_taken && !has_begun_to_forget) {
      Client look(in_home(folder / "home"), {"select web", "snapshots"});
      ASSERT_TRUE(look.succeeded()) << look.output();
      EXPECT_NE(look.answer("snapshots").find("running"), std::string::npos) << look.output();
    }
    ASSERT_NO_FATAL_FAILURE(expect_healthy_snapshots(folder / "home"));
    if (HasFailure()) break;
  }
  EXPECT_GT(kills * kStride, 60);
  std::cout << "count crash_kills_at_snapshot_steps " << kills << "\n";
}

TEST(KilledProcess, LosesNoVmThatItMovesOrClones) {
  int kills = 0;
  for (int step = 1; step < 1000; step += kStride) {
    SCOPED_TRACE("step " + std::to_string(step));
    const TemporaryFolder folder;
    const std::string elsewhere = folder / "elsewhere";
    Words variables = in_home(folder / "home");
    variables.push_back("HOME_CLIENT_STEPS=" + std::to_string(step));
    Client victim(variables, {"create web", "start", "fill 1", "suspend", "move " + elsewhere,
                              "resume", "check 1", "stop", "copy two", "select two", "start",
                              "fill 1", "suspend", "move " + elsewhere + "/deeper", "delete"});
    if (!victim.was_killed()) {
      EXPECT_TRUE(victim.succeeded()) << victim.output();
      break;
    }
    ++kills;
    // Suspended and perhaps on its way: so it must be found, wherever it is.
    if (!victim.answer("suspend").empty() && victim.answer("move " + elsewhere).empty()) {
      Client look(in_home(folder / "home"), {"select web", "state"});
      ASSERT_TRUE(look.succeeded()) << look.output();
      EXPECT_EQ(look.answer("state"), "suspended");
    }
    ASSERT_NO_FATAL_FAILURE(expect_healthy(folder / "home"));
    if (HasFailure()) break;
  }
  EXPECT_GT(kills * kStride, 40);
  std::cout << "count crash_kills_at_move_steps " << kills << "\n";
}

// A process that is killed takes the guest along, which profile V lets run on meanwhile, but not
// the folder, wherever that is.
TEST(KilledProcess, LosesNoVmOfVirtuozzoThatItMovesWhileThatLives) {
  int kills = 0;
  int kills_in_moves = 0;
  for (int step = 1; step < 1000; step += kStride) {
    SCOPED_TRACE("step " + std::to_string(step));
    const TemporaryFolder folder;
    const std::string elsewhere = folder / "elsewhere";
    const std::string home = folder / "home";
    Words variables = in_home(home);
    variables.emplace_back("PRLSIM_PROFILE=virtuozzo");
    Words victims = variables;
    victims.push_back("HOME_CLIENT_STEPS=" + std::to_string(step));
    Client victim(victims, {"create web", "start", "fill 1", "move " + elsewhere, "check 1",
                            "suspend", "resume", "check 1", "pause",
                            "move " + elsewhere + "/deeper", "check 1", "suspend"});
    if (!victim.was_killed()) {
      EXPECT_TRUE(victim.succeeded()) << victim.output();
      break;
    }
    ++kills;
    const bool was_in_a_move =
        !victim.answer("fill 1").empty() && victim.answer("move " + elsewhere).empty();
    Client survey(variables, {"list"});
    ASSERT_TRUE(survey.succeeded()) << survey.output();
    if (!victim.answer("create web").empty()) {
      EXPECT_EQ(survey.answer("list"), " web");
    }
    if (was_in_a_move) {
      ++kills_in_moves;
      Client look(variables, {"select web", "state"});
      ASSERT_TRUE(look.succeeded()) << look.output();
      EXPECT_EQ(look.answer("state"), "stopped");
    }
    ASSERT_NO_FATAL_FAILURE(expect_healthy(home));
    if (HasFailure()) break;
  }
  EXPECT_GT(kills * kStride, 25);
  EXPECT_GT(kills_in_moves, 0);
  std::cout << "count crash_kills_at_live_move_steps " << kills << "\n";
}

// Every backup holds a suspended guest with the pattern 1 in its memory.
TEST(KilledProcess, LosesNoBackupAndNoVmThatItRestores) {
  int kills = 0;
  for (int step = 1; step < 1000; step += kStride) {
    SCOPED_TRACE("step " + std::to_string(step));
    const TemporaryFolder folder;
    Words variables = in_home(folder / "home");
    variables.push_back("HOME_CLIENT_STEPS=" + std::to_string(step));
    Client victim(variables, {"create web", "start", "fill 1", "suspend", "backup", "backup",
                              "resume", "stop", "restore", "resume", "check 1", "suspend",
                              "delete", "restore", "select web", "resume", "check 1", "unbackup"});
    if (!victim.was_killed()) {
      EXPECT_TRUE(victim.succeeded()) << victim.output();
      break;
    }
    ++kills;
    const bool has_backup = !victim.answer("backup").empty();
    if (has_backup && victim.answer("select web").empty()) {
      Words commands = {"select web", "restore", "resume", "check 1", "suspend"};
      Client survey(in_home(folder / "home"), {"list", "select web", "state"});
      survey.wait();
      // Nobody is there to be asked for the backups of a VM that was deleted.
      if (survey.answer("list") == " web") {
        if (survey.answer("state") == "running") commands.insert(commands.begin() + 1, "stop");
        Client use(in_home(folder / "home"), commands);
        EXPECT_TRUE(use.succeeded()) << use.output();
      }
    }
    ASSERT_NO_FATAL_FAILURE(expect_healthy(folder / "home"));
    if (HasFailure()) break;
  }
  EXPECT_GT(kills * kStride, 60);
  std::cout << "count crash_kills_at_backup_steps " << kills << "\n";
}

size_t count_lines(const std::string& path) {
  std::ifstream file(path);
  size_t lines = 0;
  for (std::string line; std::getline(file, line);) ++lines;
  return lines;
}

// From outside and without warning, while a scaled clock lets the phases take time of their own.
TEST(KilledProcess, LeavesAHealthyHomeWhereverItWas) {
  const TemporaryFolder whole;
  Client measure({"PRLSIM_HOME=" + whole / "home", "PRLSIM_CLOCK=scaled:100",
                  "PRLSIM_TRACE=" + whole / "trace"},
                 kStory);
  ASSERT_TRUE(measure.succeeded()) << measure.output();
  const size_t lines = count_lines(whole / "trace");
  constexpr size_t kKills = 40 / kStride;
  size_t kills = 0;
  for (size_t i = 0; i < kKills; ++i) {
    const size_t line = 1 + i * lines / kKills;
    SCOPED_TRACE("line " + std::to_string(line));
    const TemporaryFolder folder;
    Client victim({"PRLSIM_HOME=" + folder / "home", "PRLSIM_CLOCK=scaled:100",
                   "PRLSIM_TRACE=" + folder / "trace"},
                  kStory);
    while (count_lines(folder / "trace") < line && victim.is_alive()) {
    }
    victim.kill();
    kills += victim.was_killed();
    ASSERT_NO_FATAL_FAILURE(expect_healthy(folder / "home"));
    if (HasFailure()) break;
  }
  EXPECT_GT(kills, kKills / 2);
  std::cout << "count crash_kills " << kills << "\n";
}

}  // namespace
}  // namespace prl::tests
