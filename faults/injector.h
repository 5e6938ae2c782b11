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
  void set_time(uint64_t now_ms) override {
    now_ms_.store(now_ms, std::memory_order_relaxed);  // each step of the world does
  }
  sim::Mishaps take_mishaps() override;
  void lose_power() override;

  // -- For FaultyStorage.
  bool is_armed() const { return is_armed_.load(); }
  uint64_t now_ms() const { return now_ms_.load(); }
  void add_mishap(std::string note, uint64_t delay_ms);
  void add_draw(std::string draw);

  // -- Rules at run time, behind those that there are. Empty, or the sentence why none was added:
  // one has the name of another, or is about storage, which is disturbed from the beginning or not
  // at all.
  std::string add(std::vector<Rule> rules);
  // What has been struck stays so.
  void clear();
  // None where no rule has the name.
  std::optional<Plan::Counters> counters(std::string_view rule) const;
  // Of all rules that there have been, also of those that clear() forgot.
  std::vector<std::string> names() const;

 private:
  std::atomic<bool> is_armed_{false};
  std::atomic<uint64_t> now_ms_{0};
  FaultyStorage* storage_ = nullptr;  // set once, before the world is made

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Plan plan_;
  std::vector<std::string> forgotten_;  // names of rules
  sim::Mishaps mishaps_;
};

}  // namespace prl::faults
