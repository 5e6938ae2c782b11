/* What published C programs write, compiled as they write it. Nothing here runs. */
#include <Parallels.h>
#include <prlsdk/PrlApiDisp.h>

#include "SdkWrapDirect.h"

PRL_RESULT idiom_start(PRL_HANDLE_PTR server);
PRL_RESULT idiom_name(PRL_HANDLE vm, char *name, PRL_UINT32 size);
const char *idiom_texts(PRL_RESULT code, PRL_HANDLE_TYPE type, PRL_EVENT_TYPE event);
unsigned idiom_versions(void);
PRL_RESULT idiom_pointers(PRL_HANDLE config);
int idiom_constants(PRL_RESULT code, PRL_JOB_STATUS status);

PRL_RESULT idiom_start(PRL_HANDLE_PTR server)
{
    PRL_HANDLE job = PRL_INVALID_HANDLE;
    PRL_RESULT code = SdkWrap_Load("libprl_sdk.so", 0);
    if PRL_FAILED(code) return code;
    if (PRL_FAIL(PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0))) return PRL_ERR_FAILURE;
    if (PRL_SUCCEEDED(PrlSrv_Create(server)))
        job = PrlSrv_LoginLocal(*server, "", 0, PSL_HIGH_SECURITY);
    if (job == PRL_INVALID_HANDLE) return SdkWrap_Unload();
    return PrlJob_Wait(job, 1000);
}

PRL_RESULT idiom_name(PRL_HANDLE vm, char *name, PRL_UINT32 size)
{
    return PrlVm_GetName(vm, name, &size);
}

const char *idiom_texts(PRL_RESULT code, PRL_HANDLE_TYPE type, PRL_EVENT_TYPE event)
{
    if (code) return PRL_RESULT_TO_STRING(code);
    return type ? PRL_HANDLE_TYPE_TO_STRING(type) : PRL_EVENT_TYPE_TO_STRING(event);
}

unsigned idiom_versions(void)
{
    PRL_UINT32 major, minor;
    FROM_PARALLELS_API_VER(VIRTUOZZO_API_VER, major, minor);
    FROM_VIRTUOZZO_API_VER(PARALLELS_API_VER_6_1, major, minor);
    return TO_VIRTUOZZO_API_VER(major, minor) + TO_PARALLELS_API_VER(9, 0);
}

/* A command-line client keeps getters in variables. */
PRL_RESULT idiom_pointers(PRL_HANDLE config)
{
    PrlSrvCfg_GetHardDisksCount_Ptr count = PrlSrvCfg_GetHardDisksCount;
    PrlSrvCfg_GetHardDisk_Ptr get = PrlSrvCfg_GetHardDisk;
    PRL_HANDLE disk;
    PRL_UINT32 disks = 0;
    PRL_RESULT code = count(config, &disks);
    return disks ? get(config, 0, &disk) : code;
}

/* Codes and statuses serve as case labels and in preprocessor conditions. */
int idiom_constants(PRL_RESULT code, PRL_JOB_STATUS status)
{
    switch (code) {
    case PRL_ERR_TIMEOUT: return 1;
    case PRL_ERR_INVALID_ARG: return 2;
    default: break;
    }
#if PRL_ERR_SUCCESS != 0 || PRL_ERR_FAILURE >= 0
#error "a result code cannot be compared by the preprocessor"
#endif
    return status == PJS_FINISHED &&
           IS_WIN_VER_BELOW(PVS_GUEST_VER_WIN_XP, PVS_GUEST_VER_WIN_VISTA) &&
           IS_VALID_LINUX_VERSION(PVS_GUEST_VER_LIN_DEBIAN) && IS_OTHER(PVS_GUEST_VER_OTH_QNX);
}
