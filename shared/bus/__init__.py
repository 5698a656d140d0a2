"""How services tell each other what happened: a log each, pushed by a broker, repaired by asking.

    credit's database                       RabbitMQ (or memory://)                 territory's database
    +-----------+   relay    exchange csem.events   queue csem.territory.credit     +--------------+
    | event_log | ---------> (topic; key = type) -> (key org.csem.credit.#) ------> | event_cursor |
    +-----------+                                                          ear      | copy_* ...   |
          |                                                                + lane   | event_parked |
          +---- feed: GET /events?after= ------------- asked when a position is --> | event_reacted|
                                                       missing, and every 2 s       +--------------+

What holds, whatever is killed, lost, doubled or late:
an event is in the log exactly when the change it tells of is committed; its effects on a consumer are committed
once, in the order of the source's positions; nothing waits for a broker that is down longer than the poll.

What is *not* promised: that anybody has handled an event once `append` or the relay returns; any order between two
sources; that a message on the broker is kept (queues are bounded; the log is the store); that a handler runs only
once (its transaction may be rolled back and tried again, so it must do nothing that a rollback cannot undo).

    tables         what is kept in each database
    envelope       the CloudEvents form in which an event travels
    log            append, read, blank and renew a service's own log
    relay          numbers what is committed and hands it to the broker
    feed, sources  serves the log to other services; asks theirs
    broker         the only place that speaks kombu: topology and connections
    subscriptions  which event types a service keeps copies of or reacts to
    inbox          the transaction in which events are taken and the cursor moves
    subscriber     the ear at the broker; lane: what one consumer takes of one source
    locks          one at a time over all processes
    parking        where failed events wait; parked: list, retry, discard; failures: what is told of an error
    replay         copies dropped and rebuilt from position 0
    station        all of a service's side of the bus, composed; resource, cli: for people
    failpoints     named places where a test lets a process die
"""
