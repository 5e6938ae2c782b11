// Every function that is bound to a property, driven by the generated table: what is set is what is
// got, an empty object has the defaults of its rows, and arguments that do not fit are refused.
#include "properties.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <prlsdk/prl_sim.h>
#include <rapidcheck/gtest.h>

#include <cstdio>
#include <map>
#include <utility>

#include "tests/sdk/api_session.h"

namespace prl::sdk {
namespace {

using tests::ApiSession;
using tests::InitialisedLibrary;

template <class F>
F function_of(Api api) {
  return reinterpret_cast<F>(dlsym(RTLD_DEFAULT, std::string(api_info(api).name).c_str()));
}

using GetNumber = PRL_RESULT (*)(PRL_HANDLE, void*);
using GetText = PRL_RESULT (*)(PRL_HANDLE, PRL_STR, PRL_UINT32_PTR);
using SetText = PRL_RESULT (*)(PRL_HANDLE, PRL_CONST_STR);
using GetHandle = PRL_RESULT (*)(PRL_HANDLE, PRL_HANDLE_PTR);
using SetHandle = PRL_RESULT (*)(PRL_HANDLE, PRL_HANDLE);

bool hands_out_handles(const PropertyInfo& property) {
  return property.type >= PropertyType::kNumbers;
}
bool is_read(const PropertyInfo& property) {
  return property.getter != Api::kCount && !hands_out_handles(property);
}
bool is_read_write(const PropertyInfo& property) {
  return property.getter != Api::kCount && property.setter != Api::kCount &&
         property.type != PropertyType::kNode;
}

template <class T>
void round_trip_number(const PropertyInfo& property, PRL_HANDLE object, T value) {
  const auto set = function_of<PRL_RESULT (*)(PRL_HANDLE, T)>(property.setter);
  RC_ASSERT(set(object, value) == PRL_ERR_SUCCESS);
  T read{};
  RC_ASSERT(function_of<GetNumber>(property.getter)(object, &read) == PRL_ERR_SUCCESS);
  RC_ASSERT(read == (property.type == PropertyType::kBool ? T(value != T{}) : value));
}

// What the check of a property lets pass, and what it does not.
struct Samples {
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

Samples samples_of(ValueCheck check) {
  switch (check) {
    case ValueCheck::kNotEmpty:
      return {{"eth0", " "}, {""}};
    case ValueCheck::kIp4:
      return {{"10.0.0.1", "255.255.255.0"}, {"", "10.0.0", "::1", "10.0.0.256"}};
    case ValueCheck::kIp6:
      return {{"::1", "fdb2:2c26:f4e4::1"}, {"", "10.0.0.1", ":::"}};
    case ValueCheck::kIp4OrEmpty:
      return {{"", "10.0.0.1"}, {"10.0.0.1 ", "::1"}};
    case ValueCheck::kIp6OrEmpty:
      return {{"", "fe80::1"}, {"10.0.0.1", "g::1"}};
    case ValueCheck::kNetwork:
      return {{"10.0.0.1", "10.0.0.0/24", "10.0.0.0/255.255.255.0", "::1/128"},
              {"", "10.0.0.0/33", "10.0.0.0/", "net"}};
    case ValueCheck::kNumberRanges:
      return {{"", "0", "0-3", "0,2-4,7"}, {"a", "1-", "1,", "1-2-3", "-1", "1 2"}};
    default:
      return {};
  }
}

std::string drawn_text(const PropertyInfo& property) {
  const Samples samples = samples_of(property.check);
  if (!samples.good.empty()) return *rc::gen::elementOf(samples.good);
  return *rc::gen::container<std::string>(rc::gen::nonZero<char>());
}

template <class T>
T drawn_number(const PropertyInfo& property) {
  if (property.check == ValueCheck::kPort) return *rc::gen::inRange<T>(1, 65535);
  if (property.check == ValueCheck::kNotZero) return *rc::gen::nonZero<T>();
  if (property.check == ValueCheck::kReportReason) return *rc::gen::inRange<T>(0, PRR_LAST);
  if (property.check == ValueCheck::kReportType) return *rc::gen::inRange<T>(0, PRT_LAST);
  return *rc::gen::arbitrary<T>();
}

void round_trip_text(const PropertyInfo& property, PRL_HANDLE object) {
  const std::string value = drawn_text(property);
  RC_ASSERT(function_of<SetText>(property.setter)(object, value.c_str()) == PRL_ERR_SUCCESS);
  RC_ASSERT(tests::text_of(object, function_of<GetText>(property.getter)) == value);
}

std::vector<std::string> items_of(PRL_HANDLE list) {
  std::vector<std::string> items;
  PRL_UINT32 count = 0;
  PrlStrList_GetItemsCount(list, &count);
  for (PRL_UINT32 i = 0; i < count; ++i) {
    std::string item(256, '\0');
    auto bytes = static_cast<PRL_UINT32>(item.size());
    PrlStrList_GetItem(list, i, item.data(), &bytes);
    item.resize(bytes - 1);
    items.push_back(item);
  }
  return items;
}

// The list that is read is a copy of its own, and so is what the property keeps.
void round_trip_list(const PropertyInfo& property, PRL_HANDLE object) {
  const Samples samples = samples_of(property.check);
  const auto texts = samples.good.empty() ? std::vector<std::string>{"", "8.8.8.8", "two words"}
                                          : samples.good;
  const auto count = *rc::gen::inRange<size_t>(0, texts.size() + 1);
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PrlApi_CreateStringsList(&list);
  for (size_t i = 0; i < count; ++i) PrlStrList_AddItem(list, texts[i].c_str());
  const PRL_RESULT set = function_of<SetHandle>(property.setter)(object, list);
  PrlStrList_AddItem(list, "later");
  PRL_HANDLE read = PRL_INVALID_HANDLE;
  const PRL_RESULT got = function_of<GetHandle>(property.getter)(object, &read);
  const std::vector<std::string> items = items_of(read);
  PrlHandle_Free(list);
  PrlHandle_Free(read);
  RC_ASSERT(set == PRL_ERR_SUCCESS);
  RC_ASSERT(got == PRL_ERR_SUCCESS);
  RC_ASSERT(items == std::vector<std::string>(texts.begin(), texts.begin() + count));
}

// As with texts: both lists are copies.
void round_trip_numbers(const PropertyInfo& property, PRL_HANDLE object) {
  const auto numbers = *rc::gen::arbitrary<std::vector<PRL_UINT32>>();
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PrlApi_CreateOpTypeList(&list, sizeof(PRL_UINT32));
  for (const PRL_UINT32 number : numbers) PrlOpTypeList_AddItem(list, &number);
  const PRL_RESULT set = function_of<SetHandle>(property.setter)(object, list);
  PrlHandle_Free(list);
  PRL_HANDLE read = PRL_INVALID_HANDLE;
  const PRL_RESULT got = function_of<GetHandle>(property.getter)(object, &read);
  std::vector<PRL_UINT32> items;
  PRL_UINT32 count = 0;
  PrlOpTypeList_GetItemsCount(read, &count);
  for (PRL_UINT32 i = 0; i < count; ++i) PrlOpTypeList_GetItem(read, i, &items.emplace_back());
  PrlHandle_Free(read);
  RC_ASSERT(set == PRL_ERR_SUCCESS);
  RC_ASSERT(got == PRL_ERR_SUCCESS);
  RC_ASSERT(items == numbers);
}

PRL_UINT32 count_of_handles(PRL_HANDLE list) {
  PRL_UINT32 count = 0;
  EXPECT_EQ(PrlHndlList_GetItemsCount(list, &count), PRL_ERR_SUCCESS);
  return count;
}

// A list of records, each a copy with the properties that it was sent with.
void round_trip_records(const PropertyInfo& property, PRL_HANDLE object) {
  const auto count = *rc::gen::inRange<PRL_UINT32>(0, 3);
  const auto type = static_cast<PRL_HANDLE_TYPE>(property.child_type);
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PrlApi_CreateHandlesList(&list);
  for (PRL_UINT32 i = 0; i < count; ++i) {
    PRL_HANDLE record = PRL_INVALID_HANDLE;
    RC_ASSERT(PrlSim_CreateObject(type, &record) == PRL_ERR_SUCCESS);
    PrlHndlList_AddItem(list, record);
    PrlHandle_Free(record);
  }
  RC_ASSERT(function_of<SetHandle>(property.setter)(object, list) == PRL_ERR_SUCCESS);
  PrlHandle_Free(list);
  PRL_HANDLE read = PRL_INVALID_HANDLE;
  RC_ASSERT(function_of<GetHandle>(property.getter)(object, &read) == PRL_ERR_SUCCESS);
  const PRL_UINT32 items = count_of_handles(read);
  PRL_HANDLE first = PRL_INVALID_HANDLE;
  PRL_HANDLE_TYPE found = PHT_ERROR;
  if (items > 0) {
    PrlHndlList_GetItem(read, 0, &first);
    PrlHandle_GetType(first, &found);
    PrlHandle_Free(first);
  }
  PrlHandle_Free(read);
  RC_ASSERT(items == count);
  RC_ASSERT(found == (items > 0 ? type : PHT_ERROR));
}

void round_trip(const PropertyInfo& property, PRL_HANDLE object) {
  switch (property.type) {
    case PropertyType::kBool:
    case PropertyType::kUint32:
      return round_trip_number(property, object, drawn_number<PRL_UINT32>(property));
    case PropertyType::kUint16:
      return round_trip_number(property, object, *rc::gen::arbitrary<PRL_UINT16>());
    case PropertyType::kInt32:
      return round_trip_number(property, object, *rc::gen::arbitrary<PRL_INT32>());
    case PropertyType::kUint64:
      return round_trip_number(property, object, *rc::gen::arbitrary<PRL_UINT64>());
    case PropertyType::kDouble:
      return round_trip_number(property, object, *rc::gen::arbitrary<PRL_DOUBLE>());
    case PropertyType::kString:
      return round_trip_text(property, object);
    case PropertyType::kStrings:
      return round_trip_list(property, object);
    case PropertyType::kNumbers:
      return round_trip_numbers(property, object);
    case PropertyType::kRecords:
      return round_trip_records(property, object);
    case PropertyType::kChildren:
    case PropertyType::kNode:
      return;
  }
}

void expect_default(const PropertyInfo& property, PRL_HANDLE object) {
  const std::string name(api_info(property.getter).name);
  if (property.type == PropertyType::kString) {
    EXPECT_EQ(tests::text_of(object, function_of<GetText>(property.getter)), property.default_text)
        << name;
  } else if (property.type == PropertyType::kStrings) {
    PRL_HANDLE list = PRL_INVALID_HANDLE;
    EXPECT_EQ(function_of<GetHandle>(property.getter)(object, &list), PRL_ERR_SUCCESS) << name;
    EXPECT_TRUE(items_of(list).empty()) << name;
    PrlHandle_Free(list);
  } else if (property.type == PropertyType::kDouble) {
    double value = -1;
    EXPECT_EQ(function_of<GetNumber>(property.getter)(object, &value), PRL_ERR_SUCCESS) << name;
    EXPECT_EQ(value, property.default_double) << name;
  } else {
    uint64_t value = 0;  // its lower bytes are written: the machine is little-endian
    EXPECT_EQ(function_of<GetNumber>(property.getter)(object, &value), PRL_ERR_SUCCESS) << name;
    EXPECT_EQ(value, property.default_number) << name;
  }
}

class Property : public ::testing::Test {
 protected:
  Property() : vm_(session_.new_vm()) {
    const auto add = [this](uint32_t type, auto create) {
      EXPECT_EQ(create(vm_, &objects_[type]), PRL_ERR_SUCCESS) << type;
    };
    add(PHT_BOOT_DEVICE, PrlVmCfg_CreateBootDev);
    add(PHT_SHARE, PrlVmCfg_CreateShare);
    add(PHT_SCREEN_RESOLUTION, PrlVmCfg_CreateScrRes);
    for (const auto& [handle_type, device_type] : {
             std::pair{uint32_t{PHT_VIRTUAL_DEV_HARD_DISK}, PDE_HARD_DISK},
             std::pair{uint32_t{PHT_VIRTUAL_DEV_NET_ADAPTER}, PDE_GENERIC_NETWORK_ADAPTER},
             std::pair{uint32_t{PHT_VIRTUAL_DEV_SOUND}, PDE_SOUND_DEVICE},
             std::pair{uint32_t{PHT_VIRTUAL_DEV_SERIAL_PORT}, PDE_SERIAL_PORT},
             std::pair{uint32_t{PHT_VIRTUAL_DEV_USB_DEVICE}, PDE_USB_DEVICE},
             std::pair{uint32_t{0}, PDE_FLOPPY_DISK},
         }) {
      add(handle_type, [type = device_type](PRL_HANDLE vm, PRL_HANDLE_PTR device) {
        return PrlVmCfg_CreateVmDev(vm, type, device);
      });
    }
  }
  ~Property() override {
    for (const auto& [type, object] : objects_) PrlHandle_Free(object);
    PrlHandle_Free(vm_);
  }

  // A fresh object that has the property: a VM, a part of it, or a record of its own.
  PRL_HANDLE object_with(const PropertyInfo& property) {
    const uint32_t type = property.handle_types[0];
    if (type == PHT_VM_CONFIGURATION) return vm_;
    if (!objects_.contains(type)) {
      EXPECT_EQ(PrlSim_CreateObject(static_cast<PRL_HANDLE_TYPE>(type), &objects_[type]),
                PRL_ERR_SUCCESS)
          << type;
    }
    return objects_.at(type);
  }

  InitialisedLibrary library_;
  ApiSession session_;
  PRL_HANDLE vm_;
  std::map<uint32_t, PRL_HANDLE> objects_;  // by handle type; 0: one for what all devices have
};

TEST_F(Property, KeepsWhatIsSet) {
  size_t count = 0;
  for (const PropertyInfo& property : all_properties()) count += is_read_write(property) ? 1 : 0;
  EXPECT_TRUE(rc::check("every property reads back what was set", [this] {
    for (const PropertyInfo& property : all_properties()) {
      if (is_read_write(property)) round_trip(property, object_with(property));
    }
  }));
  std::printf("count properties_round_trip %zu\n", count);
  EXPECT_GT(count, 220u);
}

TEST_F(Property, OfAnEmptyObjectIsTheDefaultOfItsRow) {
  for (const PropertyInfo& property : all_properties()) {
    if (is_read(property)) expect_default(property, object_with(property));
  }
}

TEST_F(Property, RefusesNullPointersAndOtherHandles) {
  for (const PropertyInfo& property : all_properties()) {
    if (!is_read(property)) continue;
    const std::string name(api_info(property.getter).name);
    const PRL_HANDLE object = object_with(property);
    PRL_UINT32 size = 0;
    uint64_t value = 0;
    for (const PRL_HANDLE other : {session_.server(), PRL_HANDLE{PRL_INVALID_HANDLE}}) {
      const PRL_RESULT code = property.type == PropertyType::kString
                                  ? function_of<GetText>(property.getter)(other, nullptr, &size)
                                  : function_of<GetNumber>(property.getter)(other, &value);
      EXPECT_EQ(code, PRL_ERR_INVALID_ARG) << name;
    }
    const PRL_RESULT code = property.type == PropertyType::kString
                                ? function_of<GetText>(property.getter)(object, nullptr, nullptr)
                                : function_of<GetNumber>(property.getter)(object, nullptr);
    EXPECT_EQ(code, PRL_ERR_INVALID_ARG) << name;
  }
}

TEST_F(Property, SetterRefusesNullTextAndOtherLists) {
  EXPECT_EQ(PrlVmCfg_SetDescription(vm_, nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlVmCfg_SetDescription(session_.server(), "text"), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlVmCfg_SetDnsServers(vm_, vm_), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(PrlVmCfg_SetDnsServers(vm_, PRL_INVALID_HANDLE), PRL_ERR_INVALID_ARG);
}

TEST_F(Property, WithACheckRefusesWhatDoesNotPass) {
  size_t checked = 0;
  for (const PropertyInfo& property : all_properties()) {
    if (property.check == ValueCheck::kNone || property.setter == Api::kCount) continue;
    const std::string name(api_info(property.setter).name);
    const PRL_HANDLE object = object_with(property);
    ++checked;
    if (property.type == PropertyType::kUint32 || property.type == PropertyType::kUint16) {
      const bool is_of_report = property.check == ValueCheck::kReportReason ||
                                property.check == ValueCheck::kReportType;
      const PRL_UINT32 bad = is_of_report ? UINT32_MAX : 0;
      EXPECT_EQ(function_of<PRL_RESULT (*)(PRL_HANDLE, PRL_UINT32)>(property.setter)(object, bad),
                PRL_ERR_INVALID_ARG)
          << name;
      continue;
    }
    for (const std::string& bad : samples_of(property.check).bad) {
      PRL_RESULT code = PRL_ERR_SUCCESS;
      if (property.type == PropertyType::kStrings) {
        PRL_HANDLE list = PRL_INVALID_HANDLE;
        PrlApi_CreateStringsList(&list);
        PrlStrList_AddItem(list, bad.c_str());
        code = function_of<SetHandle>(property.setter)(object, list);
        PrlHandle_Free(list);
      } else {
        code = function_of<SetText>(property.setter)(object, bad.c_str());
      }
      EXPECT_EQ(code, PRL_ERR_INVALID_ARG) << name << " '" << bad << "'";
    }
  }
  EXPECT_GE(checked, 15u);
}

// Lists of a fresh object are empty, and a part of it has a handle.
TEST_F(Property, ThatHandsOutHandlesGivesTheTypeOfItsRow) {
  for (const PropertyInfo& property : all_properties()) {
    const PRL_HANDLE object = object_with(property);
    if (property.type == PropertyType::kChildren && property.count_getter != Api::kCount) {
      const std::string name(api_info(property.count_getter).name);
      PRL_UINT32 count = 77;
      EXPECT_EQ(function_of<GetNumber>(property.count_getter)(object, &count), PRL_ERR_SUCCESS)
          << name;
      PRL_HANDLE child = PRL_INVALID_HANDLE;
      EXPECT_EQ(function_of<PRL_RESULT (*)(PRL_HANDLE, PRL_UINT32, PRL_HANDLE_PTR)>(
                    property.getter)(object, count, &child),
                PRL_ERR_INVALID_ARG)
          << name;
    } else if (property.type == PropertyType::kNode && property.getter != Api::kCount) {
      PRL_HANDLE node = PRL_INVALID_HANDLE;
      PRL_HANDLE_TYPE type = PHT_ERROR;
      EXPECT_EQ(function_of<GetHandle>(property.getter)(object, &node), PRL_ERR_SUCCESS);
      EXPECT_EQ(PrlHandle_GetType(node, &type), PRL_ERR_SUCCESS);
      EXPECT_EQ(static_cast<uint32_t>(type), property.child_type);
      PrlHandle_Free(node);
    }
  }
}

TEST_F(Property, OfTextFollowsTheRuleForBuffers) {
  ASSERT_EQ(PrlVmCfg_SetDescription(vm_, "abcde"), PRL_ERR_SUCCESS);
  PRL_UINT32 bytes = 0;
  EXPECT_EQ(PrlVmCfg_GetDescription(vm_, nullptr, &bytes), PRL_ERR_SUCCESS);
  EXPECT_EQ(bytes, 6u);
  char small[3] = {};
  bytes = sizeof small;
  EXPECT_EQ(PrlVmCfg_GetDescription(vm_, small, &bytes), PRL_ERR_BUFFER_OVERRUN);
  EXPECT_EQ(bytes, 6u);
  EXPECT_EQ(std::string(small, 3), "abc");
}

TEST_F(Property, ThatSharesALeafWithAnotherFollowsIt) {
  ASSERT_EQ(PrlVmCfg_Set3DAccelerationMode(vm_, P3D_ENABLED_HIGHEST), PRL_ERR_SUCCESS);
  PRL_BOOL is_enabled = PRL_FALSE;
  ASSERT_EQ(PrlVmCfg_Is3DAccelerationEnabled(vm_, &is_enabled), PRL_ERR_SUCCESS);
  EXPECT_EQ(is_enabled, PRL_TRUE);
  ASSERT_EQ(PrlVmCfg_Set3DAccelerationEnabled(vm_, PRL_FALSE), PRL_ERR_SUCCESS);
  PRL_VIDEO_3D_ACCELERATION mode = P3D_ENABLED_HIGHEST;
  ASSERT_EQ(PrlVmCfg_Get3DAccelerationMode(vm_, &mode), PRL_ERR_SUCCESS);
  EXPECT_EQ(mode, P3D_DISABLED);
}

}  // namespace
}  // namespace prl::sdk
