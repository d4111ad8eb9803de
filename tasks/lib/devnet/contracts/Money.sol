// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Moves the chain's own money (token 0) or an ERC-20 token, with or without a returned boolean.
library Money {
    error MoneyNotMoved(address token);

    address internal constant VANA = address(0);

    function send(address token, address to, uint256 amount) internal {
        if (token == VANA) {
            (bool sent,) = to.call{value: amount}("");
            if (!sent) revert MoneyNotMoved(token);
        } else {
            _call(token, abi.encodeWithSignature("transfer(address,uint256)", to, amount));
        }
    }

    /// Takes what the owner has approved for this contract.
    function take(address token, address from, address to, uint256 amount) internal {
        bytes memory data =
            abi.encodeWithSignature("transferFrom(address,address,uint256)", from, to, amount);
        _call(token, data);
    }

    function balance(address token, address account) internal view returns (uint256) {
        if (token == VANA) return account.balance;
        (bool read, bytes memory reply) =
            token.staticcall(abi.encodeWithSignature("balanceOf(address)", account));
        return read && reply.length >= 32 ? abi.decode(reply, (uint256)) : 0;
    }

    function _call(address token, bytes memory data) private {
        if (token.code.length == 0) revert MoneyNotMoved(token);
        (bool called, bytes memory reply) = token.call(data);
        if (!called) {
            if (reply.length == 0) revert MoneyNotMoved(token);
            assembly {
                revert(add(reply, 32), mload(reply))
            }
        }
        if (reply.length != 0 && !abi.decode(reply, (bool))) revert MoneyNotMoved(token);
    }
}
