// The real catalogue is sound, and each way in which a row can be wrong is refused with its place.
#include "sdk/codegen/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>

#include "catalogue_copy.h"

namespace prl::codegen {
namespace {

Catalogue load(const std::filesystem::path& folder, Problems& problems) {
  return Catalogue::load(folder, problems);
}

size_t count(const Catalogue& catalogue, Editions editions) {
  return static_cast<size_t>(
      std::count_if(catalogue.functions.begin(), catalogue.functions.end(),
                    [&](const Function& function) { return function.editions == editions; }));
}

// Loads the damaged copy and expects exactly this complaint among others.
void expect_complaint(const CatalogueCopy& copy, const std::string& complaint) {
  Problems problems;
  load(copy.catalogue(), problems);
  const auto& messages = problems.messages();
  EXPECT_NE(std::find(messages.begin(), messages.end(), complaint), messages.end())
      << "wanted: " << complaint
      << "\nfirst complaint: " << (messages.empty() ? "none" : messages.front());
}

// A function row that is right in every column; tests spoil one of them.
std::string row(const std::string& name, const std::string& kind, const std::string& parameters,
                const std::string& binding, const std::string& job) {
  return name + ",both,PrlApiVm.h,PrlApiVm.h,1," + kind + ",no,no," + parameters + ",," + binding +
         "," + job + ",,Does what is new.,";
}

TEST(Catalogue, HoldsEveryFunctionOfBothEditions) {
  Problems problems;
  const Catalogue catalogue = load(PRLSIM_CATALOGUE_DIR, problems);
  EXPECT_TRUE(problems.empty()) << problems.messages().front();
  EXPECT_EQ(catalogue.functions.size(), 1873u);
  EXPECT_EQ(count(catalogue, Editions::kBoth), 1197u);
  EXPECT_EQ(count(catalogue, Editions::kDesktop), 595u);
  EXPECT_EQ(count(catalogue, Editions::kVirtuozzo), 81u);
}

TEST(Catalogue, RefusesAFunctionWithoutAText) {
  const CatalogueCopy copy;
  const std::string place = copy.append(
      "functions/vm.csv", "PrlVm_New,both,PrlApiVm.h,PrlApiVm.h,1,sync,no,no,,,body,,,,");
  expect_complaint(copy, place + "PrlVm_New has no text");
}

TEST(Catalogue, AcceptsARowThatIsRight) {
  const CatalogueCopy copy;
  copy.append("functions/vm.csv", row("PrlVm_New", "sync", "PRL_HANDLE hVm", "body", ""));
  Problems problems;
  EXPECT_EQ(load(copy.catalogue(), problems).functions.size(), 1874u);
  EXPECT_TRUE(problems.empty()) << problems.messages().front();
}

TEST(Catalogue, SpellsBodiesInSnakeCase) {
  EXPECT_EQ(snake_case_of("PrlVmCfg_GetName"), "vm_cfg_get_name");
  EXPECT_EQ(snake_case_of("PrlSrv_GetVmListEx"), "srv_get_vm_list_ex");
  EXPECT_EQ(snake_case_of("PrlVmCfg_GetVNCMode"), "vm_cfg_get_vnc_mode");
  EXPECT_EQ(snake_case_of("PrlEvtPrm_ToUint32"), "evt_prm_to_uint32");
}

TEST(Catalogue, RefusesAFunctionListedTwice) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/job.csv", row("PrlVm_Suspend", "sync", "", "body", ""));
  Problems problems;
  load(copy.catalogue(), problems);
  ASSERT_FALSE(problems.empty());
  // Families load in order of name, so the row in vm.csv is the second one.
  EXPECT_NE(problems.messages().front().find("vm.csv:"), std::string::npos);
  EXPECT_NE(problems.messages().front().find("PrlVm_Suspend is already used in " +
                                             place.substr(0, place.size() - 2)),
            std::string::npos)
      << problems.messages().front();
}

TEST(Catalogue, RefusesAnUnknownType) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", row("PrlVm_New", "sync", "PRL_HANDEL hVm", "body", ""));
  expect_complaint(copy, place + "unknown type 'PRL_HANDEL'");
}

TEST(Catalogue, RefusesAParameterWithoutAName) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", row("PrlVm_New", "sync", "PRL_HANDLE", "body", ""));
  expect_complaint(copy, place + "the parameter 'PRL_HANDLE' is not of the form type name");
}

TEST(Catalogue, RefusesARowWithoutBinding) {
  const CatalogueCopy copy;
  const std::string place = copy.append("functions/vm.csv", row("PrlVm_New", "sync", "", "", ""));
  expect_complaint(copy, place + "binding is missing: body, property or none:<reason>");
}

TEST(Catalogue, RefusesAnUnknownBinding) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", row("PrlVm_New", "sync", "", "none:", ""));
  expect_complaint(copy, place + "unknown binding 'none:': body, property or none:<reason>");
}

TEST(Catalogue, SaysThatPropertyBindingsAreYetToCome) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", row("PrlVm_New", "sync", "", "property:Name", ""));
  expect_complaint(copy, place + "unknown binding 'property:Name': body, property or "
                                 "none:<reason>");
}

TEST(Catalogue, RefusesAnUnknownJobOperation) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", row("PrlVm_New", "async", "", "body", "PJOC_VM_NEW"));
  expect_complaint(copy, place + "unknown job operation 'PJOC_VM_NEW'");
}

TEST(Catalogue, RefusesAnAsynchronousFunctionWithoutJobOperation) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", row("PrlVm_New", "async", "", "body", ""));
  expect_complaint(copy,
                   place + "async functions, and only those, name the operation of their job");
}

TEST(Catalogue, RefusesAnUnknownKind) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", row("PrlVm_New", "later", "", "body", ""));
  expect_complaint(copy, place + "unknown kind 'later'");
}

TEST(Catalogue, RefusesAnUnknownHeader) {
  const CatalogueCopy copy;
  const std::string place = copy.replace("functions/vm.csv", "PrlApiVm.h", "PrlApiVn.h");
  expect_complaint(copy, place + "headers.csv has no header 'PrlApiVn.h'");
}

TEST(Catalogue, RefusesAnUnknownEdition) {
  const CatalogueCopy copy;
  const std::string place = copy.replace("enums.csv", ",both,", ",all,");
  expect_complaint(copy, place + "unknown edition 'all'");
}

TEST(Catalogue, RefusesAHeaderOfAnEditionThatLacksTheFunction) {
  const CatalogueCopy copy;
  const std::string place = copy.replace("functions/vm.csv", ",both,", ",desktop,");
  expect_complaint(copy, place + "each edition of the function, and no other, names a header");
}

TEST(Catalogue, RefusesAnUnknownResultCode) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", row("PrlVm_New", "sync", "", "body", "") + "PRL_ERR_NEW");
  expect_complaint(copy, place + "unknown result code PRL_ERR_NEW");
}

TEST(Catalogue, RefusesTwoFunctionsThatShareABodyName) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("functions/vm.csv", row("PrlVM_Suspend", "sync", "", "body", ""));
  expect_complaint(
      copy, (copy.catalogue() / "functions/vm.csv").string() + ":" + std::to_string([&] {
              const auto lines = copy.lines("functions/vm.csv");
              const auto found = std::find_if(lines.begin(), lines.end(), [](const auto& line) {
                return line.rfind("PrlVm_Suspend,", 0) == 0;
              });
              return found - lines.begin() + 1;
            }()) +
                ": PrlVm_Suspend and PrlVM_Suspend would share the body name vm_suspend");
  EXPECT_FALSE(place.empty());
}

TEST(Catalogue, RefusesANumberThatIsNone) {
  const CatalogueCopy copy;
  const std::string place = copy.append("result_codes.csv", "PRL_ERR_NEW,12x,,both,public");
  expect_complaint(copy, place + "'12x' is not a number");
}

TEST(Catalogue, RefusesAConstantThatDoesNotFit) {
  const CatalogueCopy copy;
  const std::string place = copy.append("result_codes.csv", "PRL_ERR_NEW,4294967296,,both,public");
  expect_complaint(copy, place + "4294967296 is not a 32-bit number");
}

TEST(Catalogue, ExplainsEachPublicResultCodeInItsOwnSentences) {
  Problems problems;
  const Catalogue catalogue = load(PRLSIM_CATALOGUE_DIR, problems);
  std::map<std::string, int64_t> numbers;
  for (const ResultCode& code : catalogue.result_codes) numbers[code.name] = code.value;
  std::map<std::string, int64_t> number_of_text;
  for (const ResultText& text : catalogue.result_texts) {
    EXPECT_NE(text.detailed, text.brief) << text.code;
    for (const std::string& part : {text.brief, text.detailed}) {
      EXPECT_EQ(part.find(text.code), std::string::npos) << part;
      EXPECT_NE(part.find(' '), std::string::npos) << text.code;
    }
    const auto [known, fresh] = number_of_text.emplace(text.detailed, numbers[text.code]);
    EXPECT_TRUE(fresh || known->second == numbers[text.code]) << text.code << ": " << text.detailed;
  }
  EXPECT_EQ(catalogue.result_texts.size(), 2175u);
  std::cout << "count result_texts " << catalogue.result_texts.size() << "\n";
}

TEST(Catalogue, RefusesAPublicResultCodeWithoutTexts) {
  const CatalogueCopy copy;
  const std::string place = copy.append("result_codes.csv", "PRL_ERR_NEW,12,,both,public");
  expect_complaint(copy, place + "PRL_ERR_NEW has no texts in result_texts.csv");
}

TEST(Catalogue, RefusesTextsOfACodeThatIsUnknownOrPrivate) {
  const CatalogueCopy copy;
  copy.append("result_codes.csv", "PRL_ERR_HIDDEN,12,,both,private");
  for (const std::string name : {"PRL_ERR_NEW", "PRL_ERR_HIDDEN"}) {
    const std::string place =
        copy.append("result_texts.csv", name + ",warning,,It is new.,Wait until it is old.");
    expect_complaint(copy, place + "no public result code is named " + name);
  }
}

TEST(Catalogue, RefusesTextsThatAreGivenTwice) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("result_texts.csv", "PRL_ERR_TIMEOUT,warning,,It is late.,Wait for it.");
  expect_complaint(copy, place + "the texts of PRL_ERR_TIMEOUT are given twice");
}

TEST(Catalogue, RefusesAnEmptyText) {
  for (const std::string texts : {",It is new.", "It is new.,"}) {
    const CatalogueCopy copy;
    copy.append("result_codes.csv", "PRL_ERR_NEW,12,,both,public");
    const std::string place = copy.append("result_texts.csv", "PRL_ERR_NEW,warning,," + texts);
    expect_complaint(copy, place + "PRL_ERR_NEW needs a short and a long text");
  }
}

TEST(Catalogue, RefusesTheNameOfACodeAsItsText) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("result_texts.csv", "PRL_ERR_TIMEOUT,warning,,PRL_ERR_TIMEOUT,Wait for it.");
  expect_complaint(copy, place + "the name PRL_ERR_TIMEOUT is no text");
}

TEST(Catalogue, RefusesAnUnknownTypeOfMessage) {
  const CatalogueCopy copy;
  const std::string place =
      copy.append("result_texts.csv", "PRL_ERR_TIMEOUT,grave,,It is late.,Wait for it.");
  expect_complaint(copy, place + "unknown type of message 'grave'");
}

TEST(Catalogue, RefusesATextThatNamesWhatDoesNotExist) {
  const CatalogueCopy copy;
  const std::string place =
      copy.replace("result_texts.csv", "PrlApi_Init or ", "PrlApi_Inti or PRL_ERR_INTI or ");
  expect_complaint(copy, place + "the text names PrlApi_Inti, which does not exist");
  expect_complaint(copy, place + "the text names PRL_ERR_INTI, which does not exist");
}

TEST(Catalogue, RefusesAPropertyOfAnUnknownFunction) {
  const CatalogueCopy copy;
  const std::string place = copy.replace("properties.csv", "PrlVmCfg_GetName", "PrlVmCfg_GetNane");
  expect_complaint(copy, place + "unknown function PrlVmCfg_GetNane");
}

TEST(Catalogue, RefusesARowOfTheWrongWidth) {
  const CatalogueCopy copy;
  const std::string place = copy.append("result_codes.csv", "PRL_ERR_NEW,12,,both");
  expect_complaint(copy, place + "has 4 fields, not 5");
}

TEST(Catalogue, RefusesAQuoteThatDoesNotEnd) {
  const CatalogueCopy copy;
  const std::string place = copy.append("result_codes.csv", "PRL_ERR_NEW,12,,both,\"public");
  expect_complaint(copy, place + "a quoted field does not end on its line");
}

TEST(Catalogue, RefusesAFileWithOtherColumns) {
  const CatalogueCopy copy;
  const std::string place = copy.replace("result_codes.csv", "visibility", "seen");
  expect_complaint(copy, place +
                             "the columns must be "
                             "name,value,value_virtuozzo,editions,visibility");
}

TEST(Catalogue, RefusesAMissingFile) {
  const CatalogueCopy copy;
  const std::filesystem::path path = copy.catalogue() / "structs.csv";
  std::filesystem::remove(path);
  expect_complaint(copy, path.string() + ":0: cannot be read");
}

TEST(Catalogue, ReadsQuotedFields) {
  const CatalogueCopy copy;
  copy.append("macros.csv", "PRL_NEW_TEXT,\"\"\"a, b\"\"\",,both,PrlEnums.h");
  Problems problems;
  const Catalogue catalogue = load(copy.catalogue(), problems);
  EXPECT_EQ(catalogue.macros.back().replacement, "\"a, b\"");
}

}  // namespace
}  // namespace prl::codegen
