// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AssayRouter} from "../src/AssayRouter.sol";
import {IAssayVerifier} from "../src/IAssayVerifier.sol";
import {JobEscrow} from "../src/JobEscrow.sol";
import {AssayVerifier} from "./fixtures/BudgetVerifier.sol";
import {Receipt, Receipts} from "./Receipts.sol";

/// @dev An escrow at the address to which the receipt in Delivery.json is bound.
abstract contract EscrowSetup is Receipts {
    JobEscrow internal constant escrow = JobEscrow(address(0xE5e5E5E5e5e5E5E5E5E5e5E5e5e5e5E5e5e5e5e5));
    address internal constant provider = address(0xB0B0b0B0B0B0B0b0B0B0B0b0b0b0b0B0b0b0B0B0);
    address internal constant requester = address(0x4E0);
    uint256 internal constant START = 1_800_000_000;

    AssayRouter internal router;
    IAssayVerifier internal verifier;
    Receipt internal receipt;

    function setUp() public virtual {
        router = new AssayRouter(address(this));
        verifier = IAssayVerifier(address(new AssayVerifier()));
        router.add(verifier);
        // The constructor writes nothing but the router, and that into the code.
        vm.etch(address(escrow), address(new JobEscrow(router)).code);
        receipt = load("Delivery");
        vm.warp(START);
        vm.deal(requester, 100 ether);
        vm.deal(provider, 100 ether);
    }

    function request(address token) internal view returns (JobEscrow.Request memory) {
        return JobEscrow.Request({
            programId: verifier.programId(),
            selector: verifier.selector(),
            inputDigest: keccak256(abi.encodePacked(receipt.inputs, receipt.hidden)),
            token: token,
            reward: 10 ether,
            bond: 1 ether,
            lockWindow: 1 hours,
            deadline: uint40(START + 1 days)
        });
    }

    function postNative() internal returns (uint256 jobId) {
        JobEscrow.Request memory wanted = request(address(0));
        vm.prank(requester);
        jobId = escrow.post{value: wanted.reward}(wanted, "");
    }

    function lockNative(uint256 jobId, address account) internal {
        vm.prank(account);
        escrow.lock{value: 1 ether}(jobId, 1 ether);
    }

    function submit(uint256 jobId) internal {
        escrow.submit(jobId, receipt.inputs, receipt.hidden, receipt.outputs, receipt.seal);
    }

    function status(uint256 jobId) internal view returns (uint256) {
        return uint256(escrow.getJob(jobId).status);
    }
}
