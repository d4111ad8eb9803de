// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {OwnedByDlps} from "./OwnedByDlps.sol";

/// Instructions, and the DLPs that approve them.
contract ComputeInstructionRegistry is OwnedByDlps {
    struct Instruction {
        bytes32 hash;
        address owner;
        string url;
    }

    event ComputeInstructionAdded(
        uint256 indexed computeInstructionId,
        address indexed owner,
        string computeInstructionUrl,
        bytes32 computeInstructionHash
    );
    event ComputeInstructionUpdated(
        uint256 indexed computeInstructionId, uint256 indexed dlpId, bool approved
    );

    error ComputeInstructionNotFound(uint256 instructionId);

    uint256 public instructionsCount;
    mapping(uint256 instructionId => Instruction) private _instructions;
    mapping(uint256 instructionId => mapping(uint256 dlpId => bool)) public isApproved;

    function addComputeInstruction(bytes32 hash, string calldata url)
        external
        whenNotPaused
        returns (uint256 computeInstructionId)
    {
        computeInstructionId = ++instructionsCount;
        _instructions[computeInstructionId] = Instruction(hash, msg.sender, url);
        emit ComputeInstructionAdded(computeInstructionId, msg.sender, url, hash);
    }

    function updateComputeInstruction(uint256 instructionId, uint256 dlpId, bool approved)
        external
        onlyDlpOwner(dlpId)
        whenNotPaused
    {
        if (!isValidInstructionId(instructionId)) revert ComputeInstructionNotFound(instructionId);
        if (isApproved[instructionId][dlpId] == approved) return;
        isApproved[instructionId][dlpId] = approved;
        emit ComputeInstructionUpdated(instructionId, dlpId, approved);
    }

    function instructions(uint256 instructionId) external view returns (Instruction memory) {
        return _instructions[instructionId];
    }

    function isValidInstructionId(uint256 instructionId) public view returns (bool) {
        return instructionId > 0 && instructionId <= instructionsCount;
    }
}
