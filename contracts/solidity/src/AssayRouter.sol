// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IAssayVerifier} from "./IAssayVerifier.sol";

/// @title Finds the verifier of a seal by the seal's first four bytes.
/// @notice The owner adds verifiers and can stop one for good. It cannot replace one: what a selector has meant once, it means
/// for ever, or nothing any more.
contract AssayRouter {
    /// @notice No verifier has been added for this selector.
    error UnknownSelector(bytes4 selector);
    /// @notice The verifier of this selector has been stopped.
    error SelectorRemoved(bytes4 selector);
    /// @notice This selector has, or had, a verifier.
    error SelectorTaken(bytes4 selector);
    /// @notice The seal's verifier is another program's.
    error WrongProgram(bytes32 expected, bytes32 found);
    /// @notice A seal needs at least the four bytes of its selector.
    error SealTooShort(uint256 found);
    /// @notice Only the owner may do this.
    error NotOwner(address caller);
    /// @notice Only the owner to be may accept.
    error NotPendingOwner(address caller);

    event VerifierAdded(bytes4 indexed selector, bytes32 indexed programId, address verifier);
    event VerifierRemoved(bytes4 indexed selector, address verifier);
    event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    /// @dev Stands where a verifier was stopped. A precompile's address: no contract can have it.
    address private constant TOMBSTONE = address(1);

    /// @notice Who adds and stops verifiers.
    address public owner;
    /// @notice Who may become the owner.
    address public pendingOwner;

    mapping(bytes4 selector => IAssayVerifier) private verifiers;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    constructor(address initialOwner) {
        if (initialOwner == address(0)) revert NotOwner(initialOwner);
        owner = initialOwner;
        emit OwnershipTransferred(address(0), initialOwner);
    }

    /// @notice Adds a verifier under the selector that it states.
    function add(IAssayVerifier verifier) external onlyOwner {
        bytes4 selector = verifier.selector();
        if (address(verifiers[selector]) != address(0)) revert SelectorTaken(selector);
        verifiers[selector] = verifier;
        emit VerifierAdded(selector, verifier.programId(), address(verifier));
    }

    /// @notice Stops a verifier for good.
    function remove(bytes4 selector) external onlyOwner {
        IAssayVerifier verifier = verifierOf(selector);
        verifiers[selector] = IAssayVerifier(TOMBSTONE);
        emit VerifierRemoved(selector, address(verifier));
    }

    /// @notice Names the next owner, who has to accept; the zero address takes the offer back.
    function transferOwnership(address newOwner) external onlyOwner {
        pendingOwner = newOwner;
        emit OwnershipTransferStarted(owner, newOwner);
    }

    /// @notice Takes the ownership that was offered.
    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotPendingOwner(msg.sender);
        emit OwnershipTransferred(owner, msg.sender);
        owner = msg.sender;
        delete pendingOwner;
    }

    /// @notice Returns if the receipt holds and is this program's, reverts if not. See IAssayVerifier.verify.
    function verify(
        bytes32 programId,
        uint256 inputs,
        bytes calldata hidden,
        uint256[] calldata outputs,
        bytes32 contextHash,
        bytes calldata seal
    ) external view {
        if (seal.length < 4) revert SealTooShort(seal.length);
        IAssayVerifier verifier = verifierOf(bytes4(seal));
        bytes32 found = verifier.programId();
        if (found != programId) revert WrongProgram(programId, found);
        verifier.verify(inputs, hidden, outputs, contextHash, seal);
    }

    /// @notice Whether a verifier was added under this selector and then stopped.
    function isRemoved(bytes4 selector) external view returns (bool) {
        return address(verifiers[selector]) == TOMBSTONE;
    }

    /// @notice The verifier in use under this selector; reverts where there is none.
    function verifierOf(bytes4 selector) public view returns (IAssayVerifier verifier) {
        verifier = verifiers[selector];
        if (address(verifier) == address(0)) revert UnknownSelector(selector);
        if (address(verifier) == TOMBSTONE) revert SelectorRemoved(selector);
    }
}
