// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Administered} from "./Administered.sol";
import {ComputeEngineTeePool} from "./ComputeEngineTeePool.sol";
import {ComputeEngineTeePoolFactory} from "./ComputeEngineTeePoolFactory.sol";
import {ComputeInstructionRegistry} from "./ComputeInstructionRegistry.sol";
import {DataAccessTreasury} from "./DataAccessTreasury.sol";
import {Money} from "./Money.sol";

/// Jobs, and the money that their owners have deposited to pay for them.
contract ComputeEngine is Administered {
    enum JobStatus {
        None,
        Registered,
        Submitted,
        Running,
        Completed,
        Failed,
        Canceled
    }

    struct Job {
        address ownerAddress;
        uint80 maxTimeout;
        bool gpuRequired;
        JobStatus status;
        address teeAddress;
        uint32 computeInstructionId;
        uint48 addedTimestamp;
        string statusMessage;
        address teePoolAddress;
    }

    event JobRegistered(uint256 indexed jobId, address indexed ownerAddress);
    event JobCanceled(uint256 indexed jobId);
    event JobStatusUpdated(uint256 indexed jobId, JobStatus status, string statusMessage);
    event TeeAssignmentSucceeded(
        uint256 indexed jobId, address indexed teePoolAddress, address teeAddress
    );
    event TeeAssignmentFailed(uint256 indexed jobId, bytes reason);
    event PaymentExecuted(uint256 indexed jobId, address indexed token, uint256 amount);
    event Deposit(address indexed account, address indexed token, uint256 amount);
    event Withdraw(address indexed account, address indexed token, uint256 amount);

    error InstructionNotFound(uint256 computeInstructionId);
    error JobNotFound(uint256 jobId);
    error JobNotSubmitted(uint256 jobId);
    error NotJobOwner();
    error NotTee();
    error JobAlreadyDone();
    error JobLifeCycleEnded();
    error InvalidStatusTransition(JobStatus currentStatus, JobStatus newStatus);
    error OnlyRegisteredJobStatus();
    error TeeAlreadyAssigned(uint256 jobId);
    error TeePoolNotFound();
    error FailedToAssignTee();
    error ZeroTeeAddress();
    error UnauthorizedPaymentRequestor();
    error InsufficientBalance();
    error InvalidAmount();
    error InvalidVanaAmount();
    error UnexpectedVanaDeposit();

    uint80 public constant DEDICATED_TIMEOUT = type(uint80).max;

    address public queryEngine;
    ComputeEngineTeePoolFactory public teePoolFactory;
    ComputeInstructionRegistry public instructionRegistry;
    DataAccessTreasury public computeEngineTreasury;
    uint256 public jobsCount;
    mapping(uint256 jobId => Job) private _jobs;
    mapping(address account => mapping(address token => uint256)) public balanceOf;
    mapping(uint256 jobId => mapping(uint256 dlpId => mapping(address token => uint256))) public
        paymentInfo;

    function initialize(
        address owner,
        address queryEngine_,
        ComputeEngineTeePoolFactory teePoolFactory_
    ) external {
        _administer(owner);
        queryEngine = queryEngine_;
        teePoolFactory = teePoolFactory_;
        computeEngineTreasury = new DataAccessTreasury(address(this));
    }

    function updateInstructionRegistry(ComputeInstructionRegistry instructionRegistry_)
        external
        onlyRole(MAINTAINER_ROLE)
    {
        instructionRegistry = instructionRegistry_;
    }

    function jobs(uint256 jobId) external view returns (Job memory) {
        return _jobs[jobId];
    }

    /// Succeeds where no TEE takes the job, too: it can be submitted again later, or canceled.
    function submitJob(uint80 maxTimeout, bool gpuRequired, uint256 computeInstructionId)
        external
        payable
        whenNotPaused
    {
        _assign(_register(maxTimeout, gpuRequired, computeInstructionId), address(0));
    }

    /// Always in a dedicated pool, whatever its time limit.
    function submitJobWithTee(
        uint80 maxTimeout,
        bool gpuRequired,
        uint256 computeInstructionId,
        address teeAddress
    ) external payable whenNotPaused {
        if (teeAddress == address(0)) revert ZeroTeeAddress();
        uint256 jobId = _register(maxTimeout, gpuRequired, computeInstructionId);
        if (!_assign(jobId, teeAddress)) revert FailedToAssignTee();
    }

    /// Anyone may submit a job again that no TEE has taken.
    function resubmitJob(uint256 jobId) external whenNotPaused {
        _resubmit(jobId, address(0));
    }

    function resubmitJobWithTee(uint256 jobId, address teeAddress) external whenNotPaused {
        if (teeAddress == address(0)) revert ZeroTeeAddress();
        _resubmit(jobId, teeAddress);
    }

    function _register(uint80 maxTimeout, bool gpuRequired, uint256 computeInstructionId)
        private
        returns (uint256 jobId)
    {
        if (!instructionRegistry.isValidInstructionId(computeInstructionId)) {
            revert InstructionNotFound(computeInstructionId);
        }
        if (msg.value > 0) _deposit(Money.VANA, msg.value);
        jobId = ++jobsCount;
        Job storage job = _jobs[jobId];
        job.ownerAddress = msg.sender;
        job.maxTimeout = maxTimeout;
        job.gpuRequired = gpuRequired;
        job.status = JobStatus.Registered;
        job.computeInstructionId = uint32(computeInstructionId);
        job.addedTimestamp = uint48(block.timestamp);
        emit JobRegistered(jobId, msg.sender);
    }

    function _resubmit(uint256 jobId, address teeAddress) private {
        if (jobId == 0 || jobId > jobsCount) revert JobNotFound(jobId);
        Job storage job = _jobs[jobId];
        if (job.teeAddress != address(0)) revert TeeAlreadyAssigned(jobId);
        if (job.status != JobStatus.Registered) revert OnlyRegisteredJobStatus();
        if (!_assign(jobId, teeAddress)) revert FailedToAssignTee();
    }

    function _assign(uint256 jobId, address wanted) private returns (bool) {
        Job storage job = _jobs[jobId];
        uint80 timeout = wanted == address(0) ? job.maxTimeout : DEDICATED_TIMEOUT;
        ComputeEngineTeePool pool = teePoolFactory.getTeePoolAddress(timeout, job.gpuRequired);
        if (address(pool) == address(0)) {
            emit TeeAssignmentFailed(jobId, abi.encodeWithSelector(TeePoolNotFound.selector));
            return false;
        }
        (address tee, bytes memory reason) =
            pool.submitJob(jobId, job.maxTimeout, job.gpuRequired, wanted);
        if (tee == address(0)) {
            emit TeeAssignmentFailed(jobId, reason);
            return false;
        }
        job.teeAddress = tee;
        job.teePoolAddress = address(pool);
        job.status = JobStatus.Submitted;
        emit TeeAssignmentSucceeded(jobId, address(pool), tee);
        return true;
    }

    /// For the job's TEE, even one that was removed since. A status only rises.
    function updateJobStatus(uint256 jobId, JobStatus status, string calldata statusMessage)
        external
        whenNotPaused
    {
        Job storage job = _jobs[jobId];
        if (msg.sender != job.teeAddress) revert NotTee();
        JobStatus current = job.status;
        if (current == JobStatus.Completed || current == JobStatus.Failed) revert JobAlreadyDone();
        if (status == JobStatus.Canceled || status <= current) {
            revert InvalidStatusTransition(current, status);
        }
        job.status = status;
        job.statusMessage = statusMessage;
        emit JobStatusUpdated(jobId, status, statusMessage);
        if (status >= JobStatus.Completed) _leavePool(jobId);
    }

    function cancelJob(uint256 jobId) external whenNotPaused {
        Job storage job = _jobs[jobId];
        if (job.ownerAddress != msg.sender) revert NotJobOwner();
        if (job.status >= JobStatus.Completed) revert JobLifeCycleEnded();
        job.status = JobStatus.Canceled;
        emit JobCanceled(jobId);
        _leavePool(jobId);
    }

    function _leavePool(uint256 jobId) private {
        address pool = _jobs[jobId].teePoolAddress;
        if (pool != address(0)) ComputeEngineTeePool(pool).removeJob(jobId);
    }

    function deposit(address token, uint256 amount) external payable whenNotPaused {
        _deposit(token, amount);
    }

    function _deposit(address token, uint256 amount) private {
        if (amount == 0) revert InvalidAmount();
        balanceOf[msg.sender][token] += amount;
        emit Deposit(msg.sender, token, amount);
        if (token == Money.VANA) {
            if (msg.value != amount) revert InvalidVanaAmount();
            Money.send(token, address(computeEngineTreasury), amount);
        } else {
            if (msg.value > 0) revert UnexpectedVanaDeposit();
            Money.take(token, msg.sender, address(this), amount);
            Money.send(token, address(computeEngineTreasury), amount);
        }
    }

    function withdraw(address token, uint256 amount) external whenNotPaused {
        if (amount == 0) revert InvalidAmount();
        _charge(msg.sender, token, amount);
        emit Withdraw(msg.sender, token, amount);
        computeEngineTreasury.transfer(msg.sender, token, amount);
    }

    /// The job's owner pays, whoever may query. A job that was canceled can be charged, too.
    function executePaymentRequest(address token, uint256 amount, bytes calldata metadata)
        external
        whenNotPaused
    {
        if (msg.sender != queryEngine) revert UnauthorizedPaymentRequestor();
        (uint256 jobId, uint256 dlpId) = abi.decode(metadata, (uint256, uint256));
        Job storage job = _jobs[jobId];
        if (job.ownerAddress == address(0)) revert JobNotFound(jobId);
        if (job.status < JobStatus.Submitted) revert JobNotSubmitted(jobId);
        _charge(job.ownerAddress, token, amount);
        paymentInfo[jobId][dlpId][token] += amount;
        emit PaymentExecuted(jobId, token, amount);
        computeEngineTreasury.transfer(msg.sender, token, amount);
    }

    function _charge(address account, address token, uint256 amount) private {
        if (balanceOf[account][token] < amount) revert InsufficientBalance();
        balanceOf[account][token] -= amount;
    }

    function vanaPaymentInfo(uint256 jobId, uint256 dlpId) external view returns (uint256) {
        return paymentInfo[jobId][dlpId][Money.VANA];
    }
}
