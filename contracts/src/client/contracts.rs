//! The contracts' interfaces, as `contracts/solidity/src` has them.
#![allow(missing_docs, reason = "the macro's code; what the items mean stands in the Solidity sources")]
#![allow(clippy::too_many_arguments, reason = "the macro's code")]

use alloy::sol;

sol! {
    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    contract JobEscrow {
        enum JobStatus { None, Open, Locked, Completed, Expired }

        struct Request {
            bytes32 programId;
            bytes4 selector;
            bytes32 inputDigest;
            address token;
            uint256 reward;
            uint128 bond;
            uint32 lockWindow;
            uint40 deadline;
        }

        struct Job {
            address requester;
            bytes4 selector;
            uint32 lockWindow;
            JobStatus status;
            address provider;
            uint40 deadline;
            uint40 lockedUntil;
            address token;
            uint128 reward;
            uint128 bondHeld;
            uint128 bond;
            bytes32 inputDigest;
            bytes32 outputsHash;
        }

        error WrongStatus(uint256 jobId, JobStatus found);
        error WrongProgram(bytes32 expected, bytes32 found);
        error WrongInputs(bytes32 expected, bytes32 found);
        error NoReward();
        error TooLate(uint256 deadline, uint256 earliest);
        error TooEarly(uint256 possibleAfter);
        error LockExpired(uint256 lockedUntil);
        error BondTooSmall(uint256 expected, uint256 found);
        error NoLockWindow();
        error VerifierInUse(bytes4 selector);
        error TokenTransferFailed(address token);
        error NativeTransferFailed(address to);
        error WrongValue(uint256 expected, uint256 found);
        error AmountTooLarge(uint256 amount);
        error NothingToWithdraw(address token, address account);
        error Reentrant();

        event JobPosted(
            uint256 indexed jobId,
            address indexed requester,
            bytes32 indexed programId,
            Request request,
            uint256 reward,
            string description
        );
        event JobCompleted(uint256 indexed jobId, address indexed provider, uint256[] outputs);
        event Withdrawn(address indexed token, address indexed account, address to, uint256 amount);

        function post(Request calldata request, string calldata description) external payable returns (uint256 jobId);
        function lock(uint256 jobId, uint256 amount) external payable;
        function submit(uint256 jobId, uint256 inputs, bytes calldata hidden, uint256[] calldata outputs, bytes calldata seal) external;
        function reopen(uint256 jobId) external;
        function claimRefund(uint256 jobId) external;
        function unwind(uint256 jobId) external;
        function withdraw(address token, address to) external returns (uint256 amount);
        function getJob(uint256 jobId) external view returns (Job memory);
        function balances(address token, address account) external view returns (uint256);
        function router() external view returns (address);
    }

    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    contract AssayRouter {
        error UnknownSelector(bytes4 selector);
        error SelectorRemoved(bytes4 selector);
        error SelectorTaken(bytes4 selector);
        error SealTooShort(uint256 found);
        error NotOwner(address caller);
        error NotPendingOwner(address caller);

        function add(address verifier) external;
        function remove(bytes4 selector) external;
        function verifierOf(bytes4 selector) external view returns (address);
    }

    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    contract AssayVerifier {
        error WrongSelector(bytes4 expected, bytes4 found);
        error WrongLength(uint256 expected, uint256 found);
        error NonCanonicalCalldata();
        error ScalarTooLarge(uint256 index);
        error WrongInverse();
        error NotOnCurve();
        error PairingFailed();
        error InvalidProof();

        function programId() external view returns (bytes32);
        function selector() external view returns (bytes4);
        function verify(uint256 inputs, bytes calldata hidden, uint256[] calldata outputs, bytes32 contextHash, bytes calldata seal) external view;
    }

    #[sol(rpc)]
    #[derive(Debug, PartialEq, Eq)]
    contract Token {
        function approve(address spender, uint256 amount) external returns (bool);
        function balanceOf(address account) external view returns (uint256);
    }
}
