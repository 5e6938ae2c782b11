// Questions about a VM, which change nothing. Called on the thread that runs nightly.
#pragma once

#include <Parallels.h>

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "jobs.h"
#include "watch.h"

// The name of the snapshots that nightly takes.
inline const std::string kSnapshotName = "nightly";

// A VM is looked at so often, with such a pause, until it is in the state that is waited for.
constexpr int kLooks = 50;
constexpr std::chrono::milliseconds kPause{20};

// The VM that a run works on. free_vm() gives its handles back.
struct Vm {
  PRL_HANDLE handle = PRL_INVALID_HANDLE;
  PRL_HANDLE info = PRL_INVALID_HANDLE;  // PHT_VM_INFO: how the run found the VM
  std::string uuid;
  bool is_ours = false;         // the run registered it, and takes it away again
  bool may_be_up = false;       // the run has started it, or tried
  bool may_have_image = false;  // the run has suspended it, or tried
};

inline void free_vm(const Vm& vm) {
  PrlHandle_Free(vm.info);
  PrlHandle_Free(vm.handle);
}

// The VM info of the VM as it is now; the caller frees it. PRL_INVALID_HANDLE when nobody tells.
inline PRL_HANDLE ask_info(PRL_HANDLE vm) {
  PRL_HANDLE result = PRL_INVALID_HANDLE;
  PRL_HANDLE info = PRL_INVALID_HANDLE;
  if (!ask([vm] { return PrlVm_GetState(vm); }, &result)) return info;
  PrlResult_GetParam(result, &info);  // leaves it alone when it fails
  PrlHandle_Free(result);
  return info;
}

inline std::optional<VIRTUAL_MACHINE_STATE> state_in(PRL_HANDLE info) {
  VIRTUAL_MACHINE_STATE state = VMS_UNKNOWN;
  if (PRL_FAILED(PrlVmInfo_GetState(info, &state))) return std::nullopt;
  return state;
}

// The state of the VM now. Nothing when nobody tells.
inline std::optional<VIRTUAL_MACHINE_STATE> state_of(const Vm& vm) {
  const PRL_HANDLE info = ask_info(vm.handle);
  const auto state = state_in(info);
  PrlHandle_Free(info);
  return state;
}

inline bool is_stable(VIRTUAL_MACHINE_STATE state) {
  return state == VMS_STOPPED || state == VMS_RUNNING || state == VMS_PAUSED ||
         state == VMS_SUSPENDED;
}

// Looks until the VM is in a state that lasts, and returns the last state seen. Nothing when nobody
// tells.
inline std::optional<VIRTUAL_MACHINE_STATE> settle(const Vm& vm, Watch& watch) {
  std::optional<VIRTUAL_MACHINE_STATE> state = state_of(vm);
  for (int i = 0; i < kLooks && state && !is_stable(*state); ++i) {
    watch.wait_for_news(kPause);
    state = state_of(vm);
  }
  return state;
}

// Looks until the VM is in the wanted state. False when it settles in another one or takes too
// long.
inline bool reaches(const Vm& vm, VIRTUAL_MACHINE_STATE wanted, Watch& watch) {
#if NIGHTLY_BUG == 7
  while (state_of(vm) != wanted) watch.wait_for_news(kPause);
  return true;
#else
  return settle(vm, watch) == wanted;
#endif
}

// The text of the element <Name> that follows `from`.
inline std::string name_after(const std::string& tree, size_t from) {
  const std::string opening = "<Name>";
  const size_t begin = tree.find(opening, from);
  if (begin == std::string::npos) return {};
  const size_t text = begin + opening.size();
  return tree.substr(text, tree.find('<', text) - text);
}

// The ids of the VM's snapshots that nightly took, in this run or another. An item of the tree has
// its id in an attribute, and its name before the items below it. Nothing when nobody tells.
inline std::optional<std::set<std::string>> ask_snapshots(const Vm& vm) {
  PRL_HANDLE result = PRL_INVALID_HANDLE;
  if (!ask([&vm] { return PrlVm_GetSnapshotsTreeEx(vm.handle, PGST_WITHOUT_SCREENSHOTS); },
           &result)) {
    return std::nullopt;
  }
  const auto tree = read_text([result](PRL_STR buffer, PRL_UINT32_PTR bytes) {
    return PrlResult_GetParamAsString(result, buffer, bytes);
  });
  PrlHandle_Free(result);
  if (!tree) return std::nullopt;
  std::set<std::string> ids;
  const std::string attribute = "guid=\"";
  for (size_t at = tree->find(attribute); at != std::string::npos;
       at = tree->find(attribute, at + 1)) {
    const size_t begin = at + attribute.size();
    const std::string id = tree->substr(begin, tree->find('"', begin) - begin);
    if (!id.empty() && name_after(*tree, at) == kSnapshotName) ids.insert(id);
  }
  return ids;
}

// The text that is the job's result. Empty when there is none.
inline std::string text_in(PRL_HANDLE result) {
  const auto text = read_text([result](PRL_STR buffer, PRL_UINT32_PTR bytes) {
    return PrlResult_GetParamAsString(result, buffer, bytes);
  });
  return text.value_or("");
}

inline std::string uuid_of(PRL_HANDLE vm) {
  const auto uuid = read_text(
      [vm](PRL_STR buffer, PRL_UINT32_PTR bytes) { return PrlVmCfg_GetUuid(vm, buffer, bytes); });
  return uuid.value_or("");
}

// What the list of the host says about a VM.
enum class Listed { kYes, kNo, kNotTold };

// Finds the first VM in the host's list of which fits(handle) is true. *found receives its handle,
// which the caller frees.
template <class Fits>
Listed look_up(PRL_HANDLE server, Fits fits, PRL_HANDLE_PTR found) {
  PRL_HANDLE list = PRL_INVALID_HANDLE;
  PRL_UINT32 count = 0;
  if (!ask([server] { return PrlSrv_GetVmList(server); }, &list)) return Listed::kNotTold;
  Listed answer = PRL_SUCCEEDED(PrlResult_GetParamsCount(list, &count)) ? Listed::kNo  //
                                                                        : Listed::kNotTold;
  for (PRL_UINT32 i = 0; i < count && answer == Listed::kNo; ++i) {
    PRL_HANDLE vm = PRL_INVALID_HANDLE;
    if (PRL_FAILED(PrlResult_GetParamByIndex(list, i, &vm))) {
      answer = Listed::kNotTold;
    } else if (fits(vm)) {
      answer = Listed::kYes;
      *found = vm;
    } else {
      PrlHandle_Free(vm);
    }
  }
  PrlHandle_Free(list);
  return answer;
}

inline Listed is_listed(PRL_HANDLE server, const std::string& uuid) {
  PRL_HANDLE vm = PRL_INVALID_HANDLE;
  const Listed answer = look_up(
      server, [&uuid](PRL_HANDLE other) { return uuid_of(other) == uuid; }, &vm);
  PrlHandle_Free(vm);
  return answer;
}
