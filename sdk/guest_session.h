// A PHT_VM_GUEST_SESSION object: a user who is logged in to the guest of a VM. Thread-safe.
#pragma once

#include <prlsdk/Parallels.h>

#include <atomic>
#include <cstdint>
#include <utility>

#include "sdk/handle_table.h"
#include "sdk/vm_handle.h"

namespace prl::sdk {

class GuestSession final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_VM_GUEST_SESSION;
  explicit GuestSession(Ref<VmHandle> session_vm) : Object(kType), vm(std::move(session_vm)) {}

  const Ref<VmHandle> vm;
  // The boot of the guest in which it began; set when the login succeeds, before its handle is out.
  std::atomic<uint64_t> boot{0};
  std::atomic<bool> is_open{true};
};

}  // namespace prl::sdk
