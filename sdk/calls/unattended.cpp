// PrlSrv_CreateUnattendedCd, PrlVm_CreateUnattendedDisk, PrlVm_CreateUnattendedFloppy: media that
// answer the questions of installers (config-model 11).
#include <prlsdk/Parallels.h>
#include <prlsdk/PrlFs.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "calls.h"
#include "sdk/calls/host_job.h"
#include "sdk/calls/vm_request_job.h"
#include "sdk/guest_answers.h"
#include "sdk/guest_systems.h"
#include "sdk/host_files.h"
#include "simulator/storage_files.h"

namespace prl::sdk::calls {

namespace {

using sim::HostStep;
using sim::MediaFile;
using sim::Outcome;
using sim::OutcomeKind;

constexpr const char* kLabel = "UNATTENDED";
constexpr const char* kFloppyName = "unattended.fdd";
constexpr const char* kDiskName = "unattended.hdd";

// ---- Discs on the host -----------------------------------------------------------------------

// The type of a system that is named by it, or by a version; empty for one that there is not.
std::optional<uint8_t> type_of(PRL_UINT32 guest) {
  constexpr PRL_UINT32 kTypeMax = 0xFF;
  if (guest > kTypeMax) {
    if (!find_guest_system(guest)) return std::nullopt;
    return guest_type(guest);
  }
  const auto type = static_cast<uint8_t>(guest);
  return default_version(type) == 0 ? std::nullopt : std::optional(type);
}

// The folder may be one of the host's document, of its storage, or of both.
struct ImagePlace {
  std::string path;
  bool is_shown = false;
  bool is_stored = false;
};

Outcome find_place(const HostStep& step, const Entries& entries, ImagePlace& place) {
  if (place.path.empty() || place.path == "/") return {OutcomeKind::kAccessDenied, {place.path}};
  const std::string folder = parent_of(place.path);
  const auto parent = entries.find(folder);
  place.is_shown = parent != entries.end() && is_folder(parent->second);
  place.is_stored = step.storage.exists(folder);
  if (!place.is_shown && !place.is_stored) return {OutcomeKind::kPathNotFound, {folder}};
  const auto old = entries.find(place.path);
  const bool is_taken = old != entries.end() && is_folder(old->second);
  return is_taken ? Outcome(OutcomeKind::kPathTaken, {place.path}) : Outcome();
}

Outcome put_image(HostStep& step, Entries entries, const ImagePlace& place,
                  const std::string& image) {
  if (place.is_stored) {
    const auto written = sim::write_text_file(step.storage, place.path, image);
    if (!written) return {OutcomeKind::kFileNotWritten, {written.error().message()}};
  }
  if (!place.is_shown) return {};
  sim::PropertyTree entry;
  name_entry(entry, place.path);
  entry.set("Type", uint64_t{PSE_FILE});
  entry.set("Size", uint64_t{image.size()});
  entry.set("Permissions", uint64_t{FS_PERM_READ | FS_PERM_WRITE});
  entries.insert_or_assign(place.path, std::move(entry));
  return write_entries(step, entries);
}

Outcome create_disc(HostStep& step, uint8_t type, const InstallAnswers& answers,
                    const std::string& path) {
  const bool is_windows = type == PVS_GUEST_TYPE_WINDOWS;
  if (!is_windows && type != PVS_GUEST_TYPE_LINUX) return OutcomeKind::kNoAnswersForGuest;
  const Entries entries = read_entries(step);
  if (!entries.contains(answers.distribution) && !step.storage.exists(answers.distribution)) {
    return {OutcomeKind::kFileNotFound, {answers.distribution}};
  }
  ImagePlace place{.path = path};
  if (Outcome refused = find_place(step, entries, place); !refused.ok()) return refused;
  if (path == answers.distribution) return {OutcomeKind::kPathTaken, {path}};
  const MediaFile file = is_windows ? windows_answers(answers) : linux_answers(answers);
  return put_image(step, entries, place, sim::optical_image(kLabel, std::span(&file, 1)));
}

// ---- Media of a VM ---------------------------------------------------------------------------

bool is_distribution(PRL_GUEST_DISTRO_VERSION_ENUM version) {
  return version >= PGD_UNKNOWN && version <= PGD_WINDOWS_10_SYSPREP;
}

// With the answers for a version of Windows; empty where none is named.
std::optional<std::string> answers_floppy(PRL_GUEST_DISTRO_VERSION_ENUM version,
                                          const InstallAnswers& answers) {
  if (version == PGD_UNKNOWN) return std::nullopt;
  const bool is_old = version == PGD_WINDOWS_XP_32 || version == PGD_WINDOWS_XP_64;
  const MediaFile file = is_old ? old_windows_answers(answers) : windows_answers(answers);
  return sim::floppy_image(kLabel, std::span(&file, 1));
}

// Longer ones are no answers of a user.
bool is_answer(PRL_CONST_STR text) {
  constexpr size_t kBytesMax = 1024;
  return text && std::string_view(text).size() <= kBytesMax;
}

Outcome create_disk(sim::Disks& disks, const std::string& path, const std::string& content) {
  if (disks.exists(path)) {
    if (const auto removed = disks.remove(path); !removed) return removed.error();
  }
  sim::DiskSpec spec{.type = sim::DiskImageType::kPlain};
  spec.descriptor.sectors = sim::kFloppySectors;
  auto opening = disks.create(path, spec);
  if (!opening) return opening.error();
  const auto written = (*opening)->with(
      [&](sim::VirtualDisk& disk) { return disk.write(0, std::as_bytes(std::span(content))); });
  return written ? Outcome() : Outcome(written.error());
}

PRL_HANDLE refuse_guest(Call& call, PRL_HANDLE vm) {
  return send_request(call, begin_vm_job(call, vm), [](const sim::VmView&) {
    return sim::RequestEnd(OutcomeKind::kNoAnswersForGuest);
  });
}

}  // namespace

PRL_HANDLE srv_create_unattended_cd(Call& call, PRL_HANDLE server, PRL_UINT32 guest,
                                    PRL_CONST_STR user, PRL_CONST_STR password,
                                    PRL_CONST_STR full_name, PRL_CONST_STR distribution,
                                    PRL_CONST_STR path) {
  const bool are_good =
      is_answer(user) && is_answer(password) && is_answer(full_name) && distribution && path;
  const auto type = type_of(guest);
  if (!are_good || !type) return call.bad_argument_job();
  return tell_host(call, server,
                   [type = *type, path = normal_path(path),
                    answers = InstallAnswers{.user = user,
                                             .full_name = full_name,
                                             .password = password,
                                             .company = {},
                                             .serial_key = {},
                                             .distribution = normal_path(distribution)}](
                       HostStep& step) { return answer(create_disc(step, type, answers, path)); });
}

PRL_HANDLE vm_create_unattended_floppy(Call& call, PRL_HANDLE handle,
                                       PRL_GUEST_DISTRO_VERSION_ENUM version, PRL_CONST_STR user,
                                       PRL_CONST_STR company, PRL_CONST_STR serial_key) {
  const bool are_good = is_answer(user) && is_answer(company) && is_answer(serial_key);
  if (!are_good || !is_distribution(version)) return call.bad_argument_job();
  auto image =
      answers_floppy(version, {.user = user, .company = company, .serial_key = serial_key});
  if (!image) return refuse_guest(call, handle);
  const VmJob begun = begin_vm_job(call, handle);
  if (!begun.job) return begun.given;
  call.world().bundles().write_floppy(begun.caller(call), begun.vm->uuid(), kFloppyName,
                                      std::move(*image), finish_plainly(begun.job));
  return begun.given;
}

// The disk is a floppy of another kind: its content is the same.
PRL_HANDLE vm_create_unattended_disk(Call& call, PRL_HANDLE handle,
                                     PRL_GUEST_DISTRO_VERSION_ENUM version, PRL_CONST_STR user,
                                     PRL_CONST_STR company, PRL_CONST_STR serial_key) {
  const bool are_good = is_answer(user) && is_answer(company) && is_answer(serial_key);
  if (!are_good || !is_distribution(version)) return call.bad_argument_job();
  auto content =
      answers_floppy(version, {.user = user, .company = company, .serial_key = serial_key});
  if (!content) return refuse_guest(call, handle);
  return send_request(call, begin_vm_job(call, handle),
                      [&disks = call.world().peripherals().disks,
                       content = std::move(*content)](const sim::RequestedVm& vm) {
                        sim::RequestEnd end;
                        end.work = [&disks, path = vm.folder + "/" + kDiskName, content] {
                          return create_disk(disks, path, content);
                        };
                        return end;
                      });
}

}  // namespace prl::sdk::calls
