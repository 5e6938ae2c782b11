// The buffer convention (core-api 6): one property, held against every getter of text.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <functional>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

using Getter = std::function<PRL_RESULT(PRL_STR, PRL_UINT32_PTR)>;

// Non-ASCII on purpose: sizes count bytes.
constexpr const char* kName = "Größe \xE2\x82\xAC 4";

// Everything that a getter of text can be called on.
struct Sources {
  Sources() : vm(new_vm(session.server, kName)) {
    PrlApi_CreateStringsList(list.out());
    PrlStrList_AddItem(list, kName);
    PrlStrList_AddItem(list, "");
    const Handle job(PrlVm_Suspend(vm));
    PrlJob_Wait(job, UINT32_MAX);
    PrlJob_GetError(job, error.out());
    PrlEvent_GetParam(error, 0, parameter.out());
    login = answer_of(start_login(session.server));
  }

  std::vector<Getter> getters() const {
    const auto of = [](auto function, PRL_HANDLE handle) -> Getter {
      return [=](PRL_STR text, PRL_UINT32_PTR length) { return function(handle, text, length); };
    };
    std::vector<Getter> all = {of(PrlVmCfg_GetName, vm),
                               of(PrlVmCfg_GetUuid, vm),
                               of(PrlSim_GetImagePath, vm),
                               of(PrlEvent_GetIssuerId, error),
                               of(PrlEvtPrm_GetName, parameter),
                               of(PrlEvtPrm_ToString, parameter),
                               of(PrlLoginResponse_GetSessionUuid, login),
                               of(PrlLoginResponse_GetServerUuid, login),
                               of(PrlLoginResponse_GetHostOsVersion, login),
                               of(PrlLoginResponse_GetProductVersion, login),
                               PrlApi_GetCrashDumpsPath};
    for (const PRL_UINT32 index : {0u, 1u}) {
      all.push_back([this, index](PRL_STR text, PRL_UINT32_PTR length) {
        return PrlStrList_GetItem(list, index, text, length);
      });
    }
    all.push_back([this](PRL_STR text, PRL_UINT32_PTR length) {
      return PrlEvent_GetErrString(error, PRL_TRUE, PRL_FALSE, text, length);
    });
    all.push_back([](PRL_STR text, PRL_UINT32_PTR length) {
      return PrlApi_GetResultDescription(PRL_ERR_TIMEOUT, PRL_FALSE, PRL_FALSE, text, length);
    });
    return all;
  }

  const Session session;
  const Handle vm;
  Handle list, error, parameter, login;
};

void hold_to_convention(const Getter& get, PRL_UINT32 capacity) {
  PRL_UINT32 need = 12345;
  RC_ASSERT(get(nullptr, &need) == PRL_ERR_SUCCESS);
  RC_ASSERT(need >= 1u);
  std::vector<char> buffer(std::max<size_t>(capacity, need) + 8, '\x5A');
  PRL_UINT32 length = capacity;
  const PRL_RESULT code = get(buffer.data(), &length);
  RC_ASSERT(length == need);
  const bool is_query = capacity == 0;
  RC_ASSERT(code == (is_query || capacity >= need ? PRL_ERR_SUCCESS : PRL_ERR_BUFFER_OVERRUN));
  if (capacity >= need) RC_ASSERT(std::string(buffer.data()).size() + 1 == need);
  const size_t written = is_query ? 0 : std::min(capacity, need);
  for (size_t i = written; i < buffer.size(); ++i) RC_ASSERT(buffer[i] == '\x5A');
}

// core-api 12, invariants 36 and 37
TEST(EveryGetterOfText, KeepsToTheBufferConventionForEveryCapacity) {
  const Sources sources;
  for (const Getter& get : sources.getters()) {
    rc::check([&] { hold_to_convention(get, *rc::gen::inRange<PRL_UINT32>(0, 300)); });
    PRL_UINT32 need = 0;
    get(nullptr, &need);
    rc::check([&] {
      hold_to_convention(get, *rc::gen::element<PRL_UINT32>(0, 1, need - 1, need, need + 1));
    });
  }
}

// core-api 12, invariant 37
TEST(ATextThatIsNotAscii, IsMeasuredInBytes) {
  const Sources sources;
  PRL_UINT32 need = 0;
  EXPECT_EQ(PrlVmCfg_GetName(sources.vm, nullptr, &need), PRL_ERR_SUCCESS);
  EXPECT_EQ(need, std::string(kName).size() + 1);
  EXPECT_EQ(name_of(sources.vm), kName);
}

// core-api 12, invariant 38
TEST(EveryGetterOfText, RefusesAMissingSize) {
  const Sources sources;
  char buffer[64] = "untouched";
  for (const Getter& get : sources.getters()) {
    EXPECT_EQ(get(nullptr, nullptr), PRL_ERR_INVALID_ARG);
    EXPECT_EQ(get(buffer, nullptr), PRL_ERR_INVALID_ARG);
    EXPECT_STREQ(buffer, "untouched");
  }
}

// clients.md 2: buffers of these sizes are on the stack of real clients.
TEST(Uuids, FitIntoThirtyNineBytes) {
  const Sources sources;
  char uuid[39];
  PRL_UINT32 length = sizeof(uuid);
  EXPECT_EQ(PrlVmCfg_GetUuid(sources.vm, uuid, &length), PRL_ERR_SUCCESS);
  EXPECT_EQ(length, 39u);
  EXPECT_EQ(uuid[0], '{');
  EXPECT_EQ(uuid[37], '}');
}

}  // namespace
}  // namespace prl::tests
