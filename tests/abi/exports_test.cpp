// The library exports the catalogue and the control calls, PrlSim_, and nothing else.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include "api.h"

namespace prl::sdk {
namespace {

// The names in the library's table of dynamic symbols, without symbol versions.
std::set<std::string> exported_names() {
  const std::string command = std::string(PRLSIM_NM) + " -D --defined-only " + PRLSIM_LIBRARY;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  std::string text;
  char buffer[4096];
  while (pipe != nullptr && fgets(buffer, sizeof buffer, pipe.get()) != nullptr) text += buffer;
  std::set<std::string> names;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::string name = line.substr(line.rfind(' ') + 1);
    names.insert(name.substr(0, name.find('@')));
  }
  return names;
}

TEST(Exports, AreTheCatalogueAndTheControlCalls) {
  std::set<std::string> names = exported_names();
  for (size_t i = 0; i < static_cast<size_t>(Api::kCount); ++i) {
    const std::string name(api_info(static_cast<Api>(i)).name);
    EXPECT_EQ(names.erase(name), 1u) << name << " is not exported";
  }
  for (const std::string& name : names) {
    EXPECT_EQ(name.rfind("PrlSim_", 0), 0u) << name << " is exported for no reason";
  }
}

TEST(Exports, CanBeLoadedWithEverySymbolResolved) {
  void* const library = dlopen(PRLSIM_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  EXPECT_NE(dlsym(library, "PrlApi_Init"), nullptr);
  EXPECT_EQ(dlclose(library), 0);
}

}  // namespace
}  // namespace prl::sdk
