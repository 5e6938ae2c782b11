#include "tests/sdk/scenario_clients.h"

#include <algorithm>
#include <optional>

#include "tests/sdk/session.h"

namespace prl::tests {

namespace {

std::string code_name(PRL_RESULT code) {
  PRL_CONST_STR text = nullptr;
  PrlDbg_PrlResultToString(code, &text);
  return text ? text : "?";
}

std::string state_text(VIRTUAL_MACHINE_STATE state) {
  switch (state) {
    case VMS_STOPPED:
      return "STOPPED";
    case VMS_STARTING:
      return "STARTING";
    case VMS_RUNNING:
      return "RUNNING";
    case VMS_PAUSED:
      return "PAUSED";
    case VMS_SUSPENDED:
      return "SUSPENDED";
    case VMS_SUSPENDING:
      return "SUSPENDING";
    case VMS_RESUMING:
      return "RESUMING";
    case VMS_STOPPING:
      return "STOPPING";
    default:
      return "another state";
  }
}

VIRTUAL_MACHINE_STATE state_of_goal(const std::string& goal) {
  if (goal == "running") return VMS_RUNNING;
  if (goal == "paused") return VMS_PAUSED;
  return goal == "suspended" ? VMS_SUSPENDED : VMS_STOPPED;
}

// What a client does while it waits.
void rest(PRL_UINT64 ms) {
  PrlSim_AdvanceTime(ms);
}

// The code of a job, or that of the wait for it. Takes the job over.
PRL_RESULT await(PRL_HANDLE started, PRL_UINT32 patience_ms) {
  const Handle job(started);
  const PRL_RESULT waited = PrlJob_Wait(job, patience_ms);
  if (PRL_FAILED(waited)) return waited;
  PRL_RESULT code = PRL_ERR_UNEXPECTED;
  const PRL_RESULT asked = PrlJob_GetRetCode(job, &code);
  return PRL_FAILED(asked) ? asked : code;
}

// The object that a job brings; empty where it fails.
Handle fetch(PRL_HANDLE started, PRL_UINT32 patience_ms) {
  const Handle job(started);
  Handle result;
  Handle object;
  PRL_RESULT code = PRL_ERR_UNEXPECTED;
  if (PRL_FAILED(PrlJob_Wait(job, patience_ms))) return object;
  if (PRL_FAILED(PrlJob_GetRetCode(job, &code)) || PRL_FAILED(code)) return object;
  if (PRL_SUCCEEDED(PrlJob_GetResult(job, result.out()))) {
    PrlResult_GetParam(result, object.out());
  }
  return object;
}

Handle find_web(PRL_HANDLE server, PRL_UINT32 patience_ms) {
  return fetch(PrlSrv_GetVmConfig(server, "web", PGVC_SEARCH_BY_NAME), patience_ms);
}

std::optional<VIRTUAL_MACHINE_STATE> ask_state(PRL_HANDLE vm, PRL_UINT32 patience_ms) {
  const Handle info = fetch(PrlVm_GetState(vm), patience_ms);
  VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
  if (!info || PRL_FAILED(PrlVmInfo_GetState(info, &state))) return std::nullopt;
  return state;
}

PRL_HANDLE command_to(PRL_HANDLE vm, const std::string& goal, VIRTUAL_MACHINE_STATE from) {
  if (goal == "running" || from == VMS_STOPPED) {
    return from == VMS_SUSPENDED ? PrlVm_Resume(vm) : PrlVm_Start(vm);
  }
  if (goal == "paused") return PrlVm_Pause(vm, PRL_FALSE);
  if (goal == "suspended") return PrlVm_Suspend(vm);
  return from == VMS_SUSPENDED ? PrlVm_DropSuspendedState(vm) : PrlVm_Stop(vm, PRL_FALSE);
}

// A connection that keeps being made anew.
class Tireless {
 public:
  static constexpr PRL_UINT32 kPatienceMs = 20'000;

  bool connect() {
    for (int attempt = 0; attempt < 40; ++attempt) {
      vm_ = Handle();
      server_ = Handle();
      if (PRL_SUCCEEDED(PrlSrv_Create(server_.out())) &&
          PRL_SUCCEEDED(await(start_login(server_), kPatienceMs))) {
        vm_ = find_web(server_, kPatienceMs);
        if (vm_) return true;
      }
      rest(1000);
    }
    return false;
  }

  // None where the host cannot be reached at all.
  std::optional<VIRTUAL_MACHINE_STATE> state() {
    for (int attempt = 0; attempt < 10; ++attempt) {
      if (const auto state = ask_state(vm_, kPatienceMs)) return state;
      if (!connect()) return std::nullopt;
    }
    return std::nullopt;
  }

  PRL_HANDLE vm() const { return vm_; }

  PRL_UINT32 open_questions() const {
    Handle questions;
    PRL_UINT32 count = 0;
    if (PRL_FAILED(PrlVm_GetQuestions(vm_, questions.out()))) return 0;
    PrlHndlList_GetItemsCount(questions, &count);
    return count;
  }
  void answer_questions() const {
    Handle questions;
    if (PRL_FAILED(PrlVm_GetQuestions(vm_, questions.out()))) return;
    for (PRL_UINT32 i = open_questions(); i > 0; --i) {
      Handle question;
      Handle answer;
      PrlHndlList_GetItem(questions, i - 1, question.out());
      PrlEvent_CreateAnswerEvent(question, answer.out(), PET_ANSWER_YES);
      await(PrlSrv_SendAnswer(server_, answer), kPatienceMs);
    }
  }

 private:
  Handle server_;
  Handle vm_;
};

// What a client with patience finds after everything has settled.
std::string look(const std::string& goal) {
  rest(200'000);
  Tireless observer;
  const auto state = observer.connect() ? observer.state() : std::nullopt;
  if (!state) return "out of reach";
  if (*state != state_of_goal(goal)) return "is " + state_text(*state);
  return observer.open_questions() > 0 ? "has a question open" : "";
}

// Only what makes no sense twice is left out of the second attempt.
bool reach(Tireless& host, const std::string& goal) {
  int stuck = 0;
  int failed_resumes = 0;
  for (int round = 0; round < 80; ++round) {
    const auto state = host.state();
    if (!state) return false;
    if (*state == state_of_goal(goal)) {
      rest(2000);
      const auto still = host.state();
      if (still && *still == *state) return true;
      continue;
    }
    const bool is_stable = *state == VMS_STOPPED || *state == VMS_RUNNING || *state == VMS_PAUSED ||
                           *state == VMS_SUSPENDED;
    if (!is_stable) {
      rest(10'000);
      if (++stuck % 20 == 0) await(PrlVm_Stop(host.vm(), PRL_FALSE), Tireless::kPatienceMs);
      if (stuck > 60) return false;
      continue;
    }
    const bool is_hopeless = *state == VMS_SUSPENDED && goal == "running" && failed_resumes >= 3;
    const PRL_HANDLE job =
        is_hopeless ? PrlVm_DropSuspendedState(host.vm()) : command_to(host.vm(), goal, *state);
    const PRL_RESULT code = await(job, Tireless::kPatienceMs);
    if (PRL_FAILED(code) && *state == VMS_SUSPENDED) ++failed_resumes;
    if (PRL_FAILED(code)) rest(6000);
  }
  return false;
}

}  // namespace

std::string run_naive_client(const std::vector<std::string>& goals) {
  constexpr PRL_UINT32 kPatienceMs = 1000;  // as the guide's sample has it
  Handle server;
  PrlSrv_Create(server.out());
  const PRL_RESULT logged_in = await(start_login(server), kPatienceMs);
  if (PRL_FAILED(logged_in)) return "gave up at login: " + code_name(logged_in);
  const Handle vm = find_web(server, kPatienceMs);
  if (!vm) return "found no VM";
  for (const std::string& goal : goals) {
    const auto state = ask_state(vm, kPatienceMs);
    if (!state) return "gave up: it does not know the state";
    const PRL_RESULT code = await(command_to(vm, goal, *state), kPatienceMs);
    if (PRL_FAILED(code)) return "gave up at " + goal + ": " + code_name(code);
  }
  const std::string found = look(goals.back());
  return found.empty() ? "done" : "believes it is " + goals.back() + ", " + found;
}

std::string run_careful_client(const std::vector<std::string>& goals) {
  Tireless host;
  if (!host.connect()) return "out of reach";
  for (const std::string& goal : goals) {
    if (reach(host, goal)) continue;
    const auto state = host.state();
    return state ? "says that the VM is stuck: " + state_text(*state) : "out of reach";
  }
  host.answer_questions();
  const std::string found = look(goals.back());
  return found.empty() ? "done" : "believes it is " + goals.back() + ", " + found;
}

std::string run_listening_client() {
  const Handle server = new_server();
  await(start_login(server), 1000);
  const Handle vm = find_web(server, 1000);
  Recorder recorder(vm);
  const Handle job(PrlVm_Start(vm));
  PrlJob_Wait(job, 10'000);
  rest(10'000);
  const auto seen = recorder.up_to_end_of(PrlVm_GetState(vm));
  std::string text = "saw";
  for (const PRL_INT32 state : states_in(seen)) {
    text += " " + state_text(static_cast<VIRTUAL_MACHINE_STATE>(state));
  }
  const auto ends = std::ranges::count(seen, job.get(), &Seen::handle);
  return text + ", " + std::to_string(ends) + (ends == 1 ? " end" : " ends");
}

std::string run_dating_client() {
  const Handle server = new_server();
  await(start_login(server), 1000);
  const Handle vm = find_web(server, 1000);
  const auto date = [&] {
    await(PrlVm_ResetUptime(vm, 0), 1000);
    await(PrlVm_RefreshConfig(vm), 1000);
    return text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
      return PrlVmCfg_GetUptimeStartDate(vm, text, length);
    });
  };
  const std::string before = date();
  await(PrlVm_Start(vm), 10'000);
  rest(5000);
  return date() < before ? "went back" : "took time";
}

}  // namespace prl::tests
