// PrlVm_ConvertDisks, PrlVm_Migrate and their kin: what is done to the disks of a virtual machine
// and to other files in its folder, and whereto it does not go (vm-lifecycle 2.4).
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/vm_job.h"
#include "sdk/host_documents.h"
#include "sdk/library.h"
#include "sdk/mac_address.h"

namespace prl::sdk::calls {

namespace {

PRL_HANDLE ask(Call& call, PRL_HANDLE handle, BundleRequest request) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  (call.world().bundles().*request)(begun.caller(call), begun.vm->uuid(),
                                    finish_plainly(begun.job));
  return begun.given;
}

bool is_local_name(std::string_view name) {
  constexpr std::array<std::string_view, 4> kOwn = {"", "localhost", "127.0.0.1", "::1"};
  return std::ranges::find(kOwn, name) != kOwn.end();
}

struct Journey {
  std::string name;       // of the VM, there
  std::string root_path;  // of its folder
  PRL_UINT32 flags = 0;
};

PRL_HANDLE migrate_to(Call& call, PRL_HANDLE handle, const Journey& journey, std::string host,
                      sim::World* target) {
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  sim::World& source = begun.vm->server->world();
  sim::MigrationOrder order{.target = target == &source ? nullptr : target,
                            .host = std::move(host),
                            .name = journey.name,
                            .root_path = journey.root_path};
  order.is_copy = (journey.flags & PVMT_CLONE_MODE) != 0;
  order.make_mac = mac_from;
  order.stays_suspended = (journey.flags & PVMT_DONT_RESUME_VM) != 0;
  source.migrations().migrate(begun.cancellable_caller(call, journey.flags), begun.vm->uuid(),
                              std::move(order), finish_plainly(begun.job));
  return begun.given;
}

// The host is that of the world in which the server object was made.
PRL_HANDLE migrate_to_server(Call& call, PRL_HANDLE vm, PRL_HANDLE handle, const Journey& journey) {
  const auto target = call.pin<Server>(handle);
  if (!target || !call.pin<VmHandle>(vm)) return call.bad_argument_job();
  if (!target->is_connected()) return call.not_connected_job(target);
  return migrate_to(call, vm, journey, "", &target->world());
}

// A name of the host itself, of the host of another world, or of nobody.
PRL_HANDLE migrate_to_host(Call& call, PRL_HANDLE vm, std::string_view host,
                           const Journey& journey) {
  const auto from = call.pin<VmHandle>(vm);
  const bool is_itself = is_local_name(host) ||
                         (from && own_name(from->server->world().host_document(kHardware)) == host);
  if (is_itself) return migrate_to(call, vm, journey, "", nullptr);
  Worlds& worlds = call.library().worlds();
  const auto number = worlds.number_of_host(host);
  return migrate_to(call, vm, journey, std::string(host),
                    number ? &worlds.at(*number).world : nullptr);
}

}  // namespace

// What only asks about the disks, and what shuts the guest down first, is not modelled.
PRL_HANDLE vm_compact(Call& call, PRL_HANDLE handle, PRL_UINT32 mask, PRL_UINT32 flags) {
  if (flags & (PCM_HARD_DISKS_INFO | PCM_COMPACT_SHUTDOWN_VM)) {
    if (!call.pin<VmHandle>(handle)) return call.bad_argument_job();
    return call.local_job(PRL_ERR_UNIMPLEMENTED);
  }
  return run_command(call, handle,
                     {.command = sim::Command::kCompact,
                      .disk_mask = mask & static_cast<PRL_UINT32>(PIM_ALL_DISKS)},
                     flags);
}

PRL_HANDLE vm_cancel_compact(Call& call, PRL_HANDLE vm) {
  return ask(call, vm, &sim::BundleRequests::cancel_compaction);
}

PRL_HANDLE vm_convert_disks(Call& call, PRL_HANDLE handle, PRL_UINT32 mask, PRL_UINT32 flags) {
  if (flags & PCVD_CANCEL) return ask(call, handle, &sim::BundleRequests::cancel_conversion);
  const auto both = [flags](PRL_UINT32 one, PRL_UINT32 other) {
    return (flags & one) != 0 && (flags & other) != 0;
  };
  if (both(PCVD_TO_PLAIN_DISK, PCVD_TO_EXPANDING_DISK) ||
      both(PCVD_TO_SPLIT_DISK, PCVD_TO_NON_SPLIT_DISK)) {
    if (!call.pin<VmHandle>(handle)) return call.bad_argument_job();
    return call.local_job(PRL_ERR_CONV_HD_CONFLICT);
  }
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  sim::DiskConversion conversion{.mask = mask};
  if (flags & PCVD_TO_PLAIN_DISK) conversion.format = PHD_PLAIN_HARD_DISK;
  if (flags & PCVD_TO_EXPANDING_DISK) conversion.format = PHD_EXPANDING_HARD_DISK;
  if (flags & PCVD_TO_SPLIT_DISK) conversion.is_split = true;
  if (flags & PCVD_TO_NON_SPLIT_DISK) conversion.is_split = false;
  call.world().bundles().convert_disks(begun.cancellable_caller(call, flags), begun.vm->uuid(),
                                       conversion, finish_plainly(begun.job));
  return begun.given;
}

PRL_HANDLE vm_cancel_convert_disks(Call& call, PRL_HANDLE vm, PRL_UINT32 /*flags*/) {
  return ask(call, vm, &sim::BundleRequests::cancel_conversion);
}

PRL_HANDLE vm_generate_vm_dev_filename(Call& call, PRL_HANDLE handle, PRL_CONST_STR prefix,
                                       PRL_CONST_STR suffix, PRL_CONST_STR delimiter) {
  if (!prefix || !suffix || !delimiter) return call.bad_argument_job();
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().bundles().free_name(begun.caller(call), begun.vm->uuid(),
                                   {.prefix = prefix, .suffix = suffix, .delimiter = delimiter},
                                   finish_with_text(begun.job));
  return begun.given;
}

PRL_HANDLE vm_update_nvram(Call& call, PRL_HANDLE vm) {
  return ask(call, vm, &sim::BundleRequests::update_nvram);
}

PRL_HANDLE vm_change_sid(Call& call, PRL_HANDLE vm, PRL_UINT32 /*flags*/) {
  return ask(call, vm, &sim::BundleRequests::change_sid);
}

// ---- Migration -------------------------------------------------------------------------------

PRL_HANDLE vm_migrate(Call& call, PRL_HANDLE vm, PRL_HANDLE target, PRL_CONST_STR home_path,
                      PRL_UINT32 flags, PRL_UINT32 /*reserved*/, PRL_BOOL /*force*/) {
  if (!home_path) return call.bad_argument_job();
  return migrate_to_server(call, vm, target, {.name = "", .root_path = home_path, .flags = flags});
}

PRL_HANDLE vm_migrate_ex(Call& call, PRL_HANDLE vm, PRL_CONST_STR host, PRL_UINT32 /*port*/,
                         PRL_CONST_STR session, PRL_CONST_STR home_path, PRL_UINT32 flags,
                         PRL_UINT32 /*reserved*/, PRL_BOOL /*force*/) {
  if (!host || !session || !home_path) return call.bad_argument_job();
  return migrate_to_host(call, vm, host, {.name = "", .root_path = home_path, .flags = flags});
}

PRL_HANDLE vm_migrate_with_rename(Call& call, PRL_HANDLE vm, PRL_HANDLE target, PRL_CONST_STR name,
                                  PRL_CONST_STR home_path, PRL_UINT32 flags,
                                  PRL_UINT32 /*reserved*/, PRL_BOOL /*force*/) {
  if (!name || !home_path) return call.bad_argument_job();
  return migrate_to_server(call, vm, target,
                           {.name = name, .root_path = home_path, .flags = flags});
}

PRL_HANDLE vm_migrate_with_rename_ex(Call& call, PRL_HANDLE vm, PRL_CONST_STR host,
                                     PRL_UINT32 /*port*/, PRL_CONST_STR session, PRL_CONST_STR name,
                                     PRL_CONST_STR home_path, PRL_UINT32 flags,
                                     PRL_UINT32 /*reserved*/, PRL_BOOL /*force*/) {
  if (!host || !session || !name || !home_path) return call.bad_argument_job();
  return migrate_to_host(call, vm, host, {.name = name, .root_path = home_path, .flags = flags});
}

PRL_HANDLE vm_migrate_cancel(Call& call, PRL_HANDLE vm) {
  const VmJob begun = begin_vm_job(call, vm);
  if (!begun.job) return begun.given;
  call.world().migrations().cancel(begun.caller(call), begun.vm->uuid(), finish_plainly(begun.job));
  return begun.given;
}

}  // namespace prl::sdk::calls
