#include "tool/doctor.h"

#include <Parallels.h>
#include <dlfcn.h>
#include <fmt/ostream.h>
#include <link.h>
#include <string.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include "tool/client_run.h"
#include "tool/home_check.h"
#include "tool/json_text.h"
#include "tool/process.h"
#include "tool/scratch_folder.h"

namespace prl::tool {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kProbeTimeout{30'000};

// Exit codes of probe().
constexpr int kGood = 0;
constexpr int kNotLoaded = 10;
constexpr int kForeign = 11;
constexpr int kNotInitialised = 12;

// What the probe found, in its words.
struct Found {
  int code = kGood;
  Words lines;
};

// What the probe says of the environment that it was given, which lacks the places.
constexpr std::string_view kInOrder = "; the environment is in order.";

// Loads the library in a process of its own, with the environment of the settings.
Found run_probe(Settings settings, const std::string& program) {
  settings.trace = "";  // Init would empty the file
  settings.leaks = "";  // and make this one
  const ScratchFolder scratch;
  const std::string output = scratch / "probe";
  const Ending ending =
      run_apart({program, "probe"}, environment_for(settings), output, kProbeTimeout);
  Found found{.code = ending.exit_code(), .lines = {}};
  std::istringstream text(text_of_file(output));
  for (std::string line; std::getline(text, line);) found.lines.push_back(line);
  if (ending.kind != Ending::Kind::kExited) {
    found.lines.push_back("  the program that loads it " + ending.text());
  }
  return found;
}

// A variable that names a file or a folder.
struct Place {
  const char* name;
  std::string value;
  std::string trouble;  // empty: none
};

struct Diagnosis {
  std::optional<Found> given;  // the library that the tool gives to a client; none: there is none
  Found own;                   // that which a client finds by itself
  std::vector<Place> places;

  // Without the tool a client need not find any library. That one may be somebody else's is worth
  // a line.
  bool is_well() const {
    return given && given->code == kGood &&
           std::ranges::all_of(places, [](const Place& place) { return place.trouble.empty(); });
  }
};

// What is wrong with the home and what is in it.
std::string trouble_in(const std::string& home) {
  std::string trouble = trouble_with_home(home);
  if (!trouble.empty()) return trouble;
  for (const std::string& damage : damage_in_home(home)) {
    trouble += (trouble.empty() ? "is damaged: " : "; ") + damage;
  }
  if (trouble.ends_with('.')) trouble.pop_back();  // whoever says it ends the sentence
  return trouble;
}

// Where a place is none, all is not in order.
void point_at_places(Found& found) {
  for (std::string& line : found.lines) {
    if (!line.ends_with(kInOrder)) continue;
    line.resize(line.size() - kInOrder.size());
    line += "; what is wrong with the environment is said below.";
  }
}

Diagnosis diagnose(const Settings& settings, const std::string& program) {
  Diagnosis diagnosis;
  if (settings.library) diagnosis.given = run_probe(settings, program);
  Settings bare = settings;
  bare.library.reset();
  diagnosis.own = run_probe(bare, program);
  if (const auto home = variable("PRLSIM_HOME")) {
    diagnosis.places.push_back({"PRLSIM_HOME", *home, trouble_in(*home)});
  }
  // The probe has none of these, and so says nothing of them.
  for (const char* name : {"PRLSIM_TRACE", "PRLSIM_LEAKS"}) {
    if (const auto file = variable(name)) {
      diagnosis.places.push_back({name, *file, trouble_with_file(*file)});
    }
  }
  const bool are_well = std::ranges::all_of(diagnosis.places, &std::string::empty, &Place::trouble);
  if (!are_well && diagnosis.given) point_at_places(*diagnosis.given);
  if (!are_well) point_at_places(diagnosis.own);
  return diagnosis;
}

void print_text(const Diagnosis& diagnosis, std::ostream& out) {
  const auto print_lines = [&out](const Found& found) {
    for (const std::string& line : found.lines) fmt::print(out, "{}\n", line);
  };
  if (diagnosis.given) {
    fmt::print(out, "The library that 'prlsim run' and 'prlsim sweep' give to a client:\n");
    print_lines(*diagnosis.given);
  } else {
    fmt::print(out, "There is no {} beside this tool; say where it is with --library.\n", kLibrary);
  }
  fmt::print(out, "The library that a client finds without them:\n");
  print_lines(diagnosis.own);
  for (const Place& place : diagnosis.places) {
    fmt::print(out, "{}: '{}' {}.\n", place.name, place.value,
               place.trouble.empty() ? "can be used" : place.trouble);
  }
  fmt::print(out, "{}\n", diagnosis.is_well() ? "All is well." : "Something is wrong, see above.");
}

std::string json_of(const Found& found) {
  std::string_view state = "fails";
  if (found.code == kGood) state = "good";
  if (found.code == kNotLoaded) state = "none";
  if (found.code == kForeign) state = "foreign";
  if (found.code == kNotInitialised) state = "refuses";
  Words lines;  // without the indentation
  for (const std::string& line : found.lines) {
    lines.push_back(line.substr(std::min(line.size(), line.find_first_not_of(' '))));
  }
  return fmt::format("{{\"state\": {}, \"lines\": {}}}", json(state), json_list(lines));
}

void print_json(const Diagnosis& diagnosis, std::ostream& out) {
  std::vector<std::string> places;
  for (const Place& place : diagnosis.places) {
    places.push_back(fmt::format("{{\"name\": {}, \"value\": {}, \"trouble\": {}}}",
                                 json(place.name), json(place.value), json(place.trouble)));
  }
  fmt::print(out,
             "{{\n  \"is_well\": {},\n  \"given_library\": {},\n  \"own_library\": {},\n"
             "  \"places\": {}\n}}\n",
             diagnosis.is_well(), diagnosis.given ? json_of(*diagnosis.given) : "null",
             json_of(diagnosis.own), json_rows(places, "  "));
}

}  // namespace

int doctor(const Settings& settings, const std::string& program, bool as_json, std::ostream& out) {
  const Diagnosis diagnosis = diagnose(settings, program);
  if (as_json) {
    print_json(diagnosis, out);
  } else {
    print_text(diagnosis, out);
  }
  return diagnosis.is_well() ? 0 : 1;
}

int probe(std::ostream& out) {
  void* library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    fmt::print(out, "  none: {}\n", ::dlerror());
    return kNotLoaded;
  }
  link_map* map = nullptr;
  std::error_code error;
  if (::dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 && map) {
    fmt::print(out, "  {}\n", fs::canonical(map->l_name, error).string());
    out.flush();  // before the library says something itself
  }
  if (!::dlsym(library, "PrlSim_GetTime")) {
    fmt::print(out, "  It is not the library of prlsim.\n");
    return kForeign;
  }
  const auto init =
      reinterpret_cast<PRL_RESULT (*)(PRL_UINT32, PRL_APPLICATION_MODE, PRL_UINT32, PRL_UINT32)>(
          ::dlsym(library, "PrlApi_InitEx"));
  const auto deinit = reinterpret_cast<PRL_RESULT (*)()>(::dlsym(library, "PrlApi_Deinit"));
  if (!init || !deinit || PRL_FAILED(init(PARALLELS_API_VER, PAM_SERVER, 0, 0))) {
    // The library has said why on stderr, which goes where our words go.
    fmt::print(out, "  It refuses to start with this environment.\n");
    return kNotInitialised;
  }
  fmt::print(out, "  It is the library of prlsim, API version {}.{}{}\n", PARALLELS_API_VER >> 16,
             PARALLELS_API_VER & 0xFFFF, kInOrder);
  deinit();
  return kGood;
}

}  // namespace prl::tool
