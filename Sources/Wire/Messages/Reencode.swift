package import Core

/// Asks for vectors of all exemplars by another encoder, and for the switch to them.
package struct ReencodeRequest: Sendable, Equatable {
    package static let maximumPathBytes = 4_096

    /// Which encoder is to serve.
    package enum Target: Sendable, Equatable {
        /// One whose file lies in the data directory's models/.
        case encoder(ModelID)
        /// A GGUF file on the updater's machine, at most 4,096 bytes of path.
        case file(String)
    }

    package var target: Target

    package init(_ target: Target) {
        self.target = target
    }
}

/// How far it is; the last one says how it ended.
package struct ReencodeResponse: Sendable, Equatable {
    /// Exemplars that have their vector by the encoder.
    package var done: Int
    package var total: Int
    package var encoder: ModelID
    /// In the last message: of the switch, or the head where nothing was to be switched.
    package var position: LogPosition?
    package var isSwitched: Bool
    /// Scopes whose policy was fitted for another encoder and holds no more.
    package var lapsedPolicies: [String]
    /// Replicas that have not applied the switch yet.
    package var behind: [String]
    /// All vectors are there, and the switch waits a while for a replica that still builds so many graphs of them.
    package var graphsDue: Int

    package init(
        done: Int,
        total: Int,
        encoder: ModelID,
        position: LogPosition? = nil,
        isSwitched: Bool = false,
        lapsedPolicies: [String] = [],
        behind: [String] = [],
        graphsDue: Int = 0,
    ) {
        self.done = done
        self.total = total
        self.encoder = encoder
        self.position = position
        self.isSwitched = isSwitched
        self.lapsedPolicies = lapsedPolicies
        self.behind = behind
        self.graphsDue = graphsDue
    }
}
