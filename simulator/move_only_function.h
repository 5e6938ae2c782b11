// std::move_only_function of C++23, which this standard does not have yet, with room inside for as
// much as the steps of a world capture: each job makes several, and none of them is copied.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace prl::sim {

// Calls what it was made of, which may be anything that can be called so and moved. What is not
// larger than kInside bytes lies inside, the rest on the heap. Calling an empty one: undefined.
template <class Signature, size_t kInside = 48>
class MoveOnlyFunction;

template <class Result, class... Arguments, size_t kInside>
class MoveOnlyFunction<Result(Arguments...), kInside> {
 public:
  MoveOnlyFunction() = default;
  MoveOnlyFunction(std::nullptr_t) {}

  template <class Called>
  requires(!std::is_same_v<std::remove_cvref_t<Called>, MoveOnlyFunction> &&
           std::is_invocable_r_v<Result, std::decay_t<Called>&, Arguments...>)
      MoveOnlyFunction(Called&& called) {
    using Kept = std::decay_t<Called>;
    if constexpr (can_be_empty<Kept>()) {
      if (!called) return;
    }
    if constexpr (fits<Kept>()) {
      ::new (static_cast<void*>(inside_)) Kept(std::forward<Called>(called));
      call_ = [](void* inside, Arguments... arguments) -> Result {
        return std::invoke(*static_cast<Kept*>(inside), std::forward<Arguments>(arguments)...);
      };
      if constexpr (!std::is_trivially_copyable_v<Kept>) {
        relocate_ = [](void* to, void* from) noexcept {
          Kept& kept = *static_cast<Kept*>(from);
          if (to) ::new (to) Kept(std::move(kept));
          kept.~Kept();
        };
      }
    } else {
      *this = MoveOnlyFunction([kept = std::make_unique<Kept>(std::forward<Called>(called))](
                                   Arguments... arguments) -> Result {
        return std::invoke(*kept, std::forward<Arguments>(arguments)...);
      });
    }
  }

  MoveOnlyFunction(MoveOnlyFunction&& other) noexcept { take(other); }
  MoveOnlyFunction& operator=(MoveOnlyFunction&& other) noexcept {
    if (this == &other) return *this;
    clear();
    take(other);
    return *this;
  }
  MoveOnlyFunction& operator=(std::nullptr_t) noexcept {
    clear();
    return *this;
  }
  ~MoveOnlyFunction() { clear(); }

  explicit operator bool() const { return call_ != nullptr; }

  Result operator()(Arguments... arguments) {
    return call_(inside_, std::forward<Arguments>(arguments)...);
  }

 private:
  template <class Kept>
  static constexpr bool fits() {
    return sizeof(Kept) <= kInside && alignof(Kept) <= alignof(std::max_align_t) &&
           std::is_nothrow_move_constructible_v<Kept>;
  }
  // An empty function of another kind makes an empty one of this.
  template <class Kept>
  static constexpr bool can_be_empty() {
    return std::is_pointer_v<Kept> || std::is_member_pointer_v<Kept> || requires(const Kept& kept) {
      kept == nullptr;
      static_cast<bool>(kept);
    };
  }

  // REQUIRES: empty.
  void take(MoveOnlyFunction& other) noexcept {
    if (!other.call_) return;
    if (other.relocate_) {
      other.relocate_(inside_, other.inside_);
    } else {
      std::copy_n(other.inside_, kInside, inside_);
    }
    call_ = std::exchange(other.call_, nullptr);
    relocate_ = std::exchange(other.relocate_, nullptr);
  }
  void clear() noexcept {
    call_ = nullptr;
    if (relocate_) std::exchange(relocate_, nullptr)(nullptr, inside_);
  }

  // null: empty
  Result (*call_)(void* inside, Arguments...) = nullptr;
  // Moves what is inside to where there is room for it, or nowhere; null: it is plain bytes.
  void (*relocate_)(void* to, void* from) noexcept = nullptr;
  alignas(std::max_align_t) std::byte inside_[kInside];
};

// Something that is to happen in a world.
using Step = MoveOnlyFunction<void()>;

}  // namespace prl::sim
