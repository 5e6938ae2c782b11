// Events and their parameters (core-api 5). An event is immutable once its handle is out; it does
// not depend on the session that brought it.
#pragma once

#include <prlsdk/Parallels.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/handle_table.h"
#include "simulator/session_observer.h"
#include "simulator/uuid.h"

namespace prl::sdk {

class Job;
class Server;
class VmHandle;

struct EventParameterValue {
  std::string name;
  PRL_PARAM_FIELD_DATA_TYPE type = PFD_STRING;
  std::string text;  // numbers in decimal, as they travel in the product
};

struct EventContent {
  PRL_EVENT_TYPE type = PET_DSP_EVT_VM_STATE_CHANGED;
  PRL_EVENT_ISSUER_TYPE issuer_type = PIE_DISPATCHER;
  sim::Uuid issuer;  // nil where nobody is named; always written out, in braces
  PRL_RESULT code = PRL_ERR_SUCCESS;
  std::vector<EventParameterValue> parameters;

  const EventParameterValue* find(std::string_view name) const;
  // The values of vm_message_param_0, _1, ... as far as they go.
  std::vector<std::string> message_parameters() const;
};

EventContent state_changed_event(const sim::Uuid& vm, uint32_t vms_value);
// An event about the VM that says no more than its type.
EventContent vm_event(PRL_EVENT_TYPE type, const sim::Uuid& vm);
EventContent host_event(const sim::HostEvent& event);
EventContent error_event(PRL_RESULT code, PRL_EVENT_ISSUER_TYPE issuer_type,
                         const std::vector<std::string>& message_parameters);

class Event final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_EVENT;
  Event(EventContent content, Ref<Server> server, Ref<VmHandle> vm);
  ~Event() override;

  const EventContent content;
  const Ref<Server> server;  // empty for events made locally
  const Ref<VmHandle> vm;    // empty unless the issuer is a VM whose handle is alive
  uint64_t package_id = 0;   // set before the handle is out
};

class EventParameter final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_EVENT_PARAMETER;
  EventParameter(Ref<Event> event, size_t index)
      : Object(kType), event(std::move(event)), index(index) {}

  const EventParameterValue& content() const { return event->content.parameters[index]; }

  const Ref<Event> event;
  const size_t index;
};

}  // namespace prl::sdk
