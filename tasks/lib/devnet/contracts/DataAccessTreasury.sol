// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Money} from "./Money.sol";

/// Keeps the money of one contract, which alone can send it on.
contract DataAccessTreasury {
    error NotCustodian();

    address public immutable custodian;

    constructor(address custodian_) {
        custodian = custodian_;
    }

    receive() external payable {}

    function transfer(address to, address token, uint256 amount) external {
        if (msg.sender != custodian) revert NotCustodian();
        Money.send(token, to, amount);
    }
}
