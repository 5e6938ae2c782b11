#include "simulator/access.h"

#include <array>
#include <variant>

namespace prl::sim {

bool is_owner(const SessionUser& user, const PropertyTree& vm) {
  const auto* owner = std::get_if<std::string>(vm.find(kOwner));
  return owner ? *owner == user.name : user.is_first;
}

Rights rights_of(const SessionUser& user, const PropertyTree& vm) {
  if (user.is_administrator || is_owner(user, vm)) return kAllRights;
  const auto* level = std::get_if<uint64_t>(vm.find(kAccessForOthers));
  return level ? rights_at(*level) : kNoRights;
}

// Not shared, to view, to view and run, in full (vm-lifecycle 6.2).
Rights rights_at(uint64_t sharing_level) {
  constexpr std::array<Rights, 4> kLevels = {kNoRights, kRead, kRead | kRun, kRead | kRun | kWrite};
  return sharing_level < kLevels.size() ? kLevels[sharing_level] : kNoRights;
}

void set_owner(VmConfig& vm, const SessionUser& user) {
  if (user.is_first) {
    vm.properties.erase(kOwner);
  } else {
    vm.properties.set(kOwner, user.name);
  }
}

bool Access::may(const SessionObserver* session, Rights needed, const VmConfig& vm) const {
  const auto user = users_.find(session);
  if (user == users_.end()) return true;
  return (needed & ~rights_of(user->second, vm.properties)) == 0;
}

Outcome Access::check(std::string_view function, const SessionObserver* session,
                      const VmConfig& vm) const {
  if (is_open() || !needed_ || may(session, needed_(function), vm)) return {};
  return OutcomeKind::kAccessToVmDenied;
}

SessionUser Access::user_of(const SessionObserver* session) const {
  const auto user = users_.find(session);
  return user == users_.end() ? SessionUser() : user->second;
}

}  // namespace prl::sim
