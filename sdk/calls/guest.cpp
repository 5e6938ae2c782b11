// PrlVmGuest_* and what else a client asks the guest of a VM for (vm-lifecycle 6.4, clients 5.3).
#include <prlsdk/Parallels.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "calls.h"
#include "sdk/calls/vm_request_job.h"
#include "sdk/guest_session.h"
#include "sdk/node_handle.h"
#include "sdk/objects.h"
#include "sdk/records.h"

namespace prl::sdk::calls {

namespace {

using sim::OutcomeKind;

constexpr uint64_t kInstallMs = 300;

// What a guest that cannot be asked answers; kOk where it can.
sim::Outcome check_guest(const sim::Guest& guest, const sim::VmView& vm) {
  if (vm.state != sim::State::kRunning) return not_started(vm);
  if (!guest.has_tools) return {OutcomeKind::kGuestToolsMissing, {vm.config.name}};
  return {};
}

bool is_known(const sim::Guest& guest, const std::string& user, const std::string& password) {
  const auto found = guest.passwords.find(user);
  return found != guest.passwords.end() && found->second == password;
}

// Sessions that need no user of the guest.
bool is_special(const std::string& user) {
  return user == PRL_PRIVILEGED_GUEST_OS_SESSION || user == PRL_CURRENT_GUEST_OS_SESSION;
}

sim::PropertyTree tools_info(const sim::Guest& guest, const sim::VmView& vm) {
  PRL_VM_TOOLS_STATE state = PTS_NOT_INSTALLED;
  if (guest.has_tools) {
    state = sim::answers(guest, vm.state) ? PTS_INSTALLED : PTS_POSSIBLY_INSTALLED;
  }
  sim::PropertyTree info;
  if (state != PTS_POSSIBLY_INSTALLED) info.set("State", static_cast<uint64_t>(state));
  if (guest.has_tools) info.set("Version", std::string(kToolsVersion));
  return info;
}

// The adapters of the VM as the guest configured them: with the addresses that the VM's
// configuration gives them.
sim::PropertyTree network_settings(const sim::VmConfig& config) {
  constexpr std::string_view kAdapters = "Hardware.NetworkAdapter";
  std::vector<sim::PropertyTree> adapters;
  for (const uint32_t child : config.properties.children(kAdapters)) {
    const auto device = config.properties.below(sim::PropertyTree::child_path(kAdapters, child));
    sim::PropertyTree adapter;
    adapter.set("DeviceType", static_cast<uint64_t>(PDE_GENERIC_NETWORK_ADAPTER));
    adapter.set("Name", "eth" + std::to_string(adapters.size()));
    adapter.set("index", uint64_t{adapters.size()});
    adapter.set("Enabled", true);
    const auto copy = [&](const char* from, const char* to) {
      if (const auto* value = device.find(from)) adapter.set(to, *value);
    };
    copy("MAC", "MacAddress");
    copy("NetAddress[]", "NetAddress[]");
    copy("DnsIPAddress[]", "DnsIPAddress[]");
    copy("DefaultGateway", "DefaultGateway");
    adapters.push_back(std::move(adapter));
  }
  sim::PropertyTree settings;
  replace_children(settings, "NetworkAdapters.NetworkAdapter", adapters);
  return settings;
}

// ---- Sessions --------------------------------------------------------------------------------

// A job on the VM of a session; as with VmJob, `job` is empty when the call is over already.
struct SessionJob : VmJob {
  Ref<GuestSession> session;
};

SessionJob begin_session_job(Call& call, PRL_HANDLE handle) {
  SessionJob begun;
  begun.session = call.pin<GuestSession>(handle);
  if (!begun.session) {
    begun.given = call.bad_argument_job();
    return begun;
  }
  begun.vm = begun.session->vm;
  const bool is_connected = begun.vm->server->is_connected();
  if (is_connected) begun.job = call.start_job(begun.vm->server, begun.vm);
  begun.given = is_connected ? call.give(begun.job)
                             : call.not_connected_job(begun.vm->server, begun.vm);
  return begun;
}

sim::Outcome check_session(const GuestSession& session, const sim::Guest& guest,
                           const sim::RequestedVm& vm) {
  if (sim::Outcome refused = check_guest(guest, vm); !refused.ok()) return refused;
  if (!session.is_open.load() || session.boot.load() != guest.boots) {
    return OutcomeKind::kGuestSessionExpired;
  }
  return {};
}

// Runs `work(guest, view)` -> RequestEnd where the session is still good.
template <class Work>
sim::VmRequest in_session(sim::Guests& guests, const Ref<GuestSession>& session, Work work) {
  return [&guests, session, work = std::move(work)](const sim::RequestedVm& vm) -> sim::RequestEnd {
    const sim::Guest guest = guests.get(vm.config.uuid);
    if (sim::Outcome refused = check_session(*session, guest, vm); !refused.ok()) return refused;
    return work(guest, vm);
  };
}

// ---- Programs --------------------------------------------------------------------------------

// What a client opened may be closed at its other end; that is no reason to end the client.
class NoBrokenPipes {
 public:
  NoBrokenPipes() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoBrokenPipes(const NoBrokenPipes&) = delete;
  NoBrokenPipes& operator=(const NoBrokenPipes&) = delete;
  ~NoBrokenPipes() {
    const timespec no_time{};
    while (sigtimedwait(&pipe_, nullptr, &no_time) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_;
  sigset_t before_;
};

// Stops at the first error: nobody reads on.
void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<size_t>(count));
  }
}

// Descriptors travel in the clothes of pointers.
int descriptor_of(PRL_FILE_DESC descriptor) {
  return static_cast<int>(reinterpret_cast<intptr_t>(descriptor));
}

struct Outputs {
  std::optional<int> output;
  std::optional<int> error_output;
};

sim::RequestEnd begin_program(const sim::GuestProgram& program, const Outputs& outputs,
                              bool is_waited_for, sim::VmRequest end_of_program) {
  sim::RequestEnd end;
  end.delay_ms = is_waited_for ? program.duration_ms : 0;
  // The session may have ended in the meantime, and the program with it.
  end.then = [program, outputs, check = std::move(end_of_program)](const sim::RequestedVm& vm) {
    sim::RequestEnd last = check(vm);
    if (!last.outcome.ok()) return last;
    last.work = [program, outputs] {
      const NoBrokenPipes guard;
      if (outputs.output) write_all(*outputs.output, program.output);
      if (outputs.error_output) write_all(*outputs.error_output, program.error_output);
      return sim::Outcome();
    };
    return last;
  };
  return end;
}

std::optional<std::vector<std::string>> strings_of(const Call& call, PRL_HANDLE handle) {
  if (handle == PRL_INVALID_HANDLE) return std::vector<std::string>();
  const auto list = call.pin<StringsList>(handle);
  if (!list) return std::nullopt;
  std::lock_guard lock(list->mutex);
  return list->items;
}

// ---- Users -----------------------------------------------------------------------------------

sim::VmRequest set_password(sim::Guests& guests, const std::string& user,
                            const std::string& password) {
  return [&guests, user, password](const sim::RequestedVm& vm) -> sim::RequestEnd {
    sim::Outcome refused = check_guest(guests.get(vm.config.uuid), vm);
    if (!refused.ok()) return refused;
    guests.change(vm.config.uuid, [&](sim::Guest& guest) { guest.passwords[user] = password; });
    return {};
  };
}

}  // namespace

// ---- Tools -----------------------------------------------------------------------------------

PRL_HANDLE vm_get_tools_state(Call& call, PRL_HANDLE handle) {
  const auto info = std::make_shared<sim::PropertyTree>();
  return send_request(
      call, begin_vm_job(call, handle),
      [&guests = call.world().peripherals().guests, info](const sim::RequestedVm& vm) {
        *info = tools_info(guests.get(vm.config.uuid), vm);
        return sim::RequestEnd();
      },
      [info](Job::Outcome& outcome) {
        outcome.answers.emplace_back(DocumentAnswer{PHT_VM_TOOLS_INFO, *info});
      });
}

// The guest of the simulation needs no disc: it takes the tools as it is given them.
PRL_HANDLE vm_install_tools(Call& call, PRL_HANDLE handle) {
  return send_request(
      call, begin_vm_job(call, handle),
      [&guests = call.world().peripherals().guests](const sim::RequestedVm& vm) {
        sim::RequestEnd begun;
        if (vm.state != sim::State::kRunning) return sim::RequestEnd(not_started(vm));
        begun.delay_ms = kInstallMs;
        begun.then = [&guests](const sim::VmView& now) -> sim::RequestEnd {
          if (now.state != sim::State::kRunning) return not_started(now);
          guests.change(now.config.uuid, [](sim::Guest& guest) { guest.has_tools = true; });
          sim::RequestEnd end;
          end.notices.emplace_back(sim::ToolsAnswer{});
          return end;
        };
        return begun;
      });
}

// A utility is a program that the guest knows from then on.
PRL_HANDLE vm_install_utility(Call& call, PRL_HANDLE handle, PRL_CONST_STR utility) {
  if (!utility || *utility == '\0') return call.bad_argument_job();
  return send_request(
      call, begin_vm_job(call, handle),
      [&guests = call.world().peripherals().guests,
       utility = std::string(utility)](const sim::RequestedVm& vm) -> sim::RequestEnd {
        if (vm.state != sim::State::kRunning) return not_started(vm);
        if (!guests.get(vm.config.uuid).has_tools) return OutcomeKind::kGuestToolsMissing;
        sim::RequestEnd begun;
        begun.delay_ms = kInstallMs;
        begun.then = [&guests, utility](const sim::VmView& now) -> sim::RequestEnd {
          if (now.state != sim::State::kRunning) return not_started(now);
          guests.change(now.config.uuid, [&](sim::Guest& guest) {
            if (!guest.find(utility, {})) guest.programs.push_back({.name = utility});
          });
          return sim::RequestEnd();
        };
        return begun;
      });
}

// ---- Users -----------------------------------------------------------------------------------

PRL_HANDLE vm_login_in_guest(Call& call, PRL_HANDLE handle, PRL_CONST_STR user,
                             PRL_CONST_STR password, PRL_UINT32 /*flags*/) {
  if (!user) return call.bad_argument_job();
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  const Ref<GuestSession> session =
      call.library().handles().insert(std::make_unique<GuestSession>(begun.vm));
  return send_request(
      call, begun,
      [&guests = call.world().peripherals().guests, session, name = std::string(user),
       secret =
           std::string(password ? password : "")](const sim::RequestedVm& vm) -> sim::RequestEnd {
        const sim::Guest guest = guests.get(vm.config.uuid);
        if (sim::Outcome refused = check_guest(guest, vm); !refused.ok()) return refused;
        if (!is_special(name) && !is_known(guest, name, secret)) {
          return OutcomeKind::kGuestUserUnknown;
        }
        session->boot.store(guest.boots);
        return {};
      },
      [session](Job::Outcome& outcome) { outcome.answers.emplace_back(ObjectAnswer{session}); });
}

PRL_HANDLE vm_auth_with_guest_security_db(Call& call, PRL_HANDLE handle, PRL_CONST_STR user,
                                          PRL_CONST_STR password, PRL_UINT32 /*flags*/) {
  if (!user || !password) return call.bad_argument_job();
  return send_request(
      call, begin_vm_job(call, handle),
      [&guests = call.world().peripherals().guests, name = std::string(user),
       secret = std::string(password)](const sim::RequestedVm& vm) -> sim::RequestEnd {
        const sim::Guest guest = guests.get(vm.config.uuid);
        if (sim::Outcome refused = check_guest(guest, vm); !refused.ok()) return refused;
        return is_known(guest, name, secret) ? OutcomeKind::kOk : OutcomeKind::kGuestUserUnknown;
      });
}

PRL_HANDLE vm_set_user_passwd(Call& call, PRL_HANDLE handle, PRL_CONST_STR user,
                              PRL_CONST_STR password, PRL_UINT32 /*flags*/) {
  if (!user || !password) return call.bad_argument_job();
  return send_request(call, begin_vm_job(call, handle),
                      set_password(call.world().peripherals().guests, user, password));
}

PRL_HANDLE vm_guest_set_user_passwd(Call& call, PRL_HANDLE handle, PRL_CONST_STR user,
                                    PRL_CONST_STR password, PRL_UINT32 /*flags*/) {
  if (!user || !password) return call.bad_argument_job();
  const SessionJob begun = begin_session_job(call, handle);
  if (!begun.job) return begun.given;
  sim::Guests& guests = call.world().peripherals().guests;
  return send_request(
      call, begun,
      in_session(guests, begun.session,
                 [set = set_password(guests, user, password)](
                     const sim::Guest&, const sim::RequestedVm& vm) { return set(vm); }));
}

PRL_HANDLE vm_guest_logout(Call& call, PRL_HANDLE handle, PRL_UINT32 /*reserved*/) {
  const SessionJob begun = begin_session_job(call, handle);
  if (!begun.job) return begun.given;
  return send_request(call, begun,
                      in_session(call.world().peripherals().guests, begun.session,
                                 [session = begun.session](const sim::Guest&, const sim::VmView&) {
                                   session->is_open.store(false);
                                   return sim::RequestEnd();
                                 }));
}

// ---- Programs and networks -------------------------------------------------------------------

PRL_HANDLE vm_guest_run_program(Call& call, PRL_HANDLE handle, PRL_CONST_STR name,
                                PRL_HANDLE arguments, PRL_HANDLE environment, PRL_UINT32 flags,
                                PRL_FILE_DESC /*input*/, PRL_FILE_DESC output,
                                PRL_FILE_DESC error_output) {
  const auto argument_list = strings_of(call, arguments);
  if (!name || !argument_list || !strings_of(call, environment)) return call.bad_argument_job();
  const SessionJob begun = begin_session_job(call, handle);
  if (!begun.job) return begun.given;
  Outputs outputs;
  if (flags & PFD_STDOUT) outputs.output = descriptor_of(output);
  if (flags & PFD_STDERR) outputs.error_output = descriptor_of(error_output);
  const bool is_waited_for = (flags & PRPM_RUN_PROGRAM_AND_RETURN_IMMEDIATELY) == 0;
  const auto exit_code = std::make_shared<uint32_t>(0);
  sim::Guests& guests = call.world().peripherals().guests;
  const sim::VmRequest still_there =
      in_session(guests, begun.session,
                 [](const sim::Guest&, const sim::VmView&) { return sim::RequestEnd(); });
  return send_request(
      call, begun,
      in_session(guests, begun.session,
                 [=, program_name = std::string(name), argument_list = *argument_list](
                     const sim::Guest& guest, const sim::VmView&) -> sim::RequestEnd {
                   const sim::GuestProgram* program = guest.find(program_name, argument_list);
                   if (!program) return {{OutcomeKind::kGuestProgramFailed, {program_name}}};
                   *exit_code = program->exit_code;
                   return begin_program(*program, outputs, is_waited_for, still_there);
                 }),
      [exit_code, vm = begun.vm](Job::Outcome& outcome) {
        EventContent event = vm_event(PET_DSP_EVT_VM_MESSAGE, vm->uuid());
        event.parameters.push_back(
            {"vm_exec_app_ret_code", PFD_UINT32, std::to_string(*exit_code)});
        outcome.answers.emplace_back(EventAnswer{std::move(event), ""});
      });
}

PRL_HANDLE vm_guest_get_network_settings(Call& call, PRL_HANDLE handle, PRL_UINT32 /*reserved*/) {
  const SessionJob begun = begin_session_job(call, handle);
  if (!begun.job) return begun.given;
  const auto settings = std::make_shared<sim::PropertyTree>();
  return send_request(call, begun,
                      in_session(call.world().peripherals().guests, begun.session,
                                 [settings](const sim::Guest&, const sim::RequestedVm& vm) {
                                   *settings = network_settings(vm.config);
                                   return sim::RequestEnd();
                                 }),
                      [settings](Job::Outcome& outcome) {
                        outcome.answers.emplace_back(DocumentAnswer{PHT_SERVER_CONFIG, *settings});
                      });
}

PRL_HANDLE vm_get_network_settings(Call& call, PRL_HANDLE handle, PRL_UINT32 /*flags*/) {
  const auto settings = std::make_shared<sim::PropertyTree>();
  return send_request(
      call, begin_vm_job(call, handle),
      [settings](const sim::RequestedVm& vm) -> sim::RequestEnd {
        if (vm.state != sim::State::kRunning) return not_started(vm);
        *settings = network_settings(vm.config);
        return {};
      },
      [settings](Job::Outcome& outcome) {
        outcome.answers.emplace_back(DocumentAnswer{PHT_SERVER_CONFIG, *settings});
      });
}

}  // namespace prl::sdk::calls
