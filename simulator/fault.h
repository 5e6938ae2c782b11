// What a fault plan is asked about, and what it may answer. Part of the seams (seams.h), which is
// the header that others include. Value types.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace prl::sim {

// Where a fault can strike.
enum class Layer : uint8_t {
  kCall,        // a call of the API, before it does anything
  kJob,         // a request that the simulated server works on
  kTransition,  // a VM that has entered another state
  kEvent,       // something that a session is told without having asked
  kStorage,     // a step on a file of the host
  kMemory,      // an object that a call of the API hands out
};
inline constexpr std::array<std::string_view, 6> kLayerWords = {"call",  "job",     "transition",
                                                                "event", "storage", "memory"};
inline constexpr size_t kLayerCount = kLayerWords.size();

// When in the life of a job a fault strikes: before the request changes anything; while the
// operation is under way (a failure rolls it back); after its effect, when only the report is left.
enum class JobPhase : uint8_t { kStart, kMiddle, kEnd };
inline constexpr std::array<std::string_view, 3> kPhaseWords = {"start", "middle", "end"};

// What a plan decides to do.
struct Fault {
  enum class Kind : uint8_t {
    kFail,            // with result_code
    kHang,            // never ends
    kDelay,           // ends delay_ms later
    kTimeOut,         // reports result_code, and succeeds unseen, delay_ms later than it would
    kLose,            // the event, or the report of a job that succeeds, never arrives
    kDuplicate,       // the event, or the notification of the job, arrives twice
    kReorder,         // it arrives behind the one after it
    kNoMemory,        // the call cannot have the object that it would return
    kDisconnect,      // the session loses its connection
    kRestartService,  // every session does; the service answers again delay_ms later
    kPowerCut,        // as kRestartService, and VMs that live die and what is not durable is lost
    kKillVm,          // the process of the VM dies
    kPanic,           // the guest does
    kGuestLeaves,     // it powers itself off
    kGuestReboots,
    kGuestSleeps,     // it sleeps, and keeps its memory (S3)
    kGuestHibernates,  // it sleeps without (S4)
    kGuestWakes,
    kFreeze,          // the host's disk fails, and the VM stands still
    kUnfreeze,
    kSleep,           // the host sleeps, and all running VMs stand still
    kWake,
    kAsk,             // the host asks the question result_code about the VM
    kJumpClock,       // the date of the host moves by jump_s
    kNewerImage,      // the image that is to be resumed is of a newer version
    kForeignImage,    // it is of another VM
    kOtherCpuImage,   // it is of another processor
    kNoSpace,
    kIoError,
    kShortWrite,      // half of the bytes arrive, and the step says so
    kTornWrite,       // half of the bytes arrive, and the step claims that all have
    kFlipBit,         // one bit of what is written or read is another
    kLoseSync,        // it claims to be durable, and a power cut proves that it is not
    kSlow,            // the step takes delay_ms
    kReadOnly,
  };

  Kind kind = Kind::kFail;
  JobPhase phase = JobPhase::kMiddle;   // layer job only
  int32_t result_code = 0;              // a number of the client's API
  uint64_t delay_ms = 0;                // virtual time
  std::string rule;                     // the name of the rule, for the trace
  std::vector<std::string> parameters;  // of the message of result_code
  std::vector<int32_t> choices;         // the answers that kAsk takes; none: any
  int64_t jump_s = 0;                   // kJumpClock; negative: back
  // The how-manieth point of its rule was drawn, from 1; 0: the rule draws nothing.
  uint64_t drawn_point = 0;

  bool operator==(const Fault&) const = default;
};

using FaultKind = Fault::Kind;

// As scenarios and the trace spell the kinds, in their order.
inline constexpr std::array<std::string_view, 35> kFaultWords = {
    "fail",            "hang",            "delay",           "time_out",
    "lose",            "duplicate",       "reorder",         "no_memory",
    "disconnect",      "restart_service", "power_cut",       "kill_vm",
    "guest_panic",     "guest_power_off", "guest_reboot",    "guest_sleep",
    "guest_hibernate", "guest_wake",      "freeze",          "unfreeze",
    "host_sleep",      "host_wake",       "ask",             "jump_clock",
    "newer_image",     "foreign_image",   "other_cpu_image", "no_space",
    "io_error",        "short_write",     "torn_write",      "flip_bit",
    "lose_sync",       "slow",            "read_only"};
static_assert(static_cast<size_t>(Fault::Kind::kReadOnly) + 1 == kFaultWords.size());

constexpr std::string_view fault_word(Fault::Kind kind) {
  return kFaultWords[static_cast<size_t>(kind)];
}
constexpr std::string_view phase_word(JobPhase phase) {
  return kPhaseWords[static_cast<size_t>(phase)];
}
constexpr std::string_view layer_word(Layer layer) {
  return kLayerWords[static_cast<size_t>(layer)];
}

// As the trace has a draw: "3 rule=flaky". REQUIRES: fault.drawn_point > 0.
inline std::string drawn_text(const Fault& fault) {
  return std::to_string(fault.drawn_point) + " rule=" + fault.rule;
}

// What somebody is about to do. Texts are those of scenarios; what a layer does not have is empty.
struct FaultPoint {
  Layer layer = Layer::kJob;
  std::string_view name;      // call, job, memory: the API function; transition: the state that
                              // the VM enters; event: its type; storage: the step
  std::string_view vm_name = {};
  std::string_view vm_uuid = {};  // in braces, lower case
  std::string_view state = {};    // of the VM; transition: the state that it leaves; memory: the
                                  // type of the object
  std::string_view path = {};     // storage
  bool begins_phase = false;      // transition: work begins that can fail, hang or take longer
  uint64_t session = 0;           // the how-manieth login of the world; 0: nobody's
  uint64_t now_ms = 0;
};

}  // namespace prl::sim
