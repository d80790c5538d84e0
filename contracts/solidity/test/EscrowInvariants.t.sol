// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AssayRouter} from "../src/AssayRouter.sol";
import {IAssayVerifier} from "../src/IAssayVerifier.sol";
import {JobEscrow} from "../src/JobEscrow.sol";
import {EscrowHandler, IssuedVerifier} from "./EscrowHandler.sol";
import {Test} from "./Vm.sol";

/// @dev What holds after any sequence of calls.
contract EscrowInvariantsTest is Test {
    JobEscrow private escrow;
    EscrowHandler private handler;

    function setUp() public {
        vm.warp(1_800_000_000);
        AssayRouter router = new AssayRouter(address(this));
        IssuedVerifier verifier = new IssuedVerifier();
        router.add(IAssayVerifier(address(verifier)));
        escrow = new JobEscrow(router);
        handler = new EscrowHandler(escrow, router, verifier);
        router.transferOwnership(address(handler));
        vm.prank(address(handler));
        router.acceptOwnership();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @dev What accounts can draw, and what jobs hold.
    function owed(address token) private view returns (uint256 sum) {
        for (uint256 i = 0; i < 4; ++i) {
            sum += escrow.balances(token, handler.actors(i));
        }
        for (uint256 jobId = 1; jobId <= escrow.numJobs(); ++jobId) {
            JobEscrow.Job memory job = escrow.getJob(jobId);
            bool alive = job.status == JobEscrow.JobStatus.Open || job.status == JobEscrow.JobStatus.Locked;
            if (alive && job.token == token) sum += uint256(job.reward) + job.bondHeld;
        }
    }

    function invariant_everything_owed_is_there_and_nothing_is_stuck() public view {
        same(address(escrow).balance, owed(address(0)));
        same(handler.token().balanceOf(address(escrow)), owed(address(handler.token())));
    }

    function invariant_a_job_is_paid_at_most_once_and_for_a_valid_receipt() public view {
        for (uint256 jobId = 1; jobId <= escrow.numJobs(); ++jobId) {
            bool completed = escrow.getJob(jobId).status == JobEscrow.JobStatus.Completed;
            same(completed ? 1 : 0, handler.accepted(jobId));
            check(!completed || handler.delivered(jobId), "paid without a receipt");
        }
        same(0, handler.forgeries());
    }

    function invariant_only_a_locked_job_holds_a_bond_or_names_a_provider() public view {
        for (uint256 jobId = 1; jobId <= escrow.numJobs(); ++jobId) {
            JobEscrow.Job memory job = escrow.getJob(jobId);
            bool open = job.status == JobEscrow.JobStatus.Open || job.status == JobEscrow.JobStatus.Expired;
            check(!open || (job.bondHeld == 0 && job.provider == address(0)), "an open job has a provider");
        }
    }

    /// @dev The handler does reach what the invariants speak of.
    function test_the_handler_completes_jobs() public {
        handler.post(0, true, 1000, 10, 600);
        handler.post(1, false, 1000, 10, 600);
        handler.lock(2, 0);
        handler.lock(3, 1);
        handler.deliver(0, 42);
        handler.wait(1199);
        handler.reopen(1);
        handler.withdraw(2, true);
        same(1, handler.accepted(1));
        same(0, handler.accepted(2));
        same(1, handler.withdrawn());
        vm.expectRevert();
        handler.forge(1, 0, 42);
        invariant_everything_owed_is_there_and_nothing_is_stuck();
    }
}
