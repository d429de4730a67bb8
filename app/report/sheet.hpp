// A result in its two shapes, page and document, from which every form is written.
#pragma once

#include <string>

#include "app/report/form.hpp"
#include "app/report/json.hpp"
#include "app/report/page.hpp"

namespace mtok::report {

struct Sheet {
  Page page{};
  Json document{};
  std::string
      rows{};  ///< key of the list whose items are the lines of the CSV; empty: lines of key and value
};

[[nodiscard]] std::string text_of(const Sheet& sheet, Form form);

}  // namespace mtok::report
