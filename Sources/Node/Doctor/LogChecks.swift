internal import Core
internal import Foundation
internal import UpdateStore

/// Opens a log that no node holds and reads it from its first record to its last, each against its checksum.
struct LogChecks {
    private static let name = "log"

    /// Of the data directory.
    let path: String

    /// - Returns: what is to be said of the log, of feedback and of the clock.
    func run() async -> [DoctorCheck] {
        guard FileManager.default.fileExists(atPath: path + "/log.sqlite") else {
            return [MachineChecks.clock()]
        }
        do {
            let directory = try DataDirectory(path)
            return await check(try UpdateLog(in: directory)) + [await checkFeedback(directory)]
        } catch {
            return [Self.explained(error), MachineChecks.clock()]
        }
    }

    private func check(_ log: UpdateLog) async -> [DoctorCheck] {
        let started = ContinuousClock.now
        var newest: Date?
        var result: DoctorCheck
        do throws(SwitchboardError) {
            let found = try await log.check()
            newest = try await newestRecord(of: log)
            if case .damaged(let record, let readable) = log.condition {
                result = Self.damaged(at: record, readableTo: readable)
            } else if let fault = found.fault {
                result = .problem(
                    Self.name,
                    "\(log.head.position.sequence) records, but \(fault)",
                    remedy: Self.restore
                )
            } else {
                let took = String(format: "%.1f", (ContinuousClock.now - started).seconds)
                result = .ok(
                    Self.name,
                    "all \(found.records) records are whole and add up to the state (read in \(took) s); "
                        + "\(found.exemplars) exemplars, \(log.statistics().bytes >> 10) KiB"
                )
            }
        } catch {
            result = Self.explained(error)
        }
        do {
            try await log.close()
        } catch {
            result = Self.explained(error)
        }
        return [result, MachineChecks.clock(newest: newest)]
    }

    /// When the newest record was written; nil: there is none.
    private func newestRecord(of log: UpdateLog) async throws(SwitchboardError) -> Date? {
        // No operation has more records, so the last one is among these.
        let head = log.head.position.sequence.number
        let before = LogSequence(head - min(head, UInt64(AppendBatch.maximumCommands)))
        let last = try await log.history(after: before).last
        return last.map { Date(timeIntervalSince1970: Double($0.stamp.timeMicroseconds) / 1e6) }
    }

    private func checkFeedback(_ directory: DataDirectory) async -> DoctorCheck {
        guard FileManager.default.fileExists(atPath: directory.feedbackPath) else {
            return .ok("feedback", "none was given so far")
        }
        do throws(SwitchboardError) {
            let store = try FeedbackStore(in: directory)
            let counts = try await store.counts()
            try await store.close()
            return .ok("feedback", "\(counts.total) words")
        } catch {
            return .problem(
                "feedback",
                error.description,
                remedy:
                    "restore \(directory.feedbackPath) from a backup, or move it away and start without what was said"
            )
        }
    }

    private static let restore =
        "stop writing to it; restore the data directory from a backup, or load an export from before; check the disk "
        + "(dmesg, smartctl)"

    private static func damaged(at record: LogSequence, readableTo: LogSequence) -> DoctorCheck {
        .problem(
            name,
            "record \(record) does not match its checksum; the log is whole up to record \(readableTo), and a node "
                + "serves that much read-only",
            remedy: restore,
        )
    }

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
            .problem(name, error.description, remedy: "see what the message names; the log itself was not changed")
        }
    }
}
