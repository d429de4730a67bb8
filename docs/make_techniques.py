#!/usr/bin/env python3
"""Writes docs/techniques.md: every technique on and off under the same requests. Usage: docs/make_techniques.py [TRACES]

TRACES is the folder with mooncake_fast25_conversation.jsonl.zst; without it the hits on that trace are left out. The script
ends with an error when a technique moves the cost the other way than its reason says."""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
MTOK = ROOT / "build/release/bin/mtok"
FP8 = "formats: {weights: fp8, activations: fp8, kv_cache: fp8}"


def scenario(model, hardware, workload, *blocks):
    return "\n".join(["mtok: 1", f"workload: {{{workload}}}", f"model: {model}", f"hardware: {{{hardware}}}", *blocks]) + "\n"


def chat(concurrency, limit=2000):
    return f"trace: chat.csv, format: mtok, hash_block_size: 64, limit: {limit}, load: {{closed: {{concurrency: {concurrency}}}}}"


def rag(concurrency):
    return f"trace: rag.csv, format: mtok, hash_block_size: 512, limit: 2000, load: {{closed: {{concurrency: {concurrency}}}}}"


def large(workload, *blocks):
    return scenario("llama-3.1-70b", "device: h100-sxm, count: 4", workload, *blocks)


def questions(engine, router):
    return scenario("qwen3-30b-a3b", "device: h100-sxm", rag(128), FP8, f"engine: {{num_gpu_blocks: 16000{engine}}}",
                    f"fleet: {{replicas: 4, router: {router}}}")


def mixture(device, count, parallel, skew, concurrency):
    return scenario("deepseek-v3", f"device: {device}, count: {count}", chat(concurrency, 4 * concurrency),
                    f"parallel: {{{parallel}}}", f"engine: {{moe_routing_skew: {skew}}}", "prices: {usd_per_device_hour: 2}")


def spread(ranks, more=""):
    return f"tensor_parallel_size: 1, data_parallel_size: {ranks}, expert_parallel_size: {ranks}{more}"


def shipped(name):
    return (ROOT / "workloads" / f"{name}.yaml").read_text()


TIERS = ", kv_tiers: [{name: dram, capacity: 100 GB, bandwidth: 50 GB/s}, {name: ssd, capacity: 1 TB, bandwidth: 6 GB/s}]"
DRAFT = "speculative_config: {method: draft_model, model: llama-3.2-1b, num_speculative_tokens: 3, acceptance_rate: 0.7}"
EPLB = ", enable_eplb: true, eplb_config: {num_redundant_experts: 32}"
CHEAPER, DEARER, LEVEL = -1, 1, 0
LEVEL_WITHIN = 0.02  # of the cost


def elastic(*fleet):
    """The day of `chat_elastic.yaml` on another fleet."""
    head, rest = shipped("chat_elastic").split("fleet:\n")
    return head + f"fleet: {{{', '.join(('router: least_loaded',) + fleet)}}}\n" + rest[rest.index("prices:"):]


def quiet_night():
    """`chat_batch.yaml` without its batch."""
    head, rest = shipped("chat_batch").split("batch:\n")
    return head + rest[rest.index("model:"):]


def two_tenants(policy):
    return scenario("llama-3.1-8b", "device: l40s", f"trace: {TENANTS.name}, format: mtok, hash_block_size: 64, rate_scale: 8",
                    f"engine: {{max_num_seqs: 64, max_num_batched_tokens: 2048, enable_prefix_caching: false, scheduling_policy: {policy}}}",
                    "fleet: {tenants: [{name: few}, {name: many}]}")


def adapters(engine, *blocks):
    return scenario("llama-3.1-8b", "device: h100-sxm", chat(64), f"engine: {{{engine}}}", *blocks)


ELASTIC_AUTOSCALER = ("autoscaler: {min_replicas: 1, max_replicas: 5, target_utilization: 0.3, scrape_interval_s: 15, "
                      "provisioning_delay_s: 240, cooldown_s: 300}")
TENANTS = ROOT / "workloads/.technique_tenants.csv"  # chat.csv, every tenth request of a tenant of its own; lives while this runs

# name, requests, off, on, the sign of the change of the cost, its reason[, the tenant whose latencies are shown]
TECHNIQUES = [
    ("continuous batching", "chat, 128 clients, Llama-3.1-70B on 4 H100",
     large(chat(128, 300), FP8, "engine: {max_num_seqs: 1}"), large(chat(128, 300), FP8, "engine: {max_num_seqs: 256}"),
     CHEAPER, "the weights are read once for all sequences of a step instead of once for each; a step takes longer for it, but nobody queues"),
    ("chunked prefill", "the same, 1,024 tokens a step instead of whole prompts",
     large(chat(128), FP8, "engine: {max_num_batched_tokens: 16384, enable_chunked_prefill: false}"),
     large(chat(128), FP8, "engine: {max_num_batched_tokens: 1024}"),
     DEARER, "every chunk reads the weights and the cache before it again; it shortens the longest steps, which prompts of a chat do not fill"),
    ("FP8 weights and activations", "chat, 128 clients, Llama-3.1-70B on 4 H100",
     large(chat(128), "formats: {weights: bf16, activations: bf16, kv_cache: fp8}"), large(chat(128), FP8),
     CHEAPER, "half the bytes of weights in decode, twice the peak in prefill"),
    ("8-bit KV cache", "chat, 512 clients",
     large(chat(512, 4000), "formats: {weights: fp8, activations: fp8, kv_cache: bf16}", "engine: {max_num_seqs: 1024}"),
     large(chat(512, 4000), FP8, "engine: {max_num_seqs: 1024}"),
     CHEAPER, "half the bytes that attention reads, and twice the sequences in memory"),
    ("prefix cache", "chat, 128 clients",
     large(chat(128), FP8, "engine: {enable_prefix_caching: false}"), large(chat(128), FP8),
     CHEAPER, "turns of a conversation repeat what came before; that much prefill is not computed"),
    ("KV tiers", "questions about documents, 128 clients, Qwen3-30B-A3B on 4 x 1 H100",
     questions("", "least_loaded"), questions(TIERS, "least_loaded"),
     CHEAPER, "documents that do not fit the devices come back over PCIe quicker than they are computed"),
    ("prefix-affine routing", "the same with tiers", questions(TIERS, "least_loaded"), questions(TIERS, "prefix_affine"),
     CHEAPER, "a document lies in one replica instead of four, so more of them stay"),
    ("disaggregation", "chat, 256 clients, two replicas of 4 H100: alike, or one for prompts and one for outputs",
     large(chat(256), FP8, "fleet: {replicas: 2}"), large(chat(256), FP8, "fleet: {replicas: 1}", "disaggregation: {decode: {replicas: 1}}"),
     CHEAPER, "no prompt holds up a step of decodes, and all outputs share the weights that one replica reads; where the loads of the pools do not match, it is the other way round"),
    ("speculation, few sequences", "chat, 4 clients, draft of 1B, 3 tokens, acceptance 0.7",
     large(chat(4, 200), FP8), large(chat(4, 200), FP8, DRAFT),
     CHEAPER, "weights are read once for up to four tokens"),
    ("speculation, many sequences", "chat, 512 clients", large(chat(512), FP8, "engine: {max_num_seqs: 1024}"),
     large(chat(512), FP8, "engine: {max_num_seqs: 1024}", DRAFT),
     DEARER, "the multipliers are busy already, and what is drafted in vain is computed all the same"),
    ("expert parallelism, data-parallel attention", "chat, 512 clients, DeepSeek-V3 on 8 H200: tensor 8, or data 8 and experts 8",
     mixture("h200-sxm", 8, "tensor_parallel_size: 8", 1.01, 512), mixture("h200-sxm", 8, spread(8), 1.01, 512),
     CHEAPER, "the latent cache is not copied to eight ranks, and no all-reduce follows attention"),
    ("redundant experts", "chat, 2,048 clients, DeepSeek-V3 on 32 H800, skew 1.2",
     mixture("h800-sxm", 32, spread(32), 1.2, 2048), mixture("h800-sxm", 32, spread(32, EPLB), 1.2, 2048),
     CHEAPER, "all wait for the device with the most popular experts, which now shares them"),
    ("two half batches", "chat, 2,048 clients, DeepSeek-V3 on 32 H800",
     mixture("h800-sxm", 32, spread(32), 1.01, 2048), mixture("h800-sxm", 32, spread(32, ", enable_dbo: true"), 1.01, 2048),
     CHEAPER, "one half computes while the tokens of the other are between the nodes"),
    ("LoRA adapters", "chat, 64 clients, Llama-3.1-8B on one H100: alone, or with 32 adapters of rank 16 by Zipf's law, 8 in a batch",
     adapters("max_num_seqs: 256"),
     adapters("max_num_seqs: 256, enable_lora: true, max_loras: 8, max_lora_rank: 16", "lora: {adapters: 32, skew: 1}"),
     DEARER, "every step computes two thin products beside each dense one, requests wait for a place of their adapter, and prefixes are shared within an adapter only; 32 models of their own would need 32 fleets"),
    ("fairness between tenants", "chat on one L40S, more than it can serve, no prefix cache; nine requests in ten are of one tenant; latencies of the other",
     two_tenants("fcfs"), two_tenants("fair"),
     LEVEL, "the same work in another order: who asks for little no longer waits behind who asks for much", "few"),
    ("autoscaler", "the day of `chat_elastic.yaml`: five replicas throughout, or one to five by load",
     elastic("replicas: 5"), elastic(ELASTIC_AUTOSCALER),
     CHEAPER, "replicas of the peak are given back at night; a rise is answered four minutes late, which the tail of TTFT shows"),
    ("failures and a spare", "the same five replicas, devices that break every 12 h (a thousand times as often as they do) and one spare",
     elastic("replicas: 5"), elastic("replicas: 5", "failures: {mtbf_h: 12, mttr_h: 2, spares: 1}"),
     DEARER, "the spare is paid for while it stands by, broken replicas while they are away, and what they had computed is computed again"),
    ("batch tier", "`chat_batch.yaml`: two hours of chat alone, or with 40,000 summaries that yield to it",
     quiet_night(), shipped("chat_batch"),
     CHEAPER, "the same bill serves both; chat decodes in fuller steps, up to its promise"),
    ("small model for an easy share", "`chat.yaml`, `chat_routed.yaml`", shipped("chat"), shipped("chat_routed"),
     CHEAPER, "45 % of the requests need an eighth of the device time"),
    ("cascade", "`chat.yaml`, `chat_cascade.yaml`", shipped("chat"), shipped("chat_cascade"),
     CHEAPER, "70 % of the answers of the small model stay; the other 30 % are paid twice, and come late"),
    ("distilled student", "`chat.yaml`, `chat_student.yaml`", shipped("chat"), shipped("chat_student"),
     CHEAPER, "3B parameters in place of 70B; what it took to make the student comes on top"),
]


def run(text):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", dir=ROOT / "workloads", prefix=".technique_") as file:
        file.write(text)
        file.flush()
        done = subprocess.run([MTOK, "run", file.name, "--format", "json", "--quiet"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{done.stderr}\n{text}")
    return json.loads(done.stdout)


def cells(result, tenant):
    latency = next((t["latency"] for t in result.get("tenants", []) if t["tenant"] == tenant), result["latency"])
    return [f"{result['throughput']['output_tokens_per_s']:,.0f}", f"{latency['ttft_ms']['p99']:,.0f}",
            f"{latency['tpot_ms']['p99']:,.1f}", f"{cost(result):.4f}"]


def cost(result):
    return float(result["cost"]["usd_per_mtok"]["blended"])


def row(name, requests, off, on, sign, reason, tenant=None):
    before, after = run(off), run(on)
    change = cost(after) / cost(before) - 1
    if change * sign <= 0 if sign else abs(change) > LEVEL_WITHIN:
        wrong.append(f"{name}: the cost moves by {100 * change:+.1f} %, against the reason given")
    both = [f"{a} / {b}" for a, b in zip(cells(before, tenant), cells(after, tenant))]
    return f"| {name} | {requests} | " + " | ".join(both) + f" | {100 * change:+.0f} % | {reason} |"


def mooncake(folder):
    trace = folder / "mooncake_fast25_conversation.jsonl.zst"
    yield ("", "## Prefix cache on Mooncake's conversation trace, by capacity", "",
           "Content ids of 512 tokens, 12,031 requests. Least recently used first, ids of a request used from first to last, an id found only behind a leading run;",
           "and what one replica of Llama-3.1-8B on an H100 finds, which evicts the tail of a prompt first and works on many requests at once.", "",
           "| blocks kept | hits, in file order | hits of the replica |", "|---|---|---|")
    for blocks in (1000, 5000, 10000, 20000, 50000):
        text = scenario("llama-3.1-8b", "device: h100-sxm", f"trace: {trace}, format: mooncake", FP8,
                        f"engine: {{num_gpu_blocks: {blocks * 32}}}").replace(f"trace: {trace}", "trace: chat.csv")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", dir=ROOT / "workloads", prefix=".technique_") as file:
            file.write(text)
            file.flush()
            out = subprocess.run([MTOK, "run", file.name, "--trace", trace, "--format", "json", "--quiet"],
                                 capture_output=True, text=True, check=True).stdout
        cache = json.loads(out)["prefix_cache"]
        yield (f"| {blocks:,} | {cache['lru_hit_blocks']:,} | {cache['hit_blocks']:,} |",)


wrong = []


def main():
    lines = ["# Techniques, one at a time", "",
             "Each technique off and on under the same requests, written by `docs/make_techniques.py`. Clients of a closed loop keep a fixed fleet busy, so that the cost of a token",
             "is that of the work and not of waiting for arrivals; the last rows, from fairness on, have open arrivals, the shipped scenarios among them fleets of their own. Each cell is off / on; latencies are 99th",
             "percentiles, the cost is blended, idle included. What the techniques are worth together, each fleet sized to its promise, is `mtok ladder`'s answer.", "",
             "| technique | requests and fleet | output tokens/s | TTFT ms | TPOT ms | USD per Mtok | cost | why |",
             "|---|---|---|---|---|---|---|---|"]
    header, *requests = (ROOT / "workloads/chat.csv").read_text().splitlines()
    columns = header.split(",")
    named = [r.split(",") for r in requests]
    for i, fields in enumerate(named):
        fields[columns.index("tenant")] = "many" if i % 10 else "few"
    TENANTS.write_text("\n".join([header] + [",".join(fields) for fields in named]) + "\n")
    try:
        lines += [row(*technique) for technique in TECHNIQUES]
    finally:
        TENANTS.unlink()
    if len(sys.argv) > 1:
        for part in mooncake(pathlib.Path(sys.argv[1]).resolve()):
            lines += part
    if wrong:
        sys.exit("\n".join(wrong))
    (ROOT / "docs/techniques.md").write_text("\n".join(lines) + "\n")


main()
