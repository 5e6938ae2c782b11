// Problem reports: collected, packed, read, and never sent.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sdk/session.h"

namespace prl::tests {
namespace {

std::string text_of_report(PRL_HANDLE report) {
  return text_of([report](PRL_STR text, PRL_UINT32_PTR length) {
    return PrlReport_AsString(report, text, length);
  });
}

std::string data_of(PRL_HANDLE report) {
  PRL_UINT32 length = 0;
  EXPECT_EQ(PrlReport_GetData(report, nullptr, &length), PRL_ERR_SUCCESS);
  std::string data(length, '?');
  EXPECT_EQ(PrlReport_GetData(report, data.data(), &length), PRL_ERR_SUCCESS);
  return data;
}

struct AReport : testing::Test {
  AReport() : vm(new_vm(session.server, "box")) {}

  const Session session;
  const Handle vm;
};

// clients 5.3
TEST_F(AReport, IsPackedForTheCommandLine) {
  const Handle report = answer_of(PrlVm_GetPackedProblemReport(vm, 0));
  PRL_PROBLEM_REPORT_SCHEME scheme = PRS_OLD_XML_BASED;
  EXPECT_EQ(PrlReport_SetUserName(report, "A & B"), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlReport_Assembly(report, PPRF_ADD_CLIENT_PART)), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlReport_GetScheme(report, &scheme), PRL_ERR_SUCCESS);
  EXPECT_EQ(scheme, PRS_NEW_PACKED);
  const std::string data = data_of(report), text = text_of_report(report);
  EXPECT_EQ(data.size() % 512, 0u);
  EXPECT_EQ(data.substr(257, 5), "ustar");
  EXPECT_EQ(data.substr(512, text.size()), text);
  EXPECT_NE(text.find("box " + uuid_of(vm) + " STOPPED"), std::string::npos);
  EXPECT_NE(text.find("A &amp; B"), std::string::npos);
  EXPECT_NE(text.find("<ClientPart>"), std::string::npos);
}

TEST_F(AReport, IsTextInTheOldScheme) {
  const Handle job(PrlSrv_GetProblemReport(session.server));
  Handle result, report;
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlResult_GetParam(result, report.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(data_of(report), text_of_report(report));
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlResult_GetParamAsString(result, text, length);
            }),
            text_of_report(report));
}

// core-api 4: packed reports travel in binary form.
TEST_F(AReport, HasNoTextInAResultWhereItIsPacked) {
  const Handle job(PrlSrv_GetPackedProblemReport(session.server, 0));
  Handle result;
  PRL_UINT32 length = 0;
  ASSERT_EQ(PrlJob_Wait(job, UINT32_MAX), PRL_ERR_SUCCESS);
  ASSERT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlResult_GetParamAsString(result, nullptr, &length), PRL_ERR_INVALID_ARG);
}

TEST_F(AReport, IsMadeByAClientOfEitherScheme) {
  Handle report;
  EXPECT_EQ(PrlApi_CreateProblemReport(static_cast<PRL_PROBLEM_REPORT_SCHEME>(1), report.out()),
            PRL_ERR_SUCCESS);
  EXPECT_EQ(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
              return PrlReport_GetArchiveFileName(report, text, length);
            }),
            "ProblemReport.tar");
  EXPECT_EQ(finish(PrlSrv_SendProblemReport(session.server, report, 0)), PRL_ERR_SUCCESS);
  EXPECT_EQ(finish(PrlVm_SendProblemReport(vm, report, 0)), PRL_ERR_SUCCESS);
}

// core-api 8
TEST_F(AReport, IsInNoArchiveInTheOldScheme) {
  Handle report;
  PRL_UINT32 length = 7;
  ASSERT_EQ(PrlApi_CreateProblemReport(PRS_OLD_XML_BASED, report.out()), PRL_ERR_SUCCESS);
  EXPECT_EQ(PrlReport_GetArchiveFileName(report, nullptr, &length), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(length, 7u);
}

TEST_F(AReport, TakesNoTypeAndNoReasonAboveTheLast) {
  const Handle report = answer_of(PrlVm_GetPackedProblemReport(vm, 0));
  const auto type_of = [&](uint32_t number) {
    return PrlReport_SetType(report, static_cast<PRL_PROBLEM_REPORT_TYPE>(number));
  };
  const auto reason_of = [&](uint32_t number) {
    return PrlReport_SetReason(report, static_cast<PRL_PROBLEM_REPORT_REASON>(number));
  };
  EXPECT_EQ(type_of(PRT_LAST), PRL_ERR_SUCCESS);
  EXPECT_EQ(type_of(PRT_LAST + 1), PRL_ERR_INVALID_ARG);
  EXPECT_EQ(reason_of(PRR_LAST), PRL_ERR_SUCCESS);
  EXPECT_EQ(reason_of(PRR_LAST + 1), PRL_ERR_INVALID_ARG);
  PRL_PROBLEM_REPORT_TYPE type = PRT_REPORT_TYPE_UNDEFINED;
  EXPECT_EQ(PrlReport_GetType(report, &type), PRL_ERR_SUCCESS);
  EXPECT_EQ(type, PRT_LAST);
}

TEST_F(AReport, GetsTheSameNumberWheneverItWouldBeSent) {
  Handle report;
  std::vector<std::string> numbers;
  EXPECT_EQ(PrlApi_CreatePackedProblemReport(report.out()), PRL_ERR_SUCCESS);
  for (int i = 0; i < 2; ++i) {
    const Handle job(PrlReport_Send(report, PRL_FALSE, nullptr, 0, nullptr, nullptr, 0, 0,
                                    nullptr, nullptr));
    Handle result;
    EXPECT_EQ(status_of(job), PJS_FINISHED);
    EXPECT_EQ(code_of(job), PRL_ERR_SUCCESS);
    ASSERT_EQ(PrlJob_GetResult(job, result.out()), PRL_ERR_SUCCESS);
    numbers.push_back(text_of([&](PRL_STR text, PRL_UINT32_PTR length) {
      return PrlResult_GetParamAsString(result, text, length);
    }));
  }
  EXPECT_EQ(numbers[0], numbers[1]);
  EXPECT_EQ(numbers[0].find_first_not_of("0123456789"), std::string::npos);
}

}  // namespace
}  // namespace prl::tests
