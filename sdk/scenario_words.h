// What is said of a variable or a word of the environment that is wrong, the same by the library
// and by its command. Stateless, any thread.
#pragma once

#include <string>
#include <string_view>

namespace prl::sdk {

// Sentences without a full stop, with the name or word that was probably meant, however it is
// capitalised.
std::string unknown_variable_text(std::string_view name);
std::string bad_clock_text(const std::string& clock);
std::string bad_profile_text(const std::string& profile);
std::string bad_delivery_text(const std::string& delivery);

}  // namespace prl::sdk
