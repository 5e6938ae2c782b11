// The files of a host as PrlSrv_Fs* show them: a document of it, and no files of this machine. Pure
// functions.
#pragma once

#include <map>
#include <string>

#include "simulator/host.h"

namespace prl::sdk {

// Every entry by its absolute path, which begins with a slash and ends in none.
using Entries = std::map<std::string, sim::PropertyTree>;

// Of a path that begins with a slash.
std::string parent_of(const std::string& path);
std::string name_of(const std::string& path);
// "/a//b/" -> "/a/b". Empty for what is no absolute path, or leads upwards.
std::string normal_path(const std::string& path);

bool is_folder(const sim::PropertyTree& entry);
void name_entry(sim::PropertyTree& entry, const std::string& path);
Entries read_entries(const sim::HostStep& step);
sim::Outcome write_entries(sim::HostStep& step, const Entries& entries);

}  // namespace prl::sdk
