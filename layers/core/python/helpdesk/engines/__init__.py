"""The engines that write drafts, each behind the port `drafting.Engine`.

Each asks once for one JSON object and waits TIME_OUT seconds at most; what is tried again is tried
by the queue. None sends more of a ticket than the request holds, and no error repeats any of it.

    asking      how much every engine is sent
    answers     what every engine must answer: a JSON object of parts
    keys        the key of an engine, kept for some minutes
    posts       one JSON post, with its failures as engines have them
    bedrock     Amazon Bedrock, by Converse
    anthropic   the Messages API of Anthropic
    openai      chat completions, as OpenAI and many servers of one's own have them
"""

from helpdesk.engines.anthropic import Anthropic
from helpdesk.engines.bedrock import Bedrock
from helpdesk.engines.keys import KeptKey, Key, NoKey
from helpdesk.engines.openai import OpenAI
from helpdesk.engines.posts import TIME_OUT

__all__ = ["TIME_OUT", "Anthropic", "Bedrock", "KeptKey", "Key", "NoKey", "OpenAI"]
