import Testing

@testable import Core

/// What makes an utterance familiar.
@Suite struct FamiliarityTests {
    private static func classes(mean: Double?, distance: Double?, lift: Double?) -> ClassEvidence {
        ClassEvidence(
            figures: [],
            weights: ClassWeights(exemplarsPerIntent: 10),
            nearestMean: mean,
            relativeDistance: distance,
            wordLift: lift
        )
    }

    @Test func eachKindOfEvidenceCountsByItsWeight() {
        let policy = RetrievalPolicy(distanceWeight: 0.5, meanWeight: 0.25, wordWeight: 0.1)
        let all = policy.familiarity(
            similarity: 0.8,
            classes: Self.classes(mean: 0.4, distance: -0.2, lift: 1.5)
        )
        #expect(abs(all - (0.75 * 0.8 + 0.25 * 0.4 + 0.5 * 0.2 + 0.1 * (1.5 - 0.5))) < 1e-12)
    }

    @Test func whatIsNotKnownChangesNothing() {
        let policy = RetrievalPolicy(wordWeight: 0.05)
        #expect(policy.familiarity(similarity: 0.8, classes: nil) == 0.8)
        let nothing = Self.classes(mean: nil, distance: nil, lift: nil)
        #expect(policy.familiarity(similarity: 0.8, classes: nothing) == 0.8)
        // Words that say as much as those of callers who are hard to tell from strangers.
        let usual = Self.classes(mean: nil, distance: nil, lift: 0.5)
        #expect(policy.familiarity(similarity: 0.8, classes: usual) == 0.8)
    }

    /// Thresholds that were fitted before words counted are of a familiarity without them, and their log's digest stays.
    @Test func aPolicyWithoutWordsHasTheDigestOfBefore() throws {
        let without = Policy(
            retrieval: RetrievalPolicy(wordWeight: 0, classWeights: ClassWeights(density: 1, cosine: 1, temperature: 1))
        )
        var with = without
        with.retrieval?.wordWeight = 0.05
        var weighing = without
        weighing.retrieval?.classWeights?.words = 0.2
        #expect(with.canonicalParts.count == without.canonicalParts.count + 1)
        #expect(weighing.canonicalParts.count == without.canonicalParts.count + 1)
    }
}
