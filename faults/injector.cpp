#include "faults/injector.h"

#include <algorithm>
#include <utility>

#include "faults/faulty_storage.h"

namespace prl::faults {

// Active while there are rules.
Injector::Injector(Plan plan) : plan_(std::move(plan)) {
  set_active(!plan_.rules().empty());
}

Injector::~Injector() = default;

std::unique_ptr<sim::Storage> Injector::disturb(std::unique_ptr<sim::Storage> storage) {
  const bool is_about_storage = std::ranges::any_of(
      plan_.rules(), [](const Rule& rule) { return rule.match.layer == sim::Layer::kStorage; });
  if (!is_about_storage) return storage;
  auto faulty = std::make_unique<FaultyStorage>(*this, std::move(storage));
  storage_ = faulty.get();
  return faulty;
}

bool Injector::watches(sim::Layer layer, std::string_view name) {
  std::lock_guard lock(mutex_);
  return plan_.watches(layer, name);
}

std::optional<sim::Fault> Injector::consult(const sim::FaultPoint& point) {
  std::lock_guard lock(mutex_);
  std::optional<Plan::Hit> hit = plan_.consult(point);
  if (!hit) return std::nullopt;
  return std::move(hit->fault);
}

// Each step of the world asks, though only a storage has any.
sim::Mishaps Injector::take_mishaps() {
  if (!storage_) return {};
  std::lock_guard lock(mutex_);
  return std::exchange(mishaps_, {});
}

void Injector::lose_power() {
  if (storage_) storage_->lose_power();
}

void Injector::add_mishap(std::string note, uint64_t delay_ms) {
  std::lock_guard lock(mutex_);
  mishaps_.delay_ms += delay_ms;
  // A disk that is slow is so at each of a thousand writes.
  if (std::ranges::find(mishaps_.notes, note) == mishaps_.notes.end()) {
    mishaps_.notes.push_back(std::move(note));
  }
}

void Injector::add_draw(std::string draw) {
  std::lock_guard lock(mutex_);
  mishaps_.draws.push_back(std::move(draw));
}

std::string Injector::add(std::vector<Rule> rules) {
  std::lock_guard lock(mutex_);
  for (const Rule& rule : rules) {
    if (std::ranges::find(plan_.rules(), rule.name, &Rule::name) != plan_.rules().end()) {
      return "a second fault named '" + rule.name + "'";
    }
    if (rule.match.layer == sim::Layer::kStorage && !storage_) {
      return "fault '" + rule.name +
             "' is about storage: a world disturbs that only where its scenario begins with such a "
             "fault";
    }
  }
  for (Rule& rule : rules) plan_.add(std::move(rule));
  set_active(!plan_.rules().empty());
  return {};
}

void Injector::clear() {
  std::lock_guard lock(mutex_);
  for (const Rule& rule : plan_.rules()) forgotten_.push_back(rule.name);
  plan_.clear();
  set_active(false);
}

std::vector<std::string> Injector::names() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> names = forgotten_;
  for (const Rule& rule : plan_.rules()) names.push_back(rule.name);
  return names;
}

std::optional<Plan::Counters> Injector::counters(std::string_view rule) const {
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < plan_.rules().size(); ++i) {
    if (plan_.rules()[i].name == rule) return plan_.counters()[i];
  }
  return std::nullopt;
}

}  // namespace prl::faults
