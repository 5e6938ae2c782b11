// Objects as XML text and back (core-api 2.6, config-model 11).
#include <gtest/gtest.h>

#include <string>

#include "tests/sdk/api_session.h"

namespace prl::tests {
namespace {

std::string xml_of(PRL_HANDLE handle,
                   PRL_RESULT (*to_string)(PRL_HANDLE, PRL_VOID_PTR_PTR) = PrlHandle_ToString) {
  void* buffer = nullptr;
  const PRL_RESULT code = to_string(handle, &buffer);
  EXPECT_EQ(code, PRL_ERR_SUCCESS);
  if (code != PRL_ERR_SUCCESS) return "";
  std::string text(static_cast<const char*>(buffer));
  EXPECT_EQ(PrlBuffer_Free(buffer), PRL_ERR_SUCCESS);
  return text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class ObjectText : public testing::Test {
 protected:
  ObjectText() : vm_(session_.registered_vm("web")) {}
  ~ObjectText() override { PrlHandle_Free(vm_); }

  PRL_HANDLE add(PRL_DEVICE_TYPE type) const {
    PRL_HANDLE device = PRL_INVALID_HANDLE;
    EXPECT_EQ(PrlVmCfg_CreateVmDev(vm_, type, &device), PRL_ERR_SUCCESS);
    return device;
  }

  InitialisedLibrary library_;
  ApiSession session_;
  PRL_HANDLE vm_;
};

TEST_F(ObjectText, OfAVmIsItsConfiguration) {
  PrlVmCfg_SetRamSize(vm_, 512);
  PrlVmCfg_SetDescription(vm_, "a <b> & c");
  PrlHandle_Free(add(PDE_HARD_DISK));
  const std::string text = xml_of(vm_);
  EXPECT_TRUE(contains(text, "<ParallelsVirtualMachine schemaVersion=\"1.0\"")) << text;
  EXPECT_TRUE(contains(text, "<VmName>web</VmName>"));
  EXPECT_TRUE(contains(text, "<RAM>512</RAM>"));
  EXPECT_TRUE(contains(text, "a &lt;b&gt; &amp; c"));
  EXPECT_TRUE(contains(text, "<Hardware dyn_lists=\"Hdd 1\">"));
  EXPECT_FALSE(contains(text, "kind=")) << "every setting is known: " << text;
  EXPECT_EQ(xml_of(vm_, PrlVm_ToString), text);
}

TEST_F(ObjectText, MakesAnotherVmTheSame) {
  PrlVmCfg_SetCpuCount(vm_, 3);
  const PRL_HANDLE disk = add(PDE_HARD_DISK);
  PrlVmDev_SetSysName(disk, "/disks/a.hdd");
  PrlHandle_Free(disk);
  PrlHandle_Free(add(PDE_GENERIC_NETWORK_ADAPTER));
  const std::string text = xml_of(vm_);

  const PRL_HANDLE other = session_.new_vm();
  EXPECT_EQ(PrlHandle_FromString(other, text.c_str()), PRL_ERR_SUCCESS);
  EXPECT_EQ(xml_of(other), text);
  EXPECT_EQ(text_of(other, PrlVmCfg_GetUuid), text_of(vm_, PrlVmCfg_GetUuid));
  PRL_HANDLE copy = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVmCfg_GetHardDisk(other, 0, &copy), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(copy, PrlVmDev_GetSysName), "/disks/a.hdd");
  PrlHandle_Free(copy);
  PrlHandle_Free(other);
}

TEST_F(ObjectText, IsALocalChangeUntilItIsCommitted) {
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  std::string text = xml_of(vm_);
  text.replace(text.find("<RAM>4<"), 7, "<RAM>96<");
  ASSERT_EQ(PrlVm_FromString(vm_, text.c_str()), PRL_ERR_SUCCESS);
  PRL_UINT32 ram = 0;
  PrlVmCfg_GetRamSize(vm_, &ram);
  EXPECT_EQ(ram, 96u);
  ASSERT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_RefreshConfig(vm_)), PRL_ERR_SUCCESS);
  PrlVmCfg_GetRamSize(vm_, &ram);
  EXPECT_EQ(ram, 96u);
}

TEST_F(ObjectText, KeepsWhatItDoesNotKnow) {
  ASSERT_EQ(code_of(PrlVm_BeginEdit(vm_)), PRL_ERR_SUCCESS);
  std::string text = xml_of(vm_);
  const std::string foreign = "<VendorPart><Deep>7</Deep></VendorPart>";
  text.insert(text.find("</ParallelsVirtualMachine>"), foreign);
  ASSERT_EQ(PrlHandle_FromString(vm_, text.c_str()), PRL_ERR_SUCCESS);
  ASSERT_EQ(code_of(PrlVm_Commit(vm_)), PRL_ERR_SUCCESS);
  const PRL_HANDLE again = session_.find_vm(text_of(vm_, PrlVmCfg_GetUuid));
  EXPECT_TRUE(contains(xml_of(again), "<Deep>7</Deep>"));
  PrlHandle_Free(again);
}

TEST_F(ObjectText, RefusesMalformedTextAndChangesNothing) {
  const std::string before = xml_of(vm_);
  for (const char* text : {"", "no xml", "<ParallelsVirtualMachine>", "<Other/>",
                           "<!DOCTYPE a [<!ENTITY b \"c\">]><ParallelsVirtualMachine/>",
                           "<ParallelsVirtualMachine><Identification><VmUuid>x</VmUuid>"
                           "</Identification></ParallelsVirtualMachine>"}) {
    EXPECT_EQ(PrlHandle_FromString(vm_, text), PRL_ERR_PARSE_VM_CONFIG) << text;
  }
  EXPECT_EQ(PrlHandle_FromString(vm_, nullptr), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(xml_of(vm_), before);
}

TEST_F(ObjectText, OfADeviceIsWrapped) {
  const PRL_HANDLE disk = add(PDE_HARD_DISK);
  PrlVmDev_SetSysName(disk, "/disks/a.hdd");
  const std::string text = xml_of(disk);
  EXPECT_TRUE(contains(text, "<Hardware schemaVersion=\"1.0\" dyn_lists=\"Hdd 1\">")) << text;
  EXPECT_EQ(xml_of(disk, PrlVmDev_ToString), text);

  const PRL_HANDLE other = add(PDE_HARD_DISK);
  EXPECT_EQ(PrlVmDev_FromString(other, text.c_str()), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(other, PrlVmDev_GetSysName), "/disks/a.hdd");
  EXPECT_EQ(PrlVmDev_FromString(other, "<Hardware><CdRom id=\"0\"/></Hardware>"),
            PRL_ERR_PARSE_VM_CONFIG);
  EXPECT_EQ(PrlVmDev_FromString(vm_, text.c_str()), PRL_ERR_INVALID_ARG);
  ASSERT_EQ(PrlVmDev_Remove(other), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlVmDev_FromString(other, text.c_str()), PRL_ERR_OBJECT_WAS_REMOVED);
  void* none = nullptr;
  EXPECT_EQ(PrlHandle_ToString(other, &none), PRL_ERR_OBJECT_WAS_REMOVED);
  PrlHandle_Free(other);
  PrlHandle_Free(disk);
}

TEST_F(ObjectText, OfRecordsComesBack) {
  const PRL_HANDLE preferences = object_of(PrlSrv_GetCommonPrefs(session_.server()));
  PrlDispCfg_SetReservedMemLimit(preferences, 777);
  const std::string text = xml_of(preferences);
  PrlDispCfg_SetReservedMemLimit(preferences, 1);
  EXPECT_EQ(PrlDispCfg_FromString(preferences, text.c_str()), PRL_ERR_SUCCESS);
  PRL_UINT32 limit = 0;
  PrlDispCfg_GetReservedMemLimit(preferences, &limit);
  EXPECT_EQ(limit, 777u);
  EXPECT_EQ(PrlDispCfg_FromString(preferences, "<a/>"), PRL_ERR_PARSE_COMMON_SERVER_PREFS);
  PrlHandle_Free(preferences);

  const PRL_HANDLE hardware = object_of(PrlSrv_GetSrvConfig(session_.server()));
  const std::string host = xml_of(hardware);
  EXPECT_TRUE(contains(host, "<ParallelsHostInfo ")) << host;
  PRL_HANDLE empty = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlSrvCfg_Create(&empty), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlSrvConfig_FromString(empty, host.c_str()), PRL_ERR_SUCCESS);
  EXPECT_EQ(xml_of(empty), host);
  PRL_UINT32 disks = 0;
  PrlSrvCfg_GetHardDisksCount(empty, &disks);
  EXPECT_EQ(disks, 1u);
  PrlHandle_Free(empty);
  PrlHandle_Free(hardware);
}

// As the product's command line tool reads it: through an event (clients.md 5.3).
TEST_F(ObjectText, OfALicenceIsThatOfAnEvent) {
  const PRL_HANDLE licence = object_of(PrlSrv_GetLicenseInfo(session_.server()));
  PRL_HANDLE event = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlVm_CreateAnswerEvent(vm_, &event, PET_ANSWER_YES), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlEvent_FromString(event, xml_of(licence).c_str()), PRL_ERR_SUCCESS);
  for (const char* name : {"vzlicense_product", "vzlicense_expiration_date", "license_user"}) {
    PRL_HANDLE parameter = PRL_INVALID_HANDLE;
    EXPECT_EQ(PrlEvent_GetParamByName(event, name, &parameter), PRL_ERR_SUCCESS) << name;
    PrlHandle_Free(parameter);
  }
  PRL_HANDLE copy = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlLic_Create(&copy), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlLic_FromString(copy, xml_of(licence).c_str()), PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of(copy, PrlLic_GetLicenseKey), text_of(licence, PrlLic_GetLicenseKey));
  EXPECT_EQ(PrlLic_FromString(copy, "<a/>"), PRL_ERR_INVALID_ARG);
  PrlHandle_Free(copy);
  PrlHandle_Free(event);
  PrlHandle_Free(licence);
}

TEST_F(ObjectText, IsNotOfEveryObject) {
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PrlApi_CreateStringsList(&list);
  void* text = nullptr;
  EXPECT_EQ(PrlHandle_ToString(list, &text), PRL_ERR_UNIMPLEMENTED);
  EXPECT_EQ(text, nullptr);
  EXPECT_EQ(PrlHandle_FromString(list, "<a/>"), PRL_ERR_UNIMPLEMENTED);
  PrlHandle_Free(list);
  EXPECT_TRUE(contains(xml_of(session_.server()), "<ProductVersion>"));
  EXPECT_EQ(PrlHandle_FromString(session_.server(), "<a/>"), PRL_ERR_UNIMPLEMENTED);
}

TEST_F(ObjectText, IsTheTextOfObjectsInResults) {
  const PRL_HANDLE job = PrlVm_RefreshConfig(vm_);
  PrlJob_Wait(job, kJobWaitMs);
  PRL_HANDLE result = PRL_INVALID_HANDLE;
  ASSERT_EQ(PrlJob_GetResult(job, &result), PRL_ERR_SUCCESS);
  PRL_UINT32 bytes = 0;
  ASSERT_EQ(PrlResult_GetParamAsString(result, nullptr, &bytes), PRL_ERR_SUCCESS);
  std::string text(bytes, '\0');
  ASSERT_EQ(PrlResult_GetParamAsString(result, text.data(), &bytes), PRL_ERR_SUCCESS);
  text.pop_back();
  EXPECT_EQ(text, xml_of(vm_));
  PrlHandle_Free(result);
  PrlHandle_Free(job);
}

}  // namespace
}  // namespace prl::tests
