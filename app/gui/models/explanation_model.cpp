// Unfolds an explanation.
#include "app/gui/models/explanation_model.hpp"

#include "app/gui/models/number_text.hpp"
#include "app/report/explain_report.hpp"

namespace mtok::gui {
namespace {

QString value_of(const planner::Figure& figure) {
  if (!figure.value) {
    return QString::fromStdString(figure.text);
  }
  const QString unit =
      figure.unit.empty() ? QString() : QStringLiteral(" ") + QString::fromStdString(figure.unit);
  return significant_text(*figure.value, 6) + unit;
}

}  // namespace

void ExplanationModel::setExplanation(planner::Explanation explanation) {
  beginResetModel();
  explanation_ = std::move(explanation);
  nodes_.clear();
  if (!explanation_.figures.empty()) {
    nodes_.push_back({});
  }
  endResetModel();
}

void ExplanationModel::expand(std::size_t place) const {
  if (nodes_[place].expanded) {
    return;
  }
  nodes_[place].expanded = true;
  int row = 0;
  for (const std::size_t part : explanation_.figures[nodes_[place].figure].parts) {
    nodes_[place].children.push_back(nodes_.size());
    nodes_.push_back({.figure = part, .parent = place, .row = row++});
  }
}

QModelIndex ExplanationModel::index(int row, int column, const QModelIndex& parent) const {
  if (nodes_.empty() || row < 0 || column < 0 || column >= kColumnCount || row >= rowCount(parent)) {
    return {};
  }
  if (!parent.isValid()) {
    return createIndex(row, column, quintptr{0});
  }
  return createIndex(row, column,
                     static_cast<quintptr>(node(parent).children[static_cast<std::size_t>(row)]));
}

QModelIndex ExplanationModel::parent(const QModelIndex& index) const {
  if (!index.isValid() || index.internalId() == 0) {
    return {};
  }
  const std::size_t above = node(index).parent;
  return createIndex(nodes_[above].row, 0, static_cast<quintptr>(above));
}

int ExplanationModel::rowCount(const QModelIndex& parent) const {
  if (!parent.isValid()) {
    return nodes_.empty() ? 0 : 1;
  }
  if (parent.column() != 0) {
    return 0;
  }
  expand(parent.internalId());
  return static_cast<int>(node(parent).children.size());
}

int ExplanationModel::columnCount(const QModelIndex& /*parent*/) const {
  return kColumnCount;
}

QVariant ExplanationModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || (role != Qt::DisplayRole && role != Qt::ToolTipRole)) {
    return {};
  }
  const std::size_t place = node(index).figure;
  const planner::Figure& figure = explanation_.figures[place];
  if (role == Qt::ToolTipRole) {
    return QString::fromStdString(figure.key + "\n" + figure.source);
  }
  switch (index.column()) {
    case kMeaning:
      return QString::fromStdString(figure.meaning.empty() ? figure.key : figure.meaning);
    case kValue:
      return value_of(figure);
    case kHow: {
      const std::string formula = report::formula_of(explanation_, place);
      return QString::fromStdString(formula.empty() ? std::string(planner::name_of(figure.rule)) : formula);
    }
    case kSource: {
      const QString date =
          figure.date.empty() ? QString() : QString::fromStdString(figure.date) + QStringLiteral(", ");
      return date + QString::fromStdString(figure.source);
    }
    default:
      return {};
  }
}

QVariant ExplanationModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
    return {};
  }
  switch (section) {
    case kMeaning:
      return tr("Figure");
    case kValue:
      return tr("Value");
    case kHow:
      return tr("How");
    case kSource:
      return tr("Source");
    default:
      return {};
  }
}

}  // namespace mtok::gui
