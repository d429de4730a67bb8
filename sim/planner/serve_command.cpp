// Splits a command line of vLLM's server into words and reads them.
#include "sim/planner/serve_command.hpp"

#include <algorithm>
#include <utility>

#include "sim/config/diagnostic.hpp"
#include "sim/planner/serve_flags.hpp"

namespace mtok::planner {
namespace {

struct Word {
  std::string text{};
  std::size_t at = 0;  ///< of its first sign, from 0
};

bool is_blank(char sign) {
  return sign == ' ' || sign == '\t' || sign == '\n' || sign == '\r';
}

/// Splits as a POSIX shell does, but expands nothing.
class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}

  std::vector<Word> words() {
    while (at_ < line_.size()) {
      if (is_blank(line_[at_])) {
        ++at_;
      } else if (line_.substr(at_).starts_with("\\\n") || line_.substr(at_).starts_with("\\\r\n")) {
        at_ += line_[at_ + 1] == '\n' ? 2 : 3;
      } else {
        words_.push_back(word());
      }
    }
    return std::move(words_);
  }

 private:
  Word word() {
    Word word{.at = at_};
    while (at_ < line_.size() && !is_blank(line_[at_])) {
      const char sign = line_[at_++];
      if (sign == '\'' || sign == '"') {
        quoted(sign, word);
      } else if (sign == '\\' && at_ < line_.size()) {
        if (line_[at_] != '\n') {
          word.text += line_[at_];
        }
        ++at_;
      } else {
        word.text += sign;
      }
    }
    return word;
  }

  void quoted(char quote, Word& word) {
    const std::size_t opened = at_ - 1;
    while (at_ < line_.size() && line_[at_] != quote) {
      if (quote == '"' && line_[at_] == '\\' && at_ + 1 < line_.size()) {
        ++at_;
      }
      word.text += line_[at_++];
    }
    if (at_ == line_.size()) {
      refuse_command(opened, "a quote is never closed");
    }
    ++at_;
  }

  std::string_view line_;
  std::size_t at_ = 0;
  std::vector<Word> words_{};
};

class CommandReader {
 public:
  explicit CommandReader(std::string_view line) : words_(Splitter(line).words()) {}

  ServeCommand read() {
    find_server();
    end_command();
    while (at_ < words_.size()) {
      const Word& word = words_[at_++];
      if (word.text.starts_with("-")) {
        flag(word);
      } else if (taken_.command.model.empty()) {
        taken_.command.model = word.text;
      } else {
        refuse_command(word.at, "unexpected word '" + config::shown(word.text) + "'");
      }
    }
    if (taken_.command.model.empty()) {
      refuse_command(0, "no model is named", "vllm serve MODEL ...");
    }
    if (!taken_.command.weights) {
      taken_.command.weights = format_named_in(taken_.command.model);
    }
    if (taken_.experts) {
      taken_.command.sharding.expert = taken_.command.sharding.tensor * taken_.command.sharding.data;
    }
    if (taken_.adapters) {
      taken_.command.lora = taken_.lora;
    }
    return std::move(taken_.command);
  }

 private:
  void find_server() {
    for (; at_ < words_.size(); ++at_) {
      const std::string& word = words_[at_].text;
      const bool serves = word == "serve" && at_ > 0 && words_[at_ - 1].text.ends_with("vllm");
      // The image vllm/vllm-openai:TAG has the server as its entry point: what comes behind it are its flags.
      const bool image = word.find("/vllm-openai") != std::string::npos && !word.starts_with("-");
      if (serves || image || word == "vllm.entrypoints.openai.api_server") {
        ++at_;
        return;
      }
    }
    refuse_command(0, "no vLLM server is started here", "expected 'vllm serve MODEL ...'");
  }

  /// Cuts off what a shell does with the command: redirections, further commands, the background.
  void end_command() {
    for (std::size_t i = at_; i < words_.size(); ++i) {
      const std::string& word = words_[i].text;
      const std::size_t sign = word.find_first_not_of("0123456789");
      const bool redirects = sign != std::string::npos && (word[sign] == '>' || word[sign] == '<');
      if (redirects || word == "&" || word == "&&" || word == "|" || word == "||" || word == ";" ||
          word.starts_with("&>")) {
        words_.resize(i);
      }
    }
  }

  void flag(const Word& word) {
    const std::size_t equals = word.text.find('=');
    std::string name = word.text.substr(0, equals);
    name.erase(0, name.starts_with("--") ? 2 : 1);
    std::replace(name.begin(), name.end(), '_', '-');
    const bool attached = equals != std::string::npos;
    const ServeFlag* const known = serve_flag(name);
    if (known == nullptr) {
      leave_out(word.text, attached);
      return;
    }
    GivenFlag given{.flag = (word.text.starts_with("--") ? "--" : "-") + name, .at = word.at};
    if (known->valued) {
      if (!attached && at_ == words_.size()) {
        refuse_command(word.at, given.flag + " has no value");
      }
      given.value = attached ? word.text.substr(equals + 1) : words_[at_++].text;
    }
    if (known->take != nullptr) {
      known->take(taken_, given);
    }
  }

  /// A flag nobody here knows: the next words are its values unless they look like flags.
  void leave_out(const std::string& text, bool has_value) {
    std::string shown = config::shown(text);
    while (!has_value && at_ < words_.size() && !words_[at_].text.starts_with("-") &&
           !taken_.command.model.empty()) {
      shown += " " + config::shown(words_[at_++].text);
    }
    taken_.command.left_out.push_back(std::move(shown));
  }

  std::vector<Word> words_;
  std::size_t at_ = 0;
  TakenFlags taken_{};
};

}  // namespace

ServeCommand read_serve_command(std::string_view line) {
  return CommandReader(line).read();
}

}  // namespace mtok::planner
