#include "tests/model/trace_answers.h"

namespace prl::model {

Codes Answers::to(const std::vector<Act>& acts) const {
  Codes codes;
  for (const Act act : acts) {
    for (const bool is_cloned : {false, true}) {
      for (const bool is_locked : {false, true}) {
        if (is_cloned && !may_be_cloned_) continue;
        if (is_locked && !vm_.may_be_locked) continue;
        ask(act, is_cloned, is_locked, codes);
      }
    }
  }
  return codes;
}

void Answers::ask(Act act, bool is_cloned, bool is_locked, Codes& codes) const {
  Host host = make_host(profile_, {}, 1);
  Vm& vm = host.vms[0];
  vm.state = vm.told = *vm_.state;
  const bool is_virtuozzo = profile_ == Profile::kVirtuozzo;
  if (is_virtuozzo && vm.state == State::kResuming) vm.told = State::kSuspended;
  vm.has_image = vm.state == State::kSuspended;
  vm.clones_under_way = is_cloned ? 1 : 0;
  if (is_locked) vm.locked_by = 1;
  for (const bool by_ex : {false, true}) {
    if (vm_.is_started_by_ex && *vm_.is_started_by_ex != by_ex) continue;
    vm.is_started_by_ex = by_ex;
    ask_about_snapshots(host, act, codes);
  }
}

// The snapshot is there, or not; the session is that of what is under way, or another one.
void Answers::ask_about_snapshots(Host& host, Act act, Codes& codes) {
  Vm& vm = host.vms[0];
  for (const size_t snapshots : {0, 1}) {
    vm.snapshots.assign(snapshots, Snapshot());
    for (const uint8_t session : {0, 1}) {
      vm.operation.emplace().order.session = session;
      ask_about_edits(host, act, codes);
    }
  }
  if (vm.locked_by) {
    vm.locked_by = 0;
    codes.insert(refusal(host, {.act = act}));
  }
}

void Answers::ask_about_edits(Host& host, Act act, Codes& codes) {
  Vm& vm = host.vms[0];
  vm.stamps.clear();
  codes.insert(refusal(host, {.act = act}));
  if (act != Act::kCommit) return;
  for (const Stamp stamp :
       {Stamp{.session = 0}, Stamp{.session = 0, .description = 1}, Stamp{.session = 1}}) {
    vm.stamps = {stamp};
    codes.insert(refusal(host, {.act = act}));
  }
}

}  // namespace prl::model
