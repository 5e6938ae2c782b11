// Backups of virtual machines: those that the host keeps, PrlSrv_CreateVmBackup and its kin, and
// those that clients copy by themselves, PrlBackup_* and PrlVmBackup_* (config-model 10).
#include <prlsdk/Parallels.h>

#include <memory>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/backup.h"
#include "sdk/calls/host_job.h"
#include "sdk/calls/vm_job.h"
#include "sdk/disk.h"
#include "sdk/host_documents.h"
#include "sdk/mac_address.h"
#include "sdk/node_handle.h"

namespace prl::sdk::calls {

namespace {

using sim::OutcomeKind;
using sim::PropertyTree;

// ---- Where backups are -----------------------------------------------------------------------

constexpr std::string_view kDefaultServer = "BackupSourcePreferences.DefaultBackupServer";
constexpr std::string_view kDefaultFolder = "BackupTargetPreferences.DefaultBackupDirectory";

// The preference counts once somebody has changed it, or a scenario says it: otherwise a host keeps
// backups in its own folder.
std::string preferred_folder(const sim::Host& host) {
  const std::string folder = text_at(host.document(kPreferences), kDefaultFolder);
  return folder == kFreshBackupFolder ? "" : folder;
}

// On the host that is named, or on the default server, which is this host unless its preferences
// say otherwise.
sim::FindPlace place_on(const char* host, const PRL_BACKUP_PARAM* extra) {
  const bool names_folder = extra && extra->backup_directory;
  return [server = std::string(host),
          folder = std::string(names_folder ? extra->backup_directory : "")](
             const sim::HostStep& step) -> sim::Expected<sim::BackupPlace, sim::Outcome> {
    const PropertyTree& preferences = step.host.document(kPreferences);
    const std::string target = server.empty() ? text_at(preferences, kDefaultServer) : server;
    if (!target.empty() && !is_own_name(step.host, target)) {
      return sim::Unexpected{sim::Outcome(OutcomeKind::kBackupServerUnreachable, {target})};
    }
    sim::BackupPlace place{.folder = folder.empty() ? preferred_folder(step.host) : folder,
                           .host = own_name(step.host)};
    if (!place.folder.empty() && !place.folder.starts_with('/')) {
      return sim::Unexpected{sim::Outcome(OutcomeKind::kPathNotAbsolute, {place.folder})};
    }
    return place;
  };
}

// What is no uuid names no VM: the nil one stands for that. The empty text stands for all.
std::optional<sim::Uuid> vm_named(const char* uuid) {
  if (!*uuid) return std::nullopt;
  return sim::Uuid::parse(uuid).value_or(sim::Uuid());
}

// For what a client may cancel, from the beginning to the end.
sim::Caller cancellable_caller_of(const Call& call, const ServerJob& begun, PRL_UINT32 flags) {
  begun.job->cancellation = std::make_shared<sim::Cancellation>(
      sim::Cancellation{.ends_with_session = (flags & PACF_CANCEL_TASK_ON_END_SESSION) != 0});
  sim::Caller caller = begun.caller(call);
  caller.cancellation = begun.job->cancellation;
  return caller;
}

// Ends the job; `add` adds what it has to say.
template <class Add>
sim::OperationDone finish_with(const Ref<Job>& job, Add add) {
  return [job, add = std::move(add)](const sim::Report& report) {
    Job::Outcome outcome = to_job_outcome(report);
    if (report.outcome.ok()) add(report, outcome);
    job->server->library().finish_job(*job, std::move(outcome));
  };
}

void add_nothing(const sim::Report& /*report*/, Job::Outcome& /*outcome*/) {}

// ---- Backups of the host ---------------------------------------------------------------------

// Empty where the flags name more than one.
std::optional<sim::BackupLevel> level_in(PRL_UINT32 flags) {
  switch (flags & (PBT_FULL | PBT_INCREMENTAL | PBT_DIFFERENTIAL)) {
    case 0:
      return sim::BackupLevel::kAny;
    case PBT_FULL:
      return sim::BackupLevel::kFull;
    case PBT_INCREMENTAL:
      return sim::BackupLevel::kIncremental;
    case PBT_DIFFERENTIAL:
      return sim::BackupLevel::kDifferential;
    default:
      return std::nullopt;
  }
}

PRL_HANDLE create(Call& call, PRL_HANDLE server, const char* vm, PRL_UINT32 flags,
                  sim::BackupOrder order) {
  const auto level = level_in(flags);
  if (!level) return call.bad_argument_job();
  const ServerJob begun = begin_server_job(call, server);
  if (!begun.job) return begun.given;
  order.level = *level;
  call.world().backups().create(
      cancellable_caller_of(call, begun, flags), vm_named(vm).value_or(sim::Uuid()),
      std::move(order),
      finish_with(begun.job, [](const sim::Report& report, Job::Outcome& outcome) {
        PropertyTree result;
        result.set("BackupUuid", *report.text);
        outcome.answers.emplace_back(DocumentAnswer{PHT_BACKUP_RESULT, std::move(result)});
      }));
  return begun.given;
}

PRL_HANDLE restore(Call& call, PRL_HANDLE server, PRL_UINT32 flags, sim::RestoreOrder order) {
  const bool names_nothing = !order.choice.vm && order.choice.id.empty();
  if (names_nothing) return call.bad_argument_job();
  // A VM that runs while it comes back is not modelled.
  if (flags & PBT_RESTORE_RUNNING) return call.local_job(PRL_ERR_UNIMPLEMENTED);
  const ServerJob begun = begin_server_job(call, server);
  if (!begun.job) return begun.given;
  order.is_copy = (flags & PBT_RESTORE_TO_COPY) != 0;
  order.make_mac = mac_from;
  call.world().backups().restore(
      cancellable_caller_of(call, begun, flags), std::move(order),
      finish_with(begun.job, [](const sim::Report& report, Job::Outcome& outcome) {
        outcome.answers = vm_answers(report);
      }));
  return begun.given;
}

PRL_HANDLE remove(Call& call, PRL_HANDLE server, PRL_UINT32 flags, sim::BackupRemoval removal) {
  const bool names_nothing = !removal.choice.vm && removal.choice.id.empty();
  if (names_nothing) return call.bad_argument_job();
  const ServerJob begun = begin_server_job(call, server);
  if (!begun.job) return begun.given;
  removal.may_be_absent = (flags & PBT_IGNORE_NOT_EXISTS) != 0;
  removal.keeps_others = (flags & PBT_KEEP_CHAIN) != 0;
  call.world().backups().remove(begun.caller(call), std::move(removal),
                                finish_with(begun.job, add_nothing));
  return begun.given;
}

PRL_HANDLE tree(Call& call, PRL_HANDLE server, const char* uuid, const char* host, PRL_UINT32 flags,
                const PRL_BACKUP_PARAM* extra) {
  const ServerJob begun = begin_server_job(call, server);
  if (!begun.job) return begun.given;
  sim::BackupChoice choice{.place = place_on(host, extra)};
  if (flags & PBT_BACKUP_ID) {
    choice.id = uuid;
  } else {
    choice.vm = vm_named(uuid);
  }
  choice.is_of_containers = (flags & (PBT_VM | PBT_CT)) == PBT_CT;
  call.world().backups().tree(
      begun.caller(call), std::move(choice), (flags & PBT_CHAIN) != 0,
      finish_with(begun.job, [](const sim::Report& report, Job::Outcome& outcome) {
        outcome.answers.emplace_back(*report.text);
      }));
  return begun.given;
}

}  // namespace

PRL_HANDLE srv_create_vm_backup(Call& call, PRL_HANDLE server, PRL_CONST_STR vm, PRL_CONST_STR host,
                                PRL_UINT32 port, PRL_CONST_STR session, PRL_CONST_STR description,
                                PRL_UINT32 flags, PRL_UINT32 reserved, PRL_BOOL force) {
  return srv_create_vm_backup_ex(call, server, vm, host, port, session, description, flags,
                                 reserved, force, nullptr);
}

PRL_HANDLE srv_create_vm_backup_ex(Call& call, PRL_HANDLE server, PRL_CONST_STR vm,
                                   PRL_CONST_STR host, PRL_UINT32 /*port*/, PRL_CONST_STR session,
                                   PRL_CONST_STR description, PRL_UINT32 flags,
                                   PRL_UINT32 /*reserved*/, PRL_BOOL /*force*/,
                                   const PRL_BACKUP_PARAM* extra) {
  if (!vm || !host || !session || !description) return call.bad_argument_job();
  if (!call.pin<Server>(server)) return call.bad_argument_job();
  return create(call, server, vm, flags,
                {.place = place_on(host, extra), .description = description});
}

PRL_HANDLE srv_restore_vm_backup(Call& call, PRL_HANDLE server, PRL_CONST_STR vm,
                                 PRL_CONST_STR backup, PRL_CONST_STR host, PRL_UINT32 port,
                                 PRL_CONST_STR session, PRL_CONST_STR home_path, PRL_CONST_STR name,
                                 PRL_UINT32 flags, PRL_UINT32 reserved, PRL_BOOL force) {
  return srv_restore_vm_backup_ex(call, server, vm, backup, host, port, session, home_path, name,
                                  flags, reserved, force, nullptr);
}

PRL_HANDLE srv_restore_vm_backup_ex(Call& call, PRL_HANDLE server, PRL_CONST_STR vm,
                                    PRL_CONST_STR backup, PRL_CONST_STR host, PRL_UINT32 /*port*/,
                                    PRL_CONST_STR session, PRL_CONST_STR home_path,
                                    PRL_CONST_STR name, PRL_UINT32 flags, PRL_UINT32 /*reserved*/,
                                    PRL_BOOL /*force*/, const PRL_BACKUP_PARAM* extra) {
  if (!vm || !backup || !host || !session || !home_path || !name) return call.bad_argument_job();
  if (!call.pin<Server>(server)) return call.bad_argument_job();
  return restore(call, server, flags,
                 {.choice = {.place = place_on(host, extra), .vm = vm_named(vm), .id = backup},
                  .root_path = home_path,
                  .name = name});
}

PRL_HANDLE srv_remove_vm_backup(Call& call, PRL_HANDLE server, PRL_CONST_STR vm,
                                PRL_CONST_STR backup, PRL_CONST_STR host, PRL_UINT32 port,
                                PRL_CONST_STR session, PRL_UINT32 flags, PRL_UINT32 reserved,
                                PRL_BOOL force) {
  return srv_remove_vm_backup_ex(call, server, vm, backup, host, port, session, flags, reserved,
                                 force, nullptr);
}

PRL_HANDLE srv_remove_vm_backup_ex(Call& call, PRL_HANDLE server, PRL_CONST_STR vm,
                                   PRL_CONST_STR backup, PRL_CONST_STR host, PRL_UINT32 /*port*/,
                                   PRL_CONST_STR session, PRL_UINT32 flags, PRL_UINT32 /*reserved*/,
                                   PRL_BOOL /*force*/, const PRL_BACKUP_PARAM* extra) {
  if (!vm || !backup || !host || !session) return call.bad_argument_job();
  if (!call.pin<Server>(server)) return call.bad_argument_job();
  return remove(call, server, flags,
                {.choice = {.place = place_on(host, extra), .vm = vm_named(vm), .id = backup}});
}

PRL_HANDLE srv_get_backup_tree(Call& call, PRL_HANDLE server, PRL_CONST_STR uuid,
                               PRL_CONST_STR host, PRL_UINT32 /*port*/, PRL_CONST_STR session,
                               PRL_UINT32 flags, PRL_UINT32 /*reserved*/, PRL_BOOL /*force*/) {
  if (!uuid || !host || !session) return call.bad_argument_job();
  return tree(call, server, uuid, host, flags, nullptr);
}

PRL_HANDLE srv_get_backup_tree_ex(Call& call, PRL_HANDLE server, PRL_CONST_STR uuid,
                                  PRL_CONST_STR host, PRL_UINT32 /*port*/, PRL_CONST_STR session,
                                  PRL_UINT32 flags, PRL_UINT32 /*reserved*/, PRL_BOOL /*force*/,
                                  const PRL_BACKUP_PARAM* extra) {
  if (!uuid || !host || !session) return call.bad_argument_job();
  return tree(call, server, uuid, host, flags, extra);
}

// ---- Copies by clients -----------------------------------------------------------------------

namespace {

// An object for each VM of the report. Called with the world locked.
void add_objects(const Ref<Job>& job, const sim::Report& report, Job::Outcome& outcome) {
  HandleTable& handles = job->server->library().handles();
  for (const sim::ClientCopy& copy : report.copies) {
    outcome.answers.emplace_back(
        ObjectAnswer{handles.insert(std::make_unique<Backup>(job->server, copy))});
  }
}

sim::OperationDone finish_with_objects(const Ref<Job>& job) {
  return finish_with(job, [job](const sim::Report& report, Job::Outcome& outcome) {
    add_objects(job, report, outcome);
  });
}

// A record of this type that no server has made names no VM.
Ref<Backup> pin_backup(const Call& call, PRL_HANDLE handle) {
  Ref<Object> object = call.pin_any(handle);
  if (!dynamic_cast<Backup*>(object.get())) return {};
  return Ref<Backup>::cast(std::move(object));
}

// A job on the server that the object came from.
struct BackupJob : ServerJob {
  Ref<Backup> backup;
};

BackupJob begin_backup_job(Call& call, PRL_HANDLE handle) {
  BackupJob begun;
  begun.backup = pin_backup(call, handle);
  if (!begun.backup) {
    begun.given = call.bad_argument_job();
    return begun;
  }
  begun.server = begun.backup->server;
  if (!begun.server->is_connected()) {
    begun.given = call.not_connected_job(begun.server);
  } else {
    begun.job = call.start_job(begun.server);
    begun.given = call.give(begun.job);
  }
  return begun;
}

PRL_HANDLE end_copy(Call& call, PRL_HANDLE handle, bool is_successful) {
  const BackupJob begun = begin_backup_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().backups().end_copy(begun.caller(call), begun.backup->vm, begun.backup->session(),
                                  is_successful, finish_with(begun.job, add_nothing));
  return begun.given;
}

// What the parameters of the object ask for.
sim::CopyOrder order_in(const PropertyTree& tree) {
  const auto* level = std::get_if<uint64_t>(tree.find("Params.Level"));
  const auto* is_remembered = std::get_if<bool>(tree.find("Params.ChangeMonitoring"));
  return {.is_incremental = level && *level == PBL_INCREMENTAL,
          .is_remembered = is_remembered && *is_remembered,
          .location = text_at(tree, "Params.LocationUuid")};
}

}  // namespace

PRL_HANDLE srv_get_backup_vm_list(Call& call, PRL_HANDLE server, PRL_UINT32 /*flags*/) {
  const ServerJob begun = begin_server_job(call, server);
  if (!begun.job) return begun.given;
  call.world().backups().list_copies(begun.caller(call), finish_with_objects(begun.job));
  return begun.given;
}

PRL_HANDLE srv_get_backup_vm_by_path(Call& call, PRL_HANDLE server, PRL_CONST_STR path,
                                     PRL_UINT32 /*flags*/) {
  if (!path) return call.bad_argument_job();
  const ServerJob begun = begin_server_job(call, server);
  if (!begun.job) return begun.given;
  call.world().backups().find_copy(begun.caller(call), path, finish_with_objects(begun.job));
  return begun.given;
}

PRL_HANDLE backup_begin(Call& call, PRL_HANDLE handle, PRL_UINT32 /*flags*/) {
  const BackupJob begun = begin_backup_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().backups().begin_copy(
      begun.caller(call), begun.backup->vm, order_in(begun.backup->tree()),
      finish_with(
          begun.job, [backup = begun.backup](const sim::Report& report, Job::Outcome& /*outcome*/) {
            backup->edit_tree([&](PropertyTree& tree) { show_copy(tree, report.copies.front()); });
          }));
  return begun.given;
}

PRL_HANDLE backup_commit(Call& call, PRL_HANDLE backup, PRL_UINT32 /*flags*/) {
  return end_copy(call, backup, /*is_successful=*/true);
}

PRL_HANDLE backup_rollback(Call& call, PRL_HANDLE backup, PRL_UINT32 /*flags*/) {
  return end_copy(call, backup, /*is_successful=*/false);
}

PRL_HANDLE backup_send_progress(Call& call, PRL_HANDLE handle, PRL_UINT32 done, PRL_UINT32 whole,
                                PRL_RESULT code, PRL_UINT32 /*flags*/) {
  if (whole == 0 || done > whole) return call.bad_argument_job();
  const BackupJob begun = begin_backup_job(call, handle);
  if (!begun.job) return begun.given;
  const auto percent = static_cast<uint32_t>(uint64_t{done} * 100 / whole);
  call.world().backups().tell_progress(begun.caller(call), begun.backup->vm,
                                       begun.backup->session(), percent, code,
                                       finish_with(begun.job, add_nothing));
  return begun.given;
}

// What the flags ask for, a map of changes and a guest that writes its files first, changes nothing
// here: guests do not write to their disks.
PRL_HANDLE vm_begin_backup(Call& call, PRL_HANDLE handle, PRL_UINT32 /*flags*/) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().backups().begin_copy(begun.caller(call), begun.vm->uuid(), {.has_states = true},
                                    finish_with_objects(begun.job));
  return begun.given;
}

PRL_RESULT vm_backup_get_disks_count(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR count) {
  const auto backup = pin_backup(call, handle);
  if (!backup || !count) return PRL_ERR_INVALID_ARG;
  *count = static_cast<PRL_UINT32>(backup->tree().children("Disk").size());
  return PRL_ERR_SUCCESS;
}

// The disk as it was when the backup began; of a VM that is only listed, as it is.
PRL_RESULT vm_backup_get_disk(Call& call, PRL_HANDLE handle, PRL_UINT32 index, PRL_HANDLE_PTR out) {
  const auto backup = pin_backup(call, handle);
  if (!backup || !out) return PRL_ERR_INVALID_ARG;
  const PropertyTree tree = backup->tree();
  const auto disks = tree.children("Disk");
  if (index >= disks.size()) return PRL_ERR_INVALID_ARG;
  const PropertyTree entry = tree.below(PropertyTree::child_path("Disk", disks[index]));
  const std::string path = text_at(entry, "Path");
  const auto state = sim::Uuid::parse(text_at(entry, "State"));
  auto opening = call.world().peripherals().disks.open(path, /*is_writable=*/false);
  if (!opening) return to_result(opening.error());
  auto disk = std::make_unique<Disk>(std::move(*opening), path);
  if (state) {
    const bool is_there = disk->with(
        [&](sim::VirtualDisk& content) { return content.descriptor().find(*state) != nullptr; });
    if (!is_there) return to_result(sim::DiskError::kNoState);
    disk->change_settings([&](Disk::Settings& settings) { settings.state = *state; });
  }
  *out = call.give(call.library().handles().insert(std::move(disk)));
  return PRL_ERR_SUCCESS;
}

PRL_HANDLE vm_backup_commit(Call& call, PRL_HANDLE backup) {
  return end_copy(call, backup, /*is_successful=*/true);
}

PRL_HANDLE vm_backup_rollback(Call& call, PRL_HANDLE backup) {
  return end_copy(call, backup, /*is_successful=*/false);
}

}  // namespace prl::sdk::calls
