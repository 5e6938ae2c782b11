// What the folder of a VM says about it comes back the same, and is taken from others too.
#include "simulator/record_text.h"

#include <gtest/gtest.h>

namespace prl::sim {
namespace {

constexpr const char* kUuid = "{12345678-9abc-4def-8123-456789abcdef}";

VmRecord some_record() {
  VmRecord record;
  record.config.uuid = *Uuid::parse(kUuid);
  record.config.name = "a & b";
  record.config.ram_mib = 512;
  record.config.cpu_count = 3;
  record.config.properties.add_child("Hardware.Hdd");
  record.config.properties.set("Hardware.Hdd[0].Size", uint64_t{64});
  record.config.properties.set("Settings.Note", std::string("two\nlines"));
  record.boot_count = 4;
  record.image_generation = 7;
  record.workload.seed = 9;
  return record;
}

TEST(RecordText, ComesBackTheSame) {
  const VmRecord record = some_record();
  const auto again = parse_record(to_text(record));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->config.uuid, record.config.uuid);
  EXPECT_EQ(again->config.name, record.config.name);
  EXPECT_EQ(again->config.ram_mib, 512u);
  EXPECT_EQ(again->config.cpu_count, 3u);
  EXPECT_EQ(again->config.properties.serialise(), record.config.properties.serialise());
  EXPECT_EQ(again->boot_count, 4u);
  EXPECT_EQ(again->image_generation, 7u);
  EXPECT_EQ(again->workload.seed, 9u);
}

TEST(RecordText, OfAConfigurationSaysNothingOfTheHost) {
  const std::string text = to_text(some_record().config);
  EXPECT_EQ(text.find("<Record>"), std::string::npos);
  const auto config = parse_config(to_text(some_record()));
  ASSERT_TRUE(config);
  EXPECT_EQ(to_text(*config), text);
}

// As other software writes it: no record of ours, no kinds, elements and attributes that we do not
// know.
TEST(RecordText, IsTakenFromOthers) {
  PropertySchema schema;
  schema.add("Hardware.Hdd[].Size", PropertyKind::kUnsigned);
  schema.add_list("Hardware.Hdd");
  const auto record = parse_record(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
      "<VirtuozzoVirtualMachine dyn_lists=\"VirtualAppliance 0\" schemaVersion=\"1.0\">"
      "<AppVersion>7.0</AppVersion><ValidRc>0</ValidRc><Identification dyn_lists=\"\">"
      "<VmUuid>{12345678-9abc-4def-8123-456789abcdef}</VmUuid><VmName>web</VmName>"
      "</Identification><Hardware dyn_lists=\"Hdd\"><Cpu><Number>2</Number></Cpu>"
      "<Memory><RAM>1024</RAM></Memory><Hdd id=\"0\" dyn_lists=\"Partition 0\">"
      "<Size>65536</Size></Hdd></Hardware></VirtuozzoVirtualMachine>",
      schema);
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->config.name, "web");
  EXPECT_EQ(record->config.ram_mib, 1024u);
  EXPECT_EQ(record->config.cpu_count, 2u);
  EXPECT_EQ(record->boot_count, 0u);
  const PropertyValue* size = record->config.properties.find("Hardware.Hdd[0].Size");
  ASSERT_NE(size, nullptr);
  EXPECT_EQ(*size, PropertyValue(uint64_t{65536}));
}

TEST(RecordText, IsTakenFromOlderVersions) {
  PropertyTree tree;
  tree.set("Record.Uuid", std::string(kUuid));
  tree.set("Record.Name", std::string("old"));
  tree.set("Record.RamMib", uint64_t{64});
  tree.set("Record.CpuCount", uint64_t{1});
  tree.set("Record.BootCount", uint64_t{2});
  tree.set("Record.ImageGeneration", uint64_t{0});
  tree.set("Record.Workload.Kind", std::string(format_workload_kind({})));
  tree.set("Record.Workload.WorkingSetBytes", uint64_t{0});
  tree.set("Record.Workload.PagesPerMs", uint64_t{0});
  tree.set("Record.Workload.Seed", uint64_t{0});
  const auto record = parse_record(tree.serialise());
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(record->config.name, "old");
  EXPECT_EQ(record->boot_count, 2u);
  EXPECT_EQ(record->config.properties.size(), 0u);
  tree.erase("Record.Name");
  EXPECT_FALSE(parse_record(tree.serialise()));
}

TEST(RecordText, WithoutAnIdentityIsNone) {
  EXPECT_FALSE(parse_record("<ParallelsVirtualMachine/>"));
  EXPECT_FALSE(parse_record(""));
  EXPECT_FALSE(parse_record("properties 1 0\n"));
}

}  // namespace
}  // namespace prl::sim
