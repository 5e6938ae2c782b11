#include "sdk/errors.h"

#include <algorithm>
#include <array>

#include "names.h"

namespace prl::sdk {

PRL_RESULT to_result(const sim::Outcome& outcome) {
  using Kind = sim::OutcomeKind;
  switch (outcome.kind) {
    case Kind::kOk: return PRL_ERR_SUCCESS;
    case Kind::kInjected: return outcome.injected_code;
    case Kind::kVmNotFound: return PRL_ERR_VM_UUID_NOT_FOUND;
    case Kind::kVmNotStarted: return PRL_ERR_DISP_VM_IS_NOT_STARTED;
    case Kind::kVmNotStopped: return PRL_ERR_DISP_VM_IS_NOT_STOPPED;
    case Kind::kCommandCantBeExecuted: return PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED;
    case Kind::kUnableToDropSuspendedState: return PRL_ERR_UNABLE_DROP_SUSPENDED_STATE;
    case Kind::kLockedForExecute: return PRL_ERR_VM_LOCKED_FOR_EXECUTE;
    case Kind::kLockedForExecuteEx: return PRL_ERR_VM_LOCKED_FOR_EXECUTE_EX;
    case Kind::kVmNameEmpty: return PRL_ERR_VM_NAME_IS_EMPTY;
    case Kind::kVmNameTaken: return PRL_ERR_VM_ALREADY_REGISTERED_VM_NAME;
    case Kind::kVmUuidTaken: return PRL_ERR_VM_ALREADY_REGISTERED_VM_UUID;
    case Kind::kVmAlreadyRegistered: return PRL_ERR_VM_ALREADY_REGISTERED;
    case Kind::kRegistryFailed: return PRL_ERR_SAVE_VM_CATALOG;
    case Kind::kRamIsZero: return PRL_ERR_VMCONF_MAIN_MEMORY_ZERO_SIZE;
    case Kind::kRamOutOfRange: return PRL_ERR_VMCONF_MAIN_MEMORY_OUT_OF_RANGE;
    case Kind::kCpuCountIsZero: return PRL_ERR_VMCONF_CPU_ZERO_COUNT;
    case Kind::kTooManyCpus: return PRL_ERR_VMCONF_CPU_COUNT_MORE_MAX_CPU_COUNT;
    case Kind::kSuspendedVmNotEditable: return PRL_ERR_CANT_EDIT_SUSPENDED_VM;
    case Kind::kEditNotBegun: return PRL_ERR_CONFIG_BEGIN_EDIT_NOT_FOUND_OBJECT_UUID;
    case Kind::kEditBegunByOthers: return PRL_ERR_CONFIG_BEGIN_EDIT_NOT_FOUND_USER_UUID;
    case Kind::kConfigWasChanged: return PRL_ERR_VM_CONFIG_WAS_CHANGED;
    case Kind::kPausedHardwareNotEditable: return PRL_ERR_CANNOT_EDIT_HARDWARE_FOR_PAUSED_VM;
    case Kind::kMustBeStoppedToChangeDevices: return PRL_ERR_VM_MUST_BE_STOPPED_FOR_CHANGE_DEVICES;
    case Kind::kMustBeStoppedToRename: return PRL_ERR_VM_MUST_BE_STOPPED_BEFORE_RENAMING;
    case Kind::kConfigInconsistent: return PRL_ERR_INCONSISTENCY_VM_CONFIG;
    case Kind::kImageNotWritten: return PRL_ERR_VM_SUSPEND_FAILED;
    case Kind::kNoSpaceForImage: return PRL_ERR_NOT_ENOUGH_DISK_FREE_SPACE;
    case Kind::kImageNotRead: return PRL_ERR_VM_RESUME_FAILED;
    case Kind::kImageTruncated: return PRL_ERR_STATE_INT_CORRUPTED;
    case Kind::kImageOfNewerVersion: return PRL_ERR_CORE_STATE_INV_SAV_VERSION;
    case Kind::kImageDamaged: return PRL_ERR_CORE_STATE_CORRUPT_SAV_FILE;
    case Kind::kImageMemoryDamaged: return PRL_ERR_CORE_STATE_CORRUPT_MEM_FILE;
    case Kind::kImageOfAnotherVm: return PRL_ERR_VM_SUSPEND_CHANGED_VM_CONFIG;
    case Kind::kStartInterrupted: return PRL_ERR_VM_START_FAILED;
    case Kind::kDocumentWasChanged: return PRL_ERR_COMMON_SERVER_PREFS_WERE_CHANGED;
    case Kind::kPreferencesWereChanged: return PRL_ERR_COMMON_SERVER_PREFS_WERE_CHANGED;
    case Kind::kUserProfileWasChanged: return PRL_ERR_USER_PROFILE_WAS_CHANGED;
    case Kind::kNetworkIdEmpty: return PRL_NET_VIRTUAL_NETWORK_ID_NOT_EXISTS;
    case Kind::kNetworkIdTaken: return PRL_NET_DUPLICATE_VIRTUAL_NETWORK_ID;
    case Kind::kNetworkNotFound: return PRL_NET_VIRTUAL_NETWORK_NOT_FOUND;
    case Kind::kPrivateNetworkTaken: return PRL_NET_DUPLICATE_IPPRIVATE_NETWORK_NAME;
    case Kind::kPrivateNetworkNotFound: return PRL_NET_IPPRIVATE_NETWORK_DOES_NOT_EXIST;
    case Kind::kObjectNotFound: return PRL_ERR_ENTRY_DOES_NOT_EXIST;
    case Kind::kUserNotFound: return PRL_ERR_USER_NOT_FOUND;
    case Kind::kSecurityLevelTooLow: return PRL_ERR_WRONG_CONNECTION_SECURITY_LEVEL;
    case Kind::kTaskNotFound: return PRL_ERR_TASK_NOT_FOUND;
    case Kind::kAlreadyLoggedIn: return PRL_ERR_USER_IS_ALREADY_LOGGED;
    case Kind::kAuthenticationFailed: return PRL_ERR_AUTHENTICATION_FAILED;
    case Kind::kPathNotFound: return PRL_ERR_DIRECTORY_DOES_NOT_EXIST;
    case Kind::kNotAFolder: return PRL_ERR_TARGET_PATH_IS_NOT_DIRECTORY;
    case Kind::kPathTaken: return PRL_ERR_ENTRY_ALREADY_EXISTS;
    case Kind::kAccessDenied: return PRL_ERR_ACCESS_DENIED;
    case Kind::kInvalidLicenceKey: return PRL_ERR_SET_LICENSE_INVALID_KEY;
    case Kind::kBackupNotFound: return PRL_ERR_BACKUP_BACKUP_NOT_FOUND;
    case Kind::kTemplateNotFound: return PRL_ERR_TEMPLATE_NOT_FOUND;
    case Kind::kHostUnknown: return PRL_ERR_CANT_CONNECT_TO_DISPATCHER;
    case Kind::kHomeHeldByAnother:
    case Kind::kHomeUnusable: return PRL_ERR_CANT_CONNECT_TO_DISPATCHER;
  }
  return PRL_ERR_UNEXPECTED;
}

namespace {

constexpr auto kWarning = PMT_WARNING;
constexpr auto kInformation = PMT_INFORMATION;
constexpr auto kCritical = PMT_CRITICAL;

// clang-format off
const std::array kTexts = {
  ResultText{PRL_ERR_SUCCESS, kInformation, false,
    "The operation succeeded.",
    "The operation succeeded. Nothing needs to be done."},
  ResultText{PRL_ERR_OUT_OF_MEMORY, kCritical, false,
    "Out of memory.",
    "There is not enough memory for the operation. Free memory on the host and try again."},
  ResultText{PRL_ERR_INVALID_ARG, kWarning, false,
    "An argument is not valid.",
    "A handle is unknown or of the wrong type, a required pointer is NULL, or a number is out of "
    "range. Check the arguments of the call."},
  ResultText{PRL_ERR_UNIMPLEMENTED, kWarning, false,
    "prlsim does not model this function.",
    "prlsim does not model this function. The table of modelled functions says why."},
  ResultText{PRL_ERR_API_WASNT_INITIALIZED, kWarning, false,
    "The library is not initialised.",
    "The library is not initialised. Call PrlApi_Init or PrlApi_InitEx first."},
  ResultText{PRL_ERR_TIMEOUT, kWarning, false,
    "The operation did not finish in time.",
    "The operation did not finish within the given time. It may still be going on and may still "
    "take effect; wait again or query the state."},
  ResultText{PRL_ERR_OPERATION_WAS_CANCELED, kInformation, true,
    "The operation was cancelled.",
    "The operation was cancelled before it was complete."},
  ResultText{PRL_ERR_NOT_CONNECTED_TO_DISPATCHER, kWarning, false,
    "There is no connection to the host %1.",
    "There is no connection to the host %1. Log in first."},
  ResultText{PRL_ERR_CANT_CONNECT_TO_DISPATCHER, kCritical, false,
    "The simulated host does not answer: %1",
    "The simulated host cannot be opened: %1 Close the other process or choose another folder "
    "with PRLSIM_HOME."},
  ResultText{PRL_ERR_WS_DISP_CONNECTION_CLOSED, kWarning, false,
    "The connection to the host was closed.",
    "The connection to the host was closed while the operation was going on. Log in again."},
  ResultText{PRL_ERR_VM_UUID_NOT_FOUND, kWarning, false,
    "There is no such virtual machine.",
    "No virtual machine with this identity is registered on the host: %1. It may have been deleted "
    "or not registered yet."},
  ResultText{PRL_ERR_DISP_VM_IS_NOT_STARTED, kWarning, false,
    "The virtual machine %1 is not running.",
    "The virtual machine %1 is stopped or suspended. Start it first."},
  ResultText{PRL_ERR_DISP_VM_IS_NOT_STOPPED, kWarning, false,
    "The virtual machine %1 is already running.",
    "The virtual machine %1 is not stopped. Stop it first."},
  ResultText{PRL_ERR_DISP_VM_COMMAND_CANT_BE_EXECUTED, kWarning, false,
    "The virtual machine %1 cannot do this now: it is %2.",
    "The command cannot be carried out while the virtual machine %1 is %2. Wait until it has "
    "reached another state."},
  ResultText{PRL_ERR_UNABLE_DROP_SUSPENDED_STATE, kWarning, false,
    "There is no suspended state to drop.",
    "The virtual machine is not suspended, or its image could not be removed."},
  ResultText{PRL_ERR_VM_LOCKED_FOR_EXECUTE, kWarning, false,
    "The virtual machine %1 is busy: it is being used by a start.",
    "The virtual machine %1 is currently running. Stop it first."},
  ResultText{PRL_ERR_VM_LOCKED_FOR_EXECUTE_EX, kWarning, false,
    "The virtual machine %1 is busy: it is being used by a start.",
    "The virtual machine %1 is currently running. Stop it first."},
  ResultText{PRL_ERR_VM_ALREADY_REGISTERED, kWarning, false,
    "The virtual machine is already registered.",
    "The virtual machine %1 is already registered on this host."},
  ResultText{PRL_ERR_VM_ALREADY_REGISTERED_VM_NAME, kWarning, false,
    "A virtual machine with the name %1 exists.",
    "A virtual machine with the name %1 is already registered. Choose another name."},
  ResultText{PRL_ERR_VM_ALREADY_REGISTERED_VM_UUID, kWarning, false,
    "A virtual machine with this identity exists.",
    "A virtual machine with this identity is already registered. Choose another one."},
  ResultText{PRL_ERR_CANT_EDIT_SUSPENDED_VM, kWarning, false,
    "The virtual machine %1 is suspended and cannot be edited.",
    "The configuration of %1 cannot be changed while its memory is saved. Resume it and stop it "
    "first, or drop its suspended state."},
  ResultText{PRL_ERR_CONFIG_BEGIN_EDIT_NOT_FOUND_OBJECT_UUID, kWarning, false,
    "No edit of %1 was begun.",
    "The configuration of %1 cannot be committed, because nobody began to edit it. Call "
    "PrlVm_BeginEdit before each commit."},
  ResultText{PRL_ERR_CONFIG_BEGIN_EDIT_NOT_FOUND_USER_UUID, kWarning, false,
    "Another session edits %1.",
    "The configuration of %1 cannot be committed, because this session did not begin to edit it. "
    "Call PrlVm_BeginEdit before each commit."},
  ResultText{PRL_ERR_VM_CONFIG_WAS_CHANGED, kWarning, false,
    "The configuration of %1 was changed meanwhile.",
    "Another session has changed the same settings of %1 since this edit began. Begin the edit "
    "again."},
  ResultText{PRL_ERR_CANNOT_EDIT_HARDWARE_FOR_PAUSED_VM, kWarning, false,
    "The hardware of %1 cannot be changed while it is paused.",
    "The virtual machine %1 is paused. Continue it and stop it before its hardware is changed."},
  ResultText{PRL_ERR_VM_MUST_BE_STOPPED_FOR_CHANGE_DEVICES, kWarning, false,
    "%1 must be stopped for this change.",
    "The virtual machine %1 is running, and this part of its hardware cannot be changed then. "
    "Stop it first."},
  ResultText{PRL_ERR_VM_MUST_BE_STOPPED_BEFORE_RENAMING, kWarning, false,
    "%1 must be stopped before it is renamed.",
    "The virtual machine %1 is running. Stop it before it gets another name."},
  ResultText{PRL_ERR_INCONSISTENCY_VM_CONFIG, kWarning, false,
    "The configuration of %1 is not usable.",
    "No virtual machine can have these sizes of memory and numbers of processors. Change them and "
    "commit again."},
  ResultText{PRL_ERR_VM_NAME_IS_EMPTY, kWarning, false,
    "The virtual machine has no name.",
    "The virtual machine has no name. Set one before it is registered."},
  ResultText{PRL_ERR_SAVE_VM_CATALOG, kCritical, false,
    "The directory of virtual machines cannot be written.",
    "The directory of virtual machines cannot be written: %1"},
  ResultText{PRL_ERR_VMCONF_MAIN_MEMORY_ZERO_SIZE, kCritical, false,
    "The virtual machine has no memory.",
    "The memory size of the virtual machine is 0. Set one of at least 4 MB."},
  ResultText{PRL_ERR_VMCONF_MAIN_MEMORY_OUT_OF_RANGE, kCritical, false,
    "The memory size is out of range.",
    "The memory size of the virtual machine is not between 4 MB and 1 TB."},
  ResultText{PRL_ERR_VMCONF_CPU_ZERO_COUNT, kCritical, false,
    "The virtual machine has no processor.",
    "The number of virtual processors is 0. Set at least one."},
  ResultText{PRL_ERR_VMCONF_CPU_COUNT_MORE_MAX_CPU_COUNT, kCritical, false,
    "The virtual machine has too many processors.",
    "A virtual machine can have 256 virtual processors at most."},
  ResultText{PRL_ERR_VM_SUSPEND_FAILED, kCritical, false,
    "The virtual machine could not be suspended.",
    "The image of the suspended virtual machine could not be written: %1"},
  ResultText{PRL_ERR_NOT_ENOUGH_DISK_FREE_SPACE, kCritical, false,
    "There is not enough free space on the disk.",
    "There is not enough free space on the disk: %1"},
  ResultText{PRL_ERR_VM_RESUME_FAILED, kCritical, false,
    "The virtual machine could not be resumed.",
    "The image of the suspended virtual machine could not be read: %1"},
  ResultText{PRL_ERR_STATE_INT_CORRUPTED, kCritical, false,
    "The image of the suspended virtual machine is incomplete.",
    "The image of the suspended virtual machine is shorter than it says: %1"},
  ResultText{PRL_ERR_CORE_STATE_INV_SAV_VERSION, kCritical, false,
    "The image of the suspended virtual machine has another version.",
    "The image of the suspended virtual machine was written by a newer version: %1"},
  ResultText{PRL_ERR_CORE_STATE_CORRUPT_SAV_FILE, kCritical, false,
    "The image of the suspended virtual machine is damaged.",
    "The saved machine state is damaged and cannot be used: %1"},
  ResultText{PRL_ERR_CORE_STATE_CORRUPT_MEM_FILE, kCritical, false,
    "The saved memory of the virtual machine is damaged.",
    "The saved memory of the virtual machine is damaged and cannot be used: %1"},
  ResultText{PRL_ERR_VM_SUSPEND_CHANGED_VM_CONFIG, kCritical, false,
    "The image belongs to another virtual machine.",
    "The image does not belong to this virtual machine or its configuration: %1"},
  ResultText{PRL_ERR_VM_START_FAILED, kCritical, false,
    "The virtual machine %1 could not be started.",
    "The start of the virtual machine %1 was cut short or failed."},
};
// clang-format on

std::string escaped_for_html(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    switch (letter) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      default: escaped += letter;
    }
  }
  return escaped;
}

}  // namespace

const ResultText* find_result_text(PRL_RESULT code) {
  const auto found = std::find_if(kTexts.begin(), kTexts.end(),
                                  [code](const ResultText& text) { return text.code == code; });
  return found == kTexts.end() ? nullptr : &*found;
}

std::string describe_result(PRL_RESULT code, bool brief, std::span<const std::string> parameters) {
  const ResultText* text = find_result_text(code);
  if (!text) return result_name(code);
  const std::string_view pattern = brief ? text->brief : text->detailed;
  std::string filled;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%' && i + 1 < pattern.size()) {
      const auto index = static_cast<size_t>(pattern[i + 1] - '1');
      if (index < parameters.size()) {
        filled += escaped_for_html(parameters[index]);
        ++i;
        continue;
      }
    }
    filled += pattern[i];
  }
  return filled;
}

PRL_MESSAGE_TYPE_ENUM message_type(PRL_RESULT code) {
  if (const ResultText* text = find_result_text(code)) return text->type;
  const std::string_view name = result_name(code);
  if (name.starts_with("PET_ANSWER_")) return PMT_ANSWER;
  if (name.starts_with("PET_QUESTION_")) return PMT_QUESTION;
  return PMT_WARNING;
}

}  // namespace prl::sdk
