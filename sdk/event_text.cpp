// <ParallelsEvent> has the elements EventType, IssuerType, IssuerId, Code, Question and, for each
// parameter, Parameter with Name, Type and Value. Text that XML cannot carry is written in base64,
// which the attribute `encoding` says.
#include "sdk/event_text.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <pugixml.hpp>

#include "simulator/base64.h"
#include "simulator/xml_text.h"

namespace prl::sdk {

namespace {

constexpr const char* kRoot = "ParallelsEvent";
constexpr const char* kEncoding = "encoding";
constexpr const char* kBase64 = "base64";

// Control characters are not XML, and readers drop text that is white space only.
bool is_plain(const EventParameterValue& parameter) {
  if (parameter.type == PFD_BINARY || parameter.type == PFD_CDATA) return false;
  const auto is_control = [](unsigned char letter) { return letter < 0x20; };
  const auto is_space = [](char letter) { return letter == ' '; };
  if (std::ranges::any_of(parameter.text, is_control)) return false;
  return parameter.text.empty() || !std::ranges::all_of(parameter.text, is_space);
}

void put(pugi::xml_node node, const char* name, const std::string& text) {
  node.append_child(name).text().set(text.c_str());
}

void put_parameter(pugi::xml_node root, const EventParameterValue& parameter) {
  pugi::xml_node node = root.append_child("Parameter");
  put(node, "Name", parameter.name);
  put(node, "Type", std::to_string(parameter.type));
  const bool plain = is_plain(parameter);
  pugi::xml_node value = node.append_child("Value");
  if (!plain) value.append_attribute(kEncoding).set_value(kBase64);
  value.text().set((plain ? parameter.text : sim::to_base64(parameter.text)).c_str());
}

constexpr uint64_t kAnyNumber = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kIssuerMax = PIE_UNKNOWN;
constexpr uint64_t kTypeMax = PFD_UNKNOWN;
constexpr uint64_t kEventMax = (1u << 18) - 1;  // as many bits as the numbers of events take

// False where the element is there and holds no number up to `max`.
template <class Number>
bool take_number(const pugi::xml_node& node, const char* name, Number& number, uint64_t max) {
  const pugi::xml_node found = node.child(name);
  if (!found) return true;
  const std::string_view text = found.text().get();
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > max) return false;
  number = static_cast<Number>(value);
  return true;
}

bool take_parameter(const pugi::xml_node& node, EventContent& event) {
  EventParameterValue parameter;
  parameter.name = node.child("Name").text().get();
  if (parameter.name.empty() || !take_number(node, "Type", parameter.type, kTypeMax)) return false;
  const pugi::xml_node value = node.child("Value");
  parameter.text = value.text().get();
  if (std::string_view(value.attribute(kEncoding).value()) == kBase64) {
    auto bytes = sim::from_base64(parameter.text);
    if (!bytes) return false;
    parameter.text = std::move(*bytes);
  }
  event.parameters.push_back(std::move(parameter));
  return true;
}

}  // namespace

std::string to_xml(const EventContent& event) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child(kRoot);
  root.append_attribute("schemaVersion").set_value("1.0");
  put(root, "EventType", std::to_string(event.type));
  put(root, "IssuerType", std::to_string(event.issuer_type));
  put(root, "IssuerId", event.issuer.format());
  put(root, "Code", std::to_string(static_cast<uint32_t>(event.code)));
  if (event.question != 0) put(root, "Question", std::to_string(event.question));
  for (const EventParameterValue& parameter : event.parameters) put_parameter(root, parameter);
  return sim::xml_text(document);
}

std::optional<EventContent> event_from_xml(std::string_view text) {
  pugi::xml_document document;
  if (!document.load_buffer(text.data(), text.size())) return std::nullopt;
  const pugi::xml_node root = document.child(kRoot);
  if (!root) return std::nullopt;
  EventContent event;
  uint32_t code = 0;
  bool is_good = take_number(root, "EventType", event.type, kEventMax) &&
                 take_number(root, "IssuerType", event.issuer_type, kIssuerMax) &&
                 take_number(root, "Code", code, std::numeric_limits<uint32_t>::max()) &&
                 take_number(root, "Question", event.question, kAnyNumber);
  event.code = static_cast<PRL_RESULT>(code);
  if (const pugi::xml_node issuer = root.child("IssuerId")) {
    const auto uuid = sim::Uuid::parse(issuer.text().get());
    is_good = is_good && uuid;
    if (uuid) event.issuer = *uuid;
  }
  for (const pugi::xml_node& node : root.children("Parameter")) {
    is_good = is_good && take_parameter(node, event);
  }
  if (!is_good) return std::nullopt;
  return event;
}

}  // namespace prl::sdk
