// prl_codegen CATALOGUE PREAMBLES TESTS TRANSITIONS OUTPUT: writes the public headers and the
// generated sources of the library. Complains about every faulty row as "file:line: text" and then
// writes nothing.
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "emit.h"

namespace prl::codegen {

void Output::write(const std::string& relative_path, const std::string& text) const {
  const std::filesystem::path path = folder_ / relative_path;
  {
    std::ifstream old(path, std::ios::binary);
    const std::string before{std::istreambuf_iterator<char>(old), std::istreambuf_iterator<char>()};
    if (old.is_open() && before == text) return;
  }
  std::filesystem::create_directories(path.parent_path());
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + path.string());
}

namespace {

int report(const Problems& problems) {
  for (const std::string& message : problems.messages()) std::cerr << message << "\n";
  return 1;
}

int run(const char* catalogue_folder, const char* preambles, const char* test_folder,
        const char* transitions, const char* output_folder) {
  Problems problems;
  const Catalogue catalogue = Catalogue::load(catalogue_folder, problems);
  const std::string cells = inferred_cells(catalogue, transitions, problems);
  if (!problems.empty()) return report(problems);
  const Output output(output_folder);
  emit_headers(catalogue, preambles, output, problems);
  if (!problems.empty()) return report(problems);
  emit_wrap(catalogue, output);
  emit_exports(catalogue, output);
  TextPool texts;
  emit_tables(catalogue, texts, output);
  emit_properties(catalogue, texts, output);
  texts.emit(output);
  emit_facts(catalogue, output);
  emit_misuse(catalogue, output);
  emit_fidelity(catalogue, test_folder, cells, output);
  return 0;
}

}  // namespace
}  // namespace prl::codegen

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: prl_codegen CATALOGUE PREAMBLES TESTS TRANSITIONS OUTPUT\n";
    return 2;
  }
  try {
    return prl::codegen::run(argv[1], argv[2], argv[3], argv[4], argv[5]);
  } catch (const std::exception& error) {
    std::cerr << "prl_codegen: " << error.what() << "\n";
    return 1;
  }
}
