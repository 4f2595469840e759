"""The tables: words and phrases that the rules look for. To change a rule is to change a row."""

import re
from typing import Final

OPENINGS: Final = re.compile(
    r"(?:(?:i am|i'm|we are|we're) )?(?:happy|glad|delighted|pleased) to "
    r"|gladly|good news|great news|no problem|no worries|not a problem|of course\b|certainly"
    r"|absolutely|sure\b|great question|good question|thank(?:s| you) for |i understand"
    r"|we understand|i hope|we hope|let me |let's |you are very welcome|rest assured"
    r"|we appreciate|we value",
    re.IGNORECASE,
)
"""How an answer does not begin: the answer is its first sentence."""

FIRST_PERSON: Final = re.compile(r"\b(?:I|I'm|I'll|I've|I'd|me|my|myself)\b")
"""A machine that speaks as a person."""

PROMISES: Final = re.compile(
    r"\bphotos?\b|\bpictures? of\b|\battach|\bby letter\b|\bsenior colleague|\bsupervisor\b"
    r"|is looking (?:at|into) (?:this|it)|call you back|\bphone you\b|\bring you\b"
    r"|\breply\b[^.!?]{0,60}\band (?:a|one of our|our) colleagues? (?:will|can)\b",
    re.IGNORECASE,
)
"""What the product does not do: it takes no pictures and no letters, and it does not call."""

LEFTOVERS: Final = re.compile(
    r"\{\{|\}\}|\$\{|\[(?:your|the|insert|name|company)\b[^\]]*\]|\blorem ipsum\b|\bTODO\b|\bTBD\b"
    r"|\bFIXME\b|\bX{3,}\b|&(?:amp|nbsp|lt|gt|quot|#\d+);"
    r"|</?(?:br|p|b|i|a|div|span)\b[^>]*>|\b(?:phone|mobile|data|internet) plans?\b",
    re.IGNORECASE,
)
"""What was left of a template or of a page."""

ADDRESS: Final = re.compile(r"(?:https?://|\bwww\.)[^\s)\]>\"',]+", re.IGNORECASE)
"""The address of a page."""

MOJIBAKE: Final = re.compile(
    "\ufffd|\u00c3[\u0080-\u00bf]|\u00c2[\u00a0-\u00bf]|\u00e2\u20ac|\u00e2\u0080|\u00ef\u00bf\u00bd"
)
"""UTF-8 that was read as another encoding."""

PLANS: Final = re.compile(
    r"\b(gold|silver|bronze|platinum|pro|standard|premium|freemium) (?:plan|account|user)\b",
    re.IGNORECASE,
)
"""Kinds of accounts: left-overs, unless an answer knows them."""

NAMED: Final = re.compile(
    r"^(?i:hi|hello|hey|dear|thanks|thank you|good morning),? "
    r"(?!There|Team|Support|All|Everyone|Sir|Madam|Again|For|So|Very|But|And|You|The|I\b)"
    r"([A-Z][a-z]{2,})\b"
)
"""A person's name after a greeting."""

STOP_WORDS: Final = frozenset(
    "a an the i im i'm ive i've id i'd you your yours u ur me my mine we our us it its it's this "
    "that these those there here is are was were be been am do does did have has had having will "
    "would shall should can could may might must to of in on at for from with by about as so just "
    "please pls plz kindly hi hello hey dear thanks thank ok okay and or then now really very too "
    "want wanna need like some any".split()
)
"""Words that do not tell one matter from another. Negations and question words do."""

ANGRY: Final = re.compile(
    r"\b(?:ridiculous|unacceptable|disgrace\w*|disgust\w*|furious|angry|fed up|sick (?:of|and)"
    r"|rubbish|garbage|useless|worst|terrible|horrible|awful|pathetic|joke|scam\w*|rip[- ]?off"
    r"|thie(?:f|ves)|liars?|lied|lying|hell|damn\w*|wtf|ffs|crap\w*|shit\w*|bloody|stupid|idiots?"
    r"|incompetent|outrag\w*|never again|how dare|enough|seriously|unbelievable|shame\w*|appalling"
    r"|nonsense|cheat\w*|hate)\b|!!|\?!|!\?|\?\?\?",
    re.IGNORECASE,
)
SHOUTED: Final = re.compile(r"\b[A-Z]{3,}\b(?:.*\b[A-Z]{3,}\b)")
"""Words of anger, several marks, or two words in capitals."""

CHAT: Final = re.compile(
    r"\b(?:u|ur|r|pls|plz|plss?|thx|tnx|wanna|gonna|gotta|dont|cant|wont|didnt|doesnt|isnt|wasnt"
    r"|im|ive|id like|whats|wheres|hows|whens|thats|y|cuz|coz|bcoz|b4|2day|msg|acc|abt|ppl"
    r"|alot|recieve\w*|recive\w*|adress\w*|acount\w*|refound\w*|delivary|cancle\w*|canel\w*"
    r"|pasword|passwrod|oder|ordr|ordre|teh|hwo|waht|wnat|wich|becuase|thier|definately|payed"
    r"|seperate\w*|shiping|invoce|invioce)\b",
    re.IGNORECASE,
)
"""How people mistype and shorten; other typos are found by their nearness to frequent words."""

NON_NATIVE: Final = re.compile(
    r"\bhow (?:i|we|you) (?:can|must|should|could|do|make|get|return|cancel|change|pay)\b"
    r"|\bplease to\b|\bexplain (?:me|us)\b|\bsay me\b|\btell to me\b|\bwrite me back\b"
    r"|\b(?:informations|advices|moneys|feedbacks|equipments|goodses)\b"
    r"|\b(?:since|from) (?:\w+ )?(?:one|two|three|four|five|\d+) (?:day|week|month|year)s?\b"
    r"|\b(?:did not|didn't|didnt) (?:\w+ed|came|got|went|sent|bought|paid)\b"
    r"|\b(?:i|we) (?:am|are) (?:agree|want|need|have)\b|\b(?:i|we) (?:am|are) (?:wanting|needing)\b"
    r"|\b(?:he|she|it|this|order|parcel|package|money|item) (?:not|no) \w+"
    r"|\b(?:is|are) not (?:come|arrive|work|function)\b|\bwhat (?:means|is mean)\b"
    r"|\bit is (?:possible|necessary) (?:that|to|return|change|cancel)\b|^is possible\b"
    r"|\b(?:i|we) (?:have|had) (?:buy|pay|send|order|receive|forget|make|write)\b"
    r"|\b(?:want|need|like|wish) (?:return|cancel|change|know|send|get|have|buy|pay|make|open)\b"
    r"|\bmake (?:a |the )?(?:order|return|payment|cancel)\b|\bin (?:the )?internet\b"
    r"|\b(?:until|till) (?:now )?(?:no|nothing|not)\b|\byesterday i (?:buy|order|pay|send)\b"
    r"|\b(?:i|we) (?:no|not) (?:have|want|can|get|receive|know|understand)\b"
    r"|\bhave (?:you|i) the possibility\b|\bone question\b|\bgood day\b|\bdear (?:sirs?|team)\b"
    r"|\bwith (?:best|kind) regards?\b|\bmy english\b|\bbecause of this i\b",
    re.IGNORECASE,
)
"""What learners of English write; every pattern was heard of speakers of other languages."""

STEP: Final = re.compile(r"^\s*(?:\d+[.)]|[-*•])\s", re.MULTILINE)
"""A step in a line of its own."""
