// What a client may do without ever waiting for itself: the entries of clients.md 3.2, each with
// its test, whenever handlers run (`delivery`). Not here, because nothing can hang in them:
//   callbacks come from a thread of the library  AServerHandler (event_test)
//   events of one handler keep their order       HandlersOfOneServer (event_test)
//   unregistering another pair changes nothing   AHandlerRegisteredTwice (event_test)
//   after a logoff only its job is told          AfterLogoff (event_test)
//   no signal handler is installed               good_guest_test
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <memory>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

constexpr const char* kVms = "[[vm]]\nname = \"one\"\nram_mib = 4\n";
constexpr std::array<const char*, 3> kDeliveries = {"free", "awaited", "late"};

std::string scenario(const std::string& delivery, const std::string& clock = "virtual") {
  return "clock = \"" + clock + "\"\ndelivery = \"" + delivery + "\"\n" + kVms;
}

// With each delivery, which a failure names.
void in_each_delivery(const std::function<void(const std::string& delivery)>& body) {
  for (const char* delivery : kDeliveries) {
    SCOPED_TRACE(delivery);
    body(delivery);
  }
}

// A handler of a server that runs a function of the test and frees what it is given.
class Script {
 public:
  Script(PRL_HANDLE server, std::function<void()> run) : server_(server), run_(std::move(run)) {
    EXPECT_EQ(PrlSrv_RegEventHandler(server_, handle, this), PRL_ERR_SUCCESS);
  }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  ~Script() { unregister(); }

  PRL_RESULT unregister() { return PrlSrv_UnregEventHandler(server_, handle, this); }

 private:
  static PRL_RESULT PRL_CALL handle(PRL_HANDLE notification, PRL_VOID_PTR self) {
    const Handle owned(notification);
    static_cast<Script*>(self)->run_();
    return PRL_ERR_SUCCESS;
  }

  const PRL_HANDLE server_;
  const std::function<void()> run_;
};

// Holds back who passes it until it is opened.
class Barrier {
 public:
  void pass() {
    if (!has_come_.exchange(true)) come_.set_value();
    open_.wait();
  }
  void wait_until_somebody_has_come() { come_.get_future().wait(); }
  void open() { opener_.set_value(); }

 private:
  std::atomic<bool> has_come_{false};
  std::promise<void> come_;
  std::promise<void> opener_;
  const std::shared_future<void> open_ = opener_.get_future().share();
};

// The driver's pattern: its lock is not recursive.
TEST(ALockThatTheHandlerTakes, CanBeHeldDuringEveryCall) {
  in_each_delivery([](const std::string& delivery) {
    const Session session(scenario(delivery));
    const Handle vm = vm_by_name(session.server, "one");
    std::mutex lock;
    int seen = 0;  // guarded by lock
    Script script(session.server, [&] {
      const std::lock_guard held(lock);
      ++seen;
    });
    {
      const std::lock_guard held(lock);
      EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
      EXPECT_EQ(name_of(vm), "one");
      EXPECT_EQ(PrlVmCfg_SetDescription(vm, "held"), PRL_ERR_SUCCESS);
    }
    EXPECT_EQ(PrlSim_AwaitHandlers(60'000), PRL_ERR_SUCCESS);
    EXPECT_GE(seen, 3) << "two states and the job";
  });
}

TEST(ABlockedHandler, HoldsUpNoGetterSetterFreeOrStart) {
  in_each_delivery([](const std::string& delivery) {
    const Session session(scenario(delivery));
    const Handle vm = vm_by_name(session.server, "one");
    Barrier barrier;
    Script script(session.server, [&barrier] { barrier.pass(); });
    PrlHandle_Free(PrlSrv_GetVmList(session.server));
    PrlSim_AdvanceTime(1000);
    barrier.wait_until_somebody_has_come();
    EXPECT_EQ(name_of(vm), "one");
    EXPECT_EQ(PrlVmCfg_SetDescription(vm, "busy"), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlHandle_AddRef(vm), PRL_ERR_SUCCESS);
    EXPECT_EQ(PrlHandle_Free(vm), PRL_ERR_SUCCESS);
    const Handle start(PrlVm_Start(vm));
    EXPECT_EQ(status_of(start), PJS_RUNNING);
    barrier.open();
  });
}

TEST(ABlockedHandler, HoldsUpNobodyElseAndLosesNothing) {
  in_each_delivery([](const std::string& delivery) {
    const Session session(scenario(delivery));
    const Handle other = new_server();
    ASSERT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
    const Handle vm = vm_by_name(session.server, "one");
    ASSERT_EQ(PrlSim_AwaitHandlers(60'000), PRL_ERR_SUCCESS);
    Barrier barrier;
    std::atomic<int> calls{0};
    Script blocked(session.server, [&] {
      ++calls;
      barrier.pass();
    });
    Recorder behind(session.server);
    Recorder elsewhere(other);
    const PRL_HANDLE start = PrlVm_Start(vm);
    EXPECT_EQ(PrlJob_Wait(start, UINT32_MAX), PRL_ERR_SUCCESS);
    barrier.wait_until_somebody_has_come();
    elsewhere.up_to_end_of(PrlSrv_GetVmList(other));
    EXPECT_EQ(behind.count(), 0u) << "one handler of a server after the other";
    EXPECT_EQ(calls, 1);
    barrier.open();
    const std::vector<PRL_INT32> expected = {VMS_STARTING, VMS_RUNNING};
    EXPECT_EQ(states_in(behind.up_to(start)), expected);
    EXPECT_EQ(states_in(elsewhere.up_to_end_of(PrlSrv_GetVmList(other))), expected);
    EXPECT_EQ(calls, 5) << "two raw events, two states and the job";
    PrlHandle_Free(start);
  });
}

TEST(AJob, FinishesWhileAHandlerIsBlocked) {
  in_each_delivery([](const std::string& delivery) {
    const Session session(scenario(delivery));
    const Handle vm = vm_by_name(session.server, "one");
    Barrier barrier;
    Script script(session.server, [&barrier] { barrier.pass(); });
    EXPECT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
    EXPECT_EQ(finish(PrlVm_Stop(vm, PRL_FALSE)), PRL_ERR_SUCCESS);
    barrier.open();
  });
}

// core-api 12, invariant 46
TEST(AHandler, CanStartAJobAndWaitForIt) {
  for (const char* clock : {"virtual", "scaled:1000"}) {
    in_each_delivery([clock](const std::string& delivery) {
      const Session session(scenario(delivery, clock));
      std::promise<PRL_RESULT> code;
      Script script(session.server, [&, first = std::make_shared<bool>(true)] {
        if (!std::exchange(*first, false)) return;
        code.set_value(finish(PrlSrv_GetVmList(session.server)));
      });
      EXPECT_EQ(finish(PrlSrv_GetVmList(session.server)), PRL_ERR_SUCCESS);
      EXPECT_EQ(code.get_future().get(), PRL_ERR_SUCCESS);
    });
  }
}

// What the libvirt driver does when it loses its connection.
TEST(AHandler, CanLogOffAndFreeTheLastReferenceToItsServer) {
  struct Owner {
    PRL_HANDLE server = PRL_INVALID_HANDLE;
    std::atomic<bool> is_first{true};
    std::promise<void> done;
    static PRL_RESULT PRL_CALL handle(PRL_HANDLE notification, PRL_VOID_PTR data) {
      const Handle owned(notification);
      auto& self = *static_cast<Owner*>(data);
      if (!self.is_first.exchange(false)) return PRL_ERR_SUCCESS;
      EXPECT_EQ(PrlSrv_UnregEventHandler(self.server, handle, data), PRL_ERR_SUCCESS);
      EXPECT_EQ(finish(PrlSrv_Logoff(self.server)), PRL_ERR_NOT_CONNECTED_TO_DISPATCHER);
      EXPECT_EQ(PrlHandle_Free(self.server), PRL_ERR_SUCCESS);
      self.done.set_value();
      return PRL_ERR_SUCCESS;
    }
  };
  in_each_delivery([](const std::string& delivery) {
    Owner owner;
    const Library library(scenario(delivery));
    owner.server = new_server().release();
    ASSERT_EQ(finish(start_login(owner.server)), PRL_ERR_SUCCESS);
    ASSERT_EQ(PrlSim_AwaitHandlers(60'000), PRL_ERR_SUCCESS);
    ASSERT_EQ(PrlSrv_RegEventHandler(owner.server, Owner::handle, &owner), PRL_ERR_SUCCESS);
    ASSERT_EQ(PrlSim_Strike("disconnect", nullptr, 0), PRL_ERR_SUCCESS);
    PrlSim_AdvanceTime(1000);
    owner.done.get_future().wait();
  });
}

// Whoever frees it may hold a lock that its handler takes.
TEST(FreeingAServer, DoesNotWaitForItsRunningHandler) {
  struct Held {
    Barrier barrier;
    static PRL_RESULT PRL_CALL handle(PRL_HANDLE notification, PRL_VOID_PTR data) {
      PrlHandle_Free(notification);
      static_cast<Held*>(data)->barrier.pass();
      return PRL_ERR_SUCCESS;
    }
  };
  for (const char* clock : {"virtual", "scaled:1000"}) {
    in_each_delivery([clock](const std::string& delivery) {
      Held held;  // outlives the library, whose Deinit waits for the handler
      const Library library(scenario(delivery, clock));
      Handle server = new_server();
      ASSERT_EQ(PrlSrv_RegEventHandler(server, Held::handle, &held), PRL_ERR_SUCCESS);
      EXPECT_EQ(finish(start_login(server)), PRL_ERR_SUCCESS);
      held.barrier.wait_until_somebody_has_come();
      server = Handle();
      const Handle other = new_server();
      EXPECT_EQ(finish(start_login(other)), PRL_ERR_SUCCESS);
      held.barrier.open();
    });
  }
}

// core-api 12, invariant 42
TEST(UnregisteringFromAnotherThread, WaitsForARunningHandler) {
  in_each_delivery([](const std::string& delivery) {
    const Session session(scenario(delivery));
    ASSERT_EQ(PrlSim_AwaitHandlers(60'000), PRL_ERR_SUCCESS);
    Barrier barrier;
    std::atomic<bool> has_returned{false};
    std::atomic<int> calls{0};
    Script script(session.server, [&] {
      ++calls;
      barrier.pass();
      has_returned = true;
    });
    PrlHandle_Free(PrlSrv_GetVmList(session.server));
    PrlSim_AdvanceTime(1000);
    barrier.wait_until_somebody_has_come();
    std::thread unregistering([&] {
      EXPECT_EQ(script.unregister(), PRL_ERR_SUCCESS);
      EXPECT_TRUE(has_returned);
    });
    barrier.open();
    unregistering.join();
    EXPECT_EQ(finish(PrlSrv_GetVmList(session.server)), PRL_ERR_SUCCESS);
    EXPECT_EQ(calls, 1);
  });
}

// What the command line tool does at SIGINT: the cancel's own job is freed at once.
TEST(AHelperThread, CancelsWhatAnotherWaitsFor) {
  in_each_delivery([](const std::string& delivery) {
    const Session session("latency.suspend.ms = 10000000\n" + scenario(delivery, "scaled:100"));
    const Handle vm = vm_by_name(session.server, "one");
    ASSERT_EQ(finish(PrlVm_Start(vm)), PRL_ERR_SUCCESS);
    Recorder recorder(session.server);
    const Handle suspend(PrlVm_Suspend(vm));
    std::promise<void> waits;
    std::thread helper([&] {
      waits.get_future().wait();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      EXPECT_EQ(PrlHandle_Free(PrlJob_Cancel(suspend)), PRL_ERR_SUCCESS);
    });
    waits.set_value();
    EXPECT_EQ(PrlJob_Wait(suspend, UINT32_MAX), PRL_ERR_SUCCESS);
    helper.join();
    EXPECT_EQ(code_of(suspend), PRL_ERR_OPERATION_WAS_CANCELED);
    EXPECT_EQ(state_of(vm), VMS_RUNNING);
    recorder.up_to(suspend);
  });
}

// The driver's process: Init after a fork, and Deinit in another thread.
TEST(ADaemon, InitialisesAfterAForkAndEndsInAnotherThread) {
  in_each_delivery([](const std::string& delivery) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::unsetenv("PRLSIM_TRACE");  // it is the parent's
      ::alarm(60);
      bool is_good = false;
      std::thread([&] {
        PrlSim_SetScenario(scenario(delivery).c_str());
        PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0);
        const Handle server = new_server();
        Recorder recorder(server);
        is_good = finish(start_login(server)) == PRL_ERR_SUCCESS;
      }).join();
      std::thread([&] { is_good = PrlApi_Deinit() == PRL_ERR_SUCCESS && is_good; }).join();
      ::_exit(is_good ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  });
}

}  // namespace
}  // namespace prl::tests
