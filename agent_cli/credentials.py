"""Which errors of AWS say that the agent must log in (again)."""

from botocore import exceptions as aws

NO_CREDENTIALS = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.TokenRetrievalError,
    aws.UnauthorizedSSOTokenError,
    aws.SSOTokenLoadError,
)
"""There are no credentials, or they cannot be renewed."""

EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
"""The codes by which AWS says that valid credentials have expired."""


def over(error: BaseException) -> bool:
    """Tell whether the credentials that a call used have expired."""
    if isinstance(error, aws.ClientError):
        return error.response["Error"]["Code"] in EXPIRED
    return isinstance(error, NO_CREDENTIALS)
