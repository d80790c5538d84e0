// Compiles standard JSON with the solc of package-lock.json, as the native solc would: compile.mjs --standard-json < in > out.
// forge calls it as its compiler (foundry.toml), build.sh through artifacts.mjs.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const solc = createRequire(import.meta.url)("solc");

if (process.argv.includes("--version")) {
    console.log("solc, the solidity compiler commandline interface");
    console.log(`Version: ${solc.version().replace(".Emscripten.clang", ".Linux.g++")}`);
} else if (process.argv.includes("--standard-json")) {
    process.stdout.write(solc.compile(readFileSync(0, "utf8")));
} else {
    console.error("usage: compile.mjs --version | --standard-json < input.json");
    process.exit(2);
}
