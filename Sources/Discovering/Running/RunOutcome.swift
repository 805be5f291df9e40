package import Core

/// What a run found.
package struct RunOutcome: Sendable, Hashable {
    /// First those that are one intent, then the unclear ones, each by calls and then conversations; at the end the
    /// ones of earlier runs that are gone.
    ///
    /// Earlier ones that a person merged or split, and accepted ones that are not found again, are not among them:
    /// whoever keeps proposals leaves those as they are.
    package var proposals: [Proposal]
    /// Those that are offered.
    package var cuts: [CutSummary]
    /// All that there were, group by group, resolutions ascending.
    package var sweptCuts: [SweptCut]
    /// Commonest first.
    package var trajectories: [TrajectoryCount]
    /// Of the largest cluster among the utterances of its vertical and role, greatest over all of these; 0: no
    /// utterances.
    package var largestShare: Double
    /// The same of the largest cluster that the merging of equal intents made; 0: nothing was merged.
    package var largestMergedShare: Double
    package var effort: RunEffort
    package var partitions: [GroupPartition]
    /// Nil where no roles were told, or no name tells one.
    package var roleAgreement: RoleAgreement?
    /// Sentences for people about what the run could not do, and why. No caller's text.
    package var notes: [String]

    package init(
        proposals: [Proposal] = [],
        cuts: [CutSummary] = [],
        sweptCuts: [SweptCut] = [],
        trajectories: [TrajectoryCount] = [],
        largestShare: Double = 0,
        largestMergedShare: Double = 0,
        effort: RunEffort = RunEffort(),
        partitions: [GroupPartition] = [],
        roleAgreement: RoleAgreement? = nil,
        notes: [String] = [],
    ) {
        self.proposals = proposals
        self.cuts = cuts
        self.sweptCuts = sweptCuts
        self.trajectories = trajectories
        self.largestShare = largestShare
        self.largestMergedShare = largestMergedShare
        self.effort = effort
        self.partitions = partitions
        self.roleAgreement = roleAgreement
        self.notes = notes
    }
}

/// How often a name's verb tells the role that its turns have.
package struct RoleAgreement: Sendable, Hashable {
    /// Proposals whose turns have a role and whose name tells one.
    package var judged: Int
    package var agreeing: Int

    package init(judged: Int, agreeing: Int) {
        self.judged = judged
        self.agreeing = agreeing
    }
}
