// PrlDisk_*: opening, reading and writing virtual disks (config-model 11). Sizes of transfers are
// in bytes, places and sizes of disks in sectors of 512 bytes.
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "calls.h"
#include "sdk/calls/disk_call.h"
#include "sdk/calls/disk_spec.h"
#include "sdk/node_handle.h"
#include "sdk/records.h"
#include "sdk/strings.h"
#include "sdk/tree.h"

namespace prl::sdk::calls {

namespace {

PRL_RESULT make_disk(const Call& call, std::unique_ptr<sim::OpenDisk> opening, std::string path,
                     uint64_t offset_sectors, PRL_HANDLE_PTR out) {
  *out = call.make<Disk>(std::move(opening), std::move(path), offset_sectors);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT create_disk(Call& call, const std::string& path,
                       const std::optional<sim::DiskSpec>& spec, const DiskProgress& progress,
                       PRL_HANDLE_PTR out) {
  if (!spec) return PRL_ERR_DISK_INVALID_PARAMETERS;
  if (!progress.report(PRL_DISK_PROGRESS_MIN)) return PRL_ERR_DISK_USER_INTERRUPTED;
  auto opening = call.world().peripherals().disks.create(path, *spec);
  if (!opening) return to_result(opening.error());
  progress.report(PRL_DISK_PROGRESS_MAX);
  progress.report(PRL_DISK_PROGRESS_COMPLETED);
  return make_disk(call, std::move(*opening), path, 0, out);
}

PRL_RESULT create_disk(Call& call, PRL_HANDLE_PTR out, PRL_CONST_STR path,
                       PRL_CONST_DISK_PARAMETERS_PTR parameters, PRL_DISK_CALLBACK callback,
                       PRL_CONST_VOID_PTR user_data) {
  if (!out || !path || *path == '\0' || !parameters) return PRL_ERR_INVALID_ARG;
  const DiskProgress progress(callback, const_cast<PRL_VOID_PTR>(user_data));
  return create_disk(call, path, spec_from(*parameters), progress, out);
}

PRL_RESULT open_disk(Call& call, PRL_HANDLE_PTR out, const std::string& path,
                     PRL_DISK_OPEN_FLAGS flags, uint64_t offset_sectors) {
  auto opening = call.world().peripherals().disks.open(path, (flags & PRL_DISK_WRITE) != 0);
  if (!opening) return to_result(opening.error());
  return make_disk(call, std::move(*opening), path, offset_sectors, out);
}

// Behind the pointer may be the handle of an open policy; whatever else is there is not looked at.
uint64_t offset_of_policy(const Call& call, PRL_CONST_VOID_PTR additional) {
  if (!additional) return 0;
  PRL_HANDLE handle = PRL_INVALID_HANDLE;
  std::memcpy(&handle, additional, sizeof handle);
  const auto content = content_of(call.pin_any(handle), PHT_VIRTUAL_DISK_OPEN_POLICY);
  return content ? number_at(*content, "Offset", 0) / sim::kSectorBytes : 0;
}

PRL_RESULT check_bundle(Call& call, PRL_CONST_STR path) {
  if (!path || *path == '\0') return PRL_ERR_INVALID_ARG;
  return code_of(call.world().peripherals().disks.open(path, /*is_writable=*/false));
}

}  // namespace

// ---- Opening ---------------------------------------------------------------------------------

PRL_RESULT disk_create_disk(Call& call, PRL_HANDLE_PTR out, PRL_CONST_STR path,
                            PRL_CONST_DISK_PARAMETERS_PTR parameters, PRL_DISK_CALLBACK callback,
                            PRL_CONST_VOID_PTR user_data) {
  return create_disk(call, out, path, parameters, callback, user_data);
}

PRL_RESULT disk_create_disk_local(Call& call, PRL_HANDLE_PTR out, PRL_CONST_STR path,
                                  PRL_CONST_DISK_PARAMETERS_PTR parameters,
                                  PRL_DISK_CALLBACK callback, PRL_CONST_VOID_PTR user_data) {
  return create_disk(call, out, path, parameters, callback, user_data);
}

PRL_RESULT disk_create_disk_ex(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR out) {
  const auto parameters = content_of(call.pin_any(handle), PHT_VIRTUAL_DISK_OP_PARAMS);
  if (!parameters || !out) return PRL_ERR_INVALID_ARG;
  const std::string path = text_at(*parameters, "DiskFilePath");
  if (path.empty()) return PRL_ERR_DISK_INVALID_PARAMETERS;
  return create_disk(call, path, spec_from(parameters->below("DiskParams")),
                     progress_from(*parameters), out);
}

PRL_RESULT disk_open_disk(Call& call, PRL_HANDLE_PTR out, PRL_CONST_STR path,
                          PRL_DISK_OPEN_FLAGS flags, PRL_CONST_VOID_PTR additional) {
  if (!out || !path || *path == '\0') return PRL_ERR_INVALID_ARG;
  return open_disk(call, out, path, flags, offset_of_policy(call, additional));
}

PRL_RESULT disk_open_disk_local(Call& call, PRL_HANDLE_PTR out, PRL_CONST_STR path,
                                PRL_DISK_OPEN_FLAGS flags, PRL_CONST_VOID_PTR additional) {
  return disk_open_disk(call, out, path, flags, additional);
}

PRL_RESULT disk_open_disk_ex(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR out) {
  const auto parameters = content_of(call.pin_any(handle), PHT_VIRTUAL_DISK_OP_PARAMS);
  if (!parameters || !out) return PRL_ERR_INVALID_ARG;
  const std::string path = text_at(*parameters, "DiskFilePath");
  if (path.empty()) return PRL_ERR_DISK_INVALID_PARAMETERS;
  const auto flags = static_cast<PRL_DISK_OPEN_FLAGS>(number_at(*parameters, "DiskOpenFlags", 0));
  return open_disk(call, out, path, flags, 0);
}

PRL_RESULT disk_open_policy_create_offset(Call& call, PRL_HANDLE_PTR out, PRL_UINT64 offset) {
  if (!out) return PRL_ERR_INVALID_ARG;
  if (offset % sim::kSectorBytes != 0) return PRL_ERR_INVALID_ARG;
  sim::PropertyTree tree;
  tree.set("Offset", uint64_t{offset});
  *out = call.make<Document>(PHT_VIRTUAL_DISK_OPEN_POLICY, std::move(tree));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_free(Call& call, PRL_HANDLE handle) {
  if (!call.pin<Disk>(handle)) return PRL_ERR_INVALID_ARG;
  return call.library().take_back(from_handle(handle)) ? PRL_ERR_SUCCESS : PRL_ERR_INVALID_ARG;
}

// ---- Content ---------------------------------------------------------------------------------

PRL_RESULT disk_read(Call& call, PRL_HANDLE handle, PRL_VOID_PTR block, PRL_UINT32 bytes,
                     PRL_UINT64 sector) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !block) return PRL_ERR_INVALID_ARG;
  const Disk::Settings settings = disk->settings();
  if (sector > UINT64_MAX - disk->offset_sectors) return PRL_ERR_DISK_READ_OUT_DISK;
  return code_of(disk->with([&](sim::VirtualDisk& content) -> sim::DiskResult<void> {
    if (auto allowed = check_key(content, settings.key); !allowed) return allowed;
    return content.read_state(settings.state, sector + disk->offset_sectors,
                              {static_cast<std::byte*>(block), bytes});
  }));
}

PRL_RESULT disk_write(Call& call, PRL_HANDLE handle, PRL_CONST_VOID_PTR block, PRL_UINT32 bytes,
                      PRL_UINT64 sector) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !block) return PRL_ERR_INVALID_ARG;
  const Disk::Settings settings = disk->settings();
  const bool is_current = settings.state == sim::current_state();
  if (!disk->is_writable() || !is_current) return to_result(sim::DiskError::kReadOnly);
  if (sector > UINT64_MAX - disk->offset_sectors) return PRL_ERR_DISK_WRITE_OUT_DISK;
  const auto written = disk->with([&](sim::VirtualDisk& content) -> sim::DiskResult<void> {
    if (auto allowed = check_key(content, settings.key); !allowed) return allowed;
    return content.write(sector + disk->offset_sectors,
                         {static_cast<const std::byte*>(block), bytes});
  });
  if (!written && written.error() == sim::DiskError::kOutside) return PRL_ERR_DISK_WRITE_OUT_DISK;
  return code_of(written);
}

PRL_RESULT disk_flush_cache(Call& call, PRL_HANDLE handle) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk) return PRL_ERR_INVALID_ARG;
  return code_of(disk->with([](sim::VirtualDisk& content) { return content.flush(); }));
}

// Every operation is over when its call returns.
PRL_RESULT disk_wait_for_completion(Call& call, PRL_HANDLE handle) {
  return call.pin<Disk>(handle) ? PRL_ERR_SUCCESS : PRL_ERR_INVALID_ARG;
}

// No cache is between a handle and its disk: the policy is kept and changes nothing.
PRL_RESULT disk_set_caching_policy(Call& call, PRL_HANDLE handle, PRL_UINT32 policy) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || policy > PRL_DISK_CACHE_LIMITED_CACHED_WRITE) return PRL_ERR_INVALID_ARG;
  disk->change_settings([policy](Disk::Settings& settings) { settings.caching = policy; });
  return PRL_ERR_SUCCESS;
}

// ---- Bundles ---------------------------------------------------------------------------------

// Bundles of older layouts are not known, so one that opens is current.
PRL_RESULT disk_convert_to_current(Call& call, PRL_CONST_STR path) {
  return check_bundle(call, path);
}

PRL_RESULT disk_convert_to_current_local(Call& call, PRL_CONST_STR path) {
  return check_bundle(call, path);
}

// As firmware finds out: by the last two bytes of the first sector.
PRL_RESULT disk_is_bootable_local(Call& call, PRL_CONST_STR path, PRL_BOOL_PTR bootable) {
  if (!path || *path == '\0' || !bootable) return PRL_ERR_INVALID_ARG;
  auto opening = call.world().peripherals().disks.open(path, /*is_writable=*/false);
  if (!opening) return to_result(opening.error());
  std::vector<std::byte> sector(sim::kSectorBytes);
  const auto read = (*opening)->with([&](sim::VirtualDisk& disk) { return disk.read(0, sector); });
  if (!read) return to_result(read.error());
  const bool is_signed = sector[510] == std::byte{0x55} && sector[511] == std::byte{0xAA};
  *bootable = is_signed ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_linked_clone_local(Call& call, PRL_HANDLE handle, PRL_CONST_GUID_PTR state,
                                   PRL_CONST_STR path) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !state || !path || *path == '\0') return PRL_ERR_INVALID_ARG;
  return code_of(call.world().peripherals().disks.link(disk->path, to_uuid(*state), path));
}

}  // namespace prl::sdk::calls
