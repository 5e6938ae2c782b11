// Pictures in memory: scaled, turned into other formats, and named by what they hold.
#include <cstring>

#include "simulator/base64.h"
#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

// Written by zlib: 9 by 7 pixels with all five filters, red 28 x, green 36 y, blue 5 x y + 7; and 8
// by 2 pixels of the colour 0x010203 in a block with the fixed code.
constexpr const char* kFiltered =
    "iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHCAYAAADam2dgAAAAMklEQVR42n3OMQqCcBiG8bdSAiEFEUIQCfoPHcFu"
    "0Bweoa3FQzR6hXYP8NEJHL6ttdGj9NgcDuxD9W0AAABdSURBVL/t5eGVtPUKDVp06DFgxISVwjyKtWStICnESJCh"
    "QIkaR5y00SW6pXmiNN8hQ44Ce5SoFP1KJCVKoqTiD+OTHbyxs7d29c7u3tvDB3v6aC+f7M3xz3y81pIvcgkqqoHS"
    "8bcAAAAASUVORK5CYII=";
constexpr const char* kUniform =
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAACCAIAAADq9gq6AAAAEUlEQVR42mNgZGLGihhwSQAACXIAYYSSvrwAAAAA"
    "SUVORK5CYII=";

struct Scaled {
  PRL_RESULT code = PRL_ERR_UNEXPECTED;
  std::string bytes;

  PRL_UINT32 pixel(size_t index) const {
    PRL_UINT32 value = UINT32_MAX;
    if (bytes.size() >= (index + 1) * 4) std::memcpy(&value, bytes.data() + index * 4, 4);
    return value;
  }
};

Scaled scale(const std::string& original, PRL_IMAGE_FORMAT format, PRL_UINT32 width,
             PRL_UINT32 height) {
  const auto call = [&](PRL_VOID_PTR buffer, PRL_UINT32_PTR bytes) {
    return PrlApi_ScaleImage(original.data(), static_cast<PRL_UINT32>(original.size()), format, 100,
                             width, height, buffer, bytes);
  };
  Scaled scaled;
  PRL_UINT32 bytes = 0;
  scaled.code = call(nullptr, &bytes);
  if (PRL_FAILED(scaled.code)) return scaled;
  scaled.bytes.assign(bytes, '?');
  scaled.code = call(scaled.bytes.data(), &bytes);
  return scaled;
}

std::string filtered() {
  return sim::from_base64(kFiltered).value_or("");
}
std::string uniform() {
  return sim::from_base64(kUniform).value_or("");
}

PRL_UINT32 filtered_pixel(PRL_UINT32 x, PRL_UINT32 y) {
  return (x * 28 & 0xFF) << 16 | (y * 36 & 0xFF) << 8 | ((x * y * 5 + 7) & 0xFF);
}

TEST(APicture, IsReadWhateverItsFiltersAre) {
  const Library library;
  const Scaled whole = scale(filtered(), PIF_RAW, 9, 7);
  ASSERT_EQ(whole.code, PRL_ERR_SUCCESS);
  ASSERT_EQ(whole.bytes.size(), 9u * 7 * 4);
  for (PRL_UINT32 y = 0; y < 7; ++y) {
    for (PRL_UINT32 x = 0; x < 9; ++x) {
      EXPECT_EQ(whole.pixel(y * 9 + x), filtered_pixel(x, y)) << x << " " << y;
    }
  }
  const Scaled even = scale(uniform(), PIF_RAW, 8, 2);
  ASSERT_EQ(even.bytes.size(), 8u * 2 * 4);
  for (size_t i = 0; i < 16; ++i) EXPECT_EQ(even.pixel(i), 0x010203u);
}

TEST(APicture, IsScaledBothWays) {
  const Library library;
  const Scaled small = scale(filtered(), PIF_RAW, 3, 1);
  ASSERT_EQ(small.bytes.size(), 3u * 4);
  EXPECT_EQ(small.pixel(1), filtered_pixel(3, 0));
  const Scaled large = scale(filtered(), PIF_RAW, 18, 14);
  ASSERT_EQ(large.bytes.size(), 18u * 14 * 4);
  EXPECT_EQ(large.pixel(18 * 13 + 17), filtered_pixel(8, 6));
  EXPECT_EQ(large.pixel(18 * 5 + 4), filtered_pixel(2, 2));
}

// Through each format that is written, and back.
TEST(APicture, IsTheSameInEveryFormat) {
  const Library library;
  const std::string raw = scale(filtered(), PIF_RAW, 5, 5).bytes;
  const std::string png = scale(filtered(), PIF_PNG, 5, 5).bytes;
  const std::string bmp = scale(filtered(), PIF_BMP, 5, 5).bytes;
  EXPECT_EQ(png.substr(1, 3), "PNG");
  EXPECT_EQ(bmp.substr(0, 2), "BM");
  EXPECT_EQ(scale(png, PIF_RAW, 5, 5).bytes, raw);
  EXPECT_EQ(scale(bmp, PIF_RAW, 5, 5).bytes, raw);
}

// 24 bits a pixel, rows from below, and padded: as most programs write it.
TEST(APicture, IsReadFromAnUprightBitmap) {
  const Library library;
  std::string bmp = scale(filtered(), PIF_BMP, 1, 2).bytes.substr(0, 54);
  bmp[22] = 2;
  bmp[23] = bmp[24] = bmp[25] = 0;
  bmp[28] = 24;
  bmp += std::string("\x01\x02\x03\x00\x04\x05\x06\x00", 8);
  const Scaled read = scale(bmp, PIF_RAW, 1, 2);
  EXPECT_EQ(read.pixel(0), 0x060504u);
  EXPECT_EQ(read.pixel(1), 0x030201u);
}

TEST(APicture, IsRefusedWhereItIsNone) {
  const Library library;
  const std::string png = filtered();
  EXPECT_EQ(scale("no picture", PIF_RAW, 1, 1).code, PRL_ERR_INVALID_ARG);
  EXPECT_EQ(scale(png, PIF_RAW, 0, 1).code, PRL_ERR_INVALID_ARG);
  EXPECT_EQ(scale(png, PIF_RAW, 1, 16385).code, PRL_ERR_INVALID_ARG);
  EXPECT_EQ(scale(png, PIF_JPG, 1, 1).code, PRL_ERR_UNIMPLEMENTED);
  EXPECT_EQ(scale("\xFF\xD8\xFF", PIF_RAW, 1, 1).code, PRL_ERR_UNIMPLEMENTED);
  for (size_t bytes = 0; bytes < png.size(); ++bytes) {
    EXPECT_EQ(scale(png.substr(0, bytes), PIF_RAW, 1, 1).code, PRL_ERR_INVALID_ARG) << bytes;
  }
  for (size_t at = 8; at < png.size(); ++at) {
    std::string damaged = png;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    const PRL_RESULT code = scale(damaged, PIF_RAW, 1, 1).code;  // whatever it is
    EXPECT_TRUE(code == PRL_ERR_INVALID_ARG || code == PRL_ERR_SUCCESS) << at;
  }
}

TEST(APicture, NeedsABufferThatIsLargeEnough) {
  const Library library;
  const std::string png = filtered();
  std::string buffer(16, '?');
  PRL_UINT32 bytes = 8;
  EXPECT_EQ(PrlApi_ScaleImage(png.data(), static_cast<PRL_UINT32>(png.size()), PIF_RAW, 0, 2, 2,
                              buffer.data(), &bytes),
            PRL_ERR_BUFFER_OVERRUN);
  EXPECT_EQ(bytes, 16u);
  EXPECT_EQ(buffer.substr(8), "????????");
}

std::string hash_of(std::string icon) {
  PRL_VOID_PTR text = nullptr;
  EXPECT_EQ(PrlApi_CalcIconHash(icon.data(), static_cast<PRL_UINT32>(icon.size()), &text),
            PRL_ERR_SUCCESS);
  const std::string hash(text ? static_cast<const char*>(text) : "");
  EXPECT_EQ(PrlBuffer_Free(text), PRL_ERR_SUCCESS);
  return hash;
}

TEST(AnIcon, HasAHashOfItsBytes) {
  const Library library;
  EXPECT_EQ(hash_of("icon").size(), 32u);
  EXPECT_EQ(hash_of("icon"), hash_of("icon"));
  EXPECT_NE(hash_of("icon"), hash_of("icom"));
  EXPECT_NE(hash_of("icon"), hash_of("icon "));
  PRL_VOID_PTR text = nullptr;
  char byte = 0;
  EXPECT_EQ(PrlApi_CalcIconHash(&byte, 0, &text), PRL_ERR_INVALID_ARG);
}

}  // namespace
}  // namespace prl::tests
