// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// Who administers a contract, by OpenZeppelin's roles, and can stop its changes for a while.
abstract contract Administered {
    error InvalidInitialization();
    error AccessControlUnauthorizedAccount(address account, bytes32 neededRole);
    error EnforcedPause();
    error ExpectedPause();

    bytes32 public constant DEFAULT_ADMIN_ROLE = 0x00;
    bytes32 public constant MAINTAINER_ROLE = keccak256("MAINTAINER_ROLE");

    bool public paused;
    bool private _initialized;
    mapping(bytes32 role => mapping(address account => bool)) private _roles;

    modifier onlyRole(bytes32 role) {
        if (!hasRole(role, msg.sender)) revert AccessControlUnauthorizedAccount(msg.sender, role);
        _;
    }

    modifier whenNotPaused() {
        if (paused) revert EnforcedPause();
        _;
    }

    function _administer(address owner) internal {
        if (_initialized) revert InvalidInitialization();
        _initialized = true;
        _roles[DEFAULT_ADMIN_ROLE][owner] = true;
        _roles[MAINTAINER_ROLE][owner] = true;
    }

    function hasRole(bytes32 role, address account) public view returns (bool) {
        return _roles[role][account];
    }

    function grantRole(bytes32 role, address account) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _roles[role][account] = true;
    }

    function revokeRole(bytes32 role, address account) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _roles[role][account] = false;
    }

    function pause() external onlyRole(MAINTAINER_ROLE) whenNotPaused {
        paused = true;
    }

    function unpause() external onlyRole(MAINTAINER_ROLE) {
        if (!paused) revert ExpectedPause();
        paused = false;
    }
}
