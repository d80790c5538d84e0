// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @dev The cheatcodes of forge that these tests use.
interface Vm {
    function prank(address sender) external;
    function deal(address account, uint256 balance) external;
    function warp(uint256 timestamp) external;
    function chainId(uint256 id) external;
    function etch(address account, bytes calldata code) external;
    function assume(bool condition) external pure;
    function expectRevert() external;
    function expectRevert(bytes4 name) external;
    function expectRevert(bytes calldata data) external;
    function readFile(string calldata path) external view returns (string memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
}

/// @dev What every test has.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error Differs(uint256 expected, uint256 found);
    error NotTrue(string what);

    function same(uint256 expected, uint256 found) internal pure {
        if (expected != found) revert Differs(expected, found);
    }

    function same(address expected, address found) internal pure {
        same(uint160(expected), uint160(found));
    }

    function same(bytes32 expected, bytes32 found) internal pure {
        same(uint256(expected), uint256(found));
    }

    function check(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    /// @dev A number between the two, both included.
    function within(uint256 value, uint256 least, uint256 most) internal pure returns (uint256) {
        return least + value % (most - least + 1);
    }
}
