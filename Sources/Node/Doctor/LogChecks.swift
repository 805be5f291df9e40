internal import Core
internal import Foundation
internal import Index
internal import UpdateStore

/// Reads a log that no node holds from its first record to its last, each against its checksum, and changes nothing.
struct LogChecks {
    private static let name = "log"

    /// Of the data directory.
    let path: String
    /// The file of the encoder that a node would be started with; nil: of none.
    var encoder: String?
    /// A node would be reached by other machines, and was not told to do without keys.
    var needsKeys = false

    /// - Returns: what is to be said of the log, of feedback and of the clock.
    func run() async -> [DoctorCheck] {
        if let missing = missing() { return [missing, MachineChecks.clock()] }
        guard FileManager.default.fileExists(atPath: path + "/log.sqlite") else {
            return [KeyChecks.check(KeyRegister(), areNeeded: needsKeys), MachineChecks.clock()]
        }
        do {
            let reader = try DataDirectoryReader(path)
            return await checkLog(reader) + [await checkFeedback(reader), await checkPool(reader)] + traces()
        } catch {
            return [Self.explained(error), MachineChecks.clock()]
        }
    }

    /// - Returns: nil where there never was a log, as far as can be seen.
    private func missing() -> DoctorCheck? {
        do throws(SwitchboardError) {
            try DataDirectory.requireNoBackup(path)
            try DataDirectory.requireLogIfUsed(in: path)
            return nil
        } catch {
            return .problem(
                Self.name,
                error.message,
                remedy: "restore a backup into an empty folder: switchboard restore BACKUP --data FOLDER"
            )
        }
    }

    private func traces() -> [DoctorCheck] {
        var checks = storesWithTraces()
        if DataDirectory.hasTraces(of: "snapshots", in: path) {
            checks.append(
                .warning(
                    "purge",
                    "something was erased from the trimmed log, and snapshots/ may hold traces of it yet",
                    remedy: "start the node, which makes them anew, or purge again"
                )
            )
        }
        return checks
    }

    private func storesWithTraces() -> [DoctorCheck] {
        let stores = ["log.sqlite", "feedback.sqlite", "pool.sqlite", "runs/review.sqlite"]
        return stores.filter { DataDirectory.hasTraces(of: $0, in: path) }.map { name in
            .warning(
                "purge",
                "something was erased from \(name), and the file has not been written anew since: it may hold traces",
                remedy: "free twice the file's size on its disk, and start the node, which does so"
            )
        }
    }

    private func checkLog(_ reader: DataDirectoryReader) async -> [DoctorCheck] {
        let started = ContinuousClock.now
        do throws(SwitchboardError) {
            guard let found = try await reader.log() else {
                return [.ok(Self.name, "nothing was written to it yet"), MachineChecks.clock()]
            }
            let newest = found.newestMicroseconds.map { Date(timeIntervalSince1970: Double($0) / 1e6) }
            let words = Self.words(of: found, after: ContinuousClock.now - started)
            let keys = KeyChecks.check(found.keys, areNeeded: needsKeys)
            return [words] + checkEncoder(of: found) + (await checkSnapshots(of: found))
                + [keys, MachineChecks.clock(newest: newest)]
        } catch {
            return [Self.explained(error), MachineChecks.clock()]
        }
    }

    private static func words(of found: LogFindings, after time: Duration) -> DoctorCheck {
        if let fault = found.check.fault {
            return .problem(
                name,
                "\(fault); \(found.check.records) of \(found.head) records could be read up to there",
                remedy: restore
            )
        }
        let took = String(format: "%.1f", time.seconds)
        return .ok(
            name,
            "all \(found.check.records) records are whole and add up to the state (read in \(took) s); "
                + "\(found.check.exemplars) exemplars, \(found.bytes >> 10) KiB"
        )
    }

    /// Whether a replica can begin: of a log that was trimmed it needs a snapshot for it. Reads snapshots through until one is
    /// whole, about a second a gigabyte.
    ///
    /// - Returns: nothing where the log begins with its first record, or is damaged anyway.
    private func checkSnapshots(of found: LogFindings) async -> [DoctorCheck] {
        guard found.first > LogSequence.start.next, found.check.fault == nil else { return [] }
        let folder = SnapshotFolder(path + "/snapshots")
        let (log, first, head) = (found.log, found.first, found.head)
        let damaged: [LogSequence]?
        do throws(SwitchboardError) {
            damaged = try await SnapshotFolder.blocking { () throws(SwitchboardError) -> [LogSequence]? in
                var damaged: [LogSequence] = []
                for sequence in folder.sequences() where sequence <= head && sequence.next >= first {
                    do throws(SwitchboardError) {
                        let memory = try SnapshotMemory(mappingFile: folder.path(of: sequence))
                        let position = try SnapshotContainer(verifying: memory).position
                        if position == LogPosition(log: log, sequence: sequence) { return nil }
                    } catch {
                        damaged.append(sequence)
                    }
                }
                return damaged
            }
        } catch {
            return [.problem("snapshots", error.description, remedy: "see what the message names; nothing was changed")]
        }
        guard let damaged else { return [.ok("snapshots", "the trimmed log has one that replicas can begin from")] }
        let names = damaged.map { "\($0).snapshot" }.joined(separator: ", ")
        return [
            .problem(
                "snapshots",
                "the log was trimmed (it begins at record \(first)), and \(path)/snapshots has none that a replica can "
                    + "begin from" + (damaged.isEmpty ? "" : " (damaged: \(names))")
                    + ": the node would answer no Classify",
                remedy:
                    "restore a backup into another folder (switchboard restore BACKUP --data FOLDER); or start the node, "
                    + "switchboard index export FILE --vectors, and load that into a node with an empty data directory"
            )
        ]
    }

    /// - Returns: nothing where they fit, or the file is of no use anyway, as `ModelChecks` says then.
    private func checkEncoder(of found: LogFindings) -> [DoctorCheck] {
        guard let made = found.encoder, let encoder else { return [] }
        let fit = EncoderFit(made: made, encoder: encoder, data: path)
        let otherwise = ", or export, and load into an empty data directory"
        return fit.check("encoder of the log", whose: "its", otherwise: otherwise).map { [$0] } ?? []
    }

    private func checkFeedback(_ reader: DataDirectoryReader) async -> DoctorCheck {
        do throws(SwitchboardError) {
            guard let counts = try await reader.feedback() else { return .ok("feedback", "none was given so far") }
            return .ok("feedback", "\(counts.total) words")
        } catch {
            return .problem(
                "feedback",
                error.description,
                remedy:
                    "restore \(path)/feedback.sqlite from a backup, or move it away and start without what was said"
            )
        }
    }

    private func checkPool(_ reader: DataDirectoryReader) async -> DoctorCheck {
        do throws(SwitchboardError) {
            guard let counts = try await reader.pool() else { return .ok("pool", "nothing was handed on so far") }
            return .ok(
                "pool",
                "\(counts.total) unexplained utterances of \(counts.calls) calls, \(counts.bytes >> 10) KiB"
            )
        } catch {
            return .problem(
                "pool",
                error.description,
                remedy:
                    "restore \(path)/pool.sqlite from a backup, or move it away and begin with an empty pool: no exemplar is "
                    + "in it"
            )
        }
    }

    private static let restore =
        "leave it stopped and keep the folder as it is; restore a backup into another one (switchboard restore BACKUP --data "
        + "FOLDER), or load an export from before into an empty one; check the disk (dmesg, smartctl)"

    private static func explained(_ error: SwitchboardError) -> DoctorCheck {
        switch error.code {
        case .dataLoss:
            .problem(
                name,
                error.description,
                remedy: restore
            )
        case .resourceExhausted:
            .problem(name, error.description, remedy: "free some space on its disk")
        default:
            .problem(name, error.description, remedy: "see what the message names; nothing was changed")
        }
    }
}
