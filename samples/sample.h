// What the sample programs share: a session with the host, loaded through SdkWrap as the SDK's
// guide does it, and the VM named on the command line.
#pragma once

#include "SdkWrap.h"

// A loaded library, initialised and logged in to the local host. One at a time.
class Session {
 public:
  Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  // Logs off, frees the server, deinitialises and unloads.
  ~Session();

  // False after a failure, which has been printed.
  bool is_open() const { return is_open_; }
  PRL_HANDLE server() const { return server_; }

 private:
  bool is_open_ = false;
  PRL_HANDLE server_ = PRL_INVALID_HANDLE;
};

// The first VM of that name in the server's list, owned by the caller; PRL_INVALID_HANDLE when
// there is none, which has then been printed.
PRL_HANDLE GetVmByName(const char* name, PRL_HANDLE server);

// Waits for the job, prints on either error path what went wrong, and frees the job. `call` names
// the function that made it.
bool finish(const char* call, PRL_HANDLE job, PRL_UINT32 timeout_ms);

// Prints the state of the VM and, when it has one, the size of its image on the disk.
void print_state(PRL_HANDLE vm);

// Measures from construction: on the wall, and in the virtual time of prlsim.
class Stopwatch {
 public:
  Stopwatch();
  void print(const char* what) const;

 private:
  double wall_start_ms_;
  PRL_UINT64 virtual_start_ms_;
};

// Opens a session, finds the VM named by the first argument and calls step(vm). Returns what main()
// has to return.
int run_sample(int argc, char** argv, bool (*step)(PRL_HANDLE vm));
