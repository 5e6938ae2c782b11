// What installers of guest systems read instead of asking a user. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "simulator/answer_media.h"

namespace prl::sdk {

struct InstallAnswers {
  std::string user;
  std::string full_name;
  std::string password;
  std::string company;
  std::string serial_key;
  std::string distribution;  // where its files are
};

// Of Windows Vista and its successors, of Windows XP, and of Linux.
sim::MediaFile windows_answers(const InstallAnswers& answers);
sim::MediaFile old_windows_answers(const InstallAnswers& answers);
sim::MediaFile linux_answers(const InstallAnswers& answers);

}  // namespace prl::sdk
