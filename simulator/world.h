// A whole simulated site: a host with its VMs, the clock, what is scheduled, the trace.
// Constructed, never global; a process may hold several.
//
// Threads. All public functions may be called from any thread. Steps (everything that happens on
// the simulated server) run one at a time. Clock `virtual`: there is no thread; a step runs in a
// thread that waits (wait), polls (step_once) or moves time (advance). Clock `scaled`: one worker,
// started by start(), runs the steps when they are due, or some 0.2 ms later in a world that is in
// use, unless a thread that waits is quicker.
//
// Lock order, for the whole project; a thread may only take a lock to the right of those it holds:
//   init/deinit (sdk/library) -> handler list (sdk/event), GuestDriver -> Disks and their disks ->
//   World::mutex_ -> server, job and VM handle (sdk) -> delivery queue (sdk/delivery) ->
//   Interventions, Questions, Guests, Displays, Cameras, Trace::mutex_
// Callbacks of clients run with none of them held but the handler list or GuestDriver that they
// belong to.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "simulator/access.h"
#include "simulator/appliance_requests.h"
#include "simulator/backup_requests.h"
#include "simulator/bundle_requests.h"
#include "simulator/cancellation.h"
#include "simulator/clock.h"
#include "simulator/clone_requests.h"
#include "simulator/edit_requests.h"
#include "simulator/host.h"
#include "simulator/host_registry.h"
#include "simulator/host_store.h"
#include "simulator/late_condition.h"
#include "simulator/latency.h"
#include "simulator/lock_waits.h"
#include "simulator/migration_requests.h"
#include "simulator/operation.h"
#include "simulator/peripherals.h"
#include "simulator/random.h"
#include "simulator/registry_requests.h"
#include "simulator/scheduler.h"
#include "simulator/site.h"
#include "simulator/snapshot_requests.h"
#include "simulator/step_turn.h"
#include "simulator/trace.h"
#include "simulator/unfinished.h"
#include "simulator/vm.h"
#include "simulator/vm_request.h"
#include "simulator/world_options.h"

namespace prl::sim {

class World final : public MigrationTarget, private Site {
 public:
  explicit World(WorldOptions options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  // As stop(); operations under way are lost, as when the server's process dies.
  ~World() override;

  // Scaled clock: starts the worker unless it runs. Virtual clock: nothing.
  void start();
  // Stops the worker for good, and gives the store back; where the store outlives the process, VMs
  // that are running or paused are first parked in it. No step runs after it has returned.
  void stop();

  // -- Requests to the simulated server. They return at once; `done` comes from a later step.
  // `admit`, where there is one, may refuse the login once the host is open, and says whose it is.
  using Admission = std::function<Outcome(HostStep&, SessionUser&)>;
  void login(FunctionName function, SessionObserver& observer, OperationDone done,
             Admission admit = nullptr);
  // Ends the session of this observer: nothing is told to it once `done` has been called.
  void logoff(FunctionName function, SessionObserver& observer, OperationDone done);
  // Ends all sessions. VMs that are alive prevent it or, by force, are suspended or stopped first.
  void shut_down(Caller caller, bool by_force, OperationDone done);
  void list(Caller caller, OperationDone done);
  void find(Caller caller, const Uuid& vm, OperationDone done);
  // As find(), also where another session has locked the VM; the report says so.
  void look(Caller caller, const Uuid& vm, OperationDone done);
  void find_by_name(Caller caller, std::string name, OperationDone done);
  void command(Caller&& caller, const Uuid& vm, CommandRequest request, OperationDone&& done);
  // Mounts its disks on the host; no path: below the VM's folder.
  void mount(Caller caller, const Uuid& vm, std::string path, bool reads_only,
             OperationDone&& done);
  EditRequests& edits() { return edits_; }
  RegistryRequests& registry() { return registry_; }
  SnapshotRequests& snapshots() { return snapshots_; }
  CloneRequests& clones() { return clones_; }
  BundleRequests& bundles() { return bundles_; }
  MigrationRequests& migrations() { return migrations_; }
  ApplianceRequests& appliances() { return appliances_; }
  BackupRequests& backups() { return backups_; }
  // Serves a request to the host itself; what `body` announces, every session is told.
  using HostBody = std::function<Report(HostStep&)>;
  void ask_host(FunctionName function, HostBody body, OperationDone done);
  // The same without a session: opens the host as a login does. The answer takes that much virtual
  // time more.
  void greet(FunctionName function, HostBody body, OperationDone done, uint64_t delay_ms = 0);
  // Does with the VM what the request says; reports no more than how it ended.
  void request(Caller caller, const Uuid& vm, VmRequest request, OperationDone done);
  // Asks an operation to stop; kTaskNotFound where it is over or cannot.
  void cancel(FunctionName function, std::shared_ptr<Cancellation> cancellation,
              OperationDone done);
  // An operation that only takes its time: for requests whose effect is the caller's own.
  void ping(FunctionName function, OperationDone done);

  // Ends the session of the observer at once, without an operation: its server handle is gone, or
  // leaves the world. Not where `may`, asked with the world locked, says no.
  void disconnect(SessionObserver& observer, const std::function<bool()>& may = {});

  Peripherals& peripherals() { return peripherals_; }
  // Asks all sessions; false where the VM is not registered.
  bool ask(Question question);

  Entry receive(const Arrival& arrive, Outcome& outcome) override;

  // -- Time. For a GuestDriver, which acts within a step, it stands still: waits end at once, and
  // what moves time does nothing.
  uint64_t time_ms() const;
  // How long a request usually takes from the client to the server.
  uint64_t request_ms() const;
  // Lets the dates of the host go on from that moment, in seconds since 1970.
  void set_date(int64_t seconds);
  const ClockSpec& clock() const { return clock_.spec(); }
  // Waits until finished() is true, for at most timeout_ms (virtual clock: of virtual time; scaled:
  // on the wall). finished() is evaluated with the world locked. `changed` must be notified
  // whenever finished() may have become true. Returns finished().
  bool wait(LateCondition& changed, const std::function<bool()>& finished,
            uint64_t timeout_ms);
  // Virtual clock: runs the next step, however far away it is; false when nothing is scheduled.
  // Any other clock: nothing, false.
  bool step_once();
  // Virtual and manual clock: runs all steps of the next delta_ms and moves time there. Scaled:
  // nothing.
  void advance(uint64_t delta_ms);
  // What a wait that has nothing to wait for does before it returns.
  void settle();

  // -- Faults (world_faults.cpp). False: strike_call() and strike_event() have nothing to say.
  Interventions* interventions() const { return interventions_.get(); }  // null: none
  bool is_disturbed() const { return interventions_ && interventions_->is_active(); }
  bool watches_call(std::string_view function) const {
    return interventions_ && interventions_->watches(Layer::kCall, function);
  }
  bool watches_memory(std::string_view function) const {
    return interventions_ && interventions_->watches(Layer::kMemory, function);
  }
  // What a rule of that kind would do in layer transition, delay_ms from now, to the VM with this
  // name or identity; empty: to no VM, or to every session. False where there is no such VM.
  bool strike_now(const Fault& fault, std::string_view vm);
  std::optional<Fault> strike_call(std::string_view function);
  // Whether there is no memory for an object of that type, which the call would hand out.
  bool strike_memory(std::string_view function, std::string_view object);
  // What becomes of an event about the VM, nil for the host. REQUIRES: within a call of a
  // SessionObserver, which has the world locked; so does later().
  std::optional<Fault> strike_event(std::string_view type, const Uuid& vm,
                                    const SessionObserver& session);
  // An event, in its line of the trace. REQUIRES: as strike_event().
  void note_told(std::string_view type, const Uuid& vm, const SessionObserver& session,
                 bool is_heard);
  void later(uint64_t delay_ms, Step&& step) { after(delay_ms, std::move(step)); }
  // Lets the calling thread take so much virtual time.
  void pass(uint64_t delay_ms);

  // -- Control access for tests (kit). Each answers for the present moment of the world.
  Uuid new_uuid();
  uint64_t new_number();
  GuestAccess read_memory(const Uuid& vm, uint64_t address, std::span<std::byte> bytes);
  GuestAccess write_memory(const Uuid& vm, uint64_t address, std::span<const std::byte> bytes);
  // Sets `memory` to where the range is to be found from now on. It can be used until the world is
  // no more, or unpin_memory(); as a part of the guest see Vm::pin_memory().
  GuestAccess pin_memory(const Uuid& vm, uint64_t address, uint64_t bytes, std::byte*& memory);
  // False where pin_memory() has not given it.
  bool unpin_memory(const std::byte* memory);
  GuestAccess get_vcpu(const Uuid& vm, uint32_t index, Vcpu& vcpu);
  GuestAccess set_vcpu(const Uuid& vm, uint32_t index, const Vcpu& vcpu);
  // Lets the driver act in the place of the VM's guest, see Vm::drive(); null: nobody. Ends the one
  // that was there. False where the VM is not registered.
  bool drive_guest(const Uuid& vm, std::shared_ptr<GuestDriver> driver);
  std::optional<VmRecord> record(const Uuid& vm);
  PropertyTree host_document(std::string_view name);
  // Nothing where the user of the session may not look at the VM; null: for the test itself.
  std::optional<VmView> view(const Uuid& vm, const SessionObserver* session = nullptr);
  // By name, or by the text of its identity. Opens the host if no session has done so.
  std::optional<VmView> look_up(std::string_view vm);
  // Bytes of the VM's image; 0 when there is none.
  uint64_t image_bytes(const Uuid& vm);
  std::string image_path(const Uuid& vm);

  uint64_t seed() const { return seed_; }
  Trace& trace() { return trace_; }
  using VmSurroundings::profile;

 private:
  using Lock = std::unique_lock<std::mutex>;
  using WallTime = std::chrono::steady_clock::time_point;

  // VmSurroundings and Site.
  int64_t date_seconds() const override;
  uint64_t duration_ms(Timed what, const Vm* vm = nullptr) override;
  bool ignores_shutdown(const Vm& vm) const override;
  SleepAnswer asked_to_sleep(const Vm& vm) const override;
  Storage& storage() override { return *storage_; }
  Verification verification() const override { return verification_; }
  void after(uint64_t delay_ms, Step&& step) override;
  void after_in_background(uint64_t delay_ms, Step&& step) override;
  void unlocked(MoveOnlyFunction<Outcome()> work, MoveOnlyFunction<void(Outcome)> then) override;
  void state_changed(const Vm& vm, State from, State to, std::optional<State> told) override;
  void notice(const Vm& vm, VmNotice notice) override;
  ScreenFreezePtr screen_freeze(const Vm& vm, bool makes) override {
    return peripherals_.displays.freeze_of(vm.uuid(), makes);
  }
  void ask_about_changes(const Vm& vm) override;
  void withdraw_question(const Vm& vm) override;
  void configure(const Vm& vm, VmConfig config) override;
  Outcome store_record(const VmRecord& record) override;
  void record_changed(const VmRecord& record) override;
  void note_fault(const Operation& operation) override;
  void note_hang(uint64_t deadline_ms);
  void act_later(const Operation& operation, uint64_t delay_ms) override;
  void report_later(const OperationPtr& operation, uint64_t delay_ms) override;
  void note_guest(const Vm& vm, const std::string& text) override;
  void finish(const OperationPtr& operation, Outcome outcome) override;
  void finish_well(const OperationPtr& operation) override;
  void submit(Caller caller, std::optional<Uuid> vm, OperationDone done, Body body,
              bool has_phases = false) override;
  void with_vm(Caller&& caller, const Uuid& vm, OperationDone&& done, VmBody&& body,
               bool has_phases = false) override;
  void finish_with(const OperationPtr& operation, Report&& report) override;
  HostStep host_step() override;
  bool keeps_out(const SessionObserver* session, const Uuid& vm) const override {
    return edits_.keeps_out(session, vm);
  }
  bool is_locked(const Uuid& vm) const override { return edits_.is_locked(vm); }
  Outcome check_access(const Operation& operation, const Vm& vm) const override {
    return access_.check(operation.function, operation.asker, vm.config());
  }
  SessionUser user_of(const Operation& operation) const override {
    return access_.user_of(operation.asker);
  }
  // Tells each session whose user may know of the VM. Most listen to nothing: only traces and
  // faults make a difference then.
  template <class Tell>
  void tell_of(const Vm& vm, Tell tell) {
    const bool is_watched = trace_.enabled() || is_disturbed();
    for (SessionObserver* session : sessions_) {
      if (!access_.is_open() && !access_.may(session, kRead, vm.config())) continue;
      if (is_watched || !session->only_counts()) tell(*session);
    }
  }
  bool may_know(const SessionObserver& session, const Uuid& vm) const;
  HostRegistry& vms() override { return vms_; }
  HostStore& store() override { return *store_; }
  Disks& disks() override { return peripherals_.disks; }
  Uuid draw_uuid() override;
  const PropertySchema& schema() const override { return schema_; }
  ConfigSetting config_setting(const std::string& folder) override;
  const ConfigSample* sample(std::string_view name) const override;
  void tell_host(HostEvent event) override;
  void tell_added(const Vm& vm) override;
  void tell_removed(const Vm& vm, bool with_files) override;
  void tell_config_changed(const Vm& vm) override;
  void tell_tasks_changed(const Vm& vm) override;
  void when_at_rest(const std::shared_ptr<Vm>& vm, Step&& step) override;
  void announce(const Uuid& vm, const Notice& notice) override;
  void tell_progress(const Operation& operation, Progress::Kind kind, uint32_t percent) override;
  void forget_session(const SessionObserver& session);

  void rouse_at_rest(const Vm& vm);
  void trace_state(const Vm& vm, State from, State to);
  void trace_notice(const Vm& vm, VmNotice notice);
  void tell_tools_answer(const Vm& vm);
  void tell_of_host();
  void schedule_repeat(const Host::Due& due);
  void send(OperationPtr operation);
  void begin(const OperationPtr& operation);
  void run_body(const OperationPtr& operation, const std::shared_ptr<Vm>& found);
  void run_body_later(const OperationPtr& operation, uint64_t delay_ms);
  void run_body_again(const OperationPtr& operation);
  void end_with_session(const SessionObserver& session);
  void deliver(const OperationPtr& operation, Report&& report) { tell_done(operation, report); }
  void tell_done(const OperationPtr& operation, Report& report);
  void consult_about(Operation& operation, const Vm* vm);
  void strike_start(const OperationPtr& operation, const std::shared_ptr<Vm>& found);
  void strike_end(const OperationPtr& operation, Report report);
  void strike_transition(const Vm& vm, State from, State to);
  void act(const Fault& fault, const std::optional<Uuid>& vm, const SessionObserver* session);
  void leave_paused_on_crash(const std::shared_ptr<Vm>& vm);
  void ask_locked(Question question);
  void cut_off(const SessionObserver* session);
  void lose_service(const Fault& fault);
  void sleep(bool begins);
  std::vector<std::shared_ptr<Vm>> all_vms();
  std::shared_ptr<Vm> find_named(std::string_view vm);
  void note_draw(const Fault& fault, uint64_t now_ms);
  void settle_mishaps();
  const SessionObserver* asker(const Operation& operation) const;
  uint64_t session_number(const SessionObserver* session) const;
  void carry_out(const OperationPtr& operation, const Uuid& vm, const VmRequest& request);
  Outcome reconfigure(const std::shared_ptr<Vm>& vm, const VmConfig& config, bool is_told);
  Outcome open_host();
  Outcome take_identity();
  Outcome add_vms(std::vector<VmRecord> records);
  Outcome add_initial_vm(const InitialVm& initial);
  SnapshotTree initial_tree(const InitialVm& initial);
  Outcome add_initial_disks(const InitialVm& initial, const std::string& folder);
  void trace_found(const Vm& vm);
  void trace_vms(std::string_view kind);
  void close_host();
  // Of the host (world_shutdown.cpp).
  void begin_service();
  void start_by_itself(const Uuid& vm, uint64_t service);
  void end_mounts();
  void note_running();
  void quiet_vms(std::function<void()> then);
  void end_sessions();

  void run_next_step(Lock& lock);
  void let_go_of_spent(Lock& lock);
  void let_go(Step& step, Lock& lock);
  class Pauses;
  Pause next_pause() const;
  bool wait_in_virtual_time(Lock& lock, const std::function<bool()>& finished,
                            uint64_t timeout_ms, Pauses& pauses);
  bool wait_on_the_wall(Lock& lock, LateCondition& changed, const std::function<bool()>& finished,
                        uint64_t timeout_ms);
  bool is_due() const;
  bool is_in_step() const;
  bool wait_for_others(Lock& lock, LateCondition& changed, const std::function<bool()>& finished,
                       uint64_t timeout_ms);
  void run_worker();
  void rouse_worker(uint64_t due_ms);
  void fall_asleep(Lock& lock);

  // Constant after construction.
  const Verification verification_;
  const UndoQuestion undo_question_;
  const std::vector<InitialVm> initial_vms_;
  const std::unique_ptr<HostStore> store_;
  const std::unique_ptr<Interventions> interventions_;
  const std::unique_ptr<Storage> storage_;  // may be one that the interventions disturb
  Trace trace_;
  Peripherals peripherals_;  // guard themselves
  const uint64_t seed_;
  const std::function<bool(Pause)> settle_;  // empty: nothing is waited for
  std::string (*const code_name_)(const Outcome&);
  EditRequests edits_{*this};
  RegistryRequests registry_{*this};
  SnapshotRequests snapshots_{*this};
  CloneRequests clones_{*this, registry_};
  BundleRequests bundles_{*this, registry_};
  MigrationRequests migrations_{*this, registry_};
  ApplianceRequests appliances_{*this, registry_};
  BackupRequests backups_{*this, registry_, peripherals_.disks};

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Clock clock_;
  Scheduler scheduler_;
  LatencyModel latency_;
  RandomStream uuids_;
  Uuid host_uuid_;         // known once the host has been opened
  uint64_t openings_ = 1;  // of the host, this one included
  int64_t date_shift_seconds_ = 0;
  HostRegistry vms_;
  Host host_;
  const PropertySchema schema_;
  const ConfigSamples samples_;
  const std::function<ConfigSetting(const Host&)> config_setting_;
  std::vector<SessionObserver*> sessions_;
  Access access_;
  std::vector<std::pair<const SessionObserver*, uint64_t>> session_numbers_;  // of sessions_
  uint64_t logins_ = 0;
  uint64_t down_until_ms_ = 0;  // the service does not answer before
  uint64_t services_ = 0;       // how often it has gone
  bool begins_with_login_ = false;  // it has been shut down
  std::vector<Uuid> ran_before_;    // the VMs that ran when it went
  uint64_t operations_ = 0;
  Report nothing_to_report_;  // of a success; stays empty
  Unfinished unfinished_;  // kept where there is a trace
  LockWaits lock_waits_;
  // Each waits for its VM to be at rest.
  std::vector<std::pair<std::shared_ptr<Vm>, Step>> until_rest_;
  std::vector<std::weak_ptr<Operation>> of_sessions_;  // that end with the one that began them
  uint64_t numbers_ = 0;
  struct Pin {
    std::weak_ptr<Vm> vm;
    std::shared_ptr<PinnedMemory> memory;
  };
  std::map<const std::byte*, Pin> pins_;
  bool host_open_ = false;
  bool shutting_down_ = false;
  StepTurn turn_;
  SpentSteps spent_;
  bool stopping_ = false;
  MoveOnlyFunction<Outcome()> unlocked_work_;
  MoveOnlyFunction<void(Outcome)> unlocked_then_;
  std::condition_variable scheduled_;   // the worker would be late, or stopping_
  WallTime asleep_until_ = WallTime::min();  // the worker; min: it is awake, or there is none
  uint64_t seen_steps_ = 0;                  // by the worker, of all that were ever scheduled
  std::thread worker_;
};

}  // namespace prl::sim
