// The worlds of one library, by number: 0 is there from Init to Deinit, tests make others beside
// it. A thread works in the world that it has chosen, 0 until then; a server object stays in the
// one in which it was made, whoever uses it. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/delivery.h"
#include "simulator/world.h"

namespace prl::sdk {

struct PlaceOptions {
  sim::WorldOptions world;
  DeliveryOrder delivery = DeliveryOrder::kFree;
};

// A world, with what calls ask of it at every turn.
struct Place {
  Place(PlaceOptions options, uint64_t generation);

  // Whether a fault may strike calls of the function, or the objects that they hand out: bits of
  // these. REQUIRES: the number of an Api.
  static constexpr uint8_t kCalls = 1;
  static constexpr uint8_t kMemory = 2;
  uint8_t watches(size_t api) const {
    const uint8_t* watched = watched_.load(std::memory_order_acquire);
    return watched ? watched[api] : uint8_t{0};
  }
  // After a change of the rules.
  void look_at_rules();

  // Tells worlds of one number apart, but for those that have replaced each other.
  const uint64_t generation;
  const DeliveryOrder delivery;
  sim::World world;

 private:
  std::atomic<const uint8_t*> watched_{nullptr};  // by Api; null: none
  std::mutex mutex_;
  std::vector<std::vector<uint8_t>> lists_;  // of all times, since somebody may look at one still
};

class Worlds {
 public:
  static constexpr uint32_t kMax = 1024;

  explicit Worlds(PlaceOptions options);
  Worlds(const Worlds&) = delete;
  Worlds& operator=(const Worlds&) = delete;

  // Of the world of that number, or the one that was it last. REQUIRES: it was given out.
  Place& at(uint32_t number) { return *places_[number].load(std::memory_order_acquire); }
  // Of the calling thread.
  Place& here() { return at(number_here()); }
  uint32_t number_here() const {
    return has_more_.load(std::memory_order_relaxed) ? chosen_here() : 0;
  }

  // Lets the calling thread work in that world, or in the one that replaces it; false where there
  // is none. When the number is another world's the thread is back in world 0.
  bool choose(uint32_t number);
  // None where there are kMax already.
  std::optional<uint32_t> add(PlaceOptions options);
  // Ends the world; what still uses it finds a host that answers nothing. False for 0 and where
  // there is none.
  bool end(uint32_t number);
  // Puts another world in the place of that one, which ends. REQUIRES: has(number).
  void replace(uint32_t number, PlaceOptions options);
  bool has(uint32_t number) const;
  // The first one whose host has this name.
  std::optional<uint32_t> number_of_host(std::string_view name);
  // Counts the worlds beside the first, from 1; of those that are not made in the end too.
  uint64_t next_made() { return made_.fetch_add(1) + 1; }
  // Also those that have ended.
  std::vector<Place*> all();
  // Ends all of them.
  void stop();

 private:
  uint32_t chosen_here() const;

  std::atomic<uint64_t> made_{0};
  const uint64_t identity_;  // tells this object from all that came before it
  std::atomic<uint64_t> generations_{0};
  std::atomic<bool> has_more_{false};
  std::array<std::atomic<Place*>, kMax> places_{};  // null: never given out

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<std::unique_ptr<Place>> all_;  // those that have ended go with the library
  std::array<bool, kMax> is_there_{};
};

}  // namespace prl::sdk
