// The XML form of property trees: comes back the same with any schema, keeps what it does not know,
// and refuses text that is malformed or hostile.
#include "simulator/property_xml.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace prl::sim {
namespace {

PropertySchema schema() {
  PropertySchema schema;
  schema.add("Hardware.Memory.Size", PropertyKind::kUnsigned);
  schema.add("Enabled", PropertyKind::kFlag);
  schema.add("Offset", PropertyKind::kSigned);
  schema.add("Share", PropertyKind::kReal);
  schema.add("Names[]", PropertyKind::kTexts);
  schema.add("Domains", PropertyKind::kTexts);
  schema.add("Twofold", PropertyKind::kFlag);
  schema.add("Twofold", PropertyKind::kText);
  schema.add_list("Hardware.Hdd");
  return schema;
}

PropertyTree read(std::string_view text) {
  auto tree = from_xml(text, schema(), {"Root"});
  EXPECT_TRUE(tree) << tree.error().message;
  return tree ? *tree : PropertyTree();
}

std::string mistake_in(std::string_view text) {
  const auto tree = from_xml(text, schema(), {"Root"});
  return tree ? "none" : tree.error().message;
}

PropertyValue any_value() {
  // Strings of any bytes but NUL, which no client can pass.
  const auto text = rc::gen::container<std::string>(rc::gen::oneOf(
      rc::gen::inRange<char>(1, 127), rc::gen::inRange<char>(-128, 0), rc::gen::just(' ')));
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return *rc::gen::arbitrary<bool>();
    case 1:
      return *rc::gen::arbitrary<int64_t>();
    case 2:
      return *rc::gen::arbitrary<uint64_t>();
    case 3:
      return *rc::gen::arbitrary<double>();
    case 4:
      return *text;
    default:
      return *rc::gen::nonEmpty(rc::gen::container<StringItems>(text));
  }
}

// Leaves of every kind, known to the schema with the same kind, with another one, or unknown.
PropertyTree any_tree() {
  PropertyTree tree;
  for (int i = *rc::gen::inRange(0, 12); i > 0; --i) {
    std::string above = *rc::gen::element<std::string>("", "Hardware.", "A.B.");
    if (*rc::gen::arbitrary<bool>()) {
      const std::string element = above + *rc::gen::element<std::string>("Hdd", "Other");
      const uint32_t child = tree.add_child(element);
      above = PropertyTree::child_path(element, child) + ".";
    }
    const auto leaf = *rc::gen::element<std::string>("Memory.Size", "Enabled", "Offset", "Share",
                                                     "Domains", "Twofold", "New", "odd leaf/\x01");
    tree.set(above + leaf, any_value());
    if (*rc::gen::arbitrary<bool>()) tree.set(above + "Names[]", StringItems{"", " x", "1"});
  }
  if (*rc::gen::arbitrary<bool>()) tree.remove_child("Hardware.Hdd", 0);
  return tree;
}

RC_GTEST_PROP(PropertyXml, BringsAnyTreeBack, ()) {
  const PropertyTree tree = any_tree();
  const PropertySchema of_both = *rc::gen::arbitrary<bool>() ? schema() : PropertySchema();
  const std::string text = to_xml(tree, of_both, "Root", {"Settings", "Hardware"});
  const auto again = from_xml(text, of_both, {"Root"});
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->serialise() == tree.serialise());
}

TEST(PropertyXml, WritesElementsAsTheProductDoes) {
  PropertyTree tree;
  tree.set("Hardware.Memory.Size", uint64_t{512});
  tree.add_child("Hardware.Hdd");
  tree.set("Hardware.Hdd[0].Enabled", true);
  tree.set("Settings.Note", std::string("a < b"));
  tree.set("Settings.Names[]", StringItems{"x", "y"});
  EXPECT_EQ(to_xml(tree, schema(), "Root", {"Settings", "Hardware"}),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<Root schemaVersion=\"1.0\">\n"
            "   <Settings>\n"
            "      <Names>x</Names>\n"
            "      <Names>y</Names>\n"
            "      <Note>a &lt; b</Note>\n"
            "   </Settings>\n"
            "   <Hardware dyn_lists=\"Hdd 1\">\n"
            "      <Hdd id=\"0\">\n"
            "         <Enabled>1</Enabled>\n"
            "      </Hdd>\n"
            "      <Memory>\n"
            "         <Size>512</Size>\n"
            "      </Memory>\n"
            "   </Hardware>\n"
            "</Root>\n");
}

TEST(PropertyXml, ReadsWhatOthersWrote) {
  const PropertyTree tree = read(
      "<Root schemaVersion=\"1.0\" dyn_lists=\"\"><!-- a note --><Settings/>"
      "<Hardware dyn_lists=\"Hdd 2\"><Memory><Size>64</Size></Memory>"
      "<Hdd><Enabled>1</Enabled><Foreign size=\"3\">7</Foreign></Hdd>"
      "<Hdd><Names>a</Names><Names>b</Names></Hdd></Hardware>"
      "<Strange><Deep>x</Deep><Twin>1</Twin><Twin>2</Twin></Strange></Root>");
  PropertyTree expected;
  expected.set("Hardware.Memory.Size", uint64_t{64});
  expected.add_child("Hardware.Hdd");
  expected.add_child("Hardware.Hdd");
  expected.set("Hardware.Hdd[0].Enabled", true);
  expected.set("Hardware.Hdd[0].Foreign", std::string("7"));
  expected.set("Hardware.Hdd[1].Names[]", StringItems{"a", "b"});
  expected.set("Strange.Deep", std::string("x"));
  expected.set("Strange.Twin[]", uint64_t{2});
  expected.set("Strange.Twin[0]", std::string("1"));
  expected.set("Strange.Twin[1]", std::string("2"));
  EXPECT_EQ(tree.serialise(), expected.serialise());
}

TEST(PropertyXml, SaysWhatIsWrong) {
  EXPECT_EQ(mistake_in("<Root/>"), "none");
  EXPECT_EQ(mistake_in("<Other/>"), "the root is Other");
  EXPECT_NE(mistake_in(""), "none");
  EXPECT_NE(mistake_in("<Root>"), "none");
  EXPECT_NE(mistake_in("<Root><A></B></Root>"), "none");
  EXPECT_EQ(mistake_in("<Root><Hardware><Memory><Size>many</Size></Memory></Hardware></Root>"),
            "element Size: \"many\" is not unsigned");
  EXPECT_EQ(mistake_in("<Root><Hdd id=\"-1\"/></Root>"), "element Hdd: no number of a child");
  EXPECT_EQ(mistake_in("<Root><A encoding=\"base64\">?</A></Root>"), "element A: no base64");
}

TEST(PropertyXml, RefusesHostileText) {
  EXPECT_EQ(mistake_in("<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Root>&b;</Root>"),
            "a document type is not taken");
  std::string deep = "<Root>";
  for (int i = 0; i < 1'000'000; ++i) deep += "<a>";
  for (int i = 0; i < 1'000'000; ++i) deep += "</a>";
  EXPECT_EQ(mistake_in(deep + "</Root>"), "element a: nested too deep");
  EXPECT_EQ(mistake_in("<Root>" + std::string(kXmlBytesMax, ' ') + "</Root>"),
            "the document is too long");
}

RC_GTEST_PROP(PropertyXml, TakesAnyBytesWithoutHarm, (const std::string& noise)) {
  std::string text = to_xml(any_tree(), schema(), "Root");
  const auto at = static_cast<size_t>(*rc::gen::inRange<int>(0, static_cast<int>(text.size())));
  text.replace(at, *rc::gen::inRange<size_t>(0, 4), noise);
  const auto tree = from_xml(text, schema(), {"Root"});
  if (tree) RC_ASSERT(from_xml(to_xml(*tree, schema(), "Root"), schema(), {"Root"}).has_value());
}

}  // namespace
}  // namespace prl::sim
