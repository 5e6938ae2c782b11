// One of the threads that use a shared host at the same time, and what they tell each other.
#pragma once

#include <prlsdk/Parallels.h>
#include <prlsdk/prl_kit.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/shared_host.h"

namespace prl::model {

std::string uuid_of(size_t vm);
Code code_of(PRL_RESULT code);
kit::Handle first_of(const kit::JobEnd& end);
std::string text_of(const kit::JobEnd& end);
// What the thread's request writes, where it is a Commit. They are counted from 1.
std::string commit_text(uint8_t thread, size_t request);

// What threads tell each other of the snapshots that have been taken. Synchronised.
class Board {
 public:
  struct Taken {
    std::string uuid;
    uint8_t vm = 0;
    uint8_t thread = 0;
    uint32_t request = 0;  // of that thread
  };

  void put(Taken taken) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(taken));
  }
  // Of the VM, counted from the last.
  std::optional<Taken> find(uint8_t vm, size_t place) const {
    const std::lock_guard lock(mutex_);
    for (auto taken = all_.rbegin(); taken != all_.rend(); ++taken) {
      if (taken->vm == vm && place-- == 0) return *taken;
    }
    return std::nullopt;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Taken> all_;
};

// For one thread. What it is given outlives it.
class Client {
 public:
  // VMs migrate to the host of the server `there`.
  Client(const kit::Handle& server, const kit::Handle& there, uint8_t thread, uint8_t login,
         size_t vms, std::atomic<uint64_t>& moment, Board& board,
         const std::map<Act, Fault>& faults);

  void run(const std::vector<Task>& tasks);
  const std::vector<Request>& requests() const { return requests_; }
  // Whose request each of them is about, where it is about one.
  const std::vector<uint8_t>& about() const { return about_; }

 private:
  void begin(const Task& task);
  void end_all();
  void tell_of(size_t request);
  std::optional<uint32_t> last_job() const;
  PRL_HANDLE ask(const Order& order);
  PRL_HANDLE ask_about_snapshot(PRL_HANDLE vm, Act act);
  PRL_HANDLE strike(const char* kind, uint8_t vm);
  PRL_HANDLE migrate(PRL_HANDLE vm, PRL_UINT32 flags);
  PRL_HANDLE commit(PRL_HANDLE vm);
  std::string new_name() const;  // of what the present request makes

  const kit::Handle& there_;
  const uint8_t thread_;
  const uint8_t login_;
  std::atomic<uint64_t>& moment_;
  Board& board_;
  const std::map<Act, Fault>& faults_;
  std::vector<kit::Handle> vms_;
  std::string named_;  // the snapshot that the present request names
  std::vector<Request> requests_;
  std::vector<uint8_t> about_;
  std::vector<kit::Handle> jobs_;  // of the requests; none where there never was one
  size_t ended_ = 0;               // of the jobs
};

}  // namespace prl::model
