extension StoreSchema {
    /// `feedback.sqlite`: the latest word of each source on each reply, and how many words there are of each kind.
    static let feedback = StoreSchema(
        applicationID: 0x53_57_46_42,
        name: "feedback store",
        steps: [
            """
            CREATE TABLE feedback (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                reply_id BLOB NOT NULL,
                source INTEGER NOT NULL,
                time_us INTEGER NOT NULL,
                vertical TEXT NOT NULL,
                text BLOB NOT NULL,
                answered BLOB,
                verdict INTEGER NOT NULL,
                right_intent BLOB,
                conversation_id BLOB NOT NULL,
                outcome INTEGER,
                probability REAL,
                decided_by INTEGER,
                log_id BLOB,
                seq INTEGER,
                origin BLOB NOT NULL,
                UNIQUE (reply_id, source)
            ) STRICT;

            CREATE TABLE total (
                vertical TEXT NOT NULL,
                source INTEGER NOT NULL,
                verdict INTEGER NOT NULL,
                count INTEGER NOT NULL,
                PRIMARY KEY (vertical, source, verdict)
            ) STRICT, WITHOUT ROWID;
            """
        ],
    )
}
