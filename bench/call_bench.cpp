// Calls of the public API, clock `virtual`, beside a hand-written locked map that is asked as often
// (std::mutex and std::map with as many entries as the library has handles) and, where libvirt is
// installed, beside what its fake needs for the same round trip. All in one process and thread.
#include <prlsdk/Parallels.h>

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bench/rounds.h"
#include "bench/session.h"
#include "simulator/random.h"

#ifdef PRLSIM_BENCH_LIBVIRT
#include "bench/libvirt_domain.h"
#endif

namespace prl::bench {

namespace {

constexpr std::array kGoals = {
    Goal{"pause_resume_over_libvirt", 0.25},
    Goal{"get_ram_size_over_libvirt", 0.05},
    Goal{"get_name_over_libvirt", 0.05},
    Goal{"get_state_over_libvirt", 0.05},
    Goal{"property_over_variant_map", 1.0},
};
constexpr size_t kHandles = 10'000;
constexpr int kProperties = 400;  // of a VM, without its devices
constexpr int kRounds = 21;
constexpr int kSlices = 10;

// The least that a thread-safe library does to find what a handle stands for.
class LockedMap {
 public:
  void add(PRL_HANDLE handle) { references_.emplace(handle, 1); }
  void add_reference(PRL_HANDLE handle) {
    std::lock_guard lock(mutex_);
    ++references_.find(handle)->second;
  }

 private:
  std::mutex mutex_;
  std::map<PRL_HANDLE, int> references_;  // guarded by mutex_
};

// A session among many handles.
class Client {
 public:
  Client() : session_(64) {
    map_.add(vm());
    handles_.resize(kHandles);
    for (PRL_HANDLE& handle : handles_) {
      check(PrlApi_CreateStringsList(&handle));
      map_.add(handle);
    }
    sim::RandomStream stream(1, "order");
    for (size_t i = handles_.size(); i > 1; --i) {
      std::swap(handles_[i - 1], handles_[stream.below(i)]);
    }
  }

  PRL_HANDLE vm() const { return session_.vm(); }
  // All handles but that of the VM, shuffled.
  const std::vector<PRL_HANDLE>& handles() const { return handles_; }
  LockedMap& map() { return map_; }

 private:
  const Session session_;
  std::vector<PRL_HANDLE> handles_;
  LockedMap map_;
};

// What takes part in a race.
struct Entry {
  std::string name;  // of a reference; empty for the subject
  Contest::Part part;
};

// A round in which every part does `operations` per slice. Figures: for each part the time of one
// operation in `unit`, of which a second has `units_per_second`, and the ratio of the first part,
// the subject, to each of the others.
Program::Round race(std::vector<Entry> entries, size_t operations, const std::string& unit,
                    double units_per_second) {
  std::vector<Contest::Part> parts;
  for (const Entry& entry : entries) parts.push_back(entry.part);
  const auto contest = std::make_shared<Contest>(std::move(parts));
  return [=] {
    const auto seconds = contest->run(kSlices);
    const double scale = units_per_second / static_cast<double>(operations * kSlices);
    RoundResult result{seconds[0], {{unit, seconds[0] * scale}}};
    for (size_t i = 1; i < entries.size(); ++i) {
      result.figures[entries[i].name + "_" + unit] = seconds[i] * scale;
      result.figures["over_" + entries[i].name] = seconds[0] / seconds[i];
    }
    return result;
  };
}

// Looks up the VM again and again.
Entry map_of_vm(const std::shared_ptr<Client>& client, size_t look_ups) {
  return {"map", [client, look_ups] {
    return seconds_of([&] {
      for (size_t i = 0; i < look_ups; ++i) client->map().add_reference(client->vm());
    });
  }};
}

// Both commands, their waits, codes and frees: eight calls with a handle.
Program::Round pause_resume() {
  constexpr size_t kPairs = 200;
  const auto client = std::make_shared<Client>();
  std::vector<Entry> entries = {{"", [client] {
    return seconds_of([&] {
      for (size_t i = 0; i < kPairs; ++i) {
        await(PrlVm_Pause(client->vm(), PRL_FALSE));
        await(PrlVm_Resume(client->vm()));
      }
    });
  }}};
  entries.push_back(map_of_vm(client, kPairs * 8));
#ifdef PRLSIM_BENCH_LIBVIRT
  entries.push_back({"libvirt", [domain = std::make_shared<LibvirtDomain>()] {
    return seconds_of([&] {
      for (size_t i = 0; i < kPairs; ++i) domain->suspend_and_resume();
    });
  }});
#endif
  return race(std::move(entries), kPairs, "us", 1e6);
}

Program::Round reference() {
  const auto client = std::make_shared<Client>();
  const auto add_and_free = [client] {
    return seconds_of([&] {
      for (const PRL_HANDLE handle : client->handles()) {
        check(PrlHandle_AddRef(handle));
        check(PrlHandle_Free(handle));
      }
    });
  };
  const auto look_up_twice = [client] {
    return seconds_of([&] {
      for (const PRL_HANDLE handle : client->handles()) {
        client->map().add_reference(handle);
        client->map().add_reference(handle);
      }
    });
  };
  return race({{"", add_and_free}, {"map", look_up_twice}}, kHandles, "ns", 1e9);
}

// A getter again and again, beside the map and what libvirt's fake needs to tell a state.
// `of` makes the object that is asked out of the VM.
template <class Get>
Program::Round getter(Get get, PRL_HANDLE (*of)(PRL_HANDLE vm) = nullptr) {
  const auto client = std::make_shared<Client>();
  const PRL_HANDLE asked = of ? of(client->vm()) : client->vm();
  const auto get_all = [client, asked, get] {
    return seconds_of([&] {
      for (size_t i = 0; i < kHandles; ++i) get(asked);
    });
  };
  std::vector<Entry> entries = {{"", get_all}, map_of_vm(client, kHandles)};
#ifdef PRLSIM_BENCH_LIBVIRT
  entries.push_back({"libvirt", [domain = std::make_shared<LibvirtDomain>()] {
    return seconds_of([&] {
      for (size_t i = 0; i < kHandles; ++i) domain->look();
    });
  }});
#endif
  return race(std::move(entries), kHandles, "ns", 1e9);
}

void get_ram_size(PRL_HANDLE vm) {
  PRL_UINT32 ram_mib = 0;
  check(PrlVmCfg_GetRamSize(vm, &ram_mib));
}

void get_name(PRL_HANDLE vm) {
  std::array<char, 64> name{};
  PRL_UINT32 bytes = name.size();
  check(PrlVmCfg_GetName(vm, name.data(), &bytes));
}

PRL_HANDLE info_of(PRL_HANDLE vm) {
  PRL_HANDLE info = PRL_INVALID_HANDLE;
  check(PrlVmCfg_GetVmInfo(vm, &info));
  return info;
}

void get_state(PRL_HANDLE info) {
  VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
  check(PrlVmInfo_GetState(info, &state));
}

// What the VM is doing at this moment: a record of it, the state in that, and its end.
void look_at_state(PRL_HANDLE vm) {
  PRL_HANDLE info = PRL_INVALID_HANDLE;
  VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
  check(PrlVmCfg_GetVmInfo(vm, &info));
  check(PrlVmInfo_GetState(info, &state));
  check(PrlHandle_Free(info));
  if (state != VMS_RUNNING) throw std::runtime_error("the VM is not running");
}

// A property written and read, beside a map of variants that holds as many as a VM has.
Program::Round property() {
  const auto client = std::make_shared<Client>();
  const auto set_and_get = [client] {
    return seconds_of([&] {
      PRL_UINT32 units = 0;
      for (PRL_UINT32 i = 0; i < kHandles; ++i) {
        check(PrlVmCfg_SetCpuUnits(client->vm(), i + 1));
        check(PrlVmCfg_GetCpuUnits(client->vm(), &units));
      }
      if (units != kHandles) throw std::runtime_error("the property has another value");
    });
  };
  using Value = std::variant<bool, int64_t, uint64_t, double, std::string>;
  const auto map = std::make_shared<std::map<std::string, Value>>();
  for (int i = 0; i < kProperties; ++i) {
    map->emplace("Hardware.Element" + std::to_string(i), uint64_t{1});
  }
  const auto write_and_read = [map] {
    return seconds_of([&] {
      uint64_t units = 0;
      for (uint64_t i = 0; i < kHandles; ++i) {
        (*map)["Hardware.Cpu.CpuUnits"] = i + 1;
        units = std::get<uint64_t>(map->at("Hardware.Cpu.CpuUnits"));
      }
      if (units != kHandles) throw std::runtime_error("the entry has another value");
    });
  };
  return race({{"", set_and_get}, {"variant_map", write_and_read}}, kHandles, "ns", 1e9);
}

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  Program program;
  program.add("pause_resume", kRounds, pause_resume);
  program.add("add_reference_and_free", kRounds, reference);
  program.add("get_ram_size", kRounds, [] { return getter(get_ram_size); });
  program.add("get_name", kRounds, [] { return getter(get_name); });
  program.add("get_state", kRounds, [] { return getter(get_state, info_of); });
  program.add("look_at_state", kRounds, [] { return getter(look_at_state); });
  program.add("property", kRounds, property);
  return program.run(argc, argv, kGoals);
}
