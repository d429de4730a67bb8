// What the window can tell: where figures come from, its commands and keys, what it is.
#include <QApplication>
#include <QKeyEvent>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QStackedWidget>
#include <QToolButton>

#include "app/gui/chart_panel.hpp"
#include "app/gui/command_palette.hpp"
#include "app/gui/field_editor.hpp"
#include "app/gui/input_panel.hpp"
#include "app/gui/main_window.hpp"
#include "app/gui/models/result_sheets.hpp"
#include "app/gui/sheet_dialog.hpp"
#include "app/gui/view.hpp"
#include "app/gui/why_dialog.hpp"

namespace mtok::gui {
namespace {

constexpr const char* kHeadline = "cost.usd_per_mtok.blended";

/// The actions of a menu and of the menus in it.
void collect(const QMenu& menu, std::vector<QAction*>& out) {
  for (QAction* const action : menu.actions()) {
    if (action->menu() != nullptr) {
      collect(*action->menu(), out);
    } else if (!action->isSeparator()) {
      out.push_back(action);
    }
  }
}

/// "Why this number?\tF1": a key that the window sees to itself stands behind a tab.
Command command_of(QAction& action) {
  const QString text = action.text().remove(u'&');
  const QString own_keys = text.section(u'\t', 1);
  return {.title = text.section(u'\t', 0, 0),
          .hint = own_keys.isEmpty() ? action.shortcut().toString(QKeySequence::NativeText) : own_keys,
          .run = [&action] { action.trigger(); }};
}

std::vector<Command> commands_of(const QMenu& menu) {
  std::vector<QAction*> actions;
  collect(menu, actions);
  std::vector<Command> commands;
  for (QAction* const action : actions) {
    if (action->isEnabled()) {
      commands.push_back(command_of(*action));
    }
  }
  return commands;
}

}  // namespace

void MainWindow::buildHelpMenu() {
  QMenu* const menu = menuBar()->addMenu(tr("&Help"));
  menu->addAction(tr("Why this number?") + QStringLiteral("\tF1"), this, &MainWindow::explainFocused);
  menu->addAction(tr("Warnings and assumptions"), this, &MainWindow::showAssumptions);
  menu->addAction(tr("Keys"), this, &MainWindow::showKeys);
  menu->addSeparator();
  menu->addAction(tr("About mtok"), this, &MainWindow::showAbout);
}

void MainWindow::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_F1 && event->modifiers() == Qt::NoModifier) {
    explainFocused();
  } else {
    QMainWindow::keyPressEvent(event);
  }
}

/// Tables and tiles answer for their own figures; a field tells the value in force with its source, and
/// everything else means the first tile.
void MainWindow::explainFocused() {
  for (const QWidget* widget = focusWidget(); widget != nullptr; widget = widget->parentWidget()) {
    if (const auto* const field = qobject_cast<const FieldEditor*>(widget)) {
      explainField(field->field());
      return;
    }
  }
  showWhy(QLatin1String(kHeadline), 0);
}

void MainWindow::explainField(const Field& field) {
  const QString title = field.title.trimmed();
  if (const auto stated = workbench_.currentTree().get(field.path)) {
    showMessage(
        tr("%1: %2. Stated by the scenario: %3 (%4)")
            .arg(title, field.tip, QString::fromStdString(*stated), QString::fromStdString(field.path)));
    return;
  }
  if (const auto result = workbench_.result(workbench_.current())) {
    for (const planner::Assumption& assumption : result->assumptions) {
      if (assumption.key == field.path) {
        showMessage(tr("%1: %2. Assumed: %3. Source: %4 %5")
                        .arg(title, field.tip, QString::fromStdString(assumption.value),
                             QString::fromStdString(assumption.source),
                             QString::fromStdString(assumption.date))
                        .trimmed());
        return;
      }
    }
  }
  showMessage(tr("%1: %2. Neither stated nor assumed in this scenario").arg(title, field.tip));
}

void MainWindow::showWhy(const QString& key, int scenario) {
  const auto result = workbench_.result(scenario == 0 ? workbench_.current() : scenario);
  if (!result || result->infeasible) {
    showMessage(tr("There is no result yet that could be explained."));
    return;
  }
  why().ask(result, workbench_.catalogue(), key);
}

void MainWindow::answerWhy(const View& view, const QString& key, int scenario) {
  if (const std::optional<planner::Explanation> explanation = view.explanationOf(key)) {
    why().showExplanation(key, *explanation);
  } else {
    showWhy(key, scenario);
  }
}

void MainWindow::showWhyOf(const ScenarioTree& variant, const QString& key) {
  why().askOf({.yaml = variant.to_yaml(), .file = document().openedFile()}, workbench_.catalogue(), key);
}

WhyDialog& MainWindow::why() {
  if (why_ == nullptr) {
    why_ = new WhyDialog(this);
  }
  return *why_;
}

void MainWindow::showAssumptions() {
  const auto result = workbench_.result(workbench_.current());
  if (!result) {
    return;
  }
  QStringList warnings;
  for (const std::string& warning : result->warnings) {
    warnings << QString::fromStdString(warning);
  }
  const QString name = workbench_.nameOf(workbench_.current());
  (new SheetDialog(QStringLiteral("assumptions"), tr("%1: warnings and assumptions").arg(name), warnings,
                   assumptions_sheet(*result), this))
      ->show();
}

void MainWindow::showKeys() {
  Sheet sheet{.columns = {{.title = tr("Keys")}, {.title = tr("What they do")}, {.title = tr("Where")}}};
  const auto add = [&](const QString& keys, const QString& what, const QString& where) {
    sheet.rows.push_back({{.text = keys, .tone = Tone::strong}, {.text = what}, {.text = where}});
  };
  for (const QAction* const top : menuBar()->actions()) {
    for (const Command& command : commands_of(*top->menu())) {
      if (!command.hint.isEmpty()) {
        add(command.hint, command.title, tr("menu %1").arg(top->text().remove(u'&')));
      }
    }
  }
  const QString timeline = tr("timeline");
  add(tr("Left, Right"), tr("Move through time"), timeline);
  add(tr("Up, Down"), tr("Zoom in and out"), timeline);
  add(tr("Home"), tr("Show everything"), timeline);
  add(QKeySequence(QKeySequence::Copy).toString(QKeySequence::NativeText),
      tr("Copy what is selected, or all"), tr("tables"));
  add(tr("Return"), tr("Open a candidate as a scenario"), tr("tables of sweep, Pareto and ladder"));
  add(tr("Return, Space"), tr("Why this number?"), tr("tiles"));
  (new SheetDialog(QStringLiteral("keys"), tr("Keys"), {}, std::move(sheet), this))->show();
}

void MainWindow::showAbout() {
  auto* const box = new QMessageBox(QMessageBox::NoIcon, tr("About mtok"), {}, QMessageBox::Close, this);
  box->setObjectName(QStringLiteral("about"));
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setText(
      tr("<h3>mtok %1</h3><p>What a million tokens of a language model cost, and what changes it.</p>"
         "<p>mtok is under the Apache licence 2.0. This program links QCustomPlot and is distributed "
         "under the GNU General Public License, version 3 or later.</p>")
          .arg(QCoreApplication::applicationVersion()));
  box->open();
}

void MainWindow::openPalette() {
  std::vector<Command> commands;
  const auto take = [&commands](const QMenu& menu, const QString& where) {
    for (Command& command : commands_of(menu)) {
      command.title = where + command.title;
      commands.push_back(std::move(command));
    }
  };
  for (const QAction* const top : menuBar()->actions()) {
    take(*top->menu(), {});
  }
  if (pages_->currentIndex() == 0) {
    addViewCommands(commands);
  }
  for (const OpenScenario& scenario : document().scenarios()) {
    commands.push_back({.title = tr("Go to scenario %1").arg(QString::fromStdString(scenario.tree.name())),
                        .run = [this, id = scenario.id] { workbench_.setCurrent(id); }});
  }
  for (const auto& [path, title] : inputs_->fields()) {
    commands.push_back({.title = title, .hint = QString::fromStdString(path), .run = [this, path = path] {
                          pages_->setCurrentIndex(0);
                          if (!inputs_->focusField(path)) {
                            showMessage(
                                tr("This scenario does not have the field %1 yet; switch its group on first.")
                                    .arg(QString::fromStdString(path)));
                          }
                        }});
  }
  palette_->open(std::move(commands));
}

/// The buttons of the view that is shown, and the menus of its charts.
void MainWindow::addViewCommands(std::vector<Command>& commands) const {
  for (const auto* const panel : currentView()->panels()) {
    if (!panel->isVisible()) {
      continue;
    }
    for (const QToolButton* const button : panel->findChildren<QToolButton*>()) {
      if (button->menu() != nullptr) {
        for (Command& command : commands_of(*button->menu())) {
          commands.push_back({.title = panel->title() + QStringLiteral(": ") + command.title,
                              .hint = command.hint,
                              .run = command.run});
        }
      }
    }
  }
  for (QAbstractButton* const button : currentView()->findChildren<QAbstractButton*>()) {
    const bool has_menu = qobject_cast<const QToolButton*>(button) != nullptr;
    if (!has_menu && button->isVisible() && button->isEnabled() && !button->text().isEmpty()) {
      commands.push_back({.title = button->text().remove(u'&'), .run = [button] { button->click(); }});
    }
  }
}

}  // namespace mtok::gui
