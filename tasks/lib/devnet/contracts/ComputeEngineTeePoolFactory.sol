// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Administered} from "./Administered.sol";
import {ComputeEngineTeePool} from "./ComputeEngineTeePool.sol";

/// The pools, and which jobs lead to which.
contract ComputeEngineTeePoolFactory is Administered {
    event TeePoolCreated(
        address indexed teePoolAddress,
        ComputeEngineTeePool.TeePoolType teePoolType,
        ComputeEngineTeePool.HardwareType hardwareType,
        uint80 maxTimeout
    );

    error InvalidTeePoolParams();
    error TeePoolAlreadyCreated();
    error InvalidTimeout();
    error ComputeEngineNotSet();

    uint80 public constant DEDICATED_TIMEOUT = type(uint80).max;

    address public computeEngine;
    uint80 public ephemeralTimeout;
    uint80 public persistentTimeout;
    mapping(
        ComputeEngineTeePool.TeePoolType
            => mapping(ComputeEngineTeePool.HardwareType => ComputeEngineTeePool)
    ) public teePools;

    function initialize(address owner, uint80 ephemeralTimeout_, uint80 persistentTimeout_) external {
        _administer(owner);
        ephemeralTimeout = ephemeralTimeout_;
        persistentTimeout = persistentTimeout_;
    }

    function updateComputeEngine(address computeEngine_) external onlyRole(MAINTAINER_ROLE) {
        computeEngine = computeEngine_;
    }

    function createTeePool(
        ComputeEngineTeePool.TeePoolType poolType,
        ComputeEngineTeePool.HardwareType hardware
    ) external onlyRole(MAINTAINER_ROLE) returns (address) {
        if (computeEngine == address(0)) revert ComputeEngineNotSet();
        if (
            poolType == ComputeEngineTeePool.TeePoolType.None
                || hardware == ComputeEngineTeePool.HardwareType.None
        ) revert InvalidTeePoolParams();
        if (address(teePools[poolType][hardware]) != address(0)) revert TeePoolAlreadyCreated();
        uint80 maxTimeout = poolType == ComputeEngineTeePool.TeePoolType.Ephemeral
            ? ephemeralTimeout
            : poolType == ComputeEngineTeePool.TeePoolType.Persistent
                ? persistentTimeout
                : DEDICATED_TIMEOUT;
        ComputeEngineTeePool pool =
            new ComputeEngineTeePool(msg.sender, computeEngine, poolType, hardware, maxTimeout);
        teePools[poolType][hardware] = pool;
        emit TeePoolCreated(address(pool), poolType, hardware, maxTimeout);
        return address(pool);
    }

    function updateEphemeralTimeout(uint80 timeout) external onlyRole(MAINTAINER_ROLE) {
        if (timeout >= persistentTimeout || timeout == 0) revert InvalidTimeout();
        ephemeralTimeout = timeout;
        _updatePools(ComputeEngineTeePool.TeePoolType.Ephemeral, timeout);
    }

    function updatePersistentTimeout(uint80 timeout) external onlyRole(MAINTAINER_ROLE) {
        if (timeout <= ephemeralTimeout || timeout == DEDICATED_TIMEOUT) revert InvalidTimeout();
        persistentTimeout = timeout;
        _updatePools(ComputeEngineTeePool.TeePoolType.Persistent, timeout);
    }

    function _updatePools(ComputeEngineTeePool.TeePoolType poolType, uint80 timeout) private {
        for (uint8 hardware = 1; hardware <= 2; hardware++) {
            ComputeEngineTeePool pool =
                teePools[poolType][ComputeEngineTeePool.HardwareType(hardware)];
            if (address(pool) != address(0)) pool.updateMaxTimeout(timeout);
        }
    }

    function getTeePoolAddress(uint80 maxTimeout, bool gpuRequired)
        external
        view
        returns (ComputeEngineTeePool)
    {
        ComputeEngineTeePool.TeePoolType poolType = maxTimeout <= ephemeralTimeout
            ? ComputeEngineTeePool.TeePoolType.Ephemeral
            : maxTimeout <= persistentTimeout
                ? ComputeEngineTeePool.TeePoolType.Persistent
                : ComputeEngineTeePool.TeePoolType.Dedicated;
        return teePools[poolType][gpuRequired
            ? ComputeEngineTeePool.HardwareType.GPU
            : ComputeEngineTeePool.HardwareType.Standard];
    }
}
