// What is read from a scenario file and written again means the same.
#include "faults/document.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace prl::faults {
namespace {

std::string rewritten(const std::string& text) {
  const auto document = parse_document(text, "s.toml");
  return document ? to_toml(*document) : document.error().text();
}

TEST(Document, IsWrittenInTheOrderOfTheFile) {
  EXPECT_EQ(rewritten("version=1 # one\n[[fault]]\nname='b'\neffect.kind=\"hang\"\n"
                      "[[fault]]\nname=\"a\"\n  [latency]\n boot={ms=1}\nresume.ms=2\n"),
            "version = 1\n\n[[fault]]\nname = \"b\"\neffect = { kind = \"hang\" }\n\n"
            "[[fault]]\nname = \"a\"\n\n[latency]\nboot = { ms = 1 }\nresume = { ms = 2 }\n");
}

TEST(Document, WritesTablesOfTablesBelowTheirOwn) {
  const std::string text =
      "[[vm]]\nname = \"web\"\n\n[[vm.user]]\nname = \"a\"\n\n[[vm.user]]\nname = \"b\"\n";
  EXPECT_EQ(rewritten(text), text);
}

TEST(Document, KeepsEveryKindOfValue) {
  EXPECT_EQ(rewritten(R"(a = "x\"\\\u0001\n" 
'b c' = 'ä'
d = 0x80000015
e = -7
f = 1e300
g = 2.0
h = [1.5, [], {}, true])"),
            R"(a = "x\"\\\u0001\n"
"b c" = "ä"
d = 2147483669
e = -7
f = 1e+300
g = 2.0
h = [1.5, [], {}, true]
)");
}

TEST(Document, TellsWhatIsNoToml) {
  EXPECT_TRUE(rewritten("a = 1\nb =").starts_with("s.toml:2:")) << rewritten("a = 1\nb =");
  EXPECT_EQ(rewritten(""), "") << "that is one";
}

TEST(Document, FindsWhatATableHas) {
  auto document = parse_document("[[vm]]\nname = \"web\"\n", "s.toml");
  ASSERT_TRUE(document);
  ASSERT_NE(document->find("vm"), nullptr);
  EXPECT_EQ(document->find("vm")->children.at(0).find("name")->scalar, "\"web\"");
  EXPECT_EQ(document->find("fault"), nullptr);
}

TEST(Document, OfEveryScenarioIsReadBackAsItWasWritten) {
  const std::filesystem::path folder = std::string(PRLSIM_SOURCE_DIR) + "/fixtures/scenarios";
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto document = parse_document(text, "s.toml");
    ASSERT_TRUE(document) << document.error().text();
    const auto again = parse_document(to_toml(*document), "s.toml");
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(*again, *document) << entry.path();
    ++count;
  }
  EXPECT_GT(count, 40);
}

std::string merged(const std::string& base, const std::string& over) {
  const auto below = parse_document(base, "base");
  const auto above = parse_document(over, "over");
  return below && above ? to_toml(laid_over(*below, *above)) : "no TOML";
}

TEST(Document, LiesOverAnotherKeyByKey) {
  EXPECT_EQ(merged("seed = 1\nclock = \"real\"\n", "clock = \"virtual\"\nprofile = \"desktop\"\n"),
            "seed = 1\nclock = \"virtual\"\nprofile = \"desktop\"\n");
  EXPECT_EQ(merged("[host]\ncpus = 4\nsettings.A = { B = 1, C = [1, 2] }\n",
                   "[host]\nram_mib = 64\nsettings.A = { C = [3], D = 4 }\n"),
            "[host]\ncpus = 4\nsettings = { A = { B = 1, C = [3], D = 4 } }\nram_mib = 64\n");
}

// An operation lasts as one of the two says, and not as a half of each.
TEST(Document, LiesOverAnotherWithWholeLatencies) {
  EXPECT_EQ(merged("[latency]\nboot = { distribution = \"uniform\", min_ms = 1, max_ms = 2 }\n"
                   "pause = { ms = 1 }\n",
                   "[latency]\nboot = { ms = 5 }\n"),
            "[latency]\nboot = { ms = 5 }\npause = { ms = 1 }\n");
}

TEST(Document, LiesOverAnotherInThePlaceOfWhatHasItsName) {
  EXPECT_EQ(merged("[[vm]]\nname = 'web'\nram_mib = 8\n[[vm]]\nname = \"db\"\n"
                   "[[expect]]\nvm = \"web\"\nsnapshots = 1\n",
                   "[[vm]]\nname = \"web\"\ncpus = 1\n[[vm]]\nname = \"new\"\n"
                   "[[fault]]\nname = \"web\"\n"
                   "[[expect]]\nvm = \"web\"\nsnapshots = 2\n"),
            "[[vm]]\nname = \"web\"\ncpus = 1\n\n[[vm]]\nname = \"db\"\n\n"
            "[[vm]]\nname = \"new\"\n\n[[expect]]\nvm = \"web\"\nsnapshots = 2\n\n"
            "[[fault]]\nname = \"web\"\n");
}

}  // namespace
}  // namespace prl::faults
