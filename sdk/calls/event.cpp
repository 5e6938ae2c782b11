// PrlEvent_* and PrlEvtPrm_*: reading events (core-api 5.4).
#include <prlsdk/Parallels.h>

#include <charconv>
#include <string>

#include "calls.h"
#include "sdk/boundary.h"
#include "sdk/errors.h"
#include "sdk/server.h"
#include "sdk/strings.h"
#include "sdk/vm_handle.h"

namespace prl::sdk::calls {

namespace {

// Text that is no number, or is out of range, counts as 0 with success.
template <class Number>
Number number_in(const std::string& text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : Number{0};
}

template <class Number>
PRL_RESULT read_number(Call& call, PRL_HANDLE handle, Number* out) {
  const auto parameter = call.pin<EventParameter>(handle);
  if (!parameter || !out) return PRL_ERR_INVALID_ARG;
  *out = number_in<Number>(parameter->content().text);
  return PRL_ERR_SUCCESS;
}

}  // namespace

PRL_RESULT event_get_type(Call& call, PRL_HANDLE handle, PRL_EVENT_TYPE_PTR type) {
  const auto event = call.pin<Event>(handle);
  if (!event || !type) return PRL_ERR_INVALID_ARG;
  *type = event->content.type;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_server(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR server) {
  const auto event = call.pin<Event>(handle);
  if (!event || !server) return PRL_ERR_INVALID_ARG;
  *server = event->server ? call.give(event->server) : PRL_INVALID_HANDLE;
  return event->server ? PRL_ERR_SUCCESS : PRL_ERR_INVALID_HANDLE;
}

// Gives the VM for every event about one, as the header promises; the product does so only for
// some (core-api 5.4 [F]).
PRL_RESULT event_get_vm(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR vm) {
  const auto event = call.pin<Event>(handle);
  if (!event || !vm) return PRL_ERR_INVALID_ARG;
  *vm = event->vm ? call.give(event->vm) : PRL_INVALID_HANDLE;
  return event->vm ? PRL_ERR_SUCCESS : PRL_ERR_INVALID_HANDLE;
}

// No event modelled so far belongs to a job.
PRL_RESULT event_get_job(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR job) {
  const auto event = call.pin<Event>(handle);
  if (!event || !job) return PRL_ERR_INVALID_ARG;
  *job = PRL_INVALID_HANDLE;
  return PRL_ERR_UNINITIALIZED;
}

PRL_RESULT event_get_params_count(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR count) {
  const auto event = call.pin<Event>(handle);
  if (!event || !count) return PRL_ERR_INVALID_ARG;
  *count = static_cast<PRL_UINT32>(event->content.parameters.size());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_param(Call& call, PRL_HANDLE handle, PRL_UINT32 index,
                           PRL_HANDLE_PTR parameter) {
  const auto event = call.pin<Event>(handle);
  if (!event || !parameter || index >= event->content.parameters.size()) {
    return PRL_ERR_INVALID_ARG;
  }
  *parameter = call.make<EventParameter>(event, static_cast<size_t>(index));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_param_by_name(Call& call, PRL_HANDLE handle, PRL_CONST_STR name,
                                   PRL_HANDLE_PTR parameter) {
  const auto event = call.pin<Event>(handle);
  if (!event || !name || !parameter) return PRL_ERR_INVALID_ARG;
  const EventParameterValue* value = event->content.find(name);
  if (!value) return PRL_ERR_NO_DATA;
  const auto index = static_cast<size_t>(value - event->content.parameters.data());
  *parameter = call.make<EventParameter>(event, index);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_err_code(Call& call, PRL_HANDLE handle, PRL_RESULT_PTR code) {
  const auto event = call.pin<Event>(handle);
  if (!event || !code) return PRL_ERR_INVALID_ARG;
  *code = event->content.code;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_err_string(Call& call, PRL_HANDLE handle, PRL_BOOL brief,
                                PRL_BOOL /*formatted*/, PRL_STR buffer, PRL_UINT32_PTR length) {
  const auto event = call.pin<Event>(handle);
  if (!event || !length) return PRL_ERR_INVALID_ARG;
  return copy_string(describe_result(event->content.code, brief != PRL_FALSE,
                                     event->content.message_parameters()),
                     buffer, length);
}

PRL_RESULT event_can_be_ignored(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR can_be_ignored) {
  const auto event = call.pin<Event>(handle);
  if (!event || !can_be_ignored) return PRL_ERR_INVALID_ARG;
  const ResultText* text = find_result_text(event->content.code);
  *can_be_ignored = text && text->can_be_ignored ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

// Questions are not modelled yet, and nothing else wants an answer.
PRL_RESULT event_is_answer_required(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR required) {
  const auto event = call.pin<Event>(handle);
  if (!event || !required) return PRL_ERR_INVALID_ARG;
  *required = PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_issuer_type(Call& call, PRL_HANDLE handle, PRL_EVENT_ISSUER_TYPE_PTR type) {
  const auto event = call.pin<Event>(handle);
  if (!event || !type) return PRL_ERR_INVALID_ARG;
  *type = event->content.issuer_type;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_issuer_id(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                               PRL_UINT32_PTR length) {
  const auto event = call.pin<Event>(handle);
  if (!event || !length) return PRL_ERR_INVALID_ARG;
  return copy_string(event->content.issuer.format(), buffer, length);
}

PRL_RESULT evt_prm_get_name(Call& call, PRL_HANDLE handle, PRL_STR buffer, PRL_UINT32_PTR length) {
  const auto parameter = call.pin<EventParameter>(handle);
  if (!parameter || !length) return PRL_ERR_INVALID_ARG;
  return copy_string(parameter->content().name, buffer, length);
}

PRL_RESULT evt_prm_get_type(Call& call, PRL_HANDLE handle, PRL_PARAM_FIELD_DATA_TYPE_PTR type) {
  const auto parameter = call.pin<EventParameter>(handle);
  if (!parameter || !type) return PRL_ERR_INVALID_ARG;
  *type = parameter->content().type;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT evt_prm_to_string(Call& call, PRL_HANDLE handle, PRL_STR buffer, PRL_UINT32_PTR length) {
  const auto parameter = call.pin<EventParameter>(handle);
  if (!parameter || !length) return PRL_ERR_INVALID_ARG;
  return copy_string(parameter->content().text, buffer, length);
}

PRL_RESULT evt_prm_to_uint32(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR value) {
  return read_number(call, handle, value);
}

PRL_RESULT evt_prm_to_int32(Call& call, PRL_HANDLE handle, PRL_INT32_PTR value) {
  return read_number(call, handle, value);
}

PRL_RESULT evt_prm_to_uint64(Call& call, PRL_HANDLE handle, PRL_UINT64_PTR value) {
  return read_number(call, handle, value);
}

PRL_RESULT evt_prm_to_int64(Call& call, PRL_HANDLE handle, PRL_INT64_PTR value) {
  return read_number(call, handle, value);
}

// "true" is no number, so it counts as false, as in the product.
PRL_RESULT evt_prm_to_boolean(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR value) {
  PRL_UINT32 number = 0;
  if (!value) return PRL_ERR_INVALID_ARG;
  const PRL_RESULT code = read_number(call, handle, &number);
  if (PRL_FAILED(code)) return code;
  *value = number ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
