// A C++ program that loads the library instead of linking with it, and lists the VMs of a scenario.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "SdkHandleWrap.h"
#include "Wrappers/SdkWrap/SdkWrap.h"
#include "prlsdk/prl_sim.h"

namespace {

const char kScenario[] =
    "clock = \"virtual\"\n"
    "[[vm]]\n"
    "name = \"listed\"\n";

void check(PRL_RESULT code, const char* what) {
  if (PRL_SUCCEEDED(code)) return;
  std::fprintf(stderr, "list_client: %s: %s\n", what, prl_result_to_string(code));
  std::exit(1);
}

// The result of a job that must succeed.
SdkHandleWrap result_of(PRL_HANDLE started, const char* what) {
  const SdkHandleWrap job(started);
  check(PrlJob_Wait(job.get(), 60000), what);
  PRL_RESULT code = PRL_ERR_UNINITIALIZED;
  check(PrlJob_GetRetCode(job.get(), &code), what);
  check(code, what);
  SdkHandleWrap result;
  check(PrlJob_GetResult(job.get(), result.GetHandlePtr()), what);
  return result;
}

std::string first_vm_name(PRL_HANDLE server) {
  const SdkHandleWrap list = result_of(PrlSrv_GetVmList(server), "PrlSrv_GetVmList");
  SdkHandleWrap vm;
  check(PrlResult_GetParamByIndex(list.get(), 0, vm.GetHandlePtr()), "PrlResult_GetParamByIndex");
  char name[1024];
  PRL_UINT32 length = sizeof(name);
  check(PrlVmCfg_GetName(vm.get(), name, &length), "PrlVmCfg_GetName");
  return name;
}

// Conversion through memory: C++ has none from a data pointer.
void set_scenario() {
  PRL_RESULT (*set)(const char*) = 0;
  *reinterpret_cast<void**>(&set) = SdkWrap_GetSymbol("PrlSim_SetScenario");
  if (!set) std::exit(1);
  check(set(kScenario), "PrlSim_SetScenario");
}

}  // namespace

int main() {
  check(SdkWrap_Load("prl_sdk"), "SdkWrap_Load");
  set_scenario();
  check(PrlApi_Init(PARALLELS_API_VER), "PrlApi_Init");
  std::string name;
  {
    SdkHandleWrap server;
    check(PrlSrv_Create(server.GetHandlePtr()), "PrlSrv_Create");
    result_of(PrlSrv_LoginLocal(server.get(), "", 0, PSL_HIGH_SECURITY), "PrlSrv_LoginLocal");
    name = first_vm_name(server.get());
    result_of(PrlSrv_Logoff(server.get()), "PrlSrv_Logoff");
  }
  check(PrlApi_Deinit(), "PrlApi_Deinit");
  check(SdkWrap_Unload(), "SdkWrap_Unload");
  std::printf("list_client: found %s\n", name.c_str());
  return name == "listed" ? 0 : 1;
}
