// What commands share that run a client again and again: where its scenario and its clock come
// from, how it is run, and the line that repeats it. Any thread; runs may be at the same time where
// their files differ.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "faults/scenario.h"
#include "simulator/expected.h"
#include "tool/process.h"
#include "tool/settings.h"
#include "tool/trace_reader.h"

namespace prl::tool {

// The scenario that the client would get by itself.
struct OwnScenario {
  std::string text;  // empty: none
  faults::Scenario scenario;
  bool names_delivery = false;  // somebody does: it, the settings or the environment
};

// Reads the scenario of the settings, or of the environment, and completes the settings: the clock
// is virtual where nobody says otherwise, and there is no PRLSIM_HOME, because runs would wait for
// each other, and each would find what the one before left. The error is a sentence.
sim::Expected<OwnScenario, std::string> take_own_scenario(Settings& settings);

// The files beside a trace that have the calls of handlers, by what follows its name and a point:
// "handlers-1".
std::map<std::string, std::string> handler_files(const std::string& trace_path);

// Removes the trace of a run, with those of its handlers, where there is one.
void remove_trace(const std::string& path);

// How much a run may write, in bytes of trace and output together, where nobody knows better: a
// client that asks again and again for what never comes writes as fast as it can. What handlers do
// is not counted.
inline constexpr uint64_t kRunBytesMax = uint64_t{256} << 20;

// Takes a trace of an earlier run away first: it would stand for a client that loads another
// library. REQUIRES: settings.trace.
Ending run_client(const Settings& settings, const Words& command, const std::string& output_path,
                  std::chrono::milliseconds timeout, uint64_t most_bytes = kRunBytesMax);
// What a run has written so far, counted so.
uint64_t bytes_of_run(const Settings& settings, const std::string& output_path);

// "prlsim run --scenario a.toml --clock virtual -- ./client", for a shell; with the timeout of a
// client that would not end by itself.
std::string run_line(const std::string& program, const Settings& settings, const Words& command,
                     std::optional<std::chrono::milliseconds> timeout = {});
// "1.5": seconds as options take them.
std::string seconds_text(std::chrono::milliseconds time);

// Empty where the file cannot be read, or is no regular file: others may never end.
std::string text_of_file(const std::string& path);
TracedRun trace_in(const std::string& path);
// False where it cannot be written.
bool write_file(const std::string& path, const std::string& text);

}  // namespace prl::tool
