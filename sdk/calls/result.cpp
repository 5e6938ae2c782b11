// PrlResult_*: what a finished job has to say (core-api 4).
#include <prlsdk/Parallels.h>

#include <string>
#include <variant>

#include "calls.h"
#include "sdk/boundary.h"
#include "sdk/event_text.h"
#include "sdk/object_text.h"
#include "sdk/records.h"
#include "sdk/report.h"
#include "sdk/server.h"
#include "sdk/strings.h"
#include "sdk/tree.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::calls {

namespace {

// Makes the handle of one answer. A VM is the one object of its server, unless it says otherwise;
// the rest is new each time.
struct HandleMaker {
  const Call& call;
  const Result& result;
  size_t index;
  PRL_HANDLE_PTR out;

  PRL_RESULT operator()(const std::string&) const { return PRL_ERR_NO_DATA; }
  PRL_RESULT operator()(const sim::VmView& view) const {
    *out = call.give(result.server->vm_handle(view.config, result.expected_vm(index)));
    return PRL_ERR_SUCCESS;
  }
  PRL_RESULT operator()(const OwnVmAnswer& answer) const {
    *out = call.make<VmHandle>(result.server, answer.config);
    return PRL_ERR_SUCCESS;
  }
  PRL_RESULT operator()(const LoginAnswer& answer) const {
    *out = call.make<LoginResponse>(answer);
    return PRL_ERR_SUCCESS;
  }
  PRL_RESULT operator()(const DocumentAnswer& answer) const {
    *out = call.make<Document>(answer.type, answer.content);
    return PRL_ERR_SUCCESS;
  }
  PRL_RESULT operator()(const StringsAnswer& answer) const {
    *out = call.make<StringsList>(answer.items);
    return PRL_ERR_SUCCESS;
  }
  PRL_RESULT operator()(const RecordsAnswer& answer) const {
    *out = make_records(call, answer.records, answer.type);
    return PRL_ERR_SUCCESS;
  }
  PRL_RESULT operator()(const EventAnswer& answer) const {
    *out = call.give(result.server->make_event(answer.content));
    return PRL_ERR_SUCCESS;
  }
  PRL_RESULT operator()(const ObjectAnswer& answer) const {
    *out = call.give(answer.object);
    return PRL_ERR_SUCCESS;
  }
};

}  // namespace

PRL_RESULT result_get_params_count(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR count) {
  const auto result = call.pin<Result>(handle);
  if (!result || !count) return PRL_ERR_INVALID_ARG;
  *count = static_cast<PRL_UINT32>(result->answers->size());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT result_get_param_by_index(Call& call, PRL_HANDLE handle, PRL_UINT32 index,
                                     PRL_HANDLE_PTR parameter) {
  const auto result = call.pin<Result>(handle);
  if (!result || !parameter || index >= result->answers->size()) return PRL_ERR_INVALID_ARG;
  const PRL_RESULT code =
      result->answers->visit(index, HandleMaker{call, *result, index, parameter});
  result->expect_vms(index);
  return code;
}

PRL_RESULT result_get_param(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR parameter) {
  return result_get_param_by_index(call, handle, 0, parameter);
}

PRL_RESULT result_get_param_by_index_as_string(Call& call, PRL_HANDLE handle, PRL_UINT32 index,
                                               PRL_STR buffer, PRL_UINT32_PTR length) {
  const auto result = call.pin<Result>(handle);
  if (!result || !length || index >= result->answers->size()) return PRL_ERR_INVALID_ARG;
  const Answer answer = result->answers->at(index);
  if (const auto* text = std::get_if<std::string>(&answer)) {
    return copy_string(*text, buffer, length);
  }
  if (const auto* event = std::get_if<EventAnswer>(&answer)) {
    return copy_string(event->text.empty() ? to_xml(event->content) : event->text, buffer, length);
  }
  const auto* document = std::get_if<DocumentAnswer>(&answer);
  if (document && document->type == PHT_PROBLEM_REPORT) {
    if (is_packed(document->content)) return PRL_ERR_INVALID_ARG;  // travels in binary form
    return copy_string(report_text(document->content), buffer, length);
  }
  // A login answer travels in binary form.
  if (std::holds_alternative<LoginAnswer>(answer)) return PRL_ERR_INVALID_ARG;
  const auto object_text = text_of(answer);
  return object_text ? copy_string(*object_text, buffer, length) : PRL_ERR_UNIMPLEMENTED;
}

PRL_RESULT result_get_param_as_string(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                                      PRL_UINT32_PTR length) {
  return result_get_param_by_index_as_string(call, handle, 0, buffer, length);
}

// The older way to a parameter: an object as its handle, text as a buffer; the client lets go of
// either.
PRL_RESULT result_get_param_token(Call& call, PRL_HANDLE handle, PRL_UINT32 index,
                                  PRL_VOID_PTR_PTR token) {
  const auto result = call.pin<Result>(handle);
  if (!result || !token || index >= result->answers->size()) return PRL_ERR_INVALID_ARG;
  const Answer answer = result->answers->at(index);
  if (const auto* text = std::get_if<std::string>(&answer)) return give_buffer(*text, token);
  PRL_HANDLE object = PRL_INVALID_HANDLE;
  const PRL_RESULT code = std::visit(HandleMaker{call, *result, index, &object}, answer);
  if (PRL_SUCCEEDED(code)) *token = object;
  return code;
}

PRL_RESULT result_get_error(Call& call, PRL_HANDLE handle, PRL_VOID_PTR_PTR text) {
  const auto result = call.pin<Result>(handle);
  if (!result || !text) return PRL_ERR_INVALID_ARG;
  return result->error ? give_buffer(to_xml(*result->error), text) : PRL_ERR_NO_DATA;
}

}  // namespace prl::sdk::calls
