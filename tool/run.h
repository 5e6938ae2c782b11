// `prlsim run`: runs a client against the simulated host and ends as it does.
#pragma once

#include <chrono>
#include <optional>
#include <ostream>

#include "tool/settings.h"

namespace prl::tool {

struct RunOptions {
  Settings settings;  // completed
  Words command;
  std::optional<std::chrono::milliseconds> timeout;  // on the wall; none: it may run for ever
  bool json = false;
};

// Runs the command in the foreground. Exit code: the command's own, 128 + the signal that killed it
// (137 after the timeout), 126 or 127 where it cannot be started, 3 where it ended with 0 and not
// all is as the scenario expects, 2 where nothing was run. `err` gets what is wrong, as handles
// that were never freed; with `json` `out` gets that, once the command has ended.
int run_command(const RunOptions& options, std::ostream& out, std::ostream& err);

}  // namespace prl::tool
