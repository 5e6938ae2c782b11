// What a client has open of the desktop of a VM: the connection, and the frames that it looks at.
// Part of a VM handle. Thread-safe.
#pragma once

#include <prlsdk/Parallels.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "sdk/picture.h"

namespace prl::sdk {

// Where the client's window system draws a display.
struct Surface {
  uint32_t window = 0;
  uint32_t surface = 0;
  int32_t scroll_x = 0;
  int32_t scroll_y = 0;
  uint32_t width = 0;
  uint32_t height = 0;
};

struct Frame {
  uint32_t* pixels = nullptr;
  uint32_t width = 0;
  uint32_t height = 0;
};

class Desktop {
 public:
  // A terminal takes the place of the screen, and the other way round.
  enum class Channel : uint8_t { kNone, kScreen, kTerminal };

  Channel channel() const {
    std::lock_guard lock(mutex_);
    return channel_;
  }
  void open_screen(const PRL_IO_DISPLAY_ENCODING& encoding) {
    std::lock_guard lock(mutex_);
    channel_ = Channel::kScreen;
    encoding_ = encoding;
  }
  void open_terminal() {
    std::lock_guard lock(mutex_);
    forget_screen();
    channel_ = Channel::kTerminal;
  }
  // False where it was not that channel that was open.
  bool close(Channel channel) {
    std::lock_guard lock(mutex_);
    if (channel_ != channel) return false;
    forget_screen();
    channel_ = Channel::kNone;
    return true;
  }

  PRL_IO_DISPLAY_ENCODING encoding() const {
    std::lock_guard lock(mutex_);
    return encoding_;
  }
  void set_encoding(const PRL_IO_DISPLAY_ENCODING& encoding) {
    std::lock_guard lock(mutex_);
    encoding_ = encoding;
  }

  // The frames, one for each display, stay where they are until they are given back.
  void lock_frames(std::vector<Picture> pictures) {
    std::lock_guard lock(mutex_);
    frames_ = std::move(pictures);
  }
  bool unlock_frames() {
    std::lock_guard lock(mutex_);
    return !std::exchange(frames_, {}).empty();
  }
  bool has_frames() const {
    std::lock_guard lock(mutex_);
    return !frames_.empty();
  }
  // Empty where none is locked of this display. The pixels are there until they are given back.
  std::optional<Frame> frame(size_t display) {
    std::lock_guard lock(mutex_);
    if (display >= frames_.size()) return std::nullopt;
    Picture& picture = frames_[display];
    return Frame{picture.pixels.data(), picture.width, picture.height};
  }

  void bind_surface(uint32_t display, const Surface& surface) {
    std::lock_guard lock(mutex_);
    surfaces_[display] = surface;
  }
  // Where a display is drawn, if it is.
  std::optional<Surface> surface(uint32_t display) const {
    std::lock_guard lock(mutex_);
    const auto found = surfaces_.find(display);
    return found == surfaces_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  // REQUIRES: mutex_ is held.
  void forget_screen() {
    frames_.clear();
    surfaces_.clear();
  }

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Channel channel_ = Channel::kNone;
  PRL_IO_DISPLAY_ENCODING encoding_{};
  std::vector<Picture> frames_;
  std::map<uint32_t, Surface> surfaces_;  // by display
};

}  // namespace prl::sdk
