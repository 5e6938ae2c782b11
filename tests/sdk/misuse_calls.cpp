#include "tests/sdk/misuse_calls.h"

#include <prlsdk/Parallels.h>

#include <bit>
#include <type_traits>
#include <utility>

namespace prl::tests {
namespace {

using enum Takes;
using sdk::Api;

template <class T>
struct Passed {
  using Type = T;
};
template <class T>
struct Passed<T*> {
  using Type = void*;
};
// A number: clients written in C pass values that the enum does not list.
template <class T>
  requires std::is_enum_v<T>
struct Passed<T> {
  using Type = std::underlying_type_t<T>;
};

template <class T>
T from_word(Word word) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<T>(static_cast<uintptr_t>(word));
  } else if constexpr (std::is_same_v<T, double>) {
    return std::bit_cast<double>(word);
  } else {
    static_assert(std::is_integral_v<T>);
    return static_cast<T>(word);
  }
}

template <class T>
Word to_word(T value) {
  if constexpr (std::is_pointer_v<T>) {
    return reinterpret_cast<uintptr_t>(value);
  } else {
    return static_cast<Word>(static_cast<int64_t>(value));
  }
}

template <class Returned, class... P, size_t... kI>
Word invoke_at(void (*function)(), [[maybe_unused]] const Word* arguments,
               std::index_sequence<kI...>) {
  const auto typed = reinterpret_cast<Returned (*)(P...)>(function);
  return to_word(typed(from_word<P>(arguments[kI])...));
}

// Compiled once per shape of arguments.
template <class Returned, class... P>
Word invoke(void (*function)(), const Word* arguments) {
  return invoke_at<Returned, P...>(function, arguments, std::index_sequence_for<P...>());
}

template <class T>
constexpr size_t bytes_behind() {
  using Pointee = std::remove_pointer_t<T>;
  if constexpr (std::is_pointer_v<T> && requires { sizeof(Pointee); }) {
    if constexpr (std::is_object_v<Pointee>) return sizeof(Pointee);
  }
  return 0;
}

template <class Function>
struct ShapeOf;
template <class Returned, class... P>
struct ShapeOf<Returned (*)(P...)> {
  static constexpr Shape kShape = {
      .invoke = &invoke<typename Passed<Returned>::Type, typename Passed<P>::Type...>,
      .pointee_bytes = {bytes_behind<P>()...}};
};

// All of it is known to the compiler: code for so many rows would take a minute to compile.
#define PRL_MISUSE_CALL(name, ...)                                             \
  {Api::k##name, Parameters(__VA_ARGS__), &ShapeOf<decltype(&::name)>::kShape, \
   reinterpret_cast<void (*)()>(&::name)},
const MisuseCall kCalls[] = {
#include "misuse_calls.inc"
};
#undef PRL_MISUSE_CALL

}  // namespace

std::span<const MisuseCall> all_calls() { return kCalls; }

}  // namespace prl::tests
