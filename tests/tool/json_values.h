// JSON as tests look at it.
#pragma once

#include <map>
#include <string>

namespace prl::tests {

// Every value that is neither list nor object, by its path ("runs/0/verdict"); texts without their
// quotes. The length of each list has the path of the list. Fails the test, and gives nothing,
// where the text is not JSON to the letter.
std::map<std::string, std::string> json_values(const std::string& text);

}  // namespace prl::tests
