// What makes a text sound: every function and every error that it names exists.
#include <algorithm>
#include <cctype>
#include <set>

#include "catalogue.h"

namespace prl::codegen {
namespace {

// The words of the text that are spelled like names of C.
std::vector<std::string> names_in(const std::string& text) {
  const auto is_part = [](const char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  std::vector<std::string> names;
  for (auto start = text.begin(); start != text.end();) {
    start = std::find_if(start, text.end(), is_part);
    const auto end = std::find_if_not(start, text.end(), is_part);
    if (std::find(start, end, '_') != end) names.emplace_back(start, end);
    start = end;
  }
  return names;
}

class TextChecker {
 public:
  TextChecker(const Catalogue& catalogue, Problems& problems)
      : catalogue_(catalogue), problems_(problems) {
    for (const ResultCode& code : catalogue.result_codes) codes_.insert(code.name);
  }

  void check(const Place& place, const std::string& text) {
    for (const std::string& name : names_in(text)) {
      const bool is_function = name.rfind("Prl", 0) == 0;
      const bool is_code = name.rfind("PRL_ERR_", 0) == 0;
      if (is_function ? catalogue_.find_function(name) != nullptr
                      : !is_code || codes_.count(name)) {
        continue;
      }
      problems_.add(place.file, place.line, "the text names " + name + ", which does not exist");
    }
  }

 private:
  const Catalogue& catalogue_;
  Problems& problems_;
  std::set<std::string> codes_;
};

}  // namespace

void check_texts(const Catalogue& catalogue, Problems& problems) {
  TextChecker checker(catalogue, problems);
  for (const Function& function : catalogue.functions) checker.check(function.place, function.text);
  for (const ResultText& text : catalogue.result_texts) checker.check(text.place, text.detailed);
}

}  // namespace prl::codegen
