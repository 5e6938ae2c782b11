// The command that repeats what this process does. Part of prl_kit.hpp.
#ifndef PRL_KIT_AGAIN_HPP
#define PRL_KIT_AGAIN_HPP

#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <string>

namespace prl::kit {

// A word as a shell takes it: in quotes unless it needs none.
inline std::string shell_word(const std::string& word) {
  constexpr const char* kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char letter : word) {
    if (letter == '\'') {
      quoted += "'\\''";
    } else {
      quoted += letter;
    }
  }
  return quoted + "'";
}

// Variables that must be set for the same to be drawn again, with what gives their value.
inline std::map<std::string, std::function<std::string()>>& drawn_variables() {
  static std::map<std::string, std::function<std::string()>> variables;
  return variables;
}

// Whether a run depends on this variable. Those that only say where something is written are left
// out: `prlsim run` names folders there that it removes. With a filter for one test, what chooses
// among tests is left out too.
inline bool decides_a_run(const std::string& name, bool has_filter) {
  if (name == "PRLSIM_TRACE" || name == "PRLSIM_LEAKS") return false;
  if (name == "GTEST_FILTER" || name == "GTEST_TOTAL_SHARDS" || name == "GTEST_SHARD_INDEX") {
    return !has_filter;
  }
  return name.compare(0, 7, "PRLSIM_") == 0 || name == "RC_PARAMS" || name == "LD_LIBRARY_PATH" ||
         name == "GTEST_ALSO_RUN_DISABLED_TESTS" || name == "GTEST_SHUFFLE" ||
         name == "GTEST_RANDOM_SEED" || name == "GTEST_REPEAT";
}

// Those variables of the environment on which a run depends, each ready for a shell, "A=b ".
inline std::string variables_of_this_run(bool has_filter) {
  std::map<std::string, std::string> values;
  for (char** entry = ::environ; entry && *entry; ++entry) {
    const std::string text(*entry);
    const size_t end = text.find('=');
    if (end == std::string::npos) continue;
    const std::string name = text.substr(0, end);
    if (decides_a_run(name, has_filter)) values[name] = text.substr(end + 1);
  }
  for (const auto& drawn : drawn_variables()) values[drawn.first] = drawn.second();
  std::string text;
  for (const auto& value : values) text += value.first + "=" + shell_word(value.second) + " ";
  return text;
}

// The arguments of the program, ready for a shell, each with a blank before it. Where `filter` is
// not empty, GoogleTest is asked for that test alone, without what it was told of others and of its
// output.
inline std::string arguments_of_this_run(const std::string& filter) {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string words;
  std::string word;
  std::getline(file, word, '\0');  // the program
  while (std::getline(file, word, '\0')) {
    const bool is_of_gtest = word.compare(0, 8, "--gtest_") == 0;
    bool stays = filter.empty() || !is_of_gtest;
    for (const char* flag : {"also_run_disabled_tests", "shuffle", "random_seed", "repeat"}) {
      stays = stays || word.compare(8, std::strlen(flag), flag) == 0;
    }
    if (stays) words += " " + shell_word(word);
  }
  return filter.empty() ? words : words + " " + shell_word("--gtest_filter=" + filter);
}

// A line for a POSIX shell that does the same again: the folder, the variables on which a run
// depends (decides_a_run()), the program and its arguments. See arguments_of_this_run() for
// `filter`.
inline std::string command_again(const std::string& filter = "") {
  char path[PATH_MAX] = {};
  const std::string folder = ::getcwd(path, sizeof(path)) ? path : ".";
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof(path));
  const std::string program = size > 0 ? std::string(path, static_cast<size_t>(size)) : "./test";
  return "(cd " + shell_word(folder) + " && " + variables_of_this_run(!filter.empty()) +
         shell_word(program) + arguments_of_this_run(filter) + ")";
}

}  // namespace prl::kit

#endif  // PRL_KIT_AGAIN_HPP
