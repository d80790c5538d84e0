// The page in Chromium: node verifier/wasm/test/page.mjs [RECEIPT KEY]...
//
// Files are dropped as a person would; what is asserted is what that person sees. Receipts given are dropped with their keys, too.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { browser, serve } from "./browser.mjs";
import { needModule } from "./module.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const file = async (path, name = basename(path)) => ({ name, bytes: await readFile(path) });

needModule();
const { context, close } = await browser();
const inner = at("../../tests/vectors");
const wrapped = at("../tests/vectors/development");
const ceremony = at("../tests/vectors/ceremony");
const server = await serve({ page: at("../page"), inner, wrapped });
const url = `${server.origin}/page/index.html`;
let passed = 0;

/** A fresh page; it fails if the page logs an error or asks another server for anything. */
async function step(name, run, query = "") {
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("request", (request) => /^(blob|data):|^http:\/\/127\.0\.0\.1:/.test(request.url()) || errors.push(request.url()));
  try {
    await page.goto(url + query);
    await run(page);
    assert.deepEqual(errors, []);
  } catch (error) {
    error.message = `${name}: ${error.message}`;
    throw error;
  }
  await page.close();
  passed += 1;
  console.log(`ok: ${name}`);
}

/** Drops files on the page, as the browser would. */
async function drop(page, ...files) {
  const plain = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString("base64") }));
  const transfer = await page.evaluateHandle((dropped) => {
    const made = new DataTransfer();
    for (const { name, base64 } of dropped) {
      made.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    }
    return made;
  }, plain);
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}

const title = (page, expected) => page.getByRole("status").getByRole("heading", { name: expected, exact: true }).waitFor({ timeout: 30_000 });
const seen = (page) => page.locator("main").innerText();

try {
  const receipt = await file(`${inner}/receipt/public`, "run.receipt");
  const key = await file(`${inner}/key/public`, "vk");
  const tampered = { name: "tampered.receipt", bytes: Uint8Array.from(receipt.bytes) };
  tampered.bytes[tampered.bytes.length - 5] ^= 1;

  await step("a valid receipt and its key", async (page) => {
    await drop(page, receipt, key);
    await title(page, "The proof holds, under a development setup");
    const text = await seen(page);
    assert.match(text, /run\.receipt \(inner receipt\)/);
    assert.match(text, /What the receipt says, under a development setup/);
    assert.match(text, /not evidence/);
    assert.doesNotMatch(text, /What the receipt proves/);
    assert.match(text, /inner receipt, not zero-knowledge/);
    assert.match(text, /Output \S+/);
  });

  await step("a receipt alone is a claim, until its key comes", async (page) => {
    await drop(page, receipt);
    await title(page, "Not verified yet");
    assert.match(await seen(page), /What the receipt claims, unproven/);
    await page.getByText("Development setup.").waitFor({ state: "hidden" });
    await drop(page, key);
    await title(page, "The proof holds, under a development setup");
  });

  await step("a tampered receipt", async (page) => {
    await drop(page, receipt, key);
    await title(page, "The proof holds, under a development setup");
    await drop(page, tampered);
    await title(page, "Not valid");
    const text = await seen(page);
    assert.match(text, /does not hold/);
    assert.match(text, /Development setup\. Receipts under this key are not evidence/);
    assert.match(text, /What the receipt claims, unproven/);
    assert.doesNotMatch(text, /What the receipt (proves|says)/);
  });

  await step("another program's key", async (page) => {
    await drop(page, receipt, await file(`${inner}/key/scan`));
    await title(page, "Receipt and key do not belong together");
  });

  await step("the key of another kind", async (page) => {
    await drop(page, receipt, await file(`${wrapped}/key`));
    await title(page, "The key cannot be used");
    assert.match(await seen(page), /needs a verifying key/);
  });

  await step("a file that is neither", async (page) => {
    await drop(page, { name: "cat.jpg", bytes: Buffer.from("not a receipt") });
    await page.getByRole("alert").filter({ hasText: "cat.jpg is neither an Assay receipt nor a key." }).waitFor();
    assert.equal(await page.getByRole("status").count(), 0);
  });

  await step("a receipt that is cut off", async (page) => {
    await drop(page, { name: "half.receipt", bytes: receipt.bytes.subarray(0, 200) }, key);
    await title(page, "Not a readable receipt");
  });

  await step("a wrapped receipt, chosen by its labels", async (page) => {
    await page.getByLabel("Receipt").setInputFiles(`${wrapped}/receipt`);
    await page.getByLabel("Key of the program").setInputFiles(`${wrapped}/key`);
    await title(page, "The proof holds, under a development setup");
    const text = await seen(page);
    assert.match(text, /class\s+1/);
    assert.match(text, /-0\.5, 10\.5, 2/);
    assert.match(text, /wrapped receipt, zero-knowledge/);
    assert.match(text, /private, behind 1 commitment/);
    assert.match(text, /job 17/);
  });

  await step("a wrapped receipt of a ceremony's key", async (page) => {
    await drop(page, await file(`${ceremony}/receipt`), await file(`${ceremony}/key`));
    await title(page, "Valid");
    const text = await seen(page);
    assert.match(text, /What the receipt proves/);
    assert.doesNotMatch(text, /not evidence|Development setup\./);
  });

  await step("a link to both", (page) => title(page, "The proof holds, under a development setup"), "?receipt=/wrapped/receipt&key=/wrapped/key");

  const given = process.argv.slice(2);
  assert.equal(given.length % 2, 0, "receipts come with their keys: RECEIPT KEY");
  for (let i = 0; i < given.length; i += 2) {
    await step(`given: ${given[i]}`, async (page) => {
      await drop(page, await file(given[i]), await file(given[i + 1]));
      await page.getByRole("status").getByRole("heading", { name: /^(Valid|The proof holds, under a development setup)$/ }).waitFor();
      assert.match(await seen(page), /What the receipt (proves|says)/);
    });
  }
  console.log(`ok: ${passed} steps`);
} finally {
  await close();
  server.close();
}
