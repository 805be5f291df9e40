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
            let head = log.head.position.sequence
            var place = LogSequence(log.statistics().first.number - 1)
            while place < head {
                let operations = try await log.operations(after: place)
                guard let last = operations.last else { break }
                place = last.last
                if let record = last.records.last {
                    newest = Date(timeIntervalSince1970: Double(record.stamp.timeMicroseconds) / 1e6)
                }
            }
            if case .damaged(let record, let readable) = log.condition {
                result = Self.damaged(at: record, readableTo: readable)
            } else {
                let took = (ContinuousClock.now - started).seconds
                let statistics = log.statistics()
                let exemplars = statistics.verticals.reduce(0) { $0 + $1.exemplars }
                result = .ok(
                    Self.name,
                    "all \(head) records match their checksums (read in \(String(format: "%.1f", took)) s); "
                        + "\(exemplars) exemplars, \(statistics.bytes >> 10) KiB"
                )
            }
        } catch {
            if case .damaged(let record, let readable) = log.condition {
                result = Self.damaged(at: record, readableTo: readable)
            } else {
                result = Self.explained(error)
            }
        }
        do {
            try await log.close()
        } catch {
            result = Self.explained(error)
        }
        return [result, MachineChecks.clock(newest: newest)]
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

    private static func damaged(at record: LogSequence, readableTo: LogSequence) -> DoctorCheck {
        .problem(
            name,
            "record \(record) does not match its checksum; the log is whole up to record \(readableTo), and a node "
                + "serves that much read-only",
            remedy: "restore the data directory from a backup, or copy log.sqlite from a machine that still has it; "
                + "check the disk before (dmesg, smartctl)",
        )
    }

    private static func explained(_ error: SwitchboardError) -> DoctorCheck {
        switch error.code {
        case .dataLoss:
            .problem(
                name,
                error.description,
                remedy: "restore the data directory from a backup; check the disk before (dmesg, smartctl)"
            )
        case .resourceExhausted:
            .problem(name, error.description, remedy: "free some space on its disk")
        default:
            .problem(name, error.description, remedy: "see what the message names; the log itself was not changed")
        }
    }
}
