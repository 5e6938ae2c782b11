// VMs, faults and scenarios drawn at random. Part of prl_rapidcheck.hpp.
#ifndef PRL_RAPIDCHECK_DRAW_HPP
#define PRL_RAPIDCHECK_DRAW_HPP

#include <rapidcheck.h>

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "prl_kit.hpp"

namespace prl::kit {

inline void showValue(const Scenario& scenario, std::ostream& out) {
  out << scenario.toml();
}
inline void showValue(const Vm& vm, std::ostream& out) {
  out << vm.toml();
}
inline void showValue(const Fault& fault, std::ostream& out) {
  out << fault.toml();
}

// A VM of this name in a state in which it can be at the beginning. Small, so that images are
// quick. Shrinks towards a stopped VM of 4 MiB with one processor.
inline rc::Gen<Vm> any_vm(const std::string& name) {
  return rc::gen::map(rc::gen::tuple(rc::gen::inRange(0, 4), rc::gen::inRange<uint64_t>(4, 65),
                                     rc::gen::inRange<uint32_t>(1, 5)),
                      [name](const std::tuple<int, uint64_t, uint32_t>& drawn) {
                        Vm vm(name);
                        vm.ram_mib(std::get<1>(drawn)).cpus(std::get<2>(drawn));
                        switch (std::get<0>(drawn)) {
                          case 1:
                            return vm.running();
                          case 2:
                            return vm.paused();
                          case 3:
                            return vm.suspended();
                          default:
                            return vm.stopped();
                        }
                      });
}

// The same with up to three disks, three adapters and four snapshots, "s0" and so on, each below
// one before it or below none; those of a VM that was not stopped have memory. Shrinks towards a VM
// without any.
inline rc::Gen<Vm> any_equipped_vm(const std::string& name) {
  return rc::gen::exec([name] {
    Vm vm = *any_vm(name);
    const int disks = *rc::gen::inRange(0, 4);
    for (int i = 0; i < disks; ++i) {
      Disk disk(*rc::gen::inRange<uint64_t>(1, 129));
      if (*rc::gen::inRange(0, 2) == 1) disk.plain();
      vm.add(disk.on(*rc::gen::element<std::string>("sata", "scsi", "ide", "nvme")));
    }
    const int adapters = *rc::gen::inRange(0, 4);
    for (int i = 0; i < adapters; ++i) {
      vm.add(NetworkAdapter(*rc::gen::element<std::string>("shared", "bridged", "host_only")));
    }
    const int snapshots = *rc::gen::inRange(0, 5);
    for (int i = 0; i < snapshots; ++i) {
      Snapshot snapshot("s" + std::to_string(i));
      const int parent = *rc::gen::inRange(-1, i);
      if (parent >= 0) snapshot.below("s" + std::to_string(parent));
      switch (*rc::gen::inRange(0, 4)) {
        case 1:
          snapshot.of_running();
          break;
        case 2:
          snapshot.of_paused();
          break;
        case 3:
          snapshot.of_suspended();
          break;
        default:
          break;
      }
      vm.add(snapshot);
    }
    return vm;
  });
}

// What a fault does to a job of one of these functions: it fails, hangs or comes late, at its
// start, in its middle or at its end, the first time or the second. Shrinks towards a failure of
// the first job at its start.
inline rc::Gen<Fault> any_fault(const std::string& name,
                                const std::vector<std::string>& functions) {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange<size_t>(0, functions.size()), rc::gen::inRange(0, 3),
                     rc::gen::inRange(0, 3), rc::gen::inRange<uint64_t>(0, 2)),
      [name, functions](const std::tuple<size_t, int, int, uint64_t>& drawn) {
        Fault fault(name);
        fault.call(functions[std::get<0>(drawn)]).skip(std::get<3>(drawn));
        const int phase = std::get<1>(drawn);
        if (phase == 0) fault.at_start();
        if (phase == 2) fault.at_end();
        switch (std::get<2>(drawn)) {
          case 1:
            return fault.hang();
          case 2:
            return fault.delay(100'000);
          default:
            return fault.fail(PRL_ERR_OPERATION_FAILED);
        }
      });
}

// A VM, what befalls its jobs, and what somebody does meanwhile: operations of any type, or none.
template <class Step>
struct Plan {
  Vm vm;
  std::vector<Fault> faults;
  std::vector<Step> steps;

  Scenario scenario() const {
    Scenario scenario;
    scenario.add(vm);
    for (const Fault& fault : faults) scenario.add(fault);
    return scenario;
  }
};

template <class Step>
void showValue(const Plan<Step>& plan, std::ostream& out) {
  out << plan.scenario().toml() << "\nand the steps\n";
  rc::show(plan.steps, out);
}

// How a plan shrinks: the parts know smaller ones of themselves, and the plan leaves parts out.
template <class Step>
struct PlanParts {
  template <class Part>
  using Parts = std::vector<rc::Shrinkable<Part>>;

  rc::Shrinkable<Vm> vm;
  Parts<Fault> faults;
  Parts<Step> steps;

  Plan<Step> plan() const {
    Plan<Step> plan{vm.value(), {}, {}};
    for (const auto& fault : faults) plan.faults.push_back(fault.value());
    for (const auto& step : steps) plan.steps.push_back(step.value());
    return plan;
  }

  // Smaller ones, the smallest first: without faults, without steps, with smaller parts, and
  // without a fault and steps at once. A fault that only makes a step fail is needed as long as the
  // step is there, and the step as long as the fault is.
  rc::Seq<PlanParts> smaller() const {
    const PlanParts& self = *this;
    return rc::seq::concat(
        rc::seq::map(rc::shrink::removeChunks(faults),
                     [self](Parts<Fault> fewer) { return self.with(std::move(fewer)); }),
        rc::seq::map(rc::shrink::removeChunks(steps),
                     [self](Parts<Step> fewer) { return self.with(std::move(fewer)); }),
        rc::seq::map(vm.shrinks(),
                     [self](rc::Shrinkable<Vm> other) {
                       return PlanParts{std::move(other), self.faults, self.steps};
                     }),
        self.with_smaller_fault(),
        rc::seq::map(rc::shrink::eachElement(steps, shrinks_of<Step>),
                     [self](Parts<Step> others) { return self.with(std::move(others)); }),
        self.with_less_of_both());
  }

 private:
  template <class Part>
  static rc::Seq<rc::Shrinkable<Part>> shrinks_of(const rc::Shrinkable<Part>& part) {
    return part.shrinks();
  }
  PlanParts with(Parts<Fault> others) const { return {vm, std::move(others), steps}; }
  PlanParts with(Parts<Step> others) const { return {vm, faults, std::move(others)}; }
  rc::Seq<PlanParts> with_smaller_fault() const {
    const PlanParts& self = *this;
    return rc::seq::map(rc::shrink::eachElement(faults, shrinks_of<Fault>),
                        [self](Parts<Fault> others) { return self.with(std::move(others)); });
  }
  // A fault less, or a smaller one, and steps less.
  rc::Seq<PlanParts> with_less_of_both() const {
    const PlanParts& self = *this;
    const auto less = rc::seq::concat(
        rc::seq::map(rc::seq::range(size_t{0}, faults.size()),
                     [self](size_t left_out) {
                       Parts<Fault> fewer = self.faults;
                       fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(left_out));
                       return self.with(std::move(fewer));
                     }),
        with_smaller_fault());
    return rc::seq::mapcat(less, [](const PlanParts& one) {
      return rc::seq::map(rc::shrink::removeChunks(one.steps),
                          [one](Parts<Step> fewer) { return one.with(std::move(fewer)); });
    });
  }
};

// One VM, up to `faults_max` faults on jobs of these functions, and steps, no more than the size of
// the draw; without `has_steps` there are none. Shrinks towards few of them: every fault that is
// not needed is left out.
template <class Step>
rc::Gen<Plan<Step>> any_plan(const std::string& vm, const std::vector<std::string>& functions,
                             int faults_max, const rc::Gen<Step>& any_step, bool has_steps = true) {
  return [=](const rc::Random& random, int size) {
    rc::Random stream = random;
    PlanParts<Step> parts{any_vm(vm)(stream.split(), size), {}, {}};
    const int faults =
        functions.empty() ? 0 : rc::gen::inRange(0, faults_max + 1)(stream.split(), size).value();
    for (int i = 0; i < faults; ++i) {
      const std::string name = "f" + std::to_string(i);
      parts.faults.push_back(any_fault(name, functions)(stream.split(), size));
    }
    const int steps = has_steps ? rc::gen::inRange(0, size + 1)(stream.split()).value() : 0;
    for (int i = 0; i < steps; ++i) parts.steps.push_back(any_step(stream.split(), size));
    const auto smaller = [](const PlanParts<Step>& one) { return one.smaller(); };
    return rc::shrinkable::map(rc::shrinkable::shrinkRecur(parts, smaller),
                               [](const PlanParts<Step>& one) { return one.plan(); });
  };
}

// One VM, and up to `faults_max` faults on jobs of these functions. Shrinks likewise.
inline rc::Gen<Scenario> any_scenario(const std::string& vm,
                                      const std::vector<std::string>& functions,
                                      int faults_max = 2) {
  return rc::gen::map(any_plan(vm, functions, faults_max, rc::gen::just(0), false),
                      [](const Plan<int>& plan) { return plan.scenario(); });
}

}  // namespace prl::kit

#endif  // PRL_RAPIDCHECK_DRAW_HPP
