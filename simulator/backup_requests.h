// Backups of VMs: those that the host keeps (backup_store.h), and those that clients copy by
// themselves while the host holds the files still (config-model 10, vm-lifecycle 5). Part of a
// world, whose site it uses. The requests may come from any thread; everything else is called with
// the world locked.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "simulator/backup_store.h"
#include "simulator/cancellation.h"
#include "simulator/clone_requests.h"
#include "simulator/disks.h"
#include "simulator/operation.h"
#include "simulator/progress_steps.h"
#include "simulator/registry_requests.h"
#include "simulator/site.h"

namespace prl::sim {

// Where the backups are that a request is about.
struct BackupPlace {
  std::string folder;  // empty: where the host keeps them
  std::string host;    // the name of the host that makes them
};
// Finds that out when the request is served, or refuses it.
using FindPlace = std::function<Expected<BackupPlace, Outcome>(const HostStep&)>;

// kAny: what has changed where there is a full backup, else a full one.
enum class BackupLevel : uint8_t { kAny, kFull, kIncremental, kDifferential };

struct BackupOrder {
  FindPlace place;
  BackupLevel level = BackupLevel::kAny;
  std::string description;
};

// Which backups are meant: of one VM, or the one with this id, or all.
struct BackupChoice {
  FindPlace place;
  std::optional<Uuid> vm;
  std::string id;                 // empty: none is named
  bool is_of_containers = false;  // of which there are none
};

struct RestoreOrder {
  BackupChoice choice;    // of several the newest
  std::string root_path;  // the folder goes below it; empty: where the VM is, or the host's own
  std::string name;       // empty: that of the backup
  bool is_copy = false;   // has an identity of its own
  MakeMac make_mac;
};

struct BackupRemoval {
  BackupChoice choice;
  bool may_be_absent = false;
  bool keeps_others = false;  // refuses to remove what others build on
};

// What a client that copies files by itself wants.
struct CopyOrder {
  bool is_incremental = false;
  bool is_remembered = false;  // the next one may be incremental
  std::string location;        // where the client keeps its copies; each has a memory of its own
  // The client reads the disks through the host, which gives each a state to read; else it reads
  // the files.
  bool has_states = false;
};

class BackupRequests {
 public:
  // All three outlive this object. `disks` is used with the world unlocked.
  BackupRequests(Site& site, RegistryRequests& registry, Disks& disks)
      : site_(site), registry_(registry), disks_(disks) {}

  // The text of the report is the id of the backup.
  void create(Caller caller, const Uuid& vm, BackupOrder order, OperationDone done);
  // The VM of the report is the one that was restored.
  void restore(Caller caller, RestoreOrder order, OperationDone done);
  // With a backup go those that build on it.
  void remove(Caller caller, BackupRemoval removal, OperationDone done);
  // The text of the report is the tree (BackupStore::to_xml). Of a backup that is named it shows
  // the chain, or only itself and the full one that it belongs to.
  void tree(Caller caller, BackupChoice choice, bool is_whole_chain, OperationDone done);

  // -- Copies by clients (backup_copies.cpp). The copy of the report is the VM.
  void list_copies(Caller caller, OperationDone done);
  // `path` is that of the VM's folder or of its configuration.
  void find_copy(Caller caller, std::string path, OperationDone done);
  // Holds the VM until the copy has ended, the client's session at the latest.
  void begin_copy(Caller caller, const Uuid& vm, CopyOrder order, OperationDone done);
  void end_copy(Caller caller, const Uuid& vm, const Uuid& session, bool is_successful,
                OperationDone done);
  // `client_code` says how the client's copying fares.
  void tell_progress(Caller caller, const Uuid& vm, const Uuid& session, uint32_t percent,
                     int32_t client_code, OperationDone done);
  void forget_session(const SessionObserver& session);

 private:
  using VmPtr = std::shared_ptr<Vm>;
  struct Making;
  struct Restoring;
  // How often sessions are told of a backup or a restore at least.
  static constexpr uint32_t kProgressParts = 4;
  // An operation on its way, in virtual time.
  struct Course {
    Uuid vm;
    BackupNotice::Kind kind;
    ProgressSteps steps;
    FollowedJob followed;
    std::shared_ptr<Cancellation> cancellation;
    std::function<void(Outcome)> end;
  };
  // What a client is copying.
  struct Copying {
    Uuid session;
    const SessionObserver* owner = nullptr;
    VmPtr vm;
    CopyOrder order;
    BackupFiles files = {};
    std::vector<std::string> held = {};  // disks that have a state with the session's uuid
  };

  BackupStore store_at(const BackupPlace& place);
  void run(const Course& course, uint64_t step);
  Outcome check_source(const Vm& vm) const;

  void begin_create(const OperationPtr& operation, const VmPtr& vm, const BackupOrder& order,
                    const BackupPlace& place);
  Outcome choose_base(Making& making, BackupLevel level);
  void finish_create(const std::shared_ptr<Making>& making, Outcome outcome);

  Outcome plan(Restoring& restoring, const RestoreOrder& order, const SessionObserver* session);
  Outcome plan_folder(Restoring& restoring, const std::string& root_path);
  void begin_restore(const std::shared_ptr<Restoring>& restoring);
  Outcome copy_back(Restoring& restoring);
  void finish_restore(const std::shared_ptr<Restoring>& restoring, Outcome outcome);
  Expected<VmPtr, Outcome> put_in_place(Restoring& restoring);

  Expected<std::vector<Backup>, Outcome> to_remove(const std::vector<Backup>& all,
                                                   const BackupRemoval& removal) const;

  ClientCopy describe(const Vm& vm) const;
  Outcome check_copy(const Vm& vm, const CopyOrder& order) const;
  void begin_holding(const OperationPtr& operation, Copying copying);
  Outcome hold_disks(const Uuid& state, const std::vector<std::string>& disks,
                     std::vector<std::string>& held);
  Outcome let_go(const Uuid& state, const std::vector<std::string>& held);
  void finish_begin_copy(const OperationPtr& operation, const Uuid& vm);
  Outcome check_copying(const Uuid& vm, const Uuid& session) const;
  Copying drop(const Uuid& vm);
  void release(const Uuid& vm, bool is_successful, std::function<void(Outcome)> then);

  Site& site_;
  RegistryRequests& registry_;
  Disks& disks_;
  // Chains with a backup that is being restored, or made.
  std::multiset<Uuid> read_;
  std::multiset<Uuid> written_;
  std::unordered_map<Uuid, Copying> copying_;  // by VM
  // What the last copy that was remembered had, by VM and location.
  std::map<std::pair<Uuid, std::string>, BackupFiles> copied_;
};

}  // namespace prl::sim
