#include "sdk/ledger.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "names.h"

#if defined(__has_include)
#if __has_include(<execinfo.h>)
#include <execinfo.h>
#define PRLSIM_HAS_BACKTRACE 1
#endif
#endif

namespace prl::sdk {

namespace {

constexpr size_t kDeadMax = 100'000;    // handles whose end is remembered
constexpr size_t kMisusesMax = 10'000;  // that are remembered; the trace has all
constexpr size_t kStackMax = 32;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::vector<void*> stack_of_this_thread() {
#ifdef PRLSIM_HAS_BACKTRACE
  std::vector<void*> frames(kStackMax);
  frames.resize(static_cast<size_t>(::backtrace(frames.data(), kStackMax)));
  return frames;
#else
  return {};
#endif
}

// One line a frame, each with two blanks in front.
std::string stack_text(const std::vector<void*>& stack) {
  std::string text;
#ifdef PRLSIM_HAS_BACKTRACE
  if (stack.empty()) return text;
  const std::unique_ptr<char*, decltype(&std::free)> names(
      ::backtrace_symbols(stack.data(), static_cast<int>(stack.size())), &std::free);
  for (size_t i = 0; names && i < stack.size(); ++i)
    text += "  " + std::string(names.get()[i]) + "\n";
#endif
  return text;
}

}  // namespace

void Ledger::begin_call(std::string_view function, uint64_t time_ms) {
  std::lock_guard lock(mutex_);
  const std::thread::id thread = std::this_thread::get_id();
  const uint32_t number =
      threads_.try_emplace(thread, static_cast<uint32_t>(threads_.size() + 1)).first->second;
  last_time_ms_ = time_ms;
  under_way_[thread].push_back(
      {.function = function, .call = ++calls_, .time_ms = time_ms, .thread = number});
}

void Ledger::note_bad_handle(uint64_t value) {
  std::lock_guard lock(mutex_);
  Place* call = call_here();
  if (call && call->bad_value == 0) call->bad_value = value;
}

void Ledger::end_call(sim::Trace& trace, bool is_bad_argument) {
  std::lock_guard lock(mutex_);
  const auto found = under_way_.find(std::this_thread::get_id());
  if (found == under_way_.end()) return;
  const Place place = found->second.back();
  found->second.pop_back();
  if (found->second.empty()) under_way_.erase(found);
  // Handles that may be left out are zero, and no misuse (core-api 2.2).
  if (!is_bad_argument || place.bad_value == 0) return;
  const std::string text = misuse_text(place);
  trace.line(place.time_ms, "misuse", text);
  if (misuses_.size() < kMisusesMax) misuses_.push_back(text);
}

Ledger::Place* Ledger::call_here() {
  const auto found = under_way_.find(std::this_thread::get_id());
  return found == under_way_.end() ? nullptr : &found->second.back();
}

Ledger::Place Ledger::here() {
  const Place* call = call_here();
  return call ? *call : Place{.time_ms = last_time_ms_};
}

void Ledger::given(uint32_t value, uint32_t type) {
  std::lock_guard lock(mutex_);
  Entry& entry = live_[value];
  if (entry.references++ > 0) return;
  dead_.erase(value);  // a shared object that the client takes up again
  entry.number = ++objects_;
  entry.type = type;
  entry.made = here();
  if (options_.mode == LedgerMode::kWithStacks) entry.stack = stack_of_this_thread();
}

void Ledger::taken_back(uint32_t value) {
  std::lock_guard lock(mutex_);
  const auto found = live_.find(value);
  if (found == live_.end() || --found->second.references > 0) return;
  found->second.freed = here();
  found->second.stack.clear();
  dead_[value] = std::move(found->second);
  live_.erase(found);
  dead_order_.push_back(value);
  if (dead_order_.size() <= kDeadMax) return;
  dead_.erase(dead_order_.front());
  dead_order_.pop_front();
}

void Ledger::close(sim::Trace& trace, uint64_t time_ms) {
  std::lock_guard lock(mutex_);
  std::string leaks;
  for (const Entry* entry : live_entries()) {
    const std::string text = entry_text(*entry);
    trace.line(time_ms, "leak", text);
    leaks += text + "\n";
  }
  if (leaks.empty() || options_.leaks_path.empty()) return;
  // Several processes may end at the same time: all at once, so that their lines stay whole.
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(options_.leaks_path.c_str(), "ae"));
  if (file) std::fwrite(leaks.data(), 1, leaks.size(), file.get());
}

std::vector<const Ledger::Entry*> Ledger::live_entries() const {
  std::vector<const Entry*> entries;
  for (const auto& [value, entry] : live_) entries.push_back(&entry);
  std::ranges::sort(entries, {}, [](const Entry* entry) { return entry->number; });
  return entries;
}

std::string Ledger::entry_text(const Entry& entry) const {
  std::string text = "#" + std::to_string(entry.number) + " " + handle_type_name(entry.type) +
                     " from " + std::string(entry.made.function);
  if (entry.made.call != 0) text += " (call " + std::to_string(entry.made.call) + ")";
  text += " at " + std::to_string(entry.made.time_ms) + " ms";
  if (entry.references > 1) text += ", " + std::to_string(entry.references) + " references";
  return text;
}

std::string Ledger::misuse_text(const Place& place) const {
  std::string text = std::string(place.function) + " (call " + std::to_string(place.call) + "): ";
  const auto value = static_cast<uint32_t>(place.bad_value);
  const bool is_plausible = place.bad_value <= UINT32_MAX;
  if (const auto dead = dead_.find(value); is_plausible && dead != dead_.end()) {
    const bool is_free = place.function == "PrlHandle_Free";
    text += is_free ? "frees a second time " : "uses after it was freed ";
    return text + entry_text(dead->second) + ", freed by " +
           std::string(dead->second.freed.function) + " (call " +
           std::to_string(dead->second.freed.call) + ")";
  }
  if (const auto live = live_.find(value); is_plausible && live != live_.end()) {
    return text + "takes no handle of this type: " + entry_text(live->second);
  }
  return text + "was given a value that was never a handle";
}

LedgerCounts Ledger::counts() const {
  std::lock_guard lock(mutex_);
  return {.live = static_cast<uint32_t>(live_.size()),
          .misuses = static_cast<uint32_t>(misuses_.size())};
}

std::string Ledger::text() const {
  std::lock_guard lock(mutex_);
  std::string text;
  for (const Entry* entry : live_entries()) {
    text += "live " + entry_text(*entry) + ", thread " + std::to_string(entry->made.thread) + "\n" +
            stack_text(entry->stack);
  }
  for (const std::string& misuse : misuses_) text += "misuse " + misuse + "\n";
  return text;
}

}  // namespace prl::sdk
