// The page and its worker, in one file: a worker has no document.
//
// The worker holds the WebAssembly module and answers { id, call: "verify" | "describe", files }. It does the work so that the page
// stays responsive, and so that the page can replace it should a hostile file ever exhaust its memory.
//
// page.js?  The page takes ?receipt=URL and ?key=URL of its own origin, for links from a place that publishes both.

if (typeof document === "undefined") work();
else await show();

// --- The worker ---

function work() {
  const loading = WebAssembly.instantiateStreaming(fetch(new URL("assay.wasm", import.meta.url)), {});
  self.onmessage = async ({ data: { id, call, files } }) => {
    try {
      const { instance } = await loading;
      self.postMessage({ id, answer: ask(instance.exports, `assay_${call}`, files) });
    } catch (error) {
      self.postMessage({ id, error: String(error), trapped: error instanceof WebAssembly.RuntimeError });
    }
  };
}

function ask(abi, name, files) {
  const pointers = files.map((file) => {
    const pointer = abi.assay_alloc(file.length) >>> 0;
    if (pointer === 0 && file.length > 0) throw new RangeError(`no room for a file of ${file.length} bytes`);
    new Uint8Array(abi.memory.buffer, pointer, file.length).set(file);
    return pointer;
  });
  const answer = abi[name](...files.flatMap((file, i) => [pointers[i], file.length]));
  const text = new Uint8Array(abi.memory.buffer, abi.assay_text(answer) >>> 0, abi.assay_text_len(answer) >>> 0);
  const parsed = JSON.parse(new TextDecoder().decode(text));
  abi.assay_release(answer);
  files.forEach((file, i) => abi.assay_free(pointers[i], file.length));
  return parsed;
}

// --- The page ---

async function show() {
  const MOST_BYTES = 32 << 20;
  const MOST_VALUES = 64;
  const KINDS = { inner: "receipt", wrapped: "receipt", "verifying key": "key", "wrap key": "key" };
  const NOUNS = { inner: "inner receipt", wrapped: "wrapped receipt", "verifying key": "verifying key", "wrap key": "wrap key" };

  const FORGEABLE = "the secret of its setup is public or was in one party's hands, and whoever knows it can prove anything. For trials only.";

  const by = (id) => document.getElementById(id);
  const chosen = { receipt: null, key: null };
  let [worker, next, waiting] = [null, 0, new Map()];
  // What was asked last: an answer to anything before is out of date.
  let latest = 0;

  /** Sends work to the worker, a new one if the last broke. */
  function request(call, files) {
    if (!worker) {
      worker = new Worker(import.meta.url, { type: "module" });
      worker.onmessage = ({ data }) => {
        const { resolve, reject } = waiting.get(data.id);
        waiting.delete(data.id);
        if (data.trapped) drop();
        if (data.error) reject(new Error(data.error));
        else resolve(data.answer);
      };
      worker.onerror = () => {
        drop();
        waiting.forEach(({ reject }) => reject(new Error("the verifier could not be loaded")));
        waiting.clear();
      };
    }
    const id = next++;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, call, files });
    });
  }

  function drop() {
    worker?.terminate();
    worker = null;
  }

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function problem(text) {
    by("problem").hidden = text === null;
    by("problem").textContent = text ?? "";
  }

  /** Takes files of any kind and puts each where it belongs. */
  async function take(files) {
    problem(null);
    const problems = [];
    for (const file of files) {
      const fault = await place(file).catch((error) => `${file.name} cannot be read: ${error.message}.`);
      if (fault) problems.push(fault);
    }
    if (problems.length > 0) problem(problems.join(" "));
    await check();
  }

  async function place(file) {
    if (file.size > MOST_BYTES) return `${file.name} is too large: this page reads files of up to 32 MiB.`;
    const bytes = new Uint8Array(await file.arrayBuffer());
    const described = await request("describe", [bytes]);
    const slot = KINDS[described.kind];
    if (!slot) return `${file.name} is neither an Assay receipt nor a key.`;
    chosen[slot] = { name: file.name, bytes, described };
    by(`${slot}-name`).textContent = `${file.name} (${NOUNS[described.kind]})`;
    return null;
  }

  async function check() {
    const { receipt, key } = chosen;
    const turn = ++latest;
    if (!receipt && !key) return;
    verdict("plain", "Checking", "");
    let answer;
    try {
      answer = receipt && key ? await request("verify", [receipt.bytes, key.bytes]) : null;
    } catch (error) {
      if (turn === latest) {
        verdict("bad", "No verdict", `The check broke off (${error.message}). The receipt is not verified.`);
        developmentWarning(false);
        statement(null);
      }
      return;
    }
    if (turn !== latest) return;
    const known = answer ?? { ...receipt?.described, development: key?.described.development };
    judge(answer, receipt, key);
    // A verdict on a proof that holds says it already.
    developmentWarning(known.development && !answer?.valid);
    statement(known.statement ? known : null, answer?.valid === true);
  }

  function judge(answer, receipt, key) {
    if (!receipt) {
      const { described } = key;
      const what = described.reason ? `It cannot be used: ${described.reason}.` : `Of program ${described.program}, id ${described.program_id}.`;
      return verdict(described.reason ? "bad" : "plain", "A key; now add a receipt", what);
    }
    if (!answer) {
      if (receipt.described.reason) return verdict("bad", "Not a readable receipt", `${receipt.described.reason}.`);
      return verdict("plain", "Not verified yet", "Add the key of the program. What follows is what the receipt claims.");
    }
    if (answer.valid && answer.development) {
      return verdict("care", "The proof holds, under a development setup", `It is not evidence: ${FORGEABLE}`);
    }
    if (answer.valid) return verdict("good", "Valid", `Program ${answer.program} gave the outputs below.`);
    const titles = {
      receipt: "Not a readable receipt",
      key: "The key cannot be used",
      match: "Receipt and key do not belong together",
      proof: "Not valid",
    };
    verdict("bad", titles[answer.fault] ?? "Not valid", `${answer.reason}.`);
  }

  function verdict(tone, title, text) {
    by("verdict").className = `box ${tone}`;
    by("verdict").hidden = false;
    by("verdict-title").textContent = title;
    by("verdict-text").textContent = text;
  }

  function developmentWarning(development) {
    by("development").hidden = !development;
    by("development").replaceChildren(
      element("strong", "Development setup. "),
      `Receipts under this key are not evidence: ${FORGEABLE}`,
    );
  }

  function statement(answer, proven = false) {
    const place = by("statement");
    place.hidden = answer === null;
    if (answer === null) return;
    const { statement: says, kind, program, development } = answer;
    const heading = development ? "What the receipt says, under a development setup" : "What the receipt proves";
    const parts = [element("h2", proven ? heading : "What the receipt claims, unproven")];
    for (const output of says.outputs) parts.push(...tensor("Output", output));
    for (const input of says.inputs ?? []) parts.push(...tensor("Input", input));
    if (kind === "wrapped") parts.push(facts([["digest of the inputs", code(says.input_digest)]]));
    parts.push(element("h3", "Bound to"));
    const rows = [];
    if (program) rows.push(["program", program]);
    rows.push(["program id", code(says.program_id)]);
    rows.push(["context", says.context === "" ? "none" : context(says.context)]);
    rows.push(["kind", kind === "wrapped" ? "wrapped receipt, zero-knowledge" : "inner receipt, not zero-knowledge"]);
    parts.push(facts(rows));
    place.replaceChildren(...parts);
  }

  function tensor(role, { name, dtype, shape, values, reals, private: secret, commitments, class: answer }) {
    const rows = [];
    if (answer !== undefined) rows.push(["class", element("span", answer, "class")]);
    if (dtype) rows.push(["type", `${dtype} [${shape.join(", ")}]`]);
    if (secret) rows.push(["values", `private, behind ${commitments} commitment${commitments === 1 ? "" : "s"}`]);
    else if (values) rows.push([reals ? "integers" : "values", list(values)]);
    else rows.push(["values", values === null ? "too many to list" : "public, as a digest only"]);
    if (reals) rows.push(["stand for", list(reals.map((real) => (real === null ? "out of range" : Number(real.toPrecision(6)))))]);
    return [element("h3", name ? `${role} ${name}` : role), facts(rows)];
  }

  function list(values) {
    const shown = values.slice(0, MOST_VALUES).join(", ");
    return code(values.length > MOST_VALUES ? `${shown}, and ${values.length - MOST_VALUES} more` : shown);
  }

  /** Context is bytes; where they are plain text, the text helps more. */
  function context(hex) {
    const bytes = Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
    const plain = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
    return code(plain ? `0x${hex} ("${String.fromCharCode(...bytes)}")` : `0x${hex}`);
  }

  function code(text) {
    return element("code", text);
  }

  function facts(rows) {
    const made = element("dl");
    for (const [term, value] of rows) {
      const definition = element("dd");
      definition.append(value);
      made.append(element("dt", term), definition);
    }
    return made;
  }

  /** A file that a link names. */
  async function linked(slot) {
    const url = new URLSearchParams(location.search).get(slot);
    if (!url) return null;
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    return new File([await response.blob()], url.split("/").pop());
  }

  for (const slot of ["receipt", "key"]) {
    by(`${slot}-file`).addEventListener("change", async (event) => {
      const files = [...event.target.files];
      // The same file may be chosen again after it changed.
      event.target.value = "";
      await take(files);
    });
  }
  let depth = 0;
  const dragging = (change) => document.body.classList.toggle("dragging", (depth = Math.max(0, depth + change)) > 0);
  document.addEventListener("dragenter", () => dragging(1));
  document.addEventListener("dragleave", () => dragging(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    dragging(-depth);
    await take([...event.dataTransfer.files]);
  });
  for (const slot of ["receipt", "key"]) {
    try {
      const file = await linked(slot);
      if (file) await take([file]);
    } catch (error) {
      problem(`The ${slot} of this link cannot be loaded: ${error.message}.`);
    }
  }
}
