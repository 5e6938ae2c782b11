#include "tool/shrink.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "sdk/scenario_names.h"
#include "simulator/clock.h"
#include "tool/client_run.h"
#include "tool/expectations.h"
#include "tool/fault_list.h"
#include "tool/json_text.h"
#include "tool/judge.h"
#include "tool/scratch_folder.h"

namespace prl::tool {

namespace {

using Failure = sim::Unexpected<std::string>;

// A file that says nothing would look like one that was lost.
std::string text_of(const faults::Node& document) {
  const std::string text = faults::to_toml(document);
  return text.empty() ? "version = 1\n" : text;
}

// A run of the client.
struct Ran {
  Ending ending;
  TracedRun run = {};
  std::optional<Failing> failing = {};
};

// As the file writes it; empty where it has none.
std::string name_of(const faults::Node& rule) {
  const faults::Node* name = rule.find("name");
  return name ? name->scalar : "";
}

// The scenario without the rule of that name; none where it has no such rule.
std::optional<faults::Node> without_rule(faults::Node document, const std::string& name) {
  faults::Node* rules = document.find("fault");
  if (!rules || std::erase_if(rules->children, [&](const faults::Node& rule) {
                  return name_of(rule) == name;
                }) == 0) {
    return std::nullopt;
  }
  if (rules->children.empty()) {
    std::erase_if(document.children, [](const faults::Node& node) { return node.key == "fault"; });
  }
  return document;
}

faults::Node without_rules(faults::Node document) {
  std::erase_if(document.children, [](const faults::Node& node) { return node.key == "fault"; });
  return document;
}

// What was struck, by rule.
std::map<std::string, std::set<std::string>> struck_in(const TracedRun& run) {
  std::map<std::string, std::set<std::string>> struck;
  for (const TracedFault& fault : run.faults) struck[fault.rule].insert(fault.what);
  return struck;
}

// The names of the rules that say what they match.
std::set<std::string> matching_rules(const faults::Node& document) {
  std::set<std::string> names;
  const faults::Node* rules = document.find("fault");
  if (!rules) return names;
  for (const faults::Node& rule : rules->children) {
    const faults::Node* match = rule.find("match");
    if (match && !match->children.empty()) names.insert(name_of(rule));
  }
  return names;
}

class Shrink {
 public:
  explicit Shrink(const ShrinkOptions& options) : options_(options), settings_(options.settings) {}

  sim::Expected<ShrinkResult, std::string> run() {
    auto document = prepare();
    if (!document) return Failure{document.error()};
    ShrinkResult result{.before = sizes_of(*document)};
    if (const auto failed = fail_first(*document); !failed) return Failure{failed.error()};
    Minimised minimised = minimise(std::move(*document),
                                   [this](const faults::Node& smaller, const std::string& without) {
                                     return attempt(smaller, without);
                                   });
    if (trouble_) return Failure{*trouble_};
    result.runs = runs_;
    result.after = sizes_of(minimised.document);
    result.is_minimal = minimised.is_minimal;
    result.toml = text_of(minimised.document);
    result.ending = tried_.at(result.toml).ending;
    result.failing = *failing_with(minimised.document);
    if (!write_file(options_.out, result.toml)) {
      return Failure{"'" + options_.out + "' cannot be written"};
    }
    Settings settings = settings_;
    settings.scenario = options_.out;
    const bool is_hang = result.failing.kind == Failing::Kind::kTimeout;
    result.replay = run_line(options_.program, settings, options_.command,
                             is_hang ? std::optional(options_.timeout) : std::nullopt);
    return result;
  }

 private:
  sim::Expected<faults::Node, std::string> prepare() {
    const auto own = take_own_scenario(settings_);
    if (!own) return Failure{own.error()};
    if (!settings_.scenario) return Failure{"the scenario is missing; give it with --scenario"};
    const std::string trouble = trouble_with_file(options_.out);
    if (!trouble.empty()) return Failure{"--out: '" + options_.out + "' " + trouble};
    // So that runs take no longer when the scenario no longer says so itself.
    const auto& clock = own->scenario.clock;
    const bool has_no_clock = !settings_.clock && !variable("PRLSIM_CLOCK");
    if (has_no_clock && clock && sim::parse_clock(*clock)) settings_.clock = clock;
    if (!settings_.delivery && !variable("PRLSIM_DELIVERY")) {
      settings_.delivery = own->scenario.delivery.value_or("awaited");
    }
    expectations_ = own->scenario.expectations;
    const auto verdict = found_verdict(own->text);
    is_finding_ = verdict.has_value();
    const bool is_held_against_another =
        verdict == Verdict::kWrongSuccess || verdict == Verdict::kLeftBehind;
    const bool is_free = expectations_.empty() && options_.expect.empty();
    if (is_held_against_another && is_free) verdict_ = verdict;
    if (!scratch_.is_made()) return Failure{"there is no place for temporary files"};
    auto document = faults::parse_document(own->text, *settings_.scenario);
    if (!document) return Failure{document.error().text()};
    if (const faults::Node* node = document->find("expect")) expectations_node_ = *node;
    return std::move(*document);
  }

  sim::Expected<void, std::string> fail_first(const faults::Node& document) {
    original_ = document;
    const Ran ran = run_with(text_of(document));
    if (trouble_) return Failure{*trouble_};
    tried_[text_of(document)] = ran;
    if (verdict_) find_fault(document);
    const auto failing = failing_with(document);
    if (trouble_) return Failure{*trouble_};
    if (!failing) {
      const bool is_unknown = verdict_ == Verdict::kWrongSuccess && !found_;
      return Failure{"with this scenario the client does not fail: it " + ran.ending.text() +
                     (is_unknown ? "; that it should not, an [[expect]] table has to say" : "")};
    }
    first_ = *failing;
    if (!counts(first_)) {
      return Failure{
          fmt::format("with this scenario the client does not fail as expected ({}): it {}",
                      options_.expect, ran.ending.text())};
    }
    return {};
  }

  // Which of the rules the sweep has added: that has the name of a fault which could strike the run
  // without it.
  void find_fault(const faults::Node& document) {
    const faults::Node* rules = document.find("fault");
    if (!rules) return;
    for (size_t i = rules->children.size(); i > 0 && !found_; --i) {  // it stands behind the others
      const std::string name = name_of(rules->children[i - 1]);
      const auto calm = without_rule(document, name);
      const Ran* recording = ran_with(text_of(*calm));
      if (!recording) continue;
      for (const SingleFault& fault : single_faults(recording->run, {.with_calls = true})) {
        if (faults::toml_string(fault.id()) == name) found_ = fault;
      }
    }
  }

  bool counts(const Failing& failing) const {
    return options_.expect.empty() ? failing == first_ : is_expected(failing, options_.expect);
  }

  // How the client fails with the scenario, if it does.
  std::optional<Failing> failing_with(const faults::Node& document) {
    if (found_) return finding_with(document);
    const Ran* ran = ran_with(text_of(document));
    return ran ? ran->failing : std::nullopt;
  }

  // As the sweep has found it: held against the run without the fault.
  std::optional<Failing> finding_with(const faults::Node& document) {
    const auto calm = without_rule(document, faults::toml_string(found_->id()));
    const Ran* recording = calm ? ran_with(text_of(*calm)) : nullptr;
    if (!recording || recording->ending.exit_code() != 0) return std::nullopt;
    const Ran* ran = ran_with(text_of(document));
    if (!ran) return std::nullopt;
    const Judgement judged =
        judge(*found_, recording->run, ran->run, ran->ending, options_.patience_ms);
    if (judged.verdict != verdict_) return std::nullopt;
    const int code = ran->ending.exit_code();
    Failing failing{
        code == 0 ? Failing::Kind::kUnmet : Failing::Kind::kExit, code, {found_->text()}};
    std::ranges::copy_if(judged.details, std::back_inserter(failing.said),
                         [](const std::string& detail) { return detail.starts_with("VM "); });
    return failing;
  }

  // The faults must be what makes the client fail, and strike what they struck at first, or in the
  // end it would fail for another reason. A finding is held against the run without its rule
  // anyway.
  Try attempt(const faults::Node& smaller, const std::string& without) {
    // Without them nobody could see the failure in what is left.
    const faults::Node* expected = smaller.find("expect");
    const bool has_lost = expectations_node_ && (!expected || *expected != *expectations_node_);
    if (first_.kind == Failing::Kind::kUnmet && has_lost) return Try::kLoses;
    if (!matches_as_first(smaller)) return Try::kLoses;
    const size_t runs = runs_;
    bool keeps = fails_with(smaller) && strikes_as_first(smaller);
    if (keeps && !found_) keeps = is_of_its_faults(smaller);
    if (trouble_ || is_exhausted_) return Try::kStop;
    if (runs_ > runs && options_.on_run) options_.on_run(runs_, without, keeps);
    return keeps ? Try::kKeeps : Try::kLoses;
  }

  // Without `match` a rule would strike whatever comes.
  bool matches_as_first(const faults::Node& smaller) const {
    const std::set<std::string> matching = matching_rules(smaller);
    const std::set<std::string> first = matching_rules(original_);
    const faults::Node* rules = smaller.find("fault");
    return !rules || std::ranges::none_of(rules->children, [&](const faults::Node& rule) {
      return first.contains(name_of(rule)) && !matching.contains(name_of(rule));
    });
  }

  // Each rule the same functions, or events and the like, in the same layer.
  bool strikes_as_first(const faults::Node& smaller) {
    const Ran* ran = ran_with(text_of(smaller));
    if (!ran) return false;
    const auto first = struck_in(tried_.at(text_of(original_)).run);
    for (const auto& [rule, struck] : struck_in(ran->run)) {
      const auto known = first.find(rule);
      if (known == first.end() || !std::ranges::includes(known->second, struck)) return false;
    }
    return true;
  }

  // REQUIRES: the client fails with the scenario.
  bool is_of_its_faults(const faults::Node& smaller) {
    const faults::Node calm = without_rules(smaller);
    if (calm == smaller) return !needs_faults();
    const auto failing = failing_with(calm);
    // A sweep has seen it succeed without the fault: then so it has to.
    if (is_finding_ && failing && !failing_with(without_rules(original_))) return false;
    return !failing || !counts(*failing);
  }

  // Whether the client fails so with the faults of the original only. Who says which failures count
  // may have them without any fault, but in a finding of a sweep.
  bool needs_faults() {
    if (!options_.expect.empty() && !is_finding_) return false;
    return !fails_with(without_rules(original_));
  }

  // As it failed at first.
  bool fails_with(const faults::Node& document) {
    const auto failing = failing_with(document);
    return failing && counts(*failing);
  }

  // Null for what is no scenario, which does not count as a run, and where there are to be no more.
  const Ran* ran_with(const std::string& toml) {
    if (const auto known = tried_.find(toml); known != tried_.end()) return &known->second;
    if (!faults::parse_scenario(toml, options_.out, sdk::scenario_names())) return nullptr;
    is_exhausted_ = is_exhausted_ || runs_ >= options_.max_runs;
    if (is_exhausted_ || trouble_) return nullptr;
    return &(tried_[toml] = run_with(toml));
  }

  Ran run_with(const std::string& toml) {
    Settings settings = settings_;
    settings.scenario = scratch_ / "scenario.toml";
    settings.trace = scratch_ / "trace";
    if (!write_file(*settings.scenario, toml)) trouble_ = "temporary files cannot be written";
    ++runs_;
    Ran ran{.ending = run_client(settings, options_.command, scratch_ / "log", options_.timeout)};
    if (ran.ending.kind == Ending::Kind::kInterrupted) trouble_ = "interrupted";
    if (ran.ending.kind == Ending::Kind::kNotStarted) {
      trouble_ = "'" + options_.command.front() + "' " + ran.ending.text();
    }
    ran.run = trace_in(*settings.trace);
    const std::string output = text_of_file(scratch_ / "log");
    const Words missed = unmet(expectations_, ran.run);
    ran.failing = failing_of({ran.ending, ran.run, output, missed}, options_.patience_ms);
    return ran;
  }

  const ShrinkOptions& options_;
  Settings settings_;
  const ScratchFolder scratch_;
  std::vector<faults::Expectation> expectations_;  // of the scenario
  std::optional<faults::Node> expectations_node_;  // where they stand in it
  // Where the scenario is a finding that is one only beside a run without the fault: which.
  std::optional<Verdict> verdict_;
  std::optional<SingleFault> found_;  // the fault of that
  faults::Node original_;
  bool is_finding_ = false;  // of a sweep
  Failing first_;
  bool is_exhausted_ = false;  // no more runs are allowed
  size_t runs_ = 0;
  std::map<std::string, Ran> tried_;  // by scenario
  std::optional<std::string> trouble_;
};

std::string json_of(const Sizes& sizes) {
  return fmt::format("{{\"vms\": {}, \"faults\": {}, \"values\": {}}}", sizes.vms, sizes.faults,
                     sizes.values);
}

void print_text(const ShrinkResult& result, const std::string& file, std::ostream& out) {
  const Sizes& before = result.before;
  const Sizes& after = result.after;
  fmt::print(out, "{}: {} runs; VMs: {} -> {}, faults: {} -> {}, values: {} -> {}\n", file,
             result.runs, before.vms, after.vms, before.faults, after.faults, before.values,
             after.values);
  if (!result.is_minimal) fmt::print(out, "more runs (--max-runs) could make it smaller\n");
  fmt::print(out, "the client {}\n", result.ending.text());
  const bool is_misuse = result.failing.kind == Failing::Kind::kMisuse;
  if (!result.failing.said.empty()) {
    fmt::print(out, "  {}{}\n", is_misuse ? "misused a handle: " : "", result.failing.text());
  }
  fmt::print(out, "  {}\n", result.replay);
}

void print_json(const ShrinkResult& result, const std::string& file, std::ostream& out) {
  fmt::print(out,
             "{{\n  \"runs\": {},\n  \"is_minimal\": {},\n  \"before\": {},\n  \"after\": {},\n"
             "  \"exit_code\": {},\n  \"said\": {},\n  \"scenario\": {},\n  \"toml\": {},\n  "
             "\"replay\": {}\n}}\n",
             result.runs, result.is_minimal, json_of(result.before), json_of(result.after),
             result.ending.exit_code(), json_list(result.failing.said), json(file),
             json(result.toml), json(result.replay));
}

}  // namespace

sim::Expected<ShrinkResult, std::string> shrink(const ShrinkOptions& options) {
  return Shrink(options).run();
}

int shrink_command(ShrinkOptions options, std::ostream& out, std::ostream& err) {
  options.on_run = [&err](size_t run, const std::string& without, bool is_left_out) {
    fmt::print(err, "run {}: without {}: {}\n", run, without, is_left_out ? "left out" : "kept");
    err.flush();
  };
  const auto result = shrink(options);
  if (!result) {
    fmt::print(err, "prlsim: {}\n", result.error());
    return 2;
  }
  if (options.json) {
    print_json(*result, options.out, out);
  } else {
    print_text(*result, options.out, out);
  }
  return result->is_minimal ? 0 : 1;
}

}  // namespace prl::tool
