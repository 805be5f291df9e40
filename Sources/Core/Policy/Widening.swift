/// Where the nearest exemplars do not say enough, more of them vote.
package struct Widening: Sendable, Hashable {
    /// How many vote then.
    package var k: Int
    /// Where the leader's share of the vote is less: the nearest disagree. 0: however much they do.
    package var belowShare: Double
    /// Where fewer intents voted: the nearest may all be of a few intents with many exemplars. 0 and 1: however few.
    package var fewerIntents: Int

    package init(k: Int, belowShare: Double, fewerIntents: Int = 0) {
        self.k = k
        self.belowShare = belowShare
        self.fewerIntents = fewerIntents
    }
}

extension RetrievalPolicy {
    /// How many exemplars are to vote in place of those that were found; nil where these are enough, or there are no more.
    ///
    /// - Parameter neighbours: the `k` nearest of what was searched; fewer where there are no more.
    package func widerK(than neighbours: [Neighbour]) -> Int? {
        guard let widening, widening.k > k, neighbours.count >= k else { return nil }
        let shares = Vote(neighbours, temperature: voteTemperature).shares
        guard let leader = shares.first else { return nil }
        return leader.share < widening.belowShare || shares.count < widening.fewerIntents ? widening.k : nil
    }
}
