// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Administered} from "./Administered.sol";

/// A pool of TEEs for jobs of one kind. It says why it doesn't take a job, and doesn't revert.
contract ComputeEngineTeePool is Administered {
    enum TeePoolType {
        None,
        Ephemeral,
        Persistent,
        Dedicated
    }
    enum HardwareType {
        None,
        Standard,
        GPU
    }
    enum TeeStatus {
        None,
        Active,
        Removed
    }

    struct TeeInfo {
        address teeAddress;
        string url;
        TeeStatus status;
        uint256 jobsCount;
        string publicKey;
    }

    event TeeAdded(address indexed teeAddress, string url, string publicKey);
    event TeeRemoved(address indexed teeAddress);
    event JobSubmitted(uint256 indexed jobId, address teeAddress);
    event JobRemoved(uint256 indexed jobId);

    error TeeAlreadyAdded();
    error TeeNotActive(address teeAddress);
    error NoActiveTee(address teePoolAddress);
    error NotComputeEngine();
    error NotTeePoolFactory();
    error HWRequirementNotMet();
    error MaxTimeoutExceeded();

    address public computeEngine;
    address public teePoolFactory;
    TeePoolType public teePoolType;
    HardwareType public hardwareType;
    uint80 public maxTimeout;
    address[] private _active;
    mapping(address tee => TeeInfo) private _tees;
    mapping(uint256 jobId => address tee) private _jobTee;
    uint256 private _jobsCount;

    modifier onlyComputeEngine() {
        if (msg.sender != computeEngine) revert NotComputeEngine();
        _;
    }

    constructor(
        address owner,
        address computeEngine_,
        TeePoolType teePoolType_,
        HardwareType hardwareType_,
        uint80 maxTimeout_
    ) {
        _administer(owner);
        computeEngine = computeEngine_;
        teePoolFactory = msg.sender;
        teePoolType = teePoolType_;
        hardwareType = hardwareType_;
        maxTimeout = maxTimeout_;
    }

    function updateMaxTimeout(uint80 maxTimeout_) external {
        if (msg.sender != teePoolFactory) revert NotTeePoolFactory();
        maxTimeout = maxTimeout_;
    }

    function tees(address tee) external view returns (TeeInfo memory info) {
        info = _tees[tee];
        info.teeAddress = tee;
    }

    function activeTeeList() external view returns (address[] memory) {
        return _active;
    }

    function activeTeesCount() external view returns (uint256) {
        return _active.length;
    }

    /// The parameters are the TEE's URL and its public key.
    function addTee(address tee, bytes calldata params) external onlyRole(MAINTAINER_ROLE) {
        TeeInfo storage info = _tees[tee];
        if (info.status == TeeStatus.Active) revert TeeAlreadyAdded();
        (info.url, info.publicKey) = abi.decode(params, (string, string));
        info.status = TeeStatus.Active;
        _active.push(tee);
        emit TeeAdded(tee, info.url, info.publicKey);
    }

    function removeTee(address tee) external onlyRole(MAINTAINER_ROLE) {
        if (_tees[tee].status != TeeStatus.Active) revert TeeNotActive(tee);
        _tees[tee].status = TeeStatus.Removed;
        for (uint256 i = 0; i < _active.length; i++) {
            if (_active[i] != tee) continue;
            _active[i] = _active[_active.length - 1];
            _active.pop();
            break;
        }
        emit TeeRemoved(tee);
    }

    /// @return The TEE that takes the job, or 0 and the error that says why none does.
    function submitJob(uint256 jobId, uint80 jobMaxTimeout, bool gpuRequired, address wanted)
        external
        onlyComputeEngine
        whenNotPaused
        returns (address, bytes memory)
    {
        if (_active.length == 0) {
            return (address(0), abi.encodeWithSelector(NoActiveTee.selector, address(this)));
        }
        if (gpuRequired && hardwareType != HardwareType.GPU) {
            return (address(0), abi.encodeWithSelector(HWRequirementNotMet.selector));
        }
        if (jobMaxTimeout > maxTimeout) {
            return (address(0), abi.encodeWithSelector(MaxTimeoutExceeded.selector));
        }
        address tee = wanted;
        if (teePoolType != TeePoolType.Dedicated) {
            tee = _active[_jobsCount % _active.length];
        } else if (_tees[wanted].status != TeeStatus.Active) {
            return (address(0), abi.encodeWithSelector(TeeNotActive.selector, wanted));
        }
        _jobsCount++;
        _jobTee[jobId] = tee;
        _tees[tee].jobsCount++;
        emit JobSubmitted(jobId, tee);
        return (tee, "");
    }

    function removeJob(uint256 jobId) external onlyComputeEngine whenNotPaused {
        address tee = _jobTee[jobId];
        if (tee == address(0)) return;
        delete _jobTee[jobId];
        _tees[tee].jobsCount--;
        emit JobRemoved(jobId);
    }
}
