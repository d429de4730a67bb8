// The item model of a sheet, and its text forms.
#include "app/gui/models/sheet.hpp"

#include "app/report/text.hpp"
#include "sim/units/text.hpp"

namespace mtok::gui {
namespace {

std::string file_text(const Cell& cell) {
  if (!cell.raw.isValid()) {
    return cell.text.toStdString();
  }
  if (cell.raw.typeId() == QMetaType::Double) {
    return units::shortest(cell.raw.toDouble());
  }
  return cell.raw.toString().toStdString();
}

}  // namespace

Cell number_cell(const QString& text, double raw, const QString& tip) {
  return {.text = text, .raw = raw, .tip = tip};
}

Cell with_key(Cell cell, const QString& key) {
  if (cell.raw.isValid()) {
    cell.key = key;
  }
  return cell;
}

QString csv_of(const Sheet& sheet) {
  std::string out;
  for (std::size_t i = 0; i < sheet.columns.size(); ++i) {
    out += (i > 0 ? "," : "") + report::csv_cell(sheet.columns[i].title.toStdString());
  }
  out += "\r\n";
  for (const std::vector<Cell>& row : sheet.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += (i > 0 ? "," : "") + report::csv_cell(file_text(row[i]));
    }
    out += "\r\n";
  }
  return QString::fromStdString(out);
}

QString clipboard_text_of(const Sheet& sheet) {
  QStringList lines;
  QStringList titles;
  for (const Sheet::Column& column : sheet.columns) {
    titles << column.title;
  }
  lines << titles.join(u'\t');
  for (const std::vector<Cell>& row : sheet.rows) {
    QStringList cells;
    for (const Cell& cell : row) {
      cells << QString(cell.text).replace(u'\t', u' ').replace(u'\n', u' ');
    }
    lines << cells.join(u'\t');
  }
  return lines.join(u'\n') + u'\n';
}

void SheetModel::setSheet(Sheet sheet) {
  const bool same_shape = sheet.rows.size() == sheet_.rows.size() &&
                          sheet.columns.size() == sheet_.columns.size() && !sheet.rows.empty();
  if (!same_shape) {
    beginResetModel();
    sheet_ = std::move(sheet);
    endResetModel();
    return;
  }
  sheet_ = std::move(sheet);
  emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
  emit headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
}

int SheetModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(sheet_.rows.size());
}

int SheetModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(sheet_.columns.size());
}

QVariant SheetModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
    return {};
  }
  const Cell& cell =
      sheet_.rows[static_cast<std::size_t>(index.row())][static_cast<std::size_t>(index.column())];
  switch (role) {
    case Qt::DisplayRole:
      return cell.text;
    case Qt::ToolTipRole:
      return cell.tip.isEmpty() ? QVariant() : QVariant(cell.tip);
    case Qt::TextAlignmentRole: {
      const bool number = sheet_.columns[static_cast<std::size_t>(index.column())].number;
      return QVariant::fromValue(Qt::Alignment((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    }
    case kRawRole:
      return cell.raw.isValid() ? cell.raw : QVariant(cell.text);
    case kToneRole:
      return static_cast<int>(cell.tone);
    case kKeyRole:
      return cell.key;
    case kScenarioRole:
      return cell.scenario;
    default:
      return {};
  }
}

QVariant SheetModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) {
    return {};
  }
  const Sheet::Column& column = sheet_.columns[static_cast<std::size_t>(section)];
  switch (role) {
    case Qt::DisplayRole:
      return column.title;
    case Qt::ToolTipRole:
      return column.tip.isEmpty() ? QVariant() : QVariant(column.tip);
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(
          Qt::Alignment((column.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    default:
      return {};
  }
}

}  // namespace mtok::gui
