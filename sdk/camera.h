// A PHT_CVSRC object: what a client sends pictures through to a virtual machine, whose guest sees
// it as a camera. Any thread may use it.
#pragma once

#include <prlsdk/Parallels.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "sdk/handle_table.h"
#include "sdk/vm_handle.h"
#include "simulator/cameras.h"

namespace prl::sdk {

class CameraSource final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_CVSRC;
  explicit CameraSource(Ref<VmHandle> camera_vm) : Object(kType), vm(std::move(camera_vm)) {}

  struct Names {
    std::string localized;
    std::string unique_id;
  };
  Names names() const {
    std::lock_guard lock(mutex_);
    return names_;
  }
  void set_name(std::string Names::*field, std::string name) {
    std::lock_guard lock(mutex_);
    names_.*field = std::move(name);
  }

  // False where it is so already.
  bool connect(uint32_t session) {
    std::lock_guard lock(mutex_);
    if (session_ != 0) return false;
    session_ = session;
    return true;
  }
  bool disconnect() {
    std::lock_guard lock(mutex_);
    is_open_ = is_locked_ = false;
    return std::exchange(session_, 0) != 0;
  }
  // The number under which the guest has asked for pictures; 0 where it has not.
  uint32_t session() const {
    std::lock_guard lock(mutex_);
    return session_;
  }

  PRL_RESULT open() {
    std::lock_guard lock(mutex_);
    if (session_ == 0) return PRL_ERR_CVSRC_NO_OPEN_REQUEST;
    is_open_ = true;
    return PRL_ERR_SUCCESS;
  }
  PRL_RESULT close() {
    std::lock_guard lock(mutex_);
    is_locked_ = false;
    return std::exchange(is_open_, false) ? PRL_ERR_SUCCESS : PRL_ERR_CVSRC_NO_CHANNEL;
  }

  PRL_RESULT lock() {
    std::lock_guard lock(mutex_);
    if (!is_open_) return PRL_ERR_CVSRC_NO_CHANNEL;
    is_locked_ = true;
    return PRL_ERR_SUCCESS;
  }
  // The memory stays where it is for as long as the object lives.
  PRL_RESULT buffer(uint32_t*& pixels) {
    std::lock_guard lock(mutex_);
    if (!is_open_) return PRL_ERR_CVSRC_NO_CHANNEL;
    if (!is_locked_) return PRL_ERR_UNINITIALIZED;
    pixels = pixels_.data();
    return PRL_ERR_SUCCESS;
  }
  PRL_RESULT unlock(std::vector<uint32_t>& frame) {
    std::lock_guard lock(mutex_);
    if (!is_open_) return PRL_ERR_CVSRC_NO_CHANNEL;
    if (!std::exchange(is_locked_, false)) return PRL_ERR_UNINITIALIZED;
    frame = pixels_;
    return PRL_ERR_SUCCESS;
  }

  const Ref<VmHandle> vm;

 private:
  mutable std::mutex mutex_;
  // Guarded by mutex_, but for the pixels while the client has them locked.
  Names names_;
  uint32_t session_ = 0;
  bool is_open_ = false;
  bool is_locked_ = false;
  std::vector<uint32_t> pixels_ =
      std::vector<uint32_t>(size_t{sim::kCameraWidth} * sim::kCameraHeight);
};

}  // namespace prl::sdk
