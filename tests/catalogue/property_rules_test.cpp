// Each way in which a function does not fit the property that it is bound to is refused.
#include <gtest/gtest.h>

#include <algorithm>

#include "catalogue_copy.h"
#include "sdk/codegen/catalogue.h"

namespace prl::codegen {
namespace {

std::vector<std::string> complaints_about(const CatalogueCopy& copy) {
  Problems problems;
  (void)Catalogue::load(copy.catalogue(), problems);
  return problems.messages();
}

void expect_only(const CatalogueCopy& copy, const std::string& complaint) {
  EXPECT_EQ(complaints_about(copy), std::vector<std::string>{complaint});
}

// A function that is bound to a property, with the given parameters.
std::string function_row(const std::string& name, const std::string& parameters) {
  return name + ",both,PrlApiVm.h,PrlApiVm.h,1,sync,no,no," + parameters +
         ",,property,,,Does what is new.,";
}

// A readable property of a VM's configuration.
std::string property_row(const std::string& path, const std::string& type,
                         const std::string& default_text) {
  return "PrlVmCfg,PHT_VM_CONFIGURATION," + path + "," + type + ",,ro,PrlVmCfg_GetNew,,,V+P," +
         default_text + ",,,";
}

const std::string kNumber = "PRL_HANDLE hVmCfg; PRL_UINT32_PTR pnNew";

TEST(PropertyRules, AcceptAFunctionThatFits) {
  const CatalogueCopy copy;
  copy.append("functions/vm.csv", function_row("PrlVmCfg_GetNew", kNumber));
  copy.append("properties.csv", property_row("Settings.New", "uint32", "7"));
  Problems problems;
  const Catalogue catalogue = Catalogue::load(copy.catalogue(), problems);
  EXPECT_TRUE(problems.empty()) << problems.messages().front();
  EXPECT_EQ(catalogue.find_function("PrlVmCfg_GetNew")->accessor, "get_number");
  EXPECT_EQ(catalogue.find_property("PrlVmCfg_GetNew")->default_value, "7");
}

TEST(PropertyRules, RefuseAFunctionWithoutARow) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", function_row("PrlVmCfg_GetNew", kNumber));
  expect_only(copy, place + "no row of properties.csv names PrlVmCfg_GetNew");
}

TEST(PropertyRules, RefuseOtherParameters) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", function_row("PrlVmCfg_GetNew", kNumber));
  copy.append("properties.csv", property_row("Settings.New", "bool", ""));
  expect_only(copy, place + "a getter of type 'bool' is sync and takes PRL_HANDLE; PRL_BOOL_PTR");
}

TEST(PropertyRules, RefuseATypeThatNoAccessorServes) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", function_row("PrlVmCfg_GetNew", kNumber));
  copy.append("properties.csv", property_row("Settings.New", "list<handle>", ""));
  expect_only(copy, place + "no accessor serves the type 'list<handle>'");
}

TEST(PropertyRules, RefuseAnObjectWithoutATree) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", "PrlLicense_GetNew,both,PrlApiVm.h,PrlApiVm.h,1,sync,no,no," +
                                          kNumber + ",,property,,,Does what is new.,");
  copy.append("properties.csv", "PrlLicense,,New,uint32,,ro,PrlLicense_GetNew,,,V+P,,,,");
  expect_only(copy, place + "no handle has the properties of PrlLicense");
}

TEST(PropertyRules, RefuseADefaultThatIsNoValue) {
  const CatalogueCopy copy;
  copy.append("functions/vm.csv", function_row("PrlVmCfg_GetNew", kNumber));
  const std::string place =
      copy.append("properties.csv", property_row("Settings.New", "uint32", "half of RAM"));
  expect_only(copy, place + "the default 'half of RAM' does not fit the type");
}

TEST(PropertyRules, RefuseTwoDefaultsForOneLeaf) {
  const CatalogueCopy copy;
  copy.append("functions/vm.csv", function_row("PrlVmCfg_GetNew", kNumber));
  copy.append("properties.csv", property_row("Settings.Runtime.IoPriority", "uint32", "5"));
  const auto complaints = complaints_about(copy);
  ASSERT_EQ(complaints.size(), 1u);
  EXPECT_NE(complaints.front().find("Settings.Runtime.IoPriority has another type or default"),
            std::string::npos);
}

}  // namespace
}  // namespace prl::codegen
