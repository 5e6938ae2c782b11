// What the world of a walk calls: sessions, which are told what happens, and the plan of the faults
// that it asks for.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "tests/model/walk.h"
#include "tests/simulator/silent_session.h"

namespace prl::model {

// What the world takes for the function that the job comes from. There are never as many jobs that
// have not begun as there are names.
inline constexpr size_t kJobNames = 256;
std::string_view job_name(uint32_t job);
// The job, modulo the number of names; none where the name is no job's.
std::optional<size_t> place_of_job(std::string_view name);

// Writes down what it is told; the first of a walk also for the walk itself.
class Walk::Session final : public sim::SilentSession {
 public:
  Session(std::vector<Event>& events, std::vector<sim::Uuid>& uuids, bool is_first)
      : events_(events), uuids_(uuids), is_first_(is_first) {}

  void on_state_changed(const sim::Uuid& vm, sim::State state) override {
    note(Event::Kind::kState, vm, state_of(state));
  }
  void on_config_changed(const sim::Uuid& vm) override { note(Event::Kind::kConfigChanged, vm); }
  void on_vm_deleted(const sim::Uuid& vm) override { note(Event::Kind::kDeleted, vm); }
  void on_vm_unregistered(const sim::Uuid& vm) override { note(Event::Kind::kUnregistered, vm); }
  void on_vm_added(const sim::Uuid& vm) override;
  void on_notice(const sim::Uuid& vm, sim::VmNotice notice) override;
  void on_notice(const sim::Uuid& vm, const sim::Notice& notice) override;
  void on_connection_lost() override {
    is_connected_ = false;
    note({.kind = Event::Kind::kCutOff});
  }
  void connect() { is_connected_ = true; }
  bool is_connected() const { return is_connected_; }
  const std::vector<Event>& told() const { return told_; }

 private:
  void note(Event::Kind kind, const sim::Uuid& vm, State state = State::kUnknown) {
    note({.kind = kind, .vm = place_of(vm), .state = state});
  }
  uint8_t place_of(const sim::Uuid& vm) const {
    return static_cast<uint8_t>(std::ranges::find(uuids_, vm) - uuids_.begin());
  }
  void note(const Event& event) {
    told_.push_back(event);
    if (is_first_) events_.push_back(event);
  }

  std::vector<Event>& events_;
  std::vector<sim::Uuid>& uuids_;
  const bool is_first_;
  bool is_connected_ = false;
  std::vector<Event> told_;
};

class Walk::FaultPlan final : public sim::Interventions {
 public:
  void expect(uint32_t job, Fault fault) { planned_[job % kJobNames] = fault; }
  bool watches(sim::Layer layer, std::string_view /*name*/) override {
    return layer == sim::Layer::kJob;
  }
  std::optional<sim::Fault> consult(const sim::FaultPoint& job) override;

 private:
  std::array<Fault, kJobNames> planned_{};  // by the places of the jobs
};

}  // namespace prl::model
