extension StoreSchema {
    /// `pool.sqlite`: each different utterance of a pool once, the calls that it was said in, and its vector.
    ///
    /// `call` holds the latest calls of an utterance, `utterance.calls` counts all. `total` and `departed` are what the
    /// tables add up to, and what left them.
    static let pool = StoreSchema(
        applicationID: 0x53_57_50_4C,
        name: "pool of unexplained utterances",
        steps: [
            """
            CREATE TABLE pool (
                name TEXT NOT NULL PRIMARY KEY,
                time_us INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE utterance (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                pool TEXT NOT NULL,
                exemplar_id BLOB NOT NULL,
                role INTEGER NOT NULL,
                vertical TEXT NOT NULL,
                text_id BLOB NOT NULL,
                text BLOB NOT NULL,
                reason INTEGER NOT NULL,
                time_us INTEGER NOT NULL,
                calls INTEGER NOT NULL,
                kept INTEGER NOT NULL,
                conversations INTEGER NOT NULL,
                bytes INTEGER NOT NULL,
                checked_log BLOB,
                checked_seq INTEGER,
                UNIQUE (pool, exemplar_id, role)
            ) STRICT;
            CREATE INDEX utterance_by_age ON utterance (pool, reason, time_us, number);
            CREATE INDEX utterance_by_text ON utterance (text_id);

            CREATE TABLE call (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                utterance INTEGER NOT NULL,
                request_id BLOB NOT NULL,
                conversation_id BLOB NOT NULL,
                origin BLOB NOT NULL,
                time_us INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX call_by_request ON call (utterance, request_id);
            CREATE INDEX call_by_conversation ON call (utterance, conversation_id);
            CREATE INDEX call_by_age ON call (time_us);

            CREATE TABLE vector (
                utterance INTEGER PRIMARY KEY,
                encoder_id BLOB NOT NULL,
                vector BLOB NOT NULL
            ) STRICT;

            CREATE TABLE total (
                pool TEXT NOT NULL,
                reason INTEGER NOT NULL,
                utterances INTEGER NOT NULL,
                calls INTEGER NOT NULL,
                bytes INTEGER NOT NULL,
                PRIMARY KEY (pool, reason)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE departed (
                pool TEXT NOT NULL,
                cause INTEGER NOT NULL,
                count INTEGER NOT NULL,
                PRIMARY KEY (pool, cause)
            ) STRICT, WITHOUT ROWID;
            """
        ],
    )
}
