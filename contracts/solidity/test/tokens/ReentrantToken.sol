// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {PlainToken} from "./Tokens.sol";

/// @dev Calls somebody back in every transfer, and keeps what came of it.
contract ReentrantToken is PlainToken {
    address private target;
    bytes private data;
    bool public tried;
    bool public succeeded;
    bytes public answer;

    function arm(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    function move(address from, address to, uint256 amount) internal override {
        super.move(from, to, amount);
        if (target != address(0)) {
            address called = target;
            (tried, target) = (true, address(0));
            (succeeded, answer) = called.call(data);
        }
    }
}
