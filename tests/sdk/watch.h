// A handler that runs a function of the test.
#pragma once

#include <gtest/gtest.h>
#include <prlsdk/Parallels.h>

#include <functional>
#include <utility>

#include "tests/sdk/session.h"

namespace prl::tests {

// Registers it on a server for as long as it lives, and frees what it is given.
class Watch {
 public:
  using Run = std::function<void(PRL_HANDLE)>;
  Watch(PRL_HANDLE server, Run run) : server_(server), run_(std::move(run)) {
    EXPECT_EQ(PrlSrv_RegEventHandler(server_, handle, this), PRL_ERR_SUCCESS);
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { PrlSrv_UnregEventHandler(server_, handle, this); }

 private:
  static PRL_RESULT PRL_CALL handle(PRL_HANDLE notification, PRL_VOID_PTR self) {
    const Handle owned(notification);
    static_cast<Watch*>(self)->run_(notification);
    return PRL_ERR_SUCCESS;
  }

  const PRL_HANDLE server_;
  const Run run_;
};

}  // namespace prl::tests
