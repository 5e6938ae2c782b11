// PrlEvent_* and PrlEvtPrm_*: reading events (core-api 5.4).
#include <prlsdk/Parallels.h>

#include <charconv>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/boundary.h"
#include "sdk/errors.h"
#include "sdk/event_object.h"
#include "sdk/event_text.h"
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

// Reads the parameter's value with `read`, unless its event was replaced by one without it.
template <class Read>
PRL_RESULT with_value(const Call& call, PRL_HANDLE handle, const void* out, Read read) {
  const auto parameter = call.pin<EventParameter>(handle);
  if (!parameter || !out) return PRL_ERR_INVALID_ARG;
  const auto value = parameter->content();
  return value ? read(*value) : PRL_ERR_OBJECT_WAS_REMOVED;
}

template <class Number>
PRL_RESULT read_number(Call& call, PRL_HANDLE handle, Number* out) {
  return with_value(call, handle, out, [out](const EventParameterValue& value) {
    *out = number_in<Number>(value.text);
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT read_text(Call& call, PRL_HANDLE handle, PRL_STR buffer, PRL_UINT32_PTR length) {
  return with_value(call, handle, length, [=](const EventParameterValue& value) {
    return copy_string(value.text, buffer, length);
  });
}

PRL_RESULT hand_out(Call& call, PRL_HANDLE_PTR out, const Ref<Event>& like, EventContent content) {
  *out = call.make<Event>(std::move(content), like->server);
  return PRL_ERR_SUCCESS;
}

}  // namespace

PRL_RESULT event_get_type(Call& call, PRL_HANDLE handle, PRL_EVENT_TYPE_PTR type) {
  const auto event = call.pin<Event>(handle);
  if (!event || !type) return PRL_ERR_INVALID_ARG;
  *type = event->content()->type;
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
  const Ref<VmHandle> found = event->vm();
  *vm = found ? call.give(found) : PRL_INVALID_HANDLE;
  return found ? PRL_ERR_SUCCESS : PRL_ERR_INVALID_HANDLE;
}

// Only events of its progress belong to a job.
PRL_RESULT event_get_job(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR job) {
  const auto event = call.pin<Event>(handle);
  if (!event || !job) return PRL_ERR_INVALID_ARG;
  *job = PRL_INVALID_HANDLE;
  const uint32_t value = event->content()->job;
  Ref<Object> found = value == 0 ? Ref<Object>() : call.library().handles().find(value);
  if (!found || found->type() != Job::kType) return PRL_ERR_UNINITIALIZED;
  *job = call.give(Ref<Job>::cast(std::move(found)));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_params_count(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR count) {
  const auto event = call.pin<Event>(handle);
  if (!event || !count) return PRL_ERR_INVALID_ARG;
  *count = static_cast<PRL_UINT32>(event->content()->parameters.size());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_param(Call& call, PRL_HANDLE handle, PRL_UINT32 index,
                           PRL_HANDLE_PTR parameter) {
  const auto event = call.pin<Event>(handle);
  if (!event || !parameter) return PRL_ERR_INVALID_ARG;
  const auto content = event->content();
  if (index >= content->parameters.size()) return PRL_ERR_INVALID_ARG;
  *parameter = call.make<EventParameter>(event, index, content->parameters[index].name);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_param_by_name(Call& call, PRL_HANDLE handle, PRL_CONST_STR name,
                                   PRL_HANDLE_PTR parameter) {
  const auto event = call.pin<Event>(handle);
  if (!event || !name || !parameter) return PRL_ERR_INVALID_ARG;
  const auto content = event->content();
  const EventParameterValue* value = content->find(name);
  if (!value) return PRL_ERR_NO_DATA;
  const auto index = static_cast<size_t>(value - content->parameters.data());
  *parameter = call.make<EventParameter>(event, index, value->name);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_err_code(Call& call, PRL_HANDLE handle, PRL_RESULT_PTR code) {
  const auto event = call.pin<Event>(handle);
  if (!event || !code) return PRL_ERR_INVALID_ARG;
  *code = event->content()->code;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_err_string(Call& call, PRL_HANDLE handle, PRL_BOOL brief,
                                PRL_BOOL /*formatted*/, PRL_STR buffer, PRL_UINT32_PTR length) {
  const auto event = call.pin<Event>(handle);
  if (!event || !length) return PRL_ERR_INVALID_ARG;
  const auto content = event->content();
  return copy_string(
      describe_result(content->code, brief != PRL_FALSE, content->message_parameters()), buffer,
      length);
}

PRL_RESULT event_can_be_ignored(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR can_be_ignored) {
  const auto event = call.pin<Event>(handle);
  if (!event || !can_be_ignored) return PRL_ERR_INVALID_ARG;
  const ResultText* text = find_result_text(event->content()->code);
  *can_be_ignored = text && text->can_be_ignored ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_is_answer_required(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR required) {
  const auto event = call.pin<Event>(handle);
  if (!event || !required) return PRL_ERR_INVALID_ARG;
  *required = is_question(*event->content()) ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_issuer_type(Call& call, PRL_HANDLE handle, PRL_EVENT_ISSUER_TYPE_PTR type) {
  const auto event = call.pin<Event>(handle);
  if (!event || !type) return PRL_ERR_INVALID_ARG;
  *type = event->content()->issuer_type;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_get_issuer_id(Call& call, PRL_HANDLE handle, PRL_STR buffer,
                               PRL_UINT32_PTR length) {
  const auto event = call.pin<Event>(handle);
  if (!event || !length) return PRL_ERR_INVALID_ARG;
  return copy_string(event->content()->issuer.format(), buffer, length);
}

// Malloc'ed, like everything that PrlBuffer_Free takes.
PRL_RESULT event_get_data_ptr(Call& call, PRL_HANDLE handle, PRL_VOID_PTR_PTR text) {
  const auto event = call.pin<Event>(handle);
  if (!event || !text) return PRL_ERR_INVALID_ARG;
  return give_buffer(to_xml(*event->content()), text);
}

PRL_RESULT event_from_string(Call& call, PRL_HANDLE handle, PRL_CONST_STR text) {
  const auto event = call.pin<Event>(handle);
  if (!event || !text) return PRL_ERR_INVALID_ARG;
  auto content = event_from_xml(text);
  if (!content) return PRL_ERR_INVALID_ARG;
  event->replace(std::move(*content));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT event_create_answer_event(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR answer,
                                     PRL_RESULT choice) {
  const auto event = call.pin<Event>(handle);
  if (!event || !answer) return PRL_ERR_INVALID_ARG;
  return hand_out(call, answer, event, answer_event(*event->content(), choice));
}

// As the request, but with nothing said yet.
PRL_RESULT event_create_response(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR response) {
  const auto event = call.pin<Event>(handle);
  if (!event || !response) return PRL_ERR_INVALID_ARG;
  const auto request = event->content();
  EventContent content = vm_event(request->type, request->issuer);
  content.question = request->question;
  return hand_out(call, response, event, std::move(content));
}

PRL_RESULT evt_prm_get_name(Call& call, PRL_HANDLE handle, PRL_STR buffer, PRL_UINT32_PTR length) {
  return with_value(call, handle, length, [=](const EventParameterValue& value) {
    return copy_string(value.name, buffer, length);
  });
}

PRL_RESULT evt_prm_get_type(Call& call, PRL_HANDLE handle, PRL_PARAM_FIELD_DATA_TYPE_PTR type) {
  return with_value(call, handle, type, [type](const EventParameterValue& value) {
    *type = value.type;
    return PRL_ERR_SUCCESS;
  });
}

PRL_RESULT evt_prm_to_string(Call& call, PRL_HANDLE handle, PRL_STR buffer, PRL_UINT32_PTR length) {
  return read_text(call, handle, buffer, length);
}

PRL_RESULT evt_prm_to_c_data(Call& call, PRL_HANDLE handle, PRL_STR buffer, PRL_UINT32_PTR length) {
  return read_text(call, handle, buffer, length);
}

PRL_RESULT evt_prm_get_buffer(Call& call, PRL_HANDLE handle, PRL_VOID_PTR buffer,
                              PRL_UINT32_PTR length) {
  return with_value(call, handle, length, [=](const EventParameterValue& value) {
    return copy_bytes(value.text, buffer, length);
  });
}

PRL_RESULT evt_prm_to_handle(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR object) {
  const auto parameter = call.pin<EventParameter>(handle);
  return with_value(call, handle, object, [&](const EventParameterValue& value) {
    return make_object(call, *parameter->event, value, object);
  });
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
