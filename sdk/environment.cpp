#include "sdk/environment.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "faults/injector.h"
#include "faults/scenario.h"
#include "names.h"
#include "sdk/access_rights.h"
#include "sdk/config_validation.h"
#include "sdk/environment_names.h"
#include "sdk/errors.h"
#include "sdk/host_documents.h"
#include "sdk/object_text.h"
#include "sdk/scenario_files.h"
#include "sdk/scenario_names.h"
#include "sdk/scenario_tree.h"
#include "sdk/scenario_vms.h"
#include "sdk/scenario_words.h"
#include "simulator/home.h"
#include "simulator/memory_storage.h"
#include "simulator/posix_storage.h"

extern char** environ;

namespace prl::sdk {

namespace {

struct CodeSettings {
  std::mutex mutex;
  // Owned; null: none.
  std::string* scenario_toml = nullptr;
  std::string* preferred_keys = nullptr;  // with a blank before and behind each
  std::string* home = nullptr;            // empty: in memory
  std::string* complaint = nullptr;
  size_t trace_lines = 0;
  LedgerMode ledger = LedgerMode::kOff;
  bool is_durable = true;
};
CodeSettings settings;

using Failure = sim::Unexpected<std::string>;
template <class T>
using Checked = sim::Expected<T, std::string>;

// Set and not empty.
std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (!value || !*value) return std::nullopt;
  return std::string(value);
}

// Freed here and not by a destructor: nothing of the library ends at process exit.
void set_text(std::string*& place, std::optional<std::string> text) {
  std::lock_guard lock(settings.mutex);
  const std::unique_ptr<std::string> old(place);
  place = text ? std::make_unique<std::string>(std::move(*text)).release() : nullptr;
}

// The variable, unless the scenario says something of the key and is to go before it.
std::optional<std::string> variable_before(const char* name, std::string_view key,
                                           bool scenario_says) {
  {
    std::lock_guard lock(settings.mutex);
    const std::string word = " " + std::string(key) + " ";
    const std::string* keys = settings.preferred_keys;
    if (scenario_says && keys && keys->find(word) != std::string::npos) return std::nullopt;
  }
  return variable(name);
}

// The folder of the host; none: in memory.
std::optional<std::string> chosen_home() {
  {
    std::lock_guard lock(settings.mutex);
    if (settings.home && settings.home->empty()) return std::nullopt;
    if (settings.home) return *settings.home;
  }
  return variable("PRLSIM_HOME");
}

// A misspelt variable must not pass silently for one that was never set.
Checked<void> check_names() {
  if (const auto name = unknown_variable(environ)) {
    return Failure{unknown_variable_text(*name)};
  }
  return {};
}

// Where the named scenarios are installed, seen from the library, or where the build has them.
// Empty where they are missing.
std::string own_scenario_folder() {
  namespace fs = std::filesystem;
  Dl_info own{};
  if (!::dladdr(reinterpret_cast<void*>(&own_scenario_folder), &own) || !own.dli_fname) return {};
  std::error_code error;
  const fs::path library = fs::canonical(own.dli_fname, error);
  for (const char* place : {PRLSIM_DATA_FROM_LIBRARY, "../tool/scenarios"}) {
    const fs::path folder = (library.parent_path() / place).lexically_normal();
    if (fs::exists(folder / "demo.toml", error)) return folder.string();
  }
  return {};
}

Checked<faults::Scenario> read_scenario(std::string text) {
  if (text.empty()) {
    std::lock_guard lock(settings.mutex);
    if (settings.scenario_toml) text = *settings.scenario_toml;
  }
  const auto file = variable("PRLSIM_SCENARIO");
  if (text.empty() && !file) return faults::Scenario{};
  if (text.empty()) {
    const auto found = find_named_scenario(*file);
    if (!found) return Failure{"PRLSIM_SCENARIO: " + found.error()};
    auto loaded = faults::load_scenario(*found, scenario_names());
    if (!loaded) return Failure{loaded.error().text()};
    return std::move(*loaded);
  }
  auto scenario = faults::parse_scenario(text, "scenario", scenario_names());
  if (!scenario) return Failure{scenario.error().text()};
  return std::move(*scenario);
}

// The VMs of the first user say nothing of it.
void put_owner(sim::InitialVm& vm, const faults::VmSpec& spec, const faults::HostSpec& host) {
  const std::string first = host.users.empty() ? std::string(kOnlyUser) : host.users.front().name;
  if (spec.owner && *spec.owner != first) vm.properties.set(sim::kOwner, *spec.owner);
  if (spec.shared != faults::VmSpec::Shared::kNo) {
    vm.properties.set(sim::kAccessForOthers, static_cast<uint64_t>(spec.shared));
  }
}

Checked<sim::ClockSpec> read_clock(const faults::Scenario& scenario) {
  const auto text = variable_before("PRLSIM_CLOCK", "clock", scenario.clock.has_value());
  if (!text && !scenario.clock) return sim::ClockSpec{};
  const std::string& chosen = text ? *text : *scenario.clock;
  if (const auto clock = sim::parse_clock(chosen)) return *clock;
  return Failure{bad_clock_text(chosen)};
}

Checked<sim::Profile> read_profile(const faults::Scenario& scenario) {
  const auto text = variable_before("PRLSIM_PROFILE", "profile", scenario.profile.has_value());
  if (!text && !scenario.profile) return sim::Profile::kDesktop;
  const std::string& chosen = text ? *text : *scenario.profile;
  if (const auto profile = sim::parse_profile(chosen)) return *profile;
  return Failure{bad_profile_text(chosen)};
}

Checked<sim::Verification> read_verification(const faults::Scenario& scenario) {
  const auto text = variable_before("PRLSIM_VERIFY", "verify", scenario.verify.has_value());
  if (!text && !scenario.verify) return sim::Verification::kAtFirstUse;
  const std::string& chosen = text ? *text : *scenario.verify;
  if (chosen == "first-use") return sim::Verification::kAtFirstUse;
  if (chosen == "whole") return sim::Verification::kWhole;
  return Failure{"verify '" + chosen + "' is neither 'first-use' nor 'whole'"};
}

Checked<DeliveryOrder> read_delivery(const faults::Scenario& scenario) {
  const auto text = variable_before("PRLSIM_DELIVERY", "delivery", scenario.delivery.has_value());
  if (!text && !scenario.delivery) return DeliveryOrder::kFree;
  const std::string& chosen = text ? *text : *scenario.delivery;
  const auto found = std::ranges::find(kDeliveryWords, chosen);
  if (found != kDeliveryWords.end()) {
    return static_cast<DeliveryOrder>(found - kDeliveryWords.begin());
  }
  return Failure{bad_delivery_text(chosen)};
}

Checked<bool> read_durability(const faults::Scenario& scenario) {
  const auto text = variable_before("PRLSIM_DURABLE", "durable", scenario.is_durable.has_value());
  if (text && *text != "yes" && *text != "no") {
    return Failure{"PRLSIM_DURABLE '" + *text + "' is neither 'yes' nor 'no'"};
  }
  if (text) return *text == "yes";
  std::lock_guard lock(settings.mutex);
  return scenario.is_durable.value_or(settings.is_durable);
}

Checked<uint64_t> read_seed(const faults::Scenario& scenario) {
  const auto text = variable_before("PRLSIM_SEED", "seed", scenario.seed.has_value());
  if (!text) return scenario.seed.value_or(0);
  uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seed);
  if (error == std::errc{} && end == text->data() + text->size()) return seed;
  return Failure{"PRLSIM_SEED '" + *text + "' is no number from 0 to 2^64 - 1"};
}

// Injected codes may have no name.
std::string code_name(const sim::Outcome& outcome) {
  const PRL_RESULT code = to_result(outcome);
  const std::string name = result_name(code);
  if (name.starts_with("PRL_")) return name;
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "0x%08x", static_cast<unsigned>(code));
  return digits.data();
}

// That the file of a variable can be written; it is there afterwards.
Checked<void> check_file(const char* name, const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "ae");
  if (!file) {
    return Failure{std::string(name) + " '" + path +
                   "' cannot be written: " + std::strerror(errno)};
  }
  std::fclose(file);
  return {};
}

}  // namespace

sim::Expected<std::string, std::string> find_named_scenario(const std::string& given) {
  return find_scenario(given, own_scenario_folder());
}

void set_scenario_text(std::string toml) {
  set_text(settings.scenario_toml,
           toml.empty() ? std::nullopt : std::optional<std::string>(std::move(toml)));
}

void prefer_scenario(const std::string& keys) {
  set_text(settings.preferred_keys, " " + keys + " ");
}

void set_home(std::optional<std::string> folder) {
  set_text(settings.home, std::move(folder));
}

void keep_trace(size_t lines) {
  std::lock_guard lock(settings.mutex);
  settings.trace_lines = lines;
}

void set_durable(bool is_durable) {
  std::lock_guard lock(settings.mutex);
  settings.is_durable = is_durable;
}

void keep_ledger(LedgerMode mode) {
  std::lock_guard lock(settings.mutex);
  settings.ledger = mode;
}

LedgerOptions ledger_options(const sim::WorldOptions& options) {
  LedgerOptions ledger{.leaks_path = variable("PRLSIM_LEAKS").value_or("")};
  const bool is_shown =
      !options.trace_path.empty() || options.kept_trace_lines > 0 || !ledger.leaks_path.empty();
  std::lock_guard lock(settings.mutex);
  ledger.mode = settings.ledger == LedgerMode::kOff && is_shown ? LedgerMode::kOn : settings.ledger;
  return ledger;
}

sim::Expected<PlaceOptions, std::string> world_options(const std::string& scenario_toml,
                                                       uint64_t number) {
  if (const auto known = check_names(); !known) return Failure{known.error()};
  const auto scenario = read_scenario(scenario_toml);
  if (!scenario) return Failure{scenario.error()};
  const auto clock = read_clock(*scenario);
  if (!clock) return Failure{clock.error()};
  const auto profile = read_profile(*scenario);
  if (!profile) return Failure{profile.error()};
  const auto seed = read_seed(*scenario);
  if (!seed) return Failure{seed.error()};
  const auto verification = read_verification(*scenario);
  if (!verification) return Failure{verification.error()};
  const auto delivery = read_delivery(*scenario);
  if (!delivery) return Failure{delivery.error()};
  const auto is_durable = read_durability(*scenario);
  if (!is_durable) return Failure{is_durable.error()};

  sim::WorldOptions options{.profile = *profile, .clock = *clock, .seed = *seed};
  if (scenario->latencies) options.latencies = *scenario->latencies;
  options.documents = to_documents(scenario->host);
  options.schema = property_schema();
  options.samples = config_samples();
  options.config_setting = config_setting;
  options.needed_rights = needed_rights(*profile);
  options.code_name = code_name;
  for (const faults::VmSpec& vm : scenario->vms) {
    options.vms.push_back(to_initial_vm(vm, *seed));
    put_owner(options.vms.back(), vm, scenario->host);
  }
  if (const auto home = number == 0 ? chosen_home() : std::nullopt) {
    options.store = sim::make_home_store(*home, *is_durable);
    options.storage = std::make_unique<sim::PosixStorage>(*is_durable);
  } else {
    options.storage = std::make_unique<sim::MemoryStorage>();
  }
  // Without rules too: some may be added.
  auto injector = std::make_unique<faults::Injector>(faults::Plan(scenario->faults, *seed));
  options.storage = injector->disturb(std::move(options.storage));
  options.interventions = std::move(injector);
  options.verification = *verification;
  options.undo_question = {.code = PET_QUESTION_UNDO_DISKS_MODE,
                           .keep = PET_ANSWER_COMMIT,
                           .discard = PET_ANSWER_REVERT};
  options.raw_events = scenario->raw_events.value_or(true);
  options.lock_wait_ms = scenario->lock_wait_ms.value_or(0);
  options.is_durable = *is_durable;
  options.trace_path = variable("PRLSIM_TRACE").value_or("");
  options.complain = complain;
  {
    std::lock_guard lock(settings.mutex);
    options.kept_trace_lines = settings.trace_lines;
  }
  if (number > 0 && !options.trace_path.empty()) {
    options.trace_path += ".world-" + std::to_string(number);
  }
  if (!options.trace_path.empty()) {
    if (const auto writable = check_file("PRLSIM_TRACE", options.trace_path); !writable) {
      return Failure{writable.error()};
    }
  }
  if (const auto leaks = variable("PRLSIM_LEAKS")) {
    if (const auto writable = check_file("PRLSIM_LEAKS", *leaks); !writable) {
      return Failure{writable.error()};
    }
  }
  return PlaceOptions{.world = std::move(options), .delivery = *delivery};
}

void complain(const std::string& why) {
  std::fprintf(stderr, "prlsim: %s\n", why.c_str());
  try {
    set_text(settings.complaint, why);
  } catch (const std::bad_alloc&) {  // it has been said
  }
}

std::string complaint() {
  std::lock_guard lock(settings.mutex);
  return settings.complaint ? *settings.complaint : "";
}

void forget_complaint() {
  set_text(settings.complaint, std::nullopt);
}

}  // namespace prl::sdk
