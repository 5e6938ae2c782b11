#include "tool/sweep_html.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "tool/markup_text.h"
#include "tool/sweep_report.h"

namespace prl::tool {

namespace {

constexpr std::string_view kStyle = R"(
body { font: 15px/1.5 sans-serif; max-width: 75em; margin: 2em auto; padding: 0 1em; color: #222; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { border-bottom: 1px solid #ccc; padding: .3em .8em; text-align: left; vertical-align: top; }
pre, code { font: 13px/1.4 monospace; }
pre { background: #f4f4f4; padding: .8em; overflow-x: auto; }
.finding { color: #a00; font-weight: bold; }
)";

std::string_view class_of(Verdict verdict) {
  return is_finding(verdict) ? "finding" : "good";
}

void print_list(const Words& texts, std::ostream& out) {
  if (texts.empty()) return;
  fmt::print(out, "<ul>\n");
  for (const std::string& text : texts) fmt::print(out, "<li>{}</li>\n", markup(text));
  fmt::print(out, "</ul>\n");
}

void print_summary(const SweepResult& result, std::ostream& out) {
  fmt::print(out,
             "<h2>Summary</h2>\n<p>{}, {} findings.</p>\n"
             "<table id=\"summary\">\n<tr><th>verdict</th><th>runs</th></tr>\n",
             counts_of(result), result.findings());
  for (const Verdict verdict : kVerdicts) {
    const size_t count = result.count(verdict);
    if (count == 0) continue;
    fmt::print(out, "<tr><td class=\"{}\">{}</td><td>{}</td></tr>\n", class_of(verdict),
               markup(verdict_name(verdict)), count);
  }
  fmt::print(out, "</table>\n");
}

void print_findings(const SweepResult& result, std::ostream& out) {
  fmt::print(out,
             "<table id=\"findings\">\n<tr><th>verdict</th><th>fault</th><th>the client</th>"
             "<th>again</th></tr>\n");
  for (const SweepRun& run : result.runs) {
    if (!is_finding(run.verdict)) continue;
    fmt::print(out,
               "<tr><td class=\"finding\">{}</td><td><a href=\"#{}\">{}</a></td>"
               "<td>{} after {} virtual ms</td><td><code>{}</code></td></tr>\n",
               markup(verdict_name(run.verdict)), markup(run.id()), markup(run.text()),
               markup(run.ending.text()), run.virtual_ms, markup(run.replay));
  }
  fmt::print(out, "</table>\n");
}

void print_details(const SweepRun& run, std::ostream& out) {
  fmt::print(out, "<section id=\"{}\">\n<h3>{}: {}</h3>\n", markup(run.id()),
             markup(verdict_name(run.verdict)), markup(run.text()));
  print_list(run.details, out);
  if (!run.last_lines.empty()) {
    fmt::print(out, "<p>The last lines of its trace:</p>\n<pre>");
    for (const std::string& line : run.last_lines) fmt::print(out, "{}\n", markup(line));
    fmt::print(out, "</pre>\n");
  }
  fmt::print(out, "<p>Again:</p>\n<pre>{}</pre>\n</section>\n", markup(run.replay));
}

void print_runs(const SweepResult& result, std::ostream& out) {
  fmt::print(out,
             "<h2>All runs</h2>\n<table id=\"runs\">\n<tr><th>run</th><th>verdict</th>"
             "<th>exit code</th><th>virtual ms</th></tr>\n");
  for (const SweepRun& run : result.runs) {
    fmt::print(out, "<tr><td>{}</td><td class=\"{}\">{}</td><td>{}</td><td>{}</td></tr>\n",
               markup(run.id()), class_of(run.verdict), markup(verdict_name(run.verdict)),
               run.ending.exit_code(), run.virtual_ms);
  }
  fmt::print(out, "</table>\n");
}

}  // namespace

void print_html(const SweepResult& result, const Words& command, std::ostream& out) {
  std::string line;
  for (const std::string& word : command) line += (line.empty() ? "" : " ") + shell_quoted(word);
  fmt::print(out,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<title>prlsim sweep: {} findings</title>\n<style>{}</style>\n</head>\n<body>\n"
             "<h1>prlsim sweep</h1>\n<p>The client: <code>{}</code></p>\n",
             result.findings(), kStyle, markup(line));
  print_summary(result, out);
  if (!result.remarks.empty()) fmt::print(out, "<h2>Without any fault</h2>\n");
  print_list(result.remarks, out);
  fmt::print(out, "<h2>Findings</h2>\n");
  if (std::ranges::any_of(result.runs, is_finding, &SweepRun::verdict)) {
    print_findings(result, out);
  } else {
    fmt::print(out, "<p>None under a fault.</p>\n");
  }
  for (const SweepRun& run : result.runs) {
    if (is_finding(run.verdict)) print_details(run, out);
  }
  print_runs(result, out);
  fmt::print(out, "</body>\n</html>\n");
}

}  // namespace prl::tool
