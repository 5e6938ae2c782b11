// Devices and what is behind them: images on disk, plugs of a running VM, devices that no VM has
// (config-model 7).
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "calls.h"
#include "sdk/calls/disk_spec.h"
#include "sdk/calls/vm_request_job.h"
#include "sdk/disk.h"
#include "sdk/node_handle.h"
#include "sdk/objects.h"
#include "simulator/disk_entries.h"
#include "simulator/disk_requests.h"

namespace prl::sdk::calls {

namespace {

using sim::OutcomeKind;

constexpr std::string_view kDisks = "Hardware.Hdd";

// A job about a device of a VM; as with VmJob, `job` is empty when the call is over already.
struct DeviceJob : VmJob {
  Ref<NodeHandle> device;
  sim::PropertyTree content;  // of the device, as the client has it

  std::string element_path() const { return device->path(); }
};

DeviceJob begin_device_job(Call& call, PRL_HANDLE handle) {
  DeviceJob begun;
  begun.device = pin_device(call, handle);
  if (!begun.device) {
    begun.given = call.bad_argument_job();
  } else if (begun.device->owner->type() != VmHandle::kType) {
    begun.given = call.local_job(PRL_ERR_UNINITIALIZED);  // no VM has it: config-model 7
  } else if (!exists(*begun.device)) {
    begun.given = call.local_job(PRL_ERR_OBJECT_WAS_REMOVED);
  } else {
    begun.content = begun.device->owner->tree().below(begun.device->path());
    begun.vm = Ref<VmHandle>::cast(begun.device->owner);
    const bool is_connected = begun.vm->server->is_connected();
    if (is_connected) begun.job = call.start_job(begun.vm->server, begun.vm);
    begun.given = is_connected ? call.give(begun.job)
                               : call.not_connected_job(begun.vm->server, begun.vm);
  }
  return begun;
}

// As the configuration names the image of the device: relative to the folder of the VM or absolute.
std::string image_name(const sim::PropertyTree& device) {
  std::string name = text_at(device, "SystemName");
  return name.empty() ? text_at(device, "UserFriendlyName") : name;
}

// The same for a request, before which the VM may be moved: an image in its folder goes with it.
std::string lasting_image_name(const Call& call, const DeviceJob& job) {
  std::string name = image_name(job.content);
  const auto record = call.world().record(job.vm->uuid());
  return record ? sim::name_of_file(record->folder, name) : name;
}

// Where a client wants a copy: in a folder of the host, or in that of the VM wherever that is.
struct CopyTarget {
  std::string name;
  bool is_beside_vm = false;

  std::string path(const std::string& folder) const {
    return is_beside_vm ? folder + "/" + name : name;
  }
};

CopyTarget copy_target(const Call& call, const DeviceJob& job, const std::string& folder,
                       const std::string& name) {
  if (folder.empty()) return {name, true};
  const std::string path = folder + "/" + name;
  const auto record = call.world().record(job.vm->uuid());
  std::string lasting = record ? sim::name_of_file(record->folder, path) : path;
  const bool is_beside_vm = lasting != path;
  return {std::move(lasting), is_beside_vm};
}

bool is_disk_image(const DeviceJob& job) {
  return job.device->type() == PHT_VIRTUAL_DEV_HARD_DISK &&
         number_at(job.content, "EmulatedType", 0) == PDT_USE_IMAGE_FILE;
}

template <class T>
sim::Outcome outcome_of(const sim::DiskResult<T>& result) {
  return result ? sim::Outcome() : sim::Outcome(result.error());
}

// Runs the work on disks with the world unlocked, and tells it the folder of the VM.
sim::VmRequest outside(std::function<sim::Outcome(const std::string& folder)> work) {
  return [work = std::move(work)](const sim::RequestedVm& vm) {
    sim::RequestEnd end;
    end.work = [work, folder = vm.folder] { return work(folder); };
    return end;
  };
}

sim::Outcome create_image(sim::Disks& disks, const std::string& path, const sim::DiskSpec& spec,
                          bool may_replace) {
  if (may_replace && disks.exists(path)) {
    if (const auto removed = disks.remove(path); !removed) return removed.error();
  }
  return outcome_of(disks.create(path, spec));
}

sim::DiskSpec spec_of(const sim::PropertyTree& device) {
  sim::DiskSpec spec;
  spec.descriptor.sectors = number_at(device, "Size", 0) * sim::kSectorsPerMib;
  spec.descriptor.physical_sector_bytes = static_cast<uint32_t>(
      number_at(device, "PhysicalBlockSize", sim::kDefaultPhysicalSectorBytes));
  const auto format = number_at(device, "DiskType", PHD_EXPANDING_HARD_DISK);
  if (format == PHD_PLAIN_HARD_DISK) spec.type = sim::DiskImageType::kPlain;
  return spec;
}

// The device alone, at its place in a configuration.
sim::PropertyTree device_alone(const std::string& path, const sim::PropertyTree& content) {
  sim::PropertyTree tree;
  tree.set(path, true);  // that the child is there
  tree.put_below(path, content);
  return tree;
}

PRL_HANDLE plug(Call& call, PRL_HANDLE handle, bool is_connected) {
  DeviceJob begun = begin_device_job(call, handle);
  if (!begun.job) return begun.given;
  // Connected is the default.
  if (is_connected) begun.content.erase("Connected");
  if (!is_connected) begun.content.set("Connected", false);
  return send_request(call, begun, [path = begun.element_path(), element = begun.device->element,
                                    child = *begun.device->child,
                                    content = begun.content](const sim::VmView& vm) {
    sim::RequestEnd end;
    if (vm.state == sim::State::kPaused) {
      end.outcome = {OutcomeKind::kPausedHardwareNotEditable, {vm.config.name}};
    } else if (vm.state != sim::State::kRunning) {
      end.outcome = not_started(vm);
    } else if (!vm.config.properties.has_child(element, child)) {
      end.outcome = OutcomeKind::kNoSuchDevice;
    } else {
      end.config = vm.config;
      end.config->properties.put_below(path, content);
      end.notices.emplace_back(sim::DeviceChanged{device_alone(path, content)});
    }
    return end;
  });
}

}  // namespace

PRL_RESULT vm_dev_create(Call& call, PRL_DEVICE_TYPE type, PRL_HANDLE_PTR device) {
  if (!device) return PRL_ERR_INVALID_ARG;
  const NodeClass* kind = find_device_class(type);
  if (!kind) return PRL_ERR_UNSUPPORTED_DEVICE_TYPE;
  sim::PropertyTree tree;
  const uint32_t child = tree.add_child(kind->element);
  if (kind->emulated_type != 0) {
    tree.set(sim::PropertyTree::child_path(kind->element, child) + ".EmulatedType",
             uint64_t{kind->emulated_type});
  }
  *device = make_detached_device(call, *kind, std::move(tree), child);
  return PRL_ERR_SUCCESS;
}

PRL_HANDLE vm_dev_connect(Call& call, PRL_HANDLE handle) { return plug(call, handle, true); }

PRL_HANDLE vm_dev_disconnect(Call& call, PRL_HANDLE handle) { return plug(call, handle, false); }

PRL_HANDLE vm_dev_create_image(Call& call, PRL_HANDLE handle, PRL_BOOL may_replace,
                               PRL_BOOL /*non_interactive*/) {
  const DeviceJob begun = begin_device_job(call, handle);
  if (!begun.job) return begun.given;
  if (!is_disk_image(begun)) {
    return send_request(call, begun, [](const sim::VmView&) {
      return sim::RequestEnd(OutcomeKind::kUnsupportedDevice);
    });
  }
  auto work = [&disks = call.world().peripherals().disks, name = lasting_image_name(call, begun),
               spec = spec_of(begun.content),
               replace = may_replace != PRL_FALSE](const std::string& folder) -> sim::Outcome {
    if (spec.descriptor.sectors == 0) return OutcomeKind::kDiskSizeIsZero;
    if (name.empty()) return sim::DiskError::kBadParameters;
    return create_image(disks, sim::path_of_file(folder, name), spec, replace);
  };
  return send_request(call, begun, outside(std::move(work)));
}

PRL_HANDLE vm_dev_copy_image(Call& call, PRL_HANDLE handle, PRL_CONST_STR name,
                             PRL_CONST_STR folder, PRL_UINT32 /*flags*/) {
  if (!name || !folder) return call.bad_argument_job();
  const DeviceJob begun = begin_device_job(call, handle);
  if (!begun.job) return begun.given;
  auto copy = outside([&disks = call.world().peripherals().disks, is_disk = is_disk_image(begun),
                       from = lasting_image_name(call, begun), is_named = *name != '\0',
                       target = copy_target(call, begun, folder, name)](
                          const std::string& vm_folder) -> sim::Outcome {
    if (!is_disk) return OutcomeKind::kUnsupportedDevice;
    if (from.empty() || !is_named) return sim::DiskError::kBadParameters;
    return outcome_of(disks.copy(sim::path_of_file(vm_folder, from), target.path(vm_folder)));
  });
  return send_request(call, begun, [copy = std::move(copy)](const sim::RequestedVm& vm) {
    sim::RequestEnd refused = sim::check_disk_copy(vm);
    return refused.outcome.ok() ? copy(vm) : refused;
  });
}

// What PRIF_DISK_INFO would tell has no form that is on record.
PRL_HANDLE vm_dev_resize_image(Call& call, PRL_HANDLE handle, PRL_UINT32 size_mib,
                               PRL_UINT32 flags) {
  const DeviceJob begun = begin_device_job(call, handle);
  if (!begun.job) return begun.given;
  sim::DiskResize resize{.element = std::string(begun.device->element),
                         .child = *begun.device->child,
                         .image = lasting_image_name(call, begun),
                         .size_mib = size_mib,
                         .moves_partition = (flags & PRIF_RESIZE_LAST_PARTITION) != 0};
  return send_request(
      call, begun,
      [&disks = call.world().peripherals().disks, resize = std::move(resize),
       is_disk = is_disk_image(begun), flags](const sim::RequestedVm& vm) -> sim::RequestEnd {
        if (!is_disk) return OutcomeKind::kUnsupportedDevice;
        if (flags & PRIF_DISK_INFO) return OutcomeKind::kNotModelled;
        return sim::resize_disk(disks, vm, resize);
      });
}

// In whole MB, rounded up; nothing where there is no image.
PRL_RESULT vm_dev_hd_get_size_on_disk(Call& call, PRL_HANDLE handle, PRL_UINT32_PTR size_mib) {
  const auto device = pin_device(call, handle);
  if (!device || device->type() != PHT_VIRTUAL_DEV_HARD_DISK || !size_mib) {
    return PRL_ERR_INVALID_ARG;
  }
  if (!exists(*device)) return PRL_ERR_OBJECT_WAS_REMOVED;
  const sim::PropertyTree content = device->owner->tree().below(device->path());
  std::string path = text_at(content, "SystemName");
  if (device->owner->type() == VmHandle::kType) {
    path = image_name(content);
    const auto record = call.world().record(Ref<VmHandle>::cast(device->owner)->uuid());
    const bool is_relative = !path.empty() && !path.starts_with('/');
    if (is_relative) path = record ? sim::path_of_file(record->folder, path) : std::string();
  }
  auto opening = call.world().peripherals().disks.open(path, /*is_writable=*/false);
  *size_mib = 0;
  if (!opening) return PRL_ERR_SUCCESS;
  const uint64_t bytes = (*opening)->with([](sim::VirtualDisk& disk) { return disk.bytes_used(); });
  constexpr uint64_t kMib = uint64_t{1} << 20;
  *size_mib = static_cast<PRL_UINT32>((bytes + kMib - 1) / kMib);
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_dev_hd_is_encrypted(Call& call, PRL_HANDLE handle, PRL_BOOL_PTR encrypted) {
  const auto device = pin_device(call, handle);
  if (!device || device->type() != PHT_VIRTUAL_DEV_HARD_DISK || !encrypted) {
    return PRL_ERR_INVALID_ARG;
  }
  if (!exists(*device)) return PRL_ERR_OBJECT_WAS_REMOVED;
  const std::string key = text_at(device->owner->tree(), device->path() + ".Encryption.KeyId");
  *encrypted = key.empty() ? PRL_FALSE : PRL_TRUE;
  return PRL_ERR_SUCCESS;
}

PRL_RESULT vm_dev_hd_set_password(Call& call, PRL_HANDLE handle, PRL_CONST_STR password) {
  const auto device = pin_device(call, handle);
  if (!device || device->type() != PHT_VIRTUAL_DEV_HARD_DISK || !password) {
    return PRL_ERR_INVALID_ARG;
  }
  if (!exists(*device)) return PRL_ERR_OBJECT_WAS_REMOVED;
  device->owner->set_password(device->path(), password);
  return PRL_ERR_SUCCESS;
}

// What counts is the image, whatever the configuration says of it.
PRL_HANDLE vm_dev_hd_check_password(Call& call, PRL_HANDLE handle, PRL_UINT32 /*flags*/) {
  const auto device = pin_device(call, handle);
  if (!device || device->type() != PHT_VIRTUAL_DEV_HARD_DISK) return call.bad_argument_job();
  const DeviceJob begun = begin_device_job(call, handle);
  if (!begun.job) return begun.given;
  auto work = [&disks = call.world().peripherals().disks, is_disk = is_disk_image(begun),
               name = lasting_image_name(call, begun),
               password = device->owner->password(device->path())](
                  const std::string& folder) -> sim::Outcome {
    if (!is_disk) return OutcomeKind::kUnsupportedDevice;
    if (name.empty()) return sim::DiskError::kBadParameters;
    auto opening = disks.open(sim::path_of_file(folder, name), /*is_writable=*/false);
    if (!opening) return opening.error();
    return (*opening)->with([&](const sim::VirtualDisk& disk) -> sim::Outcome {
      if (disk.descriptor().engine.is_nil()) return OutcomeKind::kDiskNotEncrypted;
      return outcome_of(check_key(disk, password));
    });
  };
  return send_request(call, begun, outside(std::move(work)));
}

// Takes over what the client says of the encryption of disks, and nothing else.
PRL_HANDLE vm_commit_encryption(Call& call, PRL_HANDLE handle, PRL_UINT32 /*flags*/,
                                PRL_HANDLE policies, PRL_HANDLE reserved) {
  const bool is_list = policies == PRL_INVALID_HANDLE || call.pin<HandlesList>(policies);
  if (!is_list || reserved != PRL_INVALID_HANDLE) return call.bad_argument_job();
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  return send_request(call, begun, [wanted = begun.vm->tree()](const sim::VmView& vm) {
    sim::RequestEnd end;
    if (vm.state != sim::State::kStopped) {
      end.outcome = {OutcomeKind::kVmNotStopped, {vm.config.name}};
      return end;
    }
    end.config = vm.config;
    for (const uint32_t child : vm.config.properties.children(kDisks)) {
      const std::string path = sim::PropertyTree::child_path(kDisks, child) + ".Encryption";
      end.config->properties.put_below(path, wanted.below(path));
    }
    return end;
  });
}

PRL_HANDLE vm_initiate_dev_state_notifications(Call& call, PRL_HANDLE handle) {
  return send_request(call, begin_vm_job(call, handle), [](const sim::VmView& vm) {
    sim::RequestEnd end;
    for (const NodeClass& kind : device_classes()) {
      for (const uint32_t child : vm.config.properties.children(kind.element)) {
        const std::string path = sim::PropertyTree::child_path(kind.element, child);
        end.notices.emplace_back(
            sim::DeviceChanged{device_alone(path, vm.config.properties.below(path))});
      }
    }
    return end;
  });
}

}  // namespace prl::sdk::calls
