// A private copy of the real catalogue, for a test to damage. It goes away with the object.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"

class CatalogueCopy {
 public:
  CatalogueCopy() {
    std::filesystem::copy(PRLSIM_CATALOGUE_DIR, folder() / "catalogue",
                          std::filesystem::copy_options::recursive);
    std::filesystem::create_directory(folder() / "tests");
  }
  CatalogueCopy(const CatalogueCopy&) = delete;

  std::filesystem::path folder() const { return folder_.path(); }
  std::filesystem::path catalogue() const { return folder_ / "catalogue"; }

  std::vector<std::string> lines(const std::string& file) const {
    std::ifstream stream(catalogue() / file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  // Adds a line at the end of a file and returns the complaint's start: "<path>:<line>: ".
  std::string append(const std::string& file, const std::string& line) const {
    const size_t number = lines(file).size() + 1;
    std::ofstream(catalogue() / file, std::ios::app) << line << "\n";
    return (catalogue() / file).string() + ":" + std::to_string(number) + ": ";
  }

  // Replaces a text on the first line that holds it; returns the complaint's start, or "" when no
  // line does.
  std::string replace(const std::string& file, const std::string& old_text,
                      const std::string& new_text) const {
    std::vector<std::string> all = lines(file);
    std::string start;
    for (size_t i = 0; i < all.size() && start.empty(); ++i) {
      const size_t at = all[i].find(old_text);
      if (at == std::string::npos) continue;
      all[i].replace(at, old_text.size(), new_text);
      start = (catalogue() / file).string() + ":" + std::to_string(i + 1) + ": ";
    }
    std::ofstream stream(catalogue() / file, std::ios::trunc);
    for (const std::string& line : all) stream << line << "\n";
    return start;
  }

 private:
  const prl::tests::TemporaryFolder folder_;
};
