#include "tests/tool/tool_process.h"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/temporary_folder.h"

namespace prl::tests {

Printed shell(const std::string& line) {
  const TemporaryFolder folder;
  const std::string out = folder / "out";
  const std::string err = folder / "err";
  const std::string redirected =
      "{ " + line + "\n} >" + tool::shell_quoted(out) + " 2>" + tool::shell_quoted(err);
  const int status = std::system(redirected.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(out), text_of(err)};
}

Printed prlsim(const tool::Words& words, const std::string& before) {
  std::string line = before + " " + tool::shell_quoted(PRLSIM_TOOL);
  for (const std::string& word : words) line += " " + tool::shell_quoted(word);
  return shell(line);
}

std::string client(const std::string& name) {
  return std::string(PRLSIM_CLIENT_DIR) + "/sweep_" + name;
}

std::string scenario(const std::string& name) {
  return std::string(PRLSIM_SOURCE_DIR) + "/fixtures/scenarios/" + name + ".toml";
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace prl::tests
