import Core
import Testing

@testable import Discovering

@Suite struct NameCandidateTests {
    private static func labels(_ texts: [[String]], of cluster: Int = 0, role: Role? = .caller) -> [String] {
        NameCandidate.all(of: cluster, role: role, keywords: ClusterKeywords(clusters: texts)).map(\.label)
    }

    @Test func theyAreTheUsedVerbAndWordsOfTheCluster() {
        #expect(Self.labels(NamingTexts.all, of: 0) == ["cancel-order"])
        #expect(Self.labels(NamingTexts.all, of: 1) == ["track-parcel"])
        #expect(Set(Self.labels(NamingTexts.all, of: 2)) == ["card", "machine", "machine-card"])
        // Agents cancel nothing: there is no such verb of theirs.
        #expect(Self.labels(NamingTexts.all, of: 0, role: .agent).allSatisfy { !$0.hasPrefix("inquire") })
    }

    @Test func whoAsksInquires() {
        let asking = [
            "what is the exchange rate today", "how high is the exchange rate", "which exchange rate applies",
            "tell me the exchange rate",
        ]
        #expect(Self.labels([asking, NamingTexts.cancelling]).contains("inquire-exchange-rate"))
        #expect(Self.labels([asking, NamingTexts.cancelling], role: .agent).contains("exchange-rate"))
        #expect(Self.labels(NamingTexts.all, of: 0).allSatisfy { !$0.hasPrefix("inquire") })
    }

    @Test func smallWordsThatTurnTheMeaningStandInPhrases() {
        let light = [
            "turn off the light", "please turn the light off", "can you turn off the lights",
            "switch off the light please", "turn off all lights",
        ]
        let labels = Self.labels([light, NamingTexts.tracking])
        #expect(labels.contains("turn-off-light"))
        #expect(labels.contains("turn-light"))
        #expect(!labels.contains("turn-off"))
        #expect(!labels.contains("off"))
    }

    @Test func theyAreNamesOfSupportedWordsAndAllDifferent() {
        let keywords = ClusterKeywords(clusters: NamingTexts.all)
        let check = NameCheck(taken: [])
        for cluster in 0..<2 {
            let supported = Set(keywords.supportedTerms(of: cluster).map(\.stem))
            let candidates = NameCandidate.all(of: cluster, role: .caller, keywords: keywords)
            #expect(Set(candidates.map(\.label)).count == candidates.count)
            for candidate in candidates {
                #expect(check.fault(of: candidate.label, role: .caller, supported: supported) == nil)
                #expect(candidate.words == candidate.label.split(separator: "-").count - 1)
                #expect(candidate.weight > 0)
            }
        }
    }

    @Test func utterancesWithoutWordsHaveNone() {
        #expect(Self.labels([["👍", "..."], NamingTexts.tracking]).isEmpty)
        #expect(Self.labels([[], NamingTexts.tracking]).isEmpty)
    }

    @Test(arguments: [
        ("where is it", true), ("is it there", true), ("hey where is it", true), ("i would like to know it", true),
        ("whats that", true), ("can you send it", false), ("send it to where i live", false), ("", false),
    ])
    func questionsAreToldByTheirFirstWords(text: String, asks: Bool) {
        #expect(Questions.asks(NameWord.all(in: text)) == asks)
    }

    @Test func phrasesAndTriplesStandAsTheyAreSaid() {
        let texts = [
            "the direct debit was wrong", "a direct debit was wrong", "wrong direct debit",
            "direct debit is wrong again",
        ]
        let keywords = ClusterKeywords(clusters: [texts, NamingTexts.tracking])
        let phrases = keywords.phrases(of: 0, limit: 10).map { $0.map(\.word) }
        #expect(phrases.contains(["direct", "debit"]))
        #expect(phrases.contains(["direct", "debit", "wrong"]))
        // Said once.
        #expect(!phrases.contains(["wrong", "direct", "debit"]))
        #expect(keywords.triples(of: 0, limit: 10).map { $0.map(\.word) } == [["direct", "debit", "wrong"]])
        #expect(keywords.phrases(of: 0, limit: 1).count == 1)
    }

    @Test func aWordIsSilentWhereMostOfItsFormsAre() {
        let keywords = ClusterKeywords(clusters: [["what is my limit", "whats the limit", "what limit have i"]])
        #expect(keywords.supportedWords(of: 0) == ["limit"])
    }
}
