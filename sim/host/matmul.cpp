// Matrix products by oneDNN's matmul primitive.
#include "sim/host/matmul.hpp"

#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <utility>

#include "sim/host/onednn.hpp"

static_assert(DNNL_VERSION_MAJOR == 2, "version 3 has no matmul::desc and other names for output scales");

namespace mtok::host {
namespace {

using dnnl::memory;
using kernel::NumberFormat;

struct DataTypes {
  memory::data_type input{};
  memory::data_type weights{};
  memory::data_type output{};
};

DataTypes types_of(NumberFormat format) {
  using enum memory::data_type;
  switch (format) {
    case NumberFormat::int8:
      return {u8, s8, f32};
    case NumberFormat::bf16:
      return {bf16, bf16, bf16};
    default:
      return {f32, f32, f32};
  }
}

/// A layout that serves few and many rows alike.
constexpr std::int64_t kPackedFor = 16;

memory::desc row_major(std::int64_t rows, std::int64_t columns, memory::data_type type) {
  return {{rows, columns}, type, memory::format_tag::ab};
}

dnnl::matmul::primitive_desc described(Library::Engine& engine, const kernel::Gemm& gemm,
                                       const std::vector<float>& scales, const memory::desc& weights) {
  const DataTypes types = types_of(gemm.activations);
  const dnnl::matmul::desc product(row_major(gemm.m, gemm.k, types.input), weights,
                                   row_major(gemm.m, gemm.n, types.output));
  dnnl::primitive_attr attributes;
  if (!scales.empty()) {
    constexpr int kPerColumn = 2;  // bit 1: dimension N
    attributes.set_output_scales(kPerColumn, scales);
  }
  return {product, attributes, *engine.engine};
}

memory::desc any_layout(const kernel::Gemm& gemm) {
  return {{gemm.k, gemm.n}, types_of(gemm.activations).weights, memory::format_tag::any};
}

}  // namespace

struct Matmul::Primitive {
  Primitive(Library::Engine& on, const kernel::Gemm& shape, std::vector<float> column_scales,
            const memory::desc& weights)
      : engine(&on),
        gemm(shape),
        scales(std::move(column_scales)),
        description(described(on, gemm, scales, weights)),
        product(description),
        input(description.src_desc(), *on.engine, DNNL_MEMORY_NONE),
        packed(description.weights_desc(), *on.engine, DNNL_MEMORY_NONE),
        output(description.dst_desc(), *on.engine, DNNL_MEMORY_NONE),
        arguments{{DNNL_ARG_SRC, input}, {DNNL_ARG_WEIGHTS, packed}, {DNNL_ARG_DST, output}} {}

  Library::Engine* engine;
  kernel::Gemm gemm;
  std::vector<float> scales;
  dnnl::matmul::primitive_desc description;
  dnnl::matmul product;
  memory input;  // these three have no memory of their own: run() says where the operands lie
  memory packed;
  memory output;
  std::unordered_map<int, memory> arguments;
};

namespace {

void* writable(const std::byte* data) {
  return const_cast<std::byte*>(data);  // NOLINT: the library takes void* for what it only reads
}

}  // namespace

bool Matmul::supports(const Library& library, NumberFormat format) {
  try {
    const kernel::Gemm small{.m = 1, .n = 64, .k = 64, .weights = format, .activations = format};
    return described(library.engine(), small, {}, any_layout(small)).impl_info_str() != std::string();
  } catch (const dnnl::error&) {
    return false;
  }
}

Matmul::Matmul(const Library& library, const kernel::Gemm& gemm, const std::vector<float>& scales)
    : primitive_(std::make_unique<Primitive>(library.engine(), gemm, scales, any_layout(gemm))) {}

Matmul::Matmul(std::unique_ptr<Primitive> primitive) : primitive_(std::move(primitive)) {}

Matmul Matmul::with_rows(std::int64_t m) const {
  kernel::Gemm gemm = primitive_->gemm;
  gemm.m = m;
  return Matmul(std::make_unique<Primitive>(*primitive_->engine, gemm, primitive_->scales,
                                            primitive_->description.weights_desc()));
}

Matmul::Matmul(Matmul&&) noexcept = default;
Matmul& Matmul::operator=(Matmul&&) noexcept = default;
Matmul::~Matmul() = default;

std::string Matmul::implementation() const {
  return primitive_->description.impl_info_str();
}
std::size_t Matmul::weight_bytes() const {
  return primitive_->description.weights_desc().get_size();
}
std::size_t Matmul::input_bytes() const {
  return primitive_->description.src_desc().get_size();
}
std::size_t Matmul::output_bytes() const {
  return primitive_->description.dst_desc().get_size();
}

void Matmul::pack(const std::byte* row_major_data, std::byte* packed) const {
  const kernel::Gemm& gemm = primitive_->gemm;
  memory from(row_major(gemm.k, gemm.n, types_of(gemm.activations).weights), *primitive_->engine->engine,
              writable(row_major_data));
  memory to(primitive_->description.weights_desc(), *primitive_->engine->engine, packed);
  dnnl::reorder(from, to).execute(*primitive_->engine->stream, from, to);
  primitive_->engine->stream->wait();
}

void Matmul::run(const std::byte* input, const std::byte* weights, std::byte* output) const {
  primitive_->input.set_data_handle(writable(input));
  primitive_->packed.set_data_handle(writable(weights));
  primitive_->output.set_data_handle(output);
  primitive_->product.execute(*primitive_->engine->stream, primitive_->arguments);
  primitive_->engine->stream->wait();
}

MatmulSet::MatmulSet(const Library& library, std::int64_t n, std::int64_t k, NumberFormat format)
    : first_(library, {.m = kPackedFor, .n = n, .k = k, .weights = format, .activations = format}) {}

std::int64_t MatmulSet::padded(std::int64_t m) {
  constexpr std::int64_t kExact = 32;
  std::int64_t step = 1;
  while (m > kExact * step) {
    step *= 2;
  }
  return (m + step - 1) / step * step;
}

const Matmul& MatmulSet::for_rows(std::int64_t m) {
  const std::int64_t rows = padded(m);
  auto found = by_rows_.find(rows);
  if (found == by_rows_.end()) {
    found = by_rows_.emplace(rows, first_.with_rows(rows)).first;
  }
  return found->second;
}

}  // namespace mtok::host
