// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Verifies wrapped Assay receipts of one program.
interface IAssayVerifier {
    /// @notice The program whose receipts this contract verifies.
    function programId() external view returns (bytes32);

    /// @notice The first four bytes of every seal: those of the verifying key's digest.
    function selector() external view returns (bytes4);

    /// @notice Returns if "this program, run on these inputs, gave these outputs" is proven, and reverts if not.
    /// @param inputs Poseidon2 digest of the public inputs.
    /// @param hidden Commitments to the rows of private inputs, 64 bytes each.
    /// @param outputs Packed output bytes, 31 a word, the first the most significant; or the digest of more than 62 bytes.
    /// @param contextHash keccak256 of the bytes that the proof was bound to.
    /// @param seal The proof.
    function verify(uint256 inputs, bytes calldata hidden, uint256[] calldata outputs, bytes32 contextHash, bytes calldata seal)
        external
        view;
}
