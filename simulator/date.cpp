#include "simulator/date.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace prl::sim {

std::string date_text(uint64_t openings, uint64_t now_ms) {
  return date_text(date_seconds(openings, now_ms));
}

int64_t date_seconds(uint64_t openings, uint64_t now_ms) {
  namespace chrono = std::chrono;
  constexpr chrono::sys_days kFirstDay = chrono::year(2025) / chrono::January / 1;
  const auto first_second = kFirstDay + chrono::days(openings > 0 ? openings - 1 : 0);
  const auto moment = first_second + chrono::seconds(now_ms / 1000);
  return chrono::seconds(moment.time_since_epoch()).count();
}

std::string date_text(int64_t seconds) {
  namespace chrono = std::chrono;
  const chrono::sys_seconds moment{chrono::seconds(seconds)};
  const auto day = chrono::floor<chrono::days>(moment);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss time(moment - day);
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return text.data();
}

}  // namespace prl::sim
