#include "tests/model/walk_texts.h"

#include <array>
#include <ostream>
#include <string>
#include <vector>

#include "tests/model/walk.h"

namespace prl::model {
namespace {

std::string text_of(const Move& move) {
  switch (move.kind) {
    case Move::Kind::kOrder:
      return order_text(move.order);
    case Move::Kind::kWait:
      return "wait " + std::to_string(move.wait_ms) + " ms";
    case Move::Kind::kWaitForNext:
      return "wait for what happens next";
  }
  return "";
}

}  // namespace

State state_of(sim::State state) {
  static const auto states = [] {
    std::array<State, sim::kStateCount> found{};  // unknown
    for (size_t i = 0; i < found.size(); ++i) {
      for (uint8_t k = 0; k < kStateCount; ++k) {
        const bool is_same = state_name(State{k}) == sim::state_name(static_cast<sim::State>(i));
        if (is_same) found[i] = State{k};
      }
    }
    return found;
  }();
  return states[static_cast<size_t>(state)];
}

std::string move_text(const Move& move) {
  return move.host == 0 ? text_of(move)
                        : "on host " + std::to_string(move.host) + " " + text_of(move);
}

std::string script_text(const std::vector<Move>& script) {
  std::string text;
  for (const Move& move : script) text += "  " + move_text(move) + "\n";
  return text;
}

void showValue(const Move& move, std::ostream& out) {
  out << move_text(move);
}

void showValue(AutoStart when, std::ostream& out) {
  constexpr std::array kNames = {"no automatic start", "starts on load", "starts on reload"};
  out << kNames[static_cast<size_t>(when)];
}

}  // namespace prl::model
