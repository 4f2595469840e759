"""Errors as one line that says what to do next, with the exit code."""

from dataclasses import dataclass

from botocore import exceptions as aws
from helpdesk.agents import CursorError, PlaceholderError
from helpdesk.belonging import AmbiguousCustomerError, TooManyKeysError
from helpdesk.composition import ResourceError
from helpdesk.curation import InvalidReplyError
from helpdesk.evidence import InvalidDocumentError
from helpdesk.knowledge import (
    InvalidArticleError,
    InvalidCaseError,
    InvalidFactError,
    InvalidTextError,
)
from helpdesk.learning import LessonError
from helpdesk.notifying import RulesError, TrialError
from helpdesk.ports import (
    ConflictError,
    NewerSchemaError,
    NotFoundError,
    TextsUnavailableError,
)
from helpdesk.records import InvalidRecordError
from helpdesk.ticket import (
    IllegalMoveError,
    LeaseError,
    NewsError,
    NotAllowedError,
    StaleDraftError,
    TagError,
    TextError,
)

from agent_cli.credentials import EXPIRED, NO_CREDENTIALS
from agent_cli.desk import ExtractionError, PredictionError
from agent_cli.moments import MomentError
from agent_cli.record_files import RecordFileError
from agent_cli.session import LOST, IdentityError, StackError
from agent_cli.wanted import WantedError
from agent_cli.words import times

FAILED, USAGE, NOT_FOUND, NOT_ALLOWED, CONFLICT, NEWS = 1, 2, 3, 4, 5, 6

_OURS: dict[type[Exception], int] = {
    TextError: USAGE,
    TagError: USAGE,
    PlaceholderError: USAGE,
    CursorError: USAGE,
    MomentError: USAGE,
    WantedError: USAGE,
    InvalidArticleError: USAGE,
    InvalidCaseError: USAGE,
    AmbiguousCustomerError: USAGE,
    TooManyKeysError: CONFLICT,
    InvalidTextError: USAGE,
    InvalidFactError: USAGE,
    InvalidRecordError: USAGE,
    RecordFileError: USAGE,
    LessonError: FAILED,
    TrialError: FAILED,
    RulesError: FAILED,
    NotFoundError: NOT_FOUND,
    NewerSchemaError: FAILED,
    StackError: NOT_FOUND,
    PredictionError: FAILED,
    ExtractionError: USAGE,
    InvalidDocumentError: USAGE,
    InvalidReplyError: USAGE,
    ResourceError: FAILED,
    IdentityError: NOT_ALLOWED,
    NotAllowedError: NOT_ALLOWED,
    LeaseError: CONFLICT,
    IllegalMoveError: CONFLICT,
    StaleDraftError: CONFLICT,
    NewsError: NEWS,
    ConflictError: CONFLICT,
    UnicodeEncodeError: USAGE,
}
_UNREACHABLE = (aws.HTTPClientError, aws.ConnectionError)
_UNKNOWN_KEY = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "AuthFailure",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestThrottled",
    "SlowDown",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What to say, and the exit code."""

    text: str
    code: int


def explained(error: Exception, where: str) -> Fault | None:
    """Return what to say about an error, or None for an unexpected error.

    `where` is the address or the region of AWS that was called, as people should read it.
    """
    if isinstance(error, TextsUnavailableError) and isinstance(error.__cause__, Exception):
        return explained(error.__cause__, where)
    for kind, code in _OURS.items():
        if isinstance(error, kind):
            return Fault(_told(error), code)
    if isinstance(error, aws.ClientError):
        return _of_answer(error, where)
    if isinstance(error, aws.BotoCoreError):
        return _of_call(error, where)
    if isinstance(error, ValueError) and "Invalid endpoint" in str(error):
        return Fault(f"{error}; it should read http://host:port", USAGE)
    return None


def _told(error: Exception) -> str:
    """Return an error's message, with moments in the reader's time zone."""
    if isinstance(error, UnicodeEncodeError):
        return "an argument is not valid UTF-8 text"
    if isinstance(error, LeaseError) and error.at:
        return f"{error.before}{times.clock(error.at)}{error.after}"
    return str(error)


def _of_call(error: aws.BotoCoreError, where: str) -> Fault:
    if isinstance(error, NO_CREDENTIALS):
        return Fault(
            "no AWS credentials; log in (aws sso login), set AWS_PROFILE, or add --profile",
            NOT_ALLOWED,
        )
    if isinstance(error, aws.ProfileNotFound):
        return Fault(f"{error}; see ~/.aws/config, or name another with --profile", USAGE)
    if isinstance(error, aws.NoRegionError):
        return Fault("no AWS region; add --region, or `helpdesk config set region …`", USAGE)
    if isinstance(error, _UNREACHABLE):
        return Fault(
            f"{where} does not answer ({type(error).__name__}); "
            "check --endpoint-url, --region and the network, then run it again",
            FAILED,
        )
    return Fault(str(error), FAILED)


def _of_answer(error: aws.ClientError, where: str) -> Fault:
    code = error.response["Error"]["Code"]
    message = error.response["Error"].get("Message", "")
    reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
    if code in EXPIRED:
        return Fault("your AWS session is over; log in again and repeat the command", NOT_ALLOWED)
    if code in _UNKNOWN_KEY:
        return Fault(f"AWS does not know these credentials ({code}); log in again", NOT_ALLOWED)
    if code in _DENIED:
        return Fault(
            f"you are not allowed to {error.operation_name}; ask for the stack's policy "
            f"for agents, leads or auditors ({message})",
            NOT_ALLOWED,
        )
    if code in _THROTTLED or reasons & _THROTTLED:
        return Fault(
            "AWS got too many requests; nothing was changed, wait and run it again", FAILED
        )
    if code in LOST:
        return Fault(
            f"{where} no longer has something that the stack names ({message}); "
            "run it again, and if that does not help, run `helpdesk doctor`",
            FAILED,
        )
    return Fault(f"{error.operation_name} failed: {code}: {message}", FAILED)
