// The schema of scenario files for editors has every key that the reader knows, and no other, and
// the same choices.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "faults/document.h"
#include "faults/scenario.h"
#include "simulator/vm_machine/vm_machine.h"
#include "tests/faults/names.h"

namespace prl::faults {
namespace {

// As much of JSON as a schema needs: numbers and literals are kept as they are written.
struct Json {
  std::string text;
  std::map<std::string, Json> members;
  std::vector<Json> items;

  const Json& at(const std::string& path) const {
    if (path.empty()) return *this;
    const size_t slash = path.find('/');
    const auto found = members.find(path.substr(0, slash));
    if (found == members.end()) {
      ADD_FAILURE() << "no " << path;
      static const Json nothing;
      return nothing;
    }
    return slash == std::string::npos ? found->second : found->second.at(path.substr(slash + 1));
  }
};

class JsonReader {
 public:
  explicit JsonReader(std::string text) : text_(std::move(text)) {}
  Json read() {
    skip();
    Json json;
    if (text_[at_] == '{') {
      for (++at_; !ends('}');) {
        const std::string key = read_text();
        skip();
        ++at_;  // the colon
        json.members[key] = read();
      }
    } else if (text_[at_] == '[') {
      for (++at_; !ends(']');) json.items.push_back(read());
    } else if (text_[at_] == '"') {
      json.text = read_text();
    } else {
      while (std::string_view(",]} \n").find(text_[at_]) == std::string_view::npos) {
        json.text += text_[at_++];
      }
    }
    return json;
  }

 private:
  void skip() {
    while (std::isspace(static_cast<unsigned char>(text_.at(at_)))) ++at_;
  }
  bool ends(char end) {
    skip();
    if (text_[at_] == ',') {
      ++at_;
      skip();
    }
    if (text_[at_] != end) return false;
    ++at_;
    return true;
  }
  std::string read_text() {
    std::string read;
    for (++at_; text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
      read += text_[at_];
    }
    ++at_;
    return read;
  }

  const std::string text_;
  size_t at_ = 0;
};

std::string text_of(const std::string& name) {
  std::ifstream file(std::string(PRLSIM_SOURCE_DIR) + "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

Json schema() {
  return JsonReader(text_of("faults/scenario.schema.json")).read();
}

std::set<std::string> keys_of(const Json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.at("properties").members) keys.insert(key);
  return keys;
}

std::vector<std::string> choices_of(const Json& property) {
  std::vector<std::string> choices;
  for (const Json& item : property.at("enum").items) choices.push_back(item.text);
  return choices;
}

template <class Words>
std::vector<std::string> texts_of(const Words& words) {
  return {words.begin(), words.end()};
}

TEST(Schema, HasTheKeysOfTheReaderAndNoOthers) {
  const std::map<std::string, std::string> places = {
      {"the scenario", ""},
      {"'latency' of the scenario", "properties/latency"},
      {"'latency.boot' of the scenario", "$defs/latency"},
      {"'host' of the scenario", "properties/host"},
      {"[[expect]]", "properties/expect/items"},
      {"[[vm]]", "properties/vm/items"},
      {"'workload' of [[vm]]", "properties/vm/items/properties/workload"},
      {"[[user]]", "properties/user/items"},
      {"[[vm.user]]", "properties/vm/items/properties/user/items"},
      {"[[vm.program]]", "properties/vm/items/properties/program/items"},
      {"[[vm.disk]]", "properties/vm/items/properties/disk/items"},
      {"[[vm.optical_drive]]", "properties/vm/items/properties/optical_drive/items"},
      {"[[vm.floppy_drive]]", "properties/vm/items/properties/floppy_drive/items"},
      {"[[vm.network_adapter]]", "properties/vm/items/properties/network_adapter/items"},
      {"[[vm.serial_port]]", "properties/vm/items/properties/serial_port/items"},
      {"[[vm.parallel_port]]", "properties/vm/items/properties/parallel_port/items"},
      {"[[vm.sound_device]]", "properties/vm/items/properties/sound_device/items"},
      {"[[vm.usb_controller]]", "properties/vm/items/properties/usb_controller/items"},
      {"[[vm.snapshot]]", "properties/vm/items/properties/snapshot/items"},
      {"[[fault]]", "properties/fault/items"},
      {"'match' of [[fault]]", "properties/fault/items/properties/match"},
      {"'trigger' of [[fault]]", "properties/fault/items/properties/trigger"},
      {"'effect' of [[fault]]", "properties/fault/items/properties/effect"},
  };
  KnownKeys keys;
  ASSERT_TRUE(parse_scenario(text_of("fixtures/scenarios/every_key.toml"), "every_key.toml",
                             names(), keys));
  const Json schema = faults::schema();
  for (const auto& [where, path] : places) {
    ASSERT_TRUE(keys.contains(where)) << where;
    const std::set<std::string> known(keys[where].begin(), keys[where].end());
    EXPECT_EQ(keys_of(schema.at(path)), known) << where;
    EXPECT_EQ(schema.at(path).at("additionalProperties").text, "false") << where;
  }
  // Whatever else is read is one of the operations that share a definition.
  for (const auto& [where, known] : keys) {
    EXPECT_TRUE(places.contains(where) || where.starts_with("'latency."))
        << where << " has no place in the schema";
  }
}

TEST(Schema, HasTheChoicesOfTheReader) {
  const Json schema = faults::schema();
  const Json& rule = schema.at("properties/fault/items/properties");
  EXPECT_EQ(choices_of(rule.at("effect/properties/kind")), texts_of(sim::kFaultWords));
  EXPECT_EQ(choices_of(rule.at("effect/properties/at")), texts_of(sim::kPhaseWords));
  EXPECT_EQ(choices_of(rule.at("match/properties/layer")), texts_of(sim::kLayerWords));
  EXPECT_EQ(choices_of(schema.at("properties/latency/properties/preset")),
            texts_of(sim::latency_preset_names()));
  EXPECT_EQ(choices_of(schema.at("$defs/latency/properties/distribution")),
            texts_of(sim::kDistributionWords));
}

TEST(Schema, HasTheWorkloadsOfTheReader) {
  const Json schema = faults::schema();
  const auto kinds =
      choices_of(schema.at("properties/vm/items/properties/workload/properties/kind"));
  const auto refusal_of = [](const std::string& kind) {
    const auto scenario = parse_scenario("[[vm]]\nname = \"vm\"\nworkload.kind = \"" + kind + "\"",
                                         "s.toml", ApiNames());
    return scenario ? std::string() : scenario.error().text();
  };
  std::string listed;
  for (const std::string& kind : kinds) {
    EXPECT_EQ(refusal_of(kind), "");
    listed += (listed.empty() ? "'" : ", '") + kind + "'";
  }
  EXPECT_NE(refusal_of("lazy").find("not one of " + listed), std::string::npos)
      << refusal_of("lazy");
}

// ---- Bounds, choices, defaults -----------------------------------------------------------------

// One key of a scenario that has them all, and what the schema says of it.
struct Place {
  std::string name;  // "vm/disk/size_mib"
  const Json* schema = nullptr;
  Node* node = nullptr;
  Node* table = nullptr;
};

class Places {
 public:
  Places() : schema_(faults::schema()) {
    document_ = *parse_document(text_of("fixtures/scenarios/every_key.toml"), "every_key.toml");
    look(schema_, document_, "");
  }

  const std::vector<Place>& all() const { return all_; }
  // Every key of the schema that has a value of its own.
  const std::set<std::string>& known() const { return known_; }
  // Of the scenario as it is now: what the reader says of it, empty where it takes it.
  std::string refusal() const {
    const auto scenario = parse_scenario(to_toml(document_), "s.toml", names());
    return scenario ? std::string() : scenario.error().text();
  }
  Scenario scenario() const { return *parse_scenario(to_toml(document_), "s.toml", names()); }
  sim::Expected<Scenario, ScenarioError> scenario_without(const Place& place) const {
    // Back in its place it is where it was, so that no other place loses its node.
    auto& nodes = place.table->children;
    const auto at = place.node - nodes.data();
    Node taken = std::move(nodes[static_cast<size_t>(at)]);
    nodes.erase(nodes.begin() + at);
    auto scenario = parse_scenario(to_toml(document_), "s.toml", names());
    nodes.insert(nodes.begin() + at, std::move(taken));
    return scenario;
  }
  // What it says with this in the place of the value.
  std::string refusal_with(const Place& place, const std::string& scalar) const {
    const Node before = std::exchange(
        *place.node, Node{.kind = Node::Kind::kScalar, .key = place.node->key, .scalar = scalar});
    std::string text = refusal();
    *place.node = before;
    return text;
  }

 private:
  const Json& resolve(const Json& property) const {
    const auto shared = property.members.find("$ref");
    return shared == property.members.end() ? property : schema_.at(shared->second.text.substr(2));
  }

  void look(const Json& object, Node& table, const std::string& path) {
    for (const auto& [key, property] : object.at("properties").members) {
      const Json& meant = resolve(property);
      const std::string name = path + key;
      const bool is_table = meant.members.contains("properties");
      const bool is_list = meant.members.contains("items") &&
                           resolve(meant.at("items")).members.contains("properties");
      if (!is_table && !is_list) known_.insert(name);
      Node* node = table.find(key);
      if (!node) continue;
      if (is_table) look(meant, *node, name + "/");
      if (is_list) {
        for (Node& item : node->children) look(resolve(meant.at("items")), item, name + "/");
      }
      if (!is_table && !is_list) all_.push_back({name, &meant, node, &table});
    }
  }

  const Json schema_;
  Node document_;
  std::vector<Place> all_;
  std::set<std::string> known_;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Schema, IsLookedAtKeyByKey) {
  const Places places;
  EXPECT_EQ(places.refusal(), "");
  std::set<std::string> seen;
  for (const Place& place : places.all()) seen.insert(place.name);
  // Operations of the latencies share one definition.
  for (const std::string& name : places.known()) {
    const bool is_operation = name.starts_with("latency/") && !name.starts_with("latency/preset");
    EXPECT_TRUE(is_operation || seen.contains(name)) << name << " is not in every_key.toml";
  }
  EXPECT_GT(seen.size(), 90u);
}

TEST(Schema, HasTheBoundsOfTheReader) {
  const Places places;
  std::set<std::string> checked;
  for (const Place& place : places.all()) {
    const auto minimum = place.schema->members.find("minimum");
    if (minimum == place.schema->members.end() || place.name == "version") continue;
    // These depend on another key.
    const bool is_memory = place.name == "vm/workload/working_set_mib";
    const bool is_delay =
        place.name == "fault/effect/delay_ms" && place.table->find("kind")->scalar == "\"delay\"";
    const std::string least = is_delay ? "1" : minimum->second.text;
    const std::string most = is_memory ? "2048" : place.schema->at("maximum").text;
    const bool is_negative = least.starts_with('-');
    const std::string below = is_negative ? least.substr(0, least.size() - 1) + "1"
                                          : std::to_string(std::stoll(least) - 1);
    EXPECT_TRUE(
        contains(places.refusal_with(place, below), "not between " + least + " and " + most))
        << place.name << ": " << places.refusal_with(place, below);
    const std::string at_least = places.refusal_with(place, least);
    EXPECT_FALSE(contains(at_least, faults::quoted(place.node->key) + " in") &&
                 contains(at_least, "not between"))
        << place.name << ": " << at_least;
    checked.insert(place.name);
  }
  EXPECT_GT(checked.size(), 35u);
}

TEST(Schema, HasTheWordsOfTheReader) {
  const Places places;
  std::set<std::string> checked;
  for (const Place& place : places.all()) {
    const auto words = place.schema->members.find("enum");
    if (words == place.schema->members.end()) continue;
    const std::string refusal = places.refusal_with(place, "\"no such word\"");
    size_t at = 0;
    size_t count = 0;
    for (const Json& word : words->second.items) {
      const size_t found = refusal.find("'" + word.text + "'", at);
      EXPECT_NE(found, std::string::npos) << place.name << " and " << word.text << ": " << refusal;
      at = found == std::string::npos ? at : found;
      ++count;
    }
    EXPECT_EQ(std::ranges::count(refusal.substr(refusal.find(", not")), '\'') / 2,
              static_cast<ptrdiff_t>(count))
        << place.name << ": " << refusal;
    checked.insert(place.name);
  }
  EXPECT_GT(checked.size(), 15u);
}

TEST(Schema, SaysWhichTextsAreNotEmpty) {
  const Places places;
  size_t checked = 0;
  for (const Place& place : places.all()) {
    const bool is_text = place.schema->members.contains("type") &&
                         place.schema->at("type").text == "string" &&
                         !place.schema->members.contains("enum");
    if (!is_text) continue;
    const bool must =
        place.schema->members.contains("minLength") || place.schema->members.contains("pattern");
    EXPECT_EQ(places.refusal_with(place, "\"\"") != "", must)
        << place.name << ": " << places.refusal_with(place, "\"\"");
    ++checked;
  }
  EXPECT_GT(checked, 30u);
}

TEST(Schema, HasTheTypesOfTheReader) {
  const Places places;
  for (const Place& place : places.all()) {
    const bool has_one =
        place.schema->members.contains("type") && !place.schema->at("type").text.empty();
    if (!has_one) continue;
    const std::string& type = place.schema->at("type").text;
    const std::string wrong = type == "integer" || type == "number" ? "\"text\"" : "1979-05-27";
    EXPECT_NE(places.refusal_with(place, wrong), "") << place.name;
  }
}

// Without the key, and with what the schema says of that.
TEST(Schema, HasTheDefaultsOfTheReader) {
  const Places places;
  size_t checked = 0;
  for (const Place& place : places.all()) {
    const auto standard = place.schema->members.find("default");
    if (standard == place.schema->members.end()) continue;
    const bool is_text = place.schema->at("type").text == "string";
    const std::string& value = standard->second.text;
    const std::string before =
        std::exchange(place.node->scalar, is_text ? toml_string(value) : value);
    const std::string refused = places.refusal();
    const Scenario with = refused.empty() ? places.scenario() : Scenario();
    place.node->scalar = before;
    const auto without = places.scenario_without(place);
    EXPECT_EQ(refused.empty(), without.has_value()) << place.name << ": " << refused;
    // A default that something else in this scenario forbids says nothing.
    if (!refused.empty() || !without) continue;
    const bool is_said = place.name == "profile" || place.name == "durable" ||
                         place.name == "delivery" || place.name == "lock_wait_ms" ||
                         place.name == "raw_events";
    EXPECT_TRUE(is_said || with == *without) << place.name;
    ++checked;
  }
  EXPECT_GT(checked, 20u);
}

TEST(Schema, DescribesEveryKey) {
  size_t described = 0;
  const auto check = [&](const auto& self, const Json& object) -> void {
    for (const auto& [key, value] : object.members) {
      if (key == "properties") {
        for (const auto& [name, property] : value.members) {
          const bool is_shared = property.members.contains("$ref");
          EXPECT_TRUE(is_shared || property.members.contains("description")) << name;
          ++described;
        }
      }
      self(self, value);
    }
  };
  check(check, schema());
  EXPECT_GT(described, 60u);
}

}  // namespace
}  // namespace prl::faults
