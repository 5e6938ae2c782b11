// Injects the faults of a plan into one world and records each injection. Shared by the world, the
// storage that it disturbs and whoever asks what has happened. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/plan.h"
#include "simulator/seams.h"

namespace prl::faults {

class FaultyStorage;

// A fault that was injected.
struct Injection {
  std::string rule;
  std::string name;  // of the point
  std::string vm;
  uint64_t occurrence = 0;  // as in Plan::Hit

  bool operator==(const Injection&) const = default;
};

class Injector : public sim::Interventions {
 public:
  explicit Injector(Plan plan);
  ~Injector() override;

  // A storage whose steps are points of layer storage, or `storage` itself where no rule is about
  // that. Once; it must not outlive the injector.
  std::unique_ptr<sim::Storage> disturb(std::unique_ptr<sim::Storage> storage);

  bool watches(sim::Layer layer, std::string_view name) override;
  std::optional<sim::Fault> consult(const sim::FaultPoint& point) override;
  void arm() override { is_armed_.store(true); }
  void set_time(uint64_t now_ms) override { now_ms_.store(now_ms); }
  sim::Mishaps take_mishaps() override;
  void lose_power() override;

  // -- For FaultyStorage.
  bool is_armed() const { return is_armed_.load(); }
  uint64_t now_ms() const { return now_ms_.load(); }
  void add_mishap(std::string note, uint64_t delay_ms);
  void add_draw(std::string draw);

  std::vector<Plan::Counters> counters() const;
  // In the order in which they happened.
  std::vector<Injection> injections() const;

 private:
  std::atomic<bool> is_armed_{false};
  std::atomic<uint64_t> now_ms_{0};
  FaultyStorage* storage_ = nullptr;  // set once, before the world is made

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Plan plan_;
  std::vector<Injection> injections_;
  sim::Mishaps mishaps_;
};

}  // namespace prl::faults
