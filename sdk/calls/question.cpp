// Questions of the simulated host and the answers that clients send (core-api 5.4, 5.5).
#include <prlsdk/Parallels.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/answers.h"
#include "sdk/boundary.h"
#include "sdk/server.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::calls {

namespace {

// Nothing is pending for a client that is not logged in.
PRL_HANDLE make_list(const Call& call, const Ref<Server>& server,
                     const std::optional<sim::Uuid>& vm) {
  auto list = std::make_unique<HandlesList>();
  if (server->is_connected()) {
    for (const sim::Question& question : call.world().peripherals().questions.pending(vm)) {
      list->items.emplace_back(server->make_event(question_event(question)));
    }
  }
  return call.give(call.library().handles().insert(std::move(list)));
}

PRL_RESULT make_vm_event(const Call& call, const Ref<VmHandle>& vm, PRL_HANDLE_PTR out,
                         EventContent content) {
  *out = call.make<Event>(std::move(content), vm->server);
  return PRL_ERR_SUCCESS;
}

}  // namespace

PRL_RESULT srv_get_questions(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR list) {
  const auto server = call.pin<Server>(handle);
  if (!server || !list) return PRL_ERR_INVALID_ARG;
  *list = make_list(call, server, std::nullopt);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_get_questions(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR list) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !list) return PRL_ERR_INVALID_ARG;
  *list = make_list(call, vm->server, vm->uuid());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_create_event(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR event) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !event) return PRL_ERR_INVALID_ARG;
  return make_vm_event(call, vm, event,
                       vm_event(PET_VM_INF_UNINITIALIZED_EVENT_CODE, vm->uuid()));
}

// Names no question: the VM's oldest that takes the answer is meant.
PRL_RESULT vm_create_answer_event(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR event,
                                  PRL_RESULT answer) {
  const auto vm = call.pin<VmHandle>(handle);
  if (!vm || !event) return PRL_ERR_INVALID_ARG;
  const EventContent about = vm_event(PET_DSP_EVT_VM_QUESTION, vm->uuid());
  return make_vm_event(call, vm, event, answer_event(about, answer));
}

PRL_HANDLE srv_send_answer(Call& call, PRL_HANDLE handle, PRL_HANDLE answer) {
  const auto server = call.pin<Server>(handle);
  const auto event = call.pin<Event>(answer);
  if (!server || !event) return call.bad_argument_job();
  if (!server->is_connected()) return call.not_connected_job(server);
  const auto content = event->content();
  const auto* named = content->find("vm_uuid");
  const auto vm = named ? sim::Uuid::parse(named->text) : std::nullopt;
  const Ref<Job> job = call.start_job(server);
  const PRL_HANDLE given = call.give(job);
  sim::VmRequest settle = [&questions = call.world().peripherals().questions,
                           number = content->question,
                           choice = choice_in(*content)](const sim::VmView& view) {
    sim::RequestEnd end;
    const auto code = choice ? questions.answer(view.config.uuid, number, *choice) : std::nullopt;
    if (code) {
      end.notices.emplace_back(sim::QuestionAnswered{*code, *choice});
    } else {
      end.outcome = sim::OutcomeKind::kNoSuchQuestion;
    }
    return end;
  };
  const sim::Caller caller(call.function(), server.get());
  call.world().request(caller, vm.value_or(content->issuer), std::move(settle),
                       [job](const sim::Report& report) {
                         job->server->library().finish_job(*job, to_job_outcome(report));
                       });
  return given;
}

}  // namespace prl::sdk::calls
