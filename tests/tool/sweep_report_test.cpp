// What a sweep writes for readers and for other programs: pages, JSON and JUnit.
#include "tool/sweep_report.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/tool/sweep_fixture.h"
#include "tool/sweep_html.h"

namespace prl::tests {
namespace {

// The tags of a page, each closed in its turn; "" or the first that is not.
std::string trouble_with_tags(const std::string& page) {
  std::vector<std::string> open;
  for (size_t at = page.find('<'); at != page.npos; at = page.find('<', at + 1)) {
    const std::string tag = page.substr(at + 1, page.find('>', at) - at - 1);
    const std::string name = tag.substr(0, tag.find(' '));
    if (name == "!DOCTYPE" || name == "meta") continue;
    if (!name.starts_with('/')) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name.substr(1)) {
      return tag;
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_F(Sweep, WritesAPageThatShowsEachFinding) {
  const std::string page_path = folder_ / "report.html";
  const Printed printed =
      prlsim({"sweep", "--out", folder_ / "out", "--scenario", folder_ / "world.toml", "--effects",
              "fail", "--html", page_path, "--", client("fragile")});
  EXPECT_EQ(printed.exit_code, 1) << printed.err;
  const std::string page = text_of(page_path);
  EXPECT_EQ(trouble_with_tags(page), "");
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>\n")) << page;
  EXPECT_EQ(count_of(page, "<td class=\"finding\">crash</td><td><a href=\"#PrlVm_Suspend-1-"), 3u);
  EXPECT_EQ(count_of(page, "<section id=\"PrlVm_Suspend-1-"), 3u);
  EXPECT_NE(page.find("<td class=\"finding\">crash</td><td>3</td>"), std::string::npos) << page;
  // The line to paste, and the fault in the trace.
  EXPECT_NE(page.find("PrlVm_Suspend-1-end-fail.toml --clock virtual -- "), std::string::npos);
  EXPECT_NE(page.find(" fault 3 PrlVm_Suspend vm=web rule=PrlVm_Suspend-1-end-fail fail at end\n"),
            std::string::npos);
  EXPECT_EQ(count_of(page, "<tr><td>Prl"), 9u);
  for (const char* foreign : {"<script", "http:", "https:", "url(", "src=", "@import"}) {
    EXPECT_EQ(page.find(foreign), std::string::npos) << foreign;
  }
  EXPECT_EQ(prlsim({"sweep", "--out", folder_ / "out", "--scenario", folder_ / "world.toml",
                    "--effects", "fail", "--html", "/there/is/none.html", "--", client("careful")})
                .exit_code,
            2);
}

TEST(Report, SaysInAPageThatThereIsNothing) {
  tool::SweepResult result;
  result.runs.push_back({.fault = {.function = "PrlVm_Start"}});
  std::ostringstream page;
  tool::print_html(result, {"./client"}, page);
  EXPECT_EQ(trouble_with_tags(page.str()), "");
  EXPECT_NE(page.str().find("<p>None under a fault.</p>"), std::string::npos) << page.str();
  EXPECT_EQ(page.str().find("id=\"findings\""), std::string::npos) << page.str();
  EXPECT_NE(page.str().find("<tr><td>PrlVm_Start-1-start-fail</td>"), std::string::npos);
}

TEST(Report, EscapesEverythingInAPage) {
  const std::string evil = "<script>\"&'\x01</pre>";
  const std::string meek = "&lt;script&gt;&quot;&amp;&#39;&lt;/pre&gt;";
  tool::SweepResult result;
  result.remarks = {evil};
  result.runs.push_back({.fault = {.function = evil, .vm = evil, .code = evil},
                         .verdict = Verdict::kLeak,
                         .replay = evil,
                         .details = {evil},
                         .last_lines = {evil, evil}});
  std::ostringstream page;
  tool::print_html(result, {"./client", evil}, page);
  EXPECT_EQ(trouble_with_tags(page.str()), "");
  EXPECT_EQ(page.str().find("<script"), std::string::npos) << page.str();
  EXPECT_EQ(page.str().find("'"), std::string::npos) << page.str();
  EXPECT_GE(count_of(page.str(), meek), 12u) << page.str();
}

TEST(Report, EscapesWhatItPrints) {
  tool::SweepResult result;
  result.runs.push_back({.fault = {.function = "PrlVm_Start", .vm = "a\"\\<&\x01\n"},
                         .verdict = Verdict::kCrash,
                         .replay = "prlsim run -- 'a' \"b\""});
  std::ostringstream json, junit;
  tool::print_json(result, json);
  tool::print_junit(result, junit);
  EXPECT_NE(json.str().find(R"("vm": "a\"\\<&\u0001\u000a")"), std::string::npos) << json.str();
  EXPECT_NE(junit.str().find("a&quot;\\&lt;&amp;\n)"), std::string::npos) << junit.str();
}

}  // namespace
}  // namespace prl::tests
