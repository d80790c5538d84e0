// Chromium, a static file server, and what to do where something is missing.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const HERE = fileURLToPath(new URL(".", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".wasm": "application/wasm" };

/** Ends the process: a failure, unless skipping is allowed. */
function missing(what) {
  if (process.env.ASSAY_ALLOW_SKIP === "1") {
    console.log(`skipped: ${what}`);
    process.exit(0);
  }
  console.error(what);
  process.exit(1);
}

/** playwright-core, installed from the lock file if need be. */
async function playwright() {
  if (!existsSync(join(HERE, "node_modules/playwright-core"))) {
    const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: HERE, stdio: "inherit", timeout: 300_000 });
    if (npm.status !== 0) missing("playwright-core is not installed, and npm could not install it");
  }
  return (await import("playwright-core")).chromium;
}

function needChromium() {
  if (existsSync(CHROMIUM)) return;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    const apt = (...args) => spawnSync("apt-get", args, { stdio: "inherit", timeout: 600_000 });
    apt("update", "-qq");
    apt("install", "-y", "-qq", "--no-install-recommends", "chromium");
  }
  if (!existsSync(CHROMIUM)) missing(`${CHROMIUM} is not there: install chromium, or name it in CHROMIUM`);
}

/** A browser with a profile of its own. */
export async function browser() {
  needChromium();
  const chromium = await playwright();
  const profile = mkdtempSync(join(tmpdir(), "assay-page-"));
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
  args.push("--disable-background-networking", "--disable-component-update", "--disable-sync");
  const context = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, headless: true, args });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, close };
}

/** Serves folders, by the first part of the path, on a free port of this machine. */
export async function serve(folders) {
  const server = createServer(async (request, response) => {
    const [, first, ...rest] = decodeURIComponent(new URL(request.url, "http://localhost").pathname).split("/");
    const inside = normalize(rest.join("/") || "index.html");
    const path = folders[first] && !inside.startsWith("..") && join(folders[first], inside);
    const body = path && (await readFile(path.split("/").join(sep)).catch(() => null));
    response.writeHead(body ? 200 : 404, { "content-type": TYPES[extname(path || "")] ?? "application/octet-stream" });
    response.end(body || "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
