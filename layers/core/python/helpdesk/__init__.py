"""Customer support that answers what it knows and hands everything else to a person.

The rooms, in the order a question meets them, each importing only from those named before it:

    ticket          a customer's matter: its states and the legal moves between them
    knowledge       what the desk can answer: articles with their intents and utterances
    triage          understanding + policy -> answer, or escalate with a reason; total and pure
    priority        how urgent a ticket is, by points a person can check, and when it is due
    desk            the use cases, with the ports they need from outside
    stats           what the desk achieved in a span of time, counted from its events
    agents          what an agent does all day, with the ports it needs
    curation        what leads do to the knowledge; every version is kept
    operations      what leads do to the machinery: queues and dead letters
    access          the customer's secret token
    limits          how much one caller may ask
    erasure         forgetting tickets and customers
    contract        what crosses the HTTP and queue borders, validated; the OpenAPI document
    settings        every environment variable, with its type
    aws             the ports over DynamoDB, SQS and S3; makes every client of boto3
    understanding   the understander over spaCy; the only room that knows spaCy
    masking         personal data in a text made unreadable
    telemetry       structured logs and metrics, never message text
    web             the frame of every HTTP door: reading, answering, refusing in problems
    composition     where the adapters meet: from settings or stack outputs to the parts in use

Doors (`functions/`, `agent_cli/`) import from here; nothing here imports from a door.
"""
