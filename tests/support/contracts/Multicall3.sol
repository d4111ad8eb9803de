// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// The one function of Multicall3 that the tasks use. Written for the tests; not what is deployed.
contract Multicall3 {
    struct Call3 {
        address target;
        bool allowFailure;
        bytes callData;
    }

    struct Result {
        bool success;
        bytes returnData;
    }

    function aggregate3(Call3[] calldata calls) external payable returns (Result[] memory results) {
        results = new Result[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            Call3 calldata one = calls[i];
            (bool success, bytes memory returnData) = one.target.call(one.callData);
            require(success || one.allowFailure, "Multicall3: call failed");
            results[i] = Result(success, returnData);
        }
    }
}
