#!/usr/bin/env python3
"""Repeats every experiment behind SEMANTICS.md: mismatches / values for each operator and formula.

    pip install -r requirements.txt && python run.py
"""

import affine
import elementwise
import numpy as np
import pooling
import products
import tables

for title, experiment in (
    ("Conversions and tables", tables.experiment),
    ("QLinearConv, QLinearMatMul, QGemm", products.qlinear),
    ("Conv, Gemm, MatMul in the QDQ form", products.qdq),
    ("Sums and products", elementwise.experiment),
    ("A scalar operand", elementwise.scalar_operand),
    ("Average pooling", pooling.experiment),
    ("Global pooling", pooling.small_global),
    ("Integer rule: every accumulator", affine.scan_accumulators),
    ("Integer rule: constant searched", affine.search_accumulators),
    ("Integer rule: sums and products", affine.search_pairs),
):
    print(f"\n{title}")
    experiment(np.random.default_rng(1))
print("\nCounts of overhanging windows")
pooling.counts()
