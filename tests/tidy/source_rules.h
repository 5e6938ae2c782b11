// The rules of the house that a program can check: who may include whom, and what no source may
// contain. Stateless, any thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace prl::tidy {

struct Finding {
  std::string path;  // from the root of the project, "simulator/vm.cpp"
  size_t line = 0;   // from 1
  std::string message;

  std::string text() const;  // "simulator/vm.cpp:12: the simulator may not include sdk/"
};

// Findings in one source of the project. `root` serves to resolve includes relative to the file.
std::vector<Finding> check_source(const std::filesystem::path& root, const std::string& path,
                                  std::string_view text);

// The sources of the project that the rules are about, sorted, as paths from `root`.
std::vector<std::string> list_sources(const std::filesystem::path& root);

// `text` with comments replaced by nothing and lines kept.
std::string without_comments(std::string_view text);

}  // namespace prl::tidy
