internal import Foundation
internal import Monitoring

/// Asks a node that runs how it does, by `/readyz`: what keeps it from answering or from taking changes.
struct ReadinessChecks {
    private static let name = "readiness"

    /// `host:port`.
    let address: String
    /// Whether the node plays a language model itself, so that one that is missing is no choice.
    let hasScorer: Bool

    /// - Returns: nothing where no node answers so.
    func run() -> [DoctorCheck] {
        guard let socket = SocketAddress(tcp: "tcp://" + address), socket.port != 0 else { return [] }
        return Self.report(in: socket.get("/readyz")).map(checks) ?? []
    }

    func checks(_ report: HealthReport) -> [DoctorCheck] {
        var checks: [DoctorCheck] = report.reasons.map { reason in
            .warning(
                Self.name,
                "http://\(address)/readyz: \(reason)",
                remedy: "see the node's log; right after a start this passes by itself"
            )
        }
        for note in report.notes {
            if note == NodeParts.noScorer, !hasScorer {
                checks.append(.ok(Self.name, "http://\(address)/readyz: \(note)"))
            } else {
                checks.append(
                    .warning(
                        Self.name,
                        "http://\(address)/readyz: \(note)",
                        remedy: "do what it says; docs/operating.md says more (Damage, When an alert fires)"
                    )
                )
            }
        }
        return checks.isEmpty ? [.ok(Self.name, "http://\(address)/readyz: the node is ready")] : checks
    }

    /// - Parameter answer: with its head.
    static func report(in answer: String) -> HealthReport? {
        guard let start = answer.firstIndex(of: "{"), let end = answer.lastIndex(of: "}"), start < end else {
            return nil
        }
        return try? JSONDecoder().decode(HealthReport.self, from: Data(answer[start...end].utf8))
    }
}
