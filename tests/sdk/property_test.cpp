// Every function that is bound to a property, driven by the generated table: what is set is what is
// got, an empty object has the defaults of its rows, and arguments that do not fit are refused.
#include "properties.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
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

bool is_read(const PropertyInfo& property) {
  return property.getter != Api::kCount && property.type != PropertyType::kChildren;
}
bool is_read_write(const PropertyInfo& property) {
  return is_read(property) && property.setter != Api::kCount;
}

template <class T>
void round_trip_number(const PropertyInfo& property, PRL_HANDLE object, T value) {
  const auto set = function_of<PRL_RESULT (*)(PRL_HANDLE, T)>(property.setter);
  RC_ASSERT(set(object, value) == PRL_ERR_SUCCESS);
  T read{};
  RC_ASSERT(function_of<GetNumber>(property.getter)(object, &read) == PRL_ERR_SUCCESS);
  RC_ASSERT(read == (property.type == PropertyType::kBool ? T(value != T{}) : value));
}

void round_trip_text(const PropertyInfo& property, PRL_HANDLE object) {
  const auto value = *rc::gen::container<std::string>(rc::gen::nonZero<char>());
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
  const std::vector<std::string> texts = {"", "8.8.8.8", "two words"};
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

void round_trip(const PropertyInfo& property, PRL_HANDLE object) {
  switch (property.type) {
    case PropertyType::kBool:
    case PropertyType::kUint32:
      return round_trip_number(property, object, *rc::gen::arbitrary<PRL_UINT32>());
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
    case PropertyType::kChildren:
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

  // A fresh object that has the property.
  PRL_HANDLE object_with(const PropertyInfo& property) {
    const uint32_t type = property.handle_types[0];
    return type == PHT_VM_CONFIGURATION ? vm_ : objects_.at(type);
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
