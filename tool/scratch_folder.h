// A folder of the tool's own under the system's temporary folder, removed with everything in it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace prl::tool {

class ScratchFolder {
 public:
  ScratchFolder() : is_made_(make(path_)) {}
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (is_made_) std::filesystem::remove_all(path_, ignored);
  }

  // False where the system has no place for it.
  bool is_made() const { return is_made_; }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  static bool make(std::string& path) {
    std::error_code error;
    const auto folder = std::filesystem::temp_directory_path(error);
    if (error) return false;
    path = (folder / "prlsim-XXXXXX").string();
    return ::mkdtemp(path.data()) != nullptr;
  }

  std::string path_;
  const bool is_made_;
};

}  // namespace prl::tool
