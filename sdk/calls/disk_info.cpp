// PrlDisk_Get*, PrlDisk_Is* and the like: what there is to know of a virtual disk, and of virtual
// disks in general (config-model 11).
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "calls.h"
#include "sdk/calls/disk_call.h"
#include "sdk/calls/disk_spec.h"
#include "sdk/records.h"
#include "sdk/strings.h"
#include "sdk/tree.h"

namespace prl::sdk::calls {

namespace {

constexpr uint64_t kSplitPartBytes = uint64_t{2} << 30;
constexpr uint64_t kPartBytesMax = uint64_t{16} << 40;
constexpr std::string_view kModel = "prlsim virtual disk";
constexpr std::string_view kFirmware = "1.0";
constexpr const char* kTemporaryState = "{8f0a7c1e-5d1b-4c56-9a53-6c1f5c9b7e20}";

bool is_sector_size(PRL_UINT64 bytes) {
  return std::has_single_bit(bytes) && bytes >= sim::kSectorBytes &&
         bytes <= sim::kDefaultPhysicalSectorBytes;
}

template <class T>
PRL_RESULT give(T* out, T value) {
  if (!out) return PRL_ERR_INVALID_ARG;
  *out = value;
  return PRL_ERR_SUCCESS;
}

// As much as a field of that many bytes takes, with its terminator.
void put_text(PRL_CHAR_PTR field, size_t field_bytes, std::string_view text) {
  const size_t count = std::min(text.size(), field_bytes - 1);
  std::memset(field, 0, field_bytes);
  std::memcpy(field, text.data(), count);
}

// PRL_DISK_PARAMETERS, its one PRL_IMAGE_PARAMETERS and the texts of both, in a row. The pointers
// lead into `base`, where the client wants the bytes.
std::string info_bytes(const sim::VirtualDisk& disk, PRL_VOID_PTR base) {
  const sim::DiskDescriptor& descriptor = disk.descriptor();
  const sim::DiskState& top = *descriptor.find(sim::current_state());
  auto* const start = static_cast<PRL_CHAR_PTR>(base);
  const size_t texts_at = sizeof(PRL_DISK_PARAMETERS) + sizeof(PRL_IMAGE_PARAMETERS);
  PRL_DISK_PARAMETERS parameters{};
  PRL_IMAGE_PARAMETERS image{};
  parameters.m_Heads = sim::kDiskHeads;
  parameters.m_Cylinders = static_cast<PRL_UINT32>(descriptor.cylinders());
  parameters.m_Sectors = sim::kSectorsPerTrack;
  parameters.m_SizeInSectors = descriptor.sectors;
  parameters.m_BlockSize = descriptor.block_sectors;
  parameters.m_Parts = 1;
  parameters.Uid = to_guid(descriptor.uid);
  parameters.m_LogicSectorSize = sim::kSectorBytes;
  parameters.m_PhysSectorSize = descriptor.physical_sector_bytes;
  image.Type =
      top.type == sim::DiskImageType::kPlain ? PRL_IMAGE_PLAIN : PRL_IMAGE_COMPRESSED;
  image.uSize = descriptor.sectors;
  if (start) {
    parameters.m_Storages =
        reinterpret_cast<PRL_IMAGE_PARAMETERS_PTR>(start + sizeof(PRL_DISK_PARAMETERS));
    image.pFileName = start + texts_at;
    parameters.Name = start + texts_at + top.file.size() + 1;
  }
  std::string bytes(texts_at, '\0');
  std::memcpy(bytes.data(), &parameters, sizeof(parameters));
  std::memcpy(bytes.data() + sizeof(parameters), &image, sizeof(image));
  return bytes + top.file + '\0' + descriptor.name + '\0';
}

std::vector<sim::DiskState> children_of(const sim::DiskDescriptor& descriptor,
                                        const sim::Uuid& parent) {
  std::vector<sim::DiskState> children;
  for (const sim::DiskState& state : descriptor.states) {
    if (state.parent == parent) children.push_back(state);
  }
  return children;
}

// The state and, below it, its children. As deep as there are states, of which a disk has few.
sim::PropertyTree state_tree(const sim::DiskDescriptor& descriptor, const sim::DiskState& state) {
  sim::PropertyTree tree;
  tree.set("Uid", state.guid.format());
  std::vector<sim::PropertyTree> children;
  for (const sim::DiskState& child : children_of(descriptor, state.guid)) {
    children.push_back(state_tree(descriptor, child));
  }
  replace_children(tree, "Child", children);
  return tree;
}

// The array is in the order of the descriptor, which names a parent before its children.
std::string snapshot_bytes(const sim::DiskDescriptor& descriptor, PRL_VOID_PTR base) {
  auto* const start = static_cast<PRL_SNAPSHOT_ELEMENT*>(base);
  const auto& states = descriptor.states;
  const auto address_of = [&](const sim::DiskState& state) -> PRL_SNAPSHOT_ELEMENT* {
    const auto found = std::ranges::find(states, state.guid, &sim::DiskState::guid);
    return start ? start + (found - states.begin()) : nullptr;
  };
  std::vector<PRL_SNAPSHOT_ELEMENT> elements(states.size());
  for (size_t i = 0; i < states.size(); ++i) {
    elements[i].m_GUID = to_guid(states[i].guid);
    const auto children = children_of(descriptor, states[i].guid);
    if (!children.empty()) elements[i].m_pChild = address_of(children.front());
    const auto siblings = children_of(descriptor, states[i].parent);
    auto next = std::ranges::find(siblings, states[i].guid, &sim::DiskState::guid);
    if (++next != siblings.end()) elements[i].m_pNext = address_of(*next);
  }
  return std::string(reinterpret_cast<const char*>(elements.data()),
                     elements.size() * sizeof(PRL_SNAPSHOT_ELEMENT));
}

sim::DiskDescriptor descriptor_of(const Ref<Disk>& disk) {
  return disk->with([](sim::VirtualDisk& content) { return content.descriptor(); });
}

}  // namespace

// ---- Disks in general ------------------------------------------------------------------------

PRL_RESULT disk_get_default_block_size(Call&, PRL_UINT32_PTR sectors) {
  return give<PRL_UINT32>(sectors, sim::kDefaultBlockSectors);
}

PRL_RESULT disk_get_default_logic_sector_size(Call&, PRL_UINT32_PTR bytes) {
  return give<PRL_UINT32>(bytes, sim::kSectorBytes);
}

PRL_RESULT disk_get_default_physical_sector_size(Call&, PRL_UINT32_PTR bytes) {
  return give<PRL_UINT32>(bytes, sim::kDefaultPhysicalSectorBytes);
}

// A block has the same number of bytes whatever its sectors.
PRL_RESULT disk_calc_default_block_size(Call&, PRL_UINT32_PTR sectors, PRL_UINT64 sector_bytes) {
  if (!is_sector_size(sector_bytes)) return PRL_ERR_INVALID_ARG;
  const uint64_t bytes = sim::kDefaultBlockSectors * sim::kSectorBytes;
  return give(sectors, static_cast<PRL_UINT32>(bytes / sector_bytes));
}

PRL_RESULT disk_get_split_part_size(Call&, PRL_UINT64_PTR sectors) {
  return give<PRL_UINT64>(sectors, kSplitPartBytes / sim::kSectorBytes);
}

PRL_RESULT disk_calc_split_part_size(Call&, PRL_UINT64 /*size_mib*/, PRL_UINT64 sector_bytes,
                                     PRL_UINT64_PTR sectors) {
  if (!is_sector_size(sector_bytes)) return PRL_ERR_INVALID_ARG;
  return give<PRL_UINT64>(sectors, kSplitPartBytes / sector_bytes);
}

PRL_RESULT disk_get_max_non_split_part_size(Call&, PRL_UINT64 sector_bytes,
                                            PRL_UINT64_PTR sectors) {
  if (!is_sector_size(sector_bytes)) return PRL_ERR_INVALID_ARG;
  return give<PRL_UINT64>(sectors, kPartBytesMax / sector_bytes);
}

PRL_RESULT disk_convert_to_chs(Call&, PRL_UINT64 sectors, PRL_CHS_PTR chs) {
  constexpr PRL_UINT64 kCylindersMax = 16383;  // what disks of the old addressing can say
  constexpr PRL_UINT32 kLargeTrack = 63;
  if (!chs) return PRL_ERR_INVALID_ARG;
  const bool is_large = sectors / (sim::kDiskHeads * sim::kSectorsPerTrack) > kCylindersMax;
  chs->Heads = sim::kDiskHeads;
  chs->Sectors = is_large ? kLargeTrack : sim::kSectorsPerTrack;
  const PRL_UINT64 cylinders = sectors / (PRL_UINT64{chs->Heads} * chs->Sectors);
  chs->Cylinders = static_cast<PRL_UINT32>(std::min<PRL_UINT64>(cylinders, UINT32_MAX));
  return PRL_ERR_SUCCESS;
}

// ---- One disk --------------------------------------------------------------------------------

PRL_RESULT disk_get_disk_info(Call& call, PRL_HANDLE handle, PRL_DISK_PARAMETERS_PTR parameters,
                              PRL_UINT32_PTR length) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !length) return PRL_ERR_INVALID_ARG;
  const std::string bytes = disk->with(
      [parameters](sim::VirtualDisk& content) { return info_bytes(content, parameters); });
  // Half a structure would hold pointers that lead nowhere.
  const bool is_too_small = parameters && *length > 0 && *length < bytes.size();
  PRL_UINT32 nothing = 0;
  const PRL_RESULT code = copy_bytes(bytes, parameters, is_too_small ? &nothing : length);
  if (!is_too_small) return code;
  *length = nothing;
  return PRL_ERR_BUFFER_OVERRUN;
}

PRL_RESULT disk_get_params(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR parameters) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !parameters) return PRL_ERR_INVALID_ARG;
  *parameters = call.make<Document>(
      PHT_VIRTUAL_DISK_PARAMS,
      disk->with([](sim::VirtualDisk& content) { return params_of(content); }));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_get_identify(Call& call, PRL_HANDLE handle, PRL_CHAR_PTR model,
                             PRL_CHAR_PTR serial, PRL_CHAR_PTR firmware) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !model || !serial || !firmware) return PRL_ERR_INVALID_ARG;
  std::string digits = descriptor_of(disk).uid.format();
  std::erase_if(digits, [](char letter) { return letter < '0'; });  // hyphens
  std::erase_if(digits, [](char letter) { return letter > 'f'; });  // braces
  put_text(model, PRL_HDD_MODEL_LEN, kModel);
  put_text(serial, PRL_HDD_SERIAL_LEN, digits);
  put_text(firmware, PRL_HDD_FIRMWARE_LEN, kFirmware);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_is_encrypted(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR encrypted) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !encrypted) return PRL_ERR_INVALID_ARG;
  *encrypted = descriptor_of(disk).engine.is_nil() ? PRL_FALSE : PRL_TRUE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_is_compactable(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR compactable) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !compactable) return PRL_ERR_INVALID_ARG;
  const bool is_expanding = disk->with([](sim::VirtualDisk& content) {
    return content.type() == sim::DiskImageType::kExpanding && !content.is_linked();
  });
  *compactable = is_expanding ? PRL_TRUE : PRL_FALSE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_get_user_parameter(Call& call, PRL_HANDLE handle, PRL_CONST_STR name,
                                   PRL_CHAR_PTR value, PRL_UINT32_PTR length) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !name || !length) return PRL_ERR_INVALID_ARG;
  const auto parameters = descriptor_of(disk).parameters;
  const auto found = parameters.find(name);
  if (found == parameters.end()) return PRL_ERR_NO_DATA;
  return copy_string(found->second, value, length);
}

// ---- Its states ------------------------------------------------------------------------------

PRL_RESULT disk_get_snapshots_count(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR count) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !count) return PRL_ERR_INVALID_ARG;
  *count = static_cast<PRL_UINT32>(descriptor_of(disk).states.size());
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_get_snapshots_tree(Call& call, PRL_HANDLE handle,
                                   PRL_SNAPSHOT_ELEMENT_PTR elements, PRL_UINT32_PTR length) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !length) return PRL_ERR_INVALID_ARG;
  const std::string bytes = snapshot_bytes(descriptor_of(disk), elements);
  if (elements && *length > 0 && *length < bytes.size()) {
    *length = static_cast<PRL_UINT32>(bytes.size());
    return PRL_ERR_BUFFER_OVERRUN;
  }
  return copy_bytes(bytes, elements, length);
}

PRL_RESULT disk_get_states_tree(Call& call, PRL_HANDLE handle, PRL_HANDLE_PTR root) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !root) return PRL_ERR_INVALID_ARG;
  const sim::DiskDescriptor descriptor = descriptor_of(disk);
  const auto roots = children_of(descriptor, sim::Uuid());
  if (roots.empty()) return PRL_ERR_DISK_SNAPSHOTS_CORRUPTED;
  *root = call.make<Document>(PHT_VIRTUAL_DISK_STATE_PARAMS,
                              state_tree(descriptor, roots.front()));
  return PRL_ERR_SUCCESS;
}

PRL_RESULT disk_get_temporary_snapshot_uid(Call& call, PRL_HANDLE handle, PRL_GUID_PTR guid) {
  if (!call.pin<Disk>(handle) || !guid) return PRL_ERR_INVALID_ARG;
  *guid = to_guid(*sim::Uuid::parse(kTemporaryState));
  return PRL_ERR_SUCCESS;
}

// Points in time are states; no second one stands for now.
PRL_RESULT disk_get_changes_map_local(Call& call, PRL_HANDLE handle, PRL_CONST_STR from,
                                      PRL_CONST_STR to, PRL_HANDLE_PTR map) {
  const auto disk = call.pin<Disk>(handle);
  if (!disk || !from || !to || !map) return PRL_ERR_INVALID_ARG;
  const auto first = sim::Uuid::parse(from);
  const auto last = *to == '\0' ? sim::current_state() : sim::Uuid::parse(to);
  if (!first || !last) return PRL_ERR_INVALID_ARG;
  const auto changes =
      disk->with([&](sim::VirtualDisk& content) { return content.changes(*first, *last); });
  if (!changes) return PRL_ERR_NO_DATA;
  std::string bits((changes->size() + 7) / 8, '\0');
  for (size_t i = 0; i < changes->size(); ++i) {
    if ((*changes)[i]) bits[i / 8] = static_cast<char>(bits[i / 8] | 1 << i % 8);
  }
  sim::PropertyTree tree;
  tree.set("Granularity", descriptor_of(disk).block_sectors * sim::kSectorBytes);
  tree.set("Size", uint64_t{bits.size()});
  tree.set("Bits", std::move(bits));
  *map = call.make<Document>(PHT_VIRTUAL_DISK_MAP, std::move(tree));
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
