#include "tests/model/shared_client.h"

#include <stdexcept>
#include <thread>

namespace prl::model {
namespace {

constexpr const char* kUnknownSnapshot = "{00000000-0000-0000-0000-000000000099}";

}  // namespace

std::string uuid_of(size_t vm) {
  return "{00000000-0000-0000-0000-00000000000" + std::to_string(vm + 1) + "}";
}

Code code_of(PRL_RESULT code) {
  return static_cast<Code>(code) & 0x7FFFFFFF;
}

kit::Handle first_of(const kit::JobEnd& end) {
  kit::Handle found;
  if (end.result) PrlResult_GetParam(end.result.get(), found.out());
  return found;
}

std::string text_of(const kit::JobEnd& end) {
  return kit::text_from([&](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlResult_GetParamAsString(end.result.get(), text, length);
  });
}

std::string commit_text(uint8_t thread, size_t request) {
  return std::to_string(thread) + "." + std::to_string(request);
}

Client::Client(const kit::Handle& server, const kit::Handle& there, uint8_t thread, uint8_t login,
               size_t vms, std::atomic<uint64_t>& moment, Board& board,
               const std::map<Act, Fault>& faults)
    : there_(there),
      thread_(thread),
      login_(login),
      moment_(moment),
      board_(board),
      faults_(faults) {
  for (size_t i = 0; i < vms; ++i) {
    vms_.push_back(first_of(
        kit::finish(PrlSrv_GetVmConfig(server.get(), uuid_of(i).c_str(), PGVC_SEARCH_BY_UUID))));
  }
}

void Client::run(const std::vector<Task>& tasks) {
  for (const Task& task : tasks) {
    begin(task);
    std::this_thread::yield();  // so that others come in between on few processors too
    // What is begun to be edited is loaded with the answer, over what was written before.
    if (task.waits || task.act == Act::kBeginEdit) end_all();
  }
  end_all();
}

void Client::begin(const Task& task) {
  Order order{.act = task.act, .vm = task.vm, .session = login_};
  if (const auto fault = faults_.find(task.act); fault != faults_.end()) {
    order.fault = fault->second;
  }
  if (task.act == Act::kCancel) {
    order.about = last_job();
    if (!order.about) return;
    order.vm = requests_[*order.about].order.vm;
  }
  const auto named = names_snapshot(task.act) ? board_.find(task.vm, task.snapshot) : std::nullopt;
  if (named) order.about = named->request;
  named_ = named ? named->uuid : kUnknownSnapshot;
  about_.push_back(named ? named->thread : thread_);
  Request& request = requests_.emplace_back();
  request.order = order;
  request.thread = thread_;
  request.begun = moment_.fetch_add(1);
  jobs_.emplace_back(ask(order));
  request.sent = moment_.fetch_add(1);
  // What happens by itself is over when the call returns, and there is no job.
  if (!jobs_.back()) request.ended = request.sent;
}

void Client::end_all() {
  for (; ended_ < jobs_.size(); ++ended_) {
    Request& request = requests_[ended_];
    if (!jobs_[ended_]) continue;
    PRL_RESULT code = PrlJob_Wait(jobs_[ended_].get(), UINT32_MAX);
    if (PRL_SUCCEEDED(code)) PrlJob_GetRetCode(jobs_[ended_].get(), &code);
    request.code = code_of(code);
    request.ended = moment_.fetch_add(1);
    if (request.order.act == Act::kCreateSnapshot && PRL_SUCCEEDED(code)) tell_of(ended_);
  }
}

void Client::tell_of(size_t request) {
  kit::JobEnd end;
  PrlJob_GetResult(jobs_[request].get(), end.result.out());
  board_.put({text_of(end), requests_[request].order.vm, thread_, static_cast<uint32_t>(request)});
}

std::optional<uint32_t> Client::last_job() const {
  for (size_t i = jobs_.size(); i-- > 0;) {
    if (jobs_[i]) return static_cast<uint32_t>(i);
  }
  return std::nullopt;
}

PRL_HANDLE Client::strike(const char* kind, uint8_t vm) {
  PrlSim_Strike(kind, uuid_of(vm).c_str(), 0);
  return PRL_INVALID_HANDLE;
}

PRL_HANDLE Client::migrate(PRL_HANDLE vm, PRL_UINT32 flags) {
  return PrlVm_Migrate(vm, there_.get(), "", flags, 0, PRL_FALSE);
}

PRL_HANDLE Client::commit(PRL_HANDLE vm) {
  PrlVmCfg_SetDescription(vm, commit_text(thread_, requests_.size()).c_str());
  return PrlVm_Commit(vm);
}

PRL_HANDLE Client::ask_about_snapshot(PRL_HANDLE vm, Act act) {
  const char* named = named_.c_str();
  switch (act) {
    case Act::kSwitch:
      return PrlVm_SwitchToSnapshot(vm, named);
    case Act::kSwitchToImage:
      return PrlVm_SwitchToSnapshotEx(vm, named, PSSF_SKIP_RESUME);
    default:
      return PrlVm_DeleteSnapshot(vm, named, act == Act::kDeleteSubtree ? PRL_TRUE : PRL_FALSE);
  }
}

PRL_HANDLE Client::ask(const Order& order) {
  const uint8_t place = order.vm;
  const PRL_HANDLE vm = vms_[place].get();
  switch (order.act) {
    case Act::kStart:
      return PrlVm_Start(vm);
    case Act::kStartEx:
      return PrlVm_StartEx(vm, PSM_VM_START, 0);
    case Act::kResume:
      return PrlVm_Resume(vm);
    case Act::kKill:
      return PrlVm_Stop(vm, PRL_FALSE);
    case Act::kShutdown:
      return PrlVm_Stop(vm, PRL_TRUE);
    case Act::kPause:
      return PrlVm_Pause(vm, PRL_FALSE);
    case Act::kAskToPause:
      return PrlVm_Pause(vm, PRL_TRUE);
    case Act::kSuspend:
      return PrlVm_Suspend(vm);
    case Act::kDrop:
      return PrlVm_DropSuspendedState(vm);
    case Act::kReset:
      return PrlVm_Reset(vm);
    case Act::kRestart:
      return PrlVm_Restart(vm);
    case Act::kCreateSnapshot:
      return PrlVm_CreateSnapshot(vm, "snapshot", "");
    case Act::kSwitch:
    case Act::kSwitchToImage:
    case Act::kDeleteSnapshot:
    case Act::kDeleteSubtree:
      return ask_about_snapshot(vm, order.act);
    case Act::kClone:
      return PrlVm_Clone(vm, new_name().c_str(), "", PRL_FALSE);
    case Act::kCloneToTemplate:
      return PrlVm_Clone(vm, new_name().c_str(), "", PRL_TRUE);
    case Act::kCloneLinked:
      return PrlVm_CloneEx(vm, new_name().c_str(), "", PCVF_LINKED_CLONE);
    case Act::kMove:
      return PrlVm_Move(vm, ("/" + new_name()).c_str(), 0);
    case Act::kConvert:
      return PrlVm_ConvertDisks(vm, PIM_ALL_DISKS, PCVD_TO_EXPANDING_DISK);
    case Act::kUnregister:
      return PrlVm_Unreg(vm);
    case Act::kDelete:
      return PrlVm_Delete(vm, PRL_INVALID_HANDLE);
    case Act::kLock:
      return PrlVm_Lock(vm, 0);
    case Act::kUnlock:
      return PrlVm_Unlock(vm, 0);
    case Act::kBeginEdit:
      return PrlVm_BeginEdit(vm);
    case Act::kCommit:
      return commit(vm);
    case Act::kMigrate:
      return migrate(vm, 0);
    case Act::kMigrateAsleep:
      return migrate(vm, PVMT_DONT_RESUME_VM);
    case Act::kCompact:
      return PrlVm_Compact(vm, PIM_ALL_DISKS, 0);
    case Act::kCancel:
      return PrlJob_Cancel(jobs_[*order.about].get());
    case Act::kMount:
      return PrlVm_Mount(vm, "", 0);
    case Act::kUmount:
      return PrlVm_Umount(vm, 0);
    case Act::kDie:
      return strike("kill_vm", place);
    case Act::kGuestLeave:
      return strike("guest_power_off", place);
    case Act::kGuestReboot:
      return strike("guest_reboot", place);
    case Act::kGuestSleep:
      return strike("guest_sleep", place);
    case Act::kGuestHibernate:
      return strike("guest_hibernate", place);
    case Act::kGuestWake:
      return strike("guest_wake", place);
    case Act::kFreeze:
      return strike("freeze", place);
    case Act::kUnfreeze:
      return strike("unfreeze", place);
    default:
      throw std::logic_error("no task: " + std::string(act_name(order.act)));
  }
}

std::string_view function_of(Act act) {
  static const std::map<Act, std::string_view> functions = {
      {Act::kStart, "PrlVm_Start"},
      {Act::kStartEx, "PrlVm_StartEx"},
      {Act::kResume, "PrlVm_Resume"},
      {Act::kKill, "PrlVm_Stop"},
      {Act::kShutdown, "PrlVm_Stop"},
      {Act::kPause, "PrlVm_Pause"},
      {Act::kAskToPause, "PrlVm_Pause"},
      {Act::kSuspend, "PrlVm_Suspend"},
      {Act::kDrop, "PrlVm_DropSuspendedState"},
      {Act::kReset, "PrlVm_Reset"},
      {Act::kRestart, "PrlVm_Restart"},
      {Act::kCreateSnapshot, "PrlVm_CreateSnapshot"},
      {Act::kSwitch, "PrlVm_SwitchToSnapshot"},
      {Act::kSwitchToImage, "PrlVm_SwitchToSnapshotEx"},
      {Act::kDeleteSnapshot, "PrlVm_DeleteSnapshot"},
      {Act::kDeleteSubtree, "PrlVm_DeleteSnapshot"},
      {Act::kClone, "PrlVm_Clone"},
      {Act::kCloneToTemplate, "PrlVm_Clone"},
      {Act::kCloneLinked, "PrlVm_CloneEx"},
      {Act::kMove, "PrlVm_Move"},
      {Act::kConvert, "PrlVm_ConvertDisks"},
      {Act::kUnregister, "PrlVm_Unreg"},
      {Act::kDelete, "PrlVm_Delete"},
      {Act::kLock, "PrlVm_Lock"},
      {Act::kUnlock, "PrlVm_Unlock"},
      {Act::kBeginEdit, "PrlVm_BeginEdit"},
      {Act::kCommit, "PrlVm_Commit"},
      {Act::kMigrate, "PrlVm_Migrate"},
      {Act::kMigrateAsleep, "PrlVm_Migrate"},
      {Act::kCompact, "PrlVm_Compact"},
      {Act::kCancel, "PrlJob_Cancel"},
      {Act::kMount, "PrlVm_Mount"},
      {Act::kUmount, "PrlVm_Umount"}};
  const auto found = functions.find(act);
  return found == functions.end() ? std::string_view() : found->second;
}

std::string Client::new_name() const {
  return "copy " + std::to_string(thread_) + "." + std::to_string(requests_.size());
}

}  // namespace prl::model
