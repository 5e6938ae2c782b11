#include "tests/sdk/home_session.h"

#include <array>
#include <cstring>
#include <sstream>

namespace prl::tests {

namespace {

constexpr PRL_UINT32 kWaitMs = 60'000;
constexpr uint32_t kCpuCount = 2;
constexpr size_t kPieceBytes = 12'000;  // no multiple of a page
// At the start, across many pages, and at the very end of the memory.
constexpr std::array<uint64_t, 3> kPieces = {0x20'0000, 0xA0'0123,
                                             kRamMib * 1024 * 1024 - kPieceBytes};

std::vector<uint8_t> pattern(uint64_t seed, uint64_t address) {
  std::vector<uint8_t> bytes(kPieceBytes);
  uint64_t state = seed * 0x9E37'79B9'7F4A'7C15 + address;
  for (uint8_t& byte : bytes) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<uint8_t>(state >> 56);
  }
  return bytes;
}

std::string text_of(PRL_HANDLE handle, PRL_RESULT (*get)(PRL_HANDLE, PRL_STR, PRL_UINT32_PTR)) {
  std::array<char, 4096> buffer{};
  PRL_UINT32 bytes = buffer.size();
  return get(handle, buffer.data(), &bytes) == PRL_ERR_SUCCESS ? buffer.data() : "";
}

std::string error_text(PRL_HANDLE job) {
  PRL_HANDLE event = PRL_INVALID_HANDLE;
  if (PrlJob_GetError(job, &event) != PRL_ERR_SUCCESS) return "";
  std::array<char, 4096> buffer{};
  PRL_UINT32 bytes = buffer.size();
  PrlEvent_GetErrString(event, PRL_FALSE, PRL_FALSE, buffer.data(), &bytes);
  PrlHandle_Free(event);
  return buffer.data();
}

}  // namespace

std::string code_name(PRL_RESULT code) {
  PRL_CONST_STR name = nullptr;
  PrlDbg_PrlResultToString(code, &name);
  return name ? name : "unknown";
}

HomeSession::~HomeSession() { close(); }

PRL_RESULT HomeSession::open() {
  if (const PRL_RESULT code = PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0)) return code;
  initialised_ = true;
  PrlSrv_Create(&server_);
  return finish(PrlSrv_LoginLocal(server_, "", 0, PSL_HIGH_SECURITY));
}

void HomeSession::close() {
  if (!initialised_) return;
  initialised_ = false;
  finish(PrlSrv_Logoff(server_));
  if (vm_ != PRL_INVALID_HANDLE) PrlHandle_Free(vm_);
  vm_ = PRL_INVALID_HANDLE;
  PrlHandle_Free(server_);
  PrlApi_Deinit();
}

// Waits for the job and frees it; `parameter` gets the first one of its result.
PRL_RESULT HomeSession::finish(PRL_HANDLE job, PRL_HANDLE* parameter) {
  message_.clear();
  PRL_RESULT code = PrlJob_Wait(job, kWaitMs);
  if (code == PRL_ERR_SUCCESS) PrlJob_GetRetCode(job, &code);
  if (code != PRL_ERR_SUCCESS) message_ = error_text(job);
  if (code == PRL_ERR_SUCCESS && parameter) {
    PRL_HANDLE result = PRL_INVALID_HANDLE;
    PrlJob_GetResult(job, &result);
    code = PrlResult_GetParam(result, parameter);
    PrlHandle_Free(result);
  }
  PrlHandle_Free(job);
  return code;
}

PRL_RESULT HomeSession::run(const std::string& command) {
  std::istringstream words(command);
  std::string verb;
  std::string argument;
  words >> verb >> argument;
  if (verb == "create") return create(argument);
  if (verb == "select") return select(argument);
  if (verb == "unreg") return finish(PrlVm_Unreg(vm_));
  if (verb == "delete") return finish(PrlVm_Delete(vm_, PRL_INVALID_HANDLE));
  if (verb == "start") return finish(PrlVm_Start(vm_));
  if (verb == "stop") return finish(PrlVm_Stop(vm_, PRL_FALSE));
  if (verb == "pause") return finish(PrlVm_Pause(vm_, PRL_FALSE));
  if (verb == "resume") return finish(PrlVm_Resume(vm_));
  if (verb == "suspend") return finish(PrlVm_Suspend(vm_));
  if (verb == "drop") return finish(PrlVm_DropSuspendedState(vm_));
  if (verb == "copy") return finish(PrlVm_Clone(vm_, argument.c_str(), "", PRL_FALSE));
  if (verb == "move") return finish(PrlVm_Move(vm_, argument.c_str(), 0));
  if (verb == "snapshot") return finish(PrlVm_CreateSnapshot(vm_, argument.c_str(), ""));
  if (verb == "switch") {
    return finish(PrlVm_SwitchToSnapshot(vm_, snapshot_called(argument).c_str()));
  }
  if (verb == "forget") {
    return finish(PrlVm_DeleteSnapshot(vm_, snapshot_called(argument).c_str(), PRL_FALSE));
  }
  if (verb == "backup") {
    return finish(
        PrlSrv_CreateVmBackup(server_, vm_uuid().c_str(), "", 0, "", "", 0, 0, PRL_FALSE));
  }
  if (verb == "restore") {
    return finish(
        PrlSrv_RestoreVmBackup(server_, vm_uuid().c_str(), "", "", 0, "", "", "", 0, 0, PRL_FALSE));
  }
  if (verb == "unbackup") {
    return finish(
        PrlSrv_RemoveVmBackup(server_, vm_uuid().c_str(), "", "", 0, "", 0, 0, PRL_FALSE));
  }
  if (verb == "fill") return fill(std::stoull(argument));
  if (verb == "check") return check(std::stoull(argument));
  if (verb == "mark") return mark(std::stoull(argument));
  return PRL_ERR_UNIMPLEMENTED;
}

std::string HomeSession::vm_uuid() { return text_of(vm_, &PrlVmCfg_GetUuid); }

PRL_RESULT HomeSession::create(const std::string& name) {
  if (vm_ != PRL_INVALID_HANDLE) PrlHandle_Free(vm_);
  if (const PRL_RESULT code = PrlSrv_CreateVm(server_, &vm_)) return code;
  PrlVmCfg_SetName(vm_, name.c_str());
  PrlVmCfg_SetRamSize(vm_, kRamMib);
  PrlVmCfg_SetCpuCount(vm_, kCpuCount);
  return finish(PrlVm_Reg(vm_, "", PRL_TRUE));
}

PRL_RESULT HomeSession::select(const std::string& name) {
  PRL_HANDLE found = PRL_INVALID_HANDLE;
  const PRL_RESULT code =
      finish(PrlSrv_GetVmConfig(server_, name.c_str(), PGVC_SEARCH_BY_NAME), &found);
  if (code != PRL_ERR_SUCCESS) return code;
  if (vm_ != PRL_INVALID_HANDLE) PrlHandle_Free(vm_);
  vm_ = found;
  return code;
}

PRL_RESULT HomeSession::fill(uint64_t seed) {
  for (const uint64_t address : kPieces) {
    const std::vector<uint8_t> bytes = pattern(seed, address);
    if (const PRL_RESULT code = PrlSim_WriteGuestMemory(vm_, address, bytes.data(), bytes.size())) {
      return code;
    }
  }
  return PRL_ERR_SUCCESS;
}

PRL_RESULT HomeSession::check(uint64_t seed) {
  for (const uint64_t address : kPieces) {
    std::vector<uint8_t> bytes(kPieceBytes);
    if (const PRL_RESULT code = PrlSim_ReadGuestMemory(vm_, address, bytes.data(), bytes.size())) {
      return code;
    }
    if (bytes != pattern(seed, address)) return PRL_ERR_NO_DATA;
  }
  return PRL_ERR_SUCCESS;
}

PRL_RESULT HomeSession::mark(uint64_t number) {
  for (uint32_t vcpu = 0; vcpu < kCpuCount; ++vcpu) {
    PrlSim_Registers registers;
    if (const PRL_RESULT code = PrlSim_GetRegisters(vm_, vcpu, &registers)) return code;
    registers.general[15] = number + vcpu;
    registers.cr3 = number << 12;
    registers.segments[5].base = ~number;
    if (const PRL_RESULT code = PrlSim_SetRegisters(vm_, vcpu, &registers)) return code;
  }
  return PRL_ERR_SUCCESS;
}

std::string HomeSession::tree() {
  PRL_HANDLE job = PrlVm_GetSnapshotsTree(vm_);
  PrlJob_Wait(job, kWaitMs);
  PRL_HANDLE result = PRL_INVALID_HANDLE;
  std::string text;
  if (PrlJob_GetResult(job, &result) == PRL_ERR_SUCCESS) {
    text = text_of(result, &PrlResult_GetParamAsString);
  }
  if (result != PRL_INVALID_HANDLE) PrlHandle_Free(result);
  PrlHandle_Free(job);
  return text;
}

std::string HomeSession::snapshot_called(const std::string& name) {
  const std::string text = tree();
  const size_t at = text.find("<Name>" + name + "</Name>");
  constexpr std::string_view kGuid = "guid=\"";
  constexpr size_t kGuidLength = 38;
  const size_t guid = at == std::string::npos ? at : text.rfind(kGuid, at);
  return guid == std::string::npos ? "" : text.substr(guid + kGuid.size(), kGuidLength);
}

std::vector<std::string> HomeSession::snapshots() {
  std::vector<std::string> names;
  const std::string text = tree();
  constexpr std::string_view kName = "<Name>";
  for (size_t at = 0; (at = text.find(kName, at)) != std::string::npos;) {
    at += kName.size();
    names.push_back(text.substr(at, text.find('<', at) - at));
  }
  return names;
}

std::string HomeSession::state() {
  PRL_HANDLE info = PRL_INVALID_HANDLE;
  if (finish(PrlVm_GetState(vm_), &info) != PRL_ERR_SUCCESS) return "none";
  VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
  PrlVmInfo_GetState(info, &state);
  PrlHandle_Free(info);
  switch (state) {
    case VMS_STOPPED: return "stopped";
    case VMS_RUNNING: return "running";
    case VMS_PAUSED: return "paused";
    case VMS_SUSPENDED: return "suspended";
    default: return std::to_string(state);
  }
}

std::string HomeSession::registers() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (uint32_t vcpu = 0; vcpu < kCpuCount; ++vcpu) {
    PrlSim_Registers registers;
    if (PrlSim_GetRegisters(vm_, vcpu, &registers) != PRL_ERR_SUCCESS) return "none";
    std::array<uint8_t, sizeof(registers)> bytes;
    std::memcpy(bytes.data(), &registers, sizeof(registers));
    for (const uint8_t byte : bytes) {
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15];
    }
  }
  return text;
}

uint64_t HomeSession::boot_count() {
  PRL_UINT64 count = 0;
  PrlSim_GetBootCount(vm_, &count);
  return count;
}

std::string HomeSession::image_path() { return text_of(vm_, &PrlSim_GetImagePath); }

std::vector<std::string> HomeSession::list() {
  std::vector<std::string> names;
  PRL_HANDLE job = PrlSrv_GetVmList(server_);
  PrlJob_Wait(job, kWaitMs);
  PRL_HANDLE result = PRL_INVALID_HANDLE;
  PRL_UINT32 count = 0;
  if (PrlJob_GetResult(job, &result) == PRL_ERR_SUCCESS) PrlResult_GetParamsCount(result, &count);
  for (PRL_UINT32 i = 0; i < count; ++i) {
    PRL_HANDLE vm = PRL_INVALID_HANDLE;
    PrlResult_GetParamByIndex(result, i, &vm);
    names.push_back(text_of(vm, &PrlVmCfg_GetName));
    PrlHandle_Free(vm);
  }
  if (result != PRL_INVALID_HANDLE) PrlHandle_Free(result);
  PrlHandle_Free(job);
  return names;
}

}  // namespace prl::tests
