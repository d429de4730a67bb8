// Keeps figures in a Boost graph and takes out what lies below one of them.
#include "sim/planner/provenance_graph.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/topological_sort.hpp>
#include <cassert>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>

namespace mtok::planner {
namespace {

/// Out-edges keep the order in which they were added: that of the parts.
using Edges = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Figure>;

double nearest_pico(double usd) {
  constexpr double kPerDollar = 1e12;
  return std::round(usd * kPerDollar) / kPerDollar;
}

}  // namespace

struct FigureGraph::Impl {
  Edges edges{};
  std::map<std::string, Id, std::less<>> by_key{};
};

FigureGraph::FigureGraph() : impl_(std::make_unique<Impl>()) {}
FigureGraph::FigureGraph(FigureGraph&&) noexcept = default;
FigureGraph& FigureGraph::operator=(FigureGraph&&) noexcept = default;
FigureGraph::~FigureGraph() = default;

FigureGraph::Id FigureGraph::add(Figure figure, const std::vector<Id>& parts) {
  assert(!has(figure.key));
  if (!figure.value) {
    std::vector<double> values;
    for (const Id part : parts) {
      values.push_back(impl_->edges[part].value.value_or(0));
    }
    figure.value = value_by(figure.rule, values);
  }
  const std::string key = figure.key;
  const Id id = boost::add_vertex(impl_->edges);
  impl_->edges[id] = std::move(figure);
  for (const Id part : parts) {
    assert(part < id);
    boost::add_edge(id, part, impl_->edges);
  }
  impl_->by_key.emplace(key, id);
  return id;
}

double FigureGraph::value_of(Id figure) const {
  assert(impl_->edges[figure].value);
  return *impl_->edges[figure].value;
}

bool FigureGraph::has(std::string_view key) const {
  return impl_->by_key.contains(key);
}

FigureGraph::Id FigureGraph::find(std::string_view key) const {
  const auto found = impl_->by_key.find(key);
  assert(found != impl_->by_key.end());
  return found->second;
}

std::vector<std::string> FigureGraph::keys() const {
  std::vector<std::string> keys;
  const auto [first, last] = boost::vertices(impl_->edges);
  std::transform(first, last, std::back_inserter(keys), [&](Id figure) { return impl_->edges[figure].key; });
  return keys;
}

Explanation FigureGraph::below(Id figure) const {
  // The order of a topological sort is from the parts up; read backwards it is from the figures down.
  std::vector<Id> order;
  boost::topological_sort(impl_->edges, std::back_inserter(order));
  std::reverse(order.begin(), order.end());
  std::vector<bool> wanted(boost::num_vertices(impl_->edges));
  std::vector<std::size_t> place(wanted.size());
  wanted[figure] = true;
  Explanation explanation;
  for (const Id id : order) {
    if (!wanted[id]) {
      continue;
    }
    place[id] = explanation.figures.size();
    explanation.figures.push_back(impl_->edges[id]);
    const auto [first, last] = boost::out_edges(id, impl_->edges);
    for (auto edge = first; edge != last; ++edge) {
      const Id part = boost::target(*edge, impl_->edges);
      wanted[part] = true;
      explanation.figures.back().parts.push_back(part);
    }
  }
  for (Figure& one : explanation.figures) {
    std::transform(one.parts.begin(), one.parts.end(), one.parts.begin(), [&](Id id) { return place[id]; });
  }
  return explanation;
}

std::optional<double> value_by(Rule rule, const std::vector<double>& parts) {
  switch (rule) {
    case Rule::sum:
      return std::accumulate(parts.begin(), parts.end(), 0.0);
    case Rule::difference:
      return std::accumulate(parts.begin() + 1, parts.end(), parts.front(), std::minus<>());
    case Rule::product:
      return std::accumulate(parts.begin(), parts.end(), 1.0, std::multiplies<>());
    case Rule::quotient:
      return parts.at(0) / parts.at(1);
    case Rule::power:
      return std::pow(parts.at(0), parts.at(1));
    case Rule::least:
      return *std::min_element(parts.begin(), parts.end());
    case Rule::whole:
      return std::floor(std::max(0.0, parts.at(0)));
    case Rule::nearest:
      return std::round(parts.at(0));
    case Rule::rounded:
      return nearest_pico(parts.at(0));
    case Rule::share:
      return parts.at(2) > 0 ? nearest_pico(parts.at(0) * parts.at(1) / parts.at(2)) : 0;
    case Rule::stated:
    case Rule::simulated:
    case Rule::shapes:
    case Rule::gathered:
      break;
  }
  return std::nullopt;
}

std::string_view name_of(Rule rule) {
  switch (rule) {
    case Rule::stated:
      return "stated";
    case Rule::sum:
      return "sum";
    case Rule::difference:
      return "difference";
    case Rule::product:
      return "product";
    case Rule::quotient:
      return "quotient";
    case Rule::power:
      return "power";
    case Rule::least:
      return "least";
    case Rule::whole:
      return "whole";
    case Rule::nearest:
      return "nearest";
    case Rule::rounded:
      return "rounded";
    case Rule::share:
      return "share";
    case Rule::simulated:
      return "simulated";
    case Rule::shapes:
      return "shapes";
    case Rule::gathered:
      break;
  }
  return "gathered";
}

std::optional<double> worked_out(const Explanation& explanation, std::size_t figure) {
  std::vector<double> values;
  for (const std::size_t part : explanation.figures.at(figure).parts) {
    values.push_back(explanation.figures.at(part).value.value_or(0));
  }
  return value_by(explanation.figures.at(figure).rule, values);
}

}  // namespace mtok::planner
