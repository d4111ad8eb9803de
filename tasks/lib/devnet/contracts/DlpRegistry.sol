// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/// The DLPs and their owners. A stand-in: anyone may set any DLP.
contract DlpRegistry {
    struct DlpInfo {
        uint256 id;
        address dlpAddress;
        address ownerAddress;
        address tokenAddress;
        address treasuryAddress;
        string name;
        string iconUrl;
        string website;
        string metadata;
        uint256 registrationBlockNumber;
        uint256 depositAmount;
        uint8 status;
        uint256 lpTokenId;
        uint256 verificationBlockNumber;
    }

    mapping(uint256 dlpId => DlpInfo) private _dlps;

    function dlps(uint256 dlpId) external view returns (DlpInfo memory) {
        return _dlps[dlpId];
    }

    function setDlp(uint256 dlpId, address owner, string calldata name) external {
        DlpInfo storage dlp = _dlps[dlpId];
        dlp.id = dlpId;
        dlp.dlpAddress = owner;
        dlp.ownerAddress = owner;
        dlp.treasuryAddress = owner;
        dlp.name = name;
        dlp.status = 1;
    }
}
