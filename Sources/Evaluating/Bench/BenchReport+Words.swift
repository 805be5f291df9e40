internal import Foundation

extension BenchReport {
    /// For people: what was measured, beside what, and whether that is what was to be reached.
    package func words() -> [String] {
        let calls = inFlight > 0 ? "\(inFlight) in flight" : "open loop"
        let failed = errors > 0 ? ", \(errors) errors" : ""
        var lines = ["\(bench), \(calls): \(Self.line(perSecond, latencyUs))\(failed)"]
        for (name, peer) in compared.sorted(by: { $0.key < $1.key }) {
            lines.append("  beside \(name): \(Self.line(peer.perSecond, peer.latencyUs))")
        }
        for (name, figure) in ratio.sorted(by: { $0.key < $1.key }) { lines.append(line(name, figure)) }
        for (name, figure) in extra.sorted(by: { $0.key < $1.key }) { lines.append(line(name, figure)) }
        return lines
    }

    private func line(_ name: String, _ figure: Double) -> String {
        let written = "  \(name) \(Self.number(figure))"
        guard let target = targets[name] else { return written }
        let wanted =
            switch target {
            case .atMost(let bound): "at most \(Self.number(bound))"
            case .atLeast(let bound): "at least \(Self.number(bound))"
            }
        return "\(written) (\(wanted): \(target.isReached(by: figure) ? "reached" : "NOT REACHED"))"
    }

    private static func line(_ perSecond: Double?, _ latency: Latency?) -> String {
        var parts: [String] = []
        if let perSecond { parts.append("\(number(perSecond))/s") }
        if let latency {
            parts.append("p50 \(number(latency.p50)) us, p99 \(number(latency.p99)) us, max \(number(latency.max)) us")
        }
        return parts.joined(separator: ", ")
    }

    /// Three digits that count, and no more behind the point than help.
    private static func number(_ figure: Double) -> String {
        switch abs(figure) {
        case 100...: String(format: "%.0f", figure)
        case 10...: String(format: "%.1f", figure)
        case 0.01...: String(format: "%.2f", figure)
        default: String(format: "%.2g", figure)
        }
    }
}
