"""The key of an engine, by its name, in a secure parameter of Systems Manager.

A secret of Secrets Manager is such a parameter too, by the name `/aws/reference/secretsmanager/`
and the secret's own; the caller needs `secretsmanager:GetSecretValue` as well.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpdesk.drafting import EngineError, Failure


def engine_key(ssm: Callable[[], Any], name: str) -> str:
    """Return a key without the line end that a file leaves. `ssm` makes the client.

    Raises EngineError; its message names neither the parameter nor anything of the key.
    """
    try:
        found = ssm().get_parameter(Name=name, WithDecryption=True)
    except ClientError as error:
        why = f"its key cannot be read: {error.response['Error']['Code']}"
        raise EngineError(Failure.UNAVAILABLE, why) from None
    except BotoCoreError as error:
        why = f"its key cannot be read: {type(error).__name__}"
        raise EngineError(Failure.UNAVAILABLE, why) from None
    key: str = found["Parameter"]["Value"].rstrip("\r\n")
    if not key.isascii() or not key.isprintable():
        raise EngineError(Failure.UNAVAILABLE, "its key holds characters that no header can")
    return key
