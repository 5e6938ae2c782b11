// What a host tells all sessions about a VM, beside its state and the directory. Value types.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "simulator/property_tree.h"
#include "simulator/questions.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim {

class SessionObserver;

// The job whose progress all sessions are told, for the one among them that has begun it.
struct FollowedJob {
  const SessionObserver* asker = nullptr;  // to be compared only
  uint32_t job = 0;                        // by which that session knows it; 0: nobody does
};

struct QuestionAnswered {
  int32_t code = 0;  // of the question
  int32_t choice = 0;
};

// A device as it is now: the leaves of a configuration that are about it.
struct DeviceChanged {
  PropertyTree device;
};

// The tools of the guest have begun to answer.
struct ToolsAnswer {};

// What others may do with the VM.
struct SecurityChanged {
  PropertyTree rights;
};

// A running VM has taken over what was committed, or waits with a part of it for its next start.
struct ConfigApplied {
  bool needs_restart = false;
};

// What becomes of the backups of a VM.
struct BackupNotice {
  enum class Kind : uint8_t {
    kStarted,
    kProgress,
    kFinished,
    kCancelled,
    kRestoreProgress,
    kRestored,
    kRemoved,
    // Warnings: a full backup is made since there is none to build on; a disk is no image.
    kNoFullBackup,
    kDiskLeftOut,
  };
  Kind kind = Kind::kStarted;
  uint32_t percent = 0;              // of a progress
  bool is_copied_by_client = false;  // the host only holds the files still
  int32_t client_code = 0;           // of a progress that a client tells: how its copying fares
  FollowedJob followed = {};         // of a progress
};

// What becomes of a VM that goes to another host, told by the one that it leaves.
struct MigrationNotice {
  enum class Kind : uint8_t { kStarted, kProgress, kFinished, kCancelled };
  Kind kind = Kind::kStarted;
  uint32_t percent = 0;            // of a progress
  State state = State::kUnknown;   // what the VM is again where it stays
  bool stays_here = false;         // of kFinished: a copy of it is there now
  FollowedJob followed = {};       // of a progress
};

using Notice = std::variant<Question, QuestionAnswered, DeviceChanged, ToolsAnswer,
                            SecurityChanged, ConfigApplied, BackupNotice, MigrationNotice>;

}  // namespace prl::sim
