"""What the NLP layer's recipe takes out of spaCy and thinc, so that functions start sooner.

`import spacy` loads every component, network and language there is and describes its settings to
pydantic. The desk's pipeline is a tokenizer and components of its own, so all of that waits until
it is asked for.
"""

from pathlib import Path

from layers.thinning import load_on_demand, replace, rewrite

GATHERING = (
    "spacy/matcher/__init__.py", "spacy/pipeline/__init__.py", "spacy/training/__init__.py",
    "srsly/__init__.py", "thinc/api.py", "thinc/layers/__init__.py",
)  # fmt: skip

COMMAND_LINE = '"""Left out of the layer: the command line and what it imports."""\n'
COMMAND_LINE_INFO = '''"""Left out of the layer with the rest of the command line."""


def info(*args: object, **kwargs: object) -> dict[str, object]:
    raise NotImplementedError("spacy.info is not part of the layer")
'''

REGISTRATIONS = '''"""The names that settings may use: those of a pipeline that learns nothing."""

REGISTRY_POPULATED = False


def populate_registry() -> None:
    global REGISTRY_POPULATED
    if REGISTRY_POPULATED:
        return
    from .language import create_tokenizer, load_lookups_data
    from .util import registry

    registry.misc("spacy.LookupsDataLoader.v1")(load_lookups_data)
    registry.tokenizers("spacy.Tokenizer.v1")(create_tokenizer)
    REGISTRY_POPULATED = True
'''
FACTORIES = '''"""Left out of the layer: spaCy's own components."""


def register_factories() -> None:
    """There is none to register."""
'''

MODEL = "    BaseModel,\n"
DEFERRED = '''

class BaseModel(_BaseModel):
    """Described to pydantic when it is first used: no function uses most of them."""

    model_config = ConfigDict(defer_build=True)


# fmt: off
ItemT ='''
REBUILT = "_schema.model_rebuild(_types_namespace=_rebuild_ns)"
NAMED = "vars(sys.modules[_schema.__module__]).update(_rebuild_ns)"


def thin(site: Path) -> None:
    """Change the packages installed in `site`. Raises ChangedUpstreamError."""
    for name in GATHERING:
        load_on_demand(site / name)
    command_line = site / "spacy/cli"
    command_line.mkdir()
    (command_line / "__init__.py").write_text(COMMAND_LINE)
    (command_line / "info.py").write_text(COMMAND_LINE_INFO)
    rewrite(site / "spacy/registrations.py", REGISTRATIONS)
    rewrite(site / "spacy/pipeline/factories.py", FACTORIES)

    schemas = site / "spacy/schemas.py"
    replace(schemas, MODEL, "    BaseModel as _BaseModel,\n")
    replace(schemas, "\n# fmt: off\nItemT =", DEFERRED)
    replace(site / "spacy/__init__.py", REBUILT, NAMED)

    language = site / "spacy/language.py"
    starting = "from .training.initialize import init_tok2vec, init_vocab\n"
    replace(language, starting, "")
    call = "            init_vocab(\n"
    replace(language, call, f"            {starting}\n{call}")

    versions = site / "spacy/util.py"
    requirement = "from packaging.requirements import Requirement\n"
    replace(versions, requirement, "")
    call = "    req = Requirement(requirement)\n"
    replace(versions, call, f"    {requirement}\n{call}")

    # Its first version's schemas are for settings that were written for spaCy 2.
    replace(site / "confection/validation.py", "if sys.version_info >= (3, 14):", "if True:")
