"""The rooms that can be mutated, and the unit tests that belong to each."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers/core/python/helpdesk"
UNIT = ROOT / "tests/unit"

USE_CASES = (
    "test_customers*.py",
    "test_processing*.py",
    "test_reconciling*.py",
    "test_agents*.py",
)
"""The use cases of customers, worker, clock and agents: they run for every room."""

ROOMS: dict[str, tuple[str, ...]] = {
    "characters": ("test_characters.py",),
    "wording": ("test_wording.py",),
    "speaking": ("test_speaking.py",),
    "triage": ("test_triage*.py",),
    "cases": ("test_cases*.py",),
    "evidence": ("test_evidence*.py",),
    "drafting": ("test_grounding*.py", "test_drafting_*.py", "test_injections.py"),
    "hours": ("test_hours.py",),
    "naming": ("test_naming.py",),
    "severity": ("test_severity*.py",),
    "priority": ("test_priority.py",),
    "knowledge": ("test_knowledge.py", "test_facts.py"),
    "access": ("test_access.py",),
    "belonging": ("test_belonging.py", "test_erasure_rules.py"),
    "identity": ("test_identity.py",),
    "mime": ("mail/test_mail_*.py",),
    "mail": ("mail/test_mail_*.py",),
    "limits": ("test_limits*.py",),
    "stats": ("test_stats.py",),
    "reliability": ("test_reliability.py",),
    "figures": ("test_figures*.py",),
    "masking": ("test_masking.py",),
    "linting": ("test_linting.py",),
    "curation": ("test_curation*.py", "test_facts.py"),
    "operations": ("test_operations_rules.py",),
    "learning": ("test_learning*.py",),
    "erasure": ("test_erasure_rules.py",),
    "ticket": ("test_ticket*.py", "test_customer_keys.py"),
    "ports": (),
    "families": ("test_families.py",),
    "moving": (),
    "repeating": ("test_repeating.py",),
    "announcing": ("test_announcing.py",),
    "outbox": ("test_outbox*.py",),
    "holding": ("test_holding.py",),
    "watching": ("test_holding.py", "test_families.py"),
    "unread": ("test_files*.py",),
    "notifying": ("test_notifying*.py",),
    "files": ("test_files*.py",),
    "customers": ("test_customers*.py",),
    "receiving": ("test_receiving*.py",),
    "collecting": ("test_collecting.py",),
    "denying": ("test_denying.py",),
    "matters": ("test_matters.py",),
    "considering": ("test_considering.py",),
    "recognising": ("test_recognising.py",),
    "proposing": ("test_proposing.py",),
    "records": ("test_records*.py",),
    "tracking": ("test_tracking*.py",),
    "processing": ("test_processing*.py", "test_facts.py"),
    "papers": ("test_papers.py",),
    "analysing": ("test_analysing.py",),
    "redrafting": ("test_redrafting*.py",),
    "steps": ("test_steps.py",),
    "assisting": ("test_assisting*.py",),
    "evaluation": ("test_evaluation*.py",),
    "reconciling": ("test_reconciling*.py",),
    "roster": ("test_roster.py",),
    "agents": ("test_agents*.py",),
    "helpcenter": ("test_helpcenter*.py",),
    "pages": ("test_pages*.py",),
    "incidents": ("test_incidents*.py",),
}
"""Patterns of files in `tests/unit`, by room. The room's own run first: most faults end there."""


def sources(room: str) -> list[Path]:
    """Return the files of a room: one module, or those of a package."""
    module = PACKAGE / f"{room}.py"
    return [module] if module.exists() else sorted((PACKAGE / room).rglob("*.py"))


def tests(room: str) -> list[Path]:
    """Return the test files of a room, its own first. Raises FileNotFoundError without one."""
    found: list[Path] = []
    for pattern in (*ROOMS[room], *USE_CASES):
        files = sorted(UNIT.glob(pattern))
        if not files:
            raise FileNotFoundError(f"the room {room} names tests that are not there: {pattern}")
        found += [path for path in files if path not in found]
    return found


def module(path: Path) -> str:
    """Return the dotted name under which a file of the package is imported."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
