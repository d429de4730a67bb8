// How plots look: axes, grids, fonts and legends in the colours of the theme.
#pragma once

#include <QFont>
#include <QString>
#include <cstddef>

class QCPAxis;
class QCPItemText;
class QCPLegend;
class QCustomPlot;

namespace mtok::gui {

struct Theme;

/// Of all words inside plots.
[[nodiscard]] QFont plot_font();
/// Colours, fonts and margins of everything in the plot, present and future axes included.
void style_plot(QCustomPlot& plot, const Theme& theme);
/// A legend that is not the plot's own.
void style_legend(QCPLegend& legend, const Theme& theme);
/// Logarithmic ticks with plain numbers: 1, 2, 5, 10 over a short range, 1, 10, 100 over one of more than
/// `long_decades`.
void set_logarithmic(QCPAxis& axis, double long_decades = 2.6);
/// Labels of ticks as dollars: "$500,000", "$5 M". Keeps the scale of the axis.
void set_money(QCPAxis& axis, double long_decades = 2.6);
/// A new plot that can be dragged and zoomed along the axes, in the colours of the application.
[[nodiscard]] QCustomPlot* new_plot();
/// Keeps the plot high enough for so many rows with words beside them.
void keep_rows_apart(QCustomPlot& plot, std::size_t rows, int pixels = 18);
/// A name beside an axis, cut where it would take the room of what it names.
[[nodiscard]] QString axis_name(const QString& name);
/// By what a linear axis must be longer than its longest bar for a text of so many pixels behind it; of a
/// logarithmic one, the exponent of the ratio of its ends. At least 1, and the same until the plot has a
/// size.
[[nodiscard]] double room_behind(const QCustomPlot& plot, int pixels);
/// A text inside the plot, which owns it, at a place in the coordinates of its axes.
QCPItemText* add_text(QCustomPlot& plot, double x, double y, const QString& text, Qt::Alignment alignment,
                      const Theme& theme, bool strong = false);

}  // namespace mtok::gui
