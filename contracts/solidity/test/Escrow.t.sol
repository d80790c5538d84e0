// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AssayRouter} from "../src/AssayRouter.sol";
import {JobEscrow} from "../src/JobEscrow.sol";
import {Treasury} from "../src/Treasury.sol";
import {EscrowSetup} from "./EscrowSetup.sol";
import {AssayVerifier} from "./fixtures/BudgetVerifier.sol";

/// @dev The life of a job, with a real receipt and the native coin.
contract EscrowTest is EscrowSetup {
    function wrongStatus(uint256 jobId, JobEscrow.JobStatus found) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(JobEscrow.WrongStatus.selector, jobId, found);
    }

    function test_a_receipt_earns_reward_and_bond() public {
        uint256 jobId = postNative();
        lockNative(jobId, provider);
        // Sent by somebody else, as by a relay or a thief.
        vm.prank(address(0xbad));
        submit(jobId);
        same(11 ether, escrow.balances(address(0), provider));
        same(0, escrow.balances(address(0), address(0xbad)));
        same(keccak256(abi.encodePacked(receipt.outputs)), escrow.getJob(jobId).outputsHash);
        same(uint256(JobEscrow.JobStatus.Completed), status(jobId));

        vm.prank(provider);
        same(11 ether, escrow.withdraw(address(0), address(0xcafe)));
        same(11 ether, address(0xcafe).balance);
        same(0, address(escrow).balance);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Treasury.NothingToWithdraw.selector, address(0), provider));
        escrow.withdraw(address(0), provider);
    }

    function test_a_job_is_paid_once() public {
        uint256 jobId = postNative();
        lockNative(jobId, provider);
        submit(jobId);
        vm.expectRevert(wrongStatus(jobId, JobEscrow.JobStatus.Completed));
        submit(jobId);
        vm.warp(START + 2 days);
        vm.expectRevert(wrongStatus(jobId, JobEscrow.JobStatus.Completed));
        escrow.claimRefund(jobId);
        vm.expectRevert(wrongStatus(jobId, JobEscrow.JobStatus.Completed));
        escrow.reopen(jobId);
        vm.expectRevert(wrongStatus(jobId, JobEscrow.JobStatus.Completed));
        lockNative(jobId, provider);
    }

    function test_a_copied_receipt_pays_nobody_else() public {
        uint256 jobId = postNative();
        vm.deal(address(0xbad), 1 ether);
        lockNative(jobId, address(0xbad));
        vm.expectRevert(AssayVerifier.InvalidProof.selector);
        submit(jobId);
    }

    function test_a_receipt_is_no_good_for_another_job() public {
        postNative();
        uint256 second = postNative();
        lockNative(second, provider);
        vm.expectRevert(AssayVerifier.InvalidProof.selector);
        submit(second);
    }

    function test_a_receipt_is_no_good_on_another_chain() public {
        uint256 jobId = postNative();
        lockNative(jobId, provider);
        vm.chainId(1);
        vm.expectRevert(AssayVerifier.InvalidProof.selector);
        submit(jobId);
    }

    function test_a_receipt_is_no_good_in_another_escrow() public {
        JobEscrow other = new JobEscrow(router);
        JobEscrow.Request memory wanted = request(address(0));
        vm.prank(requester);
        uint256 jobId = other.post{value: 10 ether}(wanted, "");
        vm.prank(provider);
        other.lock{value: 1 ether}(jobId, 1 ether);
        vm.expectRevert(AssayVerifier.InvalidProof.selector);
        other.submit(jobId, receipt.inputs, receipt.hidden, receipt.outputs, receipt.seal);
    }

    function test_a_receipt_for_other_inputs_is_refused() public {
        JobEscrow.Request memory wanted = request(address(0));
        bytes32 own = wanted.inputDigest;
        wanted.inputDigest = keccak256("others");
        vm.prank(requester);
        uint256 jobId = escrow.post{value: 10 ether}(wanted, "");
        lockNative(jobId, provider);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.WrongInputs.selector, wanted.inputDigest, own));
        submit(jobId);
    }

    function test_outputs_cannot_be_changed() public {
        uint256 jobId = postNative();
        lockNative(jobId, provider);
        receipt.outputs[0] ^= 1;
        vm.expectRevert(AssayVerifier.InvalidProof.selector);
        submit(jobId);
        same(uint256(JobEscrow.JobStatus.Locked), status(jobId));
        same(0, escrow.balances(address(0), provider));
    }

    function test_who_does_not_deliver_loses_the_bond() public {
        uint256 jobId = postNative();
        lockNative(jobId, provider);
        vm.warp(START + 1 hours);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.TooEarly.selector, START + 1 hours));
        escrow.reopen(jobId);
        vm.warp(START + 1 hours + 1);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.LockExpired.selector, START + 1 hours));
        submit(jobId);
        escrow.reopen(jobId);
        same(uint256(JobEscrow.JobStatus.Open), status(jobId));
        same(1 ether, escrow.balances(address(0), requester));
        // The job can be had again, and be delivered.
        lockNative(jobId, provider);
        submit(jobId);
        same(11 ether, escrow.balances(address(0), provider));
    }

    function test_a_lock_that_ran_out_can_be_taken_over() public {
        uint256 jobId = postNative();
        vm.deal(address(0xbad), 1 ether);
        lockNative(jobId, address(0xbad));
        vm.expectRevert(wrongStatus(jobId, JobEscrow.JobStatus.Locked));
        lockNative(jobId, provider);
        vm.warp(START + 1 hours + 1);
        lockNative(jobId, provider);
        same(1 ether, escrow.balances(address(0), requester));
        submit(jobId);
        same(11 ether, escrow.balances(address(0), provider));
        same(12 ether, address(escrow).balance);
    }

    function test_a_requester_is_refunded_after_the_deadline() public {
        uint256 jobId = postNative();
        vm.warp(START + 1 days);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.TooEarly.selector, START + 1 days));
        escrow.claimRefund(jobId);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.TooLate.selector, START + 1 days, START + 1 days + 1 hours));
        lockNative(jobId, provider);
        vm.warp(START + 1 days + 1);
        escrow.claimRefund(jobId);
        same(10 ether, escrow.balances(address(0), requester));
        vm.expectRevert(wrongStatus(jobId, JobEscrow.JobStatus.Expired));
        escrow.claimRefund(jobId);
    }

    function test_a_refund_takes_the_bond_of_a_lock_along() public {
        uint256 jobId = postNative();
        vm.warp(START + 23 hours);
        lockNative(jobId, provider);
        vm.warp(START + 1 days + 1);
        escrow.claimRefund(jobId);
        same(11 ether, escrow.balances(address(0), requester));
        same(0, escrow.balances(address(0), provider));
    }

    function test_a_stopped_verifier_gives_everybody_its_own_back() public {
        uint256 jobId = postNative();
        lockNative(jobId, provider);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.VerifierInUse.selector, verifier.selector()));
        escrow.unwind(jobId);
        router.remove(verifier.selector());
        bytes memory removed = abi.encodeWithSelector(AssayRouter.SelectorRemoved.selector, verifier.selector());
        vm.expectRevert(removed);
        submit(jobId);
        escrow.unwind(jobId);
        same(10 ether, escrow.balances(address(0), requester));
        same(1 ether, escrow.balances(address(0), provider));
        same(uint256(JobEscrow.JobStatus.Expired), status(jobId));

        JobEscrow.Request memory wanted = request(address(0));
        vm.prank(requester);
        vm.expectRevert(removed);
        escrow.post{value: 10 ether}(wanted, "");
    }

    function test_posts_that_make_no_sense_are_refused() public {
        JobEscrow.Request memory wanted = request(address(0));
        wanted.programId = bytes32(uint256(1));
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.WrongProgram.selector, wanted.programId, verifier.programId()));
        escrow.post{value: 10 ether}(wanted, "");
        wanted = request(address(0));
        vm.expectRevert(abi.encodeWithSelector(Treasury.WrongValue.selector, 10 ether, 9 ether));
        escrow.post{value: 9 ether}(wanted, "");
        wanted.reward = 0;
        vm.expectRevert(JobEscrow.NoReward.selector);
        escrow.post(wanted, "");
        wanted.lockWindow = 0;
        vm.expectRevert(JobEscrow.NoLockWindow.selector);
        escrow.post(wanted, "");
        wanted.lockWindow = 2 days;
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.TooLate.selector, START + 1 days, START + 2 days));
        escrow.post(wanted, "");
    }

    function test_a_bond_has_to_arrive() public {
        uint256 jobId = postNative();
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.BondTooSmall.selector, 1 ether, 0.5 ether));
        escrow.lock{value: 0.5 ether}(jobId, 0.5 ether);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Treasury.WrongValue.selector, 1 ether, 0.5 ether));
        escrow.lock{value: 0.5 ether}(jobId, 1 ether);
        vm.expectRevert(wrongStatus(99, JobEscrow.JobStatus.None));
        escrow.lock(99, 0);
    }

    function test_the_context_is_what_receipts_are_bound_to() public view {
        same(receipt.contextHash, keccak256(escrow.context(1, provider)));
    }

    function testFuzz_no_changed_receipt_is_paid(uint256 position, uint8 change) public {
        vm.assume(change != 0);
        uint256 jobId = postNative();
        lockNative(jobId, provider);
        receipt.seal[position % receipt.seal.length] ^= bytes1(change);
        try escrow.submit{gas: 2_000_000}(jobId, receipt.inputs, receipt.hidden, receipt.outputs, receipt.seal) {
            revert NotTrue("a changed receipt was paid");
        } catch {
            same(0, escrow.balances(address(0), provider));
            same(uint256(JobEscrow.JobStatus.Locked), status(jobId));
        }
    }
}
