// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {AssayRouter} from "./AssayRouter.sol";
import {IAssayVerifier} from "./IAssayVerifier.sol";
import {Treasury} from "./Treasury.sol";

/// @title Pays for a compute job when, and only when, its receipt verifies.
/// @notice
///   post       a requester names a program and the digest of its inputs, and pays the reward in
///   lock       a provider pays a bond in and has the job to itself for the lock window
///   submit     a valid receipt earns reward and bond
///   reopen     a lock that ran out: the bond is the requester's, the job is open again
///   claimRefund    after the deadline the requester has its reward back
///   unwind     the router has stopped the verifier: nobody can deliver, so all get back what they paid in
/// @dev A receipt is bound to chain, escrow, job and provider by its context. So a receipt taken from a pending transaction
/// pays its provider, whoever sends it.
contract JobEscrow is Treasury {
    enum JobStatus {
        None,
        Open,
        Locked,
        Completed,
        Expired
    }

    /// @notice What a requester asks for.
    struct Request {
        // The program, and the selector of the verifier that has to accept the receipt.
        bytes32 programId;
        bytes4 selector;
        // keccak256(abi.encodePacked(inputs, hidden)): see IAssayVerifier.verify.
        bytes32 inputDigest;
        // The zero address stands for the native coin.
        address token;
        uint256 reward;
        // The least bond of a provider, in the same token.
        uint128 bond;
        // Seconds from lock to delivery.
        uint32 lockWindow;
        // The last second of the last lock.
        uint40 deadline;
    }

    /// @notice A job as it stands.
    struct Job {
        address requester;
        bytes4 selector;
        uint32 lockWindow;
        JobStatus status;
        // Who has the lock, or was paid.
        address provider;
        uint40 deadline;
        uint40 lockedUntil;
        address token;
        // What arrived of the reward, and of the bond of the lock.
        uint128 reward;
        uint128 bondHeld;
        uint128 bond;
        bytes32 inputDigest;
        // keccak256(abi.encodePacked(outputs)) once completed; the words are in JobCompleted.
        bytes32 outputsHash;
    }

    /// @notice The job is in another state.
    error WrongStatus(uint256 jobId, JobStatus found);
    /// @notice The job's verifier is another program's.
    error WrongProgram(bytes32 expected, bytes32 found);
    /// @notice The receipt is for other inputs.
    error WrongInputs(bytes32 expected, bytes32 found);
    /// @notice The reward, after whatever the token kept, is nothing.
    error NoReward();
    /// @notice No whole lock fits before the deadline.
    error TooLate(uint256 deadline, uint256 earliest);
    /// @notice Not yet possible.
    error TooEarly(uint256 possibleAfter);
    /// @notice The lock ran out.
    error LockExpired(uint256 lockedUntil);
    /// @notice Less of the bond arrived than the job asks for.
    error BondTooSmall(uint256 expected, uint256 found);
    /// @notice A lock window has at least one second.
    error NoLockWindow();
    /// @notice The job's verifier is in use.
    error VerifierInUse(bytes4 selector);

    event JobPosted(
        uint256 indexed jobId, address indexed requester, bytes32 indexed programId, Request request, uint256 reward, string description
    );
    event JobLocked(uint256 indexed jobId, address indexed provider, uint256 bond, uint256 lockedUntil);
    event JobReopened(uint256 indexed jobId, address indexed provider, uint256 bond, address paidTo);
    event JobCompleted(uint256 indexed jobId, address indexed provider, uint256[] outputs);
    event JobExpired(uint256 indexed jobId, address indexed requester, uint256 reward);

    /// @notice Knows the verifiers.
    AssayRouter public immutable router;
    /// @notice The number of jobs; the first is job 1.
    uint256 public numJobs;

    mapping(uint256 jobId => Job) private jobs;

    constructor(AssayRouter router_) {
        router = router_;
    }

    /// @notice Posts a job and pays its reward in.
    /// @param description For people and markets, such as where the inputs are; only emitted.
    function post(Request calldata request, string calldata description) external payable nonReentrant returns (uint256 jobId) {
        bytes32 programId = router.verifierOf(request.selector).programId();
        if (programId != request.programId) revert WrongProgram(request.programId, programId);
        if (request.lockWindow == 0) revert NoLockWindow();
        _checkTime(request.deadline, request.lockWindow);
        uint128 reward = _take(request.token, request.reward);
        if (reward == 0) revert NoReward();

        jobId = ++numJobs;
        Job storage job = jobs[jobId];
        job.requester = msg.sender;
        job.selector = request.selector;
        job.lockWindow = request.lockWindow;
        job.status = JobStatus.Open;
        job.deadline = request.deadline;
        job.token = request.token;
        job.reward = reward;
        job.bond = request.bond;
        job.inputDigest = request.inputDigest;
        emit JobPosted(jobId, msg.sender, programId, request, reward, description);
    }

    /// @notice Takes a job, or one whose lock ran out, for the lock window.
    /// @param amount What the caller pays in; at least the job's bond has to arrive.
    function lock(uint256 jobId, uint256 amount) external payable nonReentrant {
        Job storage job = jobs[jobId];
        if (job.status == JobStatus.Locked && block.timestamp > job.lockedUntil) _reopen(jobId, job);
        if (job.status != JobStatus.Open) revert WrongStatus(jobId, job.status);
        // A stopped verifier accepts nothing, and the bond would be stuck until somebody unwinds the job.
        router.verifierOf(job.selector);
        _checkTime(job.deadline, job.lockWindow);
        uint128 arrived = _take(job.token, amount);
        if (arrived < job.bond) revert BondTooSmall(job.bond, arrived);

        job.status = JobStatus.Locked;
        job.provider = msg.sender;
        job.bondHeld = arrived;
        // Fits: it is not after the deadline.
        job.lockedUntil = uint40(block.timestamp + job.lockWindow);
        emit JobLocked(jobId, msg.sender, arrived, job.lockedUntil);
    }

    /// @notice Delivers a receipt; anybody may, and the provider is paid. See IAssayVerifier.verify.
    function submit(uint256 jobId, uint256 inputs, bytes calldata hidden, uint256[] calldata outputs, bytes calldata seal)
        external
        nonReentrant
    {
        (IAssayVerifier verifier, address provider) = _complete(jobId, keccak256(abi.encodePacked(inputs, hidden)), outputs);
        // A view, so it cannot come back in; and if it reverts, the job has not been completed.
        verifier.verify(inputs, hidden, outputs, keccak256(context(jobId, provider)), seal);
    }

    /// @notice Opens a job whose lock ran out; the bond goes to the requester.
    function reopen(uint256 jobId) external nonReentrant {
        Job storage job = jobs[jobId];
        if (job.status != JobStatus.Locked) revert WrongStatus(jobId, job.status);
        if (block.timestamp <= job.lockedUntil) revert TooEarly(job.lockedUntil);
        _reopen(jobId, job);
    }

    /// @notice Gives the requester its reward back after the deadline, and the bond of a lock that ran out.
    function claimRefund(uint256 jobId) external nonReentrant {
        Job storage job = jobs[jobId];
        if (job.status != JobStatus.Open && job.status != JobStatus.Locked) revert WrongStatus(jobId, job.status);
        if (block.timestamp <= job.deadline) revert TooEarly(job.deadline);
        _expire(jobId, job);
    }

    /// @notice Ends a job whose verifier the router has stopped: reward to the requester, bond to the provider.
    function unwind(uint256 jobId) external nonReentrant {
        Job storage job = jobs[jobId];
        if (job.status != JobStatus.Open && job.status != JobStatus.Locked) revert WrongStatus(jobId, job.status);
        if (!router.isRemoved(job.selector)) revert VerifierInUse(job.selector);
        _expire(jobId, job);
    }

    /// @notice The job as it stands.
    function getJob(uint256 jobId) external view returns (Job memory) {
        return jobs[jobId];
    }

    /// @notice The context under which a provider has to prove a job.
    function context(uint256 jobId, address provider) public view returns (bytes memory) {
        return abi.encode(block.chainid, address(this), jobId, provider);
    }

    /// @dev Settles a job for whose receipt the verifier returned has yet to vouch.
    function _complete(uint256 jobId, bytes32 inputDigest, uint256[] calldata outputs)
        private
        returns (IAssayVerifier verifier, address provider)
    {
        Job storage job = jobs[jobId];
        if (job.status != JobStatus.Locked) revert WrongStatus(jobId, job.status);
        if (block.timestamp > job.lockedUntil) revert LockExpired(job.lockedUntil);
        if (inputDigest != job.inputDigest) revert WrongInputs(job.inputDigest, inputDigest);
        (verifier, provider) = (router.verifierOf(job.selector), job.provider);

        job.status = JobStatus.Completed;
        job.outputsHash = keccak256(abi.encodePacked(outputs));
        _credit(job.token, provider, uint256(job.reward) + job.bondHeld);
        emit JobCompleted(jobId, provider, outputs);
    }

    /// @dev No lock ends after the deadline.
    function _checkTime(uint256 deadline, uint256 lockWindow) private view {
        uint256 earliest = block.timestamp + lockWindow;
        if (deadline < earliest) revert TooLate(deadline, earliest);
    }

    /// @dev Ends a lock. A provider whose verifier was stopped could not deliver, and has its bond back.
    function _reopen(uint256 jobId, Job storage job) private {
        (address provider, uint128 bond) = (job.provider, job.bondHeld);
        address paidTo = router.isRemoved(job.selector) ? provider : job.requester;
        job.status = JobStatus.Open;
        job.bondHeld = 0;
        job.provider = address(0);
        _credit(job.token, paidTo, bond);
        emit JobReopened(jobId, provider, bond, paidTo);
    }

    /// @dev Ends a job that was not delivered.
    function _expire(uint256 jobId, Job storage job) private {
        if (job.status == JobStatus.Locked) _reopen(jobId, job);
        job.status = JobStatus.Expired;
        _credit(job.token, job.requester, job.reward);
        emit JobExpired(jobId, job.requester, job.reward);
    }
}
