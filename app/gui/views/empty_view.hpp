// A view whose function the planner does not have yet: says so, and shows nothing else.
#pragma once

#include "app/gui/view.hpp"

namespace mtok::gui {

class EmptyView final : public View {
  Q_OBJECT
 public:
  EmptyView(Workbench& workbench, const QString& title, const QString& why, QWidget* parent);
  void refresh() override {}
};

}  // namespace mtok::gui
