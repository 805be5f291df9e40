extension StoreSchema {
    /// `runs/review.sqlite`: what runs proposed, and every decision about it.
    static let review = StoreSchema(
        applicationID: 0x53_57_52_56,
        name: "review store",
        steps: [
            """
            CREATE TABLE proposal (
                id BLOB PRIMARY KEY,
                pool TEXT NOT NULL,
                run BLOB NOT NULL,
                vertical TEXT NOT NULL,
                head BLOB NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX proposal_of_run ON proposal (run);

            CREATE TABLE member (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                proposal BLOB NOT NULL,
                text BLOB NOT NULL,
                calls INTEGER NOT NULL,
                conversations INTEGER NOT NULL,
                centrality REAL NOT NULL,
                origin BLOB NOT NULL
            ) STRICT;
            CREATE INDEX member_of_proposal ON member (proposal, centrality DESC, number);

            CREATE TABLE decision (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                operation BLOB NOT NULL UNIQUE,
                proposal BLOB NOT NULL,
                time_us INTEGER NOT NULL,
                is_done INTEGER NOT NULL,
                is_undone INTEGER NOT NULL,
                body BLOB NOT NULL
            ) STRICT;

            CREATE TABLE touched (
                proposal BLOB NOT NULL,
                decision INTEGER NOT NULL,
                PRIMARY KEY (proposal, decision)
            ) STRICT, WITHOUT ROWID;
            """,
            // How a run ended, from the moment its proposals are here until its own file says so.
            """
            CREATE TABLE ended (
                run BLOB PRIMARY KEY,
                outcome BLOB NOT NULL
            ) STRICT, WITHOUT ROWID;
            """,
            // What a member's conversations are called in its run, 8 bytes each, and how many different ones a proposal's
            // members have; NULL: it was not counted, and those of the members are added up.
            """
            ALTER TABLE member ADD COLUMN conversation_marks BLOB NOT NULL DEFAULT x'';
            ALTER TABLE proposal ADD COLUMN conversations INTEGER;
            """,
        ],
    )
}
