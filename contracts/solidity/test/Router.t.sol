// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AssayRouter} from "../src/AssayRouter.sol";
import {IAssayVerifier} from "../src/IAssayVerifier.sol";
import {AssayVerifier} from "./fixtures/BudgetVerifier.sol";
import {Receipt, Receipts} from "./Receipts.sol";

contract RouterTest is Receipts {
    AssayRouter private router;
    IAssayVerifier private verifier;
    Receipt private receipt;
    bytes4 private selector;

    function setUp() public {
        router = new AssayRouter(address(this));
        verifier = IAssayVerifier(address(new AssayVerifier()));
        selector = verifier.selector();
        receipt = load("BudgetVerifier");
    }

    function send(bytes32 programId) internal view {
        router.verify(programId, receipt.inputs, receipt.hidden, receipt.outputs, receipt.contextHash, receipt.seal);
    }

    function test_forwards_to_the_seals_verifier() public {
        bytes32 programId = verifier.programId();
        vm.expectRevert(abi.encodeWithSelector(AssayRouter.UnknownSelector.selector, selector));
        send(programId);
        router.add(verifier);
        same(address(verifier), address(router.verifierOf(selector)));
        send(programId);
        receipt.outputs[0] ^= 1;
        vm.expectRevert(AssayVerifier.InvalidProof.selector);
        send(programId);
    }

    function test_rejects_a_receipt_of_another_program() public {
        router.add(verifier);
        bytes32 found = verifier.programId();
        vm.expectRevert(abi.encodeWithSelector(AssayRouter.WrongProgram.selector, bytes32(uint256(1)), found));
        send(bytes32(uint256(1)));
    }

    function test_rejects_a_seal_without_selector() public {
        receipt.seal = hex"010203";
        vm.expectRevert(abi.encodeWithSelector(AssayRouter.SealTooShort.selector, 3));
        send(0);
    }

    function test_a_selector_is_never_reused() public {
        router.add(verifier);
        IAssayVerifier second = IAssayVerifier(address(new AssayVerifier()));
        vm.expectRevert(abi.encodeWithSelector(AssayRouter.SelectorTaken.selector, selector));
        router.add(second);

        router.remove(selector);
        check(router.isRemoved(selector), "removed");
        bytes32 programId = verifier.programId();
        vm.expectRevert(abi.encodeWithSelector(AssayRouter.SelectorRemoved.selector, selector));
        send(programId);
        vm.expectRevert(abi.encodeWithSelector(AssayRouter.SelectorTaken.selector, selector));
        router.add(verifier);
        vm.expectRevert(abi.encodeWithSelector(AssayRouter.SelectorRemoved.selector, selector));
        router.remove(selector);
    }

    function testFuzz_only_the_owner_adds_and_stops(address stranger) public {
        vm.assume(stranger != address(this));
        router.add(verifier);
        bytes memory refusal = abi.encodeWithSelector(AssayRouter.NotOwner.selector, stranger);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        router.add(verifier);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        router.remove(selector);
        vm.prank(stranger);
        vm.expectRevert(refusal);
        router.transferOwnership(stranger);
    }

    function testFuzz_an_owner_to_be_has_to_accept(address next) public {
        vm.assume(next != address(this) && next != address(0));
        router.transferOwnership(next);
        same(address(this), router.owner());
        vm.expectRevert(abi.encodeWithSelector(AssayRouter.NotPendingOwner.selector, address(this)));
        router.acceptOwnership();
        vm.prank(next);
        router.acceptOwnership();
        same(next, router.owner());
        same(address(0), router.pendingOwner());
        vm.expectRevert(abi.encodeWithSelector(AssayRouter.NotOwner.selector, address(this)));
        router.add(verifier);
    }
}
