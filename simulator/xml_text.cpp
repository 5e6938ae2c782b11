#include "simulator/xml_text.h"

#include <pugixml.hpp>
#include <utility>

namespace prl::sim {

namespace {

struct StringWriter final : pugi::xml_writer {
  void write(const void* data, size_t size) override {
    text.append(static_cast<const char*>(data), size);
  }
  std::string text;
};

}  // namespace

std::string xml_text(const pugi::xml_document& document, const char* indent) {
  StringWriter writer;
  document.save(writer, indent, pugi::format_indent, pugi::encoding_utf8);
  return std::move(writer.text);
}

}  // namespace prl::sim
