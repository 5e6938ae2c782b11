#include "sdk/report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <pugixml.hpp>
#include <sstream>
#include <string_view>
#include <variant>

namespace prl::sdk {

namespace {

constexpr size_t kTarBlockBytes = 512;
constexpr std::string_view kFileName = "ProblemReport.xml";

// The fields of a tar header that an ordinary file needs, with their places.
struct TarField {
  size_t offset;
  size_t bytes;
};
constexpr TarField kName{0, 100}, kMode{100, 8}, kOwner{108, 8}, kGroup{116, 8}, kSize{124, 12},
    kTime{136, 12}, kChecksum{148, 8}, kType{156, 1}, kMagic{257, 8};

using TarHeader = std::array<char, kTarBlockBytes>;

void put_field(TarHeader& header, TarField field, std::string_view text) {
  std::memcpy(header.data() + field.offset, text.data(), std::min(text.size(), field.bytes));
}

// Numbers are octal digits and end with a NUL.
void put_field(TarHeader& header, TarField field, uint64_t number) {
  std::string digits(field.bytes - 1, '0');
  for (size_t i = digits.size(); i > 0 && number > 0; number /= 8) {
    digits[--i] = static_cast<char>('0' + number % 8);
  }
  put_field(header, field, digits);
}

std::string tar_of(std::string_view name, std::string_view content) {
  TarHeader header{};
  put_field(header, kName, name);
  put_field(header, kMode, 0644);
  put_field(header, kOwner, uint64_t{0});
  put_field(header, kGroup, uint64_t{0});
  put_field(header, kSize, content.size());
  put_field(header, kTime, uint64_t{0});
  put_field(header, kType, "0");
  put_field(header, kMagic, std::string_view("ustar\00000", 8));
  put_field(header, kChecksum, "        ");  // counts as blanks in itself
  put_field(header, kChecksum,
            std::accumulate(header.begin(), header.end(), uint64_t{0}, [](uint64_t sum, char byte) {
              return sum + static_cast<uint8_t>(byte);
            }));
  std::string archive(header.begin(), header.end());
  archive += content;
  const size_t padded = (archive.size() + kTarBlockBytes - 1) / kTarBlockBytes * kTarBlockBytes;
  archive.resize(padded + 2 * kTarBlockBytes);  // two empty blocks end it
  return archive;
}

struct AsText {
  std::string operator()(bool flag) const { return flag ? "1" : "0"; }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(const sim::StringItems&) const { return ""; }
  template <class Number>
  std::string operator()(Number number) const {
    return std::to_string(number);
  }
};

// XML has no way to write control characters but these.
std::string plain(std::string text) {
  std::erase_if(text, [](unsigned char letter) {
    return letter < 0x20 && letter != '\n' && letter != '\t';
  });
  return text;
}

}  // namespace

bool is_packed(const sim::PropertyTree& report) {
  const auto* scheme = std::get_if<uint64_t>(report.find("Scheme"));
  return scheme && *scheme == PRS_NEW_PACKED;
}

std::string report_text(const sim::PropertyTree& report) {
  constexpr std::array kElements = {
      "ClientVersion",   "CombinedReportId",  "ContactInfo.Name",
      "ContactInfo.EMail", "Rating",          "ReportReason",
      "Type",            "UserDefined.ProblemDescription", kReportServerPart, kReportClientPart};
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("ParallelsProblemReport");
  for (const std::string_view path : kElements) {
    const sim::PropertyValue* value = report.find(path);
    if (!value) continue;
    const std::string name(path.substr(path.find('.') + 1));
    root.append_child(name.c_str()).text().set(plain(std::visit(AsText(), *value)).c_str());
  }
  std::ostringstream text;
  document.save(text, "   ");
  return text.str();
}

std::string report_data(const sim::PropertyTree& report) {
  const std::string text = report_text(report);
  return is_packed(report) ? tar_of(kFileName, text) : text;
}

}  // namespace prl::sdk
