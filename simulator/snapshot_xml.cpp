// The tree of snapshots as XML, in the form that the product's clients read: a root, one item with
// an empty guid as head, and below it the snapshots, children inside their parents (config-model
// 10, clients 4.6).
#include <array>
#include <deque>
#include <pugixml.hpp>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "simulator/snapshot_tree.h"
#include "simulator/xml_text.h"

namespace prl::sim {

namespace {

constexpr const char* kTreeRoot = "ParallelsSavedStates";
constexpr const char* kSnapshotItem = "SavedStateItem";
// In the order of SnapshotPower.
constexpr std::array kPowerNames = {"poweroff", "poweron", "pause", "suspend"};
// Texts come back as they were, line ends and lone blanks included.
constexpr unsigned kParse = pugi::parse_escapes | pugi::parse_cdata | pugi::parse_ws_pcdata_single;

void add_text(pugi::xml_node item, const char* name, const std::string& text) {
  item.append_child(name).append_child(pugi::node_pcdata).set_value(text.c_str());
}

pugi::xml_node add_item(pugi::xml_node above, const Snapshot& snapshot, bool is_current) {
  pugi::xml_node item = above.append_child(kSnapshotItem);
  item.append_attribute("guid") = snapshot.uuid.format().c_str();
  if (is_current) item.append_attribute("current") = "yes";
  item.append_attribute("state") = kPowerNames[static_cast<size_t>(snapshot.power)];
  add_text(item, "Name", snapshot.name);
  add_text(item, "DateTime", snapshot.created);
  add_text(item, "Creator", "prlsim");
  item.append_child("ScreenShot");
  item.append_child("Description")
      .append_child(pugi::node_cdata)
      .set_value(snapshot.description.c_str());
  return item;
}

// A text may have been cut into several pieces: CDATA cannot hold its own end.
std::string text_of(pugi::xml_node item, const char* name) {
  std::string text;
  for (const pugi::xml_node piece : item.child(name).children()) text += piece.value();
  return text;
}

// Goes level by level, so that no depth of the tree exhausts the stack.
class SnapshotReader {
 public:
  // Adds the snapshots below the head; false when they make no sense.
  bool read(pugi::xml_node head) {
    if (!note_current(head, Uuid())) return false;
    std::deque<std::pair<pugi::xml_node, Uuid>> waiting = {{head, Uuid()}};
    for (; !waiting.empty(); waiting.pop_front()) {
      const auto [above, parent] = waiting.front();
      for (const pugi::xml_node item : above.children(kSnapshotItem)) {
        auto snapshot = read_one(item);
        if (!snapshot || !known_.insert(snapshot->uuid).second) return false;
        waiting.emplace_back(item, snapshot->uuid);
        if (!note_current(item, snapshot->uuid)) return false;
        tree_.make_current(parent);  // add() puts it below
        tree_.add(std::move(*snapshot));
      }
    }
    return true;
  }
  std::optional<SnapshotTree> tree() {
    if (!has_current_) return std::nullopt;
    tree_.make_current(current_);
    return std::move(tree_);
  }

 private:
  static std::optional<Snapshot> read_one(pugi::xml_node item) {
    const auto uuid = Uuid::parse(item.attribute("guid").value());
    if (!uuid || uuid->is_nil()) return std::nullopt;
    const std::string_view state = item.attribute("state").value();
    for (size_t power = 0; power < kPowerNames.size(); ++power) {
      if (state != kPowerNames[power]) continue;
      return Snapshot{.uuid = *uuid,
                      .name = text_of(item, "Name"),
                      .description = text_of(item, "Description"),
                      .created = text_of(item, "DateTime"),
                      .power = static_cast<SnapshotPower>(power)};
    }
    return std::nullopt;
  }

  // At most one item says that the VM stands on it.
  bool note_current(pugi::xml_node item, const Uuid& uuid) {
    if (item.attribute("current").value() != std::string_view("yes")) return true;
    current_ = uuid;
    return !std::exchange(has_current_, true);
  }

  SnapshotTree tree_;
  std::unordered_set<Uuid> known_;
  Uuid current_;
  bool has_current_ = false;
};

}  // namespace

std::string SnapshotTree::to_xml() const {
  if (snapshots_.empty()) return {};
  pugi::xml_document document;
  pugi::xml_node head = document.append_child(kTreeRoot).append_child(kSnapshotItem);
  head.append_attribute("guid") = "";
  if (current_.is_nil()) head.append_attribute("current") = "yes";
  std::unordered_map<Uuid, pugi::xml_node> items = {{Uuid(), head}};
  for (const Snapshot& snapshot : snapshots_) {  // parents come first
    items[snapshot.uuid] = add_item(items[snapshot.parent], snapshot, snapshot.uuid == current_);
  }
  return xml_text(document);
}

std::optional<SnapshotTree> SnapshotTree::parse(std::string_view xml) {
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size(), kParse, pugi::encoding_utf8)) {
    return std::nullopt;
  }
  const pugi::xml_node head = document.child(kTreeRoot).child(kSnapshotItem);
  SnapshotReader reader;
  if (!head || !reader.read(head)) return std::nullopt;
  return reader.tree();
}

}  // namespace prl::sim
