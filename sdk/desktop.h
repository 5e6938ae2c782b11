// What a client has open of the desktop of a VM: the connection, and the frame that it looks at.
// Part of a VM handle. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "sdk/picture.h"

namespace prl::sdk {

class Desktop {
 public:
  bool is_open() const {
    std::lock_guard lock(mutex_);
    return is_open_;
  }
  void open() {
    std::lock_guard lock(mutex_);
    is_open_ = true;
  }
  // False where it was not open.
  bool close() {
    std::lock_guard lock(mutex_);
    frame_.reset();
    return std::exchange(is_open_, false);
  }

  // The frame stays where it is until it is given back.
  void lock_frame(Picture picture) {
    std::lock_guard lock(mutex_);
    frame_ = std::make_unique<Picture>(std::move(picture));
  }
  bool unlock_frame() {
    std::lock_guard lock(mutex_);
    return std::exchange(frame_, nullptr) != nullptr;
  }
  // Null where none is locked.
  Picture* frame() const {
    std::lock_guard lock(mutex_);
    return frame_.get();
  }

 private:
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  bool is_open_ = false;
  std::unique_ptr<Picture> frame_;
};

}  // namespace prl::sdk
