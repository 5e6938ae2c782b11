// What there is of each of many uuids. One block of memory in which a search looks at one place,
// or a few side by side: among ten thousand as quick as among ten. Values are moved about, so that
// a pointer to one is good until the map changes. Not synchronised.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "simulator/uuid.h"

namespace prl::sim {

// REQUIRES: Value has a default and can be moved.
template <class Value>
class UuidMap {
 public:
  size_t size() const { return size_; }

  // Null where there is none.
  const Value* find(const Uuid& uuid) const {
    if (size_ == 0) return nullptr;
    const Place& place = places_[seek(uuid)];
    return place.is_taken ? &place.value : nullptr;
  }
  Value* find(const Uuid& uuid) { return const_cast<Value*>(std::as_const(*this).find(uuid)); }

  // Brings what find() looks at into the cache.
  void prefetch(const Uuid& uuid) const {
    if (size_ > 0) __builtin_prefetch(&places_[home(uuid)]);
  }

  // The value that is there, or else the new one; true where it is that.
  std::pair<Value*, bool> try_emplace(const Uuid& uuid, Value value) {
    if (2 * (size_ + 1) > places_.size()) grow();
    Place& place = places_[seek(uuid)];
    if (place.is_taken) return {&place.value, false};
    place = {uuid, true, std::move(value)};
    ++size_;
    return {&place.value, true};
  }

  void erase(const Uuid& uuid) {
    if (size_ == 0) return;
    size_t gap = seek(uuid);
    if (!places_[gap].is_taken) return;
    --size_;
    // What comes behind moves up, unless it belongs there, so that a search may end at a gap.
    for (size_t next = after(gap); places_[next].is_taken; next = after(next)) {
      if (distance(home(places_[next].uuid), next) < distance(gap, next)) continue;
      places_[gap] = std::move(places_[next]);
      gap = next;
    }
    places_[gap] = {};
  }

  void clear() {
    places_.clear();
    size_ = 0;
  }

 private:
  struct Place {
    Uuid uuid;
    bool is_taken = false;
    Value value{};
  };

  size_t mask() const { return places_.size() - 1; }  // there is a power of two of them, or none
  size_t home(const Uuid& uuid) const { return std::hash<Uuid>()(uuid) & mask(); }
  size_t after(size_t place) const { return (place + 1) & mask(); }
  size_t distance(size_t from, size_t to) const { return (to - from) & mask(); }

  // Where the uuid is, or the gap where it would go. REQUIRES: there is a gap.
  size_t seek(const Uuid& uuid) const {
    size_t place = home(uuid);
    while (places_[place].is_taken && places_[place].uuid != uuid) place = after(place);
    return place;
  }

  void grow() {
    constexpr size_t kFirst = 16;
    std::vector<Place> old(places_.empty() ? kFirst : 2 * places_.size());
    std::swap(old, places_);
    for (Place& place : old) {
      if (place.is_taken) places_[seek(place.uuid)] = std::move(place);
    }
  }

  std::vector<Place> places_;  // half of them are gaps, or more
  size_t size_ = 0;
};

}  // namespace prl::sim
