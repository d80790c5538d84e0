// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "./Vm.sol";

/// @dev The arguments of IAssayVerifier.verify, from a fixture.
struct Receipt {
    uint256 inputs;
    bytes hidden;
    uint256[] outputs;
    bytes32 contextHash;
    bytes seal;
}

/// @dev Reads fixtures, which the Rust example "regenerate" writes.
abstract contract Receipts is Test {
    function load(string memory name) internal view returns (Receipt memory receipt) {
        string memory json = readFixture(name);
        receipt.inputs = vm.parseJsonUint(json, ".inputs");
        receipt.hidden = vm.parseJsonBytes(json, ".hidden");
        receipt.outputs = vm.parseJsonUintArray(json, ".outputs");
        receipt.contextHash = vm.parseJsonBytes32(json, ".contextHash");
        receipt.seal = vm.parseJsonBytes(json, ".seal");
    }

    function readFixture(string memory name) internal view returns (string memory) {
        return vm.readFile(string.concat("solidity/test/fixtures/", name, ".json"));
    }
}
