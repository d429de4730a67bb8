// In which form a report is written.
#pragma once

namespace mtok::report {

enum class Format { table, json, csv, markdown };

struct Form {
  Format format = Format::table;
  bool colour = false;  ///< bold and dim, for tables on a terminal
};

}  // namespace mtok::report
