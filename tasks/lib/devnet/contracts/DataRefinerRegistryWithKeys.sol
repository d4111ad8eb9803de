// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {OwnedByDlps} from "./OwnedByDlps.sol";

/// Refiners as the first contract had them: each with a public key.
contract DataRefinerRegistryWithKeys is OwnedByDlps {
    struct RefinerInfo {
        uint256 dlpId;
        address owner;
        string name;
        string schemaDefinitionUrl;
        string refinementInstructionUrl;
        string publicKey;
    }

    uint256 public refinersCount;
    mapping(uint256 refinerId => RefinerInfo) private _refiners;

    function refiners(uint256 refinerId) external view returns (RefinerInfo memory) {
        return _refiners[refinerId];
    }

    function addRefiner(
        uint256 dlpId,
        string calldata name,
        string calldata schemaDefinitionUrl,
        string calldata refinementInstructionUrl,
        string calldata publicKey
    ) external onlyDlpOwner(dlpId) whenNotPaused returns (uint256 refinerId) {
        refinerId = ++refinersCount;
        _refiners[refinerId] = RefinerInfo(
            dlpId, msg.sender, name, schemaDefinitionUrl, refinementInstructionUrl, publicKey
        );
    }
}
