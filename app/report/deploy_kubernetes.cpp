// Writes a deployment as objects of Kubernetes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "app/report/deploy.hpp"
#include "app/report/text.hpp"

namespace mtok::report {
namespace {

/// A YAML scalar in double quotes, which JSON's are too.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

/// A name as RFC 1123 labels are: at most 63 of a-z, 0-9 and '-', none of them '-' at either end.
std::string label_of(const std::string& name) {
  constexpr std::size_t kMost = 63;
  std::string label;
  for (const char sign : name) {
    const auto byte = static_cast<unsigned char>(sign);
    if (byte < 0x80 && std::isalnum(byte) != 0) {
      label += static_cast<char>(std::tolower(byte));
    } else if (!label.empty() && label.back() != '-') {
      label += '-';
    }
  }
  label.resize(std::min(label.size(), kMost));
  while (!label.empty() && label.back() == '-') {
    label.pop_back();
  }
  return label.empty() ? "mtok" : label;
}

/// What device plugins call the devices of a vendor; empty when none is known.
std::string resource_of(const Deployed& deployed) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kResources{
      {{"NVIDIA", "nvidia.com/gpu"},
       {"AMD", "amd.com/gpu"},
       {"Google", "google.com/tpu"},
       {"AWS", "aws.amazon.com/neuron"}}};
  for (const auto& [vendor, resource] : kResources) {
    if (deployed.kind != hardware::DeviceKind::cpu && deployed.vendor.starts_with(vendor)) {
      return std::string(resource);
    }
  }
  return deployed.device.starts_with("gaudi") ? "habana.ai/gaudi" : "";
}

DeployTarget framework_of(const Deployed& deployed) {
  for (const auto& [name, target] : kDeployTargets) {
    if (deployed.framework == name && target != DeployTarget::kubernetes) {
      return target;
    }
  }
  return DeployTarget::vllm;
}

std::string image_of(DeployTarget framework) {
  switch (framework) {
    case DeployTarget::sglang:
      return "lmsysorg/sglang:latest";
    case DeployTarget::tensorrt_llm:
      return "nvcr.io/nvidia/tensorrt-llm/release:latest";
    case DeployTarget::vllm:
    case DeployTarget::kubernetes:
      break;
  }
  return "vllm/vllm-openai:latest";
}

std::string indented(const std::string& text, std::size_t by) {
  const std::string blanks(by, ' ');
  std::string out;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\n', start);
    out += blanks + text.substr(start, end - start) + "\n";
    start = end == std::string::npos ? text.size() : end + 1;
  }
  return out;
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    line += (line.empty() ? "" : " ") + shell_word(word);
  }
  return line;
}

/// The writer of one manifest.
class Manifest {
 public:
  Manifest(const Deployed& deployed, std::int64_t devices_per_node)
      : deployed_(deployed),
        name_(label_of(deployed.name)),
        target_(framework_of(deployed)),
        serve_(serve_words(deployed, target_)) {
    const std::int64_t devices = deployed.sharding.devices();
    nodes_ = (devices + devices_per_node - 1) / devices_per_node;
    per_node_ = devices / nodes_;
    if (nodes_ * per_node_ != devices) {
      throw std::invalid_argument(
          fmt::format("{} devices of a replica do not fill {} nodes evenly", devices, nodes_));
    }
    if (nodes_ > 1 && target_ == DeployTarget::tensorrt_llm) {
      throw std::invalid_argument(
          "a replica of tensorrt-llm over several nodes is started by mpirun, which no manifest can do "
          "alone");
    }
  }

  std::string text() {
    std::string out = head();
    if (!serve_.options_file.empty()) {
      out += "apiVersion: v1\nkind: ConfigMap\n" + metadata(name_ + "-options") +
             "data:\n  options.yaml: |\n" + indented(serve_.options_file, 4) + "---\n";
    }
    out += nodes_ > 1 ? leader_worker_set() : deployment();
    return out + "---\n" + service();
  }

 private:
  [[nodiscard]] std::string head() const {
    std::string out =
        fmt::format("# {}\n# {} replicas, each on {} x {}\n", printable(deployed_.name),
                    grouped(deployed_.replicas), deployed_.sharding.devices(), deployed_.device);
    for (const std::string& remark : serve_.remarks) {
      out += "# " + printable(remark) + "\n";
    }
    out +=
        "# Add what selects nodes with these devices (nodeSelector), and pin the image to the version you "
        "run.\n";
    return out;
  }

  [[nodiscard]] std::string metadata(const std::string& name) const {
    std::string out =
        fmt::format("metadata:\n  name: {}\n  labels:\n    app: {}\n  annotations:\n", name, name_);
    out += "    mtok/plan: " + quoted(deployed_.name) + "\n";
    out += "    mtok/model: " + quoted(deployed_.model) + "\n";
    out += "    mtok/device: " + quoted(deployed_.device) + "\n";
    for (const auto& [what, value] : deployed_.expected) {
      out += fmt::format("    mtok/expected-{}: {}\n", what, quoted(value));
    }
    return out;
  }

  [[nodiscard]] std::string resources() const {
    const std::string resource = resource_of(deployed_);
    return resource.empty() ? ""
                            : fmt::format("  resources:\n    limits:\n      {}: {}\n", resource, per_node_);
  }

  /// One container, as an item of a list.
  [[nodiscard]] std::string container(const std::vector<std::string>& command, bool answers) const {
    std::string out = fmt::format("- name: server\n  image: {}\n  command:\n", image_of(target_));
    for (const std::string& word : command) {
      out += "    - " + quoted(word) + "\n";
    }
    out +=
        "  env:\n    - name: HF_TOKEN\n      valueFrom:\n        secretKeyRef: {name: huggingface, key: "
        "token, "
        "optional: true}\n";
    if (answers) {
      out +=
          "  ports:\n    - {name: http, containerPort: 8000}\n  readinessProbe:\n"
          "    httpGet: {path: /health, port: http}\n    periodSeconds: 10\n";
    }
    out += resources();
    out += "  volumeMounts:\n    - {name: shm, mountPath: /dev/shm}\n";
    if (!serve_.options_file.empty()) {
      out += "    - {name: options, mountPath: /options}\n";
    }
    return out;
  }

  [[nodiscard]] std::string volumes() const {
    std::string out = "volumes:\n  - name: shm\n    emptyDir: {medium: Memory}\n";
    if (!serve_.options_file.empty()) {
      out += fmt::format("  - name: options\n    configMap: {{name: {}-options}}\n", name_);
    }
    return out;
  }

  /// The framework's command, listening on every address at port 8000.
  [[nodiscard]] std::vector<std::string> listening() const {
    std::vector<std::string> words = serve_.words;
    for (std::string& word : words) {
      word = word == "options.yaml" ? "/options/options.yaml" : word;
    }
    for (const char* word : {"--host", "0.0.0.0", "--port", "8000"}) {
      words.emplace_back(word);
    }
    return words;
  }

  [[nodiscard]] std::string pod(const std::vector<std::string>& command, bool answers) const {
    return "containers:\n" + indented(container(command, answers), 2) + volumes();
  }

  [[nodiscard]] std::string deployment() const {
    return "apiVersion: apps/v1\nkind: Deployment\n" + metadata(name_) +
           fmt::format(
               "spec:\n  replicas: {}\n  selector:\n    matchLabels:\n      app: {}\n  template:\n"
               "    metadata:\n      labels:\n        app: {}\n    spec:\n",
               deployed_.replicas, name_, name_) +
           indented(pod(listening(), true), 6);
  }

  /// vLLM joins the nodes of a replica by Ray, as the script in its image does; SGLang's ranks find each
  /// other.
  [[nodiscard]] std::pair<std::vector<std::string>, std::vector<std::string>> commands() const {
    if (target_ == DeployTarget::sglang) {
      std::vector<std::string> leader = listening();
      for (const char* word : {"--dist-init-addr", "$(LWS_LEADER_ADDRESS):20000", "--nnodes",
                               "$(LWS_GROUP_SIZE)", "--node-rank", "$(LWS_WORKER_INDEX)"}) {
        leader.emplace_back(word);
      }
      return {leader, leader};
    }
    const std::string script = "bash /vllm-workspace/examples/online_serving/multi-node-serving.sh ";
    return {{"sh", "-c", script + "leader --ray_cluster_size=$(LWS_GROUP_SIZE); " + shell_line(listening())},
            {"sh", "-c", script + "worker --ray_address=$(LWS_LEADER_ADDRESS)"}};
  }

  [[nodiscard]] std::string leader_worker_set() const {
    const auto [leader, worker] = commands();
    return "apiVersion: leaderworkerset.x-k8s.io/v1\nkind: LeaderWorkerSet\n" + metadata(name_) +
           fmt::format(
               "spec:\n  replicas: {}\n  leaderWorkerTemplate:\n    size: {}\n"
               "    restartPolicy: RecreateGroupOnPodRestart\n    leaderTemplate:\n      metadata:\n"
               "        labels:\n          app: {}\n          role: leader\n      spec:\n",
               deployed_.replicas, nodes_, name_) +
           indented(pod(leader, true), 8) + "    workerTemplate:\n      spec:\n" +
           indented(pod(worker, false), 8);
  }

  [[nodiscard]] std::string service() const {
    return "apiVersion: v1\nkind: Service\n" + metadata(name_) + "spec:\n  selector:\n    app: " + name_ +
           "\n" + (nodes_ > 1 ? "    role: leader\n" : "") +
           "  ports:\n    - {name: http, port: 80, targetPort: http}\n";
  }

  const Deployed& deployed_;
  std::string name_;
  DeployTarget target_;
  ServeWords serve_;
  std::int64_t nodes_ = 1;
  std::int64_t per_node_ = 1;
};

}  // namespace

std::string kubernetes_text(const Deployed& deployed, std::int64_t devices_per_node) {
  return Manifest(deployed, devices_per_node).text();
}

}  // namespace mtok::report
