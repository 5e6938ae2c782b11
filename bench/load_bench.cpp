// Loading: dlopen, dlsym of every public name and dlclose, of the library and of a stub that has
// the same names and nothing behind them. Neither is linked to this program, so that each is really
// loaded.
#include <dlfcn.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/rounds.h"

namespace prl::bench {

namespace {

constexpr std::array kGoals = {Goal{"load_over_stub", 2}};
constexpr int kRounds = 21;
constexpr int kSlices = 5;

constexpr const char* kNames[] = {
#include "public_names.inc"
};

void load(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(dlerror());
  for (const char* name : kNames) {
    if (!dlsym(library, name)) throw std::runtime_error(std::string("no ") + name);
  }
  if (dlclose(library) != 0) throw std::runtime_error(dlerror());
  if (dlopen(path, RTLD_NOW | RTLD_NOLOAD)) throw std::runtime_error("it stayed loaded");
}

Program::Round load_round() {
  const auto contest = std::make_shared<Contest>(std::vector<Contest::Part>{
      [] { return seconds_of([] { load(PRLSIM_LIBRARY); }); },
      [] { return seconds_of([] { load(PRLSIM_STUB); }); }});
  return [contest] {
    const auto seconds = contest->run(kSlices);
    return RoundResult{seconds[0],
                       {{"ms", seconds[0] * 1e3 / kSlices},
                        {"stub_ms", seconds[1] * 1e3 / kSlices},
                        {"over_stub", seconds[0] / seconds[1]}}};
  };
}

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  Program program;
  program.add("load", kRounds, load_round);
  return program.run(argc, argv, kGoals);
}
