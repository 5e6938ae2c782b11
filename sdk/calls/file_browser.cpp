// PrlSrv_Fs*: the files of a host, which are a document of it and no files of this machine
// (config-model 2; core-api 4).
#include <prlsdk/Parallels.h>
#include <prlsdk/PrlFs.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "calls.h"
#include "sdk/calls/host_job.h"
#include "sdk/host_files.h"
#include "sdk/records.h"

namespace prl::sdk::calls {

namespace {

using sim::HostStep;
using sim::Outcome;
using sim::OutcomeKind;
using sim::PropertyTree;
using sim::Report;

PropertyTree new_folder(const std::string& path) {
  PropertyTree entry;
  name_entry(entry, path);
  entry.set("Type", uint64_t{PSE_DIRECTORY});
  entry.set("Permissions", uint64_t{FS_PERM_READ | FS_PERM_WRITE | FS_PERM_EXECUTE});
  return entry;
}

bool is_below(const std::string& path, const std::string& folder) {
  return folder == "/" ? path != "/" : path.starts_with(folder + "/");
}

// A folder and what is in it, as PHT_REMOTE_FILESYSTEM_INFO.
PropertyTree listing(const Entries& entries, const std::string& folder) {
  PropertyTree info;
  info.put_below("ParentEntry", entries.at(folder));
  std::vector<PropertyTree> children;
  for (const auto& [path, entry] : entries) {
    if (path != "/" && parent_of(path) == folder) children.push_back(entry);
  }
  info.set("Type", uint64_t{PFS_UNIX_LIKE_FS});
  replace_children(info, "FsElement", children);
  return info;
}

Report list_folder(const Entries& entries, const std::string& folder) {
  const auto found = entries.find(folder);
  if (found == entries.end()) return answer(Outcome(OutcomeKind::kPathNotFound, {folder}));
  if (!is_folder(found->second)) return answer(Outcome(OutcomeKind::kNotAFolder, {folder}));
  return answer(listing(entries, folder));
}

// What may be created where: its folder must be there, and nothing of that name.
Outcome check_new(const Entries& entries, const std::string& path) {
  if (path.empty() || path == "/") return {OutcomeKind::kAccessDenied, {path}};
  const auto parent = entries.find(parent_of(path));
  if (parent == entries.end()) return {OutcomeKind::kPathNotFound, {parent_of(path)}};
  if (!is_folder(parent->second)) return {OutcomeKind::kNotAFolder, {parent_of(path)}};
  if (entries.contains(path)) return {OutcomeKind::kPathTaken, {path}};
  return {};
}

// Changes the files and answers with the folder that was changed.
template <class Change>
PRL_HANDLE change_files(Call& call, PRL_HANDLE server, const std::string& folder, Change change) {
  return ask_host(call, server, PHT_REMOTE_FILESYSTEM_INFO, [folder, change](HostStep& step) {
    Entries entries = read_entries(step);
    Outcome outcome = change(entries);
    if (outcome.ok()) outcome = write_entries(step, entries);
    return outcome.ok() ? list_folder(entries, folder) : answer(std::move(outcome));
  });
}

void move_entries(Entries& entries, const std::string& from, const std::string& to) {
  Entries moved;
  for (auto& [path, entry] : entries) {
    const bool is_moved = path == from || is_below(path, from);
    const std::string target = is_moved ? to + path.substr(from.size()) : path;
    if (is_moved) name_entry(entry, target);
    moved.emplace(target, entry);
  }
  entries = std::move(moved);
}

}  // namespace

PRL_HANDLE srv_fs_get_disk_list(Call& call, PRL_HANDLE server) {
  return ask_host(call, server, PHT_REMOTE_FILESYSTEM_INFO, [](HostStep& step) {
    const Entries entries = read_entries(step);
    PropertyTree root = entries.at("/");
    root.set("Type", uint64_t{PSE_DRIVE});
    PropertyTree info;
    info.set("Type", uint64_t{PFS_UNIX_LIKE_FS});
    replace_children(info, "FsElement", {root});
    return answer(std::move(info));
  });
}

PRL_HANDLE srv_fs_get_dir_entries(Call& call, PRL_HANDLE server, PRL_CONST_STR path) {
  if (!path) return call.bad_argument_job();
  return ask_host(call, server, PHT_REMOTE_FILESYSTEM_INFO,
                  [folder = normal_path(path)](HostStep& step) {
                    return list_folder(read_entries(step), folder);
                  });
}

PRL_HANDLE srv_fs_create_dir(Call& call, PRL_HANDLE server, PRL_CONST_STR path) {
  if (!path) return call.bad_argument_job();
  const std::string folder = normal_path(path);
  return change_files(call, server, folder.empty() ? "/" : parent_of(folder),
                      [folder](Entries& entries) {
                        Outcome refused = check_new(entries, folder);
                        if (refused.ok()) entries.emplace(folder, new_folder(folder));
                        return refused;
                      });
}

PRL_HANDLE srv_fs_remove_entry(Call& call, PRL_HANDLE server, PRL_CONST_STR path) {
  if (!path) return call.bad_argument_job();
  const std::string entry = normal_path(path);
  return change_files(call, server, entry.empty() ? "/" : parent_of(entry),
                      [entry](Entries& entries) -> Outcome {
                        if (entry == "/") return {OutcomeKind::kAccessDenied, {entry}};
                        if (!entries.contains(entry)) return {OutcomeKind::kPathNotFound, {entry}};
                        std::erase_if(entries, [&](const auto& item) {
                          return item.first == entry || is_below(item.first, entry);
                        });
                        return {};
                      });
}

PRL_HANDLE srv_fs_rename_entry(Call& call, PRL_HANDLE server, PRL_CONST_STR old_path,
                               PRL_CONST_STR new_path) {
  if (!old_path || !new_path) return call.bad_argument_job();
  const std::string from = normal_path(old_path);
  const std::string to = normal_path(new_path);
  return change_files(call, server, to.empty() ? "/" : parent_of(to),
                      [from, to](Entries& entries) -> Outcome {
                        if (from == "/") return {OutcomeKind::kAccessDenied, {from}};
                        if (!entries.contains(from)) return {OutcomeKind::kPathNotFound, {from}};
                        if (is_below(to, from)) return {OutcomeKind::kAccessDenied, {to}};
                        if (Outcome refused = check_new(entries, to); !refused.ok()) return refused;
                        move_entries(entries, from, to);
                        return {};
                      });
}

PRL_HANDLE srv_fs_can_create_file(Call& call, PRL_HANDLE server, PRL_CONST_STR path) {
  if (!path) return call.bad_argument_job();
  return tell_host(call, server, [file = normal_path(path)](HostStep& step) {
    const Entries entries = read_entries(step);
    if (Outcome refused = check_new(entries, file); !refused.ok()) {
      return answer(Outcome(OutcomeKind::kAccessDenied, {file}));
    }
    return Report();
  });
}

// The first of "prefix suffix", "prefix <delimiter> 1 suffix", ... that is free.
PRL_HANDLE srv_fs_generate_entry_name(Call& call, PRL_HANDLE server, PRL_CONST_STR folder,
                                      PRL_CONST_STR prefix, PRL_CONST_STR suffix,
                                      PRL_CONST_STR delimiter) {
  if (!folder) return call.bad_argument_job();
  const auto text = [](PRL_CONST_STR given) { return std::string(given ? given : ""); };
  return ask_host(call, server, PHT_ERROR,
                  [folder = normal_path(folder), prefix = text(prefix), suffix = text(suffix),
                   delimiter = text(delimiter)](HostStep& step) {
                    const Entries entries = read_entries(step);
                    if (!entries.contains(folder)) {
                      return answer(Outcome(OutcomeKind::kPathNotFound, {folder}));
                    }
                    const std::string start = folder == "/" ? "/" : folder + "/";
                    std::string name = prefix + suffix;
                    for (int number = 1; entries.contains(start + name); ++number) {
                      name = prefix + delimiter + std::to_string(number) + suffix;
                    }
                    Report report;
                    report.texts.push_back(std::move(name));
                    return report;
                  });
}

// The disk of the host is never more than half full.
PRL_HANDLE srv_get_disk_free_space(Call& call, PRL_HANDLE server, PRL_CONST_STR path,
                                   PRL_UINT32 /*flags*/) {
  if (!path) return call.bad_argument_job();
  return ask_host(call, server, PHT_ERROR, [folder = normal_path(path)](HostStep& step) {
    if (!read_entries(step).contains(folder)) {
      return answer(Outcome(OutcomeKind::kPathNotFound, {folder}));
    }
    Report report;
    report.texts.push_back(std::to_string(uint64_t{256} << 30));
    return report;
  });
}

}  // namespace prl::sdk::calls
