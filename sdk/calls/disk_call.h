// What the files of sdk/calls about virtual disks share.
#pragma once

#include <prlsdk/Parallels.h>

#include <string>
#include <utility>

#include "sdk/boundary.h"
#include "sdk/disk.h"
#include "sdk/errors.h"

namespace prl::sdk::calls {

// Tells the client how far a long operation is, in its own thread and with no lock held. False: the
// client wants it to stop.
class DiskProgress {
 public:
  DiskProgress(PRL_DISK_CALLBACK callback, PRL_VOID_PTR parameter)
      : disk_(callback), parameter_(parameter) {}
  DiskProgress(PRL_STATES_CALLBACK callback, PRL_VOID_PTR parameter)
      : states_(callback), parameter_(parameter) {}

  bool report(PRL_INT32 completion) const {
    if (disk_) return disk_(completion, parameter_) != PRL_FALSE;
    if (states_) return states_(completion, PRL_STATE_DISK_CALLBACK, parameter_) != PRL_FALSE;
    return true;
  }

 private:
  PRL_DISK_CALLBACK disk_ = nullptr;
  PRL_STATES_CALLBACK states_ = nullptr;
  PRL_VOID_PTR parameter_ = nullptr;
};

template <class T>
PRL_RESULT code_of(const sim::DiskResult<T>& result) {
  return result ? PRL_ERR_SUCCESS : to_result(result.error());
}

// Runs work(disk) -> sim::DiskResult between the first and the last report of its progress. An
// operation cannot be stopped once it has begun.
template <class Work>
PRL_RESULT run_long(const Ref<Disk>& disk, const DiskProgress& progress, Work work) {
  if (!disk->is_writable()) return to_result(sim::DiskError::kReadOnly);
  if (!progress.report(PRL_DISK_PROGRESS_MIN)) return PRL_ERR_DISK_USER_INTERRUPTED;
  const PRL_RESULT code = code_of(disk->with(std::move(work)));
  if (PRL_FAILED(code)) return code;
  progress.report(PRL_DISK_PROGRESS_MAX);
  progress.report(PRL_DISK_PROGRESS_COMPLETED);
  return PRL_ERR_SUCCESS;
}

}  // namespace prl::sdk::calls
