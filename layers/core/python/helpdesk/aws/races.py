"""Which refusals of DynamoDB mean that another write came first."""

from botocore.exceptions import ClientError


def lost_race(error: ClientError) -> bool:
    """Tell whether a condition failed or two transactions met; other failures are different."""
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return True
    reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
    return bool(reasons & {"ConditionalCheckFailed", "TransactionConflict"})
