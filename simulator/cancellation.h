// How a client asks an operation under way to stop (vm-lifecycle 5.4). Shared by the job and by the
// operation. Guarded by the world's mutex.
#pragma once

#include <functional>
#include <utility>

namespace prl::sim {

struct Cancellation {
  bool is_open = true;     // the operation can still be stopped
  bool is_wanted = false;  // somebody has asked
  bool ends_with_session = false;  // the end of the session that has begun it asks too
  // Ends the operation; empty: it looks at is_wanted when it suits it. Holds nothing alive.
  std::function<void()> stop = nullptr;

  void allow(std::function<void()> how) {
    is_open = true;
    stop = std::move(how);
  }
  void close() {
    is_open = false;
    stop = nullptr;
  }
  // Ends the operation, where it does not look by itself or is over.
  void carry_out() {
    const auto how = std::exchange(stop, nullptr);
    if (!is_open || !how) return;
    is_open = false;
    how();
  }
};

}  // namespace prl::sim
