// Calls the PDF writer, a library that is loaded only when a PDF is asked for: Qt would slow every other
// verb.
#pragma once

#include <filesystem>

#include "app/report/pdf/pdf_writer.hpp"

namespace mtok::cli {

/// Throws Refusal when this installation has no PDF writer, or the file cannot be written.
void write_pdf_file(const report::PdfMemo& memo, const std::filesystem::path& file);
/// Whether the library lies where it is looked for.
[[nodiscard]] bool has_pdf_writer();

}  // namespace mtok::cli
