internal import CProtobufC
internal import Core
internal import SwitchboardProtos

extension DiscoverySettings: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__DiscoverySettings>) {
        switchboard__v1__discovery_settings__init(message)
    }

    init(_ message: Switchboard__V1__DiscoverySettings) throws(FieldError) {
        self.init()
        method = try Method.optional(message.method, "method") ?? method
        judge = try JudgeKind.optional(message.judge, "judge") ?? judge
        cut = try Cut.optional(message.cut, "cut") ?? cut
        if message.neighbours != 0 {
            guard Self.acceptedNeighbours.contains(Int(message.neighbours)) else {
                throw FieldError(
                    "neighbours",
                    "it is \(message.neighbours); \(Self.acceptedNeighbours.lowerBound) to "
                        + "\(Self.acceptedNeighbours.upperBound) are accepted"
                )
            }
            neighbours = Int(message.neighbours)
        }
        if message.good_probability_value_case
            == SWITCHBOARD__V1__DISCOVERY_SETTINGS__GOOD_PROBABILITY_VALUE_GOOD_PROBABILITY
        {
            goodProbability = try Read.share(message.good_probability, "good_probability")
        }
        if message.unassigned_share_value_case
            == SWITCHBOARD__V1__DISCOVERY_SETTINGS__UNASSIGNED_SHARE_VALUE_UNASSIGNED_SHARE
        {
            unassignedShare = try Read.share(message.unassigned_share, "unassigned_share")
        }
        rounds = try Self.number(message.rounds, "rounds", atMost: Self.maximumRounds) ?? rounds
        samples = try Self.number(message.samples, "samples", atMost: Self.maximumSamples) ?? samples
        base = try Base.optional(message.base_method, "base_method") ?? base
        sampling = try Sampling.optional(message.sampling, "sampling") ?? sampling
        minimumSize =
            try Self.number(message.minimum_size, "minimum_size", atMost: Self.maximumMinimumSize) ?? minimumSize
        clusters = try Self.number(message.clusters, "clusters", atMost: Self.maximumClusters)
        isTuned = message.tuned != 0
        namesByModel = message.keyword_names == 0
        if message.seed_value_case == SWITCHBOARD__V1__DISCOVERY_SETTINGS__SEED_VALUE_SEED { seed = message.seed }
    }

    func fill(_ message: inout Switchboard__V1__DiscoverySettings, _ arena: inout Arena) {
        message.method = method.number
        message.judge = judge.number
        message.cut = cut.number
        message.neighbours = UInt32(clamping: neighbours)
        message.good_probability_value_case =
            SWITCHBOARD__V1__DISCOVERY_SETTINGS__GOOD_PROBABILITY_VALUE_GOOD_PROBABILITY
        message.good_probability = goodProbability
        message.unassigned_share_value_case =
            SWITCHBOARD__V1__DISCOVERY_SETTINGS__UNASSIGNED_SHARE_VALUE_UNASSIGNED_SHARE
        message.unassigned_share = unassignedShare
        message.rounds = UInt32(clamping: rounds)
        message.samples = UInt32(clamping: samples)
        message.sampling = sampling.number
        message.base_method = base.number
        message.minimum_size = UInt32(clamping: minimumSize)
        message.clusters = UInt32(clamping: clusters ?? 0)
        message.tuned = boolean(isTuned)
        message.keyword_names = boolean(!namesByModel)
        message.seed_value_case = SWITCHBOARD__V1__DISCOVERY_SETTINGS__SEED_VALUE_SEED
        message.seed = seed
    }

    /// Nil for zero, which stands for the default.
    private static func number(_ value: UInt32, _ field: String, atMost limit: Int) throws(FieldError) -> Int? {
        value == 0 ? nil : try Read.count(value, field, atMost: UInt32(limit))
    }
}
