"""Starts and stops the LocalStack this project runs on, without Docker."""

from infra.emulator.errors import EmulatorError
from infra.emulator.lifecycle import Endpoint, Status, ensure_running, forget, status, stop
from infra.emulator.log import log_offset, skipped_resources
from infra.emulator.state_folder import DEFAULT_PORT, DEFAULT_STATE

__all__ = [
    "DEFAULT_PORT",
    "DEFAULT_STATE",
    "EmulatorError",
    "Endpoint",
    "Status",
    "ensure_running",
    "forget",
    "log_offset",
    "skipped_resources",
    "status",
    "stop",
]
