// The conventions of every function that hands out text or bytes (core-api 2.6, 6).
#pragma once

#include <prlsdk/Parallels.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace prl::sdk {

// *length becomes the size with the terminating NUL in every case but the first. A buffer of 0
// bytes, or none, asks for that size only.
inline PRL_RESULT copy_string(std::string_view text, PRL_STR buffer, PRL_UINT32_PTR length) {
  if (!length) return PRL_ERR_INVALID_ARG;
  const auto needed = static_cast<PRL_UINT32>(text.size() + 1);
  const PRL_UINT32 capacity = buffer ? *length : 0;
  *length = needed;
  if (capacity == 0) return PRL_ERR_SUCCESS;
  // As much as fits, as the product does; a truncated text is not terminated.
  std::memcpy(buffer, text.data(), std::min<size_t>(capacity, text.size()));
  if (capacity < needed) return PRL_ERR_BUFFER_OVERRUN;
  buffer[text.size()] = '\0';
  return PRL_ERR_SUCCESS;
}

// The same for bytes, which have no terminator.
inline PRL_RESULT copy_bytes(std::string_view bytes, PRL_VOID_PTR buffer, PRL_UINT32_PTR length) {
  if (!length) return PRL_ERR_INVALID_ARG;
  const auto needed = static_cast<PRL_UINT32>(bytes.size());
  const PRL_UINT32 capacity = buffer ? *length : 0;
  *length = needed;
  if (capacity == 0) return PRL_ERR_SUCCESS;
  std::memcpy(buffer, bytes.data(), std::min<size_t>(capacity, bytes.size()));
  return capacity < needed ? PRL_ERR_BUFFER_OVERRUN : PRL_ERR_SUCCESS;
}

// A copy of the text that the client lets go of with PrlBuffer_Free, hence malloc.
inline PRL_RESULT give_buffer(std::string_view text, PRL_VOID_PTR_PTR out) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (!copy) return PRL_ERR_OUT_OF_MEMORY;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  *out = copy;
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk
