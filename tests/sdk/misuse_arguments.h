// One call's worth of arguments, each pointer aimed at a poisoned block of its own, so that a test
// sees what the function wrote and where. On the stack of one thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "tests/sdk/misuse_calls.h"
#include "tests/sdk/session.h"

namespace prl::tests {

inline Word word_of(PRL_HANDLE handle) { return reinterpret_cast<uintptr_t>(handle); }
inline PRL_HANDLE handle_of(Word word) {
  return reinterpret_cast<PRL_HANDLE>(static_cast<uintptr_t>(word));
}

inline PRL_RESULT PRL_CALL never_called(PRL_HANDLE, PRL_VOID_PTR) {
  ADD_FAILURE() << "a handler was registered by a call that was to be refused";
  return PRL_ERR_SUCCESS;
}

class Arguments {
 public:
  static constexpr uint32_t kCapacity = 64;  // of buffers, as their length says

  // Good arguments, but for handles, which are NULL. Numbers are 0.
  explicit Arguments(const MisuseCall& call) : call_(call) {
    for (size_t i = 0; i < call.takes.size(); ++i) {
      Block& block = blocks_[i];
      block.fill(kPoison);
      unsigned char* target = block.data() + kMarginBytes;
      if (call.takes[i] == Takes::kText) std::memcpy(target, "text", sizeof("text"));
      if (call.takes[i] == Takes::kLength) std::memcpy(target, &kCapacity, sizeof(kCapacity));
      words_[i] = good_word(call.takes[i], target);
    }
    std::copy_n(blocks_.begin(), call.takes.size(), before_.begin());
  }

  void set(size_t i, Word word) { words_[i] = word; }
  // Empties the structure behind a pointer: one that holds pointers cannot hold poison.
  void empty(size_t i) {
    blocks_[i].fill(0);
    before_[i] = blocks_[i];
  }
  Word get(size_t i) const { return words_[i]; }

  // Fills the length behind a buffer with another capacity.
  void set_capacity(size_t length, uint32_t capacity) {
    std::memcpy(blocks_[length].data() + kMarginBytes, &capacity, sizeof(capacity));
    before_[length] = blocks_[length];
  }
  uint32_t number_in(size_t i) const {
    uint32_t number = 0;
    std::memcpy(&number, blocks_[i].data() + kMarginBytes, sizeof(number));
    return number;
  }
  PRL_HANDLE handle_in(size_t i) const {
    PRL_HANDLE handle = PRL_INVALID_HANDLE;
    std::memcpy(&handle, blocks_[i].data() + kMarginBytes, sizeof(handle));
    return handle;
  }

  Word call() {
    ++calls_made()[static_cast<size_t>(call_.api)];
    return call_.call(words_.data());
  }

  // The block of one parameter, or of all of them, is as it was before the call.
  bool is_untouched(size_t i) const { return blocks_[i] == before_[i]; }
  bool are_untouched() const {
    for (size_t i = 0; i < call_.takes.size(); ++i) {
      if (!is_untouched(i)) return false;
    }
    return true;
  }
  // Nothing was written but the first `bytes` bytes that the parameter points at.
  bool is_untouched_beyond(size_t i, size_t bytes) const {
    const auto outside = [&](const Block& block, size_t from, size_t to) {
      return std::memcmp(block.data() + from, before_[i].data() + from, to - from) == 0;
    };
    return outside(blocks_[i], 0, kMarginBytes) &&
           outside(blocks_[i], kMarginBytes + bytes, kBlockBytes);
  }

  // How often each function was called through this class.
  static std::array<uint32_t, static_cast<size_t>(sdk::Api::kCount)>& calls_made() {
    static std::array<uint32_t, static_cast<size_t>(sdk::Api::kCount)> counts{};
    return counts;
  }

 private:
  static constexpr size_t kMarginBytes = 64;
  static constexpr size_t kBlockBytes = 2560;  // for the largest structure of the API
  static constexpr unsigned char kPoison = 0xA5;
  using Block = std::array<unsigned char, kBlockBytes>;

  static Word good_word(Takes takes, unsigned char* target) {
    switch (takes) {
      case Takes::kHandle:
      case Takes::kIndex:
      case Takes::kEnum:
      case Takes::kNumber:
        return 0;
      case Takes::kCallback:
        return reinterpret_cast<uintptr_t>(&never_called);
      default:
        return reinterpret_cast<uintptr_t>(target);
    }
  }

  const MisuseCall& call_;
  std::array<Word, kParametersMax> words_{};
  // As many as the call has parameters; the others are never looked at.
  alignas(16) std::array<Block, kParametersMax> blocks_;
  std::array<Block, kParametersMax> before_;
};

}  // namespace prl::tests
