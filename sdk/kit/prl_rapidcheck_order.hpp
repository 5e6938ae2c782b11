// That what several threads of a client say could be said one after the other. Part of
// prl_rapidcheck.hpp.
#ifndef PRL_RAPIDCHECK_ORDER_HPP
#define PRL_RAPIDCHECK_ORDER_HPP

#include <rapidcheck.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "prl_kit.hpp"
#include "prl_rapidcheck_client.hpp"
#include "prl_rapidcheck_draw.hpp"
#include "prl_rapidcheck_story.hpp"

namespace prl::kit {

// What one thread did, and between which moments of all threads.
struct Done {
  Operation operation;
  bool is_done = false;
  uint64_t begin = 0;
  uint64_t end = 0;
};

// Whether there is an order of all that was done in which each operation that said so had an effect
// at one moment between its begin and its end, each that did not had none, and the VM came from
// `before` to `after`. One that failed needs a reason: the state, or another operation beside it,
// which may have kept it out. Of at most 63 operations.
class Linearization {
 public:
  explicit Linearization(std::vector<Done> history) : history_(std::move(history)) {}

  bool exists(VIRTUAL_MACHINE_STATE before, VIRTUAL_MACHINE_STATE after) const {
    return goes_on(before, after, 0);
  }

 private:
  bool goes_on(VIRTUAL_MACHINE_STATE state, VIRTUAL_MACHINE_STATE after, uint64_t taken) const {
    if (taken == (uint64_t{1} << history_.size()) - 1) return state == after;
    for (size_t i = 0; i < history_.size(); ++i) {
      if ((taken >> i & 1) != 0 || !can_be_next(i, taken)) continue;
      const OperationFacts& facts = facts_of(history_[i].operation);
      const bool fits = std::find(facts.from.begin(), facts.from.end(), state) != facts.from.end();
      if (history_[i].is_done != fits && (history_[i].is_done || !is_beside_another(i))) continue;
      const VIRTUAL_MACHINE_STATE next = history_[i].is_done ? facts.target : state;
      if (goes_on(next, after, taken | uint64_t{1} << i)) return true;
    }
    return false;
  }
  // Nothing that is left ended before it began.
  bool can_be_next(size_t candidate, uint64_t taken) const {
    for (size_t i = 0; i < history_.size(); ++i) {
      if ((taken >> i & 1) == 0 && history_[i].end < history_[candidate].begin) return false;
    }
    return true;
  }
  bool is_beside_another(size_t one) const {
    for (size_t i = 0; i < history_.size(); ++i) {
      const bool overlaps =
          history_[i].begin < history_[one].end && history_[one].begin < history_[i].end;
      if (i != one && overlaps) return true;
    }
    return false;
  }

  const std::vector<Done> history_;
};

// In a property of RapidCheck: several threads let the client do what is drawn, to one VM of a host
// without faults. What they were told must be what they could have been told one after the other.
// Leave `stop` out where it kills: a kill cuts into a start, and the two have no order then.
// Which thread comes first is the system's choice, so a counterexample may need several runs.
inline void check_linearizable(const Client& client, int threads = 2) {
  const std::string vm = "web";
  Scenario scenario;
  scenario.add(*any_vm(vm));
  const auto any_script =
      rc::gen::resize(4, rc::gen::container<std::vector<Operation>>(any_operation(client)));
  std::vector<std::vector<Operation>> scripts;
  for (int i = 0; i < threads; ++i) scripts.push_back(*any_script);

  World world(scenario);
  const VIRTUAL_MACHINE_STATE before = world.state(vm);
  std::atomic<uint64_t> moment{0};
  std::vector<std::vector<Done>> done(scripts.size());
  std::vector<std::thread> running;
  for (size_t i = 0; i < scripts.size(); ++i) {
    running.emplace_back([&, i] {
      for (const Operation operation : scripts[i]) {
        Done one{operation};
        one.begin = moment.fetch_add(1);
        one.is_done = client[operation](vm);
        one.end = moment.fetch_add(1);
        done[i].push_back(one);
      }
    });
  }
  for (std::thread& thread : running) thread.join();

  std::vector<Done> history;
  std::vector<std::string> said = {"finds the VM in " + name_of(before)};
  for (size_t i = 0; i < done.size(); ++i) {
    for (const Done& one : done[i]) {
      history.push_back(one);
      said.push_back("thread " + std::to_string(i + 1) + " from " + std::to_string(one.begin) +
                     " to " + std::to_string(one.end) + ": " + facts_of(one.operation).name +
                     (one.is_done ? " was done" : " was not done"));
    }
  }
  const VIRTUAL_MACHINE_STATE after = world.state(vm);
  said.push_back("leaves the VM in " + name_of(after));
  if (!Linearization(history).exists(before, after)) {
    RC_FAIL("no order of these explains what was said: " + story(world, said));
  }
}

}  // namespace prl::kit

#endif  // PRL_RAPIDCHECK_ORDER_HPP
