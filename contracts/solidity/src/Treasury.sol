// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

interface IERC20 {
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// @title Takes native coins and ERC-20 tokens in, keeps accounts, and lets each owner draw its own.
/// @dev Whatever arrived is what counts, so tokens that keep a fee are accounted for; tokens whose balances change by themselves
/// are not. Nothing is ever sent to anybody but in withdraw: a receiver that refuses harms only itself.
abstract contract Treasury {
    /// @notice The token neither succeeded silently nor returned true, or is no contract.
    error TokenTransferFailed(address token);
    /// @notice The receiver refused native coins.
    error NativeTransferFailed(address to);
    /// @notice Native coins do not match the amount: all of it for native payments, none for tokens.
    error WrongValue(uint256 expected, uint256 found);
    /// @notice An amount beyond 128 bits.
    error AmountTooLarge(uint256 amount);
    /// @notice There is nothing to withdraw.
    error NothingToWithdraw(address token, address account);
    /// @notice A call from within another call.
    error Reentrant();

    event Credited(address indexed token, address indexed account, uint256 amount);
    event Withdrawn(address indexed token, address indexed account, address to, uint256 amount);

    /// @notice Stands for the native coin where a token is named.
    address public constant NATIVE = address(0);

    /// @notice What an account can withdraw.
    mapping(address token => mapping(address account => uint256)) public balances;

    bool private transient entered;

    modifier nonReentrant() {
        if (entered) revert Reentrant();
        entered = true;
        _;
        entered = false;
    }

    /// @notice Sends everything that the caller has in a token to an address of its choice.
    function withdraw(address token, address to) external nonReentrant returns (uint256 amount) {
        amount = balances[token][msg.sender];
        if (amount == 0) revert NothingToWithdraw(token, msg.sender);
        balances[token][msg.sender] = 0;
        emit Withdrawn(token, msg.sender, to, amount);
        if (token == NATIVE) {
            (bool sent,) = to.call{value: amount}("");
            if (!sent) revert NativeTransferFailed(to);
        } else {
            _callToken(token, abi.encodeCall(IERC20.transfer, (to, amount)));
        }
    }

    /// @dev Adds to an account.
    function _credit(address token, address account, uint256 amount) internal {
        if (amount == 0) return;
        balances[token][account] += amount;
        emit Credited(token, account, amount);
    }

    /// @dev Takes an amount from the caller and says what arrived.
    function _take(address token, uint256 amount) internal returns (uint128 arrived) {
        uint256 found = amount;
        if (token == NATIVE) {
            if (msg.value != amount) revert WrongValue(amount, msg.value);
        } else {
            if (msg.value != 0) revert WrongValue(0, msg.value);
            if (amount != 0) {
                uint256 before = IERC20(token).balanceOf(address(this));
                _callToken(token, abi.encodeCall(IERC20.transferFrom, (msg.sender, address(this), amount)));
                found = IERC20(token).balanceOf(address(this)) - before;
            }
        }
        if (found > type(uint128).max) revert AmountTooLarge(found);
        // Fits: checked in the line above.
        return uint128(found);
    }

    /// @dev Tokens answer with true, or, the older ones, with nothing.
    function _callToken(address token, bytes memory data) private {
        (bool success, bytes memory answer) = token.call(data);
        bool accepted = answer.length == 0 ? token.code.length > 0 : answer.length >= 32 && abi.decode(answer, (uint256)) == 1;
        if (!success || !accepted) revert TokenTransferFailed(token);
    }
}
