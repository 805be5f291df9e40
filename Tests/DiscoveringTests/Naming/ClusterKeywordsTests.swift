import Core
import Foundation
import Testing

@testable import Discovering

@Suite struct ClusterKeywordsTests {
    private let keywords = ClusterKeywords(clusters: NamingTexts.all)

    @Test func wordsThatSetAClusterApartComeFirst() {
        #expect(keywords.keywords(of: 0, limit: 2) == ["cancel", "order"])
        #expect(keywords.keywords(of: 1, limit: 2) == ["parcel", "track"])
        #expect(keywords.keywords(of: 2, limit: 2) == ["card", "machine"])
    }

    /// W = tf log(1 + A / f).
    @Test func weightsAreThoseOfTheFormula() {
        let small = ClusterKeywords(clusters: [["red apple", "red pear"], ["blue apple"]])
        let terms = small.supportedTerms(of: 0)
        // Two of the first cluster's four words are red ones; the clusters have three words in the mean.
        #expect(terms.first?.word == "red")
        #expect(abs((terms.first?.weight ?? 0) - 0.5 * log(1 + 3.0 / 2)) < 1e-12)
    }

    @Test func aNameIsMadeOfWordsThatSeveralSay() {
        #expect(keywords.supportedWords(of: 0) == ["cancel", "order"])
        #expect(!keywords.supportedWords(of: 2).contains("cash"))
        let alone = ClusterKeywords(clusters: [["lost umbrella"]])
        #expect(Set(alone.supportedWords(of: 0)) == ["lost", "umbrella"])
    }

    @Test func aVerbCountsWhereItIsUsedAsOne() {
        #expect(keywords.verb(of: 0, role: .caller)?.word == "cancel")
        #expect(keywords.verb(of: 1, role: nil)?.word == "track")
        #expect(keywords.verb(of: 2, role: .caller) == nil)
        #expect(keywords.verb(of: 0, role: .agent) == nil)
        let late = ClusterKeywords(clusters: [["my order is late", "the order has not come", "order number late"]])
        #expect(late.verb(of: 0, role: .caller) == nil)
    }

    @Test func pairsStandInTheOrderInWhichTheyAreSaid() throws {
        let pair = try #require(keywords.pairs(of: 0).first)
        #expect([pair.first.word, pair.second.word] == ["cancel", "order"])
    }

    @Test func aWordIsShownAsMostWriteIt() {
        let plural = ClusterKeywords(clusters: [["fees fees", "the fees", "fees again", "one fee"]])
        #expect(plural.keywords(of: 0, limit: 1) == ["fees"])
    }

    @Test(arguments: [
        ["wo bleibt mein päckchen", "mein päckchen ist nicht da", "wann kommt das päckchen"],
        ["où est mon colis", "mon colis est perdu", "le colis n'est pas arrivé"],
        ["订单在哪里", "我的订单没有到", "订单丢了"],
    ])
    func otherLanguagesHaveKeywordsToo(texts: [String]) {
        let keywords = ClusterKeywords(clusters: [texts, NamingTexts.cancelling])
        #expect(["päckchen", "colis", "订单"].contains(keywords.keywords(of: 0, limit: 1).first ?? ""))
    }

    @Test func clustersWithoutWordsHaveNone() {
        let keywords = ClusterKeywords(clusters: [["👍", "..."], [], ["ok", "yes please"]])
        for cluster in 0..<3 {
            #expect(keywords.keywords(of: cluster, limit: 3).isEmpty)
            #expect(keywords.supportedWords(of: cluster).isEmpty)
            #expect(keywords.pairs(of: cluster).isEmpty)
        }
    }
}
