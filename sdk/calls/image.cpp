// PrlApi_*: pictures in the client's memory.
#include <prlsdk/Parallels.h>

#include <array>
#include <cstdio>
#include <span>
#include <string>

#include "calls.h"
#include "sdk/boundary.h"
#include "sdk/picture.h"
#include "sdk/strings.h"
#include "simulator/checksum.h"

namespace prl::sdk::calls {

namespace {

bool is_side(PRL_UINT32 pixels) {
  return pixels > 0 && pixels <= sim::kScreenSideMax;
}

}  // namespace

// Pictures of JPG are neither read nor written.
PRL_RESULT api_scale_image(Call&, PRL_CONST_VOID_PTR original, PRL_UINT32 original_bytes,
                           PRL_IMAGE_FORMAT format, PRL_INT32 /*quality*/, PRL_UINT32 width,
                           PRL_UINT32 height, PRL_VOID_PTR buffer, PRL_UINT32_PTR bytes) {
  const bool is_format = format >= PIF_RAW && format <= PIF_PNG;
  if (!original || !bytes || !is_format || !is_side(width) || !is_side(height)) {
    return PRL_ERR_INVALID_ARG;
  }
  const std::string_view content(static_cast<const char*>(original), original_bytes);
  if (format == PIF_JPG || content.starts_with("\xFF\xD8")) return PRL_ERR_UNIMPLEMENTED;
  const auto picture = read_picture(content);
  if (!picture) return PRL_ERR_INVALID_ARG;
  return copy_bytes(*encode(scaled(*picture, width, height), format), buffer, bytes);
}

// Two checksums that share no state: 128 bits, of which pictures that differ hardly share all.
PRL_RESULT api_calc_icon_hash(Call&, PRL_VOID_PTR icon, PRL_UINT32 icon_bytes,
                              PRL_VOID_PTR_PTR hash) {
  if (!icon || icon_bytes == 0 || !hash) return PRL_ERR_INVALID_ARG;
  std::string content(static_cast<const char*>(icon), icon_bytes);
  const uint64_t plain = sim::checksum(std::as_bytes(std::span(content)));
  content.insert(0, "prlsim icon");
  const uint64_t marked = sim::checksum(std::as_bytes(std::span(content)));
  std::array<char, 33> text;
  std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(plain),
                static_cast<unsigned long long>(marked));
  return give_buffer(text.data(), hash);
}

}  // namespace prl::sdk::calls
