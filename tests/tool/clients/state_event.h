// What clients with handlers share: the state that an event tells.
#pragma once

#include <Parallels.h>

// VMS_UNKNOWN for any other event, and for jobs, which come to handlers too.
inline PRL_UINT32 state_in(PRL_HANDLE event) {
  PRL_HANDLE_TYPE kind = PHT_ERROR;
  PRL_EVENT_TYPE type{};
  PRL_HANDLE parameter = PRL_INVALID_HANDLE;
  PRL_UINT32 state = VMS_UNKNOWN;
  PrlHandle_GetType(event, &kind);
  if (kind == PHT_EVENT) PrlEvent_GetType(event, &type);
  if (type == PET_DSP_EVT_VM_STATE_CHANGED &&
      PRL_SUCCEEDED(PrlEvent_GetParam(event, 0, &parameter))) {
    PrlEvtPrm_ToUint32(parameter, &state);
    PrlHandle_Free(parameter);
  }
  return state;
}
