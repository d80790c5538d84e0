// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @dev A token that anybody can mint. The others differ from it in one way each.
contract PlainToken {
    mapping(address account => uint256) public balanceOf;

    error TooPoor(address account, uint256 amount);

    function mint(address account, uint256 amount) external {
        balanceOf[account] += amount;
    }

    function transfer(address to, uint256 amount) external virtual returns (bool) {
        move(msg.sender, to, amount);
        return true;
    }

    // Allowances are not what is tested.
    function transferFrom(address from, address to, uint256 amount) external virtual returns (bool) {
        move(from, to, amount);
        return true;
    }

    function move(address from, address to, uint256 amount) internal virtual {
        if (balanceOf[from] < amount) revert TooPoor(from, amount);
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @dev Keeps one per cent of each transfer.
contract FeeToken is PlainToken {
    function move(address from, address to, uint256 amount) internal override {
        super.move(from, to, amount);
        balanceOf[to] -= amount / 100;
    }
}

/// @dev Says that it failed instead of reverting.
contract RefusingToken is PlainToken {
    function transferFrom(address, address, uint256) external pure override returns (bool) {
        return false;
    }
}

/// @dev Returns nothing, as the oldest tokens do.
contract SilentToken {
    mapping(address account => uint256) public balanceOf;

    function mint(address account, uint256 amount) external {
        balanceOf[account] += amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}
