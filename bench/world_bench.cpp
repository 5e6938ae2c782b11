// What is about whole worlds: their clocks, their faults, their making. Beside libvirt's fake,
// where libvirt is installed, or beside another call of the same round. A library begins and ends
// within each part, untimed.
#include <prlsdk/Parallels.h>
#include <prlsdk/prl_sim.h>

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/rounds.h"
#include "bench/session.h"

#ifdef PRLSIM_BENCH_LIBVIRT
#include "bench/libvirt_domain.h"
#endif

namespace prl::bench {

namespace {

constexpr std::array kGoals = {
    Goal{"told_pause_resume_over_libvirt", 0.35},
    Goal{"worker_pause_resume_over_libvirt", 1.0},
    Goal{"lost_wait_over_pause", 10},
    Goal{"call_under_rules_over_none", 1.10},
    Goal{"job_under_rules_over_none", 1.10},
    Goal{"world_us", 100},
    Goal{"ssd_real_us_per_simulated_s", 10},
};
constexpr int kRounds = 21;
constexpr int kSlices = 6;
constexpr int kPairs = 200;

std::string host(const std::string& clock, const std::string& more = "") {
  return "clock = \"" + clock + "\"\n" + more +
         "[[vm]]\nname = \"bench\"\nstate = \"running\"\nram_mib = 64\n";
}

void pause_and_resume(PRL_HANDLE vm) {
  await(PrlVm_Pause(vm, PRL_FALSE));
  await(PrlVm_Resume(vm));
}

// Counts what it is told, and waits for so much.
class Listener {
 public:
  explicit Listener(PRL_HANDLE server) : server_(server) {
    check(PrlSrv_RegEventHandler(server_, &Listener::hear, this));
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { PrlSrv_UnregEventHandler(server_, &Listener::hear, this); }

  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    wanted_ = count;
    changed_.wait(lock, [&] { return heard_ >= count; });
    heard_ -= count;
  }

 private:
  static PRL_RESULT PRL_CALL hear(PRL_HANDLE handle, PRL_VOID_PTR data) {
    auto& self = *static_cast<Listener*>(data);
    const PRL_RESULT freed = PrlHandle_Free(handle);
    std::lock_guard lock(self.mutex_);
    if (++self.heard_ == self.wanted_) self.changed_.notify_one();
    return freed;
  }

  const PRL_HANDLE server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  int heard_ = 0;
  int wanted_ = 0;
};

// Times of the first part, and its ratio to the second.
RoundResult result_of(const std::vector<double>& seconds, int operations,
                      const std::string& reference) {
  const double scale = 1e6 / (kSlices * operations);
  RoundResult result{seconds[0], {{"us", seconds[0] * scale}}};
  if (seconds.size() < 2) return result;
  result.figures[reference + "_us"] = seconds[1] * scale;
  result.figures["over_" + reference] = seconds[0] / seconds[1];
  return result;
}

Program::Round duel(std::vector<Contest::Part> parts, int operations,
                    const std::string& reference) {
  const auto contest = std::make_shared<Contest>(std::move(parts));
  return [=] { return result_of(contest->run(kSlices), operations, reference); };
}

Program::Round told_pause_resume() {
  std::vector<Contest::Part> parts = {[] {
    const Session session(host("virtual"));
    Listener listener(session.server());
    constexpr int kTold = 8;  // four changes of state, two raw events and two jobs
    pause_and_resume(session.vm());  // the thread that tells is there, as the reference's is
    listener.wait_for(kTold);
    return seconds_of([&] {
      for (int i = 0; i < kPairs; ++i) pause_and_resume(session.vm());
      listener.wait_for(kTold * kPairs);
    });
  }};
#ifdef PRLSIM_BENCH_LIBVIRT
  const auto domain = std::make_shared<LibvirtDomain>();
  domain->subscribe();
  parts.emplace_back(
      [domain] { return seconds_of([&] { domain->suspend_and_resume_told(kPairs); }); });
#endif
  return duel(std::move(parts), kPairs, "libvirt");
}

Program::Round worker_pause_resume() {
  std::vector<Contest::Part> parts = {[] {
    const Session session(host("scaled:1000000", "latency = { preset = \"instant\" }\n"));
    return seconds_of([&] {
      for (int i = 0; i < kPairs; ++i) pause_and_resume(session.vm());
    });
  }};
#ifdef PRLSIM_BENCH_LIBVIRT
  parts.emplace_back([domain = std::make_shared<LibvirtDomain>()] {
    return seconds_of([&] {
      for (int i = 0; i < kPairs; ++i) domain->suspend_and_resume();
    });
  });
#endif
  return duel(std::move(parts), kPairs, "libvirt");
}

Program::Round lost_wait() {
  const auto wait = [] {
    const Session session(host("virtual",
                               "[[fault]]\nname = \"lost\"\n"
                               "match = { call = \"PrlVm_GetState\" }\n"
                               "trigger = { count = 0 }\n"
                               "effect = { kind = \"hang\", at = \"start\" }\n"));
    double seconds = 0;
    for (int i = 0; i < kPairs; ++i) {
      const PRL_HANDLE job = PrlVm_GetState(session.vm());
      PRL_RESULT waited = PRL_ERR_SUCCESS;
      seconds += seconds_of([&] { waited = PrlJob_Wait(job, 1'000'000); });
      if (waited != PRL_ERR_TIMEOUT) throw std::runtime_error("the job was not lost");
      check(PrlHandle_Free(job));
    }
    return seconds;
  };
  const auto pause = [] {
    const Session session(host("virtual"));
    double seconds = 0;
    for (int i = 0; i < kPairs; ++i) {
      seconds += seconds_of([&] { await(PrlVm_Pause(session.vm(), PRL_FALSE)); });
      await(PrlVm_Resume(session.vm()));
    }
    return seconds;
  };
  return duel({wait, pause}, kPairs, "pause");
}

// 100 rules for functions that are not called, half of them for the calls themselves.
std::string idle_rules() {
  constexpr std::array kFunctions = {"PrlVm_Suspend", "PrlVm_Stop", "PrlVm_Clone", "PrlVm_Reset",
                                     "PrlVm_Restart"};
  std::string rules;
  for (int i = 0; i < 100; ++i) {
    rules += "[[fault]]\nname = \"rule " + std::to_string(i) + "\"\nmatch = { layer = \"" +
             (i % 2 == 0 ? "call" : "job") + "\", call = \"" +
             kFunctions[static_cast<size_t>(i) % kFunctions.size()] +
             "\" }\neffect = { kind = \"fail\", code = \"PRL_ERR_FAILURE\" }\n";
  }
  return rules;
}

template <class Work>
Program::Round under_rules(Work work, int operations) {
  const auto with = [=](const std::string& rules) {
    return [=] {
      const Session session(host("virtual", rules));
      work(session.vm());  // finds the caches as the reference does
      return seconds_of([&] {
        for (int i = 0; i < operations; ++i) work(session.vm());
      });
    };
  };
  return duel({with(idle_rules()), with("")}, operations, "none");
}

void get_ram_size(PRL_HANDLE vm) {
  PRL_UINT32 ram_mib = 0;
  check(PrlVmCfg_GetRamSize(vm, &ram_mib));
}

void query_state(PRL_HANDLE vm) {
  await(PrlVm_GetState(vm));
}

Program::Round world() {
  return duel({[] {
                constexpr int kWorlds = 100;
                const Session session(host("virtual"));
                const std::string scenario = host("virtual");
                return seconds_of([&] {
                  for (int i = 0; i < kWorlds; ++i) {
                    PRL_UINT32 world = 0;
                    check(PrlSim_CreateWorld(scenario.c_str(), &world));
                    check(PrlSim_DestroyWorld(world));
                  }
                });
              }},
              100, "");
}

Program::Round ssd() {
  return [] {
    const Session session(host("virtual", "latency = { preset = \"desktop-ssd\" }\n"));
    PRL_UINT64 before_ms = 0;
    PRL_UINT64 after_ms = 0;
    check(PrlSim_GetTime(&before_ms));
    const double seconds = seconds_of([&] {
      for (int i = 0; i < kPairs; ++i) {
        await(PrlVm_Suspend(session.vm()));
        await(PrlVm_Resume(session.vm()));
        await(PrlVm_Stop(session.vm(), PRL_FALSE));
        await(PrlVm_Start(session.vm()));
      }
    });
    check(PrlSim_GetTime(&after_ms));
    const double simulated = static_cast<double>(after_ms - before_ms) / 1000;
    return RoundResult{seconds, {{"real_us_per_simulated_s", seconds * 1e6 / simulated}}};
  };
}

}  // namespace

}  // namespace prl::bench

int main(int argc, char** argv) {
  using namespace prl::bench;
#ifdef PRLSIM_BENCH_LIBVIRT
  LibvirtDomain::prepare_events();
#endif
  Program program;
  program.add("told_pause_resume", kRounds, told_pause_resume);
  program.add("worker_pause_resume", kRounds, worker_pause_resume);
  program.add("lost_wait", kRounds, lost_wait);
  program.add("call_under_rules", kRounds, [] { return under_rules(get_ram_size, 20'000); });
  program.add("job_under_rules", kRounds, [] { return under_rules(query_state, 2000); });
  program.add("world", kRounds, world);
  program.add("ssd", kRounds, ssd);
  return program.run(argc, argv, kGoals);
}
