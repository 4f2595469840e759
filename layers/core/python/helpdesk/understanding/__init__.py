"""Understanding a message: what it asks for, how sure the desk is, and what the message names.

The only package that imports spaCy, onnxruntime and numpy. In the order a message meets them:
`text` (the part that is read), `encoder` (text to vector), `entities`, `language`, `sentiment`
(components of the pipeline), `model` (the learned part, a small artifact), `pipeline` (all of it in
one pass).
`training` fits a model to utterances.
"""

from helpdesk.understanding.encoder import Encoder, EncoderMissingError, load_encoder
from helpdesk.understanding.model import Model, ModelMismatchError
from helpdesk.understanding.pipeline import Understander
from helpdesk.understanding.training import fit

__all__ = [
    "Encoder",
    "EncoderMissingError",
    "Model",
    "ModelMismatchError",
    "Understander",
    "fit",
    "load_encoder",
]
