// The pictures that clients have sent to the cameras of VMs. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "simulator/uuid.h"

namespace prl::sim {

inline constexpr uint32_t kCameraWidth = 640;
inline constexpr uint32_t kCameraHeight = 480;

// What the guest has seen through its camera: the number of pictures, and the last of them as
// 0x00RRGGBB row by row from the top; empty where there was none.
struct CameraView {
  uint64_t count = 0;
  std::vector<uint32_t> pixels;
};

class Cameras {
 public:
  void show(const Uuid& vm, std::vector<uint32_t> pixels) {
    std::lock_guard lock(mutex_);
    CameraView& view = views_[vm];
    ++view.count;
    view.pixels = std::move(pixels);
  }
  CameraView view(const Uuid& vm) const {
    std::lock_guard lock(mutex_);
    const auto found = views_.find(vm);
    return found == views_.end() ? CameraView() : found->second;
  }
  void forget_vm(const Uuid& vm) {
    std::lock_guard lock(mutex_);
    views_.erase(vm);
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<Uuid, CameraView> views_;  // guarded by mutex_
};

}  // namespace prl::sim
