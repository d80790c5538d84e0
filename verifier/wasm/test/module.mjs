// The module's C ABI from Node.

import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const MODULE = fileURLToPath(new URL("../page/assay.wasm", import.meta.url));

/** Ends the process where the module was not built: a failure, unless skipping is allowed. */
export function needModule() {
  if (existsSync(MODULE)) return;
  if (process.env.ASSAY_ALLOW_SKIP === "1") {
    console.log(`skipped: ${MODULE} is not there`);
    process.exit(0);
  }
  console.error(`${MODULE} is not there: run verifier/wasm/build.sh`);
  process.exit(1);
}

/** The module's functions over byte arrays; answers are parsed. */
export async function load() {
  const { instance } = await WebAssembly.instantiate(await readFile(MODULE), {});
  const abi = instance.exports;
  const put = (bytes) => {
    const pointer = abi.assay_alloc(bytes.length) >>> 0;
    if (pointer !== 0) new Uint8Array(abi.memory.buffer, pointer, bytes.length).set(bytes);
    else if (bytes.length > 0) throw new Error(`no room for ${bytes.length} bytes`);
    return pointer;
  };
  const read = (answer) => {
    const text = new Uint8Array(abi.memory.buffer, abi.assay_text(answer) >>> 0, abi.assay_text_len(answer) >>> 0);
    const parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
    abi.assay_release(answer);
    return parsed;
  };
  const call = (name, ...files) => {
    const pointers = files.map(put);
    const answer = abi[name](...files.flatMap((file, i) => [pointers[i], file.length]));
    files.forEach((file, i) => abi.assay_free(pointers[i], file.length));
    return read(answer);
  };
  return {
    verify: (receipt, key) => call("assay_verify", receipt, key),
    describe: (file) => call("assay_describe", file),
    alloc: (length) => abi.assay_alloc(length) >>> 0,
    memoryBytes: () => abi.memory.buffer.byteLength,
  };
}
