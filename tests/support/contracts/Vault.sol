// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// A contract that takes money. Written for the tests.
contract Vault {
    error TooMuch(uint256 most);

    function deposit(uint256 most) external payable {
        if (msg.value > most) revert TooMuch(most);
    }
}
