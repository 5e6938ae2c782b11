#include "sdk/event.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "sdk/server.h"
#include "sdk/vm_handle.h"

namespace prl::sdk {

namespace {
constexpr std::string_view kMessageParameter = "vm_message_param_";
constexpr std::string_view kMessageChoice = "vm_message_choice_";

template <class... Handler>
struct Overloaded : Handler... {
  using Handler::operator()...;
};
template <class... Handler>
Overloaded(Handler...) -> Overloaded<Handler...>;

// Codes of questions and answers are written without a sign.
std::string unsigned_text(int32_t code) { return std::to_string(static_cast<uint32_t>(code)); }

void add_numbered(EventContent& event, std::string_view prefix, size_t number,
                  PRL_PARAM_FIELD_DATA_TYPE type, std::string text) {
  event.parameters.push_back(
      {std::string(prefix) + std::to_string(number), type, std::move(text)});
}

}  // namespace

const EventParameterValue* EventContent::find(std::string_view name) const {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(),
                   [name](const EventParameterValue& value) { return value.name == name; });
  return found == parameters.end() ? nullptr : &*found;
}

std::vector<std::string> EventContent::message_parameters() const {
  std::vector<std::string> texts;
  while (true) {
    const auto* value = find(std::string(kMessageParameter) + std::to_string(texts.size()));
    if (!value) return texts;
    texts.push_back(value->text);
  }
}

EventContent state_changed_event(const sim::Uuid& vm, uint32_t vms_value) {
  EventContent event = vm_event(PET_DSP_EVT_VM_STATE_CHANGED, vm);
  event.parameters.push_back({"vminfo_vm_state", PFD_INT32, std::to_string(vms_value)});
  return event;
}

PRL_UINT32 addition_state(const sim::VmTasks& tasks) {
  // In the order of sim::VmTask.
  constexpr std::array kBits = {VMAS_CLONING,
                                VMAS_MOVING,
                                VMAS_ARCHIVING,
                                VMAS_UNARCHIVING,
                                VMAS_PACKING,
                                VMAS_UNPACKING,
                                VMAS_NOSTATE,  // converting disks shows nowhere
                                VMAS_NOSTATE,  // nor does a backup (vm-lifecycle 1)
                                VMAS_RESTORING_FROM_BACKUP_OBSOLETE,
                                VMAS_NOSTATE,   // a migration is a state
                                VMAS_CLONING};  // a linked clone is one
  static_assert(kBits.size() == sim::kVmTaskCount);
  PRL_UINT32 state = VMAS_NOSTATE;
  for (size_t i = 0; i < kBits.size(); ++i) {
    if (tasks.has(static_cast<sim::VmTask>(i))) state |= static_cast<PRL_UINT32>(kBits[i]);
  }
  return state;
}

EventContent addition_state_changed_event(const sim::Uuid& vm, const sim::VmTasks& tasks) {
  EventContent event = vm_event(PET_DSP_EVT_VM_ADDITION_STATE_CHANGED, vm);
  event.parameters.push_back(
      {"vminfo_vm_addition_state", PFD_INT32, std::to_string(addition_state(tasks))});
  return event;
}

EventContent vm_event(PRL_EVENT_TYPE type, const sim::Uuid& vm) {
  EventContent event;
  event.type = type;
  event.issuer = vm;
  return event;
}

namespace {

// No type is known that tells of networks and their service: they are part of the hardware's.
PRL_EVENT_TYPE type_of(sim::HostEvent::Kind kind) {
  switch (kind) {
    case sim::HostEvent::Kind::kPreferencesChanged: return PET_DSP_EVT_COMMON_PREFS_CHANGED;
    case sim::HostEvent::Kind::kUserProfileChanged: return PET_DSP_EVT_USER_PROFILE_CHANGED;
    case sim::HostEvent::Kind::kLicenceChanged: return PET_DSP_EVT_LICENSE_CHANGED;
    case sim::HostEvent::Kind::kNetworksChanged:
    case sim::HostEvent::Kind::kNetworkServiceChanged:
    case sim::HostEvent::Kind::kHardwareChanged: return PET_DSP_EVT_HW_CONFIG_CHANGED;
    case sim::HostEvent::Kind::kStatistics: return PET_DSP_EVT_HOST_STATISTICS_UPDATED;
    case sim::HostEvent::Kind::kCounters: return PET_DSP_EVT_PERFSTATS;
    case sim::HostEvent::Kind::kApplianceProgress:
      return PET_DSP_EVT_APPLIANCE_DOWNLOAD_PROGRESS_CHANGED;
    case sim::HostEvent::Kind::kApplianceFetched: return PET_DSP_EVT_APPLIANCE_DOWNLOAD_FINISHED;
    case sim::HostEvent::Kind::kApplianceUnpackBegun:
      return PET_DSP_EVT_APPLIANCE_ARCHIVE_UNPACK_STARTED;
    case sim::HostEvent::Kind::kApplianceUnpacked:
      return PET_DSP_EVT_APPLIANCE_ARCHIVE_UNPACK_FINISHED;
    case sim::HostEvent::Kind::kApplianceRegistrationBegun:
      return PET_DSP_EVT_APPLIANCE_REGISTER_VM_STARTED;
    case sim::HostEvent::Kind::kApplianceRegistered:
      return PET_DSP_EVT_APPLIANCE_REGISTER_VM_FINISHED;
  }
  return PET_DSP_EVT_HW_CONFIG_CHANGED;
}

}  // namespace

EventContent host_event(const sim::HostEvent& event) {
  using Kind = sim::HostEvent::Kind;
  EventContent content = vm_event(type_of(event.kind), event.vm);
  if (event.vm != sim::Uuid()) {
    if (event.kind == Kind::kStatistics) content.type = PET_DSP_EVT_VM_STATISTICS_UPDATED;
    if (event.kind == Kind::kCounters) {
      content.type = PET_DSP_EVT_VM_PERFSTATS;
      content.issuer_type = PIE_VIRTUAL_MACHINE;
    }
  }
  const PRL_PARAM_FIELD_DATA_TYPE type = event.kind == Kind::kCounters     ? PFD_INT64
                                         : event.kind == Kind::kStatistics ? PFD_ENTITY
                                                                           : PFD_STRING;
  for (const auto& [name, value] : event.parameters) {
    content.parameters.push_back({name, type, value});
  }
  return content;
}

// The type is the same whatever was stored, as the library's own GetError does (core-api 3.3).
EventContent error_event(PRL_RESULT code, PRL_EVENT_ISSUER_TYPE issuer_type,
                         const std::vector<std::string>& message_parameters) {
  EventContent event;
  event.type = PET_VM_INF_UNINITIALIZED_EVENT_CODE;
  event.issuer_type = issuer_type;
  event.code = code;
  for (const std::string& text : message_parameters) {
    event.parameters.push_back(
        {std::string(kMessageParameter) + std::to_string(event.parameters.size()), PFD_STRING,
         text});
  }
  return event;
}

namespace {

PRL_EVENT_TYPE type_of(sim::Progress::Kind kind) {
  using Kind = sim::Progress::Kind;
  switch (kind) {
    case Kind::kSuspend: return PET_JOB_SUSPEND_PROGRESS_CHANGED;
    case Kind::kResume: return PET_JOB_RESUME_PROGRESS_CHANGED;
    case Kind::kSnapshot: return PET_JOB_CREATE_SNAPSHOT_PROGRESS_CHANGED;
    case Kind::kRestore: return PET_JOB_SWITCH_TO_SNAPSHOT_PROGRESS_CHANGED;
    case Kind::kSnapshotRemoval: return PET_JOB_DELETE_SNAPSHOT_PROGRESS_CHANGED;
    case Kind::kFiles: return PET_JOB_FILE_COPY_PROGRESS_CHANGED;
    case Kind::kOther: break;
  }
  return PET_DSP_EVT_JOB_PROGRESS_CHANGED;
}

}  // namespace

EventContent progress_event(const sim::Uuid& vm, const sim::Progress& progress) {
  EventContent event = vm_event(type_of(progress.kind), vm);
  event.job = progress.job;
  event.parameters.push_back({"progress_changed", PFD_UINT32, std::to_string(progress.percent)});
  return event;
}

EventContent question_event(const sim::Question& question) {
  EventContent event = vm_event(PET_DSP_EVT_VM_QUESTION, question.vm);
  event.code = question.code;
  event.question = question.number;
  for (size_t i = 0; i < question.parameters.size(); ++i) {
    add_numbered(event, kMessageParameter, i, PFD_STRING, question.parameters[i]);
  }
  for (size_t i = 0; i < question.choices.size(); ++i) {
    add_numbered(event, kMessageChoice, i, PFD_UINT32, unsigned_text(question.choices[i]));
  }
  return event;
}

namespace {

// What the host copies has events of its own, apart from what a client copies.
PRL_EVENT_TYPE type_of(const sim::BackupNotice& notice) {
  using Kind = sim::BackupNotice::Kind;
  const bool is_copy = notice.is_copied_by_client;
  switch (notice.kind) {
    case Kind::kStarted:
      return is_copy ? PET_DSP_EVT_BACKUP_STARTED : PET_DSP_EVT_BACKUP_STARTED_OBSOLETE;
    case Kind::kProgress:
      return is_copy ? PET_DSP_EVT_BACKUP_PROGRESS_INFO : PET_DSP_EVT_BACKUP_PROGRESS_CHANGED;
    case Kind::kFinished:
      return is_copy ? PET_DSP_EVT_BACKUP_FINISHED : PET_DSP_EVT_CREATE_BACKUP_FINISHED;
    case Kind::kCancelled:
      return is_copy ? PET_DSP_EVT_BACKUP_ABORTED : PET_DSP_EVT_BACKUP_CANCELLED;
    case Kind::kRestoreProgress: return PET_DSP_EVT_RESTORE_PROGRESS_CHANGED;
    case Kind::kRestored: return PET_DSP_EVT_RESTORE_BACKUP_FINISHED;
    case Kind::kRemoved: return PET_DSP_EVT_REMOVE_BACKUP_FINISHED;
    case Kind::kNoFullBackup:
    case Kind::kDiskLeftOut: return PET_DSP_EVT_ERROR_MESSAGE;
  }
  return PET_DSP_EVT_ERROR_MESSAGE;
}

EventContent backup_event(const sim::Uuid& vm, const sim::BackupNotice& notice) {
  using Kind = sim::BackupNotice::Kind;
  EventContent event = vm_event(type_of(notice), vm);
  event.code = notice.client_code;
  if (notice.kind == Kind::kNoFullBackup) event.code = PRL_WARN_BACKUP_HAS_NOT_FULL_BACKUP;
  if (notice.kind == Kind::kDiskLeftOut) event.code = PRL_WARN_BACKUP_NON_IMAGE_HDD;
  if (notice.kind == Kind::kProgress || notice.kind == Kind::kRestoreProgress) {
    event.parameters.push_back({"progress_changed", PFD_UINT32, std::to_string(notice.percent)});
  }
  return event;
}

// The numbers are the same in both editions (vm-lifecycle 3.1).
EventContent migration_event(const sim::Uuid& vm, const sim::MigrationNotice& notice) {
  using Kind = sim::MigrationNotice::Kind;
  switch (notice.kind) {
    case Kind::kStarted: {
      EventContent event = vm_event(PET_DSP_EVT_VM_MIGRATE_STARTED_OBSOLETE, vm);
      event.parameters.push_back({"vm_migrate_is_source", PFD_BOOLEAN, "1"});
      return event;
    }
    case Kind::kProgress: {
      EventContent event = vm_event(PET_DSP_EVT_VM_MIGRATE_PROGRESS_CHANGED_OBSOLETE, vm);
      event.parameters.push_back({"progress_changed", PFD_UINT32, std::to_string(notice.percent)});
      return event;
    }
    case Kind::kFinished: return vm_event(PET_DSP_EVT_VM_MIGRATE_FINISHED_OBSOLETE, vm);
    case Kind::kCancelled: return vm_event(PET_DSP_EVT_VM_MIGRATE_CANCELLED_OBSOLETE, vm);
  }
  return vm_event(PET_DSP_EVT_VM_MIGRATE_CANCELLED_OBSOLETE, vm);
}

}  // namespace

EventContent notice_event(const sim::Uuid& vm, const sim::Notice& notice) {
  return std::visit(
      Overloaded{[](const sim::Question& question) { return question_event(question); },
                 [&](const sim::QuestionAnswered& answered) {
                   EventContent event = vm_event(PET_DSP_EVT_ANSWER_TO_VM_WAS_DONE, vm);
                   add_numbered(event, kMessageChoice, 0, PFD_UINT32,
                                unsigned_text(answered.choice));
                   return event;
                 },
                 [&](const sim::DeviceChanged& changed) {
                   EventContent event = vm_event(PET_DSP_EVT_VM_DEV_STATE_CHANGED, vm);
                   event.parameters.push_back(
                       {"vm_config_dev_state", PFD_ENTITY, changed.device.serialise()});
                   return event;
                 },
                 [&](const sim::ToolsAnswer&) {
                   EventContent event = vm_event(PET_DSP_EVT_VM_TOOLS_STATE_CHANGED, vm);
                   event.parameters.push_back(
                       {"vm_tools_state", PFD_INT32, std::to_string(PTS_INSTALLED)});
                   event.parameters.push_back(
                       {"vm_tools_version", PFD_STRING, std::string(kToolsVersion)});
                   return event;
                 },
                 [&](const sim::SecurityChanged& changed) {
                   EventContent event = vm_event(PET_DSP_EVT_VM_SECURITY_CHANGED, vm);
                   event.parameters.push_back(
                       {"vm_security_info", PFD_ENTITY, changed.rights.serialise()});
                   return event;
                 },
                 [&](const sim::ConfigApplied& applied) {
                   EventContent event = vm_event(PET_DSP_EVT_VM_CONFIG_APPLIED, vm);
                   if (applied.needs_restart) event.code = PRL_ERR_VM_APPLY_CONFIG_NEEDS_REBOOT;
                   return event;
                 },
                 [&](const sim::BackupNotice& backup) { return backup_event(vm, backup); },
                 [&](const sim::MigrationNotice& told) { return migration_event(vm, told); }},
      notice);
}

EventContent answer_event(const EventContent& question, PRL_RESULT answer) {
  EventContent event = vm_event(PET_DSP_EVT_ANSWER_TO_VM_WAS_DONE, question.issuer);
  event.question = question.question;
  event.parameters.push_back({"vm_uuid", PFD_STRING, question.issuer.format()});
  add_numbered(event, kMessageChoice, 0, PFD_UINT32, unsigned_text(answer));
  return event;
}

bool is_question(const EventContent& event) { return event.type == PET_DSP_EVT_VM_QUESTION; }

std::optional<PRL_RESULT> choice_in(const EventContent& answer) {
  const auto* choice = answer.find(std::string(kMessageChoice) + "0");
  if (!choice) return std::nullopt;
  uint32_t code = 0;
  const char* end = choice->text.data() + choice->text.size();
  const auto [stop, error] = std::from_chars(choice->text.data(), end, code);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return static_cast<PRL_RESULT>(code);
}

std::shared_ptr<const EventParameterValue> EventParameter::content() const {
  const auto whole = event->content();
  const auto& all = whole->parameters;
  const bool is_in_place = index < all.size() && all[index].name == name;
  const EventParameterValue* found = is_in_place ? &all[index] : whole->find(name);
  return found ? std::shared_ptr<const EventParameterValue>(whole, found) : nullptr;
}

Event::Event(EventContent event_content, Ref<Server> event_server)
    : Object(kType),
      server(std::move(event_server)),
      content_(std::make_shared<const EventContent>(std::move(event_content))) {}

Event::~Event() = default;

Ref<VmHandle> Event::vm() const {
  return server ? server->find_vm(content()->issuer) : Ref<VmHandle>();
}

}  // namespace prl::sdk
