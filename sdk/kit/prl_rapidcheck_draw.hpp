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

// What is drawn of a VM: a state in which it can be at the beginning, from 0 stopped, running,
// paused, suspended; memory and processors, 0 for those of a VM of which nothing is said.
struct VmDraw {
  static constexpr int kStates = 4;

  int state = 0;
  uint64_t ram_mib = 0;
  uint32_t cpus = 0;

  Vm vm(const std::string& name) const {
    Vm vm(name);
    if (ram_mib > 0) vm.ram_mib(ram_mib);
    if (cpus > 0) vm.cpus(cpus);
    if (state == 1) vm.running();
    if (state == 2) vm.paused();
    if (state == 3) vm.suspended();
    return vm;
  }
};

// The same drawing with other values of one field.
template <class Draw, class Value>
rc::Seq<Draw> with_values(const Draw& draw, Value Draw::*field, rc::Seq<Value> values) {
  return rc::seq::map(std::move(values), [draw, field](Value value) {
    Draw other = draw;
    other.*field = value;
    return other;
  });
}

// Smaller values of what has a default, 0: that first.
template <class Value>
rc::Seq<Value> smaller_or_default(Value value, Value least) {
  if (value == 0) return rc::Seq<Value>();
  return rc::seq::concat(rc::seq::just(Value{0}), rc::shrink::towards(value, least));
}

inline rc::Seq<VmDraw> smaller_draws(const VmDraw& draw) {
  return rc::seq::concat(
      with_values(draw, &VmDraw::state, rc::shrink::towards(draw.state, 0)),
      with_values(draw, &VmDraw::ram_mib, smaller_or_default(draw.ram_mib, uint64_t{4})),
      with_values(draw, &VmDraw::cpus, smaller_or_default(draw.cpus, uint32_t{1})));
}

// What is drawn of a fault: which of the functions, at its start, in its middle or at its end, a
// failure, hang or delay, and how many jobs it lets pass.
struct FaultDraw {
  static constexpr int kPhases = 3;
  static constexpr uint64_t kSkips = 2;

  std::string name;
  size_t function = 0;
  int phase = 0;
  int effect = 0;
  uint64_t skip = 0;

  Fault fault(const std::vector<std::string>& functions) const {
    Fault fault(name);
    fault.call(functions[function]);
    if (skip > 0) fault.skip(skip);
    if (phase == 0) fault.at_start();
    if (phase == 2) fault.at_end();
    if (effect == 1) return fault.hang();
    if (effect == 2) return fault.delay(100'000);
    return fault.fail(PRL_ERR_OPERATION_FAILED);
  }
};

inline rc::Seq<FaultDraw> smaller_draws(const FaultDraw& draw) {
  return rc::seq::concat(
      with_values(draw, &FaultDraw::function, rc::shrink::towards(draw.function, size_t{0})),
      with_values(draw, &FaultDraw::phase, rc::shrink::towards(draw.phase, 0)),
      with_values(draw, &FaultDraw::effect, rc::shrink::towards(draw.effect, 0)),
      with_values(draw, &FaultDraw::skip, rc::shrink::towards(draw.skip, uint64_t{0})));
}

template <class Draw>
rc::Shrinkable<Draw> shrinkable_draw(const Draw& draw) {
  return rc::shrinkable::shrinkRecur(draw, [](const Draw& one) { return smaller_draws(one); });
}

inline rc::Gen<rc::Shrinkable<VmDraw>> any_vm_draw() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(0, VmDraw::kStates), rc::gen::inRange<uint64_t>(4, 65),
                     rc::gen::inRange<uint32_t>(1, 5)),
      [](const std::tuple<int, uint64_t, uint32_t>& drawn) {
        return shrinkable_draw(VmDraw{std::get<0>(drawn), std::get<1>(drawn), std::get<2>(drawn)});
      });
}
inline rc::Gen<rc::Shrinkable<FaultDraw>> any_fault_draw(const std::string& name,
                                                         size_t functions) {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange<size_t>(0, functions), rc::gen::inRange(0, 3),
                     rc::gen::inRange(0, 3), rc::gen::inRange<uint64_t>(0, 2)),
      [name](const std::tuple<size_t, int, int, uint64_t>& drawn) {
        return shrinkable_draw(FaultDraw{name, std::get<0>(drawn), std::get<1>(drawn),
                                         std::get<2>(drawn), std::get<3>(drawn)});
      });
}

// A VM of this name in a state in which it can be at the beginning. Small, so that images are
// quick. Shrinks towards a stopped VM of which nothing else is said.
inline rc::Gen<Vm> any_vm(const std::string& name) {
  const rc::Gen<rc::Shrinkable<VmDraw>> any = any_vm_draw();
  return [=](const rc::Random& random, int size) {
    return rc::shrinkable::map(any(random, size).value(),
                               [name](const VmDraw& draw) { return draw.vm(name); });
  };
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
  const rc::Gen<rc::Shrinkable<FaultDraw>> any = any_fault_draw(name, functions.size());
  return [=](const rc::Random& random, int size) {
    return rc::shrinkable::map(any(random, size).value(), [functions](const FaultDraw& draw) {
      return draw.fault(functions);
    });
  };
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

  rc::Shrinkable<VmDraw> vm;
  Parts<FaultDraw> faults;
  Parts<Step> steps;

  Plan<Step> plan(const std::string& name, const std::vector<std::string>& functions) const {
    Plan<Step> plan{vm.value().vm(name), {}, {}};
    for (const auto& fault : faults) plan.faults.push_back(fault.value().fault(functions));
    for (const auto& step : steps) plan.steps.push_back(step.value());
    return plan;
  }

  // Smaller ones, the smallest first: without faults, without steps, with smaller parts; and then
  // those with which one thing less takes another one that is different. A fault that only makes a
  // step fail is needed as long as the step is there, and the step as long as the fault is; a step
  // may only bring the VM to a state in which it could have begun, or be what a fault lets pass.
  // What is different there may be larger: there is a fault less, or as many and a step less.
  rc::Seq<PlanParts> smaller() const {
    const PlanParts& self = *this;
    return rc::seq::concat(
        rc::seq::map(rc::shrink::removeChunks(faults),
                     [self](Parts<FaultDraw> fewer) { return self.with(std::move(fewer)); }),
        self.with_fewer_steps(),
        rc::seq::map(vm.shrinks(),
                     [self](rc::Shrinkable<VmDraw> other) {
                       return PlanParts{std::move(other), self.faults, self.steps};
                     }),
        self.with_smaller_fault(),
        rc::seq::map(rc::shrink::eachElement(steps, shrinks_of<Step>),
                     [self](Parts<Step> others) { return self.with(std::move(others)); }),
        rc::seq::mapcat(with_smaller_fault(), fewer_steps_of), self.with_less_and_different());
  }

 private:
  template <class Part>
  static rc::Seq<rc::Shrinkable<Part>> shrinks_of(const rc::Shrinkable<Part>& part) {
    return part.shrinks();
  }
  static rc::Seq<PlanParts> fewer_steps_of(const PlanParts& parts) {
    return parts.with_fewer_steps();
  }
  PlanParts with(Parts<FaultDraw> others) const { return {vm, std::move(others), steps}; }
  PlanParts with(Parts<Step> others) const { return {vm, faults, std::move(others)}; }
  rc::Seq<PlanParts> with_fewer_steps() const {
    const PlanParts& self = *this;
    return rc::seq::map(rc::shrink::removeChunks(steps),
                        [self](Parts<Step> fewer) { return self.with(std::move(fewer)); });
  }
  rc::Seq<PlanParts> with_smaller_fault() const {
    const PlanParts& self = *this;
    return rc::seq::map(rc::shrink::eachElement(faults, shrinks_of<FaultDraw>),
                        [self](Parts<FaultDraw> others) { return self.with(std::move(others)); });
  }
  // A fault less or none less, and with it any state of the VM at the beginning, one fault that
  // lets another number of jobs pass, or both; then the same with steps less.
  rc::Seq<PlanParts> with_less_and_different() const {
    std::vector<PlanParts> fewer_faults;
    for (size_t left_out = 0; left_out < faults.size(); ++left_out) {
      Parts<FaultDraw> fewer = faults;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(left_out));
      const std::vector<PlanParts> variants = with(std::move(fewer)).variants();
      fewer_faults.insert(fewer_faults.end(), variants.begin(), variants.end());
    }
    std::vector<PlanParts> all = fewer_faults;
    const std::vector<PlanParts> variants = this->variants();
    all.insert(all.end(), variants.begin(), variants.end());
    return rc::seq::concat(rc::seq::fromContainer(std::move(fewer_faults)),
                           rc::seq::mapcat(rc::seq::fromContainer(std::move(all)), fewer_steps_of));
  }
  std::vector<PlanParts> variants() const {
    std::vector<PlanParts> found;
    for (int state = 0; state < VmDraw::kStates; ++state) {
      PlanParts one = *this;
      VmDraw draw = vm.value();
      draw.state = state;
      one.vm = shrinkable_draw(draw);
      found.push_back(one);
      for (size_t i = 0; i < faults.size(); ++i) {
        for (const FaultDraw& fault : otherwise(faults[i].value())) {
          PlanParts other = one;
          other.faults[i] = shrinkable_draw(fault);
          found.push_back(std::move(other));
        }
      }
    }
    return found;
  }
  // The same fault at other points of the job, of other jobs, or both.
  static std::vector<FaultDraw> otherwise(const FaultDraw& fault) {
    std::vector<FaultDraw> others;
    for (int phase = 0; phase < FaultDraw::kPhases; ++phase) {
      for (uint64_t skip = 0; skip < FaultDraw::kSkips; ++skip) {
        if (phase == fault.phase && skip == fault.skip) continue;
        others.push_back(fault);
        others.back().phase = phase;
        others.back().skip = skip;
      }
    }
    return others;
  }
};

// One VM, up to `faults_max` faults on jobs of these functions, and steps, no more than the size of
// the draw; without `has_steps` there are none. Shrinks towards few faults, then few steps, then a
// stopped VM: every fault that is not needed is left out, and steps that only bring the VM to a
// state in which it can begin.
template <class Step>
rc::Gen<Plan<Step>> any_plan(const std::string& vm, const std::vector<std::string>& functions,
                             int faults_max, const rc::Gen<Step>& any_step, bool has_steps = true) {
  return [=](const rc::Random& random, int size) {
    rc::Random stream = random;
    PlanParts<Step> parts{any_vm_draw()(stream.split(), size).value(), {}, {}};
    const int faults =
        functions.empty() ? 0 : rc::gen::inRange(0, faults_max + 1)(stream.split(), size).value();
    for (int i = 0; i < faults; ++i) {
      const std::string name = "f" + std::to_string(i);
      parts.faults.push_back(any_fault_draw(name, functions.size())(stream.split(), size).value());
    }
    const int steps = has_steps ? rc::gen::inRange(0, size + 1)(stream.split()).value() : 0;
    for (int i = 0; i < steps; ++i) parts.steps.push_back(any_step(stream.split(), size));
    const auto smaller = [](const PlanParts<Step>& one) { return one.smaller(); };
    return rc::shrinkable::map(
        rc::shrinkable::shrinkRecur(parts, smaller),
        [vm, functions](const PlanParts<Step>& one) { return one.plan(vm, functions); });
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
