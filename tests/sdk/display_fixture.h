// What the tests of screens are written with: a VM that runs, and a reader of the pictures of it.
#pragma once

#include <string>

#include "simulator/base64.h"
#include "tests/sdk/session.h"

namespace prl::tests {

inline constexpr const char* kDesktopScenario = R"(clock = "virtual"
[[vm]]
name = "box"
ram_mib = 4
state = "running"
)";

inline PRL_UINT32 number_at(const std::string& bytes, size_t at) {
  PRL_UINT32 number = 0;
  for (size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

// A PNG whose data is not compressed, as ours are.
struct Png {
  explicit Png(const std::string& bytes) {
    EXPECT_EQ(bytes.substr(0, 8), "\x89PNG\r\n\x1A\n");
    for (size_t at = 8; at + 12 <= bytes.size();) {
      const PRL_UINT32 length = number_at(bytes, at);
      const std::string type = bytes.substr(at + 4, 4), content = bytes.substr(at + 8, length);
      if (type == "IHDR") {
        width = number_at(content, 0);
        height = number_at(content, 4);
      } else if (type == "IDAT") {
        unpack(content);
      }
      has_end = type == "IEND";
      at += length + 12;
    }
  }
  void unpack(const std::string& stream) {
    for (size_t at = 2; at + 9 <= stream.size();) {
      const auto length = static_cast<size_t>(static_cast<unsigned char>(stream[at + 1]) |
                                              static_cast<unsigned char>(stream[at + 2]) << 8);
      rows += stream.substr(at + 5, length);
      at += 5 + length;
    }
  }
  PRL_UINT32 pixel(PRL_UINT32 x, PRL_UINT32 y) const {
    const size_t at = (width * size_t{3} + 1) * y + 1 + x * size_t{3};
    return number_at(rows + '\0', at) >> 8;
  }

  PRL_UINT32 width = 0, height = 0;
  std::string rows;
  bool has_end = false;
};

struct ADesktop : testing::Test {
  ADesktop() : vm(vm_by_name(session.server, "box")) {}

  void open() const {
    EXPECT_EQ(finish(PrlDevDisplay_ConnectToVm(vm, PDCT_HIGH_QUALITY_WITH_COMPRESSION)),
              PRL_ERR_SUCCESS);
  }
  PRL_UINT32 pixel(PRL_UINT32 x, PRL_UINT32 y) const {
    PRL_UINT32 rgb = 0;
    EXPECT_EQ(PrlSim_GetScreenPixel(vm, x, y, &rgb), PRL_ERR_SUCCESS);
    return rgb;
  }
  // The text of the one parameter of a job's result.
  static std::string picture_of(PRL_HANDLE started) {
    const Handle job(started);
    Handle result, event, parameter;
    EXPECT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlResult_GetParam(result, event.out()), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlEvent_GetParam(event, 0, parameter.out()), PRL_ERR_SUCCESS);
    const std::string text = text_of([&](PRL_STR buffer, PRL_UINT32_PTR length) {
      return PrlResult_GetParamAsString(result, buffer, length);
    });
    EXPECT_EQ(text, text_of([&](PRL_STR buffer, PRL_UINT32_PTR length) {
                return PrlEvtPrm_ToString(parameter, buffer, length);
              }));
    return sim::from_base64(text).value_or("");
  }

  const Session session{kDesktopScenario};
  const Handle vm;
};

// What a job answers in binary form: the one parameter of the event of its result.
inline std::string bytes_of(PRL_HANDLE event, PRL_UINT32 index = 0) {
  Handle parameter;
  PRL_PARAM_FIELD_DATA_TYPE type = PFD_UNKNOWN;
  PRL_UINT32 length = 0;
  EXPECT_EQ(PrlEvent_GetParam(event, index, parameter.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlEvtPrm_GetType(parameter, &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PFD_BINARY);
  EXPECT_EQ(PrlEvtPrm_GetBuffer(parameter, nullptr, &length), PRL_ERR_SUCCESS);
  std::string bytes(length, '?');
  EXPECT_EQ(PrlEvtPrm_GetBuffer(parameter, bytes.data(), &length), PRL_ERR_SUCCESS);
  return bytes;
}

}  // namespace prl::tests
