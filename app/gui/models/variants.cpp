// Forms the cross product.
#include "app/gui/models/variants.hpp"

#include <QStringList>

namespace mtok::gui {
namespace {

void set(ScenarioTree& tree, const std::string& path, const std::string& value) {
  const bool changed = tree.get(path).value_or("") != value;
  tree.set(path, value);
  if (changed && path == "hardware.device") {
    tree.erase("prices.usd_per_device_hour");
    tree.erase("prices.provider");
  }
  if (changed && path == "hardware.count") {
    tree.erase("parallel");
  }
  if (changed && path == "formats.weights") {
    tree.erase("formats.activations");  // follows from the weights
  }
}

}  // namespace

std::vector<std::string> values_of(const QString& text) {
  std::vector<std::string> values;
  for (const QString& part : text.split(u',', Qt::SkipEmptyParts)) {
    if (!part.trimmed().isEmpty()) {
      values.push_back(part.trimmed().toStdString());
    }
  }
  return values;
}

std::size_t combinations(const std::vector<Axis>& axes) {
  std::size_t count = axes.empty() ? 0 : 1;
  for (const Axis& axis : axes) {
    count *= axis.values.size();
  }
  return count;
}

std::vector<ScenarioTree> variants(const ScenarioTree& of, const std::vector<Axis>& axes) {
  std::vector<ScenarioTree> list;
  for (std::size_t i = 0; i < combinations(axes); ++i) {
    ScenarioTree tree = of;
    std::string name;
    std::size_t rest = i;
    std::size_t block = combinations(axes);
    for (const Axis& axis : axes) {
      block /= axis.values.size();
      const std::string& value = axis.values[rest / block];
      rest %= block;
      set(tree, axis.path, value);
      const std::string key = axis.path.substr(axis.path.rfind('.') + 1);
      const bool speaks = axis.path == "model" || axis.path == "hardware.device";
      name += (name.empty() ? "" : ", ") + (speaks ? value : key + " " + value);
    }
    tree.set("name", name);
    list.push_back(std::move(tree));
  }
  return list;
}

}  // namespace mtok::gui
