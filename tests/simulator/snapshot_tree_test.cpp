// The tree of snapshots and its text.
#include "simulator/snapshot_tree.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace prl::sim {
namespace {

Uuid uuid_of(uint64_t number) {
  return Uuid::from_random(number + 1, number + 1);
}

Snapshot snapshot(uint64_t number, SnapshotPower power = SnapshotPower::kOff) {
  return {.uuid = uuid_of(number),
          .name = "s" + std::to_string(number),
          .created = "2025-01-01 00:00:00",
          .power = power};
}

TEST(SnapshotTree, GrowsOutOfTheCurrentOne) {
  SnapshotTree tree;
  EXPECT_TRUE(tree.current().is_nil());
  tree.add(snapshot(1));
  tree.add(snapshot(2));
  tree.make_current(uuid_of(1));
  tree.add(snapshot(3));
  EXPECT_EQ(tree.current(), uuid_of(3));
  EXPECT_TRUE(tree.find(uuid_of(1))->parent.is_nil());
  EXPECT_EQ(tree.find(uuid_of(2))->parent, uuid_of(1));
  EXPECT_EQ(tree.find(uuid_of(3))->parent, uuid_of(1));
}

TEST(SnapshotTree, HangsTheChildrenOfARemovedOneOnItsParent) {
  SnapshotTree tree;
  for (uint64_t i = 1; i <= 3; ++i) tree.add(snapshot(i));
  EXPECT_EQ(tree.remove(uuid_of(1), false), std::vector{uuid_of(1)});
  EXPECT_TRUE(tree.find(uuid_of(2))->parent.is_nil());
  EXPECT_EQ(tree.current(), uuid_of(3));
  EXPECT_EQ(tree.remove(uuid_of(3), false), std::vector{uuid_of(3)});
  EXPECT_EQ(tree.current(), uuid_of(2));
}

TEST(SnapshotTree, HangsTheChildrenOfARemovedOneOnWhatIsAboveIt) {
  SnapshotTree tree;
  for (uint64_t i = 1; i <= 3; ++i) tree.add(snapshot(i));
  tree.remove(uuid_of(2), false);
  EXPECT_EQ(tree.find(uuid_of(3))->parent, uuid_of(1));
}

TEST(SnapshotTree, RemovesASubtreeAndNothingElse) {
  SnapshotTree tree;
  for (uint64_t i = 1; i <= 3; ++i) tree.add(snapshot(i));
  tree.make_current(uuid_of(1));
  tree.add(snapshot(4));
  tree.make_current(uuid_of(3));
  EXPECT_EQ(tree.remove(uuid_of(2), true), (std::vector{uuid_of(2), uuid_of(3)}));
  EXPECT_EQ(tree.all().size(), 2u);
  EXPECT_EQ(tree.current(), uuid_of(1));
}

TEST(SnapshotXml, MarksTheHeadWhereNoSnapshotIsCurrent) {
  SnapshotTree tree;
  tree.add(snapshot(1));
  tree.make_current(Uuid());
  EXPECT_NE(tree.to_xml().find("<SavedStateItem guid=\"\" current=\"yes\">"), std::string::npos);
  EXPECT_EQ(SnapshotTree::parse(tree.to_xml()), tree);
}

TEST(SnapshotXml, IsEmptyWithoutSnapshots) {
  EXPECT_EQ(SnapshotTree().to_xml(), "");
}

TEST(SnapshotXml, SurvivesADepthThatNoStackWould) {
  SnapshotTree tree;
  for (uint64_t i = 0; i < 3000; ++i) tree.add(snapshot(i));
  const auto parsed = SnapshotTree::parse(tree.to_xml());
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(*parsed == tree);
}

TEST(SnapshotXml, RefusesWhatMakesNoSense) {
  SnapshotTree tree;
  tree.add(snapshot(1));
  tree.add(snapshot(2));
  const std::string good = tree.to_xml();
  ASSERT_TRUE(SnapshotTree::parse(good));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  const std::string first = "guid=\"" + uuid_of(1).format() + "\"";
  for (const std::string& text :
       {std::string(), good.substr(0, good.size() / 2), with("ParallelsSavedStates>", "Other>"),
        with(first, "guid=\"\""), with(first, "guid=\"" + uuid_of(2).format() + "\""),
        with(first, first + " current=\"yes\""), with(" current=\"yes\"", ""),
        with("poweroff", "off")}) {
    EXPECT_FALSE(SnapshotTree::parse(text)) << text;
  }
}

// Whatever text a client gives, and in whatever order it adds, switches and deletes.
RC_GTEST_PROP(SnapshotXml, ComesBackAsItWas, ()) {
  const auto odd = rc::gen::element('\n', '\r', '\t', ']', '>');
  const auto text =
      rc::gen::container<std::string>(rc::gen::oneOf(rc::gen::inRange<char>(' ', '~'), odd));
  SnapshotTree tree;
  uint64_t next = 0;
  for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6))) {
    if (step < 3 || tree.all().empty()) {
      Snapshot one =
          snapshot(next++, *rc::gen::element(SnapshotPower::kOff, SnapshotPower::kRunning,
                                             SnapshotPower::kPaused, SnapshotPower::kSuspended));
      one.name = *text;
      one.description = *text;
      tree.add(std::move(one));
      continue;
    }
    const Uuid some = (*rc::gen::elementOf(tree.all())).uuid;
    if (step == 3) tree.make_current(some);
    if (step > 3) tree.remove(some, step == 4);
  }
  if (tree.all().empty()) return;
  const auto parsed = SnapshotTree::parse(tree.to_xml());
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->to_xml() == tree.to_xml());
  RC_ASSERT(parsed->all().size() == tree.all().size());
  for (const Snapshot& one : tree.all()) RC_ASSERT(*parsed->find(one.uuid) == one);
}

}  // namespace
}  // namespace prl::sim
