// The formula tree of a figure as an item model: each figure with its parts below it.
#pragma once

#include <QAbstractItemModel>
#include <vector>

#include "sim/planner/provenance.hpp"

namespace mtok::gui {

/// A figure that several formulas use stands below each of them. Nodes are made when they are looked at, so
/// that shared parts cost nothing.
class ExplanationModel final : public QAbstractItemModel {
  Q_OBJECT
 public:
  enum Column { kMeaning, kValue, kHow, kSource, kColumnCount };

  explicit ExplanationModel(QObject* parent = nullptr) : QAbstractItemModel(parent) {}
  void setExplanation(planner::Explanation explanation);

  [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  [[nodiscard]] QModelIndex parent(const QModelIndex& index) const override;
  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  /// One place of a figure in the tree.
  struct Node {
    std::size_t figure = 0;
    std::size_t parent = 0;  ///< node; of the root itself
    int row = 0;
    std::vector<std::size_t> children{};
    bool expanded = false;
  };
  [[nodiscard]] const Node& node(const QModelIndex& index) const { return nodes_[index.internalId()]; }
  void expand(std::size_t place) const;

  planner::Explanation explanation_;
  mutable std::vector<Node> nodes_;  ///< grows as branches are looked at
};

}  // namespace mtok::gui
