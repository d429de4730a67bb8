// Adds and removes the apostrophe that makes a spreadsheet show text instead of running it.
#include "sim/workload/formula_guard.hpp"

namespace mtok::workload {
namespace {

/// '*[=+-@ TAB CR]: what could be run once its apostrophes are gone.
bool runs_when_bare(std::string_view text) {
  const std::size_t first = text.find_first_not_of('\'');
  return first != std::string_view::npos &&
         std::string_view("=+-@\t\r").find(text[first]) != std::string_view::npos;
}

}  // namespace

std::string guarded(std::string_view text) {
  return (runs_when_bare(text) ? "'" : "") + std::string(text);
}

std::string unguarded(std::string_view text) {
  return std::string(text.starts_with('\'') && runs_when_bare(text) ? text.substr(1) : text);
}

}  // namespace mtok::workload
