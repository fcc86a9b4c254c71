// A recorder of libtorch's dispatcher: which operations ran with which shapes, in which phase of a training step, and which memory they read.

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/record_function.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "memory.hpp"
#include "phase.hpp"
#include "shim.hpp"

using bench_native::copy_text;
using bench_native::current_phase;
using bench_native::error_of;
using bench_native::Phase;

namespace {

// Phase, name, kind, signature.
using Line = std::tuple<Phase, std::string, std::string, std::string>;

struct Sum {
  int64_t calls = 0;
  uint64_t work = 0;
};

// Kept where libtorch's engine hands it on to the threads that it runs a GPU's backward pass on.
constexpr auto KIND = c10::DebugInfoKind::TEST_INFO_2;

struct Recording : c10::DebugInfoBase {
  std::mutex mutex;
  // Operations whose rule covers what they call.
  std::set<std::string, std::less<>> closed;
  std::map<Line, Sum> lines;
  std::set<const void*> read;
  at::CallbackHandle handle = 0;
};

Recording* recording() {
  return static_cast<Recording*>(c10::ThreadLocalDebugInfo::get(KIND));
}

// Operations of this thread that have a rule and are under way.
thread_local int inside_closed = 0;
// For each operation under way: how many it called.
thread_local std::vector<int64_t> inner;

struct Begin : at::ObserverContext {
  bool seen = false;
  bool closes = false;
  Phase phase = Phase::forward;
  std::string signature;
};

void describe(std::ostringstream& text, const c10::IValue& value);

template <typename List>
void describe_all(std::ostringstream& text, const List& list) {
  text << '(';
  for (size_t at = 0; at < list.size(); ++at) {
    text << (at > 0 ? "," : "");
    describe(text, c10::IValue(list.get(at)));
  }
  text << ')';
}

// t2x3: a tensor of shape [2, 3]; i, b, d: a number; o: anything else; lists in brackets.
void describe(std::ostringstream& text, const c10::IValue& value) {
  if (value.isTensor()) {
    const at::Tensor& tensor = value.toTensor();
    if (!tensor.defined()) {
      text << 'n';
      return;
    }
    text << 't';
    for (int64_t at = 0; at < tensor.dim(); ++at) {
      text << (at > 0 ? "x" : "") << tensor.size(at);
    }
  } else if (value.isNone()) {
    text << 'n';
  } else if (value.isBool()) {
    text << 'b' << value.toBool();
  } else if (value.isInt()) {
    text << 'i' << value.toInt();
  } else if (value.isDouble()) {
    text << 'd';
  } else if (value.isTensorList()) {
    describe_all(text, value.toTensorList());
  } else if (value.isIntList()) {
    describe_all(text, value.toIntList());
  } else if (value.isBoolList()) {
    describe_all(text, value.toBoolList());
  } else if (value.isList()) {
    describe_all(text, value.toList());
  } else {
    text << 'o';
  }
}

void note_read(Recording& to, const c10::IValue& value) {
  if (value.isTensor()) {
    const at::Tensor& tensor = value.toTensor();
    if (tensor.defined() && tensor.has_storage()) {
      to.read.insert(tensor.storage().data());
    }
  } else if (value.isTensorList()) {
    for (const at::Tensor& tensor : value.toTensorVector()) {
      if (tensor.defined() && tensor.has_storage()) {
        to.read.insert(tensor.storage().data());
      }
    }
  }
}

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& function) {
  auto context = std::make_unique<Begin>();
  auto* const to = recording();
  if (!to) {
    return context;
  }
  context->seen = true;
  context->phase = current_phase();
  if (context->phase == Phase::backward) {
    bench_native::memory_at_backward(torch::autograd::get_current_graph_task_id());
  }
  if (!inner.empty()) {
    inner.back() += 1;
  }
  inner.push_back(0);
  std::lock_guard<std::mutex> guard(to->mutex);
  for (const c10::IValue& value : function.inputs()) {
    note_read(*to, value);
  }
  if (inside_closed == 0) {
    std::ostringstream text;
    const char* separator = "";
    for (const c10::IValue& value : function.inputs()) {
      text << separator;
      describe(text, value);
      separator = ";";
    }
    context->signature = text.str();
  }
  if (to->closed.count(std::string_view(function.name())) > 0) {
    context->closes = true;
    ++inside_closed;
  }
  return context;
}

// What an operation is that calls others: `decomposed` where libtorch has no kernel for it but the one made of other operations.
std::string kind_of(const at::RecordFunction& function, bool closes, bool calls) {
  if (closes) {
    return "ruled";
  }
  const auto name = function.operator_name();
  const auto found = name ? c10::Dispatcher::singleton().findSchema(*name) : std::nullopt;
  if (!found) {
    // A range of the engine or of a library, no operation.
    return "range";
  }
  const bool own = found->hasKernelForDispatchKey(c10::DispatchKey::CPU) || found->hasKernelForDispatchKey(c10::DispatchKey::CUDA);
  const bool implicit = found->hasKernelForDispatchKey(c10::DispatchKey::CompositeImplicitAutograd);
  const bool composed = implicit || found->hasKernelForDispatchKey(c10::DispatchKey::CompositeExplicitAutograd) ||
                        found->hasKernelForDispatchKey(c10::DispatchKey::CompositeExplicitAutogradNonFunctional);
  return !own && (implicit || (composed && calls)) ? "decomposed" : "unknown";
}

void end(const at::RecordFunction& function, at::ObserverContext* raw) {
  auto* context = static_cast<Begin*>(raw);
  if (!context->seen) {
    return;
  }
  const bool calls = !inner.empty() && inner.back() > 0;
  if (!inner.empty()) {
    inner.pop_back();
  }
  if (context->closes) {
    --inside_closed;
  }
  auto* const to = recording();
  if (!to || inside_closed > 0) {
    return;
  }
  const std::string kind = kind_of(function, context->closes, calls);
  if (kind == "decomposed" || kind == "range") {
    return;
  }
  std::ostringstream text;
  text << context->signature << '>';
  const char* separator = "";
  for (const c10::IValue& value : function.outputs()) {
    text << separator;
    describe(text, value);
    separator = ";";
  }
  std::lock_guard<std::mutex> guard(to->mutex);
  to->lines[{context->phase, function.name(), kind, text.str()}].calls += 1;
}

const char* name_of(Phase phase) {
  switch (phase) {
    case Phase::backward:
      return "backward";
    case Phase::optimiser:
      return "optimiser";
    default:
      return "forward";
  }
}

}  // namespace

extern "C" {

// `closed`: names separated by line breaks.
char* bench_native_record(const char* closed) {
  return error_of([=] {
    TORCH_CHECK(recording() == nullptr, "operations are being recorded already");
    auto fresh = std::make_shared<Recording>();
    std::istringstream names(closed);
    for (std::string name; std::getline(names, name);) {
      fresh->closed.insert(name);
    }
    inner.clear();
    inside_closed = 0;
    fresh->handle = at::addThreadLocalCallback(
        at::RecordFunctionCallback(&begin, &end).needsInputs(true).needsOutputs(true).scopes({at::RecordScope::FUNCTION}));
    c10::ThreadLocalDebugInfo::_push(KIND, fresh);
  });
}

// Work of a loop that libtorch does not see; nothing happens where nobody records.
void bench_native_report_work(const char* name, uint64_t flops) {
  auto* const to = recording();
  if (to) {
    std::lock_guard<std::mutex> guard(to->mutex);
    Sum& sum = to->lines[{current_phase(), name, "own", ""}];
    sum.calls += 1;
    sum.work += flops;
  }
}

// Whether a recorded operation read the tensor's storage.
bool bench_native_was_read(const at::Tensor* tensor) {
  auto* const to = recording();
  if (!to || !tensor->has_storage()) {
    return false;
  }
  std::lock_guard<std::mutex> guard(to->mutex);
  return to->read.count(tensor->storage().data()) > 0;
}

// One line a kind of call: phase, name, kind, calls, work, signature, separated by tabs. Null where nothing was recorded.
char* bench_native_recorded() noexcept {
  if (recording() == nullptr) {
    return nullptr;
  }
  at::removeCallback(recording()->handle);
  const auto done = std::static_pointer_cast<Recording>(c10::ThreadLocalDebugInfo::_pop(KIND));
  std::string text;
  for (const auto& [line, sum] : done->lines) {
    const auto& [phase, name, kind, signature] = line;
    text += std::string(name_of(phase)) + "\t" + name + "\t" + kind + "\t" + std::to_string(sum.calls) + "\t" + std::to_string(sum.work) + "\t" +
            signature + "\n";
  }
  return copy_text(text);
}

}  // extern "C"
