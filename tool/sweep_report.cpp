#include "tool/sweep_report.h"

#include <fmt/ostream.h>

#include <string_view>

#include "tool/json_text.h"
#include "tool/markup_text.h"

namespace prl::tool {

namespace {

std::string joined(const Words& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string json_of(const TracedJob& job) {
  return fmt::format("{{\"function\": {}, \"vm\": {}}}", json(job.function), json(job.vm));
}

std::string json_of(const SweepRun& run) {
  const SingleFault& fault = run.fault;
  return fmt::format(
      "{{\"id\": {}, \"layer\": {}, \"function\": {}, \"ordinal\": {}, \"vm\": {}, \"phase\": {}, "
      "\"effect\": {}, "
      "\"code\": {}, \"delay_ms\": {}, \"late\": {}, \"verdict\": {}, \"exit_code\": {}, "
      "\"virtual_ms\": {}, \"replay\": {}, \"details\": {}}}",
      json(run.id()), json(sim::layer_word(fault.layer)), json(fault.function), fault.ordinal,
      json(fault.vm), json(fault.layer == sim::Layer::kJob ? sim::phase_word(fault.phase) : ""),
      json(sim::fault_word(fault.kind)), json(fault.code), fault.delay_ms, run.is_late,
      json(verdict_name(run.verdict)), run.ending.exit_code(), run.virtual_ms, json(run.replay),
      json_list(run.details));
}

template <class Rows>
std::string json_rows_of(const Rows& rows) {
  std::vector<std::string> texts;
  for (const auto& row : rows) texts.push_back(json_of(row));
  return json_rows(texts, "  ");
}

}  // namespace

std::string counts_of(const SweepResult& result) {
  const auto counted = [](size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  return counted(result.jobs.size(), "job") + " recorded, " + counted(result.runs.size(), "run");
}

void print_text(const SweepResult& result, std::ostream& out) {
  if (!result.remarks.empty()) fmt::print(out, "without any fault:\n");
  for (const std::string& remark : result.remarks) fmt::print(out, "  {}\n", remark);
  for (const SweepRun& run : result.runs) {
    if (!is_finding(run.verdict)) continue;
    fmt::print(out, "{}: {};\n  the client {} after {} virtual ms\n", verdict_name(run.verdict),
               run.text(), run.ending.text(), run.virtual_ms);
    for (const std::string& detail : run.details) fmt::print(out, "  {}\n", detail);
    fmt::print(out, "  {}\n", run.replay);
  }
  fmt::print(out, "{}:", counts_of(result));
  const char* separator = " ";
  for (const Verdict verdict : kVerdicts) {
    if (result.count(verdict) == 0) continue;
    fmt::print(out, "{}{} {}", separator, result.count(verdict), verdict_name(verdict));
    separator = ", ";
  }
  fmt::print(out, "\nfindings: {}\n", result.findings());
}

void print_json(const SweepResult& result, std::ostream& out) {
  fmt::print(out,
             "{{\n  \"jobs\": {},\n  \"remarks\": {},\n  \"runs\": {},\n  \"findings\": {}\n}}\n",
             json_rows_of(result.jobs), json_list(result.remarks), json_rows_of(result.runs),
             result.findings());
}

void print_junit(const SweepResult& result, std::ostream& out) {
  const size_t skipped = result.count(Verdict::kNotStruck) + result.count(Verdict::kSameAsStart);
  fmt::print(out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"prlsim sweep\" "
             "tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n",
             result.runs.size() + (result.remarks.empty() ? 0 : 1), result.findings(), skipped);
  if (!result.remarks.empty()) {
    fmt::print(out,
               "  <testcase classname=\"recording\" name=\"handles\">\n    <failure "
               "message=\"without any fault\">{}</failure>\n  </testcase>\n",
               markup(joined(result.remarks)));
  }
  for (const SweepRun& run : result.runs) {
    fmt::print(out, "  <testcase classname=\"{}\" name=\"{}\"", markup(run.fault.function),
               markup(run.id()));
    const std::string verdict(verdict_name(run.verdict));
    if (is_finding(run.verdict)) {
      fmt::print(out, ">\n    <failure message=\"{}: {}\">{}</failure>\n  </testcase>\n", verdict,
                 markup(run.text()), markup(joined(run.details) + run.replay));
    } else if (run.verdict == Verdict::kNotStruck || run.verdict == Verdict::kSameAsStart) {
      fmt::print(out, "><skipped message=\"{}\"/></testcase>\n", verdict);
    } else {
      fmt::print(out, "/>\n");
    }
  }
  fmt::print(out, "</testsuite>\n");
}

}  // namespace prl::tool
