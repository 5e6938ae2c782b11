// Where the traces of two runs part. Stateless, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace prl::tool {

// A line that is not there is empty.
struct TraceDifference {
  size_t line = 0;  // of the recorded one, from 1
  std::string recorded;
  std::string now;
  std::string file = {};  // of handlers, "handlers-1"; empty: the trace itself
};

// Whether times count. On a clock that passes by itself chance says what they are, and where the
// client's calls stand among the lines of what happens on the host: then neither counts, nor which
// clock it was.
enum class Times : uint8_t { kCompared, kIgnored };

// Lines of kind drawn do not count, nor do the digits of identities. Where `is_cut`, the new run
// was ended from outside, and its trace counts as far as it goes.
std::optional<TraceDifference> first_difference(const std::string& recorded, const std::string& now,
                                                bool is_cut, Times times = Times::kCompared);

// The same for the calls of handlers, which lie in files beside the traces: the first of the files
// that differ. Where `is_cut`, they count as far as both go.
std::optional<TraceDifference> first_difference_of_handlers(const std::string& recorded_path,
                                                            const std::string& path, bool is_cut);

// Of its lines those that are compared.
size_t count_compared_lines(const std::string& trace, Times times = Times::kCompared);

// Whether its world has ended.
bool has_end(const std::string& trace);

}  // namespace prl::tool
