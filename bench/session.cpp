#include "bench/session.h"

#include <prlsdk/prl_sim.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace prl::bench {

namespace {

constexpr PRL_UINT32 kTimeoutMs = 60'000;  // of virtual time
constexpr char kVmName[] = "bench";

void clear_environment() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text(*entry);
    if (text.starts_with("PRLSIM_")) names.emplace_back(text.substr(0, text.find('=')));
  }
  for (const std::string& name : names) ::unsetenv(name.c_str());
}

std::string scenario(uint32_t ram_mib) {
  return "clock = \"virtual\"\n[[vm]]\nname = \"" + std::string(kVmName) +
         "\"\nstate = \"running\"\nram_mib = " + std::to_string(ram_mib) + "\n";
}

}  // namespace

void check(PRL_RESULT code) {
  if (PRL_FAILED(code)) throw std::runtime_error("the API returned " + std::to_string(code));
}

void await(PRL_HANDLE job) {
  PRL_RESULT code = PRL_ERR_UNINITIALIZED;
  check(PrlJob_Wait(job, kTimeoutMs));
  check(PrlJob_GetRetCode(job, &code));
  check(PrlHandle_Free(job));
  check(code);
}

void Session::log_in(const std::string& scenario) {
  check(PrlSim_SetScenario(scenario.c_str()));
  check(PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0));
  check(PrlSrv_Create(&server_));
  await(PrlSrv_LoginLocal(server_, "", 0, PSL_NORMAL_SECURITY));
}

Session::Session(uint32_t ram_mib) : Session(scenario(ram_mib)) {}

Session::Session(const std::string& scenario) {
  clear_environment();
  log_in(scenario);
  vm_ = find_vm(kVmName);
}

Session::Session(const std::string& scenario, const std::string& home) {
  clear_environment();
  ::setenv("PRLSIM_HOME", home.c_str(), 1);
  log_in(scenario);
}

PRL_HANDLE Session::find_vm(const std::string& name) const {
  const PRL_HANDLE job = PrlSrv_GetVmConfig(server_, name.c_str(), PGVC_SEARCH_BY_NAME);
  check(PrlJob_Wait(job, kTimeoutMs));
  PRL_HANDLE result = PRL_INVALID_HANDLE;
  PRL_HANDLE vm = PRL_INVALID_HANDLE;
  check(PrlJob_GetResult(job, &result));
  check(PrlResult_GetParam(result, &vm));
  check(PrlHandle_Free(result));
  check(PrlHandle_Free(job));
  return vm;
}

// Deinit ends the session and all handles with it.
Session::~Session() { PrlApi_Deinit(); }

}  // namespace prl::bench
