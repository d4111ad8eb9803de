// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// The interface of Vana's ComputeInstructionRegistry, as far as the tasks use it, with as little
/// behind it as makes the tests' stories true. Written for the tests; not what is deployed.
contract ComputeInstructionRegistry {
    struct Instruction {
        bytes32 hash;
        address owner;
        string url;
    }

    error NotDlpOwner();
    error ComputeInstructionNotFound(uint256 instructionId);
    error EnforcedPause();

    event ComputeInstructionAdded(
        uint256 indexed computeInstructionId,
        address indexed owner,
        string computeInstructionUrl,
        bytes32 computeInstructionHash
    );
    event ComputeInstructionUpdated(
        uint256 indexed computeInstructionId, uint256 indexed dlpId, bool approved
    );

    uint256 public instructionsCount;
    mapping(uint256 => Instruction) private _instructions;
    mapping(uint256 => mapping(uint256 => bool)) private _approved;

    /// Set by the tests, where the real contract asks other ones.
    mapping(uint256 => address) public dlpOwners;
    bool public paused;

    function setDlpOwner(uint256 dlpId, address owner) external {
        dlpOwners[dlpId] = owner;
    }

    function setPaused(bool paused_) external {
        paused = paused_;
    }

    modifier whenNotPaused() {
        if (paused) revert EnforcedPause();
        _;
    }

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
        whenNotPaused
    {
        if (!isValidInstructionId(instructionId)) revert ComputeInstructionNotFound(instructionId);
        if (dlpOwners[dlpId] != msg.sender) revert NotDlpOwner();
        _approved[instructionId][dlpId] = approved;
        emit ComputeInstructionUpdated(instructionId, dlpId, approved);
    }

    function isApproved(uint256 instructionId, uint256 dlpId) external view returns (bool) {
        return _approved[instructionId][dlpId];
    }

    function instructions(uint256 instructionId) external view returns (Instruction memory) {
        return _instructions[instructionId];
    }

    function isValidInstructionId(uint256 instructionId) public view returns (bool) {
        return instructionId > 0 && instructionId <= instructionsCount;
    }
}
