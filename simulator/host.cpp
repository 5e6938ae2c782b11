#include "simulator/host.h"

namespace prl::sim {

namespace {

const PropertyTree& find_in(const Documents& documents, std::string_view name) {
  static const PropertyTree none;
  const auto found = documents.find(name);
  return found == documents.end() ? none : found->second;
}

}  // namespace

Outcome Host::open() {
  auto kept = store_.documents();
  if (!kept) return kept.error();
  documents_ = initial_;
  for (auto& [name, content] : *kept) documents_[name] = std::move(content);
  stamps_.clear();
  return {};
}

const PropertyTree& Host::document(std::string_view name) const {
  return find_in(documents_.empty() ? initial_ : documents_, name);
}

const PropertyTree& Host::initial(std::string_view name) const { return find_in(initial_, name); }

Outcome Host::put(const std::string& name, PropertyTree content) {
  if (const auto kept = store_.put_document(name, content); !kept) return kept.error();
  documents_[name] = std::move(content);
  return {};
}

void Host::begin_edit(const SessionObserver& session, const std::string& name) {
  stamps_[name][&session] = document(name);
}

Outcome Host::commit_edit(const SessionObserver& session, const std::string& name,
                          const PropertyTree& mine) {
  const auto of_document = stamps_.find(name);
  if (of_document == stamps_.end() || of_document->second.empty()) {
    return {OutcomeKind::kEditNotBegun, {name}};
  }
  const auto stamp = of_document->second.find(&session);
  if (stamp == of_document->second.end()) return {OutcomeKind::kEditBegunByOthers, {name}};
  auto merged = PropertyTree::merge(stamp->second, mine, document(name));
  if (!merged) return {OutcomeKind::kDocumentWasChanged, {name}};
  if (Outcome kept = put(name, std::move(*merged)); !kept.ok()) return kept;
  of_document->second.erase(stamp);
  return {};
}

void Host::forget_session(const SessionObserver& session) {
  for (auto& [name, of_document] : stamps_) of_document.erase(&session);
  std::erase_if(repeats_, [&](const auto& item) { return item.second.session == &session; });
}

void Host::repeat(const SessionObserver& session, const std::string& name, uint64_t period_ms,
                  Tick tick) {
  end_repeat(session, name);
  const uint64_t number = next_repeat_++;
  repeats_.emplace(number, Repeat{&session, name, period_ms, std::move(tick)});
  begun_.push_back({number, period_ms});
}

bool Host::end_repeat(const SessionObserver& session, const std::string& name) {
  return std::erase_if(repeats_, [&](const auto& item) {
           return item.second.session == &session && item.second.name == name;
         }) > 0;
}

std::optional<Host::Due> Host::run_repeat(uint64_t number, HostStep& step) {
  const auto found = repeats_.find(number);
  if (found == repeats_.end()) return std::nullopt;
  const Due next{number, found->second.period_ms};
  const Tick tick = found->second.tick;  // it may end itself
  tick(step);
  return next;
}

}  // namespace prl::sim
