/* A linked C program: makes a VM, suspends and resumes it, finds its memory as it was. */
#include <Parallels.h>
#include <prlsdk/prl_sim.h>

#include <stdio.h>
#include <string.h>

#define CHECK(condition)                                              \
  if (!(condition)) {                                                 \
    fprintf(stderr, "suspend_client: %s is not so\n", #condition);    \
    return 1;                                                         \
  }

/* Waits for the job, gives it back and returns its code. */
static PRL_RESULT finish(PRL_HANDLE job) {
  PRL_RESULT code = PrlJob_Wait(job, 60000);
  if (PRL_SUCCEEDED(code)) PrlJob_GetRetCode(job, &code);
  PrlHandle_Free(job);
  return code;
}

int main(void) {
  static const char kText[] = "still here";
  char text[sizeof(kText)] = "";
  PRL_HANDLE server = PRL_INVALID_HANDLE;
  PRL_HANDLE vm = PRL_INVALID_HANDLE;

  PrlSim_SetScenario("clock = \"virtual\"");
  CHECK(PRL_SUCCEEDED(PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0)));
  CHECK(PRL_SUCCEEDED(PrlSrv_Create(&server)));
  CHECK(PRL_SUCCEEDED(finish(PrlSrv_LoginLocal(server, "", 0, PSL_HIGH_SECURITY))));
  CHECK(PRL_SUCCEEDED(PrlSrv_CreateVm(server, &vm)));
  CHECK(PRL_SUCCEEDED(PrlVmCfg_SetName(vm, "installed")));
  CHECK(PRL_SUCCEEDED(finish(PrlVm_Reg(vm, "", PRL_TRUE))));

  CHECK(PRL_SUCCEEDED(finish(PrlVm_Start(vm))));
  CHECK(PRL_SUCCEEDED(PrlSim_WriteGuestMemory(vm, 4096, kText, sizeof(kText))));
  CHECK(PRL_SUCCEEDED(finish(PrlVm_Suspend(vm))));
  CHECK(PRL_SUCCEEDED(finish(PrlVm_Resume(vm))));
  CHECK(PRL_SUCCEEDED(PrlSim_ReadGuestMemory(vm, 4096, text, sizeof(text))));
  CHECK(strcmp(text, kText) == 0);

  CHECK(PRL_SUCCEEDED(finish(PrlSrv_Logoff(server))));
  PrlHandle_Free(vm);
  PrlHandle_Free(server);
  CHECK(PRL_SUCCEEDED(PrlApi_Deinit()));
  puts("suspend_client: done");
  return 0;
}
