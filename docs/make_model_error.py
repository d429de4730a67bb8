#!/usr/bin/env python3
# Writes hwprofiles/model_error.yaml: quantiles of measured / predicted, by metric and architecture of the device.
# Usage: mtok validate serving MEASURED.csv --out PREDICTED.csv; docs/make_model_error.py MEASURED.csv PREDICTED.csv DATE
import csv
import glob
import os
import re
import sys

FEWEST = 30  # rows of a family: below, its 5 % quantiles rest on one or two rows
QUANTILES = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def comparable(name):
    """As hardware::comparable_name, with remarks in parentheses left out."""
    name = re.sub(r"\((r|tm)\)", "", name.lower())
    name = re.sub(r"\(.*\)", "", name)
    name = re.sub(r"[^a-z0-9.+]+", "-", name).strip("-")
    return re.sub(r"^((nvidia|amd|intel|google|cpu|apple)-)+", "", name)


def architectures():
    known = {}
    for file in glob.glob(os.path.join(ROOT, "hwprofiles/devices/*.yaml")):
        text = open(file, encoding="utf-8").read()
        names = [re.search(r"^name: (.*)$", text, re.M).group(1)]
        aliases = re.search(r"^aliases: \[(.*?)\]", text, re.M | re.S)
        names += [a.strip().strip('"') for a in aliases.group(1).split(",")] if aliases else []
        for name in names:
            known[comparable(name)] = re.search(r"^architecture: (.*)$", text, re.M).group(1).strip('"')
    return known


def metric_of(name):
    """Time to first token and time per further token by any percentile; rates of tokens, samples, requests."""
    if name.startswith(("ttft_", "first_token_latency")):
        return "ttft"
    if name.startswith("tpot_"):
        return "tpot"
    return "throughput" if "_per_s" in name else None


def quantile(values, share):
    at = share * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (at - low) * (values[high] - values[low])


def main():
    measured, predicted, date = sys.argv[1:]
    gpus = {row["row_id"]: row["gpu"] for row in csv.DictReader(open(measured, encoding="utf-8"))}
    known = architectures()
    ratios = {}
    for row in csv.DictReader(open(predicted, encoding="utf-8")):
        metric = metric_of(row["metric"])
        if row["status"] != "ok" or metric is None:
            continue
        ratio = float(row["measured"]) / float(row["predicted"])
        family = known.get(comparable(gpus[row["row_id"]]))
        for key in ("all", family) if family else ("all",):
            ratios.setdefault((key, metric), []).append(ratio)
    rows = sum(len(values) for (family, _), values in ratios.items() if family == "all")
    print("# How far predictions of serving systems are off: quantiles of measured / predicted, by metric and architecture")
    print("# of the device; `all` serves architectures with fewer than %d rows. Written by docs/make_model_error.py." % FEWEST)
    print("mtok: 1")
    print('source: "residuals of %d public serving measurements behind docs/accuracy.md (mtok validate serving), %s"' % (rows, date))
    print("quantiles: [%s]" % ", ".join(str(q) for q in QUANTILES))
    print("errors:")
    for (family, metric), values in sorted(ratios.items(), key=lambda item: (item[0][0] != "all", item[0])):
        if family == "all" or len(values) >= FEWEST:
            values.sort()
            text = ", ".join("%.4g" % quantile(values, q) for q in QUANTILES)
            print("  - {family: %s, metric: %s, rows: %d, ratios: [%s]}" % (family, metric, len(values), text))


main()
