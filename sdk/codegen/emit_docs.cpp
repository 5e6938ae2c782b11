#include <sstream>

#include "emit.h"

namespace prl::codegen {
namespace {

// A paragraph as lines of a block comment.
std::string wrapped(const std::string& text) {
  std::istringstream stream(text);
  std::string result;
  std::string line = " *";
  for (std::string word; stream >> word;) {
    if (line.size() + 1 + word.size() > kColumnsMax) {
      result += line + "\n";
      line = " *";
    }
    line += " " + word;
  }
  return result + line + "\n";
}

std::string ownership(const Function& function) {
  std::string text;
  for (size_t i = 0; i < function.parameters.size(); ++i) {
    const Parameter& parameter = function.parameters[i];
    if (parameter.type == "PRL_HANDLE_PTR") {
      text += " *" + parameter.name +
              " receives a handle that the caller frees with"
              " PrlHandle_Free.";
    } else if (parameter.type == "PRL_VOID_PTR_PTR") {
      text += " *" + parameter.name +
              " receives a buffer that the caller frees with"
              " PrlBuffer_Free.";
    } else if (parameter.type == "PRL_STR" && i + 1 < function.parameters.size() &&
               function.parameters[i + 1].type == "PRL_UINT32_PTR") {
      const std::string& length = function.parameters[i + 1].name;
      text += " The caller owns " + parameter.name + " and says its size in bytes in *" + length +
              "; with a null buffer only *" + length + " is set, to the size needed.";
    }
  }
  return text;
}

std::string outcome(const Function& function) {
  if (function.binding == Binding::kNone) {
    const std::string why = "prlsim does not model this call (" + function.reason + "): ";
    if (function.is_async) {
      return why +
             "it returns a finished job whose code is PRL_ERR_UNIMPLEMENTED, which the"
             " caller frees with PrlHandle_Free.";
    }
    return why + "it answers PRL_ERR_UNIMPLEMENTED.";
  }
  if (function.is_async) {
    return "Returns the handle of a job (" + function.job_name +
           "), which the caller frees with PrlHandle_Free; a bad argument gives a finished job"
           " with the code PRL_ERR_INVALID_ARG.";
  }
  return "Returns PRL_ERR_SUCCESS, or PRL_ERR_INVALID_ARG for a handle or pointer that does not"
         " fit.";
}

std::string history(const Function& function) {
  std::string text = "Since API " + function.since + ", ";
  if (function.editions == Editions::kBoth) text += "both editions";
  if (function.editions == Editions::kDesktop) text += "desktop edition only";
  if (function.editions == Editions::kVirtuozzo) text += "Virtuozzo edition only";
  if (function.deprecated_desktop && function.deprecated_virtuozzo) return text + "; deprecated.";
  if (function.deprecated_desktop) return text + "; deprecated in desktop.";
  if (function.deprecated_virtuozzo) return text + "; deprecated in Virtuozzo.";
  return text + ".";
}

std::string start_rule(const Function& function) {
  if (!function.needs_init) return "Works before PrlApi_Init. ";
  if (function.is_async) return "PRL_INVALID_HANDLE before PrlApi_Init. ";
  return "PRL_ERR_API_WASNT_INITIALIZED before PrlApi_Init. ";
}

}  // namespace

std::string doc_comment(const Function& function) {
  std::string text = "/**\n" + wrapped(function.text);
  std::string codes;
  for (const std::string& code : function.codes) codes += (codes.empty() ? "" : ", ") + code;
  if (!codes.empty()) codes = " Further codes: " + codes + ".";
  text += wrapped(outcome(function) + ownership(function) + codes);
  text += wrapped(start_rule(function) + "Any thread may call it. " + history(function));
  return text + " */\n";
}

}  // namespace prl::codegen
