// A logged-in client of the simulated host, with the conveniences that tests of calls share. One
// thread; several may live at a time within one initialised library.
#pragma once

#include <gtest/gtest.h>
#include <prlsdk/Parallels.h>

#include <string>
#include <vector>

namespace prl::tests {

constexpr PRL_UINT32 kJobWaitMs = 60'000;

// What a job ended with; its handle is freed. `parameters` are its result's objects, the caller's
// to free.
struct JobEnd {
  PRL_RESULT code = PRL_ERR_SUCCESS;
  std::vector<PRL_HANDLE> parameters;
};

inline JobEnd end_of(PRL_HANDLE job) {
  JobEnd end{.code = PrlJob_Wait(job, kJobWaitMs), .parameters = {}};
  if (end.code == PRL_ERR_SUCCESS) PrlJob_GetRetCode(job, &end.code);
  PRL_HANDLE result = PRL_INVALID_HANDLE;
  if (PrlJob_GetResult(job, &result) == PRL_ERR_SUCCESS) {
    PRL_UINT32 count = 0;
    PrlResult_GetParamsCount(result, &count);
    for (PRL_UINT32 i = 0; i < count; ++i) {
      PRL_HANDLE parameter = PRL_INVALID_HANDLE;
      if (PrlResult_GetParamByIndex(result, i, &parameter) == PRL_ERR_SUCCESS) {
        end.parameters.push_back(parameter);
      }
    }
    PrlHandle_Free(result);
  }
  PrlHandle_Free(job);
  return end;
}

// The code of a job whose result is of no interest.
inline PRL_RESULT code_of(PRL_HANDLE job) {
  const JobEnd end = end_of(job);
  for (const PRL_HANDLE parameter : end.parameters) PrlHandle_Free(parameter);
  return end.code;
}

// The first object of a job's result, PRL_INVALID_HANDLE for none.
inline PRL_HANDLE object_of(PRL_HANDLE job) {
  const JobEnd end = end_of(job);
  for (size_t i = 1; i < end.parameters.size(); ++i) PrlHandle_Free(end.parameters[i]);
  return end.parameters.empty() ? PRL_INVALID_HANDLE : end.parameters.front();
}

inline std::string text_of(PRL_HANDLE handle,
                           PRL_RESULT (*get)(PRL_HANDLE, PRL_STR, PRL_UINT32_PTR)) {
  std::string text(4096, '\0');
  auto bytes = static_cast<PRL_UINT32>(text.size());
  if (get(handle, text.data(), &bytes) != PRL_ERR_SUCCESS) return "";
  text.resize(bytes - 1);
  return text;
}

// The library, for the length of a test.
struct InitialisedLibrary {
  InitialisedLibrary() { PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0); }
  InitialisedLibrary(const InitialisedLibrary&) = delete;
  ~InitialisedLibrary() { PrlApi_Deinit(); }
};

class ApiSession {
 public:
  ApiSession() {
    PrlSrv_Create(&server_);
    EXPECT_EQ(code_of(PrlSrv_LoginLocal(server_, "", 0, PSL_HIGH_SECURITY)), PRL_ERR_SUCCESS);
  }
  ApiSession(const ApiSession&) = delete;
  ~ApiSession() {
    code_of(PrlSrv_Logoff(server_));
    PrlHandle_Free(server_);
  }

  PRL_HANDLE server() const { return server_; }
  PRL_HANDLE new_vm() const {
    PRL_HANDLE vm = PRL_INVALID_HANDLE;
    PrlSrv_CreateVm(server_, &vm);
    return vm;
  }
  // A registered VM of 4 MB, stopped.
  PRL_HANDLE registered_vm(const char* name) const {
    const PRL_HANDLE vm = new_vm();
    PrlVmCfg_SetName(vm, name);
    PrlVmCfg_SetRamSize(vm, 4);
    EXPECT_EQ(code_of(PrlVm_Reg(vm, "", PRL_TRUE)), PRL_ERR_SUCCESS);
    return vm;
  }
  PRL_HANDLE find_vm(const std::string& uuid) const {
    return object_of(PrlSrv_GetVmConfig(server_, uuid.c_str(), PGVC_SEARCH_BY_UUID));
  }

 private:
  PRL_HANDLE server_ = PRL_INVALID_HANDLE;
};

}  // namespace prl::tests
