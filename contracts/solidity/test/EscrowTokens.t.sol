// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {JobEscrow} from "../src/JobEscrow.sol";
import {Treasury} from "../src/Treasury.sol";
import {EscrowSetup} from "./EscrowSetup.sol";
import {ReentrantToken} from "./tokens/ReentrantToken.sol";
import {FeeToken, PlainToken, RefusingToken, SilentToken} from "./tokens/Tokens.sol";

/// @dev Tokens that behave, and those that do not.
contract EscrowTokensTest is EscrowSetup {
    function fund(address token) internal returns (PlainToken minted) {
        minted = PlainToken(token);
        minted.mint(requester, 100 ether);
        minted.mint(provider, 100 ether);
    }

    function postToken(address token) internal returns (uint256 jobId) {
        JobEscrow.Request memory wanted = request(token);
        vm.prank(requester);
        jobId = escrow.post(wanted, "");
    }

    function lockToken(uint256 jobId, uint256 amount) internal {
        vm.prank(provider);
        escrow.lock(jobId, amount);
    }

    function earn(address token) internal {
        PlainToken minted = fund(token);
        uint256 jobId = postToken(token);
        lockToken(jobId, 1 ether);
        submit(jobId);
        same(11 ether, escrow.balances(token, provider));
        vm.prank(provider);
        escrow.withdraw(token, provider);
        same(110 ether, minted.balanceOf(provider));
        same(0, minted.balanceOf(address(escrow)));
    }

    function test_pays_in_a_token() public {
        earn(address(new PlainToken()));
    }

    function test_pays_in_a_token_that_returns_nothing() public {
        earn(address(new SilentToken()));
    }

    function test_counts_what_arrived_of_a_token_that_keeps_a_fee() public {
        address token = address(new FeeToken());
        fund(token);
        uint256 jobId = postToken(token);
        same(9.9 ether, escrow.getJob(jobId).reward);
        vm.expectRevert(abi.encodeWithSelector(JobEscrow.BondTooSmall.selector, 1 ether, 0.99 ether));
        lockToken(jobId, 1 ether);
        lockToken(jobId, 2 ether);
        submit(jobId);
        same(9.9 ether + 1.98 ether, escrow.balances(token, provider));
        same(PlainToken(token).balanceOf(address(escrow)), escrow.balances(token, provider));
    }

    function test_refuses_a_token_that_says_no() public {
        address token = address(new RefusingToken());
        fund(token);
        JobEscrow.Request memory wanted = request(token);
        vm.prank(requester);
        vm.expectRevert(abi.encodeWithSelector(Treasury.TokenTransferFailed.selector, token));
        escrow.post(wanted, "");
    }

    function test_refuses_an_address_without_code() public {
        JobEscrow.Request memory wanted = request(address(0xdead));
        vm.prank(requester);
        vm.expectRevert();
        escrow.post(wanted, "");
    }

    function test_refuses_native_coins_for_a_token_job() public {
        address token = address(new PlainToken());
        fund(token);
        JobEscrow.Request memory wanted = request(token);
        vm.prank(requester);
        vm.expectRevert(abi.encodeWithSelector(Treasury.WrongValue.selector, 0, 1));
        escrow.post{value: 1}(wanted, "");
    }

    function test_refuses_amounts_beyond_128_bits() public {
        PlainToken token = new PlainToken();
        token.mint(requester, 1 << 130);
        JobEscrow.Request memory wanted = request(address(token));
        wanted.reward = 1 << 128;
        vm.prank(requester);
        vm.expectRevert(abi.encodeWithSelector(Treasury.AmountTooLarge.selector, 1 << 128));
        escrow.post(wanted, "");
    }

    /// @dev While a token is being moved, whatever it calls is refused.
    function refusesWhileMoving(bytes memory data) internal {
        ReentrantToken token = new ReentrantToken();
        fund(address(token));
        uint256 jobId = postToken(address(token));
        lockToken(jobId, 1 ether);
        submit(jobId);
        token.arm(address(escrow), data);
        vm.prank(provider);
        escrow.withdraw(address(token), provider);
        check(token.tried() && !token.succeeded(), "a call from within a withdrawal went through");
        same(bytes32(Treasury.Reentrant.selector), bytes32(bytes4(token.answer())));
        same(110 ether, token.balanceOf(provider));
        same(0, token.balanceOf(address(escrow)));
    }

    function test_refuses_calls_from_within_a_withdrawal() public {
        refusesWhileMoving(abi.encodeCall(Treasury.withdraw, (address(0), address(this))));
    }

    function test_refuses_a_refund_from_within_a_withdrawal() public {
        refusesWhileMoving(abi.encodeCall(JobEscrow.claimRefund, (1)));
    }

    function test_refuses_a_submission_from_within_a_withdrawal() public {
        refusesWhileMoving(abi.encodeCall(JobEscrow.submit, (1, receipt.inputs, receipt.hidden, receipt.outputs, receipt.seal)));
    }

    function test_counts_nothing_twice_when_a_deposit_calls_back() public {
        ReentrantToken token = new ReentrantToken();
        fund(address(token));
        token.arm(address(escrow), abi.encodeCall(JobEscrow.post, (request(address(token)), "")));
        uint256 jobId = postToken(address(token));
        check(token.tried() && !token.succeeded(), "a post from within a post went through");
        same(10 ether, escrow.getJob(jobId).reward);
        same(1, escrow.numJobs());
    }

    function test_a_receiver_that_refuses_harms_only_itself() public {
        uint256 jobId = postNative();
        lockNative(jobId, provider);
        submit(jobId);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(Treasury.NativeTransferFailed.selector, address(router)));
        escrow.withdraw(address(0), address(router));
        same(11 ether, escrow.balances(address(0), provider));
    }

}
