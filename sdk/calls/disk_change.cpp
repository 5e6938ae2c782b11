// PrlDisk_*: changing the states, the size, the format and the key of a virtual disk. Each is over
// when its call returns; callbacks come from the thread that calls, and may not end the library.
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <string>

#include "calls.h"
#include "sdk/calls/disk_call.h"
#include "sdk/calls/disk_spec.h"
#include "sdk/node_handle.h"
#include "sdk/records.h"

namespace prl::sdk::calls {

namespace {

// A state's own folder is not modelled: every file is in the bundle.
template <class Work>
PRL_RESULT change_state(const Call& call, PRL_HANDLE handle, PRL_CONST_GUID_PTR guid,
                        PRL_STATES_CALLBACK callback, PRL_VOID_PTR parameter, Work work) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !guid) return PRL_ERR_INVALID_ARG;
  const sim::Uuid state = to_uuid(*guid);
  return run_long(disk, DiskProgress(callback, parameter),
                  [&](sim::VirtualDisk& content) { return work(content, state); });
}

// Refuses a size in the wrong direction.
PRL_RESULT resize(const Ref<Disk>& disk, const DiskProgress& progress, uint64_t sectors,
                  bool may_grow, bool may_shrink) {
  return run_long(disk, progress, [&](sim::VirtualDisk& content) -> sim::DiskResult<void> {
    const uint64_t present = content.descriptor().sectors;
    if ((sectors > present && !may_grow) || (sectors < present && !may_shrink)) {
      return sim::Unexpected{sim::DiskError::kBadParameters};
    }
    return content.resize(sectors);
  });
}

std::string bytes_of(PRL_UINT8_PTR bytes, PRL_UINT32 length) {
  return std::string(reinterpret_cast<const char*>(bytes), length);
}

// A bit for each block of `block_sectors`, set where nobody needs the block.
sim::VirtualDisk::IsFree free_blocks(const PRL_UINT8* bitmap, PRL_UINT32 block_sectors) {
  return [=](uint64_t first, uint64_t count) {
    for (uint64_t block = first / block_sectors; block * block_sectors < first + count; ++block) {
      if ((bitmap[block / 8] >> block % 8 & 1) == 0) return false;
    }
    return true;
  };
}

PRL_RESULT encrypt(const Ref<Disk>& disk, const sim::Uuid& engine, const std::string& key,
                   const std::string& salt, const DiskProgress& progress) {
  if (engine.is_nil() || key.empty()) return PRL_ERR_INVALID_ARG;
  const PRL_RESULT code =
      run_long(disk, progress, [&](sim::VirtualDisk& content) -> sim::DiskResult<void> {
        if (!content.descriptor().engine.is_nil()) {
          return sim::Unexpected{sim::DiskError::kEncrypted};
        }
        return content.change([&](sim::DiskDescriptor& descriptor) {
          descriptor.engine = engine;
          descriptor.salt = salt;
          descriptor.key = key_digest(key, salt);
        });
      });
  if (PRL_SUCCEEDED(code)) {
    disk->change_settings([&](Disk::Settings& settings) { settings.key = key; });
  }
  return code;
}

// Of a disk that has one.
sim::DiskResult<void> require_key(const sim::VirtualDisk& disk, const std::string& key) {
  if (disk.descriptor().engine.is_nil()) return sim::Unexpected{sim::DiskError::kNotEncrypted};
  return check_key(disk, key);
}

PRL_RESULT change_key(const Ref<Disk>& disk, const std::string& key, const std::string& new_key,
                      const std::optional<std::string>& salt) {
  if (new_key.empty()) return PRL_ERR_INVALID_ARG;
  const PRL_RESULT code = run_long(
      disk, DiskProgress(PRL_DISK_CALLBACK{}, nullptr),
      [&](sim::VirtualDisk& content) -> sim::DiskResult<void> {
        if (auto allowed = require_key(content, key); !allowed) return allowed;
        return content.change([&](sim::DiskDescriptor& descriptor) {
          if (salt) descriptor.salt = *salt;
          descriptor.key = key_digest(new_key, descriptor.salt);
        });
      });
  if (PRL_SUCCEEDED(code)) {
    disk->change_settings([&](Disk::Settings& settings) { settings.key = new_key; });
  }
  return code;
}

}  // namespace

// ---- States ----------------------------------------------------------------------------------

PRL_RESULT disk_create_state(Call& call, PRL_HANDLE handle, PRL_CONST_STR /*folder*/,
                             PRL_CONST_GUID_PTR guid, PRL_STATES_CALLBACK callback,
                             PRL_VOID_PTR parameter) {
  return change_state(
      call, handle, guid, callback, parameter,
      [](sim::VirtualDisk& disk, const sim::Uuid& state) { return disk.create_state(state); });
}

PRL_RESULT disk_switch_to_state(Call& call, PRL_HANDLE handle, PRL_CONST_STR /*folder*/,
                                PRL_CONST_GUID_PTR guid, PRL_STATES_CALLBACK callback,
                                PRL_VOID_PTR parameter) {
  return change_state(
      call, handle, guid, callback, parameter,
      [](sim::VirtualDisk& disk, const sim::Uuid& state) { return disk.switch_to(state); });
}

PRL_RESULT disk_delete_state(Call& call, PRL_HANDLE handle, PRL_CONST_STR /*folder*/,
                             PRL_CONST_GUID_PTR guid, PRL_BOOL merge, PRL_STATES_CALLBACK callback,
                             PRL_VOID_PTR parameter) {
  return change_state(call, handle, guid, callback, parameter,
                      [merge](sim::VirtualDisk& disk, const sim::Uuid& state) {
                        return disk.delete_state(state, merge != PRL_FALSE);
                      });
}

PRL_RESULT disk_coagulate(Call& call, PRL_HANDLE handle, PRL_STATES_CALLBACK callback,
                          PRL_VOID_PTR parameter) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk) return PRL_ERR_INVALID_ARG;
  return run_long(disk, DiskProgress(callback, parameter),
                  [](sim::VirtualDisk& content) { return content.merge_all(); });
}

// Writing goes on only in the current state.
PRL_RESULT disk_reopen_with_snapshot(Call& call, PRL_HANDLE handle, PRL_CONST_GUID_PTR guid,
                                     PRL_DISK_CALLBACK callback, PRL_VOID_PTR parameter) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !guid) return PRL_ERR_INVALID_ARG;
  const sim::Uuid state = to_uuid(*guid);
  const DiskProgress progress(callback, parameter);
  if (!progress.report(PRL_DISK_PROGRESS_MIN)) return PRL_ERR_DISK_USER_INTERRUPTED;
  const bool exists = disk->with(
      [&](sim::VirtualDisk& content) { return content.descriptor().find(state) != nullptr; });
  if (!exists) return to_result(sim::DiskError::kNoState);
  disk->change_settings([&](Disk::Settings& settings) { settings.state = state; });
  progress.report(PRL_DISK_PROGRESS_COMPLETED);
  return PRL_ERR_SUCCESS;
}

// A bundle switches from one whole state to the next, so nothing is ever left half done.
PRL_RESULT disk_commit_unfinished_op(Call& call, PRL_HANDLE handle, PRL_STATES_CALLBACK callback,
                                     PRL_VOID_PTR parameter) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk) return PRL_ERR_INVALID_ARG;
  return run_long(disk, DiskProgress(callback, parameter),
                  [](sim::VirtualDisk& content) { return content.flush(); });
}

// ---- Sizes and formats -----------------------------------------------------------------------

PRL_RESULT disk_increase_capacity(Call& call, PRL_HANDLE handle,
                                  PRL_CONST_DISK_PARAMETERS_PTR parameters,
                                  PRL_DISK_CALLBACK callback, PRL_VOID_PTR user_data) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !parameters) return PRL_ERR_INVALID_ARG;
  return resize(disk, DiskProgress(callback, user_data), parameters->m_SizeInSectors,
                /*may_grow=*/true, /*may_shrink=*/false);
}

PRL_RESULT disk_decrease_capacity(Call& call, PRL_HANDLE handle, PRL_UINT64 sectors,
                                  PRL_DISK_CALLBACK callback, PRL_VOID_PTR user_data) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk) return PRL_ERR_INVALID_ARG;
  return resize(disk, DiskProgress(callback, user_data), sectors,
                /*may_grow=*/false, /*may_shrink=*/true);
}

PRL_RESULT disk_resize(Call& call, PRL_HANDLE handle, PRL_HANDLE parameters) {
  const auto disk = call.pin<Disk>(handle);
  const auto content = content_of(call.pin_any(parameters), PHT_VIRTUAL_DISK_OP_PARAMS);
  if (!disk || !content) return PRL_ERR_INVALID_ARG;
  return resize(disk, progress_from(*content), number_at(*content, "DiskParams.Size", 0),
                /*may_grow=*/true, /*may_shrink=*/true);
}

PRL_RESULT disk_compact(Call& call, PRL_HANDLE handle, PRL_DISK_CALLBACK callback,
                        PRL_VOID_PTR user_data) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk) return PRL_ERR_INVALID_ARG;
  return run_long(disk, DiskProgress(callback, user_data),
                  [](sim::VirtualDisk& content) { return content.compact(); });
}

PRL_RESULT disk_compact_by_bitmap(Call& call, PRL_HANDLE handle, PRL_UINT8_PTR bitmap,
                                  PRL_UINT32 block_sectors, PRL_DISK_CALLBACK callback,
                                  PRL_VOID_PTR user_data) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !bitmap || block_sectors == 0) return PRL_ERR_INVALID_ARG;
  return run_long(disk, DiskProgress(callback, user_data), [&](sim::VirtualDisk& content) {
    return content.compact(free_blocks(bitmap, block_sectors));
  });
}

PRL_RESULT disk_estimate_compact_by_bitmap(Call& call, PRL_HANDLE handle, PRL_UINT8_PTR bitmap,
                                           PRL_UINT32 block_sectors, PRL_UINT32_PTR blocks,
                                           PRL_DISK_CALLBACK callback, PRL_VOID_PTR user_data) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !bitmap || !blocks || block_sectors == 0) return PRL_ERR_INVALID_ARG;
  const DiskProgress progress(callback, user_data);
  if (!progress.report(PRL_DISK_PROGRESS_MIN)) return PRL_ERR_DISK_USER_INTERRUPTED;
  const auto bytes = disk->with([&](sim::VirtualDisk& content) {
    return content.estimate_compact(free_blocks(bitmap, block_sectors));
  });
  if (!bytes) return to_result(bytes.error());
  *blocks = static_cast<PRL_UINT32>(*bytes / (block_sectors * sim::kSectorBytes));
  progress.report(PRL_DISK_PROGRESS_COMPLETED);
  return PRL_ERR_SUCCESS;
}

// Expanding images have the extended layout from the beginning; plain ones become expanding.
PRL_RESULT disk_convert_to_extend_format(Call& call, PRL_HANDLE handle, PRL_DISK_CALLBACK callback,
                                         PRL_VOID_PTR user_data) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk) return PRL_ERR_INVALID_ARG;
  return run_long(disk, DiskProgress(callback, user_data),
                  [](sim::VirtualDisk& content) -> sim::DiskResult<void> {
                    if (content.type() == sim::DiskImageType::kExpanding) return {};
                    return content.convert(sim::DiskImageType::kExpanding);
                  });
}

// Headers and tables are checked when a disk is opened; what is left to see is whether every
// sector can be read.
PRL_RESULT disk_fix_consistency(Call& call, PRL_HANDLE handle, PRL_DISK_CALLBACK callback,
                                PRL_VOID_PTR user_data) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk) return PRL_ERR_INVALID_ARG;
  return run_long(disk, DiskProgress(callback, user_data),
                  [](sim::VirtualDisk& content) { return content.estimate_compact(); });
}

PRL_RESULT disk_set_user_parameter(Call& call, PRL_HANDLE handle, PRL_CONST_STR name,
                                   PRL_CONST_STR value) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !name || *name == '\0' || !value) return PRL_ERR_INVALID_ARG;
  return run_long(disk, DiskProgress(PRL_DISK_CALLBACK{}, nullptr),
                  [&](sim::VirtualDisk& content) {
                    return content.change([&](sim::DiskDescriptor& descriptor) {
                      descriptor.parameters[name] = value;
                    });
                  });
}

// ---- Encryption: the key is asked for, and the content stays as it is -------------------------

PRL_RESULT disk_encrypt(Call& call, PRL_HANDLE handle, PRL_GUID_PTR engine, PRL_UINT8_PTR key,
                        PRL_UINT32 length, PRL_DISK_CALLBACK callback, PRL_VOID_PTR user_data) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !engine || !key) return PRL_ERR_INVALID_ARG;
  return encrypt(disk, to_uuid(*engine), bytes_of(key, length), "",
                 DiskProgress(callback, user_data));
}

PRL_RESULT disk_encrypt_ex(Call& call, PRL_HANDLE handle, PRL_GUID_PTR engine, PRL_UINT8_PTR key,
                           PRL_UINT32 length, PRL_UINT8_PTR salt, PRL_UINT32 salt_length,
                           PRL_DISK_CALLBACK callback, PRL_VOID_PTR user_data) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !engine || !key || !salt) return PRL_ERR_INVALID_ARG;
  return encrypt(disk, to_uuid(*engine), bytes_of(key, length),
                 key_digest(bytes_of(salt, salt_length), ""), DiskProgress(callback, user_data));
}

PRL_RESULT disk_decrypt(Call& call, PRL_HANDLE handle, PRL_UINT8_PTR key, PRL_UINT32 length,
                        PRL_DISK_CALLBACK callback, PRL_VOID_PTR user_data) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !key) return PRL_ERR_INVALID_ARG;
  return run_long(disk, DiskProgress(callback, user_data),
                  [&](sim::VirtualDisk& content) -> sim::DiskResult<void> {
                    const auto allowed = require_key(content, bytes_of(key, length));
                    if (!allowed) return allowed;
                    return content.change([](sim::DiskDescriptor& descriptor) {
                      descriptor.engine = sim::Uuid();
                      descriptor.salt.clear();
                      descriptor.key.clear();
                    });
                  });
}

PRL_RESULT disk_set_key(Call& call, PRL_HANDLE handle, PRL_UINT8_PTR key, PRL_UINT32 length) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !key) return PRL_ERR_INVALID_ARG;
  disk->change_settings([&](Disk::Settings& settings) { settings.key = bytes_of(key, length); });
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_change_key(Call& call, PRL_HANDLE handle, PRL_UINT8_PTR key, PRL_UINT32 length,
                           PRL_UINT8_PTR new_key, PRL_UINT32 new_length) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !key || !new_key) return PRL_ERR_INVALID_ARG;
  return change_key(disk, bytes_of(key, length), bytes_of(new_key, new_length), std::nullopt);
}

PRL_RESULT disk_change_key_ex(Call& call, PRL_HANDLE handle, PRL_UINT8_PTR key, PRL_UINT32 length,
                              PRL_UINT8_PTR new_key, PRL_UINT32 new_length, PRL_UINT8_PTR salt,
                              PRL_UINT32 salt_length) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !key || !new_key || !salt) return PRL_ERR_INVALID_ARG;
  return change_key(disk, bytes_of(key, length), bytes_of(new_key, new_length),
                    key_digest(bytes_of(salt, salt_length), ""));
}

}  // namespace prl::sdk::calls
