// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

import {Administered} from "./Administered.sol";
import {DlpRegistry} from "./DlpRegistry.sol";

/// What the owners of DLPs change.
abstract contract OwnedByDlps is Administered {
    error NotDlpOwner();

    DlpRegistry public dlpRegistry;

    modifier onlyDlpOwner(uint256 dlpId) {
        if (dlpRegistry.dlps(dlpId).ownerAddress != msg.sender) revert NotDlpOwner();
        _;
    }

    function initialize(address owner, DlpRegistry dlpRegistry_) external {
        _administer(owner);
        dlpRegistry = dlpRegistry_;
    }
}
