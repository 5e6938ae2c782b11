// Every function of the API as something that a test can call with arguments of its choice, right
// or wrong. The rows are generated from the catalogue. Immutable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "api.h"

namespace prl::tests {

// An argument or a result of any type; pointers and handles by their bits.
using Word = uint64_t;

// What a parameter takes.
enum class Takes : uint8_t {
  kHandle,
  kText,      // a string that the function reads
  kBuffer,    // room for text or bytes; may be NULL to ask for the size
  kLength,    // follows a kBuffer: its capacity, then the size needed
  kIn,        // a pointer to something that the function reads
  kOut,       // a pointer to something that the function may write
  kCallback,
  kUserData,  // follows a kCallback, and is not looked at
  kIndex,
  kEnum,
  kNumber,
};

constexpr size_t kParametersMax = 16;

// The parameters of one function, in order.
class Parameters {
 public:
  template <class... T>
  constexpr explicit Parameters(T... takes) : takes_{takes...}, count_(sizeof...(takes)) {
    static_assert(sizeof...(takes) <= kParametersMax);
  }

  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  Takes operator[](size_t i) const { return takes_[i]; }
  const Takes* begin() const { return takes_.data(); }
  const Takes* end() const { return takes_.data() + count_; }

 private:
  std::array<Takes, kParametersMax> takes_;
  uint8_t count_;
};

// What functions of the same type have in common.
struct Shape {
  Word (*invoke)(void (*function)(), const Word* arguments);
  // Bytes behind each pointer; 0 for void pointers, and for what is no pointer.
  std::array<size_t, kParametersMax> pointee_bytes;
};

struct MisuseCall {
  sdk::Api api;
  Parameters takes;
  const Shape* shape;
  void (*function)();

  const sdk::ApiInfo& info() const { return sdk::api_info(api); }
  Word call(const Word* arguments) const { return shape->invoke(function, arguments); }
};

// One per function, in the order of Api.
std::span<const MisuseCall> all_calls();

}  // namespace prl::tests
