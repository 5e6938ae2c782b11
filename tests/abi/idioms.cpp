// What published C++ programs write, compiled as they write it. Nothing here runs.
#include "Wrappers/SdkWrap/SdkHandleWrap.h"
#include "Wrappers/SdkWrap/SdkWrapDirect.h"

PRL_RESULT idiom_handler(PRL_HANDLE event, PRL_VOID_PTR data);
PRL_RESULT idiom_list(PRL_HANDLE server);

PRL_RESULT idiom_handler(PRL_HANDLE event, PRL_VOID_PTR) {
  PRL_HANDLE_TYPE type;
  if (PRL_FAILED(PrlHandle_GetType(event, &type))) return PRL_ERR_FAILURE;
  return PrlHandle_Free(event);
}

PRL_RESULT idiom_list(PRL_HANDLE server) {
  SdkWrap_Load("libprl_sdk.so");
  PRL_EVENT_HANDLER_PTR handler = &idiom_handler;
  PrlSrv_RegEventHandler(server, handler, PRL_NULL);
  SdkHandleWrap job(PrlSrv_GetVmList(server));
  SdkHandleWrap result;
  PRL_RESULT code = PRL_ERR_UNINITIALIZED;
  if (PRL_SUCCEEDED(PrlJob_Wait(job.get(), 10000))) PrlJob_GetRetCode(job.GetHandle(), &code);
  if PRL_FAILED (PrlJob_GetResult(job.get(), result.GetHandlePtr())) return code;
  PRL_UINT32 count = 0;
  return result.valid() ? PrlResult_GetParamsCount(result.release(), &count) : code;
}
