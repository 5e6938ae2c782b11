#include "simulator/image_chain.h"

#include <cerrno>
#include <set>
#include <utility>

#include "simulator/image_reader.h"

namespace prl::sim {

namespace {

constexpr size_t kDeltasMax = 16;
constexpr std::string_view kSuffix = ".base";

// Paths of the bases in the folder.
std::vector<std::string> bases_in(Storage& storage, const std::string& folder, const Uuid& vm) {
  std::vector<std::string> paths;
  const auto names = storage.list(folder);
  if (!names) return paths;
  const std::string prefix = vm.format() + ".";
  for (const std::string& name : *names) {
    if (name.starts_with(prefix) && name.ends_with(kSuffix)) paths.push_back(folder + "/" + name);
  }
  return paths;
}

// Adds the bases that the image rests on. False where it cannot be found out.
bool add_chain(Storage& storage, const std::string& folder, const Uuid& vm, std::string path,
               std::set<std::string>& chain) {
  for (;;) {
    const auto header = inspect_image(storage, path);
    if (!header) return false;
    if (!header->is_delta()) return true;
    path = base_path(folder, vm, header->parent_generation);
    if (!chain.insert(path).second) return true;
  }
}

}  // namespace

std::string image_path(const std::string& folder, const Uuid& vm) {
  constexpr std::string_view kImageSuffix = ".sav";
  const std::string name = vm.format();
  std::string path;
  path.reserve(folder.size() + 1 + name.size() + kImageSuffix.size());
  path.append(folder).append("/").append(name).append(kImageSuffix);
  return path;
}

std::string base_path(const std::string& folder, const Uuid& vm, uint64_t generation) {
  return folder + "/" + vm.format() + "." + std::to_string(generation) + std::string(kSuffix);
}

ImagePlan plan_image(const std::vector<ImageLayer>& layers, uint64_t dirty_pages) {
  ImagePlan plan{.parent = std::nullopt, .bases = layers};
  while (!plan.bases.empty() && plan.bases.front().is_empty) plan.bases.erase(plan.bases.begin());
  if (plan.bases.empty()) return plan;
  uint64_t delta_pages = dirty_pages;
  for (size_t i = 0; i + 1 < plan.bases.size(); ++i) delta_pages += plan.bases[i].stored_pages;
  const bool is_large = delta_pages > plan.bases.back().stored_pages / 2;
  if (dirty_pages > 0 && (is_large || plan.bases.size() > kDeltasMax)) return {};
  plan.parent = plan.bases.front().link;
  return plan;
}

void remove_bases(Storage& storage, const std::string& folder, const Uuid& vm,
                  const std::vector<ImageLayer>& kept) {
  std::set<std::string> stay;
  for (const ImageLayer& layer : kept) stay.insert(base_path(folder, vm, layer.link.generation));
  for (const std::string& path : bases_in(storage, folder, vm)) {
    if (!stay.contains(path)) (void)storage.remove(path).has_value();
  }
}

bool sweep_bases(Storage& storage, const std::string& folder, const Uuid& vm,
                 const std::vector<std::string>& images) {
  const auto bases = bases_in(storage, folder, vm);
  if (bases.empty()) return false;
  std::set<std::string> stay;
  for (const std::string& image : images) {
    if (storage.exists(image) && !add_chain(storage, folder, vm, image, stay)) return true;
  }
  bool any_left = false;
  for (const std::string& path : bases) {
    if (stay.contains(path) || !storage.remove(path)) any_left = true;
  }
  return any_left;
}

}  // namespace prl::sim
