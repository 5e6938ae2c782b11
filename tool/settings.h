// What a run of a client is told: the values of the PRLSIM_ environment, and the folder of the
// library. Plain values. Also the places where the tool finds what belongs to it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/expected.h"

namespace prl::tool {

inline constexpr const char* kLibrary = "libprl_sdk.so";

using Words = std::vector<std::string>;

// An absent value leaves what the environment says.
struct Settings {
  std::optional<std::string> scenario;  // a file
  std::optional<std::string> seed;
  std::optional<std::string> clock;
  std::optional<std::string> profile;
  std::optional<std::string> delivery;  // when handlers run
  std::optional<std::string> trace;
  std::optional<std::string> leaks;    // a file
  std::optional<std::string> home;     // empty: none, whatever the environment says
  std::optional<std::string> library;  // a folder
};

// The environment of this process as changed by the settings: "NAME=value" words. The folder of the
// library comes first in LD_LIBRARY_PATH.
Words environment_for(const Settings& settings);

// The value of a variable of this process, where it is set and not empty.
std::optional<std::string> variable(const char* name);

// The folder of the library that belongs to this tool, installed or built.
std::optional<std::string> own_library_folder();
// The folder of the named scenarios, likewise.
std::optional<std::string> own_scenario_folder();

// The file of a scenario that was given as a file or by the name of one that comes with prlsim. The
// error is a sentence.
sim::Expected<std::string, std::string> find_scenario(const std::string& given);

// The settings with the scenario as a file that exists, which may have been given by its name, also
// in the environment, and with the library of this tool where none is given. The error is a
// sentence.
sim::Expected<Settings, std::string> complete(Settings settings);

// The sentence why no client is to be started in the environment of this process: it has a variable
// of prlsim that is unknown, which nobody would notice. Empty where there is no reason.
std::string trouble_with_environment();

// Why a file cannot be written under this name, as what is said of it: "is a folder". Empty where
// it can.
std::string trouble_with_file(const std::string& file);

// The word as a POSIX shell takes it.
std::string shell_quoted(const std::string& word);

}  // namespace prl::tool
