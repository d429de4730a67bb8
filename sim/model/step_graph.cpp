// The step graph: a Boost.Graph of kernels, and its critical path over two streams.
#include "sim/model/step_graph.hpp"

#include <algorithm>
#include <array>
#include <boost/graph/adjacency_list.hpp>
#include <cassert>

namespace mtok::model {

// Edges point from a kernel to those it waits for. Vertices are numbers, in step with `nodes`.
struct StepGraph::Graph {
  boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS> edges{};
  std::vector<Node> nodes{};
};

StepGraph::StepGraph() : graph_(std::make_unique<Graph>()) {
  constexpr std::size_t kTypical = 20;  // kernels of a layer
  graph_->nodes.reserve(kTypical);
}
StepGraph::StepGraph(StepGraph&&) noexcept = default;
StepGraph& StepGraph::operator=(StepGraph&&) noexcept = default;
StepGraph::~StepGraph() = default;

std::size_t StepGraph::add(const Node& node, const std::vector<std::size_t>& predecessors) {
  const std::size_t number = boost::add_vertex(graph_->edges);
  for (const std::size_t predecessor : predecessors) {
    assert(predecessor < number && "a kernel waits for earlier ones only, so the graph has no cycle");
    boost::add_edge(number, predecessor, graph_->edges);
  }
  graph_->nodes.push_back(node);
  return number;
}

const std::vector<Node>& StepGraph::nodes() const {
  return graph_->nodes;
}

Seconds StepGraph::critical_path(const std::function<Seconds(const kernel::Kernel&)>& time_of) const {
  std::vector<Seconds> ends;
  std::array<Seconds, 2> stream_free{};
  Seconds last;
  for (std::size_t number = 0; number < graph_->nodes.size(); ++number) {  // insertion order is topological
    const Node& node = graph_->nodes[number];
    Seconds& free = stream_free[static_cast<std::size_t>(node.stream)];
    Seconds start = free;
    const auto [first, past] = boost::out_edges(number, graph_->edges);
    for (auto edge = first; edge != past; ++edge) {
      start = std::max(start, ends[boost::target(*edge, graph_->edges)]);
    }
    free = start + time_of(node.kernel);
    ends.push_back(free);
    last = std::max(last, free);
  }
  return last;
}

Seconds StepGraph::time_on(Stream stream,
                           const std::function<Seconds(const kernel::Kernel&)>& time_of) const {
  Seconds sum;
  for (const Node& node : graph_->nodes) {
    sum += node.stream == stream ? time_of(node.kernel) : Seconds{};
  }
  return sum;
}

}  // namespace mtok::model
