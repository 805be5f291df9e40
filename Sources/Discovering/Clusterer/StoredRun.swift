internal import Core
internal import Foundation
internal import Wire

// How the files of a run hold their values: JSON. What travels as a message too is held as the message's bytes, which a
// later version reads like the ones of a client.

extension RunSettings {
    private struct Stored: Codable {
        var request: Data
        var author: String
        var started: Int64
    }

    /// - Throws: `.dataLoss` where the bytes are none.
    init(stored bytes: [UInt8]) throws(SwitchboardError) {
        let stored = try decodedRun(Stored.self, from: bytes)
        self.init(
            request: try DiscoveryStartRequest(decoding: [UInt8](stored.request)),
            author: stored.author,
            startedMicroseconds: stored.started
        )
    }

    func stored() throws(SwitchboardError) -> [UInt8] {
        try encodedRun(Stored(request: Data(request.encoded()), author: author, started: startedMicroseconds))
    }
}

extension DiscoveryUtterance {
    private struct Stored: Codable {
        var text: String
        var vertical: String
        var role: String?
        var calls: Int
        var conversations: [String]
        var turns: [Int]
        var origin: Data?
    }

    static func list(stored bytes: [UInt8]) throws(SwitchboardError) -> [DiscoveryUtterance] {
        var list: [DiscoveryUtterance] = []
        for stored in try decodedRun([Stored].self, from: bytes) {
            list.append(
                DiscoveryUtterance(
                    text: try UtteranceText(stored.text),
                    vertical: try Vertical(stored.vertical),
                    role: stored.role.flatMap { Role(rawValue: $0) },
                    calls: stored.calls,
                    places: zip(stored.conversations, stored.turns).map { Place(conversation: $0, turn: $1) },
                    origin: stored.origin.map { [UInt8]($0) } ?? [],
                )
            )
        }
        return list
    }

    static func stored(_ list: [DiscoveryUtterance]) throws(SwitchboardError) -> [UInt8] {
        try encodedRun(
            list.map { utterance in
                Stored(
                    text: utterance.text.value,
                    vertical: utterance.vertical.name,
                    role: utterance.role?.rawValue,
                    calls: utterance.calls,
                    conversations: utterance.places.map(\.conversation),
                    turns: utterance.places.map(\.turn),
                    origin: utterance.origin.isEmpty ? nil : Data(utterance.origin),
                )
            }
        )
    }
}

extension KeptOutcome {
    private struct Stored: Codable {
        struct Trajectory: Codable {
            var vertical: String
            var proposals: [String]
            var roles: [String]
            var names: [String]
            var conversations: Int
        }

        /// A list's message with the run alone.
        var summary: Data
        var trajectories: [Trajectory]
        var notes: [String]
    }

    init(stored bytes: [UInt8]) throws(SwitchboardError) {
        let stored = try decodedRun(Stored.self, from: bytes)
        guard let summary = try DiscoveryListResponse(decoding: [UInt8](stored.summary)).runs.first else {
            throw SwitchboardError(.dataLoss, "the outcome of a run says nothing of it")
        }
        var trajectories: [TrajectoryCount] = []
        for trajectory in stored.trajectories {
            var steps: [TrajectoryCount.Step] = []
            for (place, name) in trajectory.names.enumerated() {
                guard place < trajectory.proposals.count, place < trajectory.roles.count,
                    let proposal = Bits128(hex: trajectory.proposals[place])
                else { throw SwitchboardError(.dataLoss, "a trajectory of a run cannot be read") }
                steps.append(
                    TrajectoryCount.Step(proposal: proposal, role: Role(rawValue: trajectory.roles[place]), name: name)
                )
            }
            trajectories.append(
                TrajectoryCount(
                    vertical: try Vertical(trajectory.vertical),
                    steps: steps,
                    conversations: trajectory.conversations
                )
            )
        }
        self.init(summary: summary, trajectories: trajectories, notes: stored.notes)
    }

    func stored() throws(SwitchboardError) -> [UInt8] {
        try encodedRun(
            Stored(
                summary: Data(DiscoveryListResponse(proposals: [], sizes: [], runs: [summary]).encoded()),
                trajectories: trajectories.map { trajectory in
                    Stored.Trajectory(
                        vertical: trajectory.vertical.name,
                        proposals: trajectory.steps.map(\.proposal.description),
                        roles: trajectory.steps.map { $0.role?.rawValue ?? "" },
                        names: trajectory.steps.map(\.name),
                        conversations: trajectory.conversations,
                    )
                },
                notes: notes,
            )
        )
    }
}

private func encodedRun(_ value: some Encodable) throws(SwitchboardError) -> [UInt8] {
    do {
        return [UInt8](try JSONEncoder().encode(value))
    } catch {
        throw SwitchboardError(.internal, "a file of a run cannot be written as JSON", cause: error)
    }
}

private func decodedRun<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(SwitchboardError) -> Value {
    do {
        return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
        // Not as the cause: it shows a piece of the file, and with it texts of callers.
        throw SwitchboardError(.dataLoss, "a file of a run holds what this program cannot have written")
    }
}
