// The library between Init and Deinit, and the only place where simulator, faults and clock are
// wired together. There is at most one; calls reach it through the boundary.
#pragma once

#include <prlsdk/Parallels.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "sdk/call_gate.h"
#include "sdk/delivery.h"
#include "sdk/handle_table.h"
#include "sdk/job.h"
#include "sdk/ledger.h"
#include "sdk/worlds.h"
#include "simulator/lone_thread.h"
#include "simulator/world.h"

namespace prl::sdk {

class Server;

// A handle as clients hold it is the value in the clothes of a pointer (core-api 2.1).
inline PRL_HANDLE to_handle(uint32_t value) {
  return reinterpret_cast<PRL_HANDLE>(static_cast<uintptr_t>(value));
}
inline uint64_t from_handle(PRL_HANDLE handle) { return reinterpret_cast<uintptr_t>(handle); }

struct InitArguments {
  PRL_UINT32 version = 0;
  PRL_APPLICATION_MODE mode = PAM_SERVER;
};

class Library {
 public:
  Library(const InitArguments& arguments, PlaceOptions options, uint32_t first_handle_value,
          LedgerOptions ledger);
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  // REQUIRES: no call is in progress.
  ~Library();

  // Ends all sessions and threads and destroys all objects; the rest is memory. Returns where the
  // handle values of the next library go on.
  uint32_t end();

  HandleTable& handles() { return handles_; }
  Worlds& worlds() { return worlds_; }
  // Of the property of that number in all_properties(). Thread-safe.
  sim::LeafHint& hint(uint16_t property) { return hints_[property]; }
  const InitArguments& arguments() const { return arguments_; }

  // Null where nothing is written down.
  Ledger* ledger() { return ledger_.get(); }

  // -- The client's references.
  // One more for the client, to an object that the caller holds. False where no more can be
  // counted.
  template <class T>
  bool hand_out(const Ref<T>& object) {
    if (!handles_.add_client_reference(object)) return false;
    if (ledger_) ledger_->given(object->value(), object->type());
    return true;
  }
  // One less; false when there is none or the value is unknown.
  bool take_back(uint64_t value);

  // Numbers of the packets that the simulated server sends; the first is 1 (core-api 2.6).
  uint64_t next_package_id() { return sim::add_to(packages_, uint64_t{1}) + 1; }

  // Counts the server objects from 1.
  uint64_t next_server_number() { return server_numbers_.fetch_add(1) + 1; }

  Ref<Server> make_server();
  // Finishes the job and queues its notification. REQUIRES: the job has a server.
  void finish_job(Job& job, Job::Outcome&& outcome);
  // The same for a success that has nothing else to say.
  void finish_job_well(Job& job, sim::Telling telling);
  // Ends the sessions of the servers in a world that has ended.
  void end_sessions(uint32_t world_number);
  // Waits until the handlers of all servers in a world have been told what there has been to tell.
  // False where they have not at this moment. REQUIRES: not in a handler.
  bool await_handlers(uint32_t world_number, std::chrono::steady_clock::time_point deadline);
  // Lets the handlers of all servers in the world catch up where its delivery asks for that before
  // this pause ends; not in a handler. False where they have not, which the trace says.
  bool settle_handlers(Place& place, sim::Pause pause);
  // Destroys the servers whose last handle is gone, and joins notification threads that outlived
  // their server and have ended since. Waits for no handler. Call with no lock held; every call
  // does.
  void bury_dead() {
    if (handles_.has_dead() || has_retired_.load(std::memory_order_acquire)) bury();
  }

  // -- The one instance. `gate` is open exactly while it can be used.
  static CallGate gate;
  // REQUIRES: inside the gate.
  static Library& instance() { return *instance_; }
  // PrlApi_InitEx and PrlApi_Deinit: count, and do the work at the first and the last
  // (core-api 1.1, 1.2).
  static PRL_RESULT init(const InitArguments& arguments);
  static PRL_RESULT deinit();
  // What the ledger says, or said when the last library ended.
  static LedgerCounts ledger_counts();
  static std::string ledger_text();

 private:
  template <class Ask>
  static auto ask_ledger(Ask ask);

  // Owned; null: there is none. Changed while the gate is closed, with the mutex of Init held.
  static Library* instance_;

  const InitArguments arguments_;
  alignas(sim::kLineBytes) std::atomic<uint64_t> packages_{0};
  std::atomic<uint64_t> server_numbers_{0};
  alignas(sim::kLineBytes) std::vector<sim::LeafHint> hints_;
  HandleTable handles_;
  Worlds worlds_;
  std::unique_ptr<Ledger> ledger_;

  std::mutex servers_mutex_;
  // Guarded by servers_mutex_.
  std::set<Server*> servers_;
  std::vector<std::unique_ptr<Delivery>> retired_;  // their servers are gone
  std::atomic<bool> has_retired_{false};

  friend class Server;
  void bury();
  std::vector<Ref<Server>> servers_in(uint32_t world_number);
  std::vector<Ref<Server>> servers_at(const Place& place);
  bool catch_up(Place& place);
  void settle_all();
  void forget_server(Server& server);
  void retire(std::unique_ptr<Delivery> delivery);
};

}  // namespace prl::sdk
