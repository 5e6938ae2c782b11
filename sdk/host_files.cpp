#include "sdk/host_files.h"

#include <prlsdk/Parallels.h>
#include <prlsdk/PrlFs.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "sdk/host_documents.h"
#include "sdk/records.h"

namespace prl::sdk {

using sim::HostStep;
using sim::Outcome;
using sim::PropertyTree;

std::string parent_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string normal_path(const std::string& path) {
  if (path.empty() || path.front() != '/') return "";
  std::string result;
  for (size_t begin = 1; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    if (part == "..") return "";
    if (!part.empty() && part != ".") result += "/" + part;
    begin = end + 1;
  }
  return result.empty() ? "/" : result;
}

bool is_folder(const PropertyTree& entry) {
  const auto* type = std::get_if<uint64_t>(entry.find("Type"));
  return type && *type != uint64_t{PSE_FILE};
}

void name_entry(PropertyTree& entry, const std::string& path) {
  entry.set("Name", path);
  entry.set("RelativeName", name_of(path));
}

Entries read_entries(const HostStep& step) {
  Entries entries;
  for (PropertyTree& row : records_below(step.host.document(kFiles), std::string(kRow))) {
    const auto* name = std::get_if<std::string>(row.find("Name"));
    if (name) entries.emplace(*name, row);
  }
  return entries;
}

Outcome write_entries(HostStep& step, const Entries& entries) {
  PropertyTree files;
  std::vector<PropertyTree> rows;
  for (const auto& [path, entry] : entries) rows.push_back(entry);
  replace_children(files, std::string(kRow), rows);
  return step.host.put(std::string(kFiles), std::move(files));
}

}  // namespace prl::sdk
