// PrlCt_*: what is done with containers alone. A container is a VM of another type; the folder of
// its root is the first of its disks (config-model 1).
#include <prlsdk/Parallels.h>

#include <algorithm>
#include <string>

#include "calls.h"
#include "sdk/calls/vm_request_job.h"
#include "sdk/host_documents.h"
#include "sdk/node_handle.h"
#include "sdk/records.h"
#include "simulator/disk_entries.h"

namespace prl::sdk::calls {

namespace {

using sim::OutcomeKind;

constexpr const char* kType = "VmType";
constexpr const char* kTemplate = "CtSettings.OsTemplate";

// What both functions need: a container at rest.
sim::Outcome check_container(const sim::VmView& vm) {
  if (number_at(vm.config.properties, kType, PVT_VM) != PVT_CT) {
    return {OutcomeKind::kNoContainer, {vm.config.name}};
  }
  if (vm.state != sim::State::kStopped) return {OutcomeKind::kContainerRunning, {vm.config.name}};
  return {};
}

bool has_template(Call& call, const std::string& name) {
  const sim::PropertyTree table = call.world().host_document(kTemplates);
  const auto rows = records_below(table, std::string(kRow));
  return std::ranges::any_of(
      rows, [&](const sim::PropertyTree& row) { return text_at(row, "Name") == name; });
}

// Where the image of the container's root is; empty where it has none.
std::string root_image(const sim::VmConfig& config, const std::string& folder) {
  const auto disks = sim::all_disks(config.properties);
  if (disks.empty()) return {};
  const std::string& name = disks.front().path;
  return name.empty() ? name : sim::path_of_file(folder, name);
}

// A disk of the same size and layout in place of the one that is there, if one is.
sim::Outcome make_anew(sim::Disks& disks, const std::string& path) {
  if (path.empty() || !disks.exists(path)) return {};
  sim::DiskSpec spec;
  {
    auto opening = disks.open(path, /*is_writable=*/false);
    if (!opening) return opening.error();
    spec = (*opening)->with([](sim::VirtualDisk& disk) {
      return sim::DiskSpec{.descriptor = disk.descriptor(), .type = disk.type()};
    });
    spec.descriptor.states.clear();
  }
  if (const auto removed = disks.remove(path); !removed) return removed.error();
  const auto made = disks.create(path, spec);
  return made ? sim::Outcome() : sim::Outcome(made.error());
}

}  // namespace

// The configuration goes on as that of a VM; what it says of containers only is dropped.
PRL_HANDLE ct_convert(Call& call, PRL_HANDLE handle) {
  return send_request(call, begin_vm_job(call, handle), [](const sim::VmView& vm) {
    sim::RequestEnd end(check_container(vm));
    if (!end.outcome.ok()) return end;
    end.config = vm.config;
    end.config->properties.erase(kType);
    end.config->properties.put_below("CtSettings", {});
    return end;
  });
}

// No flag is known that keeps a part of the old system.
PRL_HANDLE ct_reinstall(Call& call, PRL_HANDLE handle, PRL_CONST_STR os_template,
                        PRL_UINT32 /*flags*/) {
  if (!os_template) return call.bad_argument_job();
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  return send_request(call, begun,
                      [wanted = std::string(os_template),
                       is_known = *os_template == '\0' || has_template(call, os_template),
                       &disks = call.world().peripherals().disks](const sim::RequestedVm& vm) {
                        sim::RequestEnd end(check_container(vm));
                        if (!end.outcome.ok()) return end;
                        if (!is_known) end.outcome = {OutcomeKind::kTemplateNotFound, {wanted}};
                        if (!end.outcome.ok()) return end;
                        end.work = [&disks, path = root_image(vm.config, vm.folder)] {
                          return make_anew(disks, path);
                        };
                        end.then = [wanted](const sim::VmView& now) {
                          sim::RequestEnd kept;
                          if (wanted.empty()) return kept;
                          kept.config = now.config;
                          kept.config->properties.set(kTemplate, wanted);
                          return kept;
                        };
                        return end;
                      });
}

}  // namespace prl::sdk::calls
