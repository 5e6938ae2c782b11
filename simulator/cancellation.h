// How a client asks an operation under way to stop (vm-lifecycle 5.4). Shared by the job and by the
// operation, which looks at it when it suits it. Guarded by the world's mutex.
#pragma once

namespace prl::sim {

struct Cancellation {
  bool is_open = true;     // the operation can still be stopped
  bool is_wanted = false;  // somebody has asked
};

}  // namespace prl::sim
