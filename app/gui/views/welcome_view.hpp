// The first page: examples to start from, files that were open, copies that a crash left behind.
#pragma once

#include "app/gui/view.hpp"

class QGridLayout;
class QVBoxLayout;

namespace mtok::gui {

class WelcomeView final : public View {
  Q_OBJECT
 public:
  WelcomeView(Workbench& workbench, QWidget* parent);
  void refresh() override;

 signals:
  void openAsked(const QString& file);
  void browseAsked();
  void recoverAsked(const QString& copy, const QString& original);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void addExamples();
  void addRecentFiles();
  void arrange();

  QWidget* content_;
  QVBoxLayout* list_;
  QGridLayout* grid_ = nullptr;
  std::vector<QWidget*> cards_;  ///< of the examples, in their order
};

}  // namespace mtok::gui
