import Evaluating
import Foundation
import Testing

struct TermsTests {
    @Test func wordsAreRunsOfLettersAndDigitsInLowerCase() {
        #expect(Terms.words(of: "Where's order 12-B?") == ["where", "s", "order", "12", "b"])
        #expect(Terms.words(of: "?!").isEmpty)
    }

    @Test func piecesStayWithinAWord() {
        #expect(
            Terms.wordsAndPieces(of: "cab") == ["=cab", " ca", "cab", "ab ", " cab", "cab ", " cab "]
        )
        #expect(Terms.wordsAndPieces(of: "a b") == ["=a", " a ", "=b", " b "])
    }
}

struct TermStatisticsTests {
    @Test func countsDocumentsOnceAndOccurrencesEachTime() {
        let statistics = TermStatistics([["a", "a", "b"], ["b", "c"]])
        #expect(statistics.documents == 2)
        #expect(statistics.documentCounts == [1, 2, 1])
        let entries = statistics.entries(of: ["c", "a", "unknown", "a"])
        #expect(entries.map(\.term) == [0, 2])
        #expect(entries.map(\.count) == [2, 1])
    }
}

struct TFIDFTests {
    @Test func weighsRareTermsMore() {
        let tfidf = TFIDF(["a", "a b"])
        let row = tfidf.row(of: "A b")
        // "=a" and " a " stand in both texts and weigh 1, "=b" and " b " in one and weigh 1 + ln(3 / 2).
        let rare = 1 + log(1.5)
        let length = (2 + 2 * rare * rare).squareRoot()
        let expected = [1, 1, rare, rare].map { $0 / length }
        #expect(tfidf.dimension == 4)
        #expect(row.features == [0, 1, 2, 3])
        #expect(zip(row.values, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    }

    @Test func repetitionsCountLessAndLess() {
        let tfidf = TFIDF(["a b"])
        let row = tfidf.row(of: "a a b")
        // All terms stand in the one text, so only 1 + ln 2 beside 1 is left.
        #expect(abs(Double(row.values[0] / row.values[2]) - (1 + log(2))) < 1e-6)
        #expect(tfidf.row(of: "unknown").features.isEmpty)
    }
}

struct BM25Tests {
    private static let index = BM25(["cancel my order", "track my order please", "cancel the flight"])

    @Test func scoresByRobertsonsFormula() throws {
        let hits = Self.index.nearest("cancel order", 10)
        // Each word stands in two of three documents; lengths are 3, 4 and 3, their mean 10 / 3.
        let inverse = log(1 + 1.5 / 2.5)
        func part(_ length: Double) -> Double { inverse * 2.2 / (1 + 1.2 * (0.25 + 0.75 * length / (10.0 / 3))) }
        try #require(hits.map(\.document) == [0, 2, 1])
        #expect(abs(hits[0].score - 2 * part(3)) < 1e-12)
        #expect(abs(hits[1].score - part(3)) < 1e-12)
        #expect(abs(hits[2].score - part(4)) < 1e-12)
        #expect(abs(hits[0].score - 0.980102) < 1e-5)
    }

    @Test func bringsTheBestAndNoMoreThanAsked() {
        #expect(Self.index.nearest("cancel order", 1).map(\.document) == [0])
        #expect(Self.index.nearest("cancel order", 0).isEmpty)
        // Equal scores: in their order.
        #expect(Self.index.nearest("cancel", 10).map(\.document) == [0, 2])
    }

    @Test func whatSharesNoWordIsNotFound() {
        #expect(Self.index.nearest("refund", 10).isEmpty)
        #expect(Self.index.nearest("?", 10).isEmpty)
        #expect(BM25([]).nearest("order", 10).isEmpty)
        #expect(BM25(["?"]).nearest("order", 10).isEmpty)
    }

    @Test func aBoundedSelectionIsTheHeadOfAllHits() {
        let texts = (0..<200).map { "word\($0 % 7) word\($0 % 11) word\($0 % 5) common" }
        let index = BM25(texts)
        let all = index.nearest("common word3 word4", 200)
        #expect(all.count == 200)
        #expect(index.nearest("common word3 word4", 17) == Array(all.prefix(17)))
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.score >= $1.score })
    }
}

struct RankFusionTests {
    @Test func addsReciprocalRanks() {
        let fused = RankFusion.reciprocal([["a", "b"], ["b", "c"]])
        #expect(fused.map(\.item) == ["b", "a", "c"])
        let expected = [1.0 / 62 + 1.0 / 61, 1.0 / 61, 1.0 / 62]
        #expect(zip(fused, expected).allSatisfy { abs($0.score - $1) < 1e-12 })
    }

    @Test func equalOnesKeepTheOrderOfTheirMention() {
        #expect(RankFusion.reciprocal([["a"], ["b"]]).map(\.item) == ["a", "b"])
        #expect(RankFusion.reciprocal([[String]]()).isEmpty)
    }
}
