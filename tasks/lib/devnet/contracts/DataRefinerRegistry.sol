// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {OwnedByDlps} from "./OwnedByDlps.sol";

/// Refiners and schemas, as the newest contract has them: a refiner's schema can have an id of its own.
contract DataRefinerRegistry is OwnedByDlps {
    struct RefinerInfo {
        uint256 dlpId;
        address owner;
        string name;
        string schemaDefinitionUrl;
        string refinementInstructionUrl;
        uint256 schemaId;
    }

    struct Schema {
        string name;
        string dialect;
        string definitionUrl;
    }

    event RefinerAdded(
        uint256 indexed refinerId,
        uint256 indexed dlpId,
        string name,
        uint256 indexed schemaId,
        string schemaDefinitionUrl,
        string refinementInstructionUrl
    );
    event SchemaAdded(uint256 indexed schemaId, string name, string dialect, string definitionUrl);

    error InvalidSchemaId(uint256 schemaId);

    uint256 public refinersCount;
    uint256 public schemasCount;
    mapping(uint256 refinerId => RefinerInfo) private _refiners;
    mapping(uint256 schemaId => Schema) private _schemas;
    mapping(uint256 dlpId => uint256[]) private _dlpRefiners;

    function refiners(uint256 refinerId) external view returns (RefinerInfo memory refiner) {
        refiner = _refiners[refinerId];
        if (refiner.schemaId != 0) {
            refiner.schemaDefinitionUrl = _schemas[refiner.schemaId].definitionUrl;
        }
    }

    function dlpRefiners(uint256 dlpId) external view returns (uint256[] memory) {
        return _dlpRefiners[dlpId];
    }

    function schemas(uint256 schemaId) external view returns (Schema memory) {
        if (!isValidSchemaId(schemaId)) revert InvalidSchemaId(schemaId);
        return _schemas[schemaId];
    }

    function isValidSchemaId(uint256 schemaId) public view returns (bool) {
        return schemaId > 0 && schemaId <= schemasCount;
    }

    /// Anyone may add one, with any texts.
    function addSchema(
        string calldata name,
        string calldata dialect,
        string calldata definitionUrl
    ) external whenNotPaused returns (uint256 schemaId) {
        schemaId = ++schemasCount;
        _schemas[schemaId] = Schema(name, dialect, definitionUrl);
        emit SchemaAdded(schemaId, name, dialect, definitionUrl);
    }

    /// A refiner whose schema has no id, as before there were any.
    function addRefiner(
        uint256 dlpId,
        string calldata name,
        string calldata schemaDefinitionUrl,
        string calldata refinementInstructionUrl
    ) external onlyDlpOwner(dlpId) whenNotPaused returns (uint256) {
        return _add(
            RefinerInfo(dlpId, msg.sender, name, schemaDefinitionUrl, refinementInstructionUrl, 0)
        );
    }

    function addRefinerWithSchemaId(
        uint256 dlpId,
        string calldata name,
        uint256 schemaId,
        string calldata refinementInstructionUrl
    ) external onlyDlpOwner(dlpId) whenNotPaused returns (uint256) {
        if (!isValidSchemaId(schemaId)) revert InvalidSchemaId(schemaId);
        return
            _add(RefinerInfo(dlpId, msg.sender, name, "", refinementInstructionUrl, schemaId));
    }

    function updateSchemaId(uint256 refinerId, uint256 newSchemaId)
        external
        onlyDlpOwner(_refiners[refinerId].dlpId)
        whenNotPaused
    {
        if (!isValidSchemaId(newSchemaId)) revert InvalidSchemaId(newSchemaId);
        _refiners[refinerId].schemaId = newSchemaId;
    }

    function _add(RefinerInfo memory refiner) private returns (uint256 refinerId) {
        refinerId = ++refinersCount;
        _refiners[refinerId] = refiner;
        _dlpRefiners[refiner.dlpId].push(refinerId);
        emit RefinerAdded(
            refinerId,
            refiner.dlpId,
            refiner.name,
            refiner.schemaId,
            refiner.schemaDefinitionUrl,
            refiner.refinementInstructionUrl
        );
    }
}
