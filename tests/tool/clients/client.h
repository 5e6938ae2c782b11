// What the clients that the tests sweep share: a session with the host that takes every failure
// seriously.
#pragma once

#include <Parallels.h>

constexpr PRL_UINT32 kTimeoutMs = 10'000;

// The code of a job, or of waiting for it. Frees the job.
inline PRL_RESULT finish(PRL_HANDLE job) {
  PRL_RESULT code = PrlJob_Wait(job, kTimeoutMs);
  if (PRL_SUCCEEDED(code)) {
    const PRL_RESULT read = PrlJob_GetRetCode(job, &code);
    if (PRL_FAILED(read)) code = read;
  }
  PrlHandle_Free(job);
  return code;
}

// The first VM of the list, or PRL_INVALID_HANDLE.
inline PRL_HANDLE first_vm(PRL_HANDLE server) {
  const PRL_HANDLE job = PrlSrv_GetVmList(server);
  PRL_HANDLE result = PRL_INVALID_HANDLE;
  PRL_HANDLE vm = PRL_INVALID_HANDLE;
  if (PRL_SUCCEEDED(PrlJob_Wait(job, kTimeoutMs)) &&
      PRL_SUCCEEDED(PrlJob_GetResult(job, &result))) {
    PrlResult_GetParam(result, &vm);
  }
  PrlHandle_Free(result);
  PrlHandle_Free(job);
  return vm;
}

// Starts the VM, asks after it and stops it whatever has failed since, and listens meanwhile.
inline bool start_and_stop(PRL_HANDLE vm, PRL_EVENT_HANDLER_PTR on_event) {
  PrlVm_RegEventHandler(vm, on_event, nullptr);
  const bool has_started = PRL_SUCCEEDED(finish(PrlVm_Start(vm)));
  const bool is_good = has_started && PRL_SUCCEEDED(finish(PrlVm_RefreshConfig(vm)));
  const bool has_stopped = PRL_SUCCEEDED(finish(PrlVm_Stop(vm, PRL_FALSE)));
  PrlVm_UnregEventHandler(vm, on_event, nullptr);
  return is_good && has_stopped;
}

// Logs in, calls use(vm) and logs off. What main() returns: 0 only when everything succeeded.
inline int run_client(bool (*use)(PRL_HANDLE vm)) {
  PRL_HANDLE server = PRL_INVALID_HANDLE;
  if (PRL_FAILED(PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0))) return 1;
  bool is_good = PRL_SUCCEEDED(PrlSrv_Create(&server)) &&
                 PRL_SUCCEEDED(finish(PrlSrv_LoginLocal(server, "", 0, PSL_HIGH_SECURITY)));
  if (is_good) {
    const PRL_HANDLE vm = first_vm(server);
    is_good = vm != PRL_INVALID_HANDLE && use(vm);
    PrlHandle_Free(vm);
    is_good = PRL_SUCCEEDED(finish(PrlSrv_Logoff(server))) && is_good;
  }
  PrlHandle_Free(server);
  return PRL_SUCCEEDED(PrlApi_Deinit()) && is_good ? 0 : 1;
}
