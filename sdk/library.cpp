#include "sdk/library.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "properties.h"
#include "sdk/delivery.h"
#include "sdk/environment.h"
#include "sdk/kit/guest_workload.h"
#include "sdk/server.h"

namespace prl::sdk {

namespace {

constexpr uint32_t kInstanceShift = 29;  // the three top bits of the version (core-api 1.1)
constexpr uint32_t kFirstHandleValue = 0xFACE;

// Guarded by `mutex`. Plain data and trivially destructible: nothing of it ends at process exit, so
// a client's late destructors find it whatever the order.
struct InitState {
  std::mutex mutex;
  int count = 0;
  uint32_t next_handle_value = kFirstHandleValue;
  Ledger* last_ledger = nullptr;  // owned; of the library that ended last
  // Readable without the mutex: a full Deinit holds it and waits for the handlers that run.
  std::atomic<bool> is_ending{false};
};
InitState state;

// Empty, on a notification thread, where a Deinit waits for that thread: it must not wait for the
// Deinit.
std::unique_lock<std::mutex> lock_unless_ending() {
  std::unique_lock lock(state.mutex, std::try_to_lock);
  while (!lock.owns_lock()) {
    if (Delivery::on_any() && state.is_ending.load()) return {};
    if (Delivery::on_any()) {
      std::this_thread::yield();
      (void)lock.try_lock();
    } else {
      lock.lock();
    }
  }
  return lock;
}

}  // namespace

CallGate Library::gate;
Library* Library::instance_ = nullptr;

// What the ledger of this library or of the last one says, by `ask`.
template <class Ask>
auto Library::ask_ledger(Ask ask) {
  using Said = std::invoke_result_t<Ask, const Ledger&>;
  const auto lock = lock_unless_ending();
  if (!lock) return Said();
  const Ledger* ledger = instance_ ? instance_->ledger() : state.last_ledger;
  return ledger ? ask(*ledger) : Said();
}

Library::Library(const InitArguments& arguments, PlaceOptions options, uint32_t first_handle_value,
                 LedgerOptions ledger)
    : arguments_(arguments),
      hints_(all_properties().size()),
      handles_(first_handle_value, arguments.version >> kInstanceShift << kInstanceShift),
      worlds_(std::move(options)) {
  if (ledger.mode != LedgerMode::kOff) ledger_ = std::make_unique<Ledger>(std::move(ledger));
}

Library::~Library() {
  end();
}

uint32_t Library::end() {
  worlds_.stop();
  std::set<Server*> servers;
  {
    std::lock_guard lock(servers_mutex_);
    servers = servers_;
  }
  for (Server* server : servers) server->delivery().join();
  {
    std::vector<std::unique_ptr<Delivery>> retired;  // joined with no lock held
    std::lock_guard lock(servers_mutex_);
    std::swap(retired, retired_);
  }
  if (ledger_) ledger_->close(worlds_.at(0).world.trace(), worlds_.at(0).world.time_ms());
  handles_.destroy_all();
  return handles_.next_value();
}

PRL_RESULT Library::init(const InitArguments& arguments) {
  const auto lock = lock_unless_ending();
  if (!lock) return PRL_ERR_OPERATION_FAILED;
  if (state.count > 0) {
    ++state.count;
    return PRL_ERR_SUCCESS;
  }
  constexpr uint32_t kVersionMask = (1u << kInstanceShift) - 1;
  if ((arguments.version & kVersionMask) > PARALLELS_API_VER) return PRL_ERR_API_INCOMPATIBLE;
  auto options = world_options("", 0);
  if (!options) {
    complain(options.error());
    return PRL_ERR_OPERATION_FAILED;
  }
  LedgerOptions ledger = ledger_options(options->world);
  instance_ = std::make_unique<Library>(arguments, std::move(*options), state.next_handle_value,
                                        std::move(ledger))
                  .release();
  state.count = 1;
  gate.open();
  return PRL_ERR_SUCCESS;
}

PRL_RESULT Library::deinit() {
  // The product would wait for itself here; nothing is changed instead (core-api 1.2 [F]).
  if (Delivery::on_any() || GuestWorkload::on_this_thread()) return PRL_ERR_OPERATION_FAILED;
  if (const InsideGate inside(gate); inside) instance().settle_all();
  std::lock_guard lock(state.mutex);
  if (state.count > 1) {
    --state.count;
    return PRL_ERR_SUCCESS;
  }
  if (!instance_) return PRL_ERR_API_WASNT_INITIALIZED;
  state.count = 0;
  state.is_ending.store(true);
  gate.close();
  // Notification threads make handles until they end.
  state.next_handle_value = instance_->end();
  const std::unique_ptr<Library> library(std::exchange(instance_, nullptr));
  delete std::exchange(state.last_ledger, library->ledger_.release());
  state.is_ending.store(false);
  return PRL_ERR_SUCCESS;
}

LedgerCounts Library::ledger_counts() {
  return ask_ledger([](const Ledger& ledger) { return ledger.counts(); });
}

std::string Library::ledger_text() {
  return ask_ledger([](const Ledger& ledger) { return ledger.text(); });
}

bool Library::take_back(uint64_t value) {
  // Written down first: what the last reference leaves behind may be given out again at once.
  const bool is_known = ledger_ && handles_.find(value);
  if (!handles_.release_client_reference(value)) return false;
  if (is_known) ledger_->taken_back(static_cast<uint32_t>(value));
  return true;
}

Ref<Server> Library::make_server() {
  Ref<Server> server = handles_.insert(std::make_unique<Server>(*this));
  std::lock_guard lock(servers_mutex_);
  servers_.insert(server.get());
  return server;
}

std::vector<Ref<Server>> Library::servers_in(uint32_t world_number) {
  return servers_at(worlds_.at(world_number));
}

std::vector<Ref<Server>> Library::servers_at(const Place& place) {
  std::vector<uint32_t> values;  // of handles: a server may be on its way out
  {
    std::lock_guard lock(servers_mutex_);
    for (const Server* server : servers_) {
      if (&worlds_.at(server->world_number()) == &place) values.push_back(server->value());
    }
  }
  std::vector<Ref<Server>> servers;
  for (const uint32_t value : values) {
    Ref<Object> object = handles_.find(value);
    if (!object || object->type() != PHT_SERVER) continue;
    servers.push_back(Ref<Server>::cast(std::move(object)));
  }
  return servers;
}

void Library::end_sessions(uint32_t world_number) {
  for (const Ref<Server>& server : servers_in(world_number)) {
    server->end_session(PRL_ERR_WS_DISP_CONNECTION_CLOSED, nullptr);
  }
}

bool Library::await_handlers(uint32_t world_number,
                             std::chrono::steady_clock::time_point deadline) {
  return std::ranges::all_of(servers_in(world_number), [deadline](const Ref<Server>& server) {
    return server->delivery().await(deadline);
  });
}

bool Library::settle_handlers(Place& place, sim::Pause pause) {
  if (Delivery::on_any()) return true;
  const bool is_late = place.delivery == DeliveryOrder::kLate;
  return (is_late && pause != sim::Pause::kBeforeTime) || catch_up(place);
}

void Library::settle_all() {
  for (Place* place : worlds_.all()) {
    if (place->delivery != DeliveryOrder::kFree) catch_up(*place);
  }
}

bool Library::catch_up(Place& place) {
  bool has_caught_up = true;
  for (const Ref<Server>& server : servers_at(place)) {
    if (server->delivery().catch_up()) continue;
    place.world.trace().line(place.world.time_ms(), "busy",
                             "handlers of server object " +
                                 std::to_string(server->delivery().place()) +
                                 " are not waited for any longer");
    has_caught_up = false;
  }
  return has_caught_up;
}

void Library::forget_server(Server& server) {
  std::lock_guard lock(servers_mutex_);
  servers_.erase(&server);
}

void Library::finish_job(Job& job, Job::Outcome&& outcome) {
  outcome.package_id = next_package_id();
  const sim::Telling telling = outcome.telling;
  if (job.finish(std::move(outcome))) job.server->deliver_job(job, telling);
}

void Library::finish_job_well(Job& job, sim::Telling telling) {
  if (job.finish_well(next_package_id())) job.server->deliver_job(job, telling);
}

void Library::retire(std::unique_ptr<Delivery> delivery) {
  delivery->close();
  std::lock_guard lock(servers_mutex_);
  retired_.push_back(std::move(delivery));
  has_retired_.store(true);
}

void Library::bury() {
  handles_.take_dead();  // and lets them go
  if (!has_retired_.load()) return;
  std::vector<std::unique_ptr<Delivery>> ended;  // joined with no lock held
  std::lock_guard lock(servers_mutex_);
  for (std::unique_ptr<Delivery>& delivery : retired_) {
    if (delivery->has_ended()) ended.push_back(std::move(delivery));
  }
  std::erase(retired_, nullptr);
  has_retired_.store(!retired_.empty());
}

}  // namespace prl::sdk
