// A PHT_SERVER object: the client's connection to the simulated host, its event handlers and its
// notification thread. Any thread may use it.
#pragma once

#include <prlsdk/Parallels.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "sdk/delivery.h"
#include "sdk/event.h"
#include "sdk/handle_table.h"
#include "sdk/handlers.h"
#include "sdk/job.h"
#include "sdk/objects.h"
#include "simulator/short_lock.h"
#include "simulator/uuid_map.h"
#include "simulator/world.h"

namespace prl::sdk {

class Library;
class VmHandle;

// What a session is connected to (core-api 7.3).
struct Connection {
  std::string host;
  PRL_UINT32 port = 0;
  bool is_local = true;
  bool is_proxy = false;
  LoginAnswer answer;
};

// Whose session it is, and what texts about owners are made of.
struct ServerUser {
  sim::SessionUser user;
  std::string first_user;  // of the host
  std::string host_name;
};

// What has gone over a connection since its login, in packages.
struct Traffic {
  uint64_t sent = 0;
  uint64_t received = 0;
};

// The moments that a client has told its session, in seconds since 1970; 0 where it has not.
struct SessionTimes {
  uint64_t trusted = 0;
  uint64_t revocation = 0;  // of lists of certificates
};

class Server final : public Object, public sim::SessionObserver {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_SERVER;
  explicit Server(Library& library);
  // Ends the session and leaves the notification thread to the library; see ends_elsewhere().
  ~Server() override;
  bool ends_elsewhere() const override { return true; }

  // -- The session.
  bool is_connected() const { return sim::SessionObserver::is_open(); }
  // A login is under way: whatever it brings is told to the handlers.
  void expect_session();
  void begin_session(Connection connection, ServerUser user);
  // Without a session everything of it is empty.
  Connection connection() const;
  // Of the last session too, as what handles keep is. Empty before the first.
  ServerUser user() const;
  bool is_first_user() const { return is_first_user_.load(std::memory_order_relaxed); }
  // Finishes every unfinished job but `last` with `code`: their answers can never come.
  void end_session(PRL_RESULT code, const Job* last);
  // Finishes the job of a voluntary logoff, the last thing that handlers see until the next login.
  void log_off(Job& job, Job::Outcome outcome);
  bool is_non_interactive() const { return non_interactive_.load(); }
  void set_non_interactive(bool value) { non_interactive_.store(value); }
  Traffic traffic() const;
  SessionTimes times() const;
  void set_trusted_time(uint64_t seconds);
  void set_revocation_time(uint64_t seconds);
  bool is_confirming() const { return confirming_.load(); }
  void set_confirming(bool value) { confirming_.store(value); }

  // -- The VM handles of this server: one object per VM while a handle to it lives.
  // The handle of the VM, loaded with this configuration; made when there is none. `likely` is what
  // expect_vms() has said of it, or 0: right or wrong, it changes nothing but the time.
  Ref<VmHandle> vm_handle(const sim::VmConfig& config, uint32_t likely = 0);
  // Somebody will soon ask for the handles of these, at most kExpected of them: brings those that
  // there are into the cache and returns their values, 0 where there is none.
  static constexpr size_t kExpected = 8;
  std::array<uint32_t, kExpected> expect_vms(std::span<const sim::VmView> vms);
  // Empty where there is none.
  Ref<VmHandle> find_vm(const sim::Uuid& uuid);
  // Moves the handle to another uuid.
  void rename_vm(const sim::Uuid& from, const sim::Uuid& to, uint32_t value);
  void forget_vm(const sim::Uuid& uuid, uint32_t value);

  // -- Jobs.
  void remember_job(uint32_t value);
  void forget_job(uint32_t value);
  // Queues the notification of a finished job.
  void deliver_job(Job& finished, sim::Telling telling);
  // Queues an event for the handlers of this session.
  void deliver_event(EventContent content, sim::Telling telling = sim::Telling::kOnce);
  // An event of this session. Call with the world unlocked.
  Ref<Event> make_event(EventContent content);

  Handlers handlers;
  const std::shared_ptr<std::atomic<uint32_t>>& subscribers() const { return subscribers_; }
  Delivery& delivery() { return *delivery_; }
  Library& library() const { return library_; }
  // In which the server was made, or of the host that it has logged in to since.
  uint32_t world_number() const { return world_number_->load(std::memory_order_acquire); }
  sim::World& world() const;
  // Goes to another world, where a login that follows takes place; the session in this one ends
  // without a word. False, and nothing has changed, while a job of the server is unfinished.
  bool go_to(uint32_t world_number);

  // sim::SessionObserver: called with the world locked.
  void on_state_changed(const sim::Uuid& vm, sim::State state) override;
  void on_tasks_changed(const sim::Uuid& vm, const sim::VmTasks& tasks) override;
  void on_config_changed(const sim::Uuid& vm) override;
  void on_notice(const sim::Uuid& vm, sim::VmNotice notice) override;
  void on_shutdown(const sim::Uuid& host) override;
  void on_connection_lost() override;
  void on_vm_added(const sim::Uuid& vm) override;
  void on_vm_deleted(const sim::Uuid& vm) override;
  void on_vm_unregistered(const sim::Uuid& vm) override;
  void on_host_event(const sim::HostEvent& event) override;
  void on_notice(const sim::Uuid& vm, const sim::Notice& notice) override;
  void on_progress(const sim::Uuid& vm, const sim::Progress& progress) override;

 private:
  explicit Server(Library& library, std::shared_ptr<std::atomic<uint32_t>> subscribers);
  Ref<VmHandle> find_vm_again(const sim::Uuid& uuid);
  Ref<VmHandle> load_vm(uint32_t value, const sim::VmConfig& config);
  uint32_t vm_value(const sim::Uuid& uuid);
  void dispatch_event(EventContent&& content, uint64_t package_id);
  template <class Work>
  void put(Work work, sim::Telling telling);
  void put_event(EventContent content, sim::Telling telling);
  void tell(EventContent content, sim::Telling telling = sim::Telling::kOnce);
  template <class Make>
  void put_event_of(Make make, sim::Telling telling);
  template <class Make>
  void tell_of(Make make, sim::Telling telling);
  bool note_progress(uint32_t job, uint32_t percent);
  void tell_of_job(EventContent content, const sim::FollowedJob& followed, uint32_t percent);
  void take_out_job(uint32_t value);
  sim::SecurityChanged rights_for_this(const sim::SecurityChanged& changed) const;

  Library& library_;
  const std::shared_ptr<std::atomic<uint32_t>> subscribers_;
  std::atomic<bool> non_interactive_{false};
  std::atomic<bool> confirming_{false};
  std::atomic<bool> is_first_user_{true};  // of user_
  std::atomic<uint64_t> vms_changes_{0};   // counts them; with mutex_ held
  // Of the notification thread: what it has looked up last, and after which change.
  struct Seen {
    sim::Uuid vm;
    uint32_t value = 0;
    uint64_t changes = UINT64_MAX;
  };
  alignas(sim::kLineBytes) Seen seen_;
  HandleTable::Reserved reserved_;  // for events; of that thread too

  alignas(sim::kLineBytes) std::atomic<uint64_t> sent_{0};  // packages since the login

  mutable sim::ShortLock mutex_;
  // Guarded by mutex_.
  bool logged_off_ = false;  // since the last login: nothing is told to handlers (core-api 3.6)
  Connection connection_;
  ServerUser user_;
  SessionTimes times_;
  sim::UuidMap<uint32_t> vms_;  // handle values; may name dead handles
  std::vector<uint32_t> jobs_;  // handle values of unfinished jobs, ascending

  // The notification thread has it too.
  alignas(sim::kLineBytes) const std::shared_ptr<std::atomic<uint32_t>> world_number_;
  std::unique_ptr<Delivery> delivery_;  // never null
};

}  // namespace prl::sdk
