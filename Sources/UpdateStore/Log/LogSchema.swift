extension StoreSchema {
    /// `log.sqlite`. The rows of `record` are the truth; `exemplar`, `intent`, `policy`, `key` and `vertical` say where
    /// the living things are and follow from the records.
    ///
    /// Texts of unknown make are blobs: SQLite's own texts end at a NUL.
    static let log = StoreSchema(
        applicationID: 0x53_57_4C_47,
        name: "update log",
        steps: [
            """
            CREATE TABLE log (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                log_id BLOB NOT NULL,
                epoch INTEGER NOT NULL,
                first INTEGER NOT NULL,
                head INTEGER NOT NULL,
                digest BLOB NOT NULL,
                encoder_id BLOB,
                dimensions INTEGER
            ) STRICT;

            CREATE TABLE operation (
                number INTEGER PRIMARY KEY,
                operation_id BLOB NOT NULL UNIQUE,
                change_id BLOB NOT NULL,
                source BLOB NOT NULL,
                author BLOB NOT NULL,
                time_us INTEGER NOT NULL,
                first_seq INTEGER,
                last_seq INTEGER NOT NULL,
                bytes INTEGER NOT NULL,
                digest BLOB NOT NULL,
                content BLOB NOT NULL,
                receipt BLOB NOT NULL
            ) STRICT;
            CREATE INDEX operation_change ON operation (change_id);

            CREATE TABLE operation_vertical (
                vertical INTEGER NOT NULL,
                operation INTEGER NOT NULL,
                PRIMARY KEY (vertical, operation)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE record (
                seq INTEGER PRIMARY KEY,
                operation INTEGER NOT NULL,
                kind INTEGER NOT NULL,
                format INTEGER NOT NULL,
                checksum INTEGER NOT NULL,
                payload BLOB NOT NULL
            ) STRICT;

            CREATE TABLE vertical (
                number INTEGER PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                exemplars INTEGER NOT NULL
            ) STRICT;

            CREATE TABLE exemplar (
                first_seq INTEGER PRIMARY KEY,
                id BLOB NOT NULL UNIQUE,
                vertical INTEGER NOT NULL,
                intent INTEGER NOT NULL,
                seq INTEGER NOT NULL,
                term BLOB NOT NULL
            ) STRICT;

            CREATE TABLE intent (
                id INTEGER PRIMARY KEY,
                vertical INTEGER NOT NULL,
                path BLOB NOT NULL,
                alias_of INTEGER,
                set_seq INTEGER
            ) STRICT;

            CREATE TABLE policy (
                scope TEXT PRIMARY KEY,
                seq INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID;
            """,
            """
            ALTER TABLE log ADD COLUMN next_encoder_id BLOB;
            ALTER TABLE exemplar ADD COLUMN vector_seq INTEGER;
            ALTER TABLE exemplar ADD COLUMN next_seq INTEGER;
            ALTER TABLE exemplar ADD COLUMN next_term BLOB;
            """,
            // A row keeps the vector that serves and the next one side by side. Which is which follows from the change of
            // encoders that the next one was made for, so that a switch writes one row, however many exemplars there are.
            // `exemplar` shows each as it is; a row is made plain when it is next written. Of a change under way from
            // before, `next_sum` is made when the log is opened.
            """
            ALTER TABLE exemplar RENAME TO exemplar_row;
            ALTER TABLE exemplar_row ADD COLUMN next_change INTEGER;
            UPDATE exemplar_row SET next_change = 1 WHERE next_seq IS NOT NULL;
            ALTER TABLE log ADD COLUMN serving_change INTEGER;
            ALTER TABLE log ADD COLUMN next_change INTEGER NOT NULL DEFAULT 1;
            ALTER TABLE log ADD COLUMN next_count INTEGER NOT NULL DEFAULT 0;
            ALTER TABLE log ADD COLUMN next_sum BLOB;
            UPDATE log SET next_count = (SELECT count(*) FROM exemplar_row WHERE next_seq IS NOT NULL);
            CREATE VIEW exemplar AS
            SELECT live.first_seq, live.id, live.vertical, live.intent, live.seq,
                CASE WHEN live.next_change = log.serving_change THEN live.next_term ELSE live.term END AS term,
                CASE WHEN live.next_change = log.serving_change THEN live.next_seq ELSE live.vector_seq END AS vector_seq,
                CASE WHEN live.next_change = log.next_change THEN live.next_seq END AS next_seq,
                CASE WHEN live.next_change = log.next_change THEN live.next_term END AS next_term
            FROM log, exemplar_row AS live WHERE log.id = 1;
            """,
            keys,
        ],
    )

    /// Who may connect. Stands by itself, without the record that said so, since that may be trimmed away.
    private static let keys = """
        CREATE TABLE key (
            name TEXT PRIMARY KEY,
            seq INTEGER NOT NULL,
            public_key BLOB NOT NULL UNIQUE,
            roles TEXT NOT NULL,
            verticals TEXT NOT NULL,
            revoked INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
