"""LocalStack's Lambda environments, run as processes of this machine instead of containers.

LocalStack makes one executor per environment and decides about concurrency, keep-alive,
versions, retries and logs; `sandbox` does what AWS's sandbox does. Functions need a zip package and
a runtime named in LAMBDA_PROCESS_INTERPRETERS, `python3.13=/path/to/python` (separated by commas).
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import (
    LambdaRuntimeException,
    RuntimeExecutor,
)

from helpdesk_localstack import kept_code, layers
from helpdesk_localstack.sandbox import Function, InitError, Request, Sandbox

if TYPE_CHECKING:
    from localstack.services.lambda_.invocation.lambda_models import (
        FunctionVersion,
        VersionFunctionConfiguration,
    )

LOG = logging.getLogger(__name__)


class ProcessExecutor(RuntimeExecutor):
    """One Lambda environment. LocalStack's contract is in `RuntimeExecutor`."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002
        super().__init__(id=id, function_version=function_version)
        self._scratch = _scratch_root() / "environments" / id
        self._sandbox: Sandbox | None = None

    def start(self, env_vars: dict[str, str]) -> None:
        self._scratch.mkdir(parents=True)
        if not gc.get_freeze_count():
            # All services that this needs are loaded by now and stay; walking them again and again
            # would stop every thread for up to a second.
            gc.freeze()
        config = self.function_version.config
        self._sandbox = Sandbox(
            Function(
                interpreter=interpreter_of(config.runtime),
                handler=config.handler or "",
                version=self.function_version.id.qualifier,
                code=_code_of(config),
                layers=_layers_of(config),
                timeout_seconds=config.timeout,
                memory_mb=config.memory_size,
                environment=_environment(config, env_vars, self._scratch),
                json_logs=config.logging_config.get("LogFormat") == "JSON",
                only_failures=config.logging_config.get("SystemLogLevel") == "WARN",
            )
        )
        provisioned = env_vars.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "provisioned-concurrency"
        try:
            self._sandbox.start(strict=provisioned)
        except InitError as error:
            raise LambdaRuntimeException(str(error)) from error

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        assert self._sandbox is not None
        request = Request(
            request_id=payload["invoke-id"],
            function_arn=payload["invoked-function-arn"],
            payload=payload["payload"].encode() or b"{}",
            trace_id=payload["trace-id"],
        )
        result = self._sandbox.invoke(request)
        return InvocationResult(
            request_id=request.request_id,
            payload=result.payload,
            is_error=result.is_error,
            logs=result.log,
        )

    def stop(self) -> None:
        if self._sandbox is not None:
            self._sandbox.stop()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        return "http://127.0.0.1"

    def get_logs(self) -> str:
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unzip code and layers. What is raised here becomes the function's StateReason."""
        config = function_version.config
        interpreter_of(config.runtime)
        for code in (config.code, *(layer.code for layer in config.layers)):
            if code is None or code.is_hot_reloading():
                raise ValueError("only zip packages can be run, not images or hot-reload folders")
            code.prepare_for_execution()
        _layers_of(config)

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Nothing to undo: LocalStack removes the code it unzipped."""

    @classmethod
    def validate_environment(cls) -> bool:
        """Whether there is an interpreter at all; LocalStack ignores the answer, hence the log."""
        if not (known := _interpreters()):
            LOG.error("LAMBDA_PROCESS_INTERPRETERS names no interpreter: no function can run")
        return bool(known)


def interpreter_of(runtime: str | None) -> str:
    """Path of the interpreter for a Lambda runtime such as python3.13; ValueError if unknown."""
    try:
        return _interpreters()[runtime or ""]
    except KeyError:
        known = ", ".join(sorted(_interpreters())) or "none"
        raise ValueError(f"no interpreter for runtime {runtime}; configured: {known}") from None


def _interpreters() -> dict[str, str]:
    setting = os.environ.get("LAMBDA_PROCESS_INTERPRETERS", "")
    pairs = (entry.partition("=") for entry in setting.split(",") if entry)
    return {runtime.strip(): path.strip() for runtime, _, path in pairs}


def _scratch_root() -> Path:
    return Path(tempfile.gettempdir()) / "lambda"


def _code_of(config: VersionFunctionConfiguration) -> Path:
    assert config.code is not None
    return Path(config.code.get_unzipped_code_location())


def _layers_of(config: VersionFunctionConfiguration) -> Path | None:
    codes = (layer.code for layer in config.layers)
    folders = [Path(code.get_unzipped_code_location()) for code in codes if code is not None]
    kept = os.environ.get("LAMBDA_CODE_FOLDER")
    return layers.merge(folders, kept_code.layers_path(Path(kept) if kept else _scratch_root()))


def _environment(
    config: VersionFunctionConfiguration, given: dict[str, str], scratch: Path
) -> dict[str, str]:
    """AWS's variables for a Python function; nothing of LocalStack's own environment gets in."""
    code, opt = str(_code_of(config)), _layers_of(config)
    own = {name: str(value) for name, value in given.items()}
    search = [code]
    if opt is not None:
        search += [f"{opt}/python/lib/{config.runtime}/site-packages", f"{opt}/python"]
    libraries = [code, f"{code}/lib"] + ([f"{opt}/lib"] if opt else [])
    programs = ([f"{opt}/bin"] if opt else []) + ["/usr/local/bin", "/usr/bin", "/bin"]
    return {
        "PATH": ":".join(programs),
        "LD_LIBRARY_PATH": ":".join(libraries),
        "LANG": "C.UTF-8",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        **own,
        # AWS puts these folders first, even if a function sets PYTHONPATH.
        "PYTHONPATH": ":".join([*search, *filter(None, [own.get("PYTHONPATH")])]),
        "LAMBDA_TASK_ROOT": code,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.runtime}",
        # Where AWS has /opt: code that opens layer files by absolute path asks here first.
        **({"LAMBDA_LAYER_ROOT": str(opt)} if opt else {}),
    }
