// What became of a client under a fault: held against the recording of its run without one.
// Stateless, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tool/fault_list.h"
#include "tool/process.h"
#include "tool/trace_reader.h"

namespace prl::tool {

enum class Verdict : uint8_t {
  kHandled,       // ended with an error, or as without the fault
  kRecovered,     // did the job again, or looked again, with success
  kNotStruck,     // the fault found nothing to strike, or its job failed before by itself
  kSameAsStart,   // the job has no middle; the fault at its start is another run
  kCrash,         // finding: killed by a signal
  kHang,          // finding: did not end in time, real or virtual
  kWrongSuccess,  // finding: exit code 0 although something failed or a VM ended as another
  kMisuse,        // finding: a call was given a handle that is not good
  kLeftBehind,    // finding: another exit code, and a VM that the client has not cleared away
  kLeak,          // finding: a handle was never freed
};

inline constexpr std::array kVerdicts = {
    Verdict::kHandled,    Verdict::kRecovered, Verdict::kNotStruck,    Verdict::kSameAsStart,
    Verdict::kCrash,      Verdict::kHang,      Verdict::kWrongSuccess, Verdict::kMisuse,
    Verdict::kLeftBehind, Verdict::kLeak};

bool is_finding(Verdict verdict);
std::string_view verdict_name(Verdict verdict);  // "wrong success"

struct Judgement {
  Verdict verdict = Verdict::kHandled;  // the gravest that applies
  Words details;                        // a sentence for all else that is to be said
};

// Faults that the client cannot know of are not held against it: the VM that the fault itself has
// killed, or of which the fault has left it in doubt.
Judgement judge(const SingleFault& fault, const TracedRun& recording, const TracedRun& run,
                const Ending& ending, uint64_t patience_ms);

// The line with which the scenario of a finding ends, and the verdict of one that has it.
std::string found_line(Verdict verdict);  // "# found: crash\n"
std::optional<Verdict> found_verdict(std::string_view scenario);

// What is wrong with handles in a run without faults, but for what is wrong in another one too.
Words handle_remarks(const TracedRun& recording, const TracedRun& other = {});

}  // namespace prl::tool
