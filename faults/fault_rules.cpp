#include "faults/fault_rules.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "faults/faulty_storage.h"
#include "faults/nearest.h"

namespace prl::faults {
namespace {

using sim::FaultKind;
using sim::Layer;

constexpr int64_t kMaxJumpS = 1'000'000'000;

bool is_one_of(FaultKind kind, std::initializer_list<FaultKind> kinds) {
  return std::ranges::find(kinds, kind) != kinds.end();
}

bool has_code(FaultKind kind) {
  return is_one_of(kind, {FaultKind::kFail, FaultKind::kTimeOut, FaultKind::kAsk});
}

// The report of the job is what these are about.
bool is_about_the_end(FaultKind kind) {
  return is_one_of(kind, {FaultKind::kLose, FaultKind::kDuplicate, FaultKind::kReorder});
}
bool is_about_the_image(FaultKind kind) {
  return is_one_of(kind,
                   {FaultKind::kNewerImage, FaultKind::kForeignImage, FaultKind::kOtherCpuImage});
}

bool takes_delay(FaultKind kind) {
  return is_one_of(
      kind, {FaultKind::kDelay, FaultKind::kSlow, FaultKind::kTimeOut, FaultKind::kDisconnect,
             FaultKind::kRestartService, FaultKind::kPowerCut, FaultKind::kKillVm,
             FaultKind::kPanic, FaultKind::kGuestLeaves, FaultKind::kGuestReboots,
             FaultKind::kGuestSleeps, FaultKind::kGuestHibernates, FaultKind::kGuestWakes,
             FaultKind::kFreeze, FaultKind::kUnfreeze, FaultKind::kSleep, FaultKind::kWake,
             FaultKind::kAsk, FaultKind::kJumpClock});
}

// The steps of storage that the kind can strike; empty: all.
std::vector<std::string_view> steps_for(FaultKind kind) {
  if (kind == FaultKind::kShortWrite || kind == FaultKind::kTornWrite) return {"write"};
  if (kind == FaultKind::kFlipBit) return {"write", "read"};
  if (kind == FaultKind::kLoseSync) return {"sync"};
  return {};
}

bool fits_any(const std::string& pattern, std::span<const std::string_view> known) {
  const auto fits = [&](std::string_view one) { return matches_pattern(pattern, one); };
  return std::ranges::any_of(known, fits);
}

void check_name(TableReader& reader, std::string_view key, const std::string& name,
                std::string_view what, std::span<const std::string_view> known) {
  if (fits_any(name, known)) return;
  reader.fail(key, "unknown " + std::string(what) + " " + quoted(name), nearest(name, known));
}

// A pattern is good where it fits anything; a name where the API has it. In layer job, which is the
// layer of rules that name none, a function that starts no job would never be struck.
std::string read_call(TableReader& reader, Layer layer, const ApiNames& names) {
  auto call = reader.text_not_empty("call");
  if (!call) return {};
  if (!names.is_function(*call)) check_name(reader, "call", *call, "function", names.functions);
  const bool is_known = names.is_function(*call) || fits_any(*call, names.functions);
  if (layer == Layer::kJob && is_known && !fits_any(*call, names.job_functions)) {
    reader.fail("call", quoted(*call) + " starts no job; layer 'call' strikes the call itself");
  }
  return std::move(*call);
}

std::string read_known(TableReader& reader, std::string_view key, std::string_view what,
                       std::span<const std::string_view> known) {
  auto name = reader.text_not_empty(key);
  if (!name) return {};
  check_name(reader, key, *name, what, known);
  return std::move(*name);
}

std::string normal_vm(std::string vm) {
  std::string uuid = normal_uuid(vm);
  return uuid.empty() ? vm : uuid;
}

void read_window(TableReader& reader, Match& match) {
  match.after_ms = reader.integer("after_ms", 0, kMaxInteger).value_or(match.after_ms);
  const auto before = reader.integer("before_ms", 0, kMaxInteger);
  if (!before) return;
  match.before_ms = *before;
  if (*before <= match.after_ms) {
    reader.fail("before_ms", "'before_ms' in " + reader.where() + " is not later than 'after_ms'");
  }
}

std::vector<std::string_view> keys_of(Layer layer) {
  std::vector<std::string_view> keys = {"layer", "after_ms", "before_ms"};
  const auto add = [&keys](std::initializer_list<std::string_view> more) {
    keys.insert(keys.end(), more);
  };
  switch (layer) {
    case Layer::kCall:
      add({"call"});
      break;
    case Layer::kJob:
      add({"call", "vm", "state", "session"});
      break;
    case Layer::kTransition:
      add({"to", "from", "vm"});
      break;
    case Layer::kEvent:
      add({"event", "vm", "session"});
      break;
    case Layer::kStorage:
      add({"step", "path"});
      break;
    case Layer::kMemory:
      add({"call", "object"});
      break;
  }
  return keys;
}

constexpr std::array kMatchSynonyms = {
    Synonym{"function", "call"}, Synonym{"operation", "call"}, Synonym{"operation", "step"},
    Synonym{"job", "call"},      Synonym{"request", "call"},   Synonym{"command", "call"},
    Synonym{"method", "call"},   Synonym{"api", "call"},       Synonym{"type", "event"},
    Synonym{"type", "object"},   Synonym{"file", "path"},      Synonym{"machine", "vm"},
    Synonym{"kind", "layer"},    Synonym{"login", "session"}};
constexpr std::array kTriggerSynonyms = {
    Synonym{"times", "count"},        Synonym{"limit", "count"},      Synonym{"max", "count"},
    Synonym{"chance", "probability"}, Synonym{"rate", "probability"}, Synonym{"after", "skip"}};
constexpr std::array kEffectSynonyms = {
    Synonym{"type", "kind"},      Synonym{"effect", "kind"}, Synonym{"error", "code"},
    Synonym{"result", "code"},    Synonym{"phase", "at"},    Synonym{"when", "at"},
    Synonym{"delay", "delay_ms"}, Synonym{"ms", "delay_ms"}, Synonym{"jump", "jump_s"}};

// Says of a key of another layer where it belongs.
void check_keys(TableReader& reader, Layer layer) {
  std::set<std::string_view> all;
  for (size_t i = 0; i < sim::kLayerCount; ++i) {
    for (const std::string_view key : keys_of(static_cast<Layer>(i))) all.insert(key);
  }
  const std::vector<std::string_view> known(all.begin(), all.end());
  const std::vector<std::string_view> own = keys_of(layer);
  std::vector<Synonym> synonyms;
  for (const Synonym& synonym : kMatchSynonyms) {
    if (std::ranges::find(own, synonym.key) != own.end()) synonyms.push_back(synonym);
  }
  reader.allow_only(known, {}, synonyms);
  for (const std::string_view key : known) {
    if (std::ranges::find(own, key) != own.end()) continue;
    reader.forbid(key, "has no meaning in layer " + quoted(sim::layer_word(layer)));
  }
}

Match read_match(TableReader reader, const ApiNames& names) {
  Match match;
  if (const auto layer = reader.choice("layer", sim::kLayerWords)) {
    match.layer = static_cast<Layer>(*layer);
  }
  check_keys(reader, match.layer);
  switch (match.layer) {
    case Layer::kCall:
    case Layer::kJob:
    case Layer::kMemory:
      match.name = read_call(reader, match.layer, names);
      break;
    case Layer::kTransition:
      match.name = read_known(reader, "to", "state", names.states);
      break;
    case Layer::kEvent:
      match.name = read_known(reader, "event", "event", names.events);
      break;
    case Layer::kStorage:
      match.name = read_known(reader, "step", "step of storage", storage_steps());
      break;
  }
  const std::string_view state = match.layer == Layer::kTransition ? "from" : "state";
  match.state = match.layer == Layer::kMemory
                    ? read_known(reader, "object", "type of object", names.objects)
                    : read_known(reader, state, "state", names.states);
  match.vm = normal_vm(reader.text_not_empty("vm").value_or(""));
  match.path = reader.text_not_empty("path").value_or("");
  match.session = reader.integer("session", 1, kMaxInteger).value_or(0);
  read_window(reader, match);
  return match;
}

std::vector<uint64_t> read_points(TableReader& reader) {
  for (const char* key : {"skip", "count", "every", "probability", "live", "once"}) {
    reader.forbid(key, "has no meaning beside 'points'");
  }
  const auto points = reader.integers("points", 1, kMaxInteger).value_or(std::vector<uint64_t>());
  const auto does_not_rise = [](uint64_t one, uint64_t next) { return one >= next; };
  if (std::ranges::adjacent_find(points, does_not_rise) != points.end()) {
    reader.fail("points", "'points' in " + reader.where() + " must rise from each to the next");
  }
  return points;
}

Trigger read_trigger(TableReader reader) {
  constexpr std::array<std::string_view, 7> kKeys = {"skip", "count", "every", "probability",
                                                     "live", "once",  "points"};
  reader.allow_only(kKeys, {}, kTriggerSynonyms);
  Trigger trigger;
  if (reader.has("points")) {
    trigger.points = read_points(reader);
    return trigger;
  }
  trigger.skip = reader.integer("skip", 0, kMaxInteger).value_or(trigger.skip);
  trigger.count = reader.integer("count", 0, kMaxInteger).value_or(trigger.count);
  trigger.every = reader.integer("every", 1, kMaxInteger).value_or(trigger.every);
  trigger.probability = reader.number("probability", 0, 1).value_or(trigger.probability);
  trigger.live = reader.number("live", 0, 1).value_or(trigger.live);
  if (const auto once = reader.boolean("once")) {
    if (reader.has("count")) reader.fail("once", "'once' says what 'count' says already");
    trigger.count = *once ? 1 : 0;
  }
  return trigger;
}

// Codes are written by name, or as the number that the headers show (0x80000015) or that a program
// prints (-2147483627).
std::optional<int32_t> to_code(TableReader& reader, std::string_view key,
                               const std::variant<int64_t, std::string>& written,
                               const ApiNames& names) {
  if (const auto* name = std::get_if<std::string>(&written)) {
    const auto code = names.code_by_name(*name);
    if (!code) reader.fail(key, "unknown code " + quoted(*name), nearest(*name, names.codes));
    return code;
  }
  const int64_t code = std::get<int64_t>(written);
  if (code < std::numeric_limits<int32_t>::min() || code > std::numeric_limits<uint32_t>::max()) {
    reader.fail(key, quoted(key) + " is " + std::to_string(code) + ", which does not fit 32 bits");
    return std::nullopt;
  }
  return static_cast<int32_t>(static_cast<uint32_t>(code));
}

int32_t read_code(TableReader& reader, FaultKind kind, const ApiNames& names) {
  if (kind != FaultKind::kTimeOut) reader.require("code");
  const auto written = reader.integer_or_text("code", "the name of a code or an integer");
  if (!written) {
    return reader.has("code") ? 0 : names.code_by_name("PRL_ERR_TIMEOUT").value_or(-1);
  }
  const auto value = to_code(reader, "code", *written, names);
  if (value && *value >= 0 && kind != FaultKind::kAsk) {
    reader.fail("code", "'code' must mean a failure, but " + std::to_string(*value) +
                            " means success (failures are negative)");
  }
  return value.value_or(0);
}

// A VM that has come to rest does nothing that could fail, hang or take longer.
void check_phase(TableReader& reader, const Match& match, FaultKind kind, const ApiNames& names) {
  if (match.layer != Layer::kTransition || match.name.empty() || !needs_phase(kind)) return;
  if (fits_any(match.name, names.phases)) return;
  reader.fail("kind", "kind " + quoted(sim::fault_word(kind)) + " cannot strike the state " +
                          quoted(match.name) + ", in which nothing is under way");
}

void check_place(TableReader& reader, Match& match, FaultKind kind, const ApiNames& names) {
  const std::string_view word = sim::fault_word(kind);
  check_phase(reader, match, kind, names);
  if (!can_strike(kind, match.layer)) {
    reader.fail("kind", "kind " + quoted(word) + " cannot strike in layer " +
                            quoted(sim::layer_word(match.layer)));
  }
  const auto steps = steps_for(kind);
  if (match.layer != Layer::kStorage || steps.empty()) return;
  if (match.name.empty()) match.name = steps.front();
  if (std::ranges::find(steps, match.name) != steps.end()) return;
  reader.fail("kind", "kind " + quoted(word) + " cannot strike the step " + quoted(match.name));
}

void read_phase(TableReader& reader, Layer layer, sim::Fault& effect) {
  if (is_about_the_end(effect.kind)) effect.phase = sim::JobPhase::kEnd;
  if (layer != Layer::kJob) return reader.forbid("at", "belongs to layer 'job'");
  if (is_about_the_end(effect.kind) || is_about_the_image(effect.kind)) {
    return reader.forbid("at", "has no meaning for kind " + quoted(sim::fault_word(effect.kind)));
  }
  const auto phase = reader.choice("at", sim::kPhaseWords);
  if (phase) effect.phase = static_cast<sim::JobPhase>(*phase);
}

void read_delay(TableReader& reader, sim::Fault& effect) {
  const bool needs_delay = effect.kind == FaultKind::kDelay || effect.kind == FaultKind::kSlow;
  if (needs_delay) reader.require("delay_ms");
  if (!takes_delay(effect.kind))
    return reader.forbid("delay_ms",
                         "has no meaning for kind " + quoted(sim::fault_word(effect.kind)));
  effect.delay_ms = reader.integer("delay_ms", needs_delay ? 1 : 0, kMaxDelayMs).value_or(0);
}

sim::Fault read_effect(TableReader reader, Match& match, const ApiNames& names) {
  constexpr std::array<std::string_view, 7> kKeys = {"kind",       "code",    "at",    "delay_ms",
                                                     "parameters", "choices", "jump_s"};
  reader.allow_only(kKeys, {}, kEffectSynonyms);
  reader.require("kind");
  sim::Fault effect;
  const auto kind = reader.choice("kind", sim::kFaultWords);
  if (!kind) return effect;
  effect.kind = static_cast<FaultKind>(*kind);
  check_place(reader, match, effect.kind, names);
  read_phase(reader, match.layer, effect);
  read_delay(reader, effect);
  if (has_code(effect.kind)) {
    effect.result_code = read_code(reader, effect.kind, names);
    effect.parameters = reader.texts("parameters").value_or(std::vector<std::string>());
  } else {
    reader.forbid("code", "belongs to kind 'fail'");
    reader.forbid("parameters", "belongs to 'code'");
  }
  if (effect.kind == FaultKind::kAsk) {
    for (const auto& choice :
         reader.integers_or_texts("choices", "a list of names of codes or integers")) {
      effect.choices.push_back(to_code(reader, "choices", choice, names).value_or(0));
    }
  } else {
    reader.forbid("choices", "belongs to kind 'ask'");
  }
  if (effect.kind == FaultKind::kJumpClock) {
    reader.require("jump_s");
    effect.jump_s = reader.signed_integer("jump_s", -kMaxJumpS, kMaxJumpS).value_or(0);
  } else {
    reader.forbid("jump_s", "belongs to kind 'jump_clock'");
  }
  return effect;
}

}  // namespace

std::vector<Rule> read_fault_rules(TableReader& top, const ApiNames& names) {
  std::vector<Rule> rules;
  std::set<std::string> rule_names;
  for (TableReader& reader : top.tables("fault")) {
    reader.allow_only({"name", "match", "trigger", "effect"});
    reader.require("name");
    reader.require("effect");
    Rule& rule = rules.emplace_back();
    if (auto name = reader.text_not_empty("name")) {
      if (!rule_names.insert(*name).second) {
        reader.fail("name", "a second fault named " + quoted(*name));
      }
      rule.name = std::move(*name);
    }
    if (auto match = reader.table("match")) rule.match = read_match(*match, names);
    if (auto trigger = reader.table("trigger")) rule.trigger = read_trigger(*trigger);
    if (auto effect = reader.table("effect")) {
      rule.effect = read_effect(*effect, rule.match, names);
    }
  }
  return rules;
}

}  // namespace prl::faults
