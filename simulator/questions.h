// What the simulated host wants to know about its VMs before it goes on, until somebody answers.
// Thread-safe; no lock is taken inside.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "simulator/uuid.h"

namespace prl::sim {

struct Question {
  uint64_t number = 0;           // counts the questions of a host from 1
  Uuid vm;
  int32_t code = 0;              // what is asked, a number of the client's API
  std::vector<int32_t> choices;  // the answers that it takes; none: any
  std::vector<std::string> parameters;
};

class Questions {
 public:
  // Gives the question its number and keeps it until it is answered.
  Question ask(Question question) {
    std::lock_guard lock(mutex_);
    question.number = ++asked_;
    answers_.erase(question.vm);
    pending_.push_back(question);
    return question;
  }

  // In the order in which they were asked; of all VMs where none is named.
  std::vector<Question> pending(const std::optional<Uuid>& vm = {}) const {
    std::lock_guard lock(mutex_);
    std::vector<Question> found;
    for (const Question& question : pending_) {
      if (!vm || question.vm == *vm) found.push_back(question);
    }
    return found;
  }

  // Settles the question of this number, or the VM's oldest for number 0, and gives its code. None,
  // with nothing changed, where there is none that takes the answer.
  std::optional<int32_t> answer(const Uuid& vm, uint64_t number, int32_t choice) {
    std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(pending_, [&](const Question& question) {
      return question.vm == vm && (number == 0 || question.number == number) &&
             takes(question, choice);
    });
    if (found == pending_.end()) return std::nullopt;
    const int32_t code = found->code;
    pending_.erase(found);
    answers_[vm] = choice;
    return code;
  }

  // Nobody wants to know any more.
  void withdraw(const Uuid& vm, int32_t code) {
    std::lock_guard lock(mutex_);
    std::erase_if(pending_, [&](const Question& question) {
      return question.vm == vm && question.code == code;
    });
  }

  // What the VM's last question was answered with, once it was.
  std::optional<int32_t> last_answer(const Uuid& vm) const {
    std::lock_guard lock(mutex_);
    const auto found = answers_.find(vm);
    if (found == answers_.end()) return std::nullopt;
    return found->second;
  }

  void forget_vm(const Uuid& vm) {
    std::lock_guard lock(mutex_);
    std::erase_if(pending_, [&](const Question& question) { return question.vm == vm; });
    answers_.erase(vm);
  }

 private:
  static bool takes(const Question& question, int32_t choice) {
    return question.choices.empty() || std::ranges::find(question.choices, choice) !=
                                           question.choices.end();
  }

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<Question> pending_;
  std::unordered_map<Uuid, int32_t> answers_;
  uint64_t asked_ = 0;
};

}  // namespace prl::sim
