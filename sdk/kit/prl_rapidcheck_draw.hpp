// VMs, faults and scenarios drawn at random. Part of prl_rapidcheck.hpp.
#ifndef PRL_RAPIDCHECK_DRAW_HPP
#define PRL_RAPIDCHECK_DRAW_HPP

#include <rapidcheck.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <tuple>
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

// One VM, and up to `faults_max` faults on jobs of these functions.
inline rc::Gen<Scenario> any_scenario(const std::string& vm,
                                      const std::vector<std::string>& functions,
                                      int faults_max = 2) {
  return rc::gen::exec([=] {
    Scenario scenario;
    scenario.add(*any_vm(vm));
    const int count = functions.empty() ? 0 : *rc::gen::inRange(0, faults_max + 1);
    for (int i = 0; i < count; ++i) scenario.add(*any_fault("f" + std::to_string(i), functions));
    return scenario;
  });
}

}  // namespace prl::kit

#endif  // PRL_RAPIDCHECK_DRAW_HPP
