#include "sdk/job.h"

#include <cassert>
#include <utility>

#include "sdk/server.h"
#include "sdk/vm_handle.h"
#include "simulator/spare_blocks.h"

namespace prl::sdk {

namespace {

const std::shared_ptr<const Answers>& no_answers() {
  static const auto none = std::make_shared<const Answers>();
  return none;
}

}  // namespace

Job::Job(const ApiInfo& began, const Ref<Server>& job_server, const Ref<VmHandle>& job_vm)
    : Object(kType),
      function(began.name.view()),
      operation(static_cast<PRL_JOB_OPERATION_CODE>(began.job_operation)),
      own_server_(job_vm ? Ref<Server>() : job_server),
      vm(job_vm),
      server(vm ? vm->server : own_server_),
      server_at_end_(job_server.get()) {
  assert(server.get() == server_at_end_);
}

Job::~Job() {
  if (server_at_end_ && !is_finished()) server_at_end_->forget_job(value());
}

void* Job::operator new(size_t bytes) {
  assert(bytes == sizeof(Job));  // nothing derives from it
  (void)bytes;
  return sim::SpareBlocks<sizeof(Job)>::take();
}
void Job::operator delete(void* block) noexcept {
  sim::SpareBlocks<sizeof(Job)>::give_back(block);
}

bool Job::finish(Outcome&& outcome) {
  if (is_finished()) return false;
  code_ = outcome.code;
  package_id_ = outcome.package_id;
  if (outcome.error_issuer && PRL_FAILED(code_)) {
    error_.reset(new Error{*outcome.error_issuer, std::move(outcome.message_parameters)});
  }
  if (!outcome.answers.empty() || !outcome.vms.empty()) {
    answers_ = std::make_shared<const Answers>(
        Answers{std::move(outcome.vms), std::move(outcome.answers)});
  }
  end();
  return true;
}

bool Job::finish_well(uint64_t package_id) {
  if (is_finished()) return false;
  package_id_ = package_id;
  end();
  return true;
}

void Job::end() {
  finished_.store(true, std::memory_order_release);
  changed_.notify_all();
}

std::optional<EventContent> Job::error() const {
  if (!error_) return std::nullopt;
  return error_event(code_, error_->issuer, error_->parameters);
}

const std::shared_ptr<const Answers>& Job::answers() const {
  return answers_ ? answers_ : no_answers();
}

}  // namespace prl::sdk
