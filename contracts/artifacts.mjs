// Compiles contracts into artifacts: ABI, creation bytecode, deployed bytecode.
//
//   artifacts.mjs                    every published contract, into artifacts/NAME.json
//   artifacts.mjs --check            compares with artifacts/ instead
//   artifacts.mjs SOURCE.sol OUT     the generated verifier in one file
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const solc = createRequire(import.meta.url)("solc");
const settings = JSON.parse(readFileSync(join(root, "solc.json"), "utf8"));
const generated = "AssayVerifier";
const fixtures = "solidity/test/fixtures";
const folders = ["solidity/src", fixtures, "solidity/test/tokens"];

// The contracts of sources, given as [name, text] pairs.
const compile = (sources) => {
    const input = {
        language: "Solidity",
        sources: Object.fromEntries(sources.map(([name, content]) => [name, { content }])),
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

const artifact = (name, contract) => {
    const value = {
        contract: name,
        compiler: solc.version(),
        abi: contract.abi,
        bytecode: `0x${contract.evm.bytecode.object}`,
        deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
    };
    return `${JSON.stringify(value, null, 2)}\n`;
};

// The name and text of every artifact. Interfaces, abstract contracts and files that only hold parts have none.
const published = () => {
    const files = folders
        .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
        .filter((file) => file.endsWith(".sol"))
        .sort();
    const contracts = compile(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
    return files.flatMap((file) => {
        const name = basename(file, ".sol");
        const inside = file.startsWith(fixtures) ? generated : name;
        const contract = contracts[file][inside];
        return contract === undefined || contract.evm.bytecode.object === "" ? [] : [[name, artifact(inside, contract)]];
    });
};

const committed = (path) => {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return "";
    }
};

const [first, out] = process.argv.slice(2);
if (out !== undefined) {
    writeFileSync(out, artifact(generated, compile([["source.sol", readFileSync(first, "utf8")]])["source.sol"][generated]));
} else {
    let stale = 0;
    for (const [name, text] of published()) {
        const path = join(root, "artifacts", `${name}.json`);
        if (first === "--check") {
            if (committed(path) !== text) {
                console.error(`artifacts/${name}.json is not what its source compiles to: run contracts/build.sh`);
                stale += 1;
            }
        } else {
            writeFileSync(path, text);
            console.log(`artifacts/${name}.json: ${(JSON.parse(text).deployedBytecode.length - 2) / 2} bytes`);
        }
    }
    process.exit(stale === 0 ? 0 : 1);
}
