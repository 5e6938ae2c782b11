// Which configurations a VM may have, and how one may follow another (config-model 3.3, 6). Pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "simulator/outcome.h"
#include "simulator/ram.h"
#include "simulator/vm_config.h"

namespace prl::sim {

// Files of the folder that the configuration names by their whole path are in another one now.
void rename_folder(PropertyTree& properties, const std::string& from, const std::string& to);

// What a VM may have for its memory.
inline constexpr uint32_t kRamMibMin = 4;
inline constexpr uint32_t kRamMibMax = kMaxRamBytes >> 20;

// Refuses sizes that no VM can have.
Outcome check_sizes(const VmConfig& config);

// Refuses to begin or to commit an edit of a VM whose image must go on fitting.
Outcome check_editable(State state);

// Refuses a change that a VM in this state cannot take. REQUIRES: check_editable() let it pass.
Outcome check_change(const VmConfig& from, const VmConfig& to, State state);

// Whether a VM that runs takes a part of the change over only when it starts anew, as it does with
// what its firmware reads. REQUIRES: check_change() let it pass.
bool needs_restart(const VmConfig& from, const VmConfig& to);

// A template is copied and never run.
bool is_template(const VmConfig& config);
// Refuses the command if it is one that templates do not take.
Outcome check_template(const VmConfig& config, Command command);

// Marks of VMs that are put away: flags of the configuration, which the server alone sets.
inline constexpr std::string_view kIsArchived = "Settings.ArchivingOptions.Enabled";
inline constexpr std::string_view kIsPacked = "Settings.PackingOptions.Enabled";
bool has_mark(const VmConfig& config, std::string_view path);
// Refuses what a VM that is put away does not do.
Outcome check_marks(const VmConfig& config);
// Whether there is something for check_template() or check_marks() to refuse.
bool is_marked(const VmConfig& config);

// What others may do with the VM, which is stored with its configuration.
inline constexpr std::string_view kSecurity = "Security";

// A property that is a number; none: it is not set, or is none.
std::optional<int64_t> number_setting(const VmConfig& config, std::string_view path);

// What happens when the guest panics: 0, it stays paused (vm-lifecycle 4.6).
inline constexpr std::string_view kCrashMode = "Settings.Runtime.OnCrash.Mode";

// Where a configuration names the sample that is yet to be applied to it.
inline constexpr std::string_view kSampleName = "Settings.General.ConfigSample";

// Puts the settings of the sample in place of the configuration's own.
void apply_sample(const ConfigSample& sample, VmConfig& config);

// Gives the boot entries in use the numbers 1, 2, 3 ... in their order, as the server does with
// whatever it stores (config-model 7).
void number_boot_entries(VmConfig& config);

// What `mine` changed since `base`, applied to `theirs`; empty where both changed the same thing.
std::optional<VmConfig> merge(const VmConfig& base, const VmConfig& mine, const VmConfig& theirs);

}  // namespace prl::sim
