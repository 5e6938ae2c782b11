// Trees of properties: what is set is found, copies do not see each other's changes, changes merge
// leaf by leaf, and the text form comes back the same or not at all.
#include "simulator/property_tree.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <map>
#include <utility>

namespace prl::sim {
namespace {

PropertyValue any_value() {
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
      return *rc::gen::arbitrary<std::string>();
    default:
      return *rc::gen::arbitrary<std::vector<std::string>>();
  }
}

std::string any_path() {
  return "A.B" + std::to_string(*rc::gen::inRange(0, 12));
}

PropertyTree any_tree() {
  PropertyTree tree;
  for (int i = *rc::gen::inRange(0, 20); i > 0; --i) tree.set(any_path(), any_value());
  return tree;
}

RC_GTEST_PROP(PropertyTree, IsAMapFromPathsToValues, ()) {
  PropertyTree tree;
  std::map<std::string, PropertyValue> model;
  for (int i = *rc::gen::inRange(0, 40); i > 0; --i) {
    const std::string path = any_path();
    if (*rc::gen::inRange(0, 3) == 0) {
      tree.erase(path);
      model.erase(path);
    } else {
      model[path] = any_value();
      tree.set(path, model[path]);
    }
  }
  RC_ASSERT(tree.size() == model.size());
  for (const auto& [path, value] : model) {
    RC_ASSERT(tree.find(path) != nullptr);
    RC_ASSERT(*tree.find(path) == value);
  }
}

// A hint that another tree, or another path, has left behind is as good as none.
RC_GTEST_PROP(PropertyTree, IsTheSameMapWhateverTheHint, ()) {
  std::array<PropertyTree, 2> trees;
  std::array<std::map<std::string, PropertyValue>, 2> models;
  std::array<LeafHint, 3> hints;
  for (int i = *rc::gen::inRange(0, 60); i > 0; --i) {
    const auto at = static_cast<size_t>(*rc::gen::inRange(0, 2));
    LeafHint& hint = hints.at(static_cast<size_t>(*rc::gen::inRange(0, 3)));
    const std::string path = any_path();
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        trees[at].erase(path);
        models[at].erase(path);
        break;
      case 1:
        models[at][path] = any_value();
        trees[at].set(path, models[at][path], hint);
        break;
      default: {
        const PropertyValue* found = trees[at].find(path, hint);
        const auto expected = models[at].find(path);
        RC_ASSERT((found != nullptr) == (expected != models[at].end()));
        if (found) RC_ASSERT(*found == expected->second);
      }
    }
  }
  for (size_t i = 0; i < trees.size(); ++i) {
    RC_ASSERT(trees[i].size() == models[i].size());
    trees[i].for_each_leaf(
        [&](const PropertyTree::Leaf& leaf) { RC_ASSERT(models[i].at(leaf.path) == leaf.value); });
  }
}

// Trees that were copied, moved and assigned to each other are changed in turn.
RC_GTEST_PROP(PropertyTree, IsAValueOfItsOwnWhateverItWasCopiedFrom, ()) {
  constexpr int kTrees = 3;
  std::array<PropertyTree, kTrees> trees;
  std::array<std::map<std::string, PropertyValue>, kTrees> models;
  for (int i = *rc::gen::inRange(0, 60); i > 0; --i) {
    const auto at = static_cast<size_t>(*rc::gen::inRange(0, kTrees));
    const auto other = static_cast<size_t>(*rc::gen::inRange(0, kTrees));
    const std::string path = any_path();
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
        trees[at] = trees[other];
        models[at] = models[other];
        break;
      case 1: {
        PropertyTree moved = std::move(trees[other]);
        trees[at] = std::move(moved);
        models[at] = models[other];
        if (at != other) {
          trees[other] = PropertyTree();
          models[other].clear();
        }
        break;
      }
      case 2:
        trees[at].erase(path);
        models[at].erase(path);
        break;
      default:
        models[at][path] = any_value();
        trees[at].set(path, models[at][path]);
    }
    for (size_t t = 0; t < trees.size(); ++t) {
      std::map<std::string, PropertyValue> content;
      trees[t].for_each_leaf([&](const auto& leaf) { content[leaf.path] = leaf.value; });
      RC_ASSERT(content == models[t]);
    }
  }
}

RC_GTEST_PROP(PropertyTree, ComesBackFromItsText, ()) {
  const PropertyTree tree = any_tree();
  const auto read = PropertyTree::parse(tree.serialise());
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == tree);
}

RC_GTEST_PROP(PropertyTree, RefusesTextThatWasCutShort, ()) {
  PropertyTree tree = any_tree();
  tree.set("Z", std::string("last"));
  const std::string text = tree.serialise();
  const auto length = *rc::gen::inRange<size_t>(0, text.size());
  RC_ASSERT(!PropertyTree::parse(text.substr(0, length)).has_value());
}

RC_GTEST_PROP(PropertyTree, SurvivesAnyText, (const std::string& noise)) {
  (void)PropertyTree::parse(noise);
  const auto read = PropertyTree::parse("properties 1 1\n" + noise);
  if (read) RC_ASSERT(read->size() == 1u);
}

RC_GTEST_PROP(PropertyTree, MergesOneSidedChanges, ()) {
  const PropertyTree base = any_tree();
  const PropertyTree other = any_tree();
  RC_ASSERT(PropertyTree::merge(base, other, base) == other);
  RC_ASSERT(PropertyTree::merge(base, base, other) == other);
  RC_ASSERT(PropertyTree::merge(base, other, other) == other);
}

TEST(PropertyTree, RefusesDamagedText) {
  for (const char* text : {
           "",
           "properties 2 0\n",
           "properties 1 1\n",
           "properties 1 0\nA b 1\n",
           "properties 1 1\nA b 2\n",
           "properties 1 1\nA x 2\n",
           "properties 1 1\nA u -2\n",
           "properties 1 1\nA u 2",
           "properties 1 1\nA d 0.5z\n",
           "properties 1 1\nA s \\x\n",
           "properties 1 1\nA s a\tb\n",
           "properties 1 1\nA l item\n",
           "properties 1 1\n b 1\n",
           "properties 1 1\nA\n",
           "properties 1 2\nB b 1\nA b 1\n",
           "properties 1 2\nA b 1\nA b 1\n",
       }) {
    EXPECT_FALSE(PropertyTree::parse(text).has_value()) << text;
  }
}

TEST(PropertyTree, CopiesDoNotSeeEachOthersChanges) {
  PropertyTree first;
  first.set("A", true);
  PropertyTree second = first;
  second.set("A", false);
  second.set("B", uint64_t{1});
  EXPECT_EQ(*first.find("A"), PropertyValue(true));
  EXPECT_EQ(first.find("B"), nullptr);
}

TEST(PropertyTree, NumbersChildrenInOrderAndNeverAgain) {
  PropertyTree tree;
  for (uint32_t i = 0; i < 12; ++i) EXPECT_EQ(tree.add_child("Hardware.Hdd"), i);
  tree.add_child("Hardware.HddOther");
  tree.set("Hardware.Hdd[1].Index", uint64_t{7});
  tree.set("Hardware.Hdd[11].Index", uint64_t{8});
  tree.remove_child("Hardware.Hdd", 1);
  tree.remove_child("Hardware.Hdd", 10);
  EXPECT_EQ(tree.children("Hardware.Hdd"), (std::vector<uint32_t>{0, 2, 3, 4, 5, 6, 7, 8, 9, 11}));
  EXPECT_EQ(tree.find("Hardware.Hdd[1].Index"), nullptr);
  EXPECT_NE(tree.find("Hardware.Hdd[11].Index"), nullptr);
  tree.remove_child("Hardware.Hdd", 11);
  EXPECT_EQ(tree.add_child("Hardware.Hdd"), 12u);
}

TEST(PropertyTree, RefusesToMergeAClash) {
  PropertyTree base;
  base.set("A", true);
  PropertyTree mine = base;
  PropertyTree theirs = base;
  mine.set("B", uint64_t{1});
  theirs.erase("A");
  const auto merged = PropertyTree::merge(base, mine, theirs);
  ASSERT_TRUE(merged.has_value());
  EXPECT_EQ(merged->size(), 1u);
  theirs.set("B", uint64_t{2});
  EXPECT_FALSE(PropertyTree::merge(base, mine, theirs).has_value());
}

TEST(PropertyTree, RefusesToMergeTwoNewChildren) {
  PropertyTree mine;
  PropertyTree theirs;
  mine.add_child("Hardware.Hdd");
  theirs.add_child("Hardware.Hdd");
  EXPECT_FALSE(PropertyTree::merge(PropertyTree(), mine, theirs).has_value());
}

}  // namespace
}  // namespace prl::sim
