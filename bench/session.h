// A client of the public API, for benchmarks: logged in to a host with one VM that runs idle, under
// clock `virtual`, so that simulated latency costs nothing and what remains is the library. One at
// a time, one thread. What a client must not see go wrong is an exception.
#pragma once

#include <prlsdk/Parallels.h>

#include <cstdint>
#include <string>

namespace prl::bench {

// Throws unless the code means success.
void check(PRL_RESULT code);
// Waits for a job, asks for its code, frees it, and throws unless it succeeded.
void await(PRL_HANDLE job);

class Session {
 public:
  // Removes all PRLSIM_ variables from the environment of the process: the library reads them.
  explicit Session(uint32_t ram_mib);
  // With this scenario, which has a VM named "bench".
  explicit Session(const std::string& scenario);
  // A host with the VMs of the scenario, which lives in the folder `home`.
  Session(const std::string& scenario, const std::string& home);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  PRL_HANDLE vm() const { return vm_; }
  PRL_HANDLE server() const { return server_; }
  // The caller's to free.
  PRL_HANDLE find_vm(const std::string& name) const;

 private:
  void log_in(const std::string& scenario);

  PRL_HANDLE server_ = PRL_INVALID_HANDLE;
  PRL_HANDLE vm_ = PRL_INVALID_HANDLE;
};

}  // namespace prl::bench
