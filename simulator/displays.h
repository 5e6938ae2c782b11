// The screens of a host's VMs, and what clients typed and pointed at. A screen is a function of the
// VM's identity, its size and time, so that a picture of it can be checked. Thread-safe.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "simulator/short_lock.h"
#include "simulator/uuid.h"
#include "simulator/uuid_map.h"
#include "simulator/vm_machine/vm_machine.h"

namespace prl::sim {

struct ScreenSize {
  uint32_t width = 1024;
  uint32_t height = 768;

  bool operator==(const ScreenSize&) const = default;
};

// One of the displays of a guest: its size, its place on the guest's desktop and its density.
struct Screen {
  ScreenSize size;
  int32_t x = 0;
  int32_t y = 0;
  int32_t dpi = 96;
};

constexpr uint32_t kScreenSideMax = 16384;
constexpr size_t kScreensMax = 16;
constexpr uint64_t kFrameMs = 1000;  // a screen changes once in that much virtual time

// 0x00RRGGBB of the screen at this moment. Each VM starts its gradients elsewhere, and so does each
// of its displays.
inline uint32_t screen_pixel(const Uuid& vm, uint64_t time_ms, uint32_t x, uint32_t y,
                             uint32_t display = 0) {
  constexpr uint32_t kDisplayShift = 64;
  const auto& identity = vm.bytes();
  const uint32_t red = (x + identity[0] + kDisplayShift * display) & 0xFF;
  const uint32_t green = (y + identity[1]) & 0xFF;
  const uint32_t blue = (time_ms / kFrameMs + identity[2]) & 0xFF;
  return red << 16 | green << 8 | blue;
}

// A place on the first display.
struct Point {
  int32_t x = 0;
  int32_t y = 0;

  bool operator==(const Point&) const = default;
};

// What a client did to a keyboard or a mouse.
struct Input {
  enum class Kind : uint32_t { kKey, kMove, kPosition, kModifierMode };
  Kind kind = Kind::kKey;
  uint64_t time_ms = 0;
  uint32_t key = 0;    // of kKey, as the client gave it; of kModifierMode the mode
  uint32_t event = 0;  // of kKey: pressed or released, likewise
  int32_t x = 0;       // of the others
  int32_t y = 0;
  int32_t wheel = 0;
  int32_t side_wheel = 0;
  uint32_t buttons = 0;
};

// Since when the guest of a VM stands still, and its screens with it. Changed with the world
// locked; any thread may look.
class ScreenFreeze {
 public:
  // Of one that stands still already, nothing.
  void begin(uint64_t now_ms) {
    if (since_ms_.load(std::memory_order_relaxed) != kRuns) return;
    since_ms_.store(now_ms, std::memory_order_relaxed);
  }
  void end() { since_ms_.store(kRuns, std::memory_order_relaxed); }
  uint64_t shown_ms(uint64_t now_ms) const {
    return std::min(since_ms_.load(std::memory_order_relaxed), now_ms);
  }

 private:
  static constexpr uint64_t kRuns = UINT64_MAX;
  std::atomic<uint64_t> since_ms_{kRuns};
};
using ScreenFreezePtr = std::shared_ptr<ScreenFreeze>;

class Displays {
 public:
  static constexpr size_t kInputsMax = 10000;  // the oldest go first

  // At least one; their numbers are their places.
  std::vector<Screen> screens(const Uuid& vm) const {
    return find(vm).screens;
  }
  void set_screens(const Uuid& vm, std::vector<Screen> screens) {
    std::lock_guard lock(mutex_);
    displays_[vm].screens = std::move(screens);
  }
  // Of the first display.
  ScreenSize size(const Uuid& vm) const {
    return find(vm).screens.front().size;
  }
  void set_size(const Uuid& vm, ScreenSize size) {
    std::lock_guard lock(mutex_);
    displays_[vm].screens.front().size = size;
  }
  bool is_served(const Uuid& vm) const {
    return find(vm).is_served;
  }
  void set_served(const Uuid& vm, bool is_served) {
    std::lock_guard lock(mutex_);
    displays_[vm].is_served = is_served;
  }
  // The moment that the screen shows: the present one, or the one in which the guest stopped.
  uint64_t shown_ms(const Uuid& vm, uint64_t now_ms) const {
    std::lock_guard lock(mutex_);
    const ScreenFreezePtr* freeze = freezes_.find(vm);
    return freeze ? (*freeze)->shown_ms(now_ms) : now_ms;
  }
  // The one of the VM, for as long as the host has that: also when its service has gone, and the
  // VM with it, and both are back.
  // Null where there is none yet and `makes` is false.
  ScreenFreezePtr freeze_of(const Uuid& vm, bool makes = true) {
    std::lock_guard lock(mutex_);
    if (!makes) {
      const ScreenFreezePtr* known = freezes_.find(vm);
      return known ? *known : nullptr;
    }
    const auto [freeze, is_new] = freezes_.try_emplace(vm, nullptr);
    if (is_new) *freeze = std::make_shared<ScreenFreeze>();
    return *freeze;
  }

  void add_input(const Uuid& vm, const Input& input) {
    std::lock_guard lock(mutex_);
    Display& display = displays_[vm];
    if (display.inputs.size() == kInputsMax) display.inputs.erase(display.inputs.begin());
    display.inputs.push_back(input);
    if (input.kind == Input::Kind::kMove) {
      display.move_pointer({.x = input.x, .y = input.y}, display.pointer);
    } else if (input.kind == Input::Kind::kPosition) {
      display.move_pointer({.x = input.x, .y = input.y}, {});
    }
  }
  // Where mice have brought the guest's pointer; it cannot leave the first display.
  Point pointer(const Uuid& vm) const {
    return find(vm).pointer;
  }
  std::vector<Input> inputs(const Uuid& vm) const {
    return find(vm).inputs;
  }

  // Also where nothing has announced it, as when a backup takes the place of a suspended VM.
  void on_stopped(const Uuid& vm) {
    std::lock_guard lock(mutex_);
    if (ScreenFreezePtr* freeze = freezes_.find(vm)) (*freeze)->end();
    if (const auto found = displays_.find(vm); found != displays_.end()) {
      found->second.is_served = false;
    }
  }
  void forget_vm(const Uuid& vm) {
    std::lock_guard lock(mutex_);
    displays_.erase(vm);
    freezes_.erase(vm);
  }

 private:
  struct Display {
    std::vector<Screen> screens{Screen()};
    bool is_served = false;  // to viewers over the network
    std::vector<Input> inputs;
    Point pointer;

    void move_pointer(Point by, Point from) {
      const auto moved = [](int64_t start, int64_t distance, uint32_t side) {
        return static_cast<int32_t>(std::clamp<int64_t>(start + distance, 0, side - 1));
      };
      pointer = {.x = moved(from.x, by.x, screens.front().size.width),
                 .y = moved(from.y, by.y, screens.front().size.height)};
    }
  };
  Display find(const Uuid& vm) const {
    std::lock_guard lock(mutex_);
    const auto found = displays_.find(vm);
    return found == displays_.end() ? Display() : found->second;
  }

  mutable ShortLock mutex_;
  // Guarded by mutex_.
  std::unordered_map<Uuid, Display> displays_;  // of those that are not as at first
  UuidMap<ScreenFreezePtr> freezes_;            // of those that ever stood still
};

}  // namespace prl::sim
