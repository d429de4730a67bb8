// Finds shipped models, devices, frameworks and price books by name.
#include "sim/planner/catalogue.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <future>
#include <system_error>
#include <thread>

#include "sim/config/reader.hpp"
#include "sim/config/sha256.hpp"

namespace mtok::planner {
namespace {

namespace fs = std::filesystem;

const fs::path kModels = "models";
const fs::path kDevices = "hwprofiles/devices";
const fs::path kFrameworks = "hwprofiles/frameworks";
const fs::path kPrices = "hwprofiles/prices";
const fs::path kQuality = "models/quality.yaml";

bool is_path(const std::string& name) {
  const fs::path path = name;
  return name.find('/') != std::string::npos || path.extension() == ".yaml" || path.extension() == ".yml" ||
         path.extension() == ".json";
}

/// What was made of files, by their paths.
template <class T>
class KeptFiles {
 public:
  /// What `load` makes of a file when it is asked for first. Others who ask meanwhile wait for it; what it
  /// throws is thrown to all who ask.
  template <class Load>
  std::shared_ptr<const T> get(const fs::path& file, const Load& load) {
    std::promise<std::shared_ptr<const T>> promise;
    {
      std::unique_lock lock(mutex_);
      const auto found = values_.find(file);
      if (found != values_.end()) {
        const auto value = found->second;
        lock.unlock();
        return value.get();
      }
      values_.emplace(file, promise.get_future().share());
    }
    try {
      auto value = std::make_shared<const T>(load());
      promise.set_value(value);
      return value;
    } catch (...) {
      promise.set_exception(std::current_exception());
      throw;
    }
  }

 private:
  std::mutex mutex_;
  std::map<fs::path, std::shared_future<std::shared_ptr<const T>>> values_;
};

/// What `load` makes of the file, from `files` when there are any.
template <class T, class Load>
std::shared_ptr<const T> kept_or_loaded(KeptFiles<T>* files, const fs::path& file, const Load& load) {
  return files != nullptr ? files->get(file, load) : std::make_shared<const T>(load());
}

/// Files beside the models that are no models.
bool is_model_file(const fs::path& file) {
  constexpr std::array<std::string_view, 4> kOthers{"quality", "alternatives", "api_prices", "checkpoints"};
  return std::find(kOthers.begin(), kOthers.end(), file.stem().string()) == kOthers.end();
}

}  // namespace

struct Catalogue::Kept {
  KeptFiles<model::Architecture> models;
  KeptFiles<hardware::DeviceProfile> devices;
  KeptFiles<hardware::FrameworkProfile> frameworks;
  KeptFiles<cost::PriceBook> books;
  KeptFiles<cost::QualityTable> qualities;
  KeptFiles<cost::CostTerms> terms;
  KeptFiles<std::string> digests;
  std::once_flag reads_ahead;
  std::jthread reader;  // last, so that it ends before what it fills
};

Catalogue Catalogue::keeping() const {
  Catalogue copy = *this;
  copy.kept_ = std::make_shared<Kept>();
  return copy;
}

void Catalogue::read_ahead() const {
  if (!kept_) {
    return;
  }
  std::call_once(kept_->reads_ahead, [this] {
    // The thread must not own what joins it.
    kept_->reader = std::jthread([root = root_, kept = kept_.get()] {
      const auto read = [](auto& files, const fs::path& file, const auto& load) {
        try {
          static_cast<void>(files.get(file, [&] { return load(file); }));
        } catch (const std::exception&) {  // told to the one who needs it
          return;
        }
      };
      read(kept->books, root / kPrices / "default.yaml", cost::PriceBook::load);
      read(kept->qualities, root / kQuality, cost::QualityTable::load);
    });
  });
}

std::vector<std::string> Catalogue::names_in(const fs::path& folder) const {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(root_ / folder, error)) {
    if (entry.path().extension() == ".yaml" && is_model_file(entry.path())) {
      names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> Catalogue::models() const {
  return names_in(kModels);
}
std::vector<std::string> Catalogue::devices() const {
  return names_in(kDevices);
}
std::vector<std::string> Catalogue::price_books() const {
  return names_in(kPrices);
}
std::vector<std::string> Catalogue::frameworks() const {
  return names_in(kFrameworks);
}

Catalogue::Lookup Catalogue::find(const fs::path& shelf, const std::string& kind, const std::string& name,
                                  const fs::path& folder) const {
  std::error_code error;
  if (is_path(name)) {
    const fs::path file = (folder / name).lexically_normal();
    if (fs::is_regular_file(file, error)) {
      return {.file = file};
    }
    return {.problem = "no file '" + name + "'",
            .hint = "a relative path starts at the folder of the scenario"};
  }
  const fs::path file = root_ / shelf / (name + ".yaml");
  if (!name.empty() && fs::is_regular_file(file, error)) {
    return {.file = file};
  }
  const std::string near = config::nearest(name, names_in(shelf));
  return {.problem = "no " + kind + " named '" + name + "'",
          .hint = near.empty() ? "see 'mtok show " + kind + "s'" : "did you mean '" + near + "'?"};
}

Catalogue::Lookup Catalogue::find_model(const std::string& name, const fs::path& folder) const {
  return find(kModels, "model", name, folder);
}
Catalogue::Lookup Catalogue::find_device(const std::string& name, const fs::path& folder) const {
  return find(kDevices, "device", name, folder);
}
Catalogue::Lookup Catalogue::find_price_book(const std::string& name, const fs::path& folder) const {
  return find(kPrices, "price", name, folder);
}
Catalogue::Lookup Catalogue::find_framework(const std::string& name, const fs::path& folder) const {
  return find(kFrameworks, "framework", name, folder);
}

std::optional<std::string> Catalogue::framework_called(const std::string& name,
                                                       const std::string& version) const {
  std::optional<std::string> best;
  std::string best_below;
  for (const std::string& stem : frameworks()) {
    if (!stem.starts_with(name)) {
      continue;  // a profile of an older version carries it behind the name
    }
    const hardware::FrameworkProfile profile = framework(root_ / kFrameworks / (stem + ".yaml"));
    const bool describes = profile.below.empty() || hardware::earlier_version(version, profile.below);
    if (profile.name == name && describes &&
        (!best || hardware::earlier_version(profile.below, best_below))) {
      best = stem;
      best_below = profile.below;
    }
  }
  return best;
}

void Catalogue::read_device_names() const {
  for (const std::string& name : devices()) {
    const hardware::DeviceProfile profile = device(root_ / kDevices / (name + ".yaml"));
    device_names_->by_alias.emplace(hardware::comparable_name(name), name);
    for (const std::string& alias : profile.aliases) {
      device_names_->by_alias.emplace(hardware::comparable_name(alias), name);
    }
  }
}

std::optional<std::string> Catalogue::device_called(const std::string& any_name) const {
  std::call_once(device_names_->read, [this] { read_device_names(); });
  const std::string before_remark = any_name.substr(0, any_name.find(" ("));
  for (const std::string& name : {any_name, before_remark}) {
    const auto found = device_names_->by_alias.find(hardware::comparable_name(name));
    if (found != device_names_->by_alias.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

hardware::DeviceProfile Catalogue::device(const fs::path& file) const {
  return *kept_or_loaded(kept_ ? &kept_->devices : nullptr, file,
                         [&] { return hardware::load_device(file, root_ / "hwprofiles/efficiency.yaml"); });
}

model::Architecture Catalogue::model(const fs::path& file) const {
  return *kept_or_loaded(kept_ ? &kept_->models : nullptr, file,
                         [&] { return model::load_architecture(file); });
}

hardware::FrameworkProfile Catalogue::framework(const fs::path& file) const {
  return *kept_or_loaded(kept_ ? &kept_->frameworks : nullptr, file,
                         [&] { return hardware::load_framework(file); });
}

std::shared_ptr<const cost::PriceBook> Catalogue::price_book(const fs::path& file) const {
  return kept_or_loaded(kept_ ? &kept_->books : nullptr, file, [&] { return cost::PriceBook::load(file); });
}

cost::QualityTable Catalogue::quality() const {
  const fs::path file = root_ / kQuality;
  return *kept_or_loaded(kept_ ? &kept_->qualities : nullptr, file,
                         [&] { return cost::QualityTable::load(file); });
}

CheckpointTable Catalogue::checkpoints() const {
  return CheckpointTable::load(root_ / "models/checkpoints.yaml");
}

std::string Catalogue::digest(const fs::path& file) const {
  return *kept_or_loaded(kept_ ? &kept_->digests : nullptr, file,
                         [&] { return config::sha256_of_file(file); });
}

cost::ApiPriceList Catalogue::api_prices() const {
  return cost::ApiPriceList::load(root_ / "models/api_prices.yaml");
}

cost::CostTerms Catalogue::cost_terms() const {
  const fs::path file = root_ / "hwprofiles/cost_terms.yaml";
  return *kept_or_loaded(kept_ ? &kept_->terms : nullptr, file, [&] { return cost::load_cost_terms(file); });
}

std::string Catalogue::shown(const fs::path& file) const {
  const fs::path inside = file.lexically_normal().lexically_relative(root_.lexically_normal());
  return inside.empty() || *inside.begin() == ".." ? file.filename().string() : inside.generic_string();
}

}  // namespace mtok::planner
