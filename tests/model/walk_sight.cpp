// How the VMs of a walk look, in its world and in its model.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "simulator/config_rules.h"
#include "tests/model/walk.h"
#include "tests/model/walk_texts.h"

namespace prl::model {
namespace {

std::string_view power_name(sim::SnapshotPower power) {
  switch (power) {
    case sim::SnapshotPower::kOff:
      return "STOPPED";
    case sim::SnapshotPower::kRunning:
      return "RUNNING";
    case sim::SnapshotPower::kPaused:
      return "PAUSED";
    case sim::SnapshotPower::kSuspended:
      return "SUSPENDED";
  }
  return "";
}

void append_number(std::string& text, uint32_t number) {
  std::array<char, 10> digits;  // as many as the largest has
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  text.append(digits.data(), end);
}

// In the order of their numbers, which is that of their age on one host.
std::string tree_text(const Vm& vm) {
  std::vector<Snapshot> in_order = vm.snapshots;
  std::ranges::sort(in_order, {}, &Snapshot::number);
  std::string text;
  for (const Snapshot& snapshot : in_order) {
    append_number(text, snapshot.number);
    text += '<';
    append_number(text, snapshot.parent);
    text += ':';
    text.append(state_name(snapshot.power)).append(" ");
  }
  text += "at ";
  append_number(text, vm.current);
  return text;
}

// The name of a snapshot is its number.
std::string number_of(const sim::SnapshotTree& tree, const sim::Uuid& uuid) {
  const sim::Snapshot* snapshot = tree.find(uuid);
  return snapshot ? snapshot->name : "0";
}

std::string tree_text(const sim::SnapshotTree& tree) {
  std::vector<sim::Snapshot> in_order = tree.all();
  std::ranges::sort(in_order, {}, [](const auto& one) { return std::stoul(one.name); });
  std::string text;
  for (const sim::Snapshot& snapshot : in_order) {
    text += snapshot.name + "<" + number_of(tree, snapshot.parent) + ":";
    text.append(power_name(snapshot.power)).append(" ");
  }
  return text + "at " + number_of(tree, tree.current());
}

bool is_number(const std::string& name) {
  return name.find_first_not_of("0123456789") == std::string::npos;
}

// The one that a linked clone has had taken has a name of the product's. There is never more than
// one, because it is taken where there is none at all.
void name_by_number(sim::SnapshotTree& tree, const Vm& vm) {
  const auto named = std::ranges::find_if_not(tree.all(), is_number, &sim::Snapshot::name);
  if (named == tree.all().end()) return;
  const auto is_left = [&](const Snapshot& snapshot) {
    const std::string name = std::to_string(snapshot.number);
    return std::ranges::find(tree.all(), name, &sim::Snapshot::name) == tree.all().end();
  };
  const auto left = std::ranges::find_if(vm.snapshots, is_left);
  const uint32_t number = left == vm.snapshots.end() ? 0 : left->number;
  tree.describe(sim::Uuid(named->uuid), std::to_string(number), "");
}

}  // namespace

sim::SnapshotTree Walk::tree_of(size_t vm) {
  std::string xml;
  world_->snapshots().tree("tree", uuids_[vm],
                           [&](const sim::Report& report) { xml = report.text.value_or(""); });
  world_->advance(0);
  sim::SnapshotTree tree = sim::SnapshotTree::parse(xml).value_or(sim::SnapshotTree());
  if (vm < model_.vms.size()) name_by_number(tree, model_.vms[vm]);
  for (const sim::Snapshot& snapshot : tree.all()) snapshots_[snapshot.name] = snapshot.uuid;
  return tree;
}

Sight Walk::look_at(const sim::Uuid& vm) {
  const auto view = world_->view(vm);
  if (!view) return {};
  Sight sight{.is_registered = true, .state = view->state};
  sight.is_template = sim::is_template(view->config);
  sight.has_image = world_->image_bytes(vm) > 0;
  sight.is_being_cloned = view->tasks.has_clones();
  sight.is_migrating = view->tasks.has(sim::VmTask::kMigrate);
  sight.is_rewritten =
      view->tasks.has(sim::VmTask::kMove) || view->tasks.has(sim::VmTask::kConvertDisks);
  const sim::PropertyValue* text = view->config.properties.find(kDescription);
  if (text) sight.description = std::get<std::string>(*text);
  const sim::PropertyValue* size = view->config.properties.find(disk_size_);
  if (size) sight.disk_mib = std::get<uint64_t>(*size);
  return sight;
}

void Walk::look(bool at_trees) {
  sights_.resize(uuids_.size());
  for (size_t i = 0; i < uuids_.size(); ++i) {
    Sight& sight = sights_[i];
    std::string tree_before = std::move(sight.tree);
    sight = look_at(uuids_[i]);
    if (!at_trees) sight.tree = std::move(tree_before);
    // A host that shuts down does not say.
    const bool is_asked = at_trees && sight.is_registered && !model_.shutdown;
    if (is_asked) sight.tree = tree_text(tree_of(i));
  }
}

const std::vector<Sight>& Walk::sights() {
  if (sights_.empty()) look(/*at_trees=*/false);
  return sights_;
}

std::string Walk::compare_sights(size_t since) {
  // Where all that happened is that one job was refused.
  const bool is_refused = events_.size() == since + 1 && events_[since].code != 0;
  look(/*at_trees=*/setting_.is_thorough || !is_refused);
  if (uuids_.size() != model_.vms.size()) return "they have a different number of VMs";
  for (size_t i = 0; i < uuids_.size(); ++i) {
    const Vm& vm = model_.vms[i];
    const Sight& sight = sights_[i];
    const auto name = [i] { return "vm=" + std::to_string(i); };
    if (sight.is_registered != vm.is_registered) return name() + " is registered in one only";
    if (!vm.is_registered) continue;
    if (state_of(sight.state) != vm.told) {
      return name() + " is " + std::string(state_name(vm.told)) + " in the model and " +
             std::string(sim::state_name(sight.state)) + " in the world";
    }
    if (sight.is_template != vm.is_template) return name() + " is a template in one only";
    if (sight.has_image != vm.has_image) return name() + " has an image in one only";
    if (sight.is_being_cloned != (vm.clones_under_way > 0)) {
      return name() + " is cloned in one only";
    }
    if (sight.is_migrating != migration_of(model_, static_cast<uint8_t>(i)).has_value()) {
      return name() + " migrates in one only";
    }
    if (sight.is_rewritten != rewriting_of(model_, static_cast<uint8_t>(i)).has_value()) {
      return name() + " is moved or converted in one only";
    }
    if (sight.description != description_text(vm.description)) {
      return name() + " is described by " + description_text(vm.description) +
             " in the model and " + sight.description + " in the world";
    }
    if (sight.disk_mib != vm.disk_mib) {
      return name() + " has a disk of " + std::to_string(vm.disk_mib) +
             " MiB in the model and of " + std::to_string(sight.disk_mib) + " in the world";
    }
    if (!sight.tree.empty() && sight.tree != tree_text(vm)) {
      return name() + " has the snapshots " + tree_text(vm) + " in the model and " + sight.tree +
             " in the world";
    }
  }
  return "";
}

}  // namespace prl::model
