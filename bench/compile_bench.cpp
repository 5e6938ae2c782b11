// What the files of the state machines cost the compiler, as they are compiled for this build:
// processor time, and memory at its highest. Boost.MSM is what is dear about them.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bench/rounds.h"

namespace prl::bench {
namespace {

constexpr std::array kGoals = {
    Goal{"power_machine_cpu_s", 25},
    Goal{"power_machine_gb", 1.3},
    Goal{"disk_machine_cpu_s", 25},
    Goal{"disk_machine_gb", 1.3},
};
constexpr int kRounds = 3;

// Of a line `"key": "text",` of the file that CMake writes.
std::string text_in(const std::string& line, std::string_view key) {
  const size_t begin = line.find('"' + std::string(key) + "\": \"");
  if (begin == line.npos) return {};
  std::string text;
  for (size_t i = begin + key.size() + 5; i < line.size() && line[i] != '"'; ++i) {
    if (line[i] == '\\') ++i;
    text += line[i];
  }
  return text;
}

// In the folder of the build, with its result thrown away.
std::string command_for(const std::string& file) {
  std::ifstream commands(PRLSIM_COMPILE_COMMANDS);
  std::string command;
  for (std::string line; std::getline(commands, line);) {
    if (const std::string text = text_in(line, "command"); !text.empty()) command = text;
    if (!text_in(line, "file").ends_with(file)) continue;
    return "cd '" PRLSIM_BUILD_FOLDER "' && " + command.substr(0, command.find(" -o ")) +
           " -o /dev/null -c " + text_in(line, "file");
  }
  throw std::runtime_error("nothing compiles " + file);
}

struct Cost {
  double cpu_s = 0;
  double gb = 0;
};

double seconds_in(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

Cost run(const std::string& command) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("CCACHE_DISABLE", "1", /*overwrite=*/1);
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  rusage used{};
  if (child < 0 || ::wait4(child, &status, 0, &used) != child || status != 0) {
    throw std::runtime_error("this failed: " + command);
  }
#ifdef __APPLE__
  constexpr double kUnit = 1;  // bytes
#else
  constexpr double kUnit = 1024;
#endif
  return {.cpu_s = seconds_in(used.ru_utime) + seconds_in(used.ru_stime),
          .gb = static_cast<double>(used.ru_maxrss) * kUnit / 1e9};
}

Program::Round compile(const std::string& file) {
  return [command = command_for(file)] {
    const Cost cost = run(command);
    return RoundResult{cost.cpu_s, {{"cpu_s", cost.cpu_s}, {"gb", cost.gb}}};
  };
}

}  // namespace
}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  Program program;
  for (const char* name : {"power_machine", "disk_machine"}) {
    program.add(name, kRounds,
                [name] { return compile("/simulator/vm_machine/" + std::string(name) + ".cpp"); });
  }
  return program.run(argc, argv, kGoals);
}
