// The gate that every exported call passes: is the library initialised, hold off Deinit until the
// call is over, trace it, let no exception out. The generated thunks call enter() and friends.
#pragma once

#include <prlsdk/Parallels.h>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "api.h"
#include "sdk/library.h"

namespace prl::sdk {

// One exported call in progress. On the stack of the calling thread; not shared.
class Call {
 public:
  explicit Call(Api api) : info_(api_info(api)) {
    if (info_.needs_init) come_in(static_cast<size_t>(api));
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    if (library_) go_out();
  }

  // False: the function needs an initialised library and there is none.
  bool admitted() const { return admitted_; }
  const ApiInfo& info() const { return info_; }
  sim::FunctionName function() const { return std::string_view(info_.name); }
  // REQUIRES: the function needs an initialised library.
  Library& library() const { return *library_; }
  // That of the server of the job that the call has started, or else of the calling thread.
  sim::World& world() const { return *world_; }
  // From now on world() is that one.
  void go_to(sim::World& world) const { world_ = &world; }

  // Functions that the host's product does not have (config-model 4).
  bool is_refused_by_profile() const {
    return info_.is_refused_in_virtuozzo && library_ &&
           world().profile() == sim::Profile::kVirtuozzo;
  }

  // Whether a fault could strike the call. Asked first: an answer of strike() goes through memory,
  // which takes as long as the rest of the gate.
  bool is_watched() const { return is_watched_; }
  // The code of the fault that strikes the call, if any. May take virtual time. REQUIRES:
  // is_watched().
  std::optional<PRL_RESULT> strike() const;

  // The live object of type T behind the handle, kept alive for as long as the reference is held;
  // empty for anything else, whatever the bits.
  template <class T>
  Ref<T> pin(PRL_HANDLE handle) const {
    Ref<Object> object = pin_any(handle);
    if (!object) return {};
    // A record may have a type whose objects are of a class of their own.
    if (object->type() != T::kType || object->holds() != T::kHolds) {
      note_bad_handle(handle);
      return {};
    }
    return Ref<T>::cast(std::move(object));
  }
  Ref<Object> pin_any(PRL_HANDLE handle) const {
    Ref<Object> object = library_->handles().find(from_handle(handle));
    if (!object) note_bad_handle(handle);
    return object;
  }

  // For the ledger: the handle is not one that the function takes.
  void note_bad_handle(PRL_HANDLE handle) const {
    if (library_->ledger()) library_->ledger()->note_bad_handle(from_handle(handle));
  }

  // The handle of the object with one reference more, owned by the client. Where a fault says that
  // there is no memory for it: std::bad_alloc. For a job that is asked before it is made.
  template <class T>
  PRL_HANDLE give(const Ref<T>& object) const {
    if (memory_is_watched_) note_given(*object);
    library_->hand_out(object);
    return to_handle(object->value());
  }
  // Enters a new object and hands it to the client.
  template <class T, class... Arguments>
  PRL_HANDLE make(Arguments&&... arguments) const {
    auto made = std::make_unique<T>(std::forward<Arguments>(arguments)...);
    return give(library_->handles().insert(std::move(made)));
  }

  // -- Jobs of the function being called.
  // A finished job for arguments that cannot be used (core-api 2.5); handlers never see it.
  PRL_HANDLE bad_argument_job() const;
  PRL_HANDLE local_job(PRL_RESULT code) const;
  // The same, or none where there is no memory for it.
  PRL_HANDLE struck_job(PRL_RESULT code) const {
    return code == PRL_ERR_OUT_OF_MEMORY ? PRL_HANDLE(PRL_INVALID_HANDLE) : local_job(code);
  }
  // A running job on the server, remembered by it until it finishes.
  Ref<Job> start_job(const Ref<Server>& server, const Ref<VmHandle>& vm = {}) const;
  // A job that is over at once because the server is not connected; handlers see it.
  PRL_HANDLE not_connected_job(const Ref<Server>& server, const Ref<VmHandle>& vm = {}) const;

  // For the trace; called by the templates below.
  PRL_RESULT ended(PRL_RESULT code) {
    if (code == PRL_ERR_INVALID_ARG) is_bad_argument_ = true;
    if (library_ && world().trace().enabled()) trace_end(code);
    return code;
  }
  PRL_HANDLE ended(PRL_HANDLE job) {
    if (library_ && world().trace().enabled()) trace_end();
    return job;
  }
  PRL_RESULT failed_with_exception() noexcept;

 private:
  void come_in(size_t api) {
    count_ = Library::gate.enter();
    if (!count_) {
      admitted_ = false;
      return;
    }
    library_ = &Library::instance();
    Place& place = library_->worlds().here();
    world_ = &place.world;
    if (const uint8_t watched = place.watches(api)) {
      is_watched_ = (watched & Place::kCalls) != 0;
      memory_is_watched_ = (watched & Place::kMemory) != 0;
    }
    if (library_->ledger()) begin_in_ledger();
  }
  void go_out() {
    if (library_->ledger()) end_in_ledger();
    library_->bury_dead();
    Library::gate.leave(*count_);
  }
  void begin_in_ledger() const;
  void end_in_ledger() const;
  void strike_memory(uint32_t object_type) const;
  void note_given(const Object& object) const;
  void take_back_given() noexcept;
  void trace_end(PRL_RESULT code) const;
  void trace_end() const;  // with a job
  void trace(const std::string& text) const;

  const ApiInfo& info_;
  bool admitted_ = true;
  mutable bool is_bad_argument_ = false;  // so it was answered
  bool is_watched_ = false;
  bool memory_is_watched_ = false;
  mutable bool has_job_memory_ = false;  // of the job that is to be handed out
  mutable std::unique_ptr<std::vector<uint32_t>> given_;  // while memory is watched; null: nothing
  Library* library_ = nullptr;                            // null: the function needs none
  mutable sim::World* world_ = nullptr;
  CallGate::Count* count_ = nullptr;
};

// Compiled once per argument shape, not once per function.
template <class... P, class... A>
PRL_RESULT enter(Api api, PRL_RESULT (*body)(Call&, P...), A... arguments) {
  Call call(api);
  if (!call.admitted()) return PRL_ERR_API_WASNT_INITIALIZED;
  if (call.is_refused_by_profile()) return call.ended(PRL_ERR_UNIMPLEMENTED);
  try {
    if (call.is_watched()) {
      if (const auto struck = call.strike()) return call.ended(*struck);
    }
    return call.ended(body(call, arguments...));
  } catch (...) {
    return call.failed_with_exception();
  }
}

template <class... P, class... A>
PRL_HANDLE enter_job(Api api, PRL_HANDLE (*body)(Call&, P...), A... arguments) {
  Call call(api);
  if (!call.admitted()) return PRL_INVALID_HANDLE;
  try {
    if (call.is_refused_by_profile()) return call.ended(call.local_job(PRL_ERR_UNIMPLEMENTED));
    if (call.is_watched()) {
      if (const auto struck = call.strike()) return call.ended(call.struck_job(*struck));
    }
    return call.ended(body(call, arguments...));
  } catch (...) {
    call.failed_with_exception();
    return PRL_INVALID_HANDLE;  // out of memory is the one case that the header allows
  }
}

// The documented answer of functions that prlsim does not model.
PRL_RESULT not_modelled(Api api);
PRL_HANDLE not_modelled_job(Api api);

}  // namespace prl::sdk
