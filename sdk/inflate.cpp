#include "sdk/inflate.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace prl::sdk {

namespace {

constexpr int kCodeBitsMax = 15;
constexpr int kFailed = -1;

// Bits come from the lowest of each byte on.
class Bits {
 public:
  explicit Bits(std::string_view bytes) : bytes_(bytes) {}

  // kFailed behind the end.
  int take(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      if (position_ == bytes_.size() * 8) return kFailed;
      const auto byte = static_cast<uint8_t>(bytes_[position_ / 8]);
      value |= (byte >> (position_ % 8) & 1) << i;
      ++position_;
    }
    return value;
  }
  void skip_to_byte() { position_ = (position_ + 7) / 8 * 8; }

 private:
  std::string_view bytes_;
  size_t position_ = 0;
};

// A canonical Huffman code: how many codes there are of each length, and what they stand for.
class Code {
 public:
  explicit Code(std::span<const uint8_t> lengths) : symbols_(lengths.size()) {
    for (const uint8_t length : lengths) ++counts_[length];
    counts_[0] = 0;
    std::array<size_t, kCodeBitsMax + 1> offsets{};
    for (size_t i = 1; i < kCodeBitsMax; ++i) offsets[i + 1] = offsets[i] + counts_[i];
    for (size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] != 0) symbols_[offsets[lengths[symbol]]++] = static_cast<int>(symbol);
    }
  }

  int take(Bits& bits) const {
    int code = 0;
    int first = 0;
    int index = 0;
    for (size_t length = 1; length <= kCodeBitsMax; ++length) {
      const int bit = bits.take(1);
      if (bit == kFailed) return kFailed;
      code |= bit;
      const int count = counts_[length];
      if (code < first + count) return symbols_[static_cast<size_t>(index + code - first)];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return kFailed;
  }

 private:
  std::array<int, kCodeBitsMax + 1> counts_{};
  std::vector<int> symbols_;
};

// A number that is a base and some extra bits.
struct Step {
  uint16_t base;
  uint8_t bits;
};
constexpr int kEndOfBlock = 256;
constexpr std::array<Step, 29> kLengths = {
    {{3, 0},  {4, 0},  {5, 0},  {6, 0},   {7, 0},   {8, 0},   {9, 0},   {10, 0},  {11, 1}, {13, 1},
     {15, 1}, {17, 1}, {19, 2}, {23, 2},  {27, 2},  {31, 2},  {35, 3},  {43, 3},  {51, 3}, {59, 3},
     {67, 4}, {83, 4}, {99, 4}, {115, 4}, {131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0}}};
constexpr std::array<Step, 30> kDistances = {
    {{1, 0},     {2, 0},     {3, 0},     {4, 0},      {5, 1},      {7, 1},
     {9, 2},     {13, 2},    {17, 3},    {25, 3},     {33, 4},     {49, 4},
     {65, 5},    {97, 5},    {129, 6},   {193, 6},    {257, 7},    {385, 7},
     {513, 8},   {769, 8},   {1025, 9},  {1537, 9},   {2049, 10},  {3073, 10},
     {4097, 11}, {6145, 11}, {8193, 12}, {12289, 12}, {16385, 13}, {24577, 13}}};

// kFailed for a symbol of no step.
int take_step(Bits& bits, std::span<const Step> steps, int symbol) {
  if (symbol < 0 || static_cast<size_t>(symbol) >= steps.size()) return kFailed;
  const Step step = steps[static_cast<size_t>(symbol)];
  const int extra = bits.take(step.bits);
  return extra == kFailed ? kFailed : step.base + extra;
}

class Inflater {
 public:
  Inflater(std::string_view deflated, size_t bytes_max) : bits_(deflated), bytes_max_(bytes_max) {}

  std::optional<std::string> run() {
    for (bool is_last = false; !is_last;) {
      const int last = bits_.take(1);
      const int kind = bits_.take(2);
      if (last == kFailed || !take_block(kind)) return std::nullopt;
      is_last = last == 1;
    }
    return std::move(output_);
  }

 private:
  bool take_block(int kind) {
    switch (kind) {
      case 0:
        return take_stored();
      case 1:
        return take_fixed();
      case 2:
        return take_dynamic();
      default:
        return false;
    }
  }

  bool put(int byte) {
    if (byte == kFailed || output_.size() == bytes_max_) return false;
    output_ += static_cast<char>(byte);
    return true;
  }

  bool take_stored() {
    bits_.skip_to_byte();
    const int length = bits_.take(16);
    const int check = bits_.take(16);
    if (length == kFailed || check == kFailed || (length ^ check) != 0xFFFF) return false;
    for (int i = 0; i < length; ++i) {
      if (!put(bits_.take(8))) return false;
    }
    return true;
  }

  bool take_fixed() {
    std::array<uint8_t, 288> lengths{};
    for (size_t i = 0; i < lengths.size(); ++i) {
      lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    }
    std::array<uint8_t, kDistances.size()> distances{};
    distances.fill(5);
    return take_codes(Code(lengths), Code(distances));
  }

  bool take_dynamic() {
    constexpr std::array<uint8_t, 19> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                11, 4,  12, 3, 13, 2, 14, 1, 15};
    const int literals = bits_.take(5);
    const int distances = bits_.take(5);
    const int count = bits_.take(4);
    if (literals == kFailed || distances == kFailed || count == kFailed) return false;
    std::array<uint8_t, kOrder.size()> code_lengths{};
    for (size_t i = 0; i < static_cast<size_t>(count) + 4; ++i) {
      const int length = bits_.take(3);
      if (length == kFailed) return false;
      code_lengths[kOrder[i]] = static_cast<uint8_t>(length);
    }
    const size_t literal_count = static_cast<size_t>(literals) + 257;
    const size_t all = literal_count + static_cast<size_t>(distances) + 1;
    const auto lengths = take_lengths(Code(code_lengths), all);
    if (!lengths) return false;
    const std::span whole(*lengths);
    return take_codes(Code(whole.first(literal_count)), Code(whole.subspan(literal_count)));
  }

  std::optional<std::vector<uint8_t>> take_lengths(const Code& code, size_t count) {
    std::vector<uint8_t> lengths;
    while (lengths.size() < count) {
      const int symbol = code.take(bits_);
      if (symbol == kFailed || (symbol == 16 && lengths.empty())) return std::nullopt;
      if (symbol < 16) {
        lengths.push_back(static_cast<uint8_t>(symbol));
        continue;
      }
      const uint8_t repeated = symbol == 16 ? lengths.back() : uint8_t{0};
      const int extra = bits_.take(symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
      if (extra == kFailed) return std::nullopt;
      const auto times = static_cast<size_t>(extra + (symbol == 18 ? 11 : 3));
      if (times > count - lengths.size()) return std::nullopt;
      lengths.insert(lengths.end(), times, repeated);
    }
    return lengths;
  }

  bool take_codes(const Code& literals, const Code& distances) {
    while (true) {
      const int symbol = literals.take(bits_);
      if (symbol == kEndOfBlock) return true;
      if (symbol < kEndOfBlock) {
        if (!put(symbol)) return false;
        continue;
      }
      const int length = take_step(bits_, kLengths, symbol - kEndOfBlock - 1);
      if (length == kFailed) return false;
      const int distance = take_step(bits_, kDistances, distances.take(bits_));
      if (distance == kFailed || static_cast<size_t>(distance) > output_.size()) return false;
      for (int i = 0; i < length; ++i) {
        const size_t from = output_.size() - static_cast<size_t>(distance);
        if (!put(static_cast<uint8_t>(output_[from]))) return false;
      }
    }
  }

  Bits bits_;
  const size_t bytes_max_;
  std::string output_;
};

}  // namespace

std::optional<std::string> inflate(std::string_view stream, size_t bytes_max) {
  constexpr size_t kHeaderBytes = 2;
  constexpr int kDeflate = 8;
  if (stream.size() < kHeaderBytes || (stream[0] & 0xF) != kDeflate) return std::nullopt;
  return Inflater(stream.substr(kHeaderBytes), bytes_max).run();
}

}  // namespace prl::sdk
