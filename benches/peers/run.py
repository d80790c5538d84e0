#!/usr/bin/env python3
"""Times EZKL and Assay on the same three networks, one after the other, and prints the table.

    cargo build --release
    pip install -r benches/peers/requirements.txt
    python benches/peers/run.py

EZKL proves the float network in fixed point, Assay the int8 one that ONNX Runtime makes of it. Each step is
alone on the machine. Times are medians: of `--runs` for Assay, of fewer for EZKL where a run takes long.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# name: EZKL's columns in a row (its best here), EZKL's runs
NETWORKS = {"mlp64": (2, 3), "cnn28": (2, 3), "mlp784": (8, 1)}


def run_json(command):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed ({done.returncode}):\n{done.stderr[-2000:]}")
    return json.loads(done.stdout[done.stdout.index("{") :])  # EZKL may log before it


def ezkl(name):
    columns, runs = NETWORKS[name]
    result = run_json([sys.executable, HERE / "ezkl_network.py", name, "--inner-columns", columns, "--runs", runs])
    seconds = result["seconds"]
    return {
        "setup": seconds["setup"],
        "prove": seconds["prove"],
        "prove_with_witness": seconds["witness"] + seconds["prove"],
        "verify": seconds["verify"],
        "proof_bytes": result["proof_bytes"],
        "key_bytes": result["key_bytes"],
        "memory": result["peak_memory_bytes"],
        "version": result["version"],
        "log_rows": result["log_rows"],
        "cpu_seconds": result["cpu_seconds"],
    }


def assay(binary, name, form, runs):
    model = HERE / "models" / f"{name}_{form}" / "model.onnx"
    receipt = HERE / "build" / f"{name}.receipt"
    keys = HERE / "build" / f"{name}.assay"
    prove = [binary, "prove", model, "--input", HERE / "build" / f"{name}.npy", "-o", receipt, "--json"]
    run_json(prove)  # the first run makes the reference string, which stays cached
    start = time.perf_counter()
    subprocess.run([binary, "compile", model, "-o", keys], check=True, capture_output=True)
    setup = time.perf_counter() - start
    wrap_keys = HERE / "build" / f"{name}.wrap"
    start = time.perf_counter()
    subprocess.run([binary, "setup", model, "-o", wrap_keys], check=True, capture_output=True)
    wrap_setup = time.perf_counter() - start
    proofs = [run_json(prove) for _ in range(runs)]
    checks = [run_json([binary, "verify", receipt, "--json"]) for _ in range(runs)]
    if not all(check["valid"] for check in checks):
        sys.exit("Assay's receipt does not verify")
    wrapped_receipt = HERE / "build" / f"{name}.wrapped.receipt"
    wrap = [*prove[:-2], wrapped_receipt, "--json", "--wrap", "--wrap-key", wrap_keys]
    wraps = [run_json(wrap) for _ in range(runs)]
    verify_wrapped = [binary, "verify", wrapped_receipt, "--vk", wrap_keys / "wrap.vk", "--json"]
    wrap_checks = [run_json(verify_wrapped) for _ in range(runs)]
    if not all(check["valid"] for check in wrap_checks):
        sys.exit("Assay's wrapped receipt does not verify")

    def median(of, key):
        return statistics.median(one[key] for one in of)

    inner = {
        "setup": setup,
        "prove": median(proofs, "prove_seconds"),
        "prove_with_witness": statistics.median(one["execute_seconds"] + one["prove_seconds"] for one in proofs),
        "verify": median(checks, "verify_seconds"),
        "proof_bytes": proofs[-1]["proof_bytes"],
        "key_bytes": sum(f.stat().st_size for f in keys.rglob("*") if f.is_file()),
        "memory": max(one["peak_memory_bytes"] for one in proofs),
        "backend": proofs[-1]["backend"],
    }
    wrapped = {
        "setup": wrap_setup,
        "prove": statistics.median(one["prove_seconds"] + one["wrap_seconds"] for one in wraps),
        "prove_with_witness": statistics.median(one["execute_seconds"] + one["prove_seconds"] + one["wrap_seconds"] for one in wraps),
        "verify": median(wrap_checks, "verify_seconds"),
        "proof_bytes": wraps[-1]["proof_bytes"],
        "key_bytes": sum(f.stat().st_size for f in wrap_keys.rglob("*") if f.is_file()),
        "memory": max(one["peak_memory_bytes"] for one in wraps),
        "receipt_bytes": wraps[-1]["receipt_bytes"],
        "constraints": wraps[-1]["constraints"],
    }
    return inner, wrapped


def show_seconds(value):
    return f"{value:.1f} s" if value >= 10 else f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"


def show_bytes(value):
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value} B"


COLUMNS = (
    ("setup", "setup", show_seconds),
    ("prove", "prove", show_seconds),
    ("prove with witness", "prove_with_witness", show_seconds),
    ("verify", "verify", show_seconds),
    ("proof", "proof_bytes", show_bytes),
    ("key", "key_bytes", show_bytes),
    ("memory", "memory", show_bytes),
)


def table(results):
    lines = ["| network | prover | " + " | ".join(c[0] for c in COLUMNS) + " | prove, EZKL / Assay |"]
    lines.append("| --- " * (len(COLUMNS) + 3) + "|")
    for name, provers in results.items():
        for prover, values in provers.items():
            ratio = f"{provers['EZKL']['prove'] / values['prove']:.0f}x" if prover != "EZKL" and "EZKL" in provers else ""
            cells = [show(values[key]) for _, key, show in COLUMNS]
            lines.append(f"| {name} | {prover} | " + " | ".join(cells) + f" | {ratio} |")
    return "\n".join(lines)


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", type=Path, default=ROOT / "target" / "release" / "assay", help="the binary")
    parser.add_argument("--form", default="qoperator", choices=["qdq", "qdq_per_channel", "qoperator", "qoperator_per_channel"])
    parser.add_argument("--runs", type=int, default=5, help="Assay's runs of each network")
    parser.add_argument("--only", choices=["ezkl", "assay"])
    parser.add_argument("--network", choices=NETWORKS, action="append")
    parser.add_argument("--json", type=Path, help="also write every number to this file")
    arguments = parser.parse_args()
    if arguments.only != "ezkl" and not arguments.assay.exists():
        sys.exit(f"{arguments.assay} does not exist: run 'cargo build --release' first, or name the binary with --assay")
    subprocess.run([sys.executable, HERE / "models.py", "--float"], check=True)
    results, notes = {}, {}
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"warning: the machine is busy (load average {load:.1f}): every time will be too long", file=sys.stderr)
        notes["load average at the start"] = f"{load:.1f}"
    for name in arguments.network or NETWORKS:
        results[name] = {}
        if arguments.only != "assay":
            print(f"{name}: EZKL ...", file=sys.stderr)
            results[name]["EZKL"] = ezkl(name)
            notes["EZKL"] = results[name]["EZKL"]["version"]
        if arguments.only != "ezkl":
            print(f"{name}: Assay ...", file=sys.stderr)
            inner, wrapped = assay(arguments.assay, name, arguments.form, arguments.runs)
            results[name]["Assay"], results[name]["Assay, wrapped for the EVM"] = inner, wrapped
            notes["Assay's backend"] = results[name]["Assay"]["backend"]
    print(f"{processor()}, {os.cpu_count()} threads; " + ", ".join(f"{k} {v}" for k, v in notes.items()) + "\n")
    print(table(results))
    if arguments.json:
        arguments.json.write_text(json.dumps({"processor": processor(), "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
