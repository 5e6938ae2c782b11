// Jobs and texts of the Prl C API as nightly uses them. Stateless; any thread.
#pragma once

#include <Parallels.h>

#include <optional>
#include <string>

// In ms. A job that takes longer than the first is late; after both nightly gives it up.
constexpr PRL_UINT32 kPatienceMs = 5'000;
constexpr PRL_UINT32 kGraceMs = 55'000;
// How often a question that changes nothing is asked before nightly does without the answer.
constexpr int kQuestionTries = 3;

// The first failures of a run, as one line.
class Report {
 public:
  bool is_clean() const { return text_.empty(); }
  const std::string& text() const { return text_; }
  // Always false, so that a step can end with it.
  bool fail(const std::string& what);

 private:
  std::string text_;
};

inline bool Report::fail(const std::string& what) {
  if (!text_.empty()) text_ += "; ";
  text_ += what;
  return false;
}

// How a job ended. Of one that is unknown nobody knows whether it had, has or will have an effect.
enum class End { kDone, kFailed, kUnknown };

struct Outcome {
  End end = End::kUnknown;
  std::string why;  // of the failure, for the reader
};

// What becomes of a job that nightly gives up: it goes on, or is asked to stop.
enum class WhenLate { kLetGo, kCancel };

// The text that call(buffer, &bytes) gives. Nothing when it fails.
template <class Call>
std::optional<std::string> read_text(Call call) {
  PRL_UINT32 bytes = 0;
  if (PRL_FAILED(call(PRL_STR(nullptr), &bytes)) || bytes == 0) return std::nullopt;
  std::string text(bytes, '\0');
  if (PRL_FAILED(call(text.data(), &bytes))) return std::nullopt;
  text.resize(text.find('\0'));
  return text;
}

// Why the finished job failed: the name of its code, and the server's sentence where there is one.
inline std::string describe_failure(PRL_HANDLE job, PRL_RESULT code) {
  std::string text = prl_result_to_string(code);
  PRL_HANDLE error = PRL_INVALID_HANDLE;
  if (PRL_FAILED(PrlJob_GetError(job, &error))) return text;
  const auto sentence = read_text([error](PRL_STR buffer, PRL_UINT32_PTR bytes) {
    return PrlEvent_GetErrString(error, PRL_TRUE, PRL_FALSE, buffer, bytes);
  });
  PrlHandle_Free(error);
  if (!sentence || sentence->empty()) return text;
  text += " (";
  for (const char letter : *sentence) text += letter == '\n' ? ' ' : letter;
  return text + ")";
}

// PrlJob_Wait with patience. A job that is given up may be asked to stop; it is then waited for
// once more, since only its own code tells whether it still came to its end.
inline PRL_RESULT wait_patiently(PRL_HANDLE job, WhenLate when_late) {
  PRL_RESULT waited = PrlJob_Wait(job, kPatienceMs);
  if (waited == PRL_ERR_TIMEOUT) waited = PrlJob_Wait(job, kGraceMs);
  if (waited != PRL_ERR_TIMEOUT || when_late == WhenLate::kLetGo) return waited;
  const PRL_HANDLE cancel = PrlJob_Cancel(job);
  PrlJob_Wait(cancel, kPatienceMs);  // refused or not, the job's own end is what counts
  PrlHandle_Free(cancel);
  return PrlJob_Wait(job, kPatienceMs);
}

// Waits for the job and frees it. When it succeeded and `result` is not null, *result receives the
// job's result, which the caller frees.
inline Outcome finish(PRL_HANDLE job, PRL_HANDLE_PTR result = nullptr,
                      WhenLate when_late = WhenLate::kLetGo) {
  Outcome outcome;
  PRL_RESULT code = PRL_ERR_UNINITIALIZED;
  PRL_RESULT asked = wait_patiently(job, when_late);
  if (PRL_SUCCEEDED(asked)) asked = PrlJob_GetRetCode(job, &code);
#if NIGHTLY_BUG == 2
  if (PRL_FAILED(asked)) return {End::kUnknown, prl_result_to_string(asked)};
  if (PRL_FAILED(code)) return {End::kFailed, describe_failure(job, code)};
  outcome.end = End::kDone;
#else
  if (PRL_FAILED(asked)) {
    outcome.why = prl_result_to_string(asked);
  } else if (PRL_FAILED(code)) {
    outcome = {End::kFailed, describe_failure(job, code)};
  } else {
    outcome.end = End::kDone;
  }
#endif
  if (outcome.end == End::kDone && result) {
    asked = PrlJob_GetResult(job, result);
    if (PRL_FAILED(asked)) outcome = {End::kUnknown, prl_result_to_string(asked)};
  }
  PrlHandle_Free(job);
  return outcome;
}

// Asks what changes nothing, and so may be asked again: start() makes the job. True when *result,
// which the caller frees, has the answer.
template <class Start>
bool ask(Start start, PRL_HANDLE_PTR result) {
  for (int i = 0; i < kQuestionTries; ++i) {
    if (finish(start(), result).end == End::kDone) return true;
  }
  return false;
}
