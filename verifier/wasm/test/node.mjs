// The module on Node: node verifier/wasm/test/node.mjs [RECEIPT KEY]...
//
// Frozen receipts of both kinds, and those given, are accepted; 300 mutations of each are rejected, none with a trap.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { load, needModule } from "./module.mjs";

const MUTATIONS = 300;
const VERIFICATIONS = 10;

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const frozen = ["public", "private", "scan"].map((name) => ({
  name: `frozen ${name}`,
  paths: [at(`../../tests/vectors/receipt/${name}`), at(`../../tests/vectors/key/${name}`)],
}));
for (const name of ["development", "ceremony"]) {
  frozen.push({ name: `frozen wrapped, ${name}`, paths: [at(`../tests/vectors/${name}/receipt`), at(`../tests/vectors/${name}/key`)] });
}

/** A small generator with a seed, so that a failure happens again (xorshift32). */
function random(seed) {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Another byte string: a bit flipped, bytes replaced, cut off, inserted or repeated. */
function mutate(bytes, next) {
  const place = next(bytes.length);
  const [head, tail] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (next(5)) {
    case 0: {
      const copy = Uint8Array.from(bytes);
      copy[place] ^= 1 << next(8);
      return copy;
    }
    case 1: {
      const copy = Uint8Array.from(bytes);
      for (let i = place; i < Math.min(place + 8, copy.length); i++) copy[i] ^= 1 + next(255);
      return copy;
    }
    case 2:
      return head;
    case 3:
      return Buffer.concat([head, Buffer.from([next(256)]), tail]);
    default:
      return Buffer.concat([head, tail.subarray(0, 40), tail]);
  }
}

needModule();
const nothing = new Uint8Array(0);
const module = await load();
const given = process.argv.slice(2);
assert.equal(given.length % 2, 0, "receipts come with their keys: RECEIPT KEY");
for (let i = 0; i < given.length; i += 2) frozen.push({ name: basename(given[i]), paths: given.slice(i, i + 2) });

for (const [index, { name, paths }] of frozen.entries()) {
  const [receipt, key] = await Promise.all(paths.map((path) => readFile(path)));
  const answer = module.verify(receipt, key);
  assert.equal(answer.valid, true, `${name}: ${answer.reason}`);
  assert.equal(answer.reason, null);
  assert.equal(answer.development, !name.endsWith("ceremony") && module.describe(key).development);
  assert.equal(answer.zero_knowledge, answer.kind === "wrapped");
  const described = module.describe(receipt);
  assert.equal(described.kind, answer.kind);
  assert.equal(described.statement.program_id, answer.statement.program_id);
  assert.equal(module.describe(key).program_id, answer.statement.program_id);

  const times = Array.from({ length: VERIFICATIONS }, () => {
    const start = performance.now();
    module.verify(receipt, key);
    return performance.now() - start;
  }).sort((a, b) => a - b);

  const next = random(index + 1);
  const faults = new Map();
  for (let i = 0; i < MUTATIONS; i++) {
    const ofKey = i % 3 === 2;
    const changed = mutate(ofKey ? key : receipt, next);
    const rejected = ofKey ? module.verify(receipt, changed) : module.verify(changed, key);
    assert.equal(rejected.valid, false, `${name}: mutation ${i} is accepted`);
    assert.ok(rejected.reason.length > 0);
    module.describe(changed);
    faults.set(rejected.fault, (faults.get(rejected.fault) ?? 0) + 1);
  }
  const counts = [...faults].map(([fault, count]) => `${fault} ${count}`).join(", ");
  const median = times[VERIFICATIONS >> 1].toFixed(1);
  console.log(`${name}: ${answer.kind}, valid, ${median} ms; ${MUTATIONS} mutations rejected (${counts})`);
}

// Sizes that wrap around in 32 bits are refused like any other.
const header = (magic) => Buffer.from(`${magic}\x01\0\0\0`, "latin1");
const word = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};
const huge = [[1n << 32n], [1n << 31n], [1n << 30n], [(1n << 30n) + 1n], [1n << 40n], [0xffffffffn], [0xffffffffffffffffn]];
huge.push([1n << 16n, 1n << 16n], [1n << 20n, 1n << 20n], Array(8).fill(1n << 8n), Array(8).fill(5n), [1n << 28n, 3n]);
for (const extents of huge) {
  for (let type = 0; type < 6; type++) {
    const shape = Buffer.concat([Buffer.from([type, extents.length]), ...extents.map(word)]);
    const statement = Buffer.concat([header("ASYSTATE"), Buffer.alloc(32), Buffer.from([1, 0, 0, 0, 0]), shape, Buffer.alloc(1 << 20)]);
    const answer = module.verify(Buffer.concat([header("ASYRECPT"), Buffer.alloc(32), statement]), nothing);
    assert.equal(answer.fault, "receipt", `a tensor of shape ${extents}`);
    assert.doesNotMatch(answer.reason, /magic/);
  }
}

const [receipt, key] = await Promise.all(frozen[0].paths.map((path) => readFile(path)));
assert.equal(module.verify(nothing, nothing).fault, "receipt");
assert.equal(module.verify(receipt, nothing).fault, "key");
assert.match(module.verify(key, receipt).reason, /expected a receipt, found a verifying key/);
const another = await readFile(frozen[1].paths[1]);
assert.equal(module.verify(receipt, another).fault, "match");
assert.equal(module.describe(Buffer.from("no receipt")).kind, null);
assert.equal(module.alloc(0), 0);
assert.equal(module.alloc(0xffffffff), 0);

// Nothing leaks: the same work again needs no more memory.
const before = module.memoryBytes();
for (let i = 0; i < 50; i++) module.verify(receipt, key);
assert.equal(module.memoryBytes(), before);
console.log(`ok: ${frozen.length} receipts, memory ${(before / 2 ** 20).toFixed(1)} MiB`);
