// The command prlsim as tests call it.
#pragma once

#include <string>

#include "tool/settings.h"

namespace prl::tests {

// Of a scenario: one VM that runs.
inline const std::string kVm = "[[vm]]\nname = \"web\"\nstate = \"running\"\nram_mib = 64\n";

struct Printed {
  int exit_code = 0;
  std::string out;
  std::string err;
};

// `before` is put in front of the command as a shell reads it: "PRLSIM_SEED=1".
Printed prlsim(const tool::Words& words, const std::string& before = "");
// A whole line for a shell.
Printed shell(const std::string& line);

std::string client(const std::string& name);    // the path of one of tests/tool/clients
std::string scenario(const std::string& name);  // the path of one of fixtures/scenarios

std::string text_of(const std::string& path);
void write(const std::string& path, const std::string& text);
bool contains(const std::string& text, const std::string& part);

}  // namespace prl::tests
