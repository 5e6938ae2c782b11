// Events and their parameters (core-api 5). An event does not depend on the session that brought
// it, and changes only where a client replaces its content (PrlEvent_FromString). Thread-safe.
#pragma once

#include <prlsdk/Parallels.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/handle_table.h"
#include "simulator/notice.h"
#include "simulator/session_observer.h"
#include "simulator/uuid.h"
#include "simulator/vm_tasks.h"

namespace prl::sdk {

class Job;
class Server;
class VmHandle;

// Of the tools that the host gives its guests.
inline constexpr std::string_view kToolsVersion = "9.0.0";

struct EventParameterValue {
  std::string name;
  PRL_PARAM_FIELD_DATA_TYPE type = PFD_STRING;
  std::string text;  // numbers in decimal, as they travel in the product

  bool operator==(const EventParameterValue&) const = default;
};

struct EventContent {
  PRL_EVENT_TYPE type = PET_DSP_EVT_VM_STATE_CHANGED;
  PRL_EVENT_ISSUER_TYPE issuer_type = PIE_DISPATCHER;
  sim::Uuid issuer;  // nil where nobody is named; always written out, in braces
  PRL_RESULT code = PRL_ERR_SUCCESS;
  std::vector<EventParameterValue> parameters;
  uint64_t question = 0;  // the number of the question that this asks or answers; 0: none
  uint32_t job = 0;       // the handle value of the job that this is about; 0: none

  bool operator==(const EventContent&) const = default;
  const EventParameterValue* find(std::string_view name) const;
  // The values of vm_message_param_0, _1, ... as far as they go.
  std::vector<std::string> message_parameters() const;
};

EventContent state_changed_event(const sim::Uuid& vm, uint32_t vms_value);
// The bits of VIRTUAL_MACHINE_ADDITION_STATE; "no state" is always among them (vm-lifecycle 1).
PRL_UINT32 addition_state(const sim::VmTasks& tasks);
EventContent addition_state_changed_event(const sim::Uuid& vm, const sim::VmTasks& tasks);
// An event about the VM that says no more than its type.
EventContent vm_event(PRL_EVENT_TYPE type, const sim::Uuid& vm);
EventContent host_event(const sim::HostEvent& event);
EventContent error_event(PRL_RESULT code, PRL_EVENT_ISSUER_TYPE issuer_type,
                         const std::vector<std::string>& message_parameters);

EventContent progress_event(const sim::Uuid& vm, const sim::Progress& progress);
EventContent question_event(const sim::Question& question);
EventContent notice_event(const sim::Uuid& vm, const sim::Notice& notice);
// What a client sends back: the answer to the question of this event, if it is one.
EventContent answer_event(const EventContent& question, PRL_RESULT answer);
bool is_question(const EventContent& event);
// The choice of an answer event; empty where it has none.
std::optional<PRL_RESULT> choice_in(const EventContent& answer);

class Event final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_EVENT;
  Event(EventContent content, Ref<Server> server);
  ~Event() override;

  // Stays as it is for whoever holds it.
  std::shared_ptr<const EventContent> content() const {
    std::lock_guard lock(mutex_);
    return content_;
  }
  void replace(EventContent content) {
    auto replacement = std::make_shared<const EventContent>(std::move(content));
    std::lock_guard lock(mutex_);
    content_ = std::move(replacement);
  }

  // Of the VM that has issued it, if that is one whose handle is alive.
  Ref<VmHandle> vm() const;

  const Ref<Server> server;  // empty for events made locally
  uint64_t package_id = 0;   // set before the handle is out

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const EventContent> content_;  // guarded by mutex_; never null
};

class EventParameter final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_EVENT_PARAMETER;
  // REQUIRES: `index` is one of the event's parameters.
  EventParameter(Ref<Event> parameter_event, size_t parameter_index, std::string parameter_name)
      : Object(kType),
        event(std::move(parameter_event)),
        index(parameter_index),
        name(std::move(parameter_name)) {}

  // Found again by its name where the event's content was replaced; null where that has none.
  std::shared_ptr<const EventParameterValue> content() const;

  const Ref<Event> event;
  const size_t index;
  const std::string name;
};

}  // namespace prl::sdk
