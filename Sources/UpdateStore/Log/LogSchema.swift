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
