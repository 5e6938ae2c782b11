// Who may do what with which VM (vm-lifecycle 2.1 step 6, 6.2). A VM belongs to a user, and says
// what all others may do with it; administrators may do everything. Guarded by the world's mutex.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "simulator/outcome.h"
#include "simulator/session_observer.h"
#include "simulator/vm_config.h"

namespace prl::sim {

// A set of what a user may do with a VM, or of what a request asks for.
using Rights = uint8_t;
inline constexpr Rights kNoRights = 0;
inline constexpr Rights kRead = 1;
inline constexpr Rights kRun = 2;
inline constexpr Rights kWrite = 4;
inline constexpr Rights kOwn = 8;  // what owners keep to themselves
inline constexpr Rights kAllRights = kRead | kRun | kWrite | kOwn;

// In the configuration of a VM: its owner, where that is not the first user of the host, and the
// number of the level at which it is shared, where it is.
inline constexpr std::string_view kOwner = "Security.Owner";
inline constexpr std::string_view kAccessForOthers = "Security.AccessForOthers";

// Whose session it is.
struct SessionUser {
  std::string name;
  bool is_administrator = true;
  bool is_first = true;  // of the host: VMs without an owner are this user's
};

bool is_owner(const SessionUser& user, const PropertyTree& vm);
Rights rights_of(const SessionUser& user, const PropertyTree& vm);
// What others may do with a VM that is shared at the level; none for an unknown one.
Rights rights_at(uint64_t sharing_level);
void set_owner(VmConfig& vm, const SessionUser& user);

// What the API function asks of the user whose session calls it.
using NeededRights = std::function<Rights(std::string_view function)>;

class Access {
 public:
  // Null: no function asks for any.
  explicit Access(NeededRights needed) : needed_(std::move(needed)) {}

  // The user stays known when the session ends: a request may arrive later.
  void begin_session(const SessionObserver& session, SessionUser user) {
    has_plain_users_ = has_plain_users_ || !user.is_administrator;
    users_[&session] = std::move(user);
  }

  // Whether all requests pass and all sessions are told everything: the rest need not be asked.
  bool is_open() const { return !has_plain_users_; }
  // Sessions of which nothing is known, as that of the server itself, may do everything.
  bool may(const SessionObserver* session, Rights needed, const VmConfig& vm) const;
  Outcome check(std::string_view function, const SessionObserver* session,
                const VmConfig& vm) const;
  SessionUser user_of(const SessionObserver* session) const;

 private:
  const NeededRights needed_;
  std::unordered_map<const SessionObserver*, SessionUser> users_;
  bool has_plain_users_ = false;  // there has been one
};

}  // namespace prl::sim
