internal import Glibc
internal import UpdateStore

/// Looks at a data directory without making or changing anything in it.
struct DataDirectoryChecks {
    private static let wantedBytes: UInt64 = 1 << 30
    private static let name = "data directory"

    let path: String

    /// Whether a node that runs as this user could use it.
    func permission() -> DoctorCheck {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let error = errno
            guard error == ENOENT || error == ENOTDIR else {
                return .problem(
                    Self.name,
                    "\(path) cannot be looked at: \(Self.words(error))",
                    remedy: ownerRemedy(path)
                )
            }
            return missing()
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return .problem(
                Self.name,
                "\(path) is a file",
                remedy: "name a folder with --data, or take the file away"
            )
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            let error = errno
            return .problem(
                Self.name,
                "\(path) cannot be written by user \(getuid()): \(Self.words(error))",
                remedy: error == EROFS ? "mount its disk for writing, or name another with --data" : ownerRemedy(path)
            )
        }
        if let file = unwritableFile() {
            return .problem(
                Self.name,
                "\(file) cannot be written by user \(getuid())",
                remedy: ownerRemedy(file)
            )
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            return .warning(
                Self.name,
                "\(path) has mode \(mode): others on this machine can look into it",
                remedy: "chmod 700 \(path)"
            )
        }
        return .ok(Self.name, "\(path), writable, closed to others")
    }

    /// - Returns: nil where nothing can be told, as `permission` says then.
    func disk() -> DoctorCheck? {
        guard let place = existingPlace(), let free = try? DataDirectory.freeBytes(at: place) else { return nil }
        let detail = "\(free >> 20) MiB free where \(path) is"
        guard free >= DataDirectory.minimumFreeBytes else {
            return .problem(
                "disk",
                "\(detail); a node needs \(DataDirectory.minimumFreeBytes >> 20) MiB to start",
                remedy: "free some space, or name a folder on another disk with --data"
            )
        }
        guard free >= Self.wantedBytes else {
            return .warning(
                "disk",
                "\(detail); 100,000 pairs take some 250 MiB",
                remedy: "free some space, or name a folder on another disk with --data"
            )
        }
        return .ok("disk", detail)
    }

    /// Who holds it.
    ///
    /// - Returns: nothing to tell where no node ever used it; the process where one uses it now.
    func lock() -> (check: DoctorCheck?, holder: Int32?) {
        let file = DataDirectory.lockPath(in: path)
        switch DirectoryLock.standing(of: file) {
        case .absent: return (nil, nil)
        case .free: return (.ok("lock", "no node runs on \(path)"), nil)
        case .held(let holder):
            let process = holder.map(Self.description) ?? "process unknown"
            return (.ok("lock", "a node runs on \(path): \(process)"), holder ?? 0)
        case .unknown(let error):
            switch error.code {
            // Told by `permission`.
            case .notDirectory: return (nil, nil)
            case .accessDenied:
                return (.problem("lock", "\(file) cannot be opened", remedy: ownerRemedy(file)), nil)
            default:
                let remedy = "put the data directory on a local disk; some network disks have no locks"
                return (.problem("lock", "\(file) cannot be locked (\(error))", remedy: remedy), nil)
            }
        }
    }

    /// What backups have left whose process was killed, in the data directory and beside it; elsewhere the next backup
    /// to the same place finds them.
    ///
    /// - Returns: nil where there is nothing.
    func abandonedBackups() -> DoctorCheck? {
        let place = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let parent = place.lastIndex(of: "/").map { $0 == place.startIndex ? "/" : String(place[..<$0]) } ?? "."
        let parts = [place, parent].flatMap(BackupPart.abandoned)
        guard let first = parts.first else { return nil }
        let others = parts.count > 1 ? " and \(parts.count - 1) more" : ""
        return .warning(
            "backups",
            "\(first)\(others) is left of a backup that was killed, and no backup; it holds texts and keys",
            remedy: "rm -r \(parts.joined(separator: " ")), or let the next backup to the same folder delete it"
        )
    }

    // MARK: Parts

    private func missing() -> DoctorCheck {
        guard let place = existingPlace() else {
            return .problem(Self.name, "\(path) cannot be made", remedy: "name another with --data")
        }
        guard access(place, W_OK | X_OK) == 0 else {
            return .problem(
                Self.name,
                "\(path) is not there, and \(place) cannot be written by user \(getuid())",
                remedy: "make it for this user (sudo install -d -o $USER -m 700 \(path)), or name another with --data"
            )
        }
        return .ok(Self.name, "\(path) is not there yet; the first start makes it")
    }

    /// The path itself or the nearest folder above it that is there.
    private func existingPlace() -> String? {
        var place = path
        while access(place, F_OK) != 0 {
            guard let slash = place.lastIndex(of: "/") else { return access(".", F_OK) == 0 ? "." : nil }
            if slash == place.startIndex { return "/" }
            place = String(place[..<slash])
        }
        return place
    }

    private func unwritableFile() -> String? {
        let names = [
            "LOCK", "log.sqlite", "log.sqlite-wal", "log.sqlite-shm", "feedback.sqlite", "pool.sqlite",
            "runs/review.sqlite",
        ]
        return names.map { "\(path)/\($0)" }.first { access($0, F_OK) == 0 && access($0, R_OK | W_OK) != 0 }
    }

    private func ownerRemedy(_ path: String) -> String {
        "give it to the user that runs the node: sudo chown -R $USER \(path)"
    }

    /// Such as `process 4711 (switchboard)`.
    private static func description(_ process: Int32) -> String {
        let descriptor = open("/proc/\(process)/comm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "process \(process)" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 1 else { return "process \(process)" }
        return "process \(process) (\(String(decoding: bytes[..<(count - 1)], as: UTF8.self)))"
    }

    private static func words(_ error: Int32) -> String { String(cString: strerror(error)) }
}
