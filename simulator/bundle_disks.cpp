// Requests about the disks of VMs, which exist as entries of their configurations, and about files
// in their folders (vm-lifecycle 2.4).
#include <utility>

#include "simulator/bundle_requests.h"
#include "simulator/config_rules.h"
#include "simulator/disk_entries.h"
#include "simulator/storage_files.h"

namespace prl::sim {

namespace {

// What firmware finds in a machine that has never been started. A newer template has another text.
constexpr std::string_view kNvramTemplate = "prlsim firmware variables 1\n";

// The number of a guest system has its kind in the upper byte.
bool is_windows(const VmConfig& config) {
  constexpr uint64_t kWindows = 8;
  const PropertyValue* value = config.properties.find("Settings.General.OsNumber");
  const auto* number = value ? std::get_if<uint64_t>(value) : nullptr;
  return number && *number >> 8 == kWindows;
}

// The element holds a flag or the kind of the firmware, whoever wrote it.
bool has_efi(const PropertyTree& tree) {
  const PropertyValue* value = tree.find("Settings.Startup.Bios.EfiEnabled");
  if (!value) return false;
  if (const auto* flag = std::get_if<bool>(value)) return *flag;
  if (const auto* kind = std::get_if<uint64_t>(value)) return *kind != 0;
  return false;
}

}  // namespace

// ---- Conversion of disks ---------------------------------------------------------------------

void BundleRequests::convert_disks(Caller caller, const Uuid& vm, DiskConversion conversion,
                                   OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this, conversion](const OperationPtr& operation, const VmPtr& found) {
                  const VmConfig& config = found->config();
                  Outcome refused = found->check_free();
                  const bool is_at_rest =
                      found->state() == State::kStopped || found->state() == State::kSuspended;
                  if (refused.ok() && !is_at_rest) refused = OutcomeKind::kDisksInUse;
                  if (refused.ok()) refused = check_marks(config);
                  if (refused.ok() && disks_in(config.properties, conversion.mask).empty()) {
                    refused = OutcomeKind::kNoDiskToConvert;
                  }
                  if (!refused.ok()) return site_.finish(operation, std::move(refused));
                  conversions_[found->uuid()] = operation;
                  site_.run_task(operation, found, VmTask::kConvertDisks,
                                 site_.duration_ms(Timed::kConvert, found.get()),
                                 [this, operation, found, conversion] {
                                   finish_conversion(operation, found, conversion);
                                 });
                  if (!operation->cancellation) return;
                  operation->cancellation->allow(
                      [this, uuid = found->uuid()] { conversions_.erase(uuid); });
                });
}

void BundleRequests::finish_conversion(const OperationPtr& operation, const VmPtr& vm,
                                       const DiskConversion& conversion) {
  if (conversions_.erase(vm->uuid()) == 0) {
    return site_.finish(operation, {OutcomeKind::kCancelled, {vm->config().name}});
  }
  VmRecord record = vm->record();
  for (const std::string& disk : disks_in(record.config.properties, conversion.mask)) {
    PropertyTree& properties = record.config.properties;
    if (conversion.format) properties.set(disk + ".DiskType", *conversion.format);
    if (conversion.is_split) properties.set(disk + ".Splitted", *conversion.is_split);
  }
  if (Outcome kept = site_.store_record(record); !kept.ok()) {
    return site_.finish(operation, std::move(kept));
  }
  site_.configure(*vm, record.config);
  site_.tell_config_changed(*vm);
  site_.finish(operation, Outcome());
}

// The conversion notices when its time is over; until then it still holds the VM.
void BundleRequests::cancel_conversion(Caller caller, const Uuid& vm, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this](const OperationPtr& operation, const VmPtr& found) {
                  const bool has_one = conversions_.erase(found->uuid()) > 0;
                  site_.finish(operation,
                               has_one ? Outcome() : Outcome(OutcomeKind::kNothingToCancel));
                });
}

void BundleRequests::cancel_compaction(Caller caller, const Uuid& vm, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this](const OperationPtr& operation, const VmPtr& found) {
                  const bool had_one = found->cancel_compact();
                  site_.finish(operation,
                               had_one ? Outcome() : Outcome(OutcomeKind::kNothingToCancel));
                });
}

// ---- Files -----------------------------------------------------------------------------------

void BundleRequests::free_name(Caller caller, const Uuid& vm, FileNaming naming,
                               OperationDone done) {
  site_.with_vm(
      std::move(caller), vm, std::move(done),
      [this, naming = std::move(naming)](const OperationPtr& operation, const VmPtr& found) {
        const std::string folder = found->record().folder + "/";
        std::string name = naming.prefix + naming.suffix;
        for (int index = 1; site_.storage().exists(folder + name); ++index) {
          name = naming.prefix + naming.delimiter + std::to_string(index) + naming.suffix;
        }
        site_.finish_with(operation, {.outcome = {}, .text = std::move(name)});
      });
}

void BundleRequests::update_nvram(Caller caller, const Uuid& vm, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this](const OperationPtr& operation, const VmPtr& found) {
                  const VmConfig& config = found->config();
                  const auto refuse = [&](OutcomeKind kind) {
                    site_.finish(operation, {kind, {config.name}});
                  };
                  if (Outcome held = found->check_free(); !held.ok())
                    return site_.finish(operation, held);
                  if (found->state() != State::kStopped) return refuse(OutcomeKind::kNvramInUse);
                  if (!has_efi(config.properties)) return refuse(OutcomeKind::kNoNvram);
                  const std::string path = found->record().folder + "/" + std::string(kNvramFile);
                  const auto present = read_text_file(site_.storage(), path);
                  if (present && *present == kNvramTemplate)
                    return refuse(OutcomeKind::kNvramIsCurrent);
                  const auto written = write_text_file(site_.storage(), path, kNvramTemplate);
                  if (!written) {
                    return site_.finish(
                        operation, {OutcomeKind::kNvramNotWritten, {written.error().message()}});
                  }
                  site_.finish(operation, Outcome());
                });
}

void BundleRequests::change_sid(Caller caller, const Uuid& vm, OperationDone done) {
  site_.with_vm(std::move(caller), vm, std::move(done),
                [this](const OperationPtr& operation, const VmPtr& found) {
                  const VmConfig& config = found->config();
                  Outcome refused = found->check_free();
                  if (refused.ok()) refused = check_marks(config);
                  if (refused.ok() && !is_windows(config)) {
                    refused = {OutcomeKind::kNoSidToChange, {config.name}};
                  }
                  if (refused.ok() && found->state() != State::kStopped) {
                    refused = {OutcomeKind::kVmNotStopped, {config.name}};
                  }
                  if (refused.ok()) found->count_boot();
                  site_.finish(operation, std::move(refused));
                });
}

}  // namespace prl::sim
