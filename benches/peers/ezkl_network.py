#!/usr/bin/env python3
"""Times EZKL on one network, in a process of its own so that its peak memory is its own. Prints one JSON object.

Public input and output, weights fixed in the circuit, settings calibrated for resources: EZKL's own
recommendation for speed. The reference string is generated here (a toy one: EZKL's speed does not depend on it).
"""

import argparse
import asyncio
import inspect
import json
import os
import resource
import statistics
import time
from importlib.metadata import version
from pathlib import Path

import ezkl


def finish(value):
    """Some of EZKL's functions return a value, others an awaitable, depending on its build."""
    if not inspect.isawaitable(value):
        return value

    async def wait():
        return await value

    return asyncio.run(wait())


def timed(seconds, cpu_seconds, key, function):
    start, cpu_start = time.perf_counter(), time.process_time()
    result = finish(function())
    seconds.setdefault(key, []).append(time.perf_counter() - start)
    cpu_seconds.setdefault(key, []).append(time.process_time() - cpu_start)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "build")
    parser.add_argument("--inner-columns", type=int, default=2)
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    os.chdir(arguments.folder)
    name = arguments.name
    path = {kind: f"{name}.{kind}" for kind in ("onnx", "json", "settings", "compiled", "vk", "pk", "witness", "proof")}
    run_args = ezkl.PyRunArgs()
    run_args.input_visibility = "public"
    run_args.output_visibility = "public"
    run_args.param_visibility = "fixed"
    run_args.num_inner_cols = arguments.inner_columns

    seconds, cpu_seconds = {}, {}
    timed(seconds, cpu_seconds, "settings", lambda: ezkl.gen_settings(path["onnx"], path["settings"], py_run_args=run_args))
    timed(seconds, cpu_seconds, "calibrate", lambda: ezkl.calibrate_settings(path["json"], path["onnx"], path["settings"], "resources"))
    log_rows = json.loads(Path(path["settings"]).read_text())["run_args"]["logrows"]
    timed(seconds, cpu_seconds, "compile", lambda: ezkl.compile_circuit(path["onnx"], path["compiled"], path["settings"]))
    srs = f"k{log_rows}.srs"
    if not Path(srs).exists():
        timed(seconds, cpu_seconds, "srs", lambda: ezkl.gen_srs(srs, log_rows))
    timed(seconds, cpu_seconds, "setup", lambda: ezkl.setup(path["compiled"], path["vk"], path["pk"], srs))
    for _ in range(arguments.runs):
        timed(seconds, cpu_seconds, "witness", lambda: ezkl.gen_witness(path["json"], path["compiled"], path["witness"]))
        timed(seconds, cpu_seconds, "prove", lambda: ezkl.prove(path["witness"], path["compiled"], path["pk"], path["proof"], srs))
        if not timed(seconds, cpu_seconds, "verify", lambda: ezkl.verify(path["proof"], path["settings"], path["vk"], srs)):
            raise SystemExit("EZKL's proof does not verify")
    proof = json.loads(Path(path["proof"]).read_text())
    print(json.dumps({
        "version": version("ezkl"),
        "log_rows": log_rows,
        "seconds": {k: statistics.median(v) for k, v in seconds.items()},
        "cpu_seconds": {k: statistics.median(v) for k, v in cpu_seconds.items()},
        "proof_bytes": (len(proof["hex_proof"]) - 2) // 2 if proof.get("hex_proof") else len(proof["proof"]),
        "key_bytes": os.path.getsize(path["pk"]),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))


if __name__ == "__main__":
    main()
