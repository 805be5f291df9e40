internal import Core
internal import GRDB

extension SwitchboardError {
    /// What an error met while working on a store's file means to who asked for the work.
    ///
    /// - Parameter doing: what was tried, such as `append to`; goes before the path.
    init(store error: any Error, path: String, doing: String) {
        switch error {
        case let error as SwitchboardError:
            self = error
        case is CancellationError:
            self.init(.cancelled, "cancelled before the store answered")
        case let error as DatabaseError:
            self.init(sqlite: error, path: path, doing: doing)
        case let error as UnreadableColumn:
            self.init(
                .dataLoss,
                "cannot \(doing) \(path): what stands in column '\(error.name)' is not what was written; the file is "
                    + "damaged, run `switchboard doctor`",
                cause: error
            )
        case is RowDecodingError:
            // Not as the cause: it shows the row, and with it texts of callers.
            self.init(.dataLoss, "cannot \(doing) \(path): the file is damaged; run `switchboard doctor`")
        default:
            self.init(.internal, "cannot \(doing) \(path)", cause: error)
        }
    }

    private init(sqlite error: DatabaseError, path: String, doing: String) {
        let soon = Duration.seconds(5)
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(
                .resourceExhausted,
                "cannot \(doing) \(path): the disk is full; nothing was written, free some space",
                retryAfter: soon,
                cause: error
            )
        case .SQLITE_NOMEM:
            self.init(.resourceExhausted, "cannot \(doing) \(path): out of memory", retryAfter: soon, cause: error)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_CANTOPEN:
            self.init(
                .failedPrecondition,
                "cannot \(doing) \(path): the file or its folder cannot be written; check owner, permission and mount",
                cause: error
            )
        // Constraints are the schema's own; what breaks one was not written by this program.
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
            self.init(
                .dataLoss,
                "cannot \(doing) \(path): the file is damaged; run `switchboard doctor`",
                cause: error
            )
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                .unavailable,
                "cannot \(doing) \(path): another program is writing to it",
                retryAfter: soon,
                cause: error
            )
        case .SQLITE_INTERRUPT, .SQLITE_ABORT:
            self.init(.cancelled, "cancelled before the store answered", cause: error)
        case .SQLITE_IOERR:
            self.init(
                .unavailable,
                "cannot \(doing) \(path): the disk answers with an error; nothing was acknowledged",
                retryAfter: soon,
                cause: error
            )
        default:
            self.init(.internal, "cannot \(doing) \(path)", cause: error)
        }
    }
}
