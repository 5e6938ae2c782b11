#include "sdk/scenario_words.h"

#include <algorithm>
#include <array>
#include <span>

#include "faults/nearest.h"
#include "sdk/delivery.h"
#include "sdk/environment_names.h"

namespace prl::sdk {

namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}
char upper(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

// "; did you mean 'x'?", or nothing.
std::string question(const std::string& word, std::span<const std::string_view> known) {
  const std::string meant = faults::nearest(word, known);
  return meant.empty() ? "" : "; did you mean '" + meant + "'?";
}

std::string bad_word(const char* what, const std::string& word, const char* why,
                     std::span<const std::string_view> known) {
  std::string small = word;
  std::ranges::transform(small, small.begin(), lower);
  return std::string(what) + " '" + word + "' " + why + question(small, known);
}

}  // namespace

std::string unknown_variable_text(std::string_view name) {
  std::string large(name);
  std::ranges::transform(large, large.begin(), upper);
  const std::string trouble = "unknown environment variable " + std::string(name);
  const std::string meant = question(large, kVariables);
  if (!meant.empty()) return trouble + meant;
  std::string known;
  for (const std::string_view variable : kVariables) known += " " + std::string(variable);
  return trouble + "; known are" + known;
}

std::string bad_clock_text(const std::string& clock) {
  constexpr std::array<std::string_view, 4> kClocks = {"virtual", "manual", "real", "scaled"};
  constexpr const char* kWhy =
      "is none of 'virtual', 'manual', 'real', 'scaled' and "
      "'scaled:<factor above 0, up to 1000000>'";
  // Of a factor the word before it is right.
  if (clock.starts_with("scaled:")) return bad_word("clock", clock, kWhy, {});
  return bad_word("clock", clock, kWhy, kClocks);
}

std::string bad_profile_text(const std::string& profile) {
  constexpr std::array<std::string_view, 2> kProfiles = {"desktop", "virtuozzo"};
  return bad_word("profile", profile, "is neither 'desktop' nor 'virtuozzo'", kProfiles);
}

std::string bad_delivery_text(const std::string& delivery) {
  return bad_word("delivery", delivery, "is none of 'free', 'awaited' and 'late'", kDeliveryWords);
}

}  // namespace prl::sdk
