#include "sdk/worlds.h"

#include <algorithm>
#include <utility>

#include "api.h"
#include "sdk/host_documents.h"
#include "sdk/library.h"

namespace prl::sdk {

namespace {

std::atomic<uint64_t> identities{0};

// What this thread has chosen, and in which Worlds.
struct Choice {
  uint64_t identity = 0;
  uint64_t generation = 0;
  uint32_t number = 0;
};
thread_local Choice choice;

// Asked once, so that a call costs no more than a look at its byte.
std::vector<uint8_t> watched_calls(const sim::World& world) {
  if (!world.is_disturbed()) return {};
  std::vector<uint8_t> watched(static_cast<size_t>(Api::kCount));
  bool is_any = false;
  for (size_t api = 0; api < watched.size(); ++api) {
    const std::string_view name = api_info(static_cast<Api>(api)).name.view();
    if (world.watches_call(name)) watched[api] |= Place::kCalls;
    if (world.watches_memory(name)) watched[api] |= Place::kMemory;
    is_any = is_any || watched[api] != 0;
  }
  return is_any ? watched : std::vector<uint8_t>();
}

// Lets the world wait for handlers, where it has to.
sim::WorldOptions settling(PlaceOptions options, Place& place) {
  if (options.delivery != DeliveryOrder::kFree) {
    options.world.settle = [&place](sim::Pause pause) {
      return Library::instance().settle_handlers(place, pause);
    };
  }
  return std::move(options.world);
}

}  // namespace

Place::Place(PlaceOptions options, uint64_t place_generation)
    : generation(place_generation),
      delivery(options.delivery),
      world(settling(std::move(options), *this)) {
  if (delivery != DeliveryOrder::kFree) {
    world.trace().line(0, "world", "delivery " + std::string(word_of(delivery)));
  }
  // Nothing is said of the clock on which equal runs are equal.
  if (world.clock().mode != sim::ClockSpec::Mode::kVirtual) {
    world.trace().line(0, "world", "clock " + sim::clock_text(world.clock()));
  }
  look_at_rules();
}

void Place::look_at_rules() {
  std::lock_guard lock(mutex_);
  std::vector<uint8_t> watched = watched_calls(world);
  const uint8_t* list = watched.empty() ? nullptr : watched.data();
  if (list) lists_.push_back(std::move(watched));  // keeps its place in memory
  watched_.store(list, std::memory_order_release);
}

Worlds::Worlds(PlaceOptions options) : identity_(identities.fetch_add(1) + 1) {
  all_.push_back(std::make_unique<Place>(std::move(options), 0));
  places_[0].store(all_.back().get());
  is_there_[0] = true;
}

uint32_t Worlds::chosen_here() const {
  if (choice.identity != identity_) return 0;
  const Place* place = places_[choice.number].load(std::memory_order_acquire);
  return place->generation == choice.generation ? choice.number : 0;
}

bool Worlds::choose(uint32_t number) {
  if (!has(number)) return false;
  choice = {identity_, at(number).generation, number};
  return true;
}

std::optional<uint32_t> Worlds::add(PlaceOptions options) {
  auto place = std::make_unique<Place>(std::move(options), generations_.fetch_add(1) + 1);
  std::lock_guard lock(mutex_);
  for (uint32_t number = 1; number < kMax; ++number) {
    if (is_there_[number]) continue;
    is_there_[number] = true;
    places_[number].store(place.get(), std::memory_order_release);
    all_.push_back(std::move(place));
    has_more_.store(true);
    return number;
  }
  return std::nullopt;
}

bool Worlds::end(uint32_t number) {
  Place* place = nullptr;
  {
    std::lock_guard lock(mutex_);
    if (number == 0 || number >= kMax || !is_there_[number]) return false;
    is_there_[number] = false;
    place = places_[number].load();
  }
  place->world.stop();
  return true;
}

void Worlds::replace(uint32_t number, PlaceOptions options) {
  auto place = std::make_unique<Place>(std::move(options), at(number).generation);
  Place* old = nullptr;
  {
    std::lock_guard lock(mutex_);
    old = places_[number].exchange(place.get());
    all_.push_back(std::move(place));
  }
  old->world.stop();
}

bool Worlds::has(uint32_t number) const {
  std::lock_guard lock(mutex_);
  return number < kMax && is_there_[number];
}

std::optional<uint32_t> Worlds::number_of_host(std::string_view name) {
  std::vector<uint32_t> numbers;
  {
    std::lock_guard lock(mutex_);
    for (uint32_t number = 0; number < kMax; ++number) {
      if (is_there_[number]) numbers.push_back(number);
    }
  }
  const auto found = std::ranges::find_if(numbers, [&](uint32_t number) {
    return own_name(at(number).world.host_document(kHardware)) == name;
  });
  return found == numbers.end() ? std::nullopt : std::optional(*found);
}

std::vector<Place*> Worlds::all() {
  std::vector<Place*> all;
  std::lock_guard lock(mutex_);
  for (const auto& place : all_) all.push_back(place.get());
  return all;
}

void Worlds::stop() {
  for (Place* place : all()) place->world.stop();
}

}  // namespace prl::sdk
