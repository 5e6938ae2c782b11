// An asynchronous operation as the client sees it: running, then finished for good (core-api 3).
// Any thread may read a job. It finishes once: under the world's lock, or before its handle is out.
#pragma once

#include <prlsdk/Parallels.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api.h"
#include "sdk/event.h"
#include "sdk/handle_table.h"
#include "sdk/objects.h"
#include "simulator/cancellation.h"
#include "simulator/late_condition.h"
#include "simulator/operation.h"

namespace prl::sdk {

class VmHandle;

class Job final : public Object {
 public:
  static constexpr PRL_HANDLE_TYPE kType = PHT_JOB;
  // `server` is empty for jobs that never reach one; `vm`, which is of that server, unless the job
  // was started on a VM.
  Job(const ApiInfo& function, const Ref<Server>& server, const Ref<VmHandle>& vm);
  ~Job() override;
  static void* operator new(size_t bytes);
  static void operator delete(void* block) noexcept;

  struct Outcome {
    PRL_RESULT code = PRL_ERR_SUCCESS;
    std::vector<sim::VmView> vms;  // answers too, in front of the others
    std::vector<Answer> answers;
    // Where the error event comes from; none for a success or a job cancelled locally.
    std::optional<PRL_EVENT_ISSUER_TYPE> error_issuer;
    std::vector<std::string> message_parameters;
    uint64_t package_id = 0;
    sim::Telling telling = sim::Telling::kOnce;
  };

  // Sets the outcome, marks the job finished and wakes its waiters. False when it was finished
  // before; then nothing changes.
  bool finish(Outcome&& outcome);
  // The same for a success that has nothing else to say.
  bool finish_well(uint64_t package_id);

  // Percent, below 100 until it is finished.
  uint32_t progress() const { return is_finished() ? 100 : percent_.load(); }
  void set_progress(uint32_t percent) { percent_.store(percent); }

  bool is_finished() const { return finished_.load(std::memory_order_acquire); }
  // REQUIRES: is_finished().
  PRL_RESULT code() const { return code_; }
  uint64_t package_id() const { return package_id_; }
  const std::shared_ptr<const Answers>& answers() const;
  // Content of the error event; none when there is nothing to report.
  std::optional<EventContent> error() const;

  // Notified with the world locked when the job finishes.
  sim::LateCondition& changed() { return changed_; }

  const std::string_view function;  // that began it
  const PRL_JOB_OPERATION_CODE operation;

 private:
  // Counting oneself in an object that several threads use costs much of a call: who has a VM
  // relies on it for the server.
  const Ref<Server> own_server_;  // empty where the VM's is meant

 public:
  const Ref<VmHandle> vm;
  const Ref<Server>& server;
  // These two are set before the handle is out.
  bool request_sent = true;
  std::shared_ptr<sim::Cancellation> cancellation;  // null: the operation cannot be stopped

 private:
  void end();

  Server* const server_at_end_;  // for the destructor: the VM may have gone with the table
  std::atomic<bool> finished_{false};
  std::atomic<uint32_t> percent_{0};
  sim::LateCondition changed_;
  // Written before finished_ becomes true, constant after.
  PRL_RESULT code_ = PRL_ERR_SUCCESS;
  uint64_t package_id_ = 0;
  struct Error {
    PRL_EVENT_ISSUER_TYPE issuer;
    std::vector<std::string> parameters;
  };
  std::unique_ptr<const Error> error_;      // null: nothing to report
  std::shared_ptr<const Answers> answers_;  // null: none
};

}  // namespace prl::sdk
