// Every function of the API as something that a test can call with arguments of its choice, right
// or wrong. The rows are generated from the catalogue. Immutable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

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

struct MisuseCall {
  sdk::Api api = sdk::Api::kCount;
  std::vector<Takes> takes;
  // Bytes behind each pointer; 0 for void pointers, and for what is no pointer.
  std::array<size_t, kParametersMax> pointee_bytes{};
  void (*function)() = nullptr;
  Word (*invoke)(void (*function)(), const Word* arguments) = nullptr;

  const sdk::ApiInfo& info() const { return sdk::api_info(api); }
  Word call(const Word* arguments) const { return invoke(function, arguments); }
};

// One per function, in the order of Api.
const std::vector<MisuseCall>& all_calls();

}  // namespace prl::tests
