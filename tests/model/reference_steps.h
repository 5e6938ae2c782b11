// The steps of the reference model, for the files that it is divided into. Tests use
// reference_model.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "tests/model/reference_model.h"

namespace prl::model {

inline bool is_switch(Act act) {
  return act == Act::kSwitch || act == Act::kSwitchToImage;
}
// By PrlVm_Pause.
inline bool is_pause(Act act) {
  return act == Act::kPause || act == Act::kAskToPause || act == Act::kAskToSuspend ||
         act == Act::kAskToStop || act == Act::kAskInVain;
}

// REQUIRES: it gives the disk another size.
inline uint32_t disk_size_of(Act act) {
  return act == Act::kGrowDisk ? kGrownMib : kShrunkMib;
}

inline void tell(Host& host, Event::Kind kind, uint8_t vm) {
  if (host.has_sessions) host.events.push_back({.kind = kind, .vm = vm});
}

// -- reference_model.cpp
// Returns the code that the job reports after all.
Code finish(Host& host, uint32_t job, const Order& order, Code code);
void enter(Host& host, uint8_t index, State to);
// What the snapshot makes of the VM (2.3). V takes no notice of the wish to stay suspended.
State state_after_switch(Profile profile, const Snapshot& snapshot, Act act);

// -- reference_begins.cpp
// V does not ask the guest (4.1). What one does that is asked is what it would do by itself, and
// one that does nothing is waited for as long as one that is to shut down.
Act without_question(Profile profile, Act act);
void begin_clone(Host& host, uint32_t job, const Order& order);
Operation make_operation(Host& host, uint32_t job, const Order& order, uint64_t duration_ms);
void carry_out(Host& host, uint32_t job, const Order& order);
// One that migrates is deleted here (2.4).
void remove(Host& host, uint32_t job, const Order& order);

// -- reference_ends.cpp
void end_operation(Host& host, uint8_t index);
void end_clone(Host& host, size_t place);
void end_rewriting(Host& host, size_t place);

// -- reference_waits.cpp
// Whether any request can wait, and whether one does, is looked at first by who calls the others:
// most of the time none does, and the model is asked millions of times.
inline bool lets_wait(const Host& host) {
  return host.lock_wait_ms != 0;
}
inline bool has_waits(const Host& host) {
  return !host.waits.empty();
}
// Those that wait for the VM try again.
void rouse(Host& host, uint8_t vm);
// Lets a request wait that would be refused so; false where it does not. REQUIRES: lets_wait().
bool let_wait(Host& host, uint32_t job, const Order& order, Code code);
// The place of the next that tries again or is refused. REQUIRES: has_waits().
size_t next_wait(const Host& host);
std::pair<uint64_t, uint64_t> due_of(const Wait& wait);
void try_again(Host& host, size_t place);

// -- reference_migration.cpp
void begin_migration(Host& host, uint32_t job, const Order& order);
// Half of its time, or all of it, is over.
void go_on_migrating(Host& host, size_t place);
// The VM stays, and is what it is.
void abandon_migration(Host& host, size_t place, Code code);

// -- reference_happenings.cpp
void happen(Host& host, const Order& order);
void die(Host& host, const Order& order);

// -- reference_service.cpp
// The places of the VMs, as the host goes through them.
std::vector<size_t> in_order(const Host& host);
void begin_shutdown(Host& host, uint32_t job, const Order& order);
// One of the VMs that are waited for has ended.
void note_quiet(Host& host);
// VMs live on without it, but not without power. Mounts end (8, invariant 42).
void lose_service(Host& host, const Order& order);
// One that is going down is started when it is down; whatever else goes on is left alone.
void start_by_itself(Host& host, size_t index);

}  // namespace prl::model
