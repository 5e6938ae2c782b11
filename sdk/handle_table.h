// Handle values and the objects behind them.
//
// A value is a 32-bit number that counts up from 0xFACE and is never reused while it matters
// (core-api 2.1): 29 bits of counter, three bits of instance number on top. It is looked up, never
// dereferenced, so any bit pattern that a client passes is safe. The counter indexes a two-level
// table (in groups): a leaf holds the slots of 512 successive values; a leaf whose values are all
// dead is reused for a later range, so memory follows the number of live handles, not of handles
// ever made.
//
// Each slot counts the client's references and the library's own apart, so that freeing too often
// is an error and never takes a reference that the library holds (core-api 2.3 [F]). An object
// lives until both counts are zero. In a process with threads a search does not count what it finds
// but pins it (pins.h).
//
// Thread-safe; looking up, referencing and releasing take no lock.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "sdk/pins.h"
#include "simulator/lone_thread.h"
#include "simulator/short_lock.h"

namespace prl::sdk {

class HandleTable;
class Object;

// What there is to read and write behind an object: a property tree of its own, a node in the tree
// of another, or neither.
enum class Holds : uint8_t { kOther, kTree, kNode };

// One entry of the table. `word` packs leaf number, client references, whether the object has ever
// been pinned, whether references are all counted, and internal references, so that one
// compare-and-swap proves that the slot still belongs to the value looked up.
struct Slot {
  std::atomic<uint64_t> word{0};
  std::atomic<Object*> object{nullptr};
};

// How a reference keeps its object: by a count in the slot, or by a pin. None where it is empty.
class Grip {
 public:
  Grip() = default;
  static Grip counted(Slot& slot) { return Grip(reinterpret_cast<uintptr_t>(&slot)); }
  static Grip pinned(uint32_t handle, uint32_t pin) {
    return Grip(uint64_t{handle} << kHandleShift | uint64_t{pin} << 1 | kPinned);
  }

  explicit operator bool() const { return bits_ != 0; }
  bool is_pinned() const { return bits_ & kPinned; }
  // REQUIRES: it is counted.
  Slot& slot() const { return *reinterpret_cast<Slot*>(static_cast<uintptr_t>(bits_)); }
  // REQUIRES: it is pinned.
  uint32_t handle() const { return static_cast<uint32_t>(bits_ >> kHandleShift); }
  uint32_t pin() const { return static_cast<uint32_t>(bits_) >> 1; }

 private:
  explicit Grip(uint64_t bits) : bits_(bits) {}

  static constexpr uint64_t kPinned = 1;  // where the address of a slot has a zero
  static constexpr int kHandleShift = 32;
  uint64_t bits_ = 0;
};

// Everything that a handle can name. Made by HandleTable::insert; destroyed when its last reference
// goes, on whichever thread that happens.
class Object {
 public:
  static constexpr Holds kHolds = Holds::kOther;  // of every object of a class
  explicit Object(uint32_t type, Holds holds = kHolds) : type_(type), holds_(holds) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  uint32_t type() const { return type_; }
  uint32_t value() const { return value_; }
  Holds holds() const { return holds_; }

  // True for objects whose end needs locks or threads: they are handed to HandleTable::take_dead()
  // instead of being destroyed in the place that let go of them, and destroy_all() leaves them to
  // the end.
  virtual bool ends_elsewhere() const { return false; }

 private:
  friend class HandleTable;
  template <class T>
  friend class Ref;
  const uint32_t type_;
  const Holds holds_;
  uint32_t value_ = 0;
  Slot* slot_ = nullptr;
  HandleTable* table_ = nullptr;
};

// An internal reference: keeps the object alive. Movable and copyable, like a shared pointer, on
// any thread. One that HandleTable::find returned may be a pin, of which there are few: who keeps
// it for longer than a call keeps a copy, which is counted.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(const Ref& other) noexcept;
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)),
                              grip_(std::exchange(other.grip_, {})),
                              table_(other.table_) {}
  template <class U>
  Ref(Ref<U> other)
      : object_(std::exchange(other.object_, nullptr)),
        grip_(std::exchange(other.grip_, {})),
        table_(other.table_) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    std::swap(grip_, other.grip_);
    std::swap(table_, other.table_);
    return *this;
  }
  ~Ref();

  // A new reference to an object that the caller knows to be alive.
  static Ref to(T& object);
  // The same reference, which costs nothing. REQUIRES: empty, or its object is a T.
  template <class U>
  static Ref cast(Ref<U> other) {
    return Ref(static_cast<T*>(std::exchange(other.object_, nullptr)),
               std::exchange(other.grip_, {}), other.table_);
  }

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  friend class HandleTable;
  template <class U>
  friend class Ref;
  Ref(T* object, Grip grip, HandleTable* table) : object_(object), grip_(grip), table_(table) {}
  // REQUIRES: not empty.
  Slot& slot() const { return grip_.is_pinned() ? *object_->slot_ : grip_.slot(); }

  T* object_ = nullptr;
  Grip grip_;  // not asked of the object: while the table is torn down that may go first
  HandleTable* table_ = nullptr;
};

class HandleTable {
 public:
  class Reserved;

  // `next_value` is where the counter goes on; Deinit does not reset it (core-api 1.3).
  HandleTable(uint32_t next_value, uint32_t instance_bits);
  ~HandleTable();

  // Gives the object a value and returns the only reference to it, an internal one.
  template <class T>
  Ref<T> insert(std::unique_ptr<T> object) {
    T* raw = object.get();
    Slot* slot = insert_object(std::move(object));
    return Ref<T>(raw, Grip::counted(*slot), this);
  }

  // The same with a value that was reserved; reserves some where there are none.
  template <class T>
  Ref<T> insert(std::unique_ptr<T> object, Reserved& reserved) {
    T* raw = object.get();
    Slot* slot = insert_reserved(std::move(object), reserved);
    return Ref<T>(raw, Grip::counted(*slot), this);
  }

  // The live object with this value; empty for any other bit pattern.
  Ref<Object> find(uint64_t value);

  // Brings the object with this value, if there is one, into the cache.
  void prefetch(uint64_t value);

  // One more reference for the client, to an object that the caller holds. False when the client
  // has taken two million of them and no more can be counted.
  template <class T>
  bool add_client_reference(const Ref<T>& ref) {
    return add_client(ref.slot());
  }
  // Takes one client reference away; false when there is none or the value is unknown.
  bool release_client_reference(uint64_t value);

  // Live objects of the type; 0 counts all types (PrlDbg_GetHandlesNum).
  uint32_t count(uint32_t type) const;
  uint32_t next_value() const { return next_value_; }
  // Lets the values go on from that one, as if there had been all that lie between: for tests. No
  // other thread may use the table.
  void go_on_at(uint32_t next_value) {
    next_value_ = next_value;
    newest_leaf_ = nullptr;
  }

  // Objects that end elsewhere and have lost their last reference. The caller destroys them with no
  // lock held.
  std::vector<std::unique_ptr<Object>> take_dead();
  bool has_dead() const { return has_dead_.load(std::memory_order_acquire); }

  // Destroys all objects, whoever refers to them. No other thread may use the table any more.
  void destroy_all();

 private:
  template <class T>
  friend class Ref;

  static constexpr uint32_t kLeafSlots = 512;
  static constexpr uint32_t kCounterBits = 29;
  static constexpr uint32_t kGroupLeaves = 1024;
  static constexpr uint32_t kGroups = (1u << kCounterBits) / kLeafSlots / kGroupLeaves;
  static constexpr uint32_t kTypes = 256;  // types differ in their low byte

  struct Leaf {
    std::array<Slot, kLeafSlots> slots;
    std::atomic<uint32_t> unused{kLeafSlots};  // slots not yet dead; at zero the leaf can go
  };

  // Leaf pointers, made as the counter gets there: 8 KiB for each 262,144 handles ever made.
  struct Group {
    std::array<std::atomic<Leaf*>, kGroupLeaves> leaves{};
  };

  Slot* insert_object(std::unique_ptr<Object> object);
  Slot* insert_reserved(std::unique_ptr<Object> object, Reserved& reserved);
  uint32_t free_value();
  void begin_leaf();
  Slot* fill(Leaf& leaf, uint32_t counter, std::unique_ptr<Object> object);
  std::atomic<uint32_t>& count_here(const Object& object) {
    return counts_[sim::lane_of_this_thread()][object.type() % kTypes];
  }
  bool has_leaf(uint32_t number);
  Leaf& leaf_for(uint32_t number);
  std::atomic<Leaf*>* leaf_pointer(uint32_t number);  // null when the group does not exist
  Slot* slot_of(uint64_t value);  // null where there has been no object with this value
  void retire(uint32_t leaf_number);
  void keep_dead(std::unique_ptr<Object> object);
  static bool add_client(Slot& slot);
  static void add_internal(Slot& slot);
  Ref<Object> find_among_threads(Slot& slot, uint32_t value, uint64_t word);
  void release(Grip grip);
  void release_last(Slot& slot, uint64_t word);
  void count_pins(Slot& slot);
  void end(Slot& slot, uint64_t old_word);

  const uint64_t instance_bits_;
  // Reading a retired leaf is safe because it is only reused, and the leaf number in each word
  // tells.
  std::array<std::atomic<Group*>, kGroups> groups_{};
  using Counts = std::array<std::atomic<uint32_t>, kTypes>;
  std::array<Counts, sim::kLanes> counts_{};  // live objects, as a sum over all lanes
  Pins pins_;
  std::atomic<bool> has_dead_{false};
  std::atomic<bool> closing_{false};

  alignas(sim::kLineBytes) sim::ShortLock mutex_;
  // Guarded by mutex_.
  uint32_t next_value_;
  Leaf* newest_leaf_ = nullptr;  // that of next_value_ unless it begins one; null: not known
  std::vector<std::unique_ptr<Group>> all_groups_;
  std::vector<std::unique_ptr<Leaf>> all_leaves_;
  std::vector<Leaf*> free_leaves_;
  std::vector<std::unique_ptr<Object>> dead_;
};

// Values that one thread has taken beforehand, for objects to come: what counts up is one for all
// threads. Not synchronised; gives back what is left.
class HandleTable::Reserved {
 public:
  explicit Reserved(HandleTable& table) : table_(table) {}
  Reserved(const Reserved&) = delete;
  Reserved& operator=(const Reserved&) = delete;
  ~Reserved() {
    for (; left_ > 0; --left_) table_.retire(counter_ / kLeafSlots);
  }

 private:
  friend class HandleTable;
  HandleTable& table_;
  Leaf* leaf_ = nullptr;
  uint32_t counter_ = 0;  // of the next one
  uint32_t left_ = 0;     // all in that leaf
};

template <class T>
Ref<T>::Ref(const Ref& other) noexcept : object_(other.object_), table_(other.table_) {
  if (!other.grip_) return;
  grip_ = Grip::counted(other.slot());
  HandleTable::add_internal(grip_.slot());
}

template <class T>
Ref<T>::~Ref() {
  if (grip_) table_->release(grip_);
}

template <class T>
Ref<T> Ref<T>::to(T& object) {
  HandleTable::add_internal(*object.slot_);
  return Ref(&object, Grip::counted(*object.slot_), object.table_);
}

}  // namespace prl::sdk
