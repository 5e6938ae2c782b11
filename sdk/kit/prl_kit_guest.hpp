// The memory of a guest, and what a test does in a guest's place. Part of prl_kit.hpp.
#ifndef PRL_KIT_GUEST_HPP
#define PRL_KIT_GUEST_HPP

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "prl_kit_handle.hpp"
#include "prl_sim.h"

namespace prl::kit {

// A guest as a workload of the test sees it, in one call of that.
class Guest {
 public:
  Guest(PRL_HANDLE vm, uint64_t ran_ms) : vm_(vm), ran_ms_(ran_ms) {}

  // For how long the guest has run since it was booted.
  uint64_t ran_ms() const { return ran_ms_; }
  // False where the memory does not reach so far, or the guest is gone.
  bool read(uint64_t address, void* bytes, uint64_t count) const {
    return PRL_SUCCEEDED(PrlSim_ReadGuestMemory(vm_, address, bytes, count));
  }
  bool write(uint64_t address, const void* bytes, uint64_t count) const {
    return PRL_SUCCEEDED(PrlSim_WriteGuestMemory(vm_, address, bytes, count));
  }
  // For PrlSim_GetRegisters and what else there is.
  PRL_HANDLE vm() const { return vm_; }

 private:
  PRL_HANDLE vm_;
  uint64_t ran_ms_;
};

// A range of a guest's memory to look at and to store to, for as long as the object is there
// (PrlSim_PinGuestMemory says until when that is the guest's).
class PinnedMemory {
 public:
  PinnedMemory(PRL_HANDLE vm, uint64_t address, uint64_t bytes) : bytes_(bytes) {
    const PRL_RESULT code = PrlSim_PinGuestMemory(vm, address, bytes, &memory_);
    if (PRL_FAILED(code)) throw std::runtime_error("prlsim: pinned memory: " + name_of(code));
  }
  PinnedMemory(const PinnedMemory&) = delete;
  PinnedMemory& operator=(const PinnedMemory&) = delete;
  ~PinnedMemory() { PrlSim_UnpinGuestMemory(memory_); }

  uint64_t size() const { return bytes_; }
  // The first byte, or the first object of a type that suits the address.
  unsigned char* data() const { return static_cast<unsigned char*>(memory_); }
  template <class T>
  T* as() const {
    return static_cast<T*>(memory_);
  }

 private:
  const uint64_t bytes_;
  void* memory_ = nullptr;
};

// Lets `body` act in the place of a VM's guest, each time that this has run for another period, for
// as long as the object is there (PrlSim_SetGuestWorkload says what `body` may do). A VM has one
// such workload at a time.
//
//   GuestWorkload counter(world.vm("web"), 10, [](const Guest& guest) {
//     const uint64_t ran_ms = guest.ran_ms();
//     guest.write(1 << 20, &ran_ms, sizeof(ran_ms));
//   });
class GuestWorkload {
 public:
  GuestWorkload(Handle vm, PRL_UINT32 period_ms, std::function<void(const Guest&)> body)
      : vm_(std::move(vm)), body_(std::move(body)) {
    const PRL_RESULT code = PrlSim_SetGuestWorkload(vm_.get(), period_ms, call, this);
    if (PRL_FAILED(code)) throw std::runtime_error("prlsim: guest workload: " + name_of(code));
  }
  GuestWorkload(const GuestWorkload&) = delete;
  GuestWorkload& operator=(const GuestWorkload&) = delete;
  // Not from within `body`.
  ~GuestWorkload() { PrlSim_SetGuestWorkload(vm_.get(), 0, nullptr, nullptr); }

 private:
  static void PRL_CALL call(PRL_HANDLE vm, PRL_UINT64 ran_ms, void* self) noexcept {
    static_cast<GuestWorkload*>(self)->body_(Guest(vm, ran_ms));
  }

  Handle vm_;
  std::function<void(const Guest&)> body_;
};

}  // namespace prl::kit

#endif  // PRL_KIT_GUEST_HPP
