#include "sdk/handle_table.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "simulator/lone_thread.h"

namespace prl::sdk {

namespace {

using sim::add_to;
using sim::is_lone_thread;
using sim::replace;
using sim::subtract_from;
using sim::swap_in;

// word: | leaf number, 20 bits | client references, 21 | pinned | counted | internal ones, 21 |
constexpr uint64_t kInternalOne = 1;
constexpr uint64_t kInternalMask = (uint64_t{1} << 21) - 1;
// Set for good before the last reference goes: nobody pins the object any more.
constexpr uint64_t kCounted = uint64_t{1} << 21;
// Set for good by who pins the object first: what nobody has found by its value has no pins.
constexpr uint64_t kPinned = uint64_t{1} << 22;
constexpr uint64_t kClientOne = uint64_t{1} << 23;
constexpr uint64_t kClientMask = ((uint64_t{1} << 21) - 1) << 23;
constexpr uint64_t kReferences = kClientMask | kInternalMask;
constexpr int kLeafShift = 44;

constexpr uint64_t kCounterMask = (uint64_t{1} << 29) - 1;

constexpr uint32_t counter_of(uint64_t value) {
  return static_cast<uint32_t>(value & kCounterMask);
}

constexpr uint64_t leaf_of(uint64_t word) {
  return word >> kLeafShift;
}

constexpr bool is_alive(uint64_t word, uint64_t leaf_number) {
  return (word & kReferences) && leaf_of(word) == leaf_number;
}

// Threads are numbered from 1 as they come here.
std::atomic<uint32_t> threads{0};
constinit thread_local uint32_t thread_number = 0;

uint32_t number_of_this_thread() {
  if (thread_number == 0) thread_number = threads.fetch_add(1, std::memory_order_relaxed) + 1;
  return thread_number;
}

}  // namespace

HandleTable::HandleTable(uint32_t next_value, uint32_t instance_bits)
    : instance_bits_(instance_bits), next_value_(next_value) {}

HandleTable::~HandleTable() {
  destroy_all();
}

std::atomic<HandleTable::Leaf*>* HandleTable::leaf_pointer(uint32_t number) {
  Group* group = groups_[number / kGroupLeaves].load(std::memory_order_acquire);
  return group ? &group->leaves[number % kGroupLeaves] : nullptr;
}

bool HandleTable::has_leaf(uint32_t number) {
  const std::atomic<Leaf*>* pointer = leaf_pointer(number);
  return pointer && pointer->load(std::memory_order_acquire);
}

// REQUIRES: mutex_ is held.
HandleTable::Leaf& HandleTable::leaf_for(uint32_t number) {
  if (!leaf_pointer(number)) {
    all_groups_.push_back(std::make_unique<Group>());
    groups_[number / kGroupLeaves].store(all_groups_.back().get(), std::memory_order_release);
  }
  std::atomic<Leaf*>& pointer = *leaf_pointer(number);
  Leaf* leaf = pointer.load(std::memory_order_relaxed);
  if (leaf) return *leaf;
  if (free_leaves_.empty()) {
    all_leaves_.push_back(std::make_unique<Leaf>());
    leaf = all_leaves_.back().get();
  } else {
    leaf = free_leaves_.back();
    free_leaves_.pop_back();
    leaf->unused.store(kLeafSlots, std::memory_order_relaxed);
  }
  pointer.store(leaf, std::memory_order_release);
  return *leaf;
}

Slot* HandleTable::insert_object(std::unique_ptr<Object> object) {
  std::lock_guard lock(mutex_);
  const uint32_t counter = free_value();
  next_value_ = counter_of(counter + 1);
  return fill(*newest_leaf_, counter, std::move(object));
}

Slot* HandleTable::insert_reserved(std::unique_ptr<Object> object, Reserved& reserved) {
  constexpr uint32_t kAtATime = 16;
  if (reserved.left_ == 0) {
    std::lock_guard lock(mutex_);
    reserved.counter_ = free_value();
    reserved.leaf_ = newest_leaf_;
    reserved.left_ = std::min(kAtATime, kLeafSlots - reserved.counter_ % kLeafSlots);
    next_value_ = counter_of(reserved.counter_ + reserved.left_);
  }
  --reserved.left_;
  return fill(*reserved.leaf_, reserved.counter_++, std::move(object));
}

// One that is free, with its leaf the newest. REQUIRES: mutex_ is held.
inline uint32_t HandleTable::free_value() {
  const bool begins_leaf = next_value_ % kLeafSlots == 0;
  if (begins_leaf || !newest_leaf_) begin_leaf();
  return next_value_;
}

void HandleTable::begin_leaf() {
  // The counter has come round (after 2^29 objects) to a leaf in which something still lives, or
  // was never used: it counts its dead, and takes no others.
  while (next_value_ % kLeafSlots == 0 && has_leaf(next_value_ / kLeafSlots)) {
    next_value_ = counter_of(next_value_ + kLeafSlots);
  }
  newest_leaf_ = &leaf_for(next_value_ / kLeafSlots);
  if (next_value_ == 0) next_value_ = 1;
}

// REQUIRES: the value is of that leaf, and the caller's.
Slot* HandleTable::fill(Leaf& leaf, uint32_t counter, std::unique_ptr<Object> object) {
  Slot& slot = leaf.slots[counter % kLeafSlots];
  object->value_ = static_cast<uint32_t>(counter | instance_bits_);
  object->slot_ = &slot;
  object->table_ = this;
  add_to(count_here(*object), 1u, std::memory_order_relaxed);
  slot.object.store(object.release(), std::memory_order_relaxed);
  slot.word.store(uint64_t{counter / kLeafSlots} << kLeafShift | kInternalOne,
                  std::memory_order_release);
  return &slot;
}

inline Slot* HandleTable::slot_of(uint64_t value) {
  if ((value & ~kCounterMask) != instance_bits_) return nullptr;
  const uint32_t counter = counter_of(value);
  const std::atomic<Leaf*>* pointer = leaf_pointer(counter / kLeafSlots);
  Leaf* leaf = pointer ? pointer->load(std::memory_order_acquire) : nullptr;
  return leaf ? &leaf->slots[counter % kLeafSlots] : nullptr;
}

Ref<Object> HandleTable::find(uint64_t value) {
  Slot* slot = slot_of(value);
  if (!slot) return {};
  const uint64_t word = slot->word.load(std::memory_order_acquire);
  if (!is_alive(word, counter_of(value) / kLeafSlots)) return {};
  if (!is_lone_thread()) return find_among_threads(*slot, static_cast<uint32_t>(value), word);
  slot->word.store(word + kInternalOne, std::memory_order_relaxed);
  return {slot->object.load(std::memory_order_relaxed), Grip::counted(*slot), this};
}

// REQUIRES: a moment ago the word was the slot's, and alive.
Ref<Object> HandleTable::find_among_threads(Slot& slot, uint32_t value, uint64_t word) {
  const uint64_t leaf_number = counter_of(value) / kLeafSlots;
  const uint32_t pin = word & kCounted ? Pins::kNone : pins_.put(value, number_of_this_thread());
  if (pin != Pins::kNone) {
    word = slot.word.load();
    if (is_alive(word, leaf_number) && !(word & kPinned)) word = slot.word.fetch_or(kPinned);
    Object* object = slot.object.load(std::memory_order_relaxed);
    const bool is_pinned = is_alive(word, leaf_number) && !(word & kCounted);
    if (is_pinned) return {object, Grip::pinned(value, pin), this};
    // Who lets the last reference go may have seen the pin, and counted it.
    if (!pins_.take_away(pin, value)) return {object, Grip::counted(slot), this};
  }
  do {
    if (!is_alive(word, leaf_number)) return {};
  } while (!replace(slot.word, word, word + kInternalOne));
  return {slot.object.load(std::memory_order_relaxed), Grip::counted(slot), this};
}

void HandleTable::prefetch(uint64_t value) {
  constexpr size_t kLines = 3;  // the first lines: what calls look at is there
  constexpr size_t kLineBytes = 64;
  const Slot* slot = slot_of(value);
  if (!slot) return;
  const auto* object =
      reinterpret_cast<const char*>(slot->object.load(std::memory_order_relaxed));
  for (size_t i = 0; i < kLines; ++i) __builtin_prefetch(object + i * kLineBytes);
}

bool HandleTable::add_client(Slot& slot) {
  uint64_t word = slot.word.load(std::memory_order_relaxed);
  do {
    if ((word & kClientMask) == kClientMask) return false;
  } while (!replace(slot.word, word, word + kClientOne));
  return true;
}

void HandleTable::add_internal(Slot& slot) {
  const uint64_t old = add_to(slot.word, kInternalOne, std::memory_order_relaxed);
  assert((old & kInternalMask) != kInternalMask);
  (void)old;
}

bool HandleTable::release_client_reference(uint64_t value) {
  Slot* slot = slot_of(value);
  if (!slot) return false;
  uint64_t word = slot->word.load(std::memory_order_acquire);
  uint64_t left = 0;
  do {
    if (!is_alive(word, counter_of(value) / kLeafSlots) || !(word & kClientMask)) return false;
    left = word - kClientOne;
    if (!(left & kReferences)) left += kInternalOne;  // the last one goes as an internal one
  } while (!replace(slot->word, word, left));
  if ((word & kReferences) == kClientOne) release_last(*slot, left);
  return true;
}

void HandleTable::release(Grip grip) {
  if (grip.is_pinned()) {
    if (pins_.take_away(grip.pin(), grip.handle())) return;
    grip = Grip::counted(*slot_of(grip.handle()));
  }
  Slot& slot = grip.slot();
  uint64_t word = slot.word.load(std::memory_order_relaxed);
  do {
    if ((word & kReferences) == kInternalOne) return release_last(slot, word);
  } while (!replace(slot.word, word, word - kInternalOne));
}

// The last reference that is counted, as it looks: there may be pins, and who has one may copy it.
void HandleTable::release_last(Slot& slot, uint64_t word) {
  if (is_lone_thread() && pins_.are_unused()) {
    slot.word.store(word - kInternalOne, std::memory_order_relaxed);
    return end(slot, word);
  }
  while (true) {
    const bool is_last = (word & kReferences) == kInternalOne;
    if (is_last && (word & kPinned) && !(word & kCounted)) {
      if (!replace(slot.word, word, word | kCounted)) continue;
      count_pins(slot);
      word = slot.word.load(std::memory_order_relaxed);
    } else if (replace(slot.word, word, word - kInternalOne)) {
      if (is_last) end(slot, word);
      return;
    }
  }
}

// REQUIRES: the caller has marked the word, and holds a reference that is counted.
void HandleTable::count_pins(Slot& slot) {
  const Object* object = slot.object.load(std::memory_order_relaxed);
  if (!object) return;  // destroy_all has it
  pins_.take_all_away(
      object->value_, [&slot] { add_internal(slot); },
      [&slot] { subtract_from(slot.word, kInternalOne); });
}

// The last reference has gone: nobody can find the slot any more.
void HandleTable::end(Slot& slot, uint64_t old_word) {
  if (closing_.load(std::memory_order_acquire)) return;  // destroy_all has the object
  std::unique_ptr<Object> object(swap_in<Object*>(slot.object, nullptr, std::memory_order_acq_rel));
  subtract_from(count_here(*object), 1u, std::memory_order_relaxed);
  const auto leaf_number = static_cast<uint32_t>(leaf_of(old_word));
  retire(leaf_number);
  if (object->ends_elsewhere()) keep_dead(std::move(object));
}

// One more slot of the leaf is dead; when all are, the leaf serves another range.
void HandleTable::retire(uint32_t leaf_number) {
  std::atomic<Leaf*>& pointer = *leaf_pointer(leaf_number);
  Leaf* leaf = pointer.load(std::memory_order_acquire);
  if (subtract_from(leaf->unused, 1u, std::memory_order_acq_rel) != 1) return;
  std::lock_guard lock(mutex_);
  pointer.store(nullptr, std::memory_order_release);
  free_leaves_.push_back(leaf);
}

uint32_t HandleTable::count(uint32_t type) const {
  uint32_t total = 0;
  for (const Counts& counts : counts_) {
    for (uint32_t i = 0; i < kTypes; ++i) {
      if (type == 0 || i == type % kTypes) total += counts[i].load(std::memory_order_relaxed);
    }
  }
  // One that came and went meanwhile may be seen to go and not to come.
  return static_cast<int32_t>(total) < 0 ? 0 : total;
}

std::vector<std::unique_ptr<Object>> HandleTable::take_dead() {
  if (!has_dead()) return {};
  std::lock_guard lock(mutex_);
  has_dead_.store(false, std::memory_order_release);
  return std::exchange(dead_, {});
}

void HandleTable::keep_dead(std::unique_ptr<Object> object) {
  std::lock_guard lock(mutex_);
  dead_.push_back(std::move(object));
  has_dead_.store(true, std::memory_order_release);
}

void HandleTable::destroy_all() {
  closing_.store(true, std::memory_order_release);
  std::vector<std::unique_ptr<Object>> objects = take_dead();
  for (const auto& leaf : all_leaves_) {
    for (Slot& slot : leaf->slots) {
      if (Object* object = slot.object.exchange(nullptr)) objects.emplace_back(object);
    }
  }
  // Their references to each other count down in the slots, which live on. What others speak to
  // when they end goes last.
  std::erase_if(objects, [](const auto& object) { return !object->ends_elsewhere(); });
}

}  // namespace prl::sdk
