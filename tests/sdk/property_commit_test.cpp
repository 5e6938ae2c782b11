// Every property of a VM's configuration on its way: set to drawn values, committed, seen by a
// second session, and found again by the next process with the same home (config-model 3).
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "properties.h"
#include "tests/sdk/api_session.h"
#include "tests/temporary_folder.h"

namespace prl::sdk {
namespace {

using tests::ApiSession;
using tests::code_of;
using tests::InitialisedLibrary;

template <class F>
F function_of(Api api) {
  return reinterpret_cast<F>(dlsym(RTLD_DEFAULT, std::string(api_info(api).name).c_str()));
}

// Of a VM, with a value of its own that can be set and read.
bool is_drawn(const PropertyInfo& property) {
  const bool is_of_vm = property.handle_types[0] == PHT_VM_CONFIGURATION;
  const bool is_value = property.type <= PropertyType::kString;
  return is_of_vm && is_value && property.getter != Api::kCount && property.setter != Api::kCount;
}

// What a commit demands of a number (config-model 6), and what it changes.
struct Range {
  std::string_view path;
  uint32_t from;
  uint32_t to;
};
constexpr std::array kRanges = {
    Range{"Hardware.Cpu.Sockets", 1, 4},
    Range{"Hardware.Video.VideoMemorySize", 2, 1024},
    Range{"Hardware.Memory.MaxBalloonSize", 0, 100},
    Range{"Hardware.Memory.HostMemQuotaPriority", 1, 100},
    Range{"Hardware.Memory.HostMemQuotaMin", 0, 1000},
    Range{"Hardware.Memory.HostMemQuotaMax", 1000, UINT32_MAX - 1},
    Range{"Settings.RemoteDisplay.PortNumber", 5900, 65535},
};

uint32_t drawn_number(const PropertyInfo& property) {
  const auto range = std::ranges::find(kRanges, property.path, &Range::path);
  if (range != kRanges.end()) return *rc::gen::inRange<uint32_t>(range->from, range->to + 1);
  if (property.check == ValueCheck::kNotZero) return *rc::gen::nonZero<uint32_t>();
  if (property.type == PropertyType::kBool) return *rc::gen::inRange<uint32_t>(0, 2);
  return *rc::gen::arbitrary<uint32_t>();
}

std::string drawn_text(const PropertyInfo& property) {
  using Texts = std::vector<std::string>;
  switch (property.check) {
    case ValueCheck::kIp4OrEmpty: return *rc::gen::elementOf(Texts{"", "10.0.0.1"});
    case ValueCheck::kIp6OrEmpty: return *rc::gen::elementOf(Texts{"", "fe80::1"});
    case ValueCheck::kNumberRanges: return *rc::gen::elementOf(Texts{"", "0-3", "0,2-4,7"});
    default: return *rc::gen::container<std::string>(rc::gen::nonZero<char>());
  }
}

PRL_RESULT set_drawn(const PropertyInfo& property, PRL_HANDLE vm) {
  const auto set = [&]<class T>(T value) {
    return function_of<PRL_RESULT (*)(PRL_HANDLE, T)>(property.setter)(vm, value);
  };
  switch (property.type) {
    case PropertyType::kBool:
    case PropertyType::kUint32: return set(PRL_UINT32{drawn_number(property)});
    case PropertyType::kUint16: return set(static_cast<PRL_UINT16>(drawn_number(property)));
    case PropertyType::kInt32: return set(*rc::gen::arbitrary<PRL_INT32>());
    case PropertyType::kUint64: return set(*rc::gen::arbitrary<PRL_UINT64>());
    case PropertyType::kDouble: return set(*rc::gen::arbitrary<PRL_DOUBLE>());
    default: return set(PRL_CONST_STR(drawn_text(property).c_str()));
  }
}

// The value as its bytes.
std::string value_of(const PropertyInfo& property, PRL_HANDLE vm) {
  if (property.type == PropertyType::kString) {
    return tests::text_of(
        vm, function_of<PRL_RESULT (*)(PRL_HANDLE, PRL_STR, PRL_UINT32_PTR)>(property.getter));
  }
  std::string bytes(sizeof(PRL_UINT64), '\0');
  RC_ASSERT(function_of<PRL_RESULT (*)(PRL_HANDLE, void*)>(property.getter)(vm, bytes.data()) ==
            PRL_ERR_SUCCESS);
  return bytes;
}

std::map<std::string, std::string> values_of(PRL_HANDLE vm) {
  std::map<std::string, std::string> values;
  for (const PropertyInfo& property : all_properties()) {
    if (is_drawn(property)) {
      values[std::string(api_info(property.getter).name)] = value_of(property, vm);
    }
  }
  return values;
}

std::map<std::string, std::string> values_in_new_session(const std::string& uuid) {
  const ApiSession session;
  const PRL_HANDLE vm = session.find_vm(uuid);
  const auto values = values_of(vm);
  PrlHandle_Free(vm);
  return values;
}

class CommittedProperty : public testing::Test {
 protected:
  CommittedProperty() {
    ::setenv("PRLSIM_HOME", home_.path().c_str(), 1);
    ::setenv("PRLSIM_CLOCK", "virtual", 1);
    const InitialisedLibrary library;
    const ApiSession session;
    const PRL_HANDLE vm = session.registered_vm("drawn");
    uuid_ = tests::text_of(vm, PrlVmCfg_GetUuid);
    PrlHandle_Free(vm);
  }
  ~CommittedProperty() override { ::unsetenv("PRLSIM_HOME"); }

  const tests::TemporaryFolder home_;
  std::string uuid_;
};

TEST_F(CommittedProperty, IsTheSameInEverySessionAndAfterARestart) {
  size_t count = 0;
  for (const PropertyInfo& property : all_properties()) count += is_drawn(property) ? 1 : 0;
  EXPECT_TRUE(rc::check("a committed configuration is what was set", [this] {
    std::map<std::string, std::string> set;
    {
      const InitialisedLibrary library;
      const ApiSession session;
      const PRL_HANDLE vm = session.find_vm(uuid_);
      RC_ASSERT(code_of(PrlVm_BeginEdit(vm)) == PRL_ERR_SUCCESS);
      for (const PropertyInfo& property : all_properties()) {
        if (is_drawn(property)) RC_ASSERT(set_drawn(property, vm) == PRL_ERR_SUCCESS);
      }
      set = values_of(vm);
      RC_ASSERT(code_of(PrlVm_Commit(vm)) == PRL_ERR_SUCCESS);
      RC_ASSERT(code_of(PrlVm_RefreshConfig(vm)) == PRL_ERR_SUCCESS);
      RC_ASSERT(values_of(vm) == set);
      RC_ASSERT(values_in_new_session(uuid_) == set);
      PrlHandle_Free(vm);
    }
    const InitialisedLibrary next_process;
    RC_ASSERT(values_in_new_session(uuid_) == set);
  }));
  std::printf("count properties_committed %zu\n", count);
  EXPECT_GT(count, 150u);
}

}  // namespace
}  // namespace prl::sdk
