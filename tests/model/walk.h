// A world and the reference model of it, taken through the same moves side by side. Every walk has
// a world of its own, on a virtual clock and a disk in memory. Not synchronised.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/world.h"
#include "tests/model/reference_model.h"

namespace prl::model {

struct WalkSetting {
  Profile profile = Profile::kDesktop;
  uint8_t hosts = 1;  // in a walk of several, each of its own, and this is one of them
  uint8_t host = 0;
  uint8_t vms = 1;
  uint8_t sessions = 1;
  bool is_thorough = true;                // looks at the snapshots also where an order was refused
  AutoStart auto_start = AutoStart::kNo;  // of all VMs
  bool is_killed_at_shutdown = false;     // likewise
  uint64_t lock_wait_ms = 0;              // how long requests wait; 0: not at all
  std::shared_ptr<const sim::PowerRules> rules;  // of the world; null: those of the product
};

// An order, or time that passes. What it names is taken modulo what there is at the moment.
struct Move {
  enum class Kind : uint8_t { kOrder, kWait, kWaitForNext };
  Kind kind = Kind::kWaitForNext;
  uint8_t host = 0;  // whose, where there are several
  Order order;
  uint64_t wait_ms = 0;  // of kWait
};
std::string move_text(const Move& move);
std::string script_text(const std::vector<Move>& script);
void showValue(const Move& move, std::ostream& out);
void showValue(AutoStart when, std::ostream& out);

// As the model calls it.
State state_of(sim::State state);

// What can be seen of one VM of the world from outside.
struct Sight {
  bool is_registered = false;
  bool is_template = false;
  sim::State state = sim::State::kUnknown;
  bool has_image = false;
  bool is_being_cloned = false;
  bool is_migrating = false;
  bool is_rewritten = false;  // it is being moved, or its disk converted
  std::string description;
  uint64_t disk_mib = 0;
  // "2<1:RUNNING 1<0:STOPPED at 2": numbers, parents, states. Empty: unknown.
  std::string tree;
};

// An order, and what the world said of its VM at that moment.
struct Asked {
  Order order;
  sim::State state = sim::State::kUnknown;
  size_t events_before = 0;  // of the world, of which none can be about this job
};

class Walk {
 public:
  explicit Walk(const WalkSetting& setting);
  ~Walk();
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  // Lets VMs migrate to the host of the other walk, which outlives what is done with this one.
  void meet(Walk& other);
  // Makes the move in both. Returns how they differ afterwards; empty: not at all.
  std::string take(const Move& move);
  // The same of what moves of the other walk have done here.
  std::string look_again();
  // The same unlooked at, for moves that have been looked at in another walk.
  void repeat(const Move& move);

  const Host& model() const { return model_; }
  const std::vector<Event>& world_events() const { return events_; }
  // Of the jobs of the world, so far.
  size_t jobs_ended();
  // The place of the first event that says that the VM has gone.
  std::optional<size_t> gone(uint8_t vm);
  // The last state that was announced, to sessions that are there yet.
  std::optional<State> announced(uint8_t vm);
  // Of every VM that there was, by its place in the model.
  const std::vector<Sight>& sights();
  // The orders so far, as they were understood; the places are the numbers of the jobs.
  const std::vector<Asked>& asked() const { return asked_; }

 private:
  class Session;
  class FaultPlan;

  Order resolve(Order order) const;
  void make(const Move& move);
  void give(const Order& unresolved);
  sim::State state_seen(uint8_t vm) const;
  void count_events();
  void wait(uint64_t wait_ms);
  void configure(const sim::Uuid& vm);
  void log_in();
  void log_in_again();
  void ask_world(const Order& order, uint32_t job);
  void strike_world(const Order& order, uint32_t job);
  // REQUIRES: the order begins an edit.
  void note_begun(const Order& order, const sim::Report& report,
                  const std::optional<sim::VmView>& before);
  void ask_about_snapshot(const Order& order, uint32_t job, sim::OperationDone done);
  void ask_to_edit(const Order& order, uint32_t job, sim::OperationDone done);
  void clone(const Order& order, uint32_t job, sim::OperationDone done);
  std::string new_folder(uint32_t job) const;
  sim::VmConfig edited_config(const Order& order, uint32_t job);
  sim::Caller caller(const Order& order, uint32_t job) const;
  std::shared_ptr<sim::Cancellation> to_cancel(uint8_t vm) const;
  sim::SnapshotTree tree_of(size_t vm);  // by its place
  void ask_about_disk(const Order& order, uint32_t job, sim::OperationDone done);
  void lay_out_disk(const std::string& path, uint64_t size_mib);
  void migrate(const Order& order, uint32_t job, sim::OperationDone done);
  std::string compare();
  std::string compare_events(size_t since) const;
  std::string compare_sessions();
  std::string compare_sights(size_t since);
  void look(bool at_trees);
  Sight look_at(const sim::Uuid& vm);

  const WalkSetting setting_;
  Host model_;
  std::vector<Sight> sights_;                   // as things are now, where there are any
  std::map<std::string, sim::Uuid> snapshots_;  // met so far, by their numbers
  std::vector<Event> events_;                   // of the world, as the first session is told them
  // What has been counted and compared of what only grows: a long walk looks at what is new.
  size_t compared_ = 0;
  size_t events_counted_ = 0;
  size_t jobs_ended_ = 0;
  std::vector<std::optional<size_t>> gone_;      // by VM
  std::vector<std::optional<State>> announced_;  // likewise
  size_t told_compared_ = 0;
  std::vector<Asked> asked_;
  std::vector<sim::Uuid> uuids_;  // of the VMs, by their place in the model
  uint32_t disk_ = 0;             // the number of the disk in the configuration of each VM
  std::string disk_size_;         // and where its size is there
  // Of the jobs, by their numbers.
  std::vector<std::shared_ptr<sim::Cancellation>> cancellations_;
  FaultPlan* faults_ = nullptr;  // owned by the world
  std::vector<std::unique_ptr<Session>> sessions_;
  std::map<std::pair<uint8_t, uint8_t>, sim::VmConfig> begun_;  // edits, by session and VM
  sim::World* target_ = nullptr;                                // of migrations
  std::unique_ptr<sim::World> world_;                           // ends before what it calls
};

}  // namespace prl::model
