internal import CProtobufC
internal import Core
internal import SwitchboardProtos

extension RunProgress: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__RunProgress>) {
        switchboard__v1__run_progress__init(message)
    }

    init(_ message: Switchboard__V1__RunProgress) throws(FieldError) {
        let hasTimeLeft =
            message.seconds_left_value_case == SWITCHBOARD__V1__RUN_PROGRESS__SECONDS_LEFT_VALUE_SECONDS_LEFT
        self.init(
            phase: try Phase(message.phase, "phase"),
            fraction: try Read.share(message.fraction, "fraction"),
            secondsLeft: hasTimeLeft ? try Read.notNegative(message.seconds_left, "seconds_left") : nil,
            effort: try Read.optional(message.effort, "effort") ?? RunEffort(),
            note: try message.note.prose("note", atMost: Self.maximumNoteBytes)
        )
    }

    func fill(_ message: inout Switchboard__V1__RunProgress, _ arena: inout Arena) {
        message.phase = phase.number
        message.fraction = fraction
        if let secondsLeft {
            message.seconds_left_value_case = SWITCHBOARD__V1__RUN_PROGRESS__SECONDS_LEFT_VALUE_SECONDS_LEFT
            message.seconds_left = secondsLeft
        }
        message.effort = arena.message(of: effort)
        message.note = arena.data(note)
    }
}

extension RunEffort: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__RunEffort>) {
        switchboard__v1__run_effort__init(message)
    }

    init(_ message: Switchboard__V1__RunEffort) throws(FieldError) {
        self.init()
        llmCalls = try Read.count(message.llm_calls, "llm_calls")
        llmTokens = try Read.count(message.llm_tokens, "llm_tokens")
        llmSeconds = try Read.notNegative(message.llm_seconds, "llm_seconds")
        seconds = try Read.notNegative(message.seconds, "seconds")
    }

    func fill(_ message: inout Switchboard__V1__RunEffort, _ arena: inout Arena) {
        message.llm_calls = UInt64(clamping: llmCalls)
        message.llm_tokens = UInt64(clamping: llmTokens)
        message.llm_seconds = llmSeconds
        message.seconds = seconds
    }
}

extension RunSummary: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__RunSummary>) {
        switchboard__v1__run_summary__init(message)
    }

    init(_ message: Switchboard__V1__RunSummary) throws(FieldError) {
        self.init(
            run: try message.run_id.bits("run_id"),
            pool: try message.pool.string("pool", atMost: DiscoveryAddRequest.maximumPoolBytes),
            verticals: try Read.verticals(message.verticals, message.n_verticals),
            settings: try Read.needed(message.settings, "settings"),
            startedMicroseconds: message.started_us,
            progress: try Read.needed(message.progress, "progress"),
            utterances: try Read.count(message.utterances, "utterances"),
            proposals: try Read.count(message.proposals, "proposals"),
            unclear: try Read.count(message.unclear, "unclear"),
            cuts: try Read.messages(message.cuts, message.n_cuts, "cuts", atMost: Self.maximumCuts),
            largestShare: try Read.share(message.largest_share, "largest_share"),
            largestMergedShare: try Read.share(message.largest_merged_share, "largest_merged_share")
        )
    }

    func fill(_ message: inout Switchboard__V1__RunSummary, _ arena: inout Arena) {
        message.run_id = arena.data(run)
        message.pool = arena.characters(pool)
        message.n_verticals = verticals.count
        message.verticals = arena.strings(verticals)
        message.settings = arena.message(of: settings)
        message.started_us = startedMicroseconds
        message.progress = arena.message(of: progress)
        message.utterances = UInt64(clamping: utterances)
        message.proposals = UInt64(clamping: proposals)
        message.unclear = UInt64(clamping: unclear)
        message.n_cuts = cuts.count
        message.cuts = arena.messages(of: cuts)
        message.largest_share = largestShare
        message.largest_merged_share = largestMergedShare
    }
}

extension CutSummary: Coded {
    static func initialise(_ message: UnsafeMutablePointer<Switchboard__V1__CutSummary>) {
        switchboard__v1__cut_summary__init(message)
    }

    init(_ message: Switchboard__V1__CutSummary) throws(FieldError) {
        self.init(
            vertical: try message.vertical.vertical("vertical"),
            role: try Role.optional(message.role, "role"),
            cut: try DiscoverySettings.Cut(message.cut, "cut"),
            clusters: try Read.count(message.clusters, "clusters"),
            resolution: try Read.finite(message.resolution, "resolution"),
            silhouette: try Read.finite(message.silhouette, "silhouette")
        )
    }

    func fill(_ message: inout Switchboard__V1__CutSummary, _ arena: inout Arena) {
        message.vertical = arena.characters(vertical.name)
        message.role = Role.number(of: role)
        message.cut = cut.number
        message.clusters = UInt64(clamping: clusters)
        message.resolution = resolution
        message.silhouette = silhouette
    }
}
