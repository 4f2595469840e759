"""Customer support that answers what it knows and hands everything else to a person.

The modules and packages. Each imports only from those above it in this list:

    characters      characters that show nothing, steer what shows them, or pile up
    wording         what words show by themselves: danger, law, fraud, courtesy
    speaking        the part of a message that speaks, without what mails carry beside it
    knowledge       what the desk can answer: articles with their intents and utterances
    triage          understanding + policy -> answer, or escalate with a reason; total and pure
    cases           whether a message is a case that the desk has already
    evidence        passages of the desk that speak to a question
    drafting        replies that wait for an agent, each part with its evidence
    naming          what a ticket names in messages and files, each with its origin
    hours           when the desk works, and how long a span is when only those hours count
    severity        how serious it is: level, marks, team and hours, by tables of rules
    priority        how urgent a ticket is, by points a person can check, and when it is due
    ticket          a customer's matter: its states and the legal moves between them
    records         what the shop knows of a customer: the record and the orders
    access          the customer's secret token
    identity        who vouches for a customer: a server's key, or a shop's signature
    mime            what mails and pages are made of: charsets, headers, parts, HTML as text
    mail            what comes by mail, read and placed; what goes out by mail, written
    ports           what the use cases need from outside, and the errors from there
    families        tickets that were merged into one
    moving          one optimistic retry for every use case
    belonging       which addresses, references and names are one customer
    repeating       a customer's move that is asked for twice is made once
    announcing      telling customers that a person has their question
    outbox          mails that leave: stored with their move, sent at least once, marked
    masking         personal data in a text made unreadable
    notifying       leads hear of what must not wait: rules, contents, channels
    unread          why a file of a customer is refused or has no text
    files           what customers send with a ticket: announced, read, given out by links
    limits          how much one caller may ask
    holding         how long requests that wait are held, when many wait
    customers       the use cases of customers: ask, look, write again, rate, close
    watching        a look that is held back until there is news
    receiving       mails that come in: each becomes a ticket, a message or a note
    collecting      the mails of a folder, each taken once, for a desk without a mail service
    denying         whether a message denies the matter that it would be answered about
    matters         whether a message asks for one thing, two, or more than the desk may answer
    considering     what the desk decides on a text: one function for all who ask
    recognising     whether a ticket is one of its customer's recent cases
    proposing       a first draft for a ticket that people get
    tracking        the status of a proven customer's own orders, as an answer or a question
    processing      the use case of the worker: answer a ticket, ask back, or hand it to people
    papers          which document a file is, and an extract of it
    analysing       what would become of a message, for a shop's own systems
    redrafting      the use case of the drafter: an engine's draft in the place of a quotation
    steps           what is to be done next inside the shop, from a configured vocabulary
    assisting       a draft and next steps for a message, with all that was looked up for it
    reliability     how sure something is, held against how often it is right
    evaluation      how good the desk is, by labelled conversations that only judge
    reconciling     the use case of the clock: find what the queues lost
    stats           what the desk achieved in a span of time, counted from its events
    figures         counts of days, kept and added up: tickets, duplicates, mails, files, notices
    agents          the use cases of agents, with the ports they need
    incidents       many customers, the same matter within hours: a suggestion, one reply to all
    roster          the roles and departments of agents
    learning        from edited articles to a published model, past a gate
    linting         what is wrong with a knowledge as a text, by a table of rules
    curation        what leads do to the knowledge; every version is kept
    operations      what leads do to the machinery: queues and dead letters
    erasure         forgetting tickets and customers
    contract        what crosses the HTTP and queue borders, validated
    arrivals        what the bucket of mails says of a mail that came in, validated
    file_contract   the same about files
    pages           what visitors read without a key, put together once
    helpcenter      articles that everyone may read before asking, and the nearest to a few words
    settings        every environment variable, with its type
    starting        the start of a function: no garbage is looked for
    telemetry       structured logs and metrics, never message text
    batches         a batch of a queue, taken record by record
    preparing       what a function makes ready before the first request or message
    web             the frame of every HTTP door
    admission       who is let in at the customers' door
    headers         what the headers of a request ask of a door
    openapi         the OpenAPI document
    smtp            the sender of mails over SMTP
    posting         posts to addresses of the world, and to no private one
    engines         the language models that write drafts: Bedrock, Anthropic, OpenAI's and like it
    records_http    records that another system of the shop keeps, read over HTTPS
    imap            a folder of a mail server, read over IMAP
    aws             the ports over DynamoDB, SQS, S3, SES and parameters
    understanding   the understander over spaCy; the only package that imports spaCy
    likening        how close a reply is to the one a careful person wrote
    composition     the parts of a stack put together: only here do adapters meet use cases

Doors (`functions/`, `agent_cli/`) import from here; nothing here imports from a door.
"""
