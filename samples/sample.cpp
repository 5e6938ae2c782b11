#include "sample.h"

#include <sys/stat.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "prl_sim.h"

namespace {

constexpr PRL_UINT32 kTimeoutMs = 10'000;
constexpr PRL_UINT32 kTextBytes = 1024;

// The control calls of prlsim are not part of the SDK, so its loader does not know them.
template <class Function>
Function control_call(const char* name) {
  return reinterpret_cast<Function>(SdkWrap_GetSymbol(name));
}

PRL_UINT64 virtual_time_ms() {
  PRL_UINT64 time_ms = 0;
  const auto get_time = control_call<decltype(&PrlSim_GetTime)>("PrlSim_GetTime");
  if (get_time) get_time(&time_ms);
  return time_ms;
}

double wall_time_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

const char* state_word(VIRTUAL_MACHINE_STATE state) {
  switch (state) {
    case VMS_STOPPED: return "stopped";
    case VMS_RUNNING: return "running";
    case VMS_PAUSED: return "paused";
    case VMS_SUSPENDED: return "suspended";
    case VMS_SUSPENDING: return "suspending";
    default: return "in between";
  }
}

}  // namespace

Session::Session() {
  // The library is found by the usual rules, or in the current folder.
  if (PRL_FAILED(SdkWrap_Load("libprl_sdk.so")) && PRL_FAILED(SdkWrap_Load("./libprl_sdk.so"))) {
    std::fprintf(stderr, "libprl_sdk.so cannot be loaded\n");
    return;
  }
  PRL_RESULT code = PrlApi_InitEx(PARALLELS_API_VER, PAM_DESKTOP, 0, 0);
  if (PRL_FAILED(code)) {
    std::fprintf(stderr, "PrlApi_InitEx: %s\n", prl_result_to_string(code));
    return;
  }
  code = PrlSrv_Create(&server_);
  if (PRL_FAILED(code)) {
    std::fprintf(stderr, "PrlSrv_Create: %s\n", prl_result_to_string(code));
    return;
  }
  is_open_ = finish("PrlSrv_LoginLocal", PrlSrv_LoginLocal(server_, "", 0, PSL_HIGH_SECURITY),
                    kTimeoutMs);
}

Session::~Session() {
  if (is_open_) finish("PrlSrv_Logoff", PrlSrv_Logoff(server_), kTimeoutMs);
  // Unloading is harmless whatever was loaded; the calls in between need the library.
  if (SdkWrap_IsLoaded()) {
    PrlHandle_Free(server_);
    PrlApi_Deinit();
  }
  SdkWrap_Unload();
}

PRL_HANDLE GetVmByName(const char* name, PRL_HANDLE server) {
  const PRL_HANDLE job = PrlSrv_GetVmList(server);
  PRL_HANDLE result = PRL_INVALID_HANDLE;
  PRL_HANDLE found = PRL_INVALID_HANDLE;
  PRL_UINT32 count = 0;
  PRL_RESULT code = PrlJob_Wait(job, kTimeoutMs);
  if (PRL_SUCCEEDED(code)) code = PrlJob_GetResult(job, &result);
  if (PRL_SUCCEEDED(code)) code = PrlResult_GetParamsCount(result, &count);
  if (PRL_FAILED(code)) std::fprintf(stderr, "PrlSrv_GetVmList: %s\n", prl_result_to_string(code));
  for (PRL_UINT32 i = 0; i < count && found == PRL_INVALID_HANDLE; ++i) {
    PRL_HANDLE vm = PRL_INVALID_HANDLE;
    char text[kTextBytes];
    PRL_UINT32 length = sizeof text;
    if (PRL_FAILED(PrlResult_GetParamByIndex(result, i, &vm))) continue;
    if (PRL_SUCCEEDED(PrlVmCfg_GetName(vm, text, &length)) && std::strcmp(text, name) == 0) {
      found = vm;  // outlives job and result
    } else {
      PrlHandle_Free(vm);
    }
  }
  PrlHandle_Free(result);
  PrlHandle_Free(job);
  if (found == PRL_INVALID_HANDLE) std::fprintf(stderr, "VM \"%s\" was not found\n", name);
  return found;
}

bool finish(const char* call, PRL_HANDLE job, PRL_UINT32 timeout_ms) {
  const PRL_RESULT waited = PrlJob_Wait(job, timeout_ms);
  if (PRL_FAILED(waited)) {
    std::fprintf(stderr, "waiting for %s: %s\n", call, prl_result_to_string(waited));
    PrlHandle_Free(job);
    return false;
  }
  PRL_RESULT code = PRL_ERR_UNEXPECTED;
  PrlJob_GetRetCode(job, &code);
  PrlHandle_Free(job);
  if (PRL_FAILED(code)) {
    std::fprintf(stderr, "%s: %s\n", call, prl_result_to_string(code));
    return false;
  }
  return true;
}

void print_state(PRL_HANDLE vm) {
  const PRL_HANDLE job = PrlVm_GetState(vm);
  PRL_HANDLE result = PRL_INVALID_HANDLE;
  PRL_HANDLE info = PRL_INVALID_HANDLE;
  VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
  PrlJob_Wait(job, kTimeoutMs);
  PrlJob_GetResult(job, &result);
  PrlResult_GetParam(result, &info);
  PrlVmInfo_GetState(info, &state);
  PrlHandle_Free(info);
  PrlHandle_Free(result);
  PrlHandle_Free(job);

  char path[kTextBytes];
  PRL_UINT32 length = sizeof path;
  struct stat file = {};
  const auto get_path = control_call<decltype(&PrlSim_GetImagePath)>("PrlSim_GetImagePath");
  if (get_path && PRL_SUCCEEDED(get_path(vm, path, &length)) && stat(path, &file) == 0) {
    std::printf("  the VM is %s; its image takes %.1f MiB on the disk\n", state_word(state),
                static_cast<double>(file.st_size) / (1024 * 1024));
  } else {
    std::printf("  the VM is %s\n", state_word(state));
  }
}

Stopwatch::Stopwatch() : wall_start_ms_(wall_time_ms()), virtual_start_ms_(virtual_time_ms()) {}

void Stopwatch::print(const char* what) const {
  std::printf("  %s took %" PRIu64 " simulated ms, %.0f ms here\n", what,
              static_cast<uint64_t>(virtual_time_ms() - virtual_start_ms_),
              wall_time_ms() - wall_start_ms_);
}

int run_sample(int argc, char** argv, bool (*step)(PRL_HANDLE vm)) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s VM\n", argv[0]);
    return 2;
  }
  const Session session;
  if (!session.is_open()) return 1;
  const PRL_HANDLE vm = GetVmByName(argv[1], session.server());
  if (vm == PRL_INVALID_HANDLE) return 1;
  const bool succeeded = step(vm);
  print_state(vm);
  PrlHandle_Free(vm);
  return succeeded ? 0 : 1;
}
