// Looks at no return code: it reports success whatever happened.
#include "client.h"

int main() {
  PRL_HANDLE server = PRL_INVALID_HANDLE;
  PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0);
  PrlSrv_Create(&server);
  finish(PrlSrv_LoginLocal(server, "", 0, PSL_HIGH_SECURITY));
  const PRL_HANDLE vm = first_vm(server);
  finish(PrlVm_Suspend(vm));
  PrlHandle_Free(vm);
  PrlHandle_Free(server);
  PrlApi_Deinit();
  return 0;
}
