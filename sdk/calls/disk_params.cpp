// PrlDisk*Params_*: what a client says about a disk or an operation on it, and what it is told.
// Their plain values are properties; here is what the API passes as a structure.
#include <prlsdk/Parallels.h>

#include <bit>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/disk_spec.h"
#include "sdk/node_handle.h"
#include "sdk/objects.h"
#include "sdk/records.h"
#include "sdk/strings.h"
#include "sdk/tree.h"

namespace prl::sdk::calls {

namespace {

constexpr const char* kUid = "Uid";
constexpr PRL_UINT32 kPartsMax = 1024;

// Where an object of the type keeps its values; without an owner for any other handle.
struct ParamsPlace {
  Ref<TreeOwner> owner;
  std::string prefix;
};

ParamsPlace params_of(const Call& call, PRL_HANDLE handle, PRL_HANDLE_TYPE type) {
  Ref<Object> object = call.pin_any(handle);
  if (!object || object->type() != static_cast<uint32_t>(type)) return {};
  if (object->holds() == Holds::kTree) return {Ref<TreeOwner>::cast(std::move(object)), ""};
  if (object->holds() != Holds::kNode) return {};
  const auto node = Ref<NodeHandle>::cast(std::move(object));
  if (!exists(*node)) return {};
  return {node->owner, node->path() + "."};
}

PRL_RESULT get_uid(const Call& call, PRL_HANDLE handle, PRL_HANDLE_TYPE type, PRL_GUID_PTR guid) {
  const auto content = content_of(call.pin_any(handle), type);
  if (!content || !guid) return PRL_ERR_INVALID_ARG;
  *guid = to_guid(sim::Uuid::parse(text_at(*content, kUid)).value_or(sim::Uuid()));
  return PRL_ERR_SUCCESS;
}

// Clients have it as an integer of the width of a pointer.
template <class Pointer>
Pointer pointer_at(const sim::PropertyTree& tree, const std::string& path) {
  return std::bit_cast<Pointer>(static_cast<uintptr_t>(number_at(tree, path, 0)));
}

std::optional<sim::DiskImageType> type_from(uint64_t image_type) {
  if (image_type == PRL_IMAGE_COMPRESSED || image_type == PRL_IMAGE_INVALID) {
    return sim::DiskImageType::kExpanding;
  }
  if (image_type == PRL_IMAGE_PLAIN) return sim::DiskImageType::kPlain;
  return std::nullopt;
}

std::optional<sim::DiskSpec> checked(sim::DiskSpec spec, uint64_t image_type) {
  const auto type = type_from(image_type);
  if (!type || !sim::check_spec(spec.descriptor)) return std::nullopt;
  spec.type = *type;
  return spec;
}

}  // namespace

// ---- Conversions -----------------------------------------------------------------------------

std::optional<sim::DiskSpec> spec_from(const PRL_DISK_PARAMETERS& parameters) {
  sim::DiskSpec spec;
  spec.descriptor.sectors = parameters.m_SizeInSectors;
  if (parameters.m_BlockSize != 0) spec.descriptor.block_sectors = parameters.m_BlockSize;
  const PRL_UINT32 sector_bytes = parameters.m_LogicSectorSize;
  const bool is_sane = parameters.m_Parts <= kPartsMax && sim::check_spec(spec.descriptor) &&
                       (sector_bytes == 0 || sector_bytes == sim::kSectorBytes);
  if (!is_sane) return std::nullopt;
  if (parameters.m_PhysSectorSize != 0) {
    spec.descriptor.physical_sector_bytes = parameters.m_PhysSectorSize;
  }
  spec.descriptor.uid = to_uuid(parameters.Uid);
  if (parameters.Name) spec.descriptor.name = parameters.Name;
  PRL_IMAGE_TYPE image_type = PRL_IMAGE_COMPRESSED;
  if (parameters.m_Parts > 0 && parameters.m_Storages) image_type = parameters.m_Storages[0].Type;
  return checked(std::move(spec), image_type);
}

std::optional<sim::DiskSpec> spec_from(const sim::PropertyTree& parameters) {
  sim::DiskSpec spec;
  spec.descriptor.sectors = number_at(parameters, "Size", 0);
  const uint64_t block_sectors = number_at(parameters, "BlockSize", sim::kDefaultBlockSectors);
  const uint64_t sector_bytes = number_at(parameters, "LogicalSectorSize", sim::kSectorBytes);
  if (block_sectors > UINT32_MAX || sector_bytes != sim::kSectorBytes) return std::nullopt;
  spec.descriptor.block_sectors = static_cast<uint32_t>(block_sectors);
  spec.descriptor.physical_sector_bytes = static_cast<uint32_t>(
      number_at(parameters, "PhysicalSectorSize", sim::kDefaultPhysicalSectorBytes));
  spec.descriptor.uid =
      sim::Uuid::parse(text_at(parameters, kUid)).value_or(sim::Uuid());
  spec.descriptor.name = text_at(parameters, "Name");
  const auto storages = records_below(parameters, "StorageList");
  const uint64_t image_type =
      storages.empty() ? PRL_IMAGE_COMPRESSED
                       : number_at(storages.front(), "ImageType", PRL_IMAGE_COMPRESSED);
  return checked(std::move(spec), image_type);
}

sim::PropertyTree params_of(const sim::VirtualDisk& disk) {
  const sim::DiskDescriptor& descriptor = disk.descriptor();
  const sim::DiskState& top = *descriptor.find(sim::current_state());
  sim::PropertyTree storage;
  storage.set("ImageName", top.file);
  storage.set("ImageType", top.type == sim::DiskImageType::kPlain
                               ? uint64_t{PRL_IMAGE_PLAIN}
                               : uint64_t{PRL_IMAGE_COMPRESSED});
  storage.set("Size", descriptor.sectors);
  sim::PropertyTree tree;
  tree.set("Size", descriptor.sectors);
  tree.set("BlockSize", uint64_t{descriptor.block_sectors});
  tree.set("LogicalSectorSize", sim::kSectorBytes);
  tree.set("PhysicalSectorSize", uint64_t{descriptor.physical_sector_bytes});
  tree.set("CHS.Sectors", uint64_t{sim::kSectorsPerTrack});
  tree.set("CHS.Heads", uint64_t{sim::kDiskHeads});
  tree.set("CHS.Cylinders", descriptor.cylinders());
  tree.set(kUid, descriptor.uid.format());
  if (!descriptor.name.empty()) tree.set("Name", descriptor.name);
  if (!descriptor.salt.empty()) tree.set("Salt", descriptor.salt);
  replace_children(tree, "StorageList", {storage});
  return tree;
}

DiskProgress progress_from(const sim::PropertyTree& parameters) {
  return {pointer_at<PRL_DISK_CALLBACK>(parameters, "DiskCallback"),
          pointer_at<PRL_VOID_PTR>(parameters, "DiskCallbackParameter")};
}

// ---- Calls -----------------------------------------------------------------------------------

PRL_RESULT disk_params_get_uid(Call& call, PRL_HANDLE handle, PRL_GUID_PTR guid) {
  return get_uid(call, handle, PHT_VIRTUAL_DISK_PARAMS, guid);
}

PRL_RESULT disk_params_set_uid(Call& call, PRL_HANDLE handle, PRL_CONST_GUID_PTR guid) {
  const ParamsPlace place = params_of(call, handle, PHT_VIRTUAL_DISK_PARAMS);
  if (!place.owner || !guid) return PRL_ERR_INVALID_ARG;
  place.owner->edit_tree([&](sim::PropertyTree& tree) {
    tree.set(place.prefix + kUid, to_uuid(*guid).format());
  });
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_params_get_chs(Call& call, PRL_HANDLE handle, PRL_CHS_PTR chs) {
  const auto content = content_of(call.pin_any(handle), PHT_VIRTUAL_DISK_PARAMS);
  if (!content || !chs) return PRL_ERR_INVALID_ARG;
  chs->Sectors = static_cast<PRL_UINT32>(number_at(*content, "CHS.Sectors", 0));
  chs->Heads = static_cast<PRL_UINT32>(number_at(*content, "CHS.Heads", 0));
  chs->Cylinders = static_cast<PRL_UINT32>(number_at(*content, "CHS.Cylinders", 0));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_params_set_chs(Call& call, PRL_HANDLE handle, PRL_CONST_CHS_PTR chs) {
  const ParamsPlace place = params_of(call, handle, PHT_VIRTUAL_DISK_PARAMS);
  if (!place.owner || !chs) return PRL_ERR_INVALID_ARG;
  place.owner->edit_tree([&](sim::PropertyTree& tree) {
    tree.set(place.prefix + "CHS.Sectors", uint64_t{chs->Sectors});
    tree.set(place.prefix + "CHS.Heads", uint64_t{chs->Heads});
    tree.set(place.prefix + "CHS.Cylinders", uint64_t{chs->Cylinders});
  });
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_state_params_get_uid(Call& call, PRL_HANDLE handle, PRL_GUID_PTR guid) {
  return get_uid(call, handle, PHT_VIRTUAL_DISK_STATE_PARAMS, guid);
}

PRL_RESULT disk_state_params_get_child_state_list(Call& call, PRL_HANDLE handle,
                                                  PRL_HANDLE_PTR list) {
  const auto content = content_of(call.pin_any(handle), PHT_VIRTUAL_DISK_STATE_PARAMS);
  if (!content || !list) return PRL_ERR_INVALID_ARG;
  *list = make_records(call, *content, "Child", PHT_VIRTUAL_DISK_STATE_PARAMS);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_op_params_get_disk_callback(Call& call, PRL_HANDLE handle,
                                            PRL_DISK_CALLBACK_PTR callback,
                                            PRL_VOID_PTR_PTR parameter) {
  const auto content = content_of(call.pin_any(handle), PHT_VIRTUAL_DISK_OP_PARAMS);
  if (!content || !callback || !parameter) return PRL_ERR_INVALID_ARG;
  *callback = pointer_at<PRL_DISK_CALLBACK>(*content, "DiskCallback");
  *parameter = pointer_at<PRL_VOID_PTR>(*content, "DiskCallbackParameter");
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_op_params_set_disk_callback(Call& call, PRL_HANDLE handle,
                                            PRL_DISK_CALLBACK callback, PRL_VOID_PTR parameter) {
  const ParamsPlace place = params_of(call, handle, PHT_VIRTUAL_DISK_OP_PARAMS);
  if (!place.owner) return PRL_ERR_INVALID_ARG;
  place.owner->edit_tree([&](sim::PropertyTree& tree) {
    tree.set(place.prefix + "DiskCallback", uint64_t{std::bit_cast<uintptr_t>(callback)});
    tree.set(place.prefix + "DiskCallbackParameter",
             uint64_t{std::bit_cast<uintptr_t>(parameter)});
  });
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_map_read(Call& call, PRL_HANDLE handle, PRL_VOID_PTR buffer,
                         PRL_UINT32_PTR capacity) {
  const auto content = content_of(call.pin_any(handle), PHT_VIRTUAL_DISK_MAP);
  if (!content || !capacity) return PRL_ERR_INVALID_ARG;
  return copy_bytes(text_at(*content, "Bits"), buffer, capacity);
}

}  // namespace prl::sdk::calls
