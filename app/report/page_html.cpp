// Writes a page as one HTML file that needs nothing else.
#include <fmt/format.h>

#include "app/report/page.hpp"
#include "app/report/text.hpp"
#include "sim/config/source.hpp"
#include "sim/workload/formula_guard.hpp"

namespace mtok::report {
namespace {

constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--ink:#1c1e21;--soft:#565b63;--line:#d9dce1;--ground:#fff;--card:#f6f7f9;--accent:#00588c}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a8afb8;--line:#3a4048;--ground:#14171b;--card:#1d2127;--accent:#6cb8ea}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem clamp(1rem,3vw,2.5rem) 4rem;background:var(--ground);color:var(--ink);
font:1rem/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:clamp(1.4rem,3.5vw,2rem);line-height:1.2;margin:.5rem 0 1rem}
h2{font-size:1.15rem;margin:2.2rem 0 .6rem;padding-bottom:.25rem;border-bottom:2px solid var(--line)}
.answer{background:var(--card);border-left:4px solid var(--accent);padding:.8rem 1.1rem;margin:.6rem 0;font-size:1.1rem;font-weight:600}
.answer+.answer{font-weight:400}
.scroll{overflow-x:auto;margin:.6rem 0;max-width:100%}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600;vertical-align:bottom;border-bottom:2px solid var(--line)}
th.n,td.n{text-align:right;white-space:nowrap}
th.n{white-space:normal}
th button{all:unset;cursor:pointer}
th button:focus-visible{outline:2px solid var(--accent)}
th[aria-sort=ascending] button::after{content:" \25B2"}
th[aria-sort=descending] button::after{content:" \25BC"}
tbody tr:hover{background:var(--card)}
td:not(.n){min-width:8.5rem;max-width:34rem;overflow-wrap:break-word}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;margin:.6rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
figure{margin:.8rem 0;background:#fff;border:1px solid var(--line);border-radius:6px;padding:.5rem;overflow-x:auto}
figure svg{display:block;max-width:100%;height:auto;min-width:32rem;margin:auto}
figcaption{color:#565b63;font-size:.85rem}
@media screen and (prefers-color-scheme:dark){figure{border-color:#c5bfb7;filter:invert(.91) hue-rotate(180deg)}}
li{margin:.25rem 0}
p,li{overflow-wrap:anywhere}
@media(max-width:40rem){table{font-size:.82rem}th,td{padding:.3rem .5rem}dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}
figure svg{min-width:42rem}th:first-child,td:first-child{position:sticky;left:0;background:var(--ground)}}
@media print{body{max-width:none;padding:0;font-size:9.5pt}h2{break-after:avoid}tr,figure,.answer{break-inside:avoid}
.scroll{overflow:visible}thead{display:table-header-group}a{color:inherit}}
)";

/// Sorts a table by a column: numbers by value, the rest as text; the order of the file comes back third.
constexpr const char* kScript = R"(
document.querySelectorAll('table.sort').forEach(function(table){
 var body=table.tBodies[0],original=Array.from(body.rows);
 table.querySelectorAll('thead th button').forEach(function(button,column){
  button.addEventListener('click',function(){
   var head=button.parentNode,was=head.getAttribute('aria-sort');
   table.querySelectorAll('th').forEach(function(h){h.removeAttribute('aria-sort')});
   var rows=original.slice();
   if(was!=='descending'){
    var way=was==='ascending'?-1:1;
    head.setAttribute('aria-sort',way>0?'ascending':'descending');
    var value=function(row){return row.cells[column].textContent.trim()};
    var number=function(text){var n=parseFloat(text.replace(/[^0-9.eE+-]/g,''));return isNaN(n)?null:n};
    rows.sort(function(a,b){var s=value(a),t=value(b),x=number(s),y=number(t);
     if(head.className==='n'){if(x===null||y===null){return x===y?0:x===null?1:-1}return way*(x-y)}
     return way*s.localeCompare(t)});
   }
   rows.forEach(function(row){body.appendChild(row)});
  });
 });
});
)";

/// Escaped for text and attributes; control and bidirectional characters are shown as U+XXXX.
std::string html(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const config::Character character = config::character_at(text, at);
    const std::size_t bytes = character.bytes == 0 ? 1 : character.bytes;
    const bool shown = character.bytes != 0 && !config::is_control(character.code) &&
                       !config::is_bidi_control(character.code);
    if (!shown) {
      out += character.bytes == 0 ? std::string("U+FFFD") : fmt::format("U+{:04X}", character.code);
    } else if (text[at] == '&') {
      out += "&amp;";
    } else if (text[at] == '<') {
      out += "&lt;";
    } else if (text[at] == '>') {
      out += "&gt;";
    } else if (text[at] == '"') {
      out += "&quot;";
    } else {
      out += text.substr(at, bytes);
    }
    at += bytes;
  }
  return out;
}

/// Text cells are guarded, since tables get pasted into spreadsheets; numbers keep their minus.
std::string cell(const std::string& text, Align align) {
  return html(align == Align::left ? workload::guarded(text) : text);
}

std::string html_of(const Table& table) {
  const bool sortable = table.rows.size() > 2;
  std::string text =
      fmt::format("<div class=\"scroll\" tabindex=\"0\" role=\"region\"><table{}>\n<thead><tr>",
                  sortable ? " class=\"sort\"" : "");
  for (const Column& column : table.columns) {
    const std::string title = html(column.title.empty() ? "name" : column.title);
    text += fmt::format("<th scope=\"col\"{}>", column.align == Align::right ? " class=\"n\"" : "");
    text += (sortable ? "<button type=\"button\">" + title + "</button>" : title) + "</th>";
  }
  text += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    text += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Align align = table.columns[i].align;
      text += align == Align::right ? "<td class=\"n\">" : "<td>";
      text += cell(row[i], align) + "</td>";
    }
    text += "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string html_of(const Facts& facts) {
  std::string text = "<dl>\n";
  for (const auto& [label, value] : facts.lines) {
    text += "<dt>" + html(label) + "</dt><dd>" + html(value) + "</dd>\n";
  }
  return text + "</dl>\n";
}

std::string html_of(const Notes& notes) {
  if (notes.lines.size() == 1) {
    return "<p>" + html(notes.lines.front()) + "</p>\n";
  }
  std::string text = "<ul>\n";
  for (const std::string& line : notes.lines) {
    text += "<li>" + html(line) + "</li>\n";
  }
  return text + "</ul>\n";
}

std::string html_of(const Figure& figure) {
  const std::size_t start = figure.svg.find("<svg");
  const std::string svg = start == std::string::npos ? "" : figure.svg.substr(start);
  return "<figure>" + svg + "<figcaption>" + html(figure.caption) + "</figcaption></figure>\n";
}

}  // namespace

std::string to_html(const Page& page) {
  std::string text =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      html(page.title) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<main>\n<h1>" +
      html(page.title) + "</h1>\n";
  for (const std::string& line : page.headline) {
    text += "<p class=\"answer\">" + html(line) + "</p>\n";
  }
  for (const Section& section : page.sections) {
    if (section.blocks.empty()) {
      continue;
    }
    text += section.title.empty() ? "<section>\n" : "<section>\n<h2>" + html(section.title) + "</h2>\n";
    for (const Block& block : section.blocks) {
      text += std::visit([](const auto& content) { return html_of(content); }, block);
    }
    text += "</section>\n";
  }
  return text + "</main>\n<script>" + kScript + "</script>\n</body>\n</html>\n";
}

}  // namespace mtok::report
