// Asks the planner where a figure comes from.
#include "app/gui/why_dialog.hpp"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTreeView>
#include <QVBoxLayout>

#include "app/gui/models/explanation_model.hpp"

namespace mtok::gui {

WhyDialog::WhyDialog(QWidget* parent)
    : QDialog(parent),
      title_(new QLabel(this)),
      tree_(new QTreeView(this)),
      model_(new ExplanationModel(this)) {
  setObjectName(QStringLiteral("why"));
  setWindowTitle(tr("Why this number?"));
  resize(1080, 560);
  title_->setProperty("role", "title");
  title_->setObjectName(QStringLiteral("whyTitle"));
  tree_->setObjectName(QStringLiteral("whyTree"));
  tree_->setAccessibleName(tr("Formula tree"));
  tree_->setModel(model_);
  tree_->setAlternatingRowColors(true);
  tree_->setUniformRowHeights(true);
  auto* const copy = new QPushButton(tr("Copy the row"), this);
  connect(copy, &QPushButton::clicked, this, &WhyDialog::copyFormula);
  auto* const layout = new QVBoxLayout(this);
  layout->addWidget(title_);
  layout->addWidget(tree_, 1);
  layout->addWidget(copy, 0, Qt::AlignLeft);
  connect(&job_, &BackgroundJob::failed, title_, &QLabel::setText);
}

void WhyDialog::ask(const std::shared_ptr<const planner::RunResult>& result,
                    const planner::Catalogue& catalogue, const QString& key) {
  start(key, catalogue, [result](const BackgroundJob::Progress& /*progress*/) { return result; });
}

void WhyDialog::askOf(const RunRequest& request, const planner::Catalogue& catalogue, const QString& key) {
  start(key, catalogue, [request, catalogue](const BackgroundJob::Progress& progress) {
    return run_request(request, catalogue, progress).result;
  });
}

void WhyDialog::showExplanation(const QString& key, const planner::Explanation& explanation) {
  job_.cancel();
  show();
  raise();
  tell(key, explanation);
}

void WhyDialog::start(const QString& key, const planner::Catalogue& catalogue, const Source& source) {
  title_->setText(tr("looking up %1…").arg(key));
  model_->setExplanation({});
  show();
  raise();
  job_.start([this, source, catalogue, key](const BackgroundJob::Progress& progress) {
    const std::shared_ptr<const planner::RunResult> result = source(progress);
    auto explanation = std::make_shared<std::optional<planner::Explanation>>();
    if (result && !result->infeasible) {
      *explanation = planner::Provenance(*result, catalogue).explain(key.toStdString());
    }
    return [this, explanation, key] { tell(key, *explanation); };
  });
}

void WhyDialog::tell(const QString& key, const std::optional<planner::Explanation>& explanation) {
  if (!explanation) {
    title_->setText(tr("No formula is known for %1.").arg(key));
    return;
  }
  title_->setText(tr("Why %1?").arg(QString::fromStdString(explanation->figures.front().meaning)));
  model_->setExplanation(*explanation);
  tree_->expandToDepth(2);
  tree_->setColumnWidth(ExplanationModel::kMeaning, 400);
  tree_->setColumnWidth(ExplanationModel::kValue, 170);
  tree_->setColumnWidth(ExplanationModel::kHow, 240);
}

void WhyDialog::copyFormula() {
  const QModelIndex row = tree_->currentIndex();
  QStringList cells;
  for (int column = 0; column < model_->columnCount(); ++column) {
    cells << row.siblingAtColumn(column).data().toString();
  }
  QApplication::clipboard()->setText(cells.join(u'\t'));
}

}  // namespace mtok::gui
