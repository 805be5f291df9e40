internal import Calls
internal import Core
internal import Foundation
internal import Logging
internal import Synchronization

/// Writes down what was refused for want of a right and what admins did: one JSON line an act, into a file of its own or,
/// for nodes without a data directory, among the node's logs.
///
/// `write` never waits; a thread of its own writes. Bounded by `AuditRate` and by the file's size: a full one is kept as
/// `audit.jsonl.1` until the next is full. What cannot be written is said in the node's log.
final class AuditLog: Sendable {
    static let maximumLines = 1_000

    private struct State {
        /// Each kind has its own, so that whoever is refused again and again hides no act of an admin.
        var rates: [AuditedAct.Kind: AuditRate] = [:]
        var lines: [AuditLine] = []
        var isClosing = false
    }

    private let state = SignalledMutex(State())
    private let thread = Mutex<DedicatedThread?>(nil)
    private let file: AuditFile?
    private let logger: Logger

    /// - Parameter path: nil: among the node's logs.
    init(path: String?, logger: Logger) {
        self.logger = logger
        file = path.map { AuditFile(path: $0) }
        guard file != nil else { return }
        thread.withLock { $0 = DedicatedThread(name: "sb-audit") { [self] in run() } }
    }

    func write(_ act: AuditedAct) {
        let leftOut = state.withLock { $0.rates[act.kind, default: AuditRate()].take(at: .now) }
        guard let leftOut else { return }
        let line = AuditLine(act, leftOut: leftOut, at: Date())
        guard file != nil else { return tell(line) }
        state.withLock {
            guard $0.lines.count < Self.maximumLines, !$0.isClosing else { return }
            $0.lines.append(line)
            state.signal()
        }
    }

    /// Writes what waits, and no more.
    func close() {
        state.withLock {
            $0.isClosing = true
            state.signal()
        }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func run() {
        var isBroken = false
        while true {
            let lines = state.waitUntil { waiting -> [AuditLine]? in
                guard !waiting.lines.isEmpty || waiting.isClosing else { return nil }
                defer { waiting.lines.removeAll() }
                return waiting.lines
            }
            guard !lines.isEmpty else { return }
            do throws(SwitchboardError) {
                try file?.append(lines)
                isBroken = false
            } catch {
                if !isBroken {
                    logger.error("the audit log cannot be written", metadata: ["reason": "\(error.message)"])
                }
                isBroken = true
                for line in lines { tell(line) }
            }
        }
    }

    private func tell(_ line: AuditLine) {
        guard let text = try? line.encoded() else { return }
        logger.notice("audit", metadata: ["line": "\(text)"])
    }
}

/// An act as it stands in the log.
struct AuditLine: Sendable, Equatable, Codable {
    let time: String
    let act: String
    let key: String?
    let address: String?
    let method: String
    let why: String
    /// Acts of its kind before this one that were too many to be written.
    let leftOut: Int?

    private enum CodingKeys: String, CodingKey {
        case time
        case act
        case key
        case address
        case method
        case why
        case leftOut = "left_out"
    }

    init(_ act: AuditedAct, leftOut: Int, at time: Date) {
        self.time = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        self.act = act.kind.rawValue
        key = act.key?.text
        address = act.address
        method = act.method
        why = act.reason
        self.leftOut = leftOut > 0 ? leftOut : nil
    }

    func encoded() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
