// Objects for the tests of handles that say how many of them there are.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "sdk/handle_table.h"

namespace prl::sdk {

inline std::atomic<int> alive{0};

class Thing : public Object {
 public:
  explicit Thing(uint32_t type = 0x10000001) : Object(type) { ++alive; }
  ~Thing() override { --alive; }
};

// Ends in the hands of whoever takes the dead, as servers do.
class LateThing final : public Thing {
 public:
  bool ends_elsewhere() const override { return true; }
};

// The value, of which a client has the only reference.
inline uint32_t insert_for_client(HandleTable& table) {
  const Ref<Thing> thing = table.insert(std::make_unique<Thing>());
  table.add_client_reference(thing);
  return thing->value();
}

}  // namespace prl::sdk
