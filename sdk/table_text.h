// Text in a generated table: a place in the one string that holds the text of all tables. Such
// tables have no pointers in them, so that the loader need not touch a page of theirs. A value;
// what it names lives as long as the library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace prl::sdk {

// Every text is followed by a NUL. Generated.
extern const char kTableTexts[];

class TableText {
 public:
  constexpr TableText() = default;
  constexpr TableText(uint32_t offset, uint32_t size) : offset_(offset), size_(size) {}

  std::string_view view() const { return {kTableTexts + offset_, size_}; }
  operator std::string_view() const { return view(); }
  const char* c_str() const { return kTableTexts + offset_; }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  size_t find(std::string_view text) const { return view().find(text); }
  bool starts_with(std::string_view text) const { return view().starts_with(text); }
  bool ends_with(std::string_view text) const { return view().ends_with(text); }

  friend bool operator==(TableText left, std::string_view right) { return left.view() == right; }
  friend bool operator==(TableText left, TableText right) { return left.view() == right.view(); }
  template <class Stream>
  friend Stream& operator<<(Stream& stream, TableText text) {
    stream << text.view();
    return stream;
  }

 private:
  uint32_t offset_ = 0;
  uint32_t size_ = 0;
};

}  // namespace prl::sdk
