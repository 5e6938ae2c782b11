// The table of rights leaves out no function that asks something of a VM, and no command.
#include "sdk/access_rights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "sdk/codegen/catalogue.h"

namespace prl::codegen {
namespace {

const Catalogue& catalogue() {
  static const Catalogue loaded = [] {
    Problems problems;
    return Catalogue::load(PRLSIM_CATALOGUE_DIR, problems);
  }();
  return loaded;
}

// Whether the function asks the host something about the VM, device or guest that it is given.
bool asks_about_a_vm(const Function& function) {
  static const std::set<std::string> kSubjects = {"hVm", "hVmDev", "hVmGuest"};
  return function.is_async && function.binding == Binding::kBody &&
         !function.parameters.empty() && kSubjects.contains(function.parameters[0].name);
}

TEST(TheTableOfRights, HasEveryFunctionThatAsksSomethingOfAVm) {
  std::set<std::string_view> named;
  for (const auto& function : sdk::guarded_functions()) named.insert(function.name);
  // The VM is not there yet; the client asks itself.
  const std::set<std::string> left_out = {"PrlVm_Reg", "PrlVm_RegEx", "PrlVmDevHd_CheckPassword"};
  for (const Function& function : catalogue().functions) {
    if (!asks_about_a_vm(function)) continue;
    EXPECT_NE(named.contains(function.name), left_out.contains(function.name)) << function.name;
  }
}

TEST(TheTableOfRights, NamesFunctionsThatAreModelledAndEachOnce) {
  std::set<std::string_view> named;
  for (const auto& function : sdk::guarded_functions()) {
    const Function* known = catalogue().find_function(std::string(function.name));
    ASSERT_TRUE(known) << function.name;
    EXPECT_EQ(known->binding, Binding::kBody) << function.name;
    EXPECT_TRUE(named.insert(function.name).second) << function.name;
  }
}

// Numbers that name nothing are the owner's, so a command that is left out would be too.
TEST(TheTableOfRights, HasEveryCommand) {
  const Enum* commands = catalogue().find_enum("PRL_ALLOWED_VM_COMMAND");
  ASSERT_TRUE(commands);
  std::set<int64_t> of_owners;
  for (const Enumerator& command : commands->enumerators) {
    if (command.name == "PAR_MAX") continue;
    const auto number = static_cast<PRL_ALLOWED_VM_COMMAND>(command.value);
    if (sdk::rights_for(number, sim::Profile::kDesktop) == sim::kAllRights) {
      of_owners.insert(command.value);
    }
  }
  EXPECT_EQ(of_owners,
            (std::set<int64_t>{PAR_VM_UPDATE_SECURITY_ACCESS, PAR_VM_RESET_UPTIME_ACCESS}));
}

}  // namespace
}  // namespace prl::codegen
