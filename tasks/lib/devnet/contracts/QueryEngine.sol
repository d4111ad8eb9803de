// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Administered} from "./Administered.sol";
import {DataAccessTreasury} from "./DataAccessTreasury.sol";
import {DlpRegistry} from "./DlpRegistry.sol";
import {Money} from "./Money.sol";

/// What of a refiner is read here: the fields that all layouts of the contract begin with.
interface IRefiners {
    struct Refiner {
        uint256 dlpId;
        address owner;
        string name;
        string schemaDefinitionUrl;
        string refinementInstructionUrl;
    }

    function refiners(uint256 refinerId) external view returns (Refiner memory);
    function dlpRegistry() external view returns (DlpRegistry);
}

interface IPaymentExecutor {
    function executePaymentRequest(address token, uint256 amount, bytes calldata metadata) external;
}

/// Permissions on refiners' data, and the payments for queries. It checks no query: that is the engine's.
contract QueryEngine is Administered {
    struct Permission {
        address grantee;
        bool approved;
        uint256 refinerId;
        string tableName;
        string columnName;
        uint256 price;
        address tokenAddress;
    }

    struct PermissionInfo {
        uint256 permissionId;
        address grantee;
        bool approved;
        uint256 refinerId;
        string tableName;
        string columnName;
        uint256 price;
        address tokenAddress;
    }

    event PermissionAdded(
        uint256 indexed permissionId,
        address indexed grantee,
        uint256 indexed refinerId,
        string tableName,
        string columnName,
        address tokenAddress,
        uint256 price
    );
    event PermissionApprovalUpdated(uint256 indexed permissionId, bool approved);
    event PaymentReceived(address indexed token, uint256 amount, uint256 jobId, uint256 refinerId);
    event DlpPaymentClaimed(
        uint256 indexed dlpId,
        address indexed dlpTreasuryAddress,
        address indexed token,
        uint256 amount
    );

    error NotRefinerOwner();
    error NotDlpOwner();
    error PermissionNotFound();
    error ColumnNameUnexpected();
    error RefinerNotFound();
    error InvalidPaymentToken(address token);
    error PaymentNotReceived();
    error InvalidDlpPaymentPercentage();
    error TokenAlreadyWhitelisted(address token);

    bytes32 public constant QUERY_ENGINE_ROLE = keccak256("QUERY_ENGINE_ROLE");
    uint256 public constant ONE_HUNDRED_PERCENT = 100e18;

    IRefiners public refinerRegistry;
    IPaymentExecutor public computeEngine;
    DataAccessTreasury public queryEngineTreasury;
    address public vanaTreasury;
    uint256 public dlpPaymentPercentage;
    uint256 public permissionsCount;
    mapping(uint256 permissionId => Permission) private _permissions;
    /// By refiner and grantee; 0 is everyone.
    mapping(uint256 refinerId => mapping(address grantee => uint256[])) private _granted;
    mapping(address token => bool) private _accepted;
    /// What each DLP has earned and not taken yet.
    mapping(uint256 dlpId => mapping(address token => uint256)) public balanceOf;

    receive() external payable {}

    function initialize(address owner, IRefiners refinerRegistry_) external {
        _administer(owner);
        refinerRegistry = refinerRegistry_;
        queryEngineTreasury = new DataAccessTreasury(address(this));
    }

    function updateComputeEngine(IPaymentExecutor computeEngine_) external onlyRole(MAINTAINER_ROLE) {
        computeEngine = computeEngine_;
    }

    function updateDlpPaymentPercentage(uint256 percentage) external onlyRole(MAINTAINER_ROLE) {
        if (percentage > ONE_HUNDRED_PERCENT) revert InvalidDlpPaymentPercentage();
        dlpPaymentPercentage = percentage;
    }

    function updateVanaTreasury(address vanaTreasury_) external onlyRole(MAINTAINER_ROLE) {
        vanaTreasury = vanaTreasury_;
    }

    function addPaymentToken(address token) external onlyRole(MAINTAINER_ROLE) {
        if (_isAccepted(token)) revert TokenAlreadyWhitelisted(token);
        _accepted[token] = true;
    }

    function permissions(uint256 permissionId) external view returns (Permission memory) {
        return _permissions[permissionId];
    }

    /// Everyone's come first, then the grantee's own; those that were revoked aren't among them.
    function getPermissions(uint256 refinerId, address grantee)
        external
        view
        returns (PermissionInfo[] memory infos)
    {
        uint256[] storage generic = _granted[refinerId][address(0)];
        uint256[] storage own = _granted[refinerId][grantee];
        uint256 ownLength = grantee == address(0) ? 0 : own.length;
        infos = new PermissionInfo[](generic.length + ownLength);
        for (uint256 i = 0; i < infos.length; i++) {
            uint256 id = i < generic.length ? generic[i] : own[i - generic.length];
            Permission storage p = _permissions[id];
            infos[i] = PermissionInfo(
                id,
                p.grantee,
                p.approved,
                p.refinerId,
                p.tableName,
                p.columnName,
                p.price,
                p.tokenAddress
            );
        }
    }

    function addPermission(
        address grantee,
        uint256 refinerId,
        string calldata tableName,
        string calldata columnName,
        address tokenAddress,
        uint256 price
    ) external returns (uint256) {
        return _add(Permission(grantee, true, refinerId, tableName, columnName, price, tokenAddress));
    }

    function addGenericPermission(
        uint256 refinerId,
        string calldata tableName,
        string calldata columnName,
        address tokenAddress,
        uint256 price
    ) external returns (uint256) {
        return
            _add(Permission(address(0), true, refinerId, tableName, columnName, price, tokenAddress));
    }

    function _add(Permission memory permission) private returns (uint256 permissionId) {
        _onlyRefinerOwner(permission.refinerId);
        if (paused) revert EnforcedPause();
        if (bytes(permission.tableName).length == 0 && bytes(permission.columnName).length > 0) {
            revert ColumnNameUnexpected();
        }
        permissionId = ++permissionsCount;
        _permissions[permissionId] = permission;
        _granted[permission.refinerId][permission.grantee].push(permissionId);
        emit PermissionAdded(
            permissionId,
            permission.grantee,
            permission.refinerId,
            permission.tableName,
            permission.columnName,
            permission.tokenAddress,
            permission.price
        );
    }

    function updatePermissionApproval(uint256 permissionId, bool approved) external {
        if (permissionId == 0 || permissionId > permissionsCount) revert PermissionNotFound();
        Permission storage permission = _permissions[permissionId];
        _onlyRefinerOwner(permission.refinerId);
        if (permission.approved == approved) return;
        permission.approved = approved;
        uint256[] storage granted = _granted[permission.refinerId][permission.grantee];
        if (approved) granted.push(permissionId);
        else _remove(granted, permissionId);
        emit PermissionApprovalUpdated(permissionId, approved);
    }

    function _remove(uint256[] storage ids, uint256 id) private {
        for (uint256 i = 0; i < ids.length; i++) {
            if (ids[i] != id) continue;
            ids[i] = ids[ids.length - 1];
            ids.pop();
            return;
        }
    }

    function _onlyRefinerOwner(uint256 refinerId) private view {
        if (refinerRegistry.refiners(refinerId).owner != msg.sender) revert NotRefinerOwner();
    }

    function requestPaymentInVana(uint256 amount, uint256 jobId, uint256 refinerId)
        external
        onlyRole(QUERY_ENGINE_ROLE)
    {
        _requestPayment(Money.VANA, amount, jobId, refinerId);
    }

    function requestPaymentInToken(address token, uint256 amount, uint256 jobId, uint256 refinerId)
        external
        onlyRole(QUERY_ENGINE_ROLE)
    {
        _requestPayment(token, amount, jobId, refinerId);
    }

    /// Any amount can be requested: no price is checked here.
    function _requestPayment(address token, uint256 amount, uint256 jobId, uint256 refinerId)
        private
    {
        if (!_isAccepted(token)) revert InvalidPaymentToken(token);
        uint256 dlpId = refinerRegistry.refiners(refinerId).dlpId;
        if (dlpId == 0) revert RefinerNotFound();

        uint256 before = Money.balance(token, address(this));
        computeEngine.executePaymentRequest(token, amount, abi.encode(jobId, dlpId));
        uint256 received = Money.balance(token, address(this)) - before;
        if (received < amount) revert PaymentNotReceived();
        emit PaymentReceived(token, received, jobId, refinerId);

        uint256 share = amount * dlpPaymentPercentage / ONE_HUNDRED_PERCENT;
        balanceOf[dlpId][token] += share;
        Money.send(token, address(queryEngineTreasury), share);
        Money.send(token, vanaTreasury, received - share);
    }

    function _isAccepted(address token) private view returns (bool) {
        return token == Money.VANA || _accepted[token];
    }

    function claimDlpPayment(uint256 dlpId, address token) external whenNotPaused {
        DlpRegistry.DlpInfo memory dlp = refinerRegistry.dlpRegistry().dlps(dlpId);
        if (dlp.ownerAddress != msg.sender) revert NotDlpOwner();
        uint256 amount = balanceOf[dlpId][token];
        balanceOf[dlpId][token] = 0;
        emit DlpPaymentClaimed(dlpId, dlp.treasuryAddress, token, amount);
        queryEngineTreasury.transfer(dlp.treasuryAddress, token, amount);
    }
}
