// Compiles every contract and writes artifacts/NAME.json (ABI, creation bytecode, deployed bytecode); with --check compares.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const solc = createRequire(import.meta.url)("solc");
const sources = "solidity/src";
const fixtures = "solidity/test/fixtures";
const tokens = "solidity/test/tokens";
// What is published: of the interfaces nothing, of a fixture the generated contract under the fixture's own name.
const published = (file) => (file.startsWith(fixtures) ? "AssayVerifier" : basename(file, ".sol"));

const files = [sources, fixtures, tokens]
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((file) => file.endsWith(".sol"))
    .sort();

const compile = (files, settings) => {
    const read = (file) => ({ content: readFileSync(join(root, file), "utf8") });
    const input = {
        language: "Solidity",
        sources: Object.fromEntries(files.map((file) => [file, read(file)])),
        settings: {
            ...settings,
            outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
        },
    };
    const output = JSON.parse(solc.compile(JSON.stringify(input)));
    for (const problem of output.errors ?? []) {
        console.error(problem.formattedMessage);
    }
    // Warnings too: what the compiler warns of is mended or silenced at its place.
    if ((output.errors ?? []).length > 0) {
        process.exit(1);
    }
    return output.contracts;
};

const settings = JSON.parse(readFileSync(join(root, "solc.json"), "utf8"));
const contracts = compile(files, settings);
let stale = 0;
for (const file of files) {
    const contract = contracts[file][published(file)];
    if (contract === undefined || contract.evm.bytecode.object === "") {
        continue;
    }
    const artifact = {
        contract: published(file),
        compiler: solc.version(),
        abi: contract.abi,
        bytecode: `0x${contract.evm.bytecode.object}`,
        deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
    };
    const path = join(root, "artifacts", `${basename(file, ".sol")}.json`);
    const text = `${JSON.stringify(artifact, null, 2)}\n`;
    if (process.argv.includes("--check")) {
        let committed = "";
        try {
            committed = readFileSync(path, "utf8");
        } catch {
            // Absent, so different.
        }
        if (committed !== text) {
            console.error(`${path} is not what its source compiles to: run contracts/build.sh`);
            stale += 1;
        }
    } else {
        writeFileSync(path, text);
        console.log(`${path}: ${(artifact.deployedBytecode.length - 2) / 2} bytes`);
    }
}
process.exit(stale === 0 ? 0 : 1);
