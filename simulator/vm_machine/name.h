// A text as a template argument, so that an action or guard carries its name on its own line of the
// list. Used by the tables only; compile time only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace prl::sim::machine {

template <size_t size>
struct Name {
  consteval Name(const char (&literal)[size]) { std::copy_n(literal, size, text); }
  constexpr std::string_view view() const { return {text, size - 1}; }

  char text[size] = {};
};

}  // namespace prl::sim::machine
