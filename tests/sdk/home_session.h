// A client's session on the simulated host, as the tests of the home use it: in their own process
// and, through home_client, in others. One thread.
#pragma once

#include <prlsdk/Parallels.h>
#include <prlsdk/prl_sim.h>

#include <cstdint>
#include <string>
#include <vector>

namespace prl::tests {

// The size of the VMs that create() makes.
inline constexpr uint32_t kRamMib = 32;

class HomeSession {
 public:
  HomeSession() = default;
  HomeSession(const HomeSession&) = delete;
  HomeSession& operator=(const HomeSession&) = delete;
  // Ends the session in an orderly way if nobody has yet.
  ~HomeSession();

  // Init and login. What the login says when it fails is in message().
  PRL_RESULT open();
  // Logoff and Deinit.
  void close();

  // Carries out one command, whose words are separated by spaces:
  //   create NAME, select NAME, unreg, delete: of VMs; the others are about the selected one
  //   start, stop, pause, resume, suspend, drop
  //   copy NAME, move PATH: clones it, moves it below another folder
  //   snapshot NAME, switch NAME, forget NAME: takes, restores and deletes a snapshot of that name
  //   backup, restore, unbackup: makes a backup, brings the newest one back, removes all of them
  //   fill SEED, check SEED: a pattern in the guest's memory
  //   mark NUMBER: puts the number into registers of each processor
  // Returns what the API said.
  PRL_RESULT run(const std::string& command);
  const std::string& message() const { return message_; }

  // "stopped", "running", "paused", "suspended", otherwise the number; "none" for no such VM.
  std::string state();
  // All registers of all processors, as hexadecimal digits.
  std::string registers();
  uint64_t boot_count();
  std::string image_path();
  // Names, in the order of the host.
  std::vector<std::string> list();
  // Names, in the order of the tree.
  std::vector<std::string> snapshots();

 private:
  PRL_RESULT finish(PRL_HANDLE job, PRL_HANDLE* parameter = nullptr);
  std::string vm_uuid();
  PRL_RESULT create(const std::string& name);
  PRL_RESULT select(const std::string& name);
  std::string tree();
  std::string snapshot_called(const std::string& name);
  PRL_RESULT fill(uint64_t seed);
  PRL_RESULT check(uint64_t seed);
  PRL_RESULT mark(uint64_t number);

  PRL_HANDLE server_ = PRL_INVALID_HANDLE;
  PRL_HANDLE vm_ = PRL_INVALID_HANDLE;
  bool initialised_ = false;
  std::string message_;
};

// The name of a code, "PRL_ERR_TIMEOUT".
std::string code_name(PRL_RESULT code);

}  // namespace prl::tests
