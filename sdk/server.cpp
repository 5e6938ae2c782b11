#include "sdk/server.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <mutex>
#include <utility>

#include "sdk/library.h"
#include "sdk/vm_handle.h"

namespace prl::sdk {

namespace {

// What several threads read at every turn lies apart from what they write.
std::shared_ptr<std::atomic<uint32_t>> number_apart(uint32_t number) {
  struct alignas(sim::kLineBytes) Apart {
    explicit Apart(uint32_t first) : number(first) {}
    std::atomic<uint32_t> number;
  };
  const auto apart = std::make_shared<Apart>(number);
  return {apart, &apart->number};
}

}  // namespace

Server::Server(Library& library) : Server(library, number_apart(0)) {}

Server::Server(Library& library, std::shared_ptr<std::atomic<uint32_t>> subscribers)
    : Object(kType),
      SessionObserver(*subscribers),
      handlers(subscribers),
      library_(library),
      subscribers_(std::move(subscribers)),
      reserved_(library.handles()),
      world_number_(number_apart(library.worlds().number_here())),
      delivery_(std::make_unique<Delivery>(
          library.next_server_number(), [&library, number = world_number_] {
            const uint32_t wanted = number->load(std::memory_order_acquire);
            if (library.worlds().number_here() != wanted) library.worlds().choose(wanted);
          })) {
  delivery_->set_order(library.worlds().at(world_number()).delivery);
}

sim::World& Server::world() const { return library_.worlds().at(world_number()).world; }

// The number changes with the world locked that is left: whatever that tells before belongs to it,
// and a login that is late finds that the server has gone.
bool Server::go_to(uint32_t number) {
  bool has_gone = false;
  world().disconnect(*this, [&] {
    std::lock_guard lock(mutex_);
    if (!jobs_.empty()) return false;
    world_number_->store(number, std::memory_order_release);
    return has_gone = true;
  });
  if (has_gone) end_session(PRL_ERR_WS_DISP_CONNECTION_CLOSED, nullptr);
  return has_gone;
}

Server::~Server() {
  library_.forget_server(*this);
  world().disconnect(*this);
  library_.retire(std::move(delivery_));
}

// ---- Session ---------------------------------------------------------------------------------

void Server::expect_session() {
  // The world may have been replaced.
  delivery_->set_order(library_.worlds().at(world_number()).delivery);
  std::lock_guard lock(mutex_);
  logged_off_ = false;
}

void Server::begin_session(Connection connection, ServerUser user) {
  std::lock_guard lock(mutex_);
  logged_off_ = false;
  connection_ = std::move(connection);
  is_first_user_.store(user.user.is_first, std::memory_order_relaxed);
  user_ = std::move(user);
  sent_.store(1);  // the login
  times_ = {};
  open();
}

Connection Server::connection() const {
  std::lock_guard lock(mutex_);
  return connection_;
}

ServerUser Server::user() const {
  std::lock_guard lock(mutex_);
  return user_;
}

Traffic Server::traffic() const {
  return {.sent = sent_.load(), .received = received()};
}

SessionTimes Server::times() const {
  std::lock_guard lock(mutex_);
  return times_;
}

void Server::set_trusted_time(uint64_t seconds) {
  std::lock_guard lock(mutex_);
  times_.trusted = seconds;
}

void Server::set_revocation_time(uint64_t seconds) {
  std::lock_guard lock(mutex_);
  times_.revocation = seconds;
}

void Server::end_session(PRL_RESULT code, const Job* last) {
  std::vector<uint32_t> pending;
  {
    std::lock_guard lock(mutex_);
    close();
    connection_ = {};
    pending = jobs_;
  }
  for (const uint32_t value : pending) {
    const Ref<Object> object = library_.handles().find(value);
    if (!object || object.get() == last) continue;
    library_.finish_job(static_cast<Job&>(*object),
                        {.code = code, .error_issuer = PIE_DISPATCHER});
  }
}

void Server::log_off(Job& job, Job::Outcome outcome) {
  end_session(PRL_ERR_WS_DISP_CONNECTION_CLOSED, &job);
  library_.finish_job(job, std::move(outcome));
  std::lock_guard lock(mutex_);
  logged_off_ = !is_connected();
}

// ---- VM handles ------------------------------------------------------------------------------

Ref<VmHandle> Server::find_vm(const sim::Uuid& uuid) {
  // Empty where there is none, or where another thread is destroying it.
  return Ref<VmHandle>::cast(library_.handles().find(vm_value(uuid)));
}

// On the notification thread, which mostly looks for the one of the event before.
Ref<VmHandle> Server::find_vm_again(const sim::Uuid& uuid) {
  const uint64_t changes = vms_changes_.load();
  if (seen_.changes != changes || seen_.vm != uuid) {
    seen_ = {.vm = uuid, .value = vm_value(uuid), .changes = changes};
  }
  return Ref<VmHandle>::cast(library_.handles().find(seen_.value));
}

// Of the handle; 0, which no handle has, where there is none.
uint32_t Server::vm_value(const sim::Uuid& uuid) {
  std::lock_guard lock(mutex_);
  const uint32_t* value = vms_.find(uuid);
  return value ? *value : 0;
}

std::array<uint32_t, Server::kExpected> Server::expect_vms(std::span<const sim::VmView> vms) {
  assert(vms.size() <= kExpected);
  std::array<uint32_t, kExpected> values{};
  std::lock_guard lock(mutex_);
  for (const sim::VmView& vm : vms) vms_.prefetch(vm.config.uuid);
  for (size_t i = 0; i < vms.size(); ++i) {
    const uint32_t* value = vms_.find(vms[i].config.uuid);
    if (!value) continue;
    values[i] = *value;
    library_.handles().prefetch(*value);
  }
  return values;
}

// Empty where the value names no handle of this VM any more.
Ref<VmHandle> Server::load_vm(uint32_t value, const sim::VmConfig& config) {
  Ref<VmHandle> existing = Ref<VmHandle>::cast(library_.handles().find(value));
  if (existing && !existing->load_same(config)) return {};
  return existing;
}

Ref<VmHandle> Server::vm_handle(const sim::VmConfig& config, uint32_t likely) {
  if (likely != 0) {
    if (Ref<VmHandle> existing = load_vm(likely, config)) return existing;
  }
  if (Ref<VmHandle> existing = load_vm(vm_value(config.uuid), config)) return existing;
  Ref<VmHandle> made =
      library_.handles().insert(std::make_unique<VmHandle>(Ref<Server>::to(*this), config));
  while (true) {
    // Handles are looked up with the mutex released: letting go of one may destroy it, and that
    // takes the mutex.
    uint32_t found = 0;
    {
      std::lock_guard lock(mutex_);
      found = *vms_.try_emplace(config.uuid, made->value()).first;
      vms_changes_.fetch_add(1);
    }
    if (found == made->value()) return made;
    if (Ref<VmHandle> existing = load_vm(found, config)) return existing;
    forget_vm(config.uuid, found);
  }
}

void Server::rename_vm(const sim::Uuid& from, const sim::Uuid& to, uint32_t value) {
  std::lock_guard lock(mutex_);
  const uint32_t* found = vms_.find(from);
  if (found && *found == value) vms_.erase(from);
  vms_.try_emplace(to, value);
  vms_changes_.fetch_add(1);
}

void Server::forget_vm(const sim::Uuid& uuid, uint32_t value) {
  std::lock_guard lock(mutex_);
  const uint32_t* found = vms_.find(uuid);
  if (found && *found == value) vms_.erase(uuid);
  vms_changes_.fetch_add(1);
}

// ---- Jobs ------------------------------------------------------------------------------------

void Server::remember_job(uint32_t value) {
  std::lock_guard lock(mutex_);
  // The newest handle has the largest value, but where the values have come round.
  jobs_.insert(jobs_.empty() || jobs_.back() < value ? jobs_.end()
                                                     : std::ranges::lower_bound(jobs_, value),
               value);
  if (is_connected()) sim::add_to(sent_, uint64_t{1}, std::memory_order_relaxed);
}

void Server::forget_job(uint32_t value) {
  std::lock_guard lock(mutex_);
  take_out_job(value);
}

// REQUIRES: mutex_ is held.
void Server::take_out_job(uint32_t value) {
  const auto found = std::ranges::lower_bound(jobs_, value);
  if (found != jobs_.end() && *found == value) jobs_.erase(found);
}

}  // namespace prl::sdk
