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
#include <vector>

#include "faults/scenario.h"
#include "simulator/latency.h"
#include "simulator/vm_machine/vm_machine.h"

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
      {"'boot' of 'latency' of the scenario", "$defs/latency"},
      {"'host' of the scenario", "properties/host"},
      {"[[expect]]", "properties/expect/items"},
      {"[[vm]]", "properties/vm/items"},
      {"'workload' of [[vm]]", "properties/vm/items/properties/workload"},
      {"[[user]]", "$defs/user"},
      {"[[program]]", "properties/vm/items/properties/program/items"},
      {"[[fault]]", "properties/fault/items"},
      {"'match' of [[fault]]", "properties/fault/items/properties/match"},
      {"'trigger' of [[fault]]", "properties/fault/items/properties/trigger"},
      {"'effect' of [[fault]]", "properties/fault/items/properties/effect"},
  };
  const ApiNames names{.code_by_name = [](std::string_view) { return -1; },
                       .is_function = [](std::string_view) { return true; },
                       .preset = sim::latency_preset,
                       .presets = sim::latency_preset_names()};
  KnownKeys keys;
  // Some names of the API are unknown here, which does not keep the reader from looking on.
  (void)parse_scenario(text_of("fixtures/scenarios/every_key.toml"), "every_key.toml", names, keys)
      .has_value();
  const Json schema = faults::schema();
  for (const auto& [where, path] : places) {
    ASSERT_TRUE(keys.contains(where)) << where;
    const std::set<std::string> known(keys[where].begin(), keys[where].end());
    EXPECT_EQ(keys_of(schema.at(path)), known) << where;
    EXPECT_EQ(schema.at(path).at("additionalProperties").text, "false") << where;
  }
  // Whatever else is read is one of the operations that share a definition.
  for (const auto& [where, known] : keys) {
    EXPECT_TRUE(places.contains(where) || where.ends_with("' of 'latency' of the scenario"))
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
