// Tells trace formats apart by the names of their columns, never by position.
#include "sim/workload/trace_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace mtok::workload {
namespace {

std::vector<std::string_view> required_of(const FormatColumns& format) {
  std::vector<std::string_view> names{format.arrival, format.input, format.output};
  if (!format.marker.empty()) {
    names.push_back(format.marker);
  }
  if (format.json && !format.hash_ids.empty()) {
    names.push_back(format.hash_ids);
  }
  return names;
}

std::vector<std::string_view> lacking(const FormatColumns& format, std::span<const std::string_view> names) {
  std::vector<std::string_view> wanted = required_of(format);
  std::erase_if(wanted, [&](std::string_view name) { return std::ranges::find(names, name) != names.end(); });
  return wanted;
}

std::string known_formats(bool json) {
  std::string list;
  for (const FormatColumns& format : kTraceFormats) {
    if (format.json == json) {
      list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", format.name, required_columns(format));
    }
  }
  return list;
}

/// Why `format` does not fit `names`, which lack some of its columns.
Mismatch explain_lack(const FormatColumns& format, std::span<const std::string_view> names) {
  const std::string missing = missing_columns(format, names);
  if (format.format == TraceFormat::vidur && missing == format.arrival) {
    return {.message = "the trace has lengths but no arrival times: the column arrived_at is missing",
            .hint = "add arrived_at in seconds, or draw the lengths in a `synthetic` workload (`empirical`)"};
  }
  return {.message = fmt::format("missing {}: {}; {} traces have {}", format.json ? "fields" : "columns",
                                 missing, format.name, required_columns(format))};
}

/// Why no format fits: the nearest one and what it lacks, or all of them when none is near.
Mismatch explain(bool json, std::span<const std::string_view> names) {
  const char* const what = json ? "fields" : "columns";
  const FormatColumns* best = nullptr;
  std::size_t best_found = 0;
  for (const FormatColumns& format : kTraceFormats) {
    const std::size_t found = required_of(format).size() - lacking(format, names).size();
    if (format.json == json && found > best_found) {
      best = &format;
      best_found = found;
    }
  }
  if (best == nullptr) {
    return {.message = fmt::format("the {} are not those of any trace format; expected one of {}", what,
                                   known_formats(json))};
  }
  return explain_lack(*best, names);
}

}  // namespace

std::string_view name_of(TraceFormat format) {
  return columns_of(format).name;
}

const FormatColumns& columns_of(TraceFormat format) {
  return *std::ranges::find(kTraceFormats, format, &FormatColumns::format);
}

std::string missing_columns(const FormatColumns& format, std::span<const std::string_view> names) {
  return fmt::format("{}", fmt::join(lacking(format, names), ", "));
}

std::string required_columns(const FormatColumns& format) {
  return fmt::format("{}", fmt::join(required_of(format), ", "));
}

const FormatColumns* detect_format(bool json, std::span<const std::string_view> names,
                                   const std::optional<TraceFormat>& asked, Mismatch& mismatch) {
  const auto found = std::ranges::find_if(kTraceFormats, [&](const FormatColumns& format) {
    return format.json == json && lacking(format, names).empty();
  });
  if (!asked) {
    if (found == kTraceFormats.end()) {
      mismatch = explain(json, names);
      return nullptr;
    }
    return found;
  }
  const FormatColumns& wanted = columns_of(*asked);
  if (found == &wanted) {
    return found;
  }
  if (wanted.json != json) {
    mismatch.message = fmt::format("expected the format {}, which is {}, but this is {}", wanted.name,
                                   wanted.json ? "JSON lines" : "CSV", json ? "JSON lines" : "CSV");
  } else if (found != kTraceFormats.end()) {
    mismatch.message =
        fmt::format("expected the format {}, but by its names this trace is {}", wanted.name, found->name);
  } else {
    mismatch = explain_lack(wanted, names);
  }
  return nullptr;
}

}  // namespace mtok::workload
