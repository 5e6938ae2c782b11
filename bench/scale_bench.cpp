// A host with 10,000 VMs: registering, listing and starting them, beside as many domains of
// libvirt's fake where that is installed; finding one of them, beside finding one of 10; and the
// memory that one takes. Clock `virtual`, one thread.
#include <malloc.h>
#include <prlsdk/Parallels.h>
#include <prlsdk/prl_sim.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/rounds.h"
#include "bench/session.h"

#ifdef PRLSIM_BENCH_LIBVIRT
#include "bench/libvirt_domain.h"
#endif

namespace prl::bench {

namespace {

constexpr std::array kGoals = {
    Goal{"many_vms_register_over_libvirt", 0.10}, Goal{"many_vms_list_over_libvirt", 0.10},
    Goal{"many_vms_start_over_libvirt", 0.10},    Goal{"look_up_by_uuid_over_10_vms", 1.2},
    Goal{"look_up_by_name_over_10_vms", 1.2},     Goal{"idle_vm_kib", 12},
};
constexpr size_t kMany = 10'000;
constexpr size_t kFew = 10;
constexpr size_t kLookUps = 2'000;
constexpr int kRounds = 7;
constexpr int kSlices = 4;

// A host and what a client has of its VMs.
class Host {
 public:
  Host() : session_(4) {}
  ~Host() { free_all(); }

  void register_all(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      PRL_HANDLE vm = PRL_INVALID_HANDLE;
      check(PrlSrv_CreateVm(session_.server(), &vm));
      check(PrlVmCfg_SetName(vm, ("vm" + std::to_string(i)).c_str()));
      check(PrlVmCfg_SetRamSize(vm, 256));
      await(PrlVm_Reg(vm, "", PRL_TRUE));
      vms_.push_back(vm);
    }
  }
  // And asks each for its name.
  void list_all() const {
    const PRL_HANDLE result = result_of(PrlSrv_GetVmList(session_.server()));
    PRL_UINT32 count = 0;
    check(PrlResult_GetParamsCount(result, &count));
    if (count < vms_.size()) throw std::runtime_error("VMs are missing");
    for (PRL_UINT32 i = 0; i < count; ++i) {
      PRL_HANDLE vm = PRL_INVALID_HANDLE;
      std::array<char, 64> name{};
      PRL_UINT32 bytes = name.size();
      check(PrlResult_GetParamByIndex(result, i, &vm));
      check(PrlVmCfg_GetName(vm, name.data(), &bytes));
      check(PrlHandle_Free(vm));
    }
    check(PrlHandle_Free(result));
  }
  void start_all() const {
    for (const PRL_HANDLE vm : vms_) await(PrlVm_Start(vm));
  }
  void look_up(const std::string& key, PRL_UINT32 flags) const {
    const PRL_HANDLE result = result_of(PrlSrv_GetVmConfig(session_.server(), key.c_str(), flags));
    check(PrlHandle_Free(result));
  }
  std::string uuid_of(size_t index) const {
    std::array<char, 64> uuid{};
    PRL_UINT32 bytes = uuid.size();
    check(PrlVmCfg_GetUuid(vms_.at(index), uuid.data(), &bytes));
    return uuid.data();
  }
  void free_all() {
    for (const PRL_HANDLE vm : vms_) PrlHandle_Free(vm);
    vms_.clear();
  }

 private:
  static PRL_HANDLE result_of(PRL_HANDLE job) {
    PRL_HANDLE result = PRL_INVALID_HANDLE;
    check(PrlJob_Wait(job, 60'000));
    check(PrlJob_GetResult(job, &result));
    check(PrlHandle_Free(job));
    return result;
  }

  const Session session_;
  std::vector<PRL_HANDLE> vms_;
};

// Register, list, start: each follows from the one before, so a round has one of each.
Program::Round many_vms() {
  return [] {
    RoundResult result;
    const auto note = [&result](const std::string& name, double seconds) {
      result.figures[name + "_us"] = seconds * 1e6 / kMany;
      result.subject_seconds += seconds;
    };
    {
      Host host;
      note("register", seconds_of([&] { host.register_all(kMany); }));
      note("list", seconds_of([&] { host.list_all(); }));
      note("start", seconds_of([&] { host.start_all(); }));
    }
#ifdef PRLSIM_BENCH_LIBVIRT
    LibvirtHost libvirt(kMany);
    const auto compare = [&result](const std::string& name, double seconds) {
      const double us = seconds * 1e6 / kMany;
      result.figures[name + "_libvirt_us"] = us;
      result.figures[name + "_over_libvirt"] = result.figures[name + "_us"] / us;
    };
    compare("register", seconds_of([&] { libvirt.define_all(); }));
    compare("list", seconds_of([&] { libvirt.list_all(); }));
    compare("start", seconds_of([&] { libvirt.start_all(); }));
#endif
    return result;
  };
}

// One library at a time can be initialised: the two hosts take turns.
double look_up_seconds(size_t vms, PRL_UINT32 flags) {
  Host host;
  host.register_all(vms);
  std::vector<std::string> keys;
  for (size_t i = 0; i < kFew; ++i) {
    const size_t index = i * (vms / kFew);
    keys.push_back(flags == PGVC_SEARCH_BY_NAME ? "vm" + std::to_string(index)
                                                : host.uuid_of(index));
  }
  // With the handles freed each look-up makes one anew, in either host.
  host.free_all();
  // What so many frees have left for malloc to tidy up falls due at the next look-ups, and is no
  // part of them.
  for (const std::string& key : keys) host.look_up(key, flags);
  return seconds_of([&] {
    for (size_t i = 0; i < kLookUps; ++i) host.look_up(keys[i % kFew], flags);
  });
}

Program::Round look_up() {
  return [] {
    RoundResult result;
    for (const auto& [name, flags] :
         {std::pair<std::string, PRL_UINT32>{"by_uuid", PGVC_SEARCH_BY_UUID},
          std::pair<std::string, PRL_UINT32>{"by_name", PGVC_SEARCH_BY_NAME}}) {
      double few = 0, many = 0;
      for (int i = 0; i < kSlices; ++i) {
        few += look_up_seconds(kFew, flags);
        many += look_up_seconds(kMany, flags);
      }
      result.figures[name + "_us"] = many * 1e6 / (kLookUps * kSlices);
      result.figures[name + "_over_10_vms"] = many / few;
      result.subject_seconds += many;
    }
    return result;
  };
}

// Memory of a registered VM that is stopped, with the devices of section 5 of the config model.
Program::Round idle_vm() {
  return [] {
    constexpr size_t kCount = 2'000;
    const Session session(4);
    std::vector<PRL_HANDLE> vms;
    vms.reserve(kCount);
    const size_t before = mallinfo2().uordblks;
    const double seconds = seconds_of([&] {
      for (size_t i = 0; i < kCount; ++i) {
        PRL_HANDLE vm = PRL_INVALID_HANDLE;
        check(PrlSrv_CreateVm(session.server(), &vm));
        check(PrlVmCfg_SetDefaultConfig(vm, PRL_INVALID_HANDLE, PVS_GUEST_VER_LIN_UBUNTU,
                                        PRL_TRUE));
        check(PrlVmCfg_SetName(vm, ("vm" + std::to_string(i)).c_str()));
        await(PrlVm_Reg(vm, "", PRL_TRUE));
        check(PrlHandle_Free(vm));
      }
    });
    const auto bytes = static_cast<double>(mallinfo2().uordblks - before);
    return RoundResult{seconds, {{"kib", bytes / kCount / 1024}}};
  };
}

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
  Program program;
  program.add("many_vms", kRounds, many_vms);
  program.add("look_up", kRounds, look_up);
  program.add("idle_vm", kRounds, idle_vm);
  return program.run(argc, argv, kGoals);
}
