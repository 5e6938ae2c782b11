// A host that outlives the process: a folder of the user's (PRLSIM_HOME) with an SQLite registry
// and the folders of the VMs. One process holds it at a time, by a lock that the kernel releases
// when the process dies. SQLite is loaded when the store is opened and unloaded when it is closed.
#pragma once

#include <memory>
#include <string>

#include "simulator/host_store.h"

namespace prl::sim {

// Nothing is touched before open(), which creates the folder and its parents where they are absent.
// A relative name is taken from the working directory of that moment. The layout of the folder:
//   lock            held while a process uses the folder; says which one
//   registry.sqlite the directory of VMs, with a schema version. Names of folders in it are
//                   relative to the home, so a home that nobody holds may be moved or copied
//   vms/            one folder per VM (see docs/home.md for what is in it)
// Without being durable the registry is not synced, as in PosixStorage.
std::unique_ptr<HostStore> make_home_store(std::string folder, bool is_durable = true);

}  // namespace prl::sim
