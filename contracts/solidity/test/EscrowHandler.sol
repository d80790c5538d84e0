// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AssayRouter} from "../src/AssayRouter.sol";
import {JobEscrow} from "../src/JobEscrow.sol";
import {FeeToken} from "./tokens/Tokens.sol";
import {Test} from "./Vm.sol";

/// @dev A proof system without mathematics: a receipt is valid if its seal was issued for exactly this statement.
contract IssuedVerifier {
    mapping(bytes32 => bool) private issued;

    error NotIssued();

    function programId() external pure returns (bytes32) {
        return keccak256("program");
    }

    function selector() external pure returns (bytes4) {
        return 0x15500ed1;
    }

    function issue(uint256 inputs, bytes memory hidden, uint256[] memory outputs, bytes32 contextHash) external returns (bytes memory seal) {
        bytes32 statement = keccak256(abi.encode(inputs, hidden, outputs, contextHash));
        issued[statement] = true;
        return bytes.concat(bytes4(0x15500ed1), statement);
    }

    function verify(uint256 inputs, bytes calldata hidden, uint256[] calldata outputs, bytes32 contextHash, bytes calldata seal) external view {
        bytes32 statement = keccak256(abi.encode(inputs, hidden, outputs, contextHash));
        if (!issued[statement] || bytes32(seal[4:]) != statement) revert NotIssued();
    }
}

/// @dev Does to the escrow, in any order, what people do to escrows.
contract EscrowHandler is Test {
    JobEscrow public immutable escrow;
    AssayRouter public immutable router;
    IssuedVerifier public immutable verifier;
    FeeToken public immutable token;

    address[4] public actors = [address(0xa1), address(0xa2), address(0xa3), address(0xa4)];
    /// @dev How often a receipt was accepted for a job, and whether one had been issued for it.
    mapping(uint256 jobId => uint256) public accepted;
    mapping(uint256 jobId => bool) public delivered;
    uint256 public forgeries;
    uint256 public withdrawn;

    bytes[] private seals;

    constructor(JobEscrow escrow_, AssayRouter router_, IssuedVerifier verifier_) {
        (escrow, router, verifier, token) = (escrow_, router_, verifier_, new FeeToken());
        for (uint256 i = 0; i < actors.length; ++i) {
            vm.deal(actors[i], 1e30);
            token.mint(actors[i], 1e30);
        }
    }

    function post(uint256 who, bool native, uint64 reward, uint32 bond, uint16 window) external {
        uint32 lockWindow = uint32(within(window, 1, 1 hours));
        JobEscrow.Request memory request = JobEscrow.Request({
            programId: verifier.programId(),
            selector: verifier.selector(),
            inputDigest: keccak256(abi.encodePacked(uint256(7), "")),
            token: native ? address(0) : address(token),
            reward: within(reward, 100, type(uint64).max),
            bond: bond,
            lockWindow: lockWindow,
            deadline: uint40(block.timestamp + lockWindow + window)
        });
        vm.prank(actor(who));
        escrow.post{value: native ? request.reward : 0}(request, "");
    }

    function lock(uint256 who, uint256 which) external {
        uint256 jobId = job(which);
        JobEscrow.Job memory found = escrow.getJob(jobId);
        uint256 amount = uint256(found.bond) + found.bond / 50 + 1;
        vm.prank(actor(who));
        escrow.lock{value: found.token == address(0) ? amount : 0}(jobId, amount);
    }

    function deliver(uint256 which, uint256 output) external {
        uint256 jobId = job(which);
        uint256[] memory outputs = new uint256[](1);
        outputs[0] = output;
        bytes memory context = escrow.context(jobId, escrow.getJob(jobId).provider);
        bytes memory seal = verifier.issue(7, "", outputs, keccak256(context));
        seals.push(seal);
        delivered[jobId] = true;
        escrow.submit(jobId, 7, "", outputs, seal);
        ++accepted[jobId];
    }

    /// @dev A seal of another job, provider or output.
    function forge(uint256 which, uint256 seal, uint256 output) external {
        uint256 jobId = job(which);
        uint256[] memory outputs = new uint256[](1);
        outputs[0] = output;
        bytes memory old = seals.length == 0 ? bytes(hex"15500ed1") : seals[seal % seals.length];
        // Issued for this very statement, it would be no forgery.
        bytes32 statement = keccak256(abi.encode(uint256(7), bytes(""), outputs, keccak256(escrow.context(jobId, escrow.getJob(jobId).provider))));
        if (old.length == 36 && keccak256(old) == keccak256(bytes.concat(bytes4(0x15500ed1), statement))) return;
        escrow.submit(jobId, 7, "", outputs, old);
        ++accepted[jobId];
        ++forgeries;
    }

    function reopen(uint256 which) external {
        escrow.reopen(job(which));
    }

    function claimRefund(uint256 which) external {
        escrow.claimRefund(job(which));
    }

    function unwind(uint256 which) external {
        escrow.unwind(job(which));
    }

    function wait(uint16 time) external {
        vm.warp(block.timestamp + within(time, 1, 20 minutes));
    }

    function withdraw(uint256 who, bool native) external {
        address account = actor(who);
        vm.prank(account);
        escrow.withdraw(native ? address(0) : address(token), account);
        ++withdrawn;
    }

    /// @dev Rarely: it ends all business.
    function stop(uint256 chance) external {
        if (chance % 64 == 0) router.remove(verifier.selector());
    }

    function actor(uint256 who) private view returns (address) {
        return actors[who % actors.length];
    }

    function job(uint256 which) private view returns (uint256) {
        // Of the latest, since old ones are mostly done with.
        uint256 latest = escrow.numJobs();
        return within(which, latest > 4 ? latest - 3 : 1, latest);
    }
}
