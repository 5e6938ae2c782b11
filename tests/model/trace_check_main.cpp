// model_trace_check FILE...: says for each trace whether it conforms to the reference model, and
// the first line of it that does not. Exit status 1 where one does not, 2 where one cannot be read.
#include <fstream>
#include <iostream>

#include "tests/model/trace_check.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: model_trace_check FILE...\n";
    return 2;
  }
  int status = 0;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i]);
    if (!file || file.peek() == std::ifstream::traits_type::eof()) {
      std::cerr << argv[i] << ": cannot be read, or is empty\n";
      return 2;
    }
    const auto verdict = prl::model::check_trace(file);
    if (verdict.violation.empty()) {
      std::cout << argv[i] << ": " << verdict.lines << " lines, " << verdict.jobs << " jobs ended, "
                << verdict.judged << " of them judged, " << verdict.states << " changes of state, "
                << verdict.passed_over << " lines passed over\n";
    } else {
      std::cout << argv[i] << ": " << verdict.violation << "\n";
      status = 1;
    }
  }
  return status;
}
