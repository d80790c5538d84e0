// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AssayVerifier as BudgetVerifier} from "./fixtures/BudgetVerifier.sol";
import {AssayVerifier as DigestVerifier} from "./fixtures/DigestVerifier.sol";
import {AssayVerifier as LeastVerifier} from "./fixtures/LeastVerifier.sol";
import {AssayVerifier as PrivateVerifier} from "./fixtures/PrivateVerifier.sol";
import {IAssayVerifier} from "../src/IAssayVerifier.sol";
import {Receipt, Receipts} from "./Receipts.sol";

/// @dev Fixed synthetic receipts and the verifiers of their keys.
contract VerifierTest is Receipts {
    uint256 private constant ORDER = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    // A failed precompile takes all gas that it is given, so calls that shall fail are given little.
    uint256 private constant GAS = 1_500_000;

    IAssayVerifier private verifier;
    Receipt private receipt;

    function setUp() public {
        verifier = IAssayVerifier(address(new PrivateVerifier()));
        receipt = load("PrivateVerifier");
    }

    function send() internal view {
        verifier.verify{gas: GAS}(receipt.inputs, receipt.hidden, receipt.outputs, receipt.contextHash, receipt.seal);
    }

    function accepts() internal view returns (bool) {
        try verifier.verify{gas: GAS}(receipt.inputs, receipt.hidden, receipt.outputs, receipt.contextHash, receipt.seal) {
            return true;
        } catch {
            return false;
        }
    }

    function test_accepts_receipts_of_every_form() public {
        send();
        (verifier, receipt) = (IAssayVerifier(address(new BudgetVerifier())), load("BudgetVerifier"));
        send();
        (verifier, receipt) = (IAssayVerifier(address(new LeastVerifier())), load("LeastVerifier"));
        send();
        (verifier, receipt) = (IAssayVerifier(address(new DigestVerifier())), load("DigestVerifier"));
        send();
    }

    function test_names_its_selector() public view {
        same(bytes32(bytes4(receipt.seal)), bytes32(verifier.selector()));
    }

    function test_rejects_another_keys_receipt() public {
        bytes4 own = verifier.selector();
        receipt.seal[0] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(PrivateVerifier.WrongSelector.selector, own, bytes4(receipt.seal)));
        send();
    }

    function test_rejects_lengths_that_are_not_the_programs() public {
        Receipt memory good = receipt;
        receipt.seal = bytes.concat(good.seal, hex"00");
        vm.expectRevert(abi.encodeWithSelector(PrivateVerifier.WrongLength.selector, good.seal.length, good.seal.length + 1));
        send();
        receipt.seal = "";
        vm.expectRevert(abi.encodeWithSelector(PrivateVerifier.WrongLength.selector, good.seal.length, 0));
        send();
        receipt.seal = good.seal;
        receipt.hidden = bytes.concat(good.hidden, new bytes(64));
        vm.expectRevert(abi.encodeWithSelector(PrivateVerifier.WrongLength.selector, 192, 256));
        send();
        receipt.hidden = good.hidden;
        receipt.outputs = new uint256[](1);
        vm.expectRevert(abi.encodeWithSelector(PrivateVerifier.WrongLength.selector, 2, 1));
        send();
    }

    function test_rejects_scalars_that_are_not_reduced() public {
        receipt.inputs += ORDER;
        vm.expectRevert(abi.encodeWithSelector(PrivateVerifier.ScalarTooLarge.selector, 0));
        send();
        receipt.inputs -= ORDER;
        receipt.outputs[1] += ORDER;
        vm.expectRevert(abi.encodeWithSelector(PrivateVerifier.ScalarTooLarge.selector, 2));
        send();
    }

    function test_rejects_a_point_off_the_curve() public {
        receipt.hidden[63] ^= 0x01;
        vm.expectRevert(PrivateVerifier.NotOnCurve.selector);
        send();
    }

    function testFuzz_rejects_a_changed_seal(uint256 position, uint8 change) public {
        vm.assume(change != 0);
        receipt.seal[position % receipt.seal.length] ^= bytes1(change);
        check(!accepts(), "a changed seal was accepted");
    }

    function testFuzz_rejects_a_changed_statement(uint256 part, uint256 position, uint256 change) public {
        vm.assume(change != 0);
        part %= 4;
        if (part == 0) receipt.inputs ^= change;
        else if (part == 1) receipt.outputs[position % 2] ^= change;
        else if (part == 2) receipt.contextHash = bytes32(uint256(receipt.contextHash) ^ change);
        else receipt.hidden[position % 192] ^= bytes1(uint8(within(change, 1, 255)));
        check(!accepts(), "a changed statement was accepted");
    }
}
