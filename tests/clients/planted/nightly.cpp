// nightly VM: what an operator runs at night to know that a VM would survive the day. It logs in to
// the local host, finds the VM by name or registers a new one, brings it up, suspends and resumes
// it, takes a snapshot and drops it, and shuts the VM down. A VM that it registered it unregisters.
//
// Ends with 0 when all of that has happened: the VM is stopped, without a snapshot of this run, and
// nobody is logged in. Otherwise with 1, or 2 for a wrong command line, and one line on stderr. A
// VM that the run has tried to start is then stopped if that was to be had, or still suspended if
// it was found so and did not come up; the line says so when it is neither.
//
// Built once as it should be (NIGHTLY_BUG 0) and once per row of bugs.csv, with one mistake each.
#include <Parallels.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "jobs.h"
#include "vm.h"
#include "watch.h"

namespace {

// How often nightly tries to put a VM to rest after a failure.
constexpr int kRestTries = 5;
constexpr std::chrono::milliseconds kNotificationLimit{3'000};

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
}

// ---- Session --------------------------------------------------------------------------------

struct Session {
  PRL_HANDLE server = PRL_INVALID_HANDLE;
  bool is_initialized = false;
  bool is_watched = false;
  bool is_logged_in = false;
};

bool is_connected(const Session& session) {
  PRL_BOOL is_connected = PRL_FALSE;
  PRL_BOOL is_local = PRL_FALSE;
  return PRL_SUCCEEDED(PrlSrv_IsConnected(session.server, &is_connected, &is_local)) &&
         is_connected != PRL_FALSE;
}

bool log_in(Session& session, Report& report) {
  const Outcome outcome = finish(
      PrlSrv_LoginLocalEx(session.server, "", 0, PSL_HIGH_SECURITY, PACF_NON_INTERACTIVE_MODE),
      nullptr, WhenLate::kCancel);
  session.is_logged_in = outcome.end == End::kDone;
  return session.is_logged_in || report.fail("login: " + outcome.why);
}

bool open_session(Session& session, Watch& watch, Report& report) {
  PRL_RESULT code = PrlApi_InitEx(PARALLELS_API_VER, PAM_SERVER, 0, 0);
  if (PRL_FAILED(code)) return report.fail(std::string("init: ") + prl_result_to_string(code));
  session.is_initialized = true;
  code = PrlSrv_Create(&session.server);
  if (PRL_FAILED(code)) return report.fail(std::string("server: ") + prl_result_to_string(code));
  code = PrlSrv_RegEventHandler(session.server, on_notification, &watch);
  if (PRL_FAILED(code)) return report.fail(std::string("watch: ") + prl_result_to_string(code));
  session.is_watched = true;
  return log_in(session, report);
}

// Afterwards no notification is under way. A failure may be followed by another try.
bool stop_watching(Session& session, Watch& watch, Report& report) {
  if (!session.is_watched) return true;
  const PRL_RESULT code = PrlSrv_UnregEventHandler(session.server, on_notification, &watch);
  session.is_watched = PRL_FAILED(code);
  return !session.is_watched ||
         report.fail(std::string("end of watch: ") + prl_result_to_string(code));
}

void close_session(Session& session, Watch& watch, Report& report) {
  stop_watching(session, watch, report);
  if (session.is_logged_in || is_connected(session)) {
    const Outcome outcome = finish(PrlSrv_Logoff(session.server));
    const bool is_off =
        outcome.end == End::kDone || (outcome.end == End::kUnknown && !is_connected(session));
    if (!is_off) report.fail("logoff: " + outcome.why);
  }
  PrlHandle_Free(session.server);
  if (!session.is_initialized) return;
  const PRL_RESULT code = PrlApi_Deinit();
  if (PRL_FAILED(code)) report.fail(std::string("deinit: ") + prl_result_to_string(code));
}

// ---- The VM in the host's list --------------------------------------------------------------

// Registers a new VM. On failure it may be registered all the same: vm.is_ours tells to look.
bool register_vm(const Session& session, const std::string& name, Vm& vm, Report& report) {
  PRL_RESULT code = PrlSrv_CreateVm(session.server, &vm.handle);
  if (PRL_SUCCEEDED(code)) code = PrlVmCfg_SetName(vm.handle, name.c_str());
  if (PRL_FAILED(code)) return report.fail(std::string("new VM: ") + prl_result_to_string(code));
  vm.uuid = uuid_of(vm.handle);
  if (vm.uuid.empty()) return report.fail("new VM: no identity");
  vm.is_ours = true;
  const Outcome outcome = finish(PrlVm_Reg(vm.handle, "", PRL_TRUE), nullptr, WhenLate::kCancel);
  if (outcome.end == End::kFailed) return report.fail("registration: " + outcome.why);
  if (is_listed(session.server, vm.uuid) != Listed::kYes) {
    return report.fail("registration: the VM is not listed");
  }
  return true;
}

bool find_or_register(const Session& session, const std::string& name, Vm& vm, Report& report) {
  const auto has_name = [&name](PRL_HANDLE other) {
    return name == read_text([other](PRL_STR buffer, PRL_UINT32_PTR bytes) {
             return PrlVmCfg_GetName(other, buffer, bytes);
           });
  };
  const Listed answer = look_up(session.server, has_name, &vm.handle);
  if (answer == Listed::kNotTold) return report.fail("list of VMs: no answer");
  if (answer == Listed::kNo) {
    if (!register_vm(session, name, vm, report)) return false;
  } else {
    vm.uuid = uuid_of(vm.handle);
    if (vm.uuid.empty()) return report.fail("VM: no identity");
  }
  vm.info = ask_info(vm.handle);
  const auto state = state_in(vm.info);
  if (!state) return report.fail("state of the VM: no answer");
  say(name + (vm.is_ours ? ": registered, " : ": found, ") + state_word(*state));
  return true;
}

bool unregister(const Session& session, const Vm& vm, Report& report) {
  const Outcome outcome = finish(PrlVm_Unreg(vm.handle));
  if (outcome.end == End::kFailed) return report.fail("unregistering: " + outcome.why);
  if (is_listed(session.server, vm.uuid) != Listed::kNo) {
    return report.fail("unregistering: the VM may still be listed");
  }
  say("unregistered");
  return true;
}

// ---- Steps ----------------------------------------------------------------------------------

// Starts or resumes the VM, unless it runs.
bool bring_up(Vm& vm, Watch& watch, Report& report) {
  const auto state = settle(vm, watch);
  if (!state) return report.fail("state before the start: no answer");
  vm.may_be_up = true;
  if (*state != VMS_RUNNING) {
    watch.expect_stop(false);
    watch.start_begins();
    const PRL_HANDLE job =
        *state == VMS_SUSPENDED ? PrlVm_Resume(vm.handle) : PrlVm_Start(vm.handle);
#if NIGHTLY_BUG == 9
    if (PrlJob_Wait(job, kPatienceMs) == PRL_ERR_TIMEOUT) {
      PrlHandle_Free(job);
      vm.may_be_up = false;
      return report.fail("start: the VM did not come up");
    }
#endif
    const Outcome outcome = finish(job, nullptr, WhenLate::kCancel);
    if (outcome.end == End::kFailed) return report.fail("start: " + outcome.why);
  }
  if (!reaches(vm, VMS_RUNNING, watch)) return report.fail("start: the VM does not run");
  say("running");
  return true;
}

bool suspend(Vm& vm, Watch& watch, Report& report) {
  vm.may_have_image = true;
#if NIGHTLY_BUG == 10
  const PRL_HANDLE job = PrlVm_Suspend(vm.handle);
  const PRL_RESULT waited = PrlJob_Wait(job, kPatienceMs + kGraceMs);
  PrlHandle_Free(job);
  if (PRL_FAILED(waited)) {
    return report.fail(std::string("suspend: ") + prl_result_to_string(waited));
  }
  (void)watch;
#else
  const Outcome outcome = finish(PrlVm_Suspend(vm.handle), nullptr, WhenLate::kCancel);
  if (outcome.end == End::kFailed) return report.fail("suspend: " + outcome.why);
  if (!reaches(vm, VMS_SUSPENDED, watch)) {
    return report.fail("suspend: the VM is not suspended");
  }
#endif
  say("suspended");
  return true;
}

// The snapshot that this run took: the one that was not there before.
std::string find_new_snapshot(const Vm& vm, const std::set<std::string>& before) {
  const auto now = ask_snapshots(vm);
  for (const std::string& id : now.value_or(before)) {
    if (!before.contains(id)) return id;
  }
  return {};
}

PRL_HANDLE start_snapshot(const Vm& vm) {
  return PrlVm_CreateSnapshot(vm.handle, kSnapshotName.c_str(), "taken by nightly");
}

// Takes a snapshot. `id` receives the one that has to be dropped, which may be there although the
// step failed.
bool take_snapshot(const Vm& vm, Watch& watch, std::string& id, Report& report) {
  const auto before = ask_snapshots(vm);
  if (!before) return report.fail("snapshots: no answer");
  PRL_HANDLE result = PRL_INVALID_HANDLE;
  Outcome outcome;
#if NIGHTLY_BUG == 1
  for (int tries = 3; outcome.end != End::kDone && tries > 0; --tries) {
    const PRL_HANDLE job = start_snapshot(vm);
    if (PrlJob_Wait(job, kPatienceMs) == PRL_ERR_TIMEOUT) {
      PrlHandle_Free(job);
      settle(vm, watch);
      continue;
    }
    outcome = finish(job, &result);
  }
  if (outcome.end == End::kDone) id = text_in(result);
#elif NIGHTLY_BUG == 11
  const PRL_HANDLE job = start_snapshot(vm);
  PrlJob_Wait(job, kPatienceMs + kGraceMs);
  PrlJob_GetResult(job, &result);
  PRL_UINT32 bytes = 0;
  PrlResult_GetParamAsString(result, nullptr, &bytes);
  std::vector<char> text(bytes);
  PrlResult_GetParamAsString(result, text.data(), &bytes);
  text.data()[bytes - 1] = '\0';
  id = text.data();
  outcome = finish(job);
#else
  outcome = finish(start_snapshot(vm), &result, WhenLate::kCancel);
  if (outcome.end == End::kDone) id = text_in(result);
#endif
  PrlHandle_Free(result);
  if (id.empty()) id = find_new_snapshot(vm, *before);
  if (outcome.end == End::kFailed) return report.fail("snapshot: " + outcome.why);
  if (!ask_snapshots(vm).value_or(*before).contains(id)) {
    return report.fail("snapshot: not in the tree");
  }
  if (!reaches(vm, VMS_RUNNING, watch)) return report.fail("snapshot: the VM does not run on");
  say("snapshot " + id);
  return true;
}

bool drop_snapshot(const Vm& vm, const std::string& id, Report& report) {
#if NIGHTLY_BUG == 4
  finish(PrlVm_DeleteSnapshot(vm.handle, id.c_str(), PRL_FALSE));
  (void)report;
#else
  const Outcome outcome = finish(PrlVm_DeleteSnapshot(vm.handle, id.c_str(), PRL_FALSE));
  if (outcome.end == End::kFailed) return report.fail("dropping the snapshot: " + outcome.why);
  if (ask_snapshots(vm).value_or(std::set{id}).contains(id)) {
    return report.fail("dropping the snapshot: it may still be there");
  }
#endif
  say("snapshot dropped");
  return true;
}

bool shut_down(Vm& vm, Watch& watch, Report& report) {
  const auto told = watch.state_after_start(kNotificationLimit);
#if NIGHTLY_BUG == 6
  if (told != VMS_RUNNING) {
    vm.may_be_up = false;
    say("has gone down by itself");
    return true;
  }
#endif
  say(std::string("events of the last start: ") + (told ? state_word(*told) : "none"));
  if (!reaches(vm, VMS_RUNNING, watch)) return report.fail("shutdown: the VM did not run on");
  watch.expect_stop(true);
  const Outcome outcome = finish(PrlVm_StopEx(vm.handle, PSM_SHUTDOWN, PSF_FORCE));
  if (outcome.end == End::kFailed) return report.fail("shutdown: " + outcome.why);
  if (!reaches(vm, VMS_STOPPED, watch)) return report.fail("shutdown: the VM is not stopped");
  vm.may_be_up = false;
  say("stopped");
  return true;
}

// ---- After a failure ------------------------------------------------------------------------

// Stops the VM, and drops the image of a suspension by this run. Whether a try had an effect shows
// in the next look, not in its code.
void put_to_rest(const Vm& vm, Watch& watch, Report& report) {
  std::optional<VIRTUAL_MACHINE_STATE> state;
  for (int tries = kRestTries;; --tries) {
#if NIGHTLY_BUG == 12
    (void)watch;
    state = state_in(vm.info);
#else
    state = settle(vm, watch);
#endif
    if (state == VMS_STOPPED) return;
    if (state == VMS_SUSPENDED && !vm.may_have_image) return;
    if (tries == 0) break;
    finish(state == VMS_SUSPENDED ? PrlVm_DropSuspendedState(vm.handle)
                                  : PrlVm_StopEx(vm.handle, PSM_KILL, 0));
  }
  report.fail(std::string("the VM is left ") + (state ? state_word(*state) : "in doubt"));
}

// Takes back what the steps have done to the VM.
void take_back(Session& session, const Vm& vm, const std::string& snapshot, Watch& watch,
               Report& report) {
  if (!is_connected(session)) log_in(session, report);
  if (vm.may_be_up) put_to_rest(vm, watch, report);
  if (!snapshot.empty() && ask_snapshots(vm).value_or(std::set{snapshot}).contains(snapshot)) {
    drop_snapshot(vm, snapshot, report);
  }
  watch.wait_for_quiet();
}

// Leaves the host as the run found it, as far as that can be had.
void abandon(Session& session, const Vm& vm, const std::string& snapshot, Watch& watch,
             Report& report) {
  watch.wait_for_quiet();
  watch.expect_stop(true);
  watch.remark("given up");
#if NIGHTLY_BUG == 5
  const auto lock = watch.hold();
  take_back(session, vm, snapshot, watch, report);
  say("states seen:" + watch.history());
#else
  take_back(session, vm, snapshot, watch, report);
  {
    const auto lock = watch.hold();
    say("states seen:" + watch.history());
  }
#endif
  stop_watching(session, watch, report);
  if (vm.is_ours && is_listed(session.server, vm.uuid) != Listed::kNo) {
    unregister(session, vm, report);
  }
}

// ---- The run --------------------------------------------------------------------------------

bool go_through_the_night(Vm& vm, std::string& snapshot, Watch& watch, Report& report) {
  watch.follow(vm.uuid);
  return bring_up(vm, watch, report) && suspend(vm, watch, report) && bring_up(vm, watch, report) &&
         take_snapshot(vm, watch, snapshot, report) && drop_snapshot(vm, snapshot, report) &&
         shut_down(vm, watch, report);
}

void run(Session& session, const std::string& name, Watch& watch, Report& report) {
  Vm vm;
  std::string snapshot;
  if (find_or_register(session, name, vm, report) &&
      go_through_the_night(vm, snapshot, watch, report) && stop_watching(session, watch, report) &&
      (!vm.is_ours || unregister(session, vm, report))) {
    free_vm(vm);
    return;
  }
#if NIGHTLY_BUG == 8
  free_vm(vm);
  abandon(session, vm, snapshot, watch, report);
#else
  abandon(session, vm, snapshot, watch, report);
  free_vm(vm);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s VM\n", argv[0]);
    return 2;
  }
  static Watch watch;
  Session session;
  Report report;
  if (open_session(session, watch, report)) run(session, argv[1], watch, report);
  close_session(session, watch, report);
  if (report.is_clean()) return 0;
  std::fprintf(stderr, "nightly: %s\n", report.text().c_str());
  return 1;
}
