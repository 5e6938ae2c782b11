#include "tests/model/history.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <unordered_set>
#include <utility>

namespace prl::model {
namespace {

// ---- The search -------------------------------------------------------------------------------

// Where it has come to: the model, which requests have arrived, which were answered.
struct Point {
  Host host;
  Host neighbour;
  std::vector<size_t> jobs;  // the requests that the jobs of the model are, by their numbers
  uint64_t arrived = 0;
  uint64_t answered = 0;
};

bool has(uint64_t set, size_t place) {
  return (set >> place & 1) != 0;
}

Host host_of(const History& history) {
  Host host = make_host(history.profile, {}, history.beginnings.size());
  for (size_t i = 0; i < host.vms.size(); ++i) {
    host.vms[i].state = host.vms[i].told = history.beginnings[i];
    host.vms[i].has_image = history.beginnings[i] == State::kSuspended;
  }
  return host;
}

class Search {
 public:
  explicit Search(const History& history) : history_(history) {}

  bool succeeds() {
    Point point{.host = host_of(history_), .neighbour = make_host(history_.profile, {}, 0)};
    point.neighbour.has_sessions = false;  // nobody looks at it
    return goes_on(point);
  }
  // How many requests were answered rightly on the way on which most were.
  int answered_at_best() const { return best_; }

 private:
  bool goes_on(const Point& point) {
    best_ = std::max(best_, std::popcount(point.answered));
    if (!met_.insert(key_of(point)).second) return false;
    const size_t count = history_.requests.size();
    if (static_cast<size_t>(std::popcount(point.answered)) == count) return ends_right(point);
    for (size_t i = 0; i < count; ++i) {
      if (can_arrive(point, i) && goes_on_with(point, i)) return true;
    }
    const auto due_ms = next_due_ms(point.host);
    if (!due_ms) return false;
    Point later = point;
    advance(host_at(later), *due_ms - point.host.now_ms);
    return take_answers(later) && goes_on(later);
  }

  bool goes_on_with(const Point& point, size_t request) {
    Point next = point;
    next.jobs.push_back(request);
    next.arrived |= uint64_t{1} << request;
    submit(host_at(next), order_of(next, request));
    return take_answers(next) && goes_on(next);
  }

  // The neighbour is that of the same point.
  Host& host_at(Point& point) const {
    point.host.neighbour = history_.has_neighbour ? &point.neighbour : nullptr;
    return point.host;
  }

  // As the model understands it.
  Order order_of(const Point& point, size_t request) const {
    Order order = history_.requests[request].order;
    if (order.about) order.about = job_of(point, *order.about);
    if (!names_snapshot(order.act)) return order;
    const auto& known = point.host.vms[order.vm].snapshots;
    const uint32_t number = order.about ? number_of(point.host, *order.about) : 0;
    const auto place = std::ranges::find(known, number, &Snapshot::number);
    order.snapshot = static_cast<uint8_t>(place - known.begin());
    order.about.reset();
    return order;
  }

  // The job that a request is, which has arrived.
  static uint32_t job_of(const Point& point, size_t request) {
    return static_cast<uint32_t>(std::ranges::find(point.jobs, request) - point.jobs.begin());
  }

  // Whatever was sent, or answered, before it began has come before it.
  bool can_arrive(const Point& point, size_t request) const {
    if (has(point.arrived, request)) return false;
    const uint64_t begun = history_.requests[request].begun;
    for (size_t i = 0; i < history_.requests.size(); ++i) {
      const Request& other = history_.requests[i];
      if (other.sent < begun && !has(point.arrived, i)) return false;
      if (other.ended < begun && !has(point.answered, i)) return false;
    }
    return true;
  }

  // False where the model answers what the host did not.
  bool take_answers(Point& point) const {
    for (const Event& event : std::exchange(point.host.events, {})) {
      if (event.kind != Event::Kind::kJobDone) continue;
      const size_t place = point.jobs[event.job];
      const Request& request = history_.requests[place];
      // Of what happens by itself nobody is told a code.
      const bool fits = is_of_itself(request.order.act) || is_fit(event.code, request.code);
      if (!fits) return false;
      point.answered |= uint64_t{1} << place;
    }
    return true;
  }

  // Descriptions go by the jobs that wrote them.
  static Ending ending_of(const Point& point, const Vm& vm) {
    if (!vm.is_registered) return {};
    return {.is_registered = true,
            .state = vm.told,
            .has_image = vm.has_image,
            .is_locked = vm.locked_by.has_value(),
            .snapshots = vm.snapshots.size(),
            .edited_by = vm.description == 0 ? 0 : point.jobs[vm.description - 1] + 1};
  }

  static Ending ending_at_neighbour(const Point& point, size_t vm) {
    const auto& vms = point.neighbour.vms;
    const auto found = std::ranges::find(vms, point.host.vms[vm].identity, &Vm::identity);
    return found == vms.end() ? Ending() : ending_of(point, *found);
  }

  bool ends_right(Point point) const {
    while (const auto due_ms = next_due_ms(point.host)) {
      advance(host_at(point), *due_ms - point.host.now_ms);
    }
    const auto& vms = point.host.vms;
    for (size_t i = 0; i < history_.endings.size(); ++i) {
      if (ending_of(point, vms[i]) != history_.endings[i]) return false;
    }
    for (size_t i = 0; i < history_.arrived.size(); ++i) {
      if (ending_at_neighbour(point, i) != history_.arrived[i]) return false;
    }
    size_t left = 0;
    size_t templates = 0;
    for (const Vm& vm : vms) {
      left += vm.is_registered;
      templates += vm.is_registered && vm.is_template;
    }
    return left == history_.vms && templates == history_.templates;
  }

  // What is to come depends on nothing else. Jobs go by their requests, moments by how far away
  // they are.
  std::string key_of(const Point& point) const {
    std::string key;
    const auto add = [&key](uint64_t number) { key.append(std::to_string(number)).append(","); };
    const auto add_name = [&](uint32_t number) {
      add(number == 0 ? 0 : point.jobs[number - 1] + 1);
    };
    const auto add_operation = [&](const Operation& operation) {
      add(point.jobs[operation.job]);
      add(static_cast<uint64_t>(operation.order.act));
      add(operation.order.vm);
      add(operation.order.snapshot);
      add(static_cast<uint64_t>(operation.before));
      add(operation.code);
      add(static_cast<uint64_t>(operation.order.fault));
      add(operation.fails);
      add(operation.due_ms - point.host.now_ms);
      add(static_cast<uint64_t>(point.host.turns - operation.turn));
    };
    const auto add_vm = [&](const Vm& vm) {
      add(static_cast<uint64_t>(vm.state));
      add(static_cast<uint64_t>(vm.told));
      for (const bool flag : {vm.is_registered, vm.is_template, vm.has_image, vm.is_started_by_ex,
                              vm.operation.has_value()}) {
        add(flag);
      }
      add(static_cast<uint64_t>(vm.frozen));
      add(vm.locked_by ? *vm.locked_by + uint64_t{1} : 0);
      add_name(vm.description);
      for (const Stamp& stamp : vm.stamps) {
        add(stamp.session);
        add_name(stamp.description);
      }
      key += "|";
      for (const Snapshot& snapshot : vm.snapshots) {
        add_name(snapshot.number);
        add_name(snapshot.parent);
        add(static_cast<uint64_t>(snapshot.power));
        add_name(snapshot.description);
      }
      add_name(vm.current);
      if (vm.operation) add_operation(*vm.operation);
    };
    add(point.arrived);
    add(point.answered);
    for (const Vm& vm : point.host.vms) add_vm(vm);
    for (const Operation& clone : point.host.clones) add_operation(clone);
    for (const Operation& rewriting : point.host.rewritings) add_operation(rewriting);
    for (const Operation& migration : point.host.migrations) {
      add_operation(migration);
      if (!migration.then) continue;
      add(migration.then->first - point.host.now_ms);
      add(point.host.turns - migration.then->second);
    }
    for (const Vm& vm : point.neighbour.vms) {
      add(vm.identity);
      add_vm(vm);
    }
    return key;
  }

  const History& history_;
  std::unordered_set<std::string> met_;
  int best_ = 0;
};

// ---- Texts ------------------------------------------------------------------------------------

std::string code_text(Code code) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (code == 0) return "0";
  std::string text;
  for (; code > 0; code /= 16) text.insert(0, 1, kDigits[code % 16]);
  return text;
}

struct DiagramCell {
  uint64_t moment = 0;
  size_t thread = 0;
  std::string text;
};

// What each request is called among those of its thread.
std::vector<std::string> names_of(const History& history) {
  std::vector<std::string> names;
  std::vector<size_t> made;  // by each thread so far
  for (const Request& request : history.requests) {
    if (made.size() <= request.thread) made.resize(request.thread + size_t{1});
    names.push_back("#" + std::to_string(++made[request.thread]));
  }
  return names;
}

std::vector<DiagramCell> cells_of(const History& history) {
  std::vector<DiagramCell> cells;
  const std::vector<std::string> names = names_of(history);
  for (size_t i = 0; i < names.size(); ++i) {
    const Request& request = history.requests[i];
    const Order& order = request.order;
    std::string about = order.about ? " of " + names[*order.about] : "";
    if (order.about && history.requests[*order.about].thread != request.thread) {
      about += " of thread " + std::to_string(history.requests[*order.about].thread);
    }
    cells.push_back({request.begun, request.thread,
                     names[i] + " " + order_text(order) + about + " (sent by " +
                         std::to_string(request.sent) + ")"});
    cells.push_back(
        {request.ended, request.thread, names[i] + " ends with " + code_text(request.code)});
  }
  std::ranges::sort(cells, {}, &DiagramCell::moment);
  return cells;
}

std::string padded(std::string text, size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text + "  ";
}

}  // namespace

std::string ending_text(const Ending& ending) {
  if (!ending.is_registered) return "not registered";
  return std::string(state_name(ending.state)) + (ending.has_image ? ", image" : "") +
         (ending.is_locked ? ", locked" : "") + ", snapshots " + std::to_string(ending.snapshots) +
         (ending.edited_by > 0 ? ", edited by request " + std::to_string(ending.edited_by) : "");
}

std::string history_text(const History& history) {
  constexpr size_t kMomentWidth = 4;
  const std::vector<DiagramCell> cells = cells_of(history);
  std::vector<size_t> widths;
  for (const DiagramCell& cell : cells) {
    if (widths.size() <= cell.thread)
      widths.resize(cell.thread + 1, std::string("thread 0").size());
    widths[cell.thread] = std::max(widths[cell.thread], cell.text.size());
  }
  std::string text = padded("", kMomentWidth);
  for (size_t i = 0; i < widths.size(); ++i) {
    text += padded("thread " + std::to_string(i), widths[i]);
  }
  for (const DiagramCell& cell : cells) {
    text += "\n" + padded(std::to_string(cell.moment), kMomentWidth);
    for (size_t i = 0; i < cell.thread; ++i) text += padded("", widths[i]);
    text += cell.text;
  }
  for (size_t i = 0; i < history.endings.size(); ++i) {
    text += "\nvm=" + std::to_string(i) + " from " +
            std::string(state_name(history.beginnings[i])) + " to " +
            ending_text(history.endings[i]);
    if (i < history.arrived.size()) text += ", at the neighbour " + ending_text(history.arrived[i]);
  }
  text += "\nVMs in the end: " + std::to_string(history.vms);
  if (history.templates > 0) text += ", templates: " + std::to_string(history.templates);
  return text + "\n";
}

std::string unexplained(const History& history) {
  Search search(history);
  if (search.succeeds()) return "";
  const auto best = static_cast<size_t>(search.answered_at_best());
  if (best == history.requests.size()) return "all answers fit some order, but none of the ends";
  return "at most " + std::to_string(best) + " of " + std::to_string(history.requests.size()) +
         " answers fit any order";
}

bool has_overlaps(const History& history) {
  for (const Request& one : history.requests) {
    for (const Request& other : history.requests) {
      const bool is_beside = one.thread != other.thread && one.begun < other.begun;
      if (is_beside && other.begun < one.ended) return true;
    }
  }
  return false;
}

}  // namespace prl::model
