// A first look at YAML text, before the library sees it.
#pragma once

#include "sim/config/source.hpp"

namespace mtok::config {

/// Refuses, with our own words and the exact place, what yaml-cpp accepts in silence, spends memory on, or
/// reports far away from its cause: anchors, aliases, tags, merge keys, directives, explicit keys, a line
/// that should be "key: value" and is not, quoted text that does not end on its line, brackets that do not
/// pair or nest deeper than kMaxDepth, tabs in the indentation, lone carriage returns. Everything else
/// passes, well-formed or not.
void scan_yaml(const Source& source);

}  // namespace mtok::config
