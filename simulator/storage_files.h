// Whole files in a Storage: for what is small, and for copies. Stateless.
#pragma once

#include <string>
#include <string_view>

#include "simulator/seams.h"

namespace prl::sim {

// Writes beside `path` and gives the file its name when it is durable, as write_image() does:
// `path` has the old content or the new one, whatever happens. A failure leaves nothing new behind,
// unless it is that of the last step, sync_folder.
StorageResult<void> write_text_file(Storage& storage, const std::string& path,
                                    std::string_view text);

// Refuses files of more than 64 MiB with EFBIG: no text here comes near.
StorageResult<std::string> read_text_file(Storage& storage, const std::string& path);

// As write_text_file(), with the content of another file.
StorageResult<void> copy_file(Storage& storage, const std::string& from, const std::string& to);

// What comes before the last '/': "/" below the root, "." without any.
std::string folder_of(const std::string& path);
// What comes after it; all where there is none.
std::string name_of(const std::string& path);

// The name under which those two write.
std::string temporary_path(const std::string& path);

// Removes the file if it is there; makes nothing durable.
StorageResult<void> remove_if_there(Storage& storage, const std::string& path);

}  // namespace prl::sim
