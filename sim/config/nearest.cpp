// The known word that a mistyped one was probably meant to be.
#include <algorithm>

#include "sim/config/reader.hpp"

namespace mtok::config {
namespace {

constexpr std::size_t kLongestWord = 64;  // bounds the work per word; nobody mistypes a longer key

/// Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of
/// neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);  // row i - 2
  std::vector<std::size_t> last(b.size() + 1);    // row i - 1
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    last[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

/// Case and the kind of separator are no difference: TensorParallel-Size is near tensorparallel_size.
std::string folded(std::string_view word) {
  std::string out(word);
  for (char& c : out) {
    c = c == '-' || c == ' ' ? '_' : (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

}  // namespace

std::string nearest(std::string_view got, std::span<const std::string> known) {
  if (got.empty() || got.size() > kLongestWord) {
    return {};
  }
  const std::string wanted = folded(got);
  const std::string* best = nullptr;
  std::size_t best_distance = 0;
  for (const std::string& word : known) {
    if (word.empty() || word.size() > kLongestWord) {
      continue;
    }
    // A third of the letters may be wrong: one of 3, two of 6. Two letters alone must differ in case at most.
    const std::size_t allowed = std::min(wanted.size(), word.size()) / 3;
    const std::size_t distance = edit_distance(wanted, folded(word));
    if (distance <= allowed && (best == nullptr || distance < best_distance)) {
      best = &word;
      best_distance = distance;
    }
  }
  return best == nullptr ? std::string{} : *best;
}

}  // namespace mtok::config
